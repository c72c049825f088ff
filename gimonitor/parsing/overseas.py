"""Saved goods pages of marketplaces abroad: AliExpress, Amazon, eBay."""

from __future__ import annotations

import json
import re

from parsel import Selector

from gimonitor.model.listing import Listing, Shop
from gimonitor.parsing.page import Page, ParsedPage, Parser
from gimonitor.parsing.state import dig, inline_json, named, rows
from gimonitor.parsing.values import address, addresses, clean, count, minor_units

_CURRENCIES = {"US $": "USD", "$": "USD", "£": "GBP", "€": "EUR", "¥": "CNY", "￥": "CNY", "C $": "CAD"}

_BRAND = 2
"""AliExpress' number for the attribute that holds the brand; its name is in the language of the page. Seen on a saved page."""


def read_aliexpress(page: Page) -> ParsedPage:
    """AliExpress (`runParams`)."""
    data = inline_json(page.text, "window.runParams = {")
    data = dig(data, "data") if dig(data, "data") else inline_json(page.text, "data: {")
    item_id, title = clean(dig(data, "commonModule", "productId")), clean(dig(data, "titleModule", "subject"))
    if not item_id or not title:
        return ParsedPage()
    pairs = ((clean(row.get("attrName")), clean(row.get("attrValue"))) for row in rows(data, "specsModule", "props"))
    attributes = tuple(dict.fromkeys((name, value) for name, value in pairs if name and value))
    brands = (
        clean(row.get("attrValue")) for row in rows(data, "specsModule", "props") if row.get("attrNameId") == _BRAND
    )
    brand = named(attributes, "Brand Name", "品牌") or next(brands, "")
    amount = dig(data, "priceModule", "minActivityAmount") or dig(data, "priceModule", "minAmount")
    price, shop_name = minor_units(dig(amount, "value")), clean(dig(data, "storeModule", "storeName"))
    region = " ".join(filter(None, (clean(dig(data, "storeModule", k)) for k in ("countryCompleteName", "province"))))
    listing = Listing(
        platform="aliexpress",
        item_id=item_id,
        title=title,
        url=f"https://www.aliexpress.com/item/{item_id}.html",
        attributes=attributes,
        brand=brand,
        shop=Shop(
            name=shop_name,
            shop_id=clean(dig(data, "storeModule", "storeNum")),
            url=address("https://www.aliexpress.com/", dig(data, "storeModule", "storeURL")),
            region=region,
        )
        if shop_name
        else None,
        origin=named(attributes, "Origin", "Place of Origin"),
        ship_from=region,
        price_fen=price,
        currency=clean(dig(amount, "currency")),
        sales=count(dig(data, "titleModule", "formatTradeCount")),
        image_urls=addresses("https://www.aliexpress.com/", dig(data, "imageModule", "imagePathList")),
    )
    return ParsedPage(listings=(listing,))


def read_amazon(page: Page) -> ParsedPage:
    """Amazon."""
    html = page.html
    asin = clean(html.css("input#ASIN::attr(value)").get() or html.css("[data-asin]::attr(data-asin)").get())
    title = clean(html.css("#productTitle::text").get())
    if not asin or not title:
        return ParsedPage()
    attributes = _table(html.css("table.prodDetTable tr, #productDetails_techSpec_section_1 tr"), "th", "td")
    attributes = attributes or _amazon_details(html)
    shown = clean(html.css("#priceblock_ourprice::text, #priceblock_saleprice::text, #priceblock_dealprice::text, "
                           "#buyNewSection .offer-price::text, .a-price .a-offscreen::text").get())  # fmt: skip
    seller = clean(html.css("#sellerProfileTriggerId::text").get()) or _sold_by(html)
    origin = named(attributes, "Country of Origin", "Country/Region of origin")
    brand = clean(html.css("#bylineInfo::text").get()) or named(attributes, "Brand", "Brand Name", "Manufacturer")
    listing = Listing(
        platform="amazon",
        item_id=asin,
        title=title,
        url=address("https://www.amazon.com/", html.css("link[rel=canonical]::attr(href)").get()),
        attributes=attributes,
        description=_amazon_description(html),
        keywords=tuple(word for part in page.meta("keywords").split(",") if (word := clean(part)))[:60],
        brand=brand,
        shop=Shop(name=seller, shop_id=clean(html.css("input#merchantID::attr(value)").get())) if seller else None,
        origin=origin,
        price_fen=minor_units(shown),
        currency=_currency(shown),
        image_urls=addresses("https://www.amazon.com/", _amazon_images(html)),
    )
    return ParsedPage(listings=(listing,))


def _amazon_details(html: Selector) -> tuple[tuple[str, str], ...]:
    """The list of details of a book: `<li><b>Publisher:</b> …`."""
    pairs = []
    for line in html.css("#productDetailsTable li"):
        name = clean("".join(line.xpath("./b[1]//text()").getall())).rstrip(":")
        value = clean(
            " ".join(line.xpath(".//text()[not(ancestor::script or ancestor::style or ancestor::b)]").getall())
        )
        if name and value and "Customer Review" not in name:
            pairs.append((name, value[:500]))
    return tuple(dict.fromkeys(pairs))


def _amazon_description(html: Selector) -> str:
    bullets = clean(" ".join(html.css("#feature-bullets li span.a-list-item::text").getall()))
    unseen = "ancestor::script or ancestor::style or ancestor::iframe"
    return bullets or clean(
        " ".join(html.css("#bookDescription_feature_div").xpath(f".//text()[not({unseen})]").getall())
    )


def _sold_by(html: Selector) -> str:
    text = clean(" ".join(html.css("#merchant-info ::text").getall()))
    found = re.search(r"sold by (.{2,60}?)(?:\.(?:\s|$)| and Fulfilled)", text)
    return found.group(1) if found else ""


def _amazon_images(html: Selector) -> list[str]:
    stated = html.css("#landingImage::attr(data-a-dynamic-image), #imgBlkFront::attr(data-a-dynamic-image)").get("")
    try:
        sizes = json.loads(stated)
    except ValueError:
        return []
    return [max(sizes, key=lambda url: sum(sizes[url]))] if isinstance(sizes, dict) and sizes else []


def read_ebay(page: Page) -> ParsedPage:
    """eBay."""
    html = page.html
    title = clean("".join(html.css("#itemTitle::text").getall()))
    item_id = clean(_ebay_id(page))
    if not item_id or not title:
        return ParsedPage()
    attributes = tuple((name.rstrip(":"), value) for name, value in _ebay_specifics(html))
    seller = clean(html.css("#mbgLink .mbg-nw::text").get())
    price = html.css("[itemprop=price]::attr(content)").get() or html.css("#prcIsum::text").get()
    location = clean(html.css("[itemprop=availableAtOrFrom]::text").get())
    origin = named(attributes, "Country/Region of Manufacture", "Country of Origin")
    listing = Listing(
        platform="ebay",
        item_id=item_id,
        title=title,
        url=f"https://www.ebay.com/itm/{item_id}",
        attributes=attributes,
        brand=named(attributes, "Brand"),
        shop=Shop(
            name=seller, url=address("https://www.ebay.com/", html.css("#mbgLink::attr(href)").get()), region=location
        )
        if seller
        else None,
        origin=origin,
        ship_from=location,
        price_fen=minor_units(price),
        currency=clean(html.css("[itemprop=priceCurrency]::attr(content)").get()),
        image_urls=addresses("https://www.ebay.com/", html.css("#icImg::attr(src)").get()),
    )
    return ParsedPage(listings=(listing,))


def _ebay_id(page: Page) -> str:
    found = re.search(r'"itemId"\s*:\s*"(\d{9,15})"', page.text) or re.search(
        r"/itm/(?:[^/\"?]{1,200}/)?(\d{9,15})", page.text
    )
    return found.group(1) if found else ""


def _ebay_specifics(html: Selector) -> list[tuple[str, str]]:
    pairs = []
    for label in html.css(".itemAttr td.attrLabels"):
        name = clean("".join(label.css("::text").getall()))
        value = clean(" ".join(label.xpath("following-sibling::td[1]//text()[not(ancestor::script)]").getall()))
        if name and value and not name.startswith("Condition"):
            pairs.append((name, value))
    return list(dict.fromkeys(pairs))


def _table(lines: list[Selector], head: str, cell: str) -> tuple[tuple[str, str], ...]:
    pairs = []
    for line in lines:
        name = clean("".join(line.css(f"{head} ::text, {head}::text").getall()))
        texts = line.xpath(f".//{cell}//text()[not(ancestor::script) and not(ancestor::style)]").getall()
        value = clean(" ".join(texts))[:500]
        if name and value and not name.startswith("Customer Reviews"):
            pairs.append((name, value))
    return tuple(dict.fromkeys(pairs))


def _currency(shown: str) -> str:
    return next((code for sign, code in _CURRENCIES.items() if shown.startswith(sign)), "") if shown else ""


PARSERS = (
    Parser(
        "aliexpress.item",
        2,
        lambda p: "runParams" in p.text and "titleModule" in p.text,
        read_aliexpress,
        gives="url attributes brand shop origin ship_from price currency sales images",
    ),
    Parser(
        "amazon.item",
        2,
        lambda p: 'id="productTitle"' in p.text,
        read_amazon,
        gives="url attributes description keywords brand shop origin price currency images",
    ),
    Parser(
        "ebay.item",
        1,
        lambda p: 'id="itemTitle"' in p.text and "ebay" in p.text,
        read_ebay,
        gives="url attributes brand shop origin ship_from price currency images",
    ),
)
