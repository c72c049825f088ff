"""苏宁易购: goods pages. The shape is as a page saved in a public repository and public parsers show it."""

from __future__ import annotations

from gimonitor.model.listing import Listing, Shop
from gimonitor.parsing.items import item_of
from gimonitor.parsing.page import Page, ParsedPage, Parser
from gimonitor.parsing.state import assigned, named
from gimonitor.parsing.values import address, addresses, clean, minor_units

PLATFORM = "suning"
BASE = "https://product.suning.com/"
_PRICES = ("#promotionPrice", "#promoPrice", ".mainprice", "#netPrice del")  # what is paid first


def read_item(page: Page) -> ParsedPage:
    """The page of one good; it is loaded without its price, which a saved page may hold."""
    html = page.html
    item_id = clean(html.css("#partNumberLable::text").get()) or _id_in(page)
    title = clean("".join(html.css("#itemDisplayName::text, #itemDisplayName *::text").getall()))
    if not item_id or not title:
        return ParsedPage()
    cells = [[clean("".join(c.css("::text").getall())) for c in row.css("td")] for row in html.css(".procon-param tr")]
    attributes = tuple(dict.fromkeys((c[0].rstrip("：:"), c[1]) for c in cells if len(c) >= 2 and c[0] and c[1]))
    shop_name = clean(html.css("#curShopName a::text").get()) or clean(html.css("#shopName::text").get())
    shown = ("".join(html.css(f"{one}::text, {one} *::text").getall()) for one in _PRICES)
    price = next((found for text in shown if (found := minor_units(text)) is not None), None)
    origin = named(attributes, "产地", "商品产地", "原产地")
    listing = Listing(
        platform=PLATFORM,
        item_id=item_id,
        title=title,
        url=address(BASE, html.css("link[rel=canonical]::attr(href)").get()) or page.url or f"{BASE}{item_id}.html",
        subtitle=clean(html.css("#promotionDesc::text").get()),
        attributes=attributes,
        brand=named(attributes, "品牌"),
        shop=Shop(name=shop_name, url=address(BASE, html.css("#curShopName a::attr(href)").get()))
        if shop_name
        else None,
        origin=origin,
        category=clean(html.css("#category1::text").get()),
        price_fen=price,
        image_urls=addresses(BASE, html.css("#bigImg img::attr(src), .imgzoom-thumb-main img::attr(src)").getall()),
    )
    return ParsedPage(listings=(listing,))


def _id_in(page: Page) -> str:
    found = item_of(page.url)
    return found[1] if found else assigned(page.text, "partNumber").lstrip("0")


PARSERS = (
    Parser(
        "suning.item",
        1,
        lambda p: 'id="itemDisplayName"' in p.text,
        read_item,
        gives="url subtitle attributes brand shop origin category price images",
    ),
)
