"""京东: saved pages of search results and goods, as of 2014 to 2016; newer layouts fall through to product metadata."""

from __future__ import annotations

from parsel import Selector

from gimonitor.model.listing import Listing, Shop
from gimonitor.parsing.page import Page, ParsedPage, Parser
from gimonitor.parsing.state import assigned, named, unlabelled
from gimonitor.parsing.values import address, addresses, clean, minor_units

PLATFORM = "jd"
BASE = "https://item.jd.com/"


def read_results(page: Page) -> ParsedPage:
    """Cards of a results page; the page's ajax fragments have the same ones. A card without a name is an advertisement slot."""
    cards = [_card(card, page) for card in page.html.css("li.gl-item[data-sku]")]
    return ParsedPage(
        listings=tuple(card for card in cards if card),
        notes=tuple(f"{cards.count(None)} cards without a name" for _ in range(bool(cards.count(None)))),
    )


def _card(card: Selector, page: Page) -> Listing | None:
    title = clean("".join(card.css(".p-name em ::text").getall()))
    if not title:
        return None
    shop = card.css(".p-shop")
    own = card.css('.p-icons [data-tips*="自营"]::attr(data-tips)').get("").partition("，")[0]
    shop_name = clean("".join(shop.css("a::text").getall())) or clean(own)
    price = minor_units(card.css(".p-price [data-price]::attr(data-price)").get() or card.css(".p-price i::text").get())
    return Listing(
        platform=PLATFORM,
        item_id=clean(card.attrib["data-sku"]),
        title=title,
        url=address(BASE, card.css(".p-name a::attr(href)").get()),
        shop=Shop(name=shop_name, shop_id=clean(shop.attrib.get("data-shopid", ""))) if shop_name else None,
        price_fen=price,
        image_urls=addresses(BASE, card.css(".p-img img::attr(src), .p-img img::attr(data-lazy-img)").getall()),
    )


def read_item(page: Page) -> ParsedPage:
    """The page of one good."""
    html = page.html
    sku = assigned(page.text, "skuid")
    title = clean(html.css("#name h1::text, .sku-name::text").get()) or clean(assigned(page.text, "name"))
    if not sku or not title:
        return ParsedPage()
    lines = [
        "".join(item.css("::text").getall())
        for item in html.css("ul.detail-list li, ul.parameter2 li, #parameter-brand li")
    ]
    attributes = tuple((clean(k), clean(v)) for k, v in unlabelled(lines))
    price = minor_units(html.css("#jd-price::text, .p-price .price::text").get())
    shop_name = clean(html.css(".popbox-inner .mt h3 a::text, .shopName a::text, .J-hove-wrap .name a::text").get())
    shop_id = assigned(page.text, "shopId")
    crumbs = [clean(text) for text in html.css(".breadcrumb a::text, .crumb a::text").getall()]
    listing = Listing(
        platform=PLATFORM,
        item_id=sku,
        title=title,
        url=address(BASE, html.css("link[rel=canonical]::attr(href)").get()) or f"{BASE}{sku}.html",
        subtitle=clean("".join(html.css("#sku_adwords::text, #p-ad::text").getall())),
        attributes=attributes,
        brand=named(attributes, "品牌"),
        shop=Shop(name=shop_name, shop_id=shop_id if shop_id != "0" else "") if shop_name else None,
        origin=named(attributes, "商品产地", "产地"),
        category="/".join(crumbs[:3]),
        price_fen=price,
        image_urls=addresses(BASE, html.css("#spec-n1 img::attr(src), #spec-img::attr(data-origin)").getall()),
    )
    return ParsedPage(listings=(listing,))


PARSERS = (
    Parser(
        "jd.results",
        2,
        lambda p: "gl-item" in p.text and "data-sku" in p.text,
        read_results,
        gives="url shop price images",
        is_search=True,
    ),
    Parser(
        "jd.item",
        1,
        lambda p: "skuid" in p.text and "pageConfig" in p.text,
        read_item,
        gives="url subtitle attributes brand shop origin category price images",
    ),
)
