"""Answers of the marketplaces' open APIs, errors included."""

from __future__ import annotations

import json
from collections.abc import Callable

from gimonitor.errors import BlockedError, InputError
from gimonitor.model.listing import Listing, Shop
from gimonitor.model.run import BlockKind
from gimonitor.parsing.page import Page, ParsedPage, Parser
from gimonitor.parsing.state import dig, rows
from gimonitor.parsing.values import address, addresses, clean, count, minor_units

Row = dict[str, object]

_LIMITED = ("limit", "frequen", "频率", "频繁", "流控", "quota", "too many", "超限", "次数")
_NOT_ALLOWED = ("permission", "(acl)", "无权限")
_NOT_AUTHORISED = ("access_token", "accesstoken", "access token", "authorized", "授权", "session")
_ERROR_WORDS = (
    "code", "error_code", "errorCode", "errorId", "result", "msg", "error_msg", "error_message", "errorMessage", "zh_desc",
    "message", "sub_code", "sub_msg",
)  # fmt: skip


def read_error(page: Page) -> ParsedPage:
    """An API's error is a refusal, told with its own words. Raises BlockedError."""
    error = dig(page.json, "error_response") or dig(page.json, "errors", 0) or page.json
    raise _refusal(page, error)


def _refusal(page: Page, error: object) -> BlockedError:
    words = [clean(dig(error, key)) for key in _ERROR_WORDS]
    text = " ".join(dict.fromkeys(word for word in words if word)) or clean(page.text)[:200]
    low = text.lower()
    told = ((BlockKind.FORBIDDEN, _NOT_ALLOWED), (BlockKind.LOGIN, _NOT_AUTHORISED), (BlockKind.RATE_LIMIT, _LIMITED))
    kind = next((kind for kind, signs in told if any(sign in low for sign in signs)), BlockKind.FORBIDDEN)
    return BlockedError(kind.value, page.url, text)


def _shape_error(page: Page) -> InputError:
    return InputError(f"{page.url}: the answer has another shape than documented")


def read_taobao(page: Page) -> ParsedPage:
    """taobao.tbk.dg.material.optional and its upgrade."""
    for name in ("tbk_dg_material_optional_response", "tbk_dg_material_optional_upgrade_response"):
        answer = dig(page.json, name)
        if answer is not None:
            goods = rows(answer, "result_list", "map_data")
            return _read(goods, _taobao, dig(answer, "total_results"))
    raise _shape_error(page)


def _taobao(row: Row) -> Listing:
    basic = dig(row, "item_basic_info")
    basic = basic if isinstance(basic, dict) else row
    item_id = clean(row.get("num_iid") or row.get("item_id"))
    price = minor_units(row.get("zk_final_price") or dig(row, "price_promotion_info", "zk_final_price"))
    shop, place = clean(basic.get("shop_title") or basic.get("nick")), clean(basic.get("provcity"))
    is_tmall = clean(basic.get("user_type")) == "1"
    host = "detail.tmall" if is_tmall else "item.taobao"
    link = f"https://{host}.com/item.htm?id={item_id}" if item_id.isdigit() else address("https:", row.get("item_url"))
    return Listing(
        platform="tmall" if is_tmall else "taobao",
        item_id=item_id,
        title=clean(basic.get("title")),
        url=link,
        subtitle=clean(basic.get("sub_title")),
        brand=clean(basic.get("brand_name")),
        shop=Shop(name=shop, shop_id=clean(basic.get("seller_id")), region=place) if shop else None,
        ship_from=place,
        category=clean(basic.get("category_name")),
        price_fen=price,
        sales=count(basic.get("volume")),
        image_urls=addresses("https://img.alicdn.com/", [basic.get("pict_url"), *_strings(basic.get("small_images"))]),
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
        raise _shape_error(page)
    if clean(answer.get("code")) != "200":
        raise _refusal(page, answer)
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
    )


def read_pinduoduo(page: Page) -> ParsedPage:
    """pdd.ddk.goods.search; prices are in fen."""
    answer = dig(page.json, "goods_search_response")
    if not isinstance(answer, dict):
        raise _shape_error(page)
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
    )


def read_ebay(page: Page) -> ParsedPage:
    """eBay Browse item_summary/search."""
    if dig(page.json, "total") is None:
        raise _shape_error(page)
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
    )


def read_kuaishou(page: Page) -> ParsedPage:
    """open.distribution.cps.kwaimoney.selection.item.list; prices are in fen, and no total is told."""
    if clean(dig(page.json, "result")) != "1":
        raise _refusal(page, page.json)
    data = dig(page.json, "data")
    goods = rows(data) or rows(data, "itemList") or rows(page.json, "itemList")
    if not goods and data is None:
        raise _shape_error(page)
    return ParsedPage(listings=tuple(map(_kuaishou, goods)), announced=None if goods else 0)


def _kuaishou(row: Row) -> Listing:
    item_id, shop = clean(row.get("goodsId") or row.get("itemId")), clean(row.get("mallName") or row.get("shopTitle"))
    price = count(row.get("zkGoodsPrice") or row.get("zkFinalPrice") or row.get("goodsPrice") or row.get("itemPrice"))
    link = address("https:", row.get("itemLinkUrl"))
    return Listing(
        platform="kuaishou",
        item_id=item_id,
        title=clean(row.get("goodsTitle") or row.get("itemTitle")),
        url=link,
        description=clean(row.get("goodsDesc")),
        brand=clean(row.get("brandName")),
        shop=Shop(name=shop, shop_id=clean(row.get("mallId"))) if shop else None,
        price_fen=price,
        sales=count(row.get("salesTip") or row.get("soldCountThirtyDays")),
        image_urls=addresses("https:", [row.get("goodsImageUrl"), row.get("itemImgUrl")]),
    )


def read_aliexpress(page: Page) -> ParsedPage:
    """aliexpress.affiliate.product.query."""
    answer = dig(page.json, "aliexpress_affiliate_product_query_response", "resp_result")
    if not isinstance(answer, dict):
        raise _shape_error(page)
    if clean(answer.get("resp_code")) != "200":
        if "empty" in clean(answer.get("resp_msg")).lower():
            return ParsedPage(announced=0)
        raise _refusal(page, {"code": answer.get("resp_code"), "msg": answer.get("resp_msg")})
    goods = rows(answer, "result", "products", "product")
    return _read(goods, _aliexpress, dig(answer, "result", "total_record_count"))


def _aliexpress(row: Row) -> Listing:
    item_id, shop = clean(row.get("product_id")), clean(row.get("shop_name"))
    price = minor_units(row.get("target_sale_price") or row.get("sale_price"))
    levels = [clean(row.get(f"{level}_level_category_name")) for level in ("first", "second")]
    return Listing(
        platform="aliexpress",
        item_id=item_id,
        title=clean(row.get("product_title")),
        url=f"https://www.aliexpress.com/item/{item_id}.html",
        shop=Shop(name=shop, shop_id=clean(row.get("shop_id")), url=address("https:", row.get("shop_url")))
        if shop
        else None,
        category="/".join(level for level in levels if level),
        price_fen=price,
        currency=clean(row.get("target_sale_price_currency") or row.get("sale_price_currency")),
        sales=count(row.get("lastest_volume")),
        image_urls=addresses(
            "https:", [row.get("product_main_image_url"), *_strings(row.get("product_small_image_urls"))]
        ),
    )


def read_1688(page: Page) -> ParsedPage:
    """product.search.keywordQuery of the cross-border solution; it tells neither shop nor place."""
    answer = dig(page.json, "result")
    if not isinstance(answer, dict):
        raise _shape_error(page)
    if clean(answer.get("success")).lower() == "false" or answer.get("success") is False:
        raise _refusal(page, answer)
    content = answer.get("result")
    if not isinstance(content, dict):
        raise _shape_error(page)
    return _read(rows(content, "data"), _1688, content.get("totalRecords"))


def _1688(row: Row) -> Listing:
    item_id, price = clean(row.get("offerId")), minor_units(dig(row, "priceInfo", "price"))
    return Listing(
        platform="1688",
        item_id=item_id,
        title=clean(row.get("subject")),
        url=f"https://detail.1688.com/offer/{item_id}.html",
        price_fen=price,
        sales=count(row.get("monthSold")),
        image_urls=addresses("https:", [row.get("imageUrl")]),
    )


def _read(goods: list[Row], make: Callable[[Row], Listing], total: object) -> ParsedPage:
    listings = tuple(make(row) for row in goods)
    announced = count(total)
    return ParsedPage(listings=listings, announced=announced if announced is not None else len(listings))


def _is_error(page: Page) -> bool:
    head = page.text[:300]
    pairs = (("error_code", "error_message"), ("errorCode", "errorMessage"), ("type", "code", "message"))
    if '"error_response"' in head or '"errors"' in head[:100]:
        return True
    return any(
        all(f'"{name}"' in head for name in names) for names in pairs[: 3 if page.platform == "aliexpress" else 2]
    )


def _begins(mark: str, length: int = 300) -> Callable[[Page], bool]:
    return lambda page: page.is_json and mark in page.text[:length]


def _is_1688(page: Page) -> bool:
    head = page.text[:400]
    return page.is_json and ('"totalRecords"' in head or (page.platform == "1688" and '"success"' in head))


PARSERS = (
    Parser("api.error", 2, lambda p: p.is_json and _is_error(p), read_error),
    Parser(
        "taobao.union",
        2,
        _begins('"tbk_dg_material_optional'),
        read_taobao,
        gives="url subtitle brand shop ship_from category price sales images",
        is_search=True,
    ),
    Parser(
        "jd.union",
        1,
        _begins('"jd_union_open_goods_query_responce"'),
        read_jd,
        gives="url brand shop category price sales images",
        is_search=True,
    ),
    Parser(
        "pinduoduo.ddk",
        1,
        _begins('"goods_search_response"'),
        read_pinduoduo,
        gives="url description brand shop category price sales images",
        is_search=True,
    ),
    Parser(
        "kuaishou.cps",
        1,
        lambda p: p.is_json and p.platform == "kuaishou" and '"error_msg"' in p.text,
        read_kuaishou,
        gives="url description brand shop price sales images",
        is_search=True,
    ),
    Parser(
        "aliexpress.affiliate",
        1,
        _begins('"aliexpress_affiliate_product_query_response"'),
        read_aliexpress,
        gives="url shop category price currency sales images",
        is_search=True,
    ),
    Parser("1688.search", 1, _is_1688, read_1688, gives="url price sales images shop", is_search=True),
    Parser(
        "ebay.browse",
        1,
        _begins("/buy/browse/", 1000),
        read_ebay,
        gives="url subtitle shop ship_from category price currency images",
        is_search=True,
    ),
)
