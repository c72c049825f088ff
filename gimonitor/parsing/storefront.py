"""Shops by standard door: Shopify's `products.json` and WooCommerce's Store API."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from gimonitor.model.listing import Listing, Shop
from gimonitor.parsing.page import Page, ParsedPage, Parser
from gimonitor.parsing.platform import host_of
from gimonitor.parsing.state import dig, rows
from gimonitor.parsing.values import address, addresses, clean, count, minor_units, untagged

_SHOPIFY = re.compile(r'\s*\{\s*"products"\s*:')


def read_shopify(page: Page) -> ParsedPage:
    """`/products.json`: up to 250 products a page; a page that is not empty has a next one."""
    base, host = _base(page), host_of(page.url)
    listings = tuple(_shopify(row, base, host) for row in rows(page.json, "products") if row.get("id"))
    return ParsedPage(
        listings=listings,
        next_url=_next(page) if listings else "",
        announced=None if listings else 0,
        notes=_odd(dig(page.json, "products"), len(listings)),
    )


def _odd(stated: object, read: int) -> tuple[str, ...]:
    """What to say of entries that are no product with a number."""
    left = (len(stated) if isinstance(stated, list) else 0) - read
    return (f"entries that are no product with a number, left out: {left}",) if left else ()


def _shopify(row: dict[str, object], base: str, host: str) -> Listing:
    prices = [p for variant in rows(row, "variants") if (p := minor_units(variant.get("price"))) is not None]
    tags = row.get("tags")
    words = tags if isinstance(tags, list) else clean(tags).split(",")
    vendor = clean(row.get("vendor"))
    return Listing(
        platform=host,
        item_id=clean(row.get("id")),
        title=untagged(row.get("title")),
        url=address(base, f"/products/{clean(row.get('handle'))}"),
        description=_told(untagged(row.get("body_html"))),
        keywords=tuple(word for item in words if (word := clean(item))),
        brand=vendor,
        shop=Shop(name=host, url=base),
        category=clean(row.get("product_type")),
        price_fen=min(prices) if prices else None,
        currency="",  # the door does not tell it
        image_urls=addresses(base, [image.get("src") for image in rows(row, "images")]),
    )


def read_woocommerce(page: Page) -> ParsedPage:
    """`/wp-json/wc/store/v1/products`: prices in the currency's smallest unit."""
    base, host = _base(page), host_of(page.url)
    found = page.json if isinstance(page.json, list) else []
    listings = tuple(_woocommerce(row, base, host) for row in rows(found) if row.get("id"))
    return ParsedPage(
        listings=listings,
        next_url=_next(page) if listings else "",
        announced=None if listings else 0,
        notes=_odd(found, len(listings)),
    )


def _woocommerce(row: dict[str, object], base: str, host: str) -> Listing:
    pairs = (
        (_told(a.get("name")), "、".join(_told(t.get("name")) for t in rows(a, "terms")))
        for a in rows(row, "attributes")
    )
    attributes = tuple((name, value) for name, value in pairs if name and value)
    price = _minor(dig(row, "prices", "price"), count(dig(row, "prices", "currency_minor_unit")))
    return Listing(
        platform=host,
        item_id=clean(row.get("id")),
        title=_told(row.get("name")),
        url=address(base, row.get("permalink")),
        attributes=attributes,
        description=_told(untagged(row.get("description") or row.get("short_description"))),
        keywords=tuple(_told(tag.get("name")) for tag in rows(row, "tags")),
        shop=Shop(name=host, url=base),
        category="/".join(_told(c.get("name")) for c in rows(row, "categories")),
        price_fen=price,
        currency=clean(dig(row, "prices", "currency_code")),
        image_urls=addresses(base, [image.get("src") for image in rows(row, "images")]),
    )


def _told(value: object) -> str:
    """Text that comes as it would stand in a page: `&#8211;` is a dash. So it is in the Store API, and in every description."""
    return clean(unescape(clean(value)))


def _minor(value: object, digits: int | None) -> int | None:
    """An amount in the smallest unit, as hundredths."""
    amount = count(value)
    if amount is None or digits is None or digits > 6:
        return amount if digits is None else None
    return amount * 100 // int(10**digits)


def _base(page: Page) -> str:
    parts = urlsplit(page.url)
    return f"{parts.scheme}://{parts.netloc}/"


def _next(page: Page) -> str:
    parts = urlsplit(page.url)
    query = dict(parse_qsl(parts.query))
    query["page"] = str((count(query.get("page")) or 1) + 1)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(query), ""))


PARSERS = (
    Parser(
        "shopify.products",
        3,
        lambda p: _SHOPIFY.match(p.text) is not None,
        read_shopify,
        gives="url description keywords brand shop category price currency images origin",
    ),
    Parser(
        "woocommerce.products",
        2,
        lambda p: p.is_json and "/wc/store/" in p.url,
        read_woocommerce,
        gives="url attributes description keywords shop category price currency images origin",
    ),
)
