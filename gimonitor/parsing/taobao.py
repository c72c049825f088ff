"""淘宝 and 天猫: saved results pages (`g_page_config`), goods pages, and the Alimama landing JSON."""

from __future__ import annotations

from gimonitor.model.listing import Listing, Shop
from gimonitor.parsing.page import Page, ParsedPage, Parser
from gimonitor.parsing.state import assigned, dig, inline_json, named, rows, unlabelled
from gimonitor.parsing.values import address, addresses, clean, count, minor_units

BASE = "https://item.taobao.com/"


def read_results(page: Page) -> ParsedPage:
    """Goods in the state of a results page. Paid places have an advertisement's redirect as address: ours is made of the id."""
    config = inline_json(page.text, "g_page_config")
    goods = rows(config, "mods", "itemlist", "data", "auctions")
    announced = count(dig(config, "mods", "sortbar", "data", "pager", "totalCount"))
    return ParsedPage(
        listings=tuple(_auction(good, rank) for rank, good in enumerate(goods, 1) if good.get("nid")),
        announced=announced,
    )


def _auction(good: dict[str, object], rank: int) -> Listing:
    is_tmall = dig(good, "shopcard", "isTmall") is True
    item_id, price, place = clean(good.get("nid")), minor_units(good.get("view_price")), clean(good.get("item_loc"))
    host = "https://detail.tmall.com" if is_tmall else "https://item.taobao.com"
    shop = Shop(
        name=clean(good.get("nick")),
        shop_id=clean(good.get("user_id")),
        url=address(BASE, good.get("shopLink")),
        region=place,
    )
    return Listing(
        platform="tmall" if is_tmall else "taobao",
        item_id=item_id,
        title=clean(good.get("raw_title")),
        url=f"{host}/item.htm?id={item_id}",
        shop=shop if shop.name else None,
        ship_from=place,
        category=clean(good.get("category")),
        price_fen=price,
        sales=count(good.get("view_sales")),
        image_urls=addresses(BASE, good.get("pic_url")),
        rank=rank,
    )


def read_item(page: Page) -> ParsedPage:
    """The page of one good at 淘宝."""
    html = page.html
    heading = html.css("h3.tb-main-title")
    item_id = assigned(page.text, "itemId")
    title = clean(heading.attrib.get("data-title", "") or heading.css("::text").get(""))
    if not item_id or not title:
        return ParsedPage()
    attributes = _attributes(html.css("ul.attributes-list li::text").getall())
    shop_name = clean(assigned(page.text, "shopName") or html.css(".tb-shop-name a::attr(title)").get())
    price = minor_units(html.css("#J_StrPrice .tb-rmb-num::text").get())
    images = inline_images(page.text)
    origin = named(attributes, "产地", "原产地", "省份")
    listing = Listing(
        platform="taobao",
        item_id=item_id,
        title=title,
        url=address(BASE, html.css("link[rel=canonical]::attr(href)").get()) or f"{BASE}item.htm?id={item_id}",
        subtitle=clean(html.css(".tb-subtitle::text").get()),
        attributes=attributes,
        brand=named(attributes, "品牌"),
        shop=Shop(
            name=shop_name,
            shop_id=assigned(page.text, "shopId"),
            url=address(BASE, html.css(".tb-shop-name a::attr(href)").get()),
        )
        if shop_name
        else None,
        origin=origin,
        price_fen=price,
        image_urls=addresses(BASE, images),
    )
    return ParsedPage(listings=(listing,))


def read_tmall_item(page: Page) -> ParsedPage:
    """The page of one good at 天猫 (`TShop.Setup`)."""
    html = page.html
    setup = inline_json(page.text, "TShop.Setup(")
    item = dig(setup, "itemDO")
    item_id = clean(dig(item, "itemId")) or assigned(page.text, "itemId")
    title = clean(dig(item, "title")) or clean("".join(html.css(".tb-detail-hd h1 ::text").getall()))
    if not item_id or not title:
        return ParsedPage()
    attributes = _attributes(html.css("#J_AttrUL li::text").getall())
    shop_name = clean("".join(html.css(".slogo-shopname ::text").getall()))
    price = minor_units(dig(setup, "detail", "defaultItemPrice")) or minor_units(html.css(".tm-price::text").get())
    origin = named(attributes, "产地", "原产地", "省份")
    listing = Listing(
        platform="tmall",
        item_id=item_id,
        title=title,
        url=f"https://detail.tmall.com/item.htm?id={item_id}",
        subtitle=clean(html.css(".tb-detail-hd .newp::text").get()),
        attributes=attributes,
        brand=clean(dig(item, "brand")) or named(attributes, "品牌"),
        shop=Shop(
            name=shop_name,
            shop_id=assigned(page.text, "shopId"),
            url=address(page.url or BASE, html.css(".slogo-shopname::attr(href)").get()),
        )
        if shop_name
        else None,
        origin=origin,
        ship_from=clean(dig(item, "prov")),
        price_fen=price,
        image_urls=addresses(BASE, [_large(src) for src in html.css("#J_UlThumb img::attr(src)").getall()]),
    )
    return ParsedPage(listings=(listing,))


def read_landing(page: Page) -> ParsedPage:
    """The JSON behind Alimama's search landing page."""
    return ParsedPage(
        listings=tuple(_landed(item) for item in rows(page.json, "data", "mainItems") if item.get("itemId"))
    )


def _landed(item: dict[str, object]) -> Listing:
    is_tmall = clean(item.get("ismall")) == "1"
    item_id, place, seller = (clean(item.get(key)) for key in ("itemId", "loc", "wangwangId"))
    price = minor_units(item.get("promoPrice")) or minor_units(item.get("price"))
    host = "https://detail.tmall.com" if is_tmall else "https://item.taobao.com"
    return Listing(
        platform="tmall" if is_tmall else "taobao",
        item_id=item_id,
        title=clean(item.get("title")),
        url=f"{host}/item.htm?id={item_id}",
        shop=Shop(name=seller, region=place) if seller else None,
        ship_from=place,
        price_fen=price,
        sales=count(item.get("sellCount")),
        image_urls=addresses(BASE, item.get("imgUrl")),
    )


def inline_images(text: str) -> list[str]:
    """The list `auctionImages` of a goods page."""
    start = text.find("auctionImages")
    if start < 0:
        return []
    inner = text[text.find("[", start) + 1 : text.find("]", start)][:20_000]
    return [part.strip().strip("\"'") for part in inner.split(",") if part.strip()]


def _attributes(lines: list[str]) -> tuple[tuple[str, str], ...]:
    return tuple((clean(name), clean(value)) for name, value in unlabelled(lines))


def _large(source: str) -> str:
    return source.partition("_60x60")[0] if "_60x60" in source else source


PARSERS = (
    Parser(
        "taobao.results",
        1,
        lambda p: "g_page_config" in p.text and "auctions" in p.text,
        read_results,
        gives="url shop ship_from category price sales images",
        is_search=True,
    ),
    Parser(
        "taobao.landing",
        2,
        lambda p: p.is_json and '"mainItems"' in p.text,
        read_landing,
        gives="url shop ship_from price sales images",
    ),
    Parser(
        "tmall.item",
        1,
        lambda p: "TShop.Setup" in p.text,
        read_tmall_item,
        gives="url subtitle attributes brand shop origin ship_from price images",
    ),
    Parser(
        "taobao.item",
        1,
        lambda p: "tb-main-title" in p.text and "g_config" in p.text,
        read_item,
        gives="url subtitle attributes brand shop origin price images",
    ),
)
