"""Pages of the practice marketplace: results, goods, shops."""

from __future__ import annotations

from parsel import Selector

from gimonitor.model.listing import Listing, Shop, Subject
from gimonitor.parsing.page import Page, ParsedPage, Parser
from gimonitor.parsing.values import address, addresses, clean, count, minor_units

PLATFORM = "practice"


def read_results(page: Page) -> ParsedPage:
    """A page of search results: links to goods, the number of hits claimed, the next page."""
    html = page.html
    links = [address(page.url, href) for href in html.css(".results .card a.title::attr(href)").getall()]
    return ParsedPage(
        links=tuple(dict.fromkeys(link for link in links if link)),
        next_url=address(page.url, html.css("a[rel=next]::attr(href)").get()),
        announced=count(html.css(".total b::text").get("")),
    )


def read_item(page: Page) -> ParsedPage:
    """The page of one good."""
    main = page.html.css("main.item")[0]
    attributes = tuple(
        (clean(row.css("th::text").get("")), clean(row.css("td::text").get("")))
        for row in main.css("table.attributes tr")
    )
    named = dict(attributes)
    listing = Listing(
        platform=PLATFORM,
        item_id=clean(main.attrib.get("data-id")),
        title=clean(main.css("h1::text").get("")),
        url=address(page.url, page.html.css("link[rel=canonical]::attr(href)").get()) or page.url,
        attributes=attributes,
        description=clean(main.css(".description::text").get("")),
        keywords=_keywords(page.html),
        brand=named.get("品牌", ""),
        shop=_shop(page, main),
        origin=named.get("产地", ""),
        ship_from=clean(main.css(".ship-from::text").get("")),
        category=clean(main.css(".category::text").get("")),
        price_fen=minor_units(main.css(".price::text").get("")),
        specification=named.get("规格", ""),
        sales=count(main.css(".sales::text").get("")),
        image_urls=addresses(page.url, main.css(".gallery img::attr(src)").getall()),
    )
    return ParsedPage(listings=(listing,))


def _keywords(html: Selector) -> tuple[str, ...]:
    words = html.css("meta[name=keywords]::attr(content)").get("")
    return tuple(word for part in words.split(",") if (word := clean(part)))


def _shop(page: Page, main: Selector) -> Shop | None:
    link = main.css("a.shop")
    if not link:
        return None
    firm = clean(main.css(".licence .firm::text").get(""))
    subject = Subject(
        name=firm,
        uscc=clean(main.css(".licence .uscc::text").get("")),
        address=clean(main.css(".licence .address::text").get("")),
    )
    return Shop(
        name=clean(link.css("::text").get("")),
        shop_id=clean(link.attrib.get("data-id")),
        url=address(page.url, link.attrib.get("href")),
        region=clean(link.attrib.get("data-region")),
        subject=subject if firm else None,
    )


PARSERS = (
    Parser(
        "practice.item",
        1,
        lambda p: 'main class="item"' in p.text and _is_ours(p),
        read_item,
        gives="url attributes description keywords brand shop origin ship_from category price specification sales images subject",
    ),
    Parser("practice.results", 1, lambda p: 'class="results"' in p.text and _is_ours(p), read_results, is_search=True),
)


def _is_ours(page: Page) -> bool:
    return page.platform == PLATFORM or "演练市场" in page.text
