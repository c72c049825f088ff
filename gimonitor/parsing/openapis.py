"""Answers of the marketplaces' open APIs, errors included."""

from __future__ import annotations

import json
from collections.abc import Callable

from gimonitor.errors import BlockedError, InputError
from gimonitor.model.listing import Listing, Shop
from gimonitor.model.run import BlockKind
from gimonitor.parsing.page import Page, ParsedPage, Parser
from gimonitor.parsing.state import absent, dig, rows
from gimonitor.parsing.values import address, addresses, clean, count, minor_units

Row = dict[str, object]

_LIMITED = ("limit", "frequen", "频率", "频繁", "流控", "quota", "too many", "超限", "次数")


def read_error(page: Page) -> ParsedPage:
    """An API's error is a refusal, told with its own words. Raises BlockedError."""
    error = dig(page.json, "error_response") or dig(page.json, "errors", 0) or {}
    words = [clean(dig(error, key)) for key in ("code", "error_code", "errorId", "msg", "error_msg", "zh_desc", "message", "sub_code", "sub_msg")]  # fmt: skip
    text = " ".join(word for word in words if word) or clean(page.text)[:200]
    limited = any(sign in text.lower() for sign in _LIMITED)
    raise BlockedError((BlockKind.RATE_LIMIT if limited else BlockKind.FORBIDDEN).value, page.url, text)


def read_taobao(page: Page) -> ParsedPage:
    """taobao.tbk.dg.material.optional and its upgrade."""
    for name in ("tbk_dg_material_optional_response", "tbk_dg_material_optional_upgrade_response"):
        answer = dig(page.json, name)
        if answer is not None:
            goods = rows(answer, "result_list", "map_data")
            return _read(goods, _taobao, dig(answer, "total_results"))
    raise InputError(f"{page.url}: the answer has another shape than documented")


def _taobao(row: Row) -> Listing:
    basic = dig(row, "item_basic_info")
    basic = basic if isinstance(basic, dict) else row
    item_id = clean(row.get("num_iid") or row.get("item_id"))
    price = minor_units(row.get("zk_final_price") or dig(row, "price_promotion_info", "zk_final_price"))
    shop, place = clean(basic.get("shop_title") or basic.get("nick")), clean(basic.get("provcity"))
    is_tmall = clean(basic.get("user_type")) == "1"
    return Listing(
        platform="tmall" if is_tmall else "taobao",
        item_id=item_id,
        title=clean(basic.get("title")),
        url=f"https://{'detail.tmall' if is_tmall else 'item.taobao'}.com/item.htm?id={item_id}",
        subtitle=clean(basic.get("sub_title")),
        brand=clean(basic.get("brand_name")),
        shop=Shop(name=shop, shop_id=clean(basic.get("seller_id")), region=place) if shop else None,
        ship_from=place,
        category=clean(basic.get("category_name")),
        price_fen=price,
        sales=count(basic.get("volume")),
        image_urls=addresses("https://img.alicdn.com/", [basic.get("pict_url"), *_strings(basic.get("small_images"))]),
        missing=absent(price=price, shop=shop, ship_from=place),
    )


def _strings(value: object) -> list[object]:
    inner = dig(value, "string") if isinstance(value, dict) else value
    return inner if isinstance(inner, list) else []


def read_jd(page: Page) -> ParsedPage:
    """jd.union.open.goods.query: the result is JSON inside JSON, under a key that is misspelt."""
    inner = dig(page.json, "jd_union_open_goods_query_responce", "queryResult")
    try:
        answer = json.loads(inner, strict=False) if isinstance(inner, str) else inner
    except ValueError as error:
        raise InputError(f"{page.url}: broken JSON inside the answer: {error}") from error
    if not isinstance(answer, dict):
        raise InputError(f"{page.url}: the answer has another shape than documented")
    if clean(answer.get("code")) != "200":
        text = f"{clean(answer.get('code'))} {clean(answer.get('message'))}"
        limited = any(sign in text.lower() for sign in _LIMITED)
        raise BlockedError((BlockKind.RATE_LIMIT if limited else BlockKind.FORBIDDEN).value, page.url, text)
    return _read(rows(answer, "data"), _jd, answer.get("totalCount"))


def _jd(row: Row) -> Listing:
    item_id, shop = clean(row.get("skuId")), clean(dig(row, "shopInfo", "shopName"))
    price = minor_units(dig(row, "priceInfo", "lowestPrice") or dig(row, "priceInfo", "price"))
    levels = [clean(dig(row, "categoryInfo", f"cid{level}Name")) for level in (1, 2, 3)]
    return Listing(
        platform="jd",
        item_id=item_id,
        title=clean(row.get("skuName")),
        url=f"https://item.jd.com/{item_id}.html",
        brand=clean(row.get("brandName")),
        shop=Shop(name=shop, shop_id=clean(dig(row, "shopInfo", "shopId"))) if shop else None,
        category="/".join(level for level in levels if level),
        price_fen=price,
        sales=count(row.get("inOrderCount30Days")),
        image_urls=addresses(
            "https://img14.360buyimg.com/", [image.get("url") for image in rows(row, "imageInfo", "imageList")]
        ),
        missing=absent(price=price, shop=shop),
    )


def read_pinduoduo(page: Page) -> ParsedPage:
    """pdd.ddk.goods.search; prices are in fen."""
    answer = dig(page.json, "goods_search_response")
    if not isinstance(answer, dict):
        raise InputError(f"{page.url}: the answer has another shape than documented")
    return _read(rows(answer, "goods_list"), _pinduoduo, answer.get("total_count"))


def _pinduoduo(row: Row) -> Listing:
    item_id, shop = clean(row.get("goods_id") or row.get("goods_sign")), clean(row.get("mall_name"))
    price = count(row.get("min_group_price"))
    link = f"https://mobile.yangkeduo.com/goods.html?goods_id={item_id}" if row.get("goods_id") else ""
    return Listing(
        platform="pinduoduo",
        item_id=item_id,
        title=clean(row.get("goods_name")),
        url=link,
        description=clean(row.get("goods_desc")),
        brand=clean(row.get("brand_name")),
        shop=Shop(name=shop, shop_id=clean(row.get("mall_id"))) if shop else None,
        category=clean(row.get("category_name") or row.get("opt_name")),
        price_fen=price,
        sales=count(row.get("sales_tip")),
        image_urls=addresses(
            "https://img.pddpic.com/", [row.get("goods_image_url"), *_strings(row.get("goods_gallery_urls"))]
        ),
        missing=absent(price=price, shop=shop),
    )


def read_ebay(page: Page) -> ParsedPage:
    """eBay Browse item_summary/search."""
    if dig(page.json, "total") is None:
        raise InputError(f"{page.url}: the answer has another shape than documented")
    return _read(rows(page.json, "itemSummaries"), _ebay, dig(page.json, "total"))


def _ebay(row: Row) -> Listing:
    item_id, seller = clean(row.get("legacyItemId") or row.get("itemId")), clean(dig(row, "seller", "username"))
    places = [clean(dig(row, "itemLocation", key)) for key in ("city", "stateOrProvince", "country")]
    place, price = " ".join(part for part in places if part), minor_units(dig(row, "price", "value"))
    return Listing(
        platform="ebay",
        item_id=item_id,
        title=clean(row.get("title")),
        url=address("https://www.ebay.com/", row.get("itemWebUrl")),
        subtitle=clean(row.get("shortDescription")),
        shop=Shop(name=seller, shop_id=seller, region=place) if seller else None,
        ship_from=place,
        category=clean(dig(row, "categories", 0, "categoryName")),
        price_fen=price,
        currency=clean(dig(row, "price", "currency")),
        image_urls=addresses("https://i.ebayimg.com/", [dig(row, "image", "imageUrl")]),
        missing=absent(price=price, shop=seller, ship_from=place),
    )


def _read(goods: list[Row], make: Callable[[Row], Listing], total: object) -> ParsedPage:
    listings = tuple(make(row) for row in goods)
    announced = count(total)
    return ParsedPage(listings=listings, announced=announced if announced is not None else len(listings))


PARSERS = (
    Parser(
        "api.error",
        1,
        lambda p: p.is_json and ('"error_response"' in p.text[:300] or '"errors"' in p.text[:100]),
        read_error,
    ),
    Parser("taobao.union", 1, lambda p: p.is_json and '"tbk_dg_material_optional' in p.text[:300], read_taobao),
    Parser("jd.union", 1, lambda p: p.is_json and '"jd_union_open_goods_query_responce"' in p.text[:300], read_jd),
    Parser("pinduoduo.ddk", 1, lambda p: p.is_json and '"goods_search_response"' in p.text[:300], read_pinduoduo),
    Parser("ebay.browse", 1, lambda p: p.is_json and "/buy/browse/" in p.text[:1000], read_ebay),
)
