"""抖音商城: the answer that its goods page asks for (`…/shop/promotion/pack/h5`), as a HAR or a saved JSON holds it. The shape is
as public browser extensions read it; no saved page of it was at hand."""

from __future__ import annotations

import re

from gimonitor.model.listing import Listing, Shop
from gimonitor.parsing.page import Page, ParsedPage, Parser
from gimonitor.parsing.state import dig, rows
from gimonitor.parsing.values import addresses, clean, count, minor_units

PLATFORM = "douyin"
PAGE = "https://haohuo.jinritemai.com/ecommerce/trade/detail/index.html?id="


def read_goods(page: Page) -> ParsedPage:
    """One good. Its price may be a text in yuan or a number in fen; anything else is left out."""
    goods = dig(page.json, "promotion_h5") or dig(page.json, "data", "promotion_h5")
    basic = dig(goods, "basic_info_data")
    item_id, title = clean(dig(basic, "product_id")) or _id_in(page.url), clean(dig(basic, "title_info", "title"))
    if not item_id or not title:
        return ParsedPage()
    shop_name = clean(dig(goods, "shop_info", "basic_info", "shop_name"))
    price = _price(dig(basic, "price_info", "price"))
    images = [
        content.get("url")
        for media in rows(goods, "head_figure_data", "media_list")
        if media.get("type") == "image"
        for content in rows(media, "content_list")
    ]
    listing = Listing(
        platform=PLATFORM,
        item_id=item_id,
        title=title,
        url=PAGE + item_id,
        shop=Shop(name=shop_name, shop_id=clean(dig(goods, "shop_info", "basic_info", "shop_id")))
        if shop_name
        else None,
        price_fen=price,
        sales=count(dig(basic, "sales_info", "sales")),
        image_urls=addresses(PAGE, images),
    )
    return ParsedPage(listings=(listing,))


def _price(value: object) -> int | None:
    inner = dig(value, "min_price") if isinstance(value, dict) else value
    return count(inner) if isinstance(inner, int) else minor_units(inner)


def _id_in(url: str) -> str:
    found = re.search(r"[?&](?:id|product_id)=(\d{6,25})", url)
    return found.group(1) if found else ""


PARSERS = (
    Parser(
        "douyin.goods",
        1,
        lambda p: p.is_json and '"promotion_h5"' in p.text,
        read_goods,
        gives="url shop price sales images origin",
    ),
)
