"""小红书商城: the answer that its goods page asks for (`template_data`), as a HAR or a saved JSON holds it. The shape is as public
clients read it; no saved page of it was at hand."""

from __future__ import annotations

import re

from gimonitor.model.listing import Listing, Shop
from gimonitor.parsing.page import Page, ParsedPage, Parser
from gimonitor.parsing.state import dig, rows
from gimonitor.parsing.values import addresses, clean, count, minor_units

PLATFORM = "xiaohongshu"
PAGE = "https://www.xiaohongshu.com/goods-detail/"
_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{24}(?![0-9a-f])")


def read_goods(page: Page) -> ParsedPage:
    """One good; its number stands in the address only."""
    data = dig(page.json, "data")
    goods = dig(data, "template_data", 0) or dig(data, "templateData", 0)
    title = clean(dig(goods, "descriptionMain", "name")) or clean(dig(goods, "descriptionH5", "name"))
    found = _ID.search(page.url)
    if not found or not title:
        return ParsedPage()
    shop_name = clean(dig(goods, "sellerH5", "name"))
    price = minor_units(
        dig(goods, "priceH5", "dealPrice", "price")
        or dig(goods, "bottomBarMainH5", "dealPrice", "price")
        or dig(goods, "priceH5", "highlightPrice")
    )
    listing = Listing(
        platform=PLATFORM,
        item_id=found.group(),
        title=title,
        url=PAGE + found.group(),
        shop=Shop(name=shop_name, shop_id=clean(dig(goods, "sellerH5", "id"))) if shop_name else None,
        price_fen=price,
        sales=count(dig(goods, "priceH5", "itemAnalysisDataText")),
        image_urls=addresses(PAGE, [image.get("url") for image in rows(goods, "carouselH5", "images")]),
    )
    return ParsedPage(listings=(listing,))


PARSERS = (
    Parser(
        "xiaohongshu.goods",
        1,
        lambda p: p.is_json and '"sellerH5"' in p.text,
        read_goods,
        gives="url shop price sales images origin",
    ),
)
