"""Any page with product metadata: schema.org Product in JSON-LD, microdata and RDFa, and OpenGraph."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

from gimonitor.model.listing import Listing, Shop
from gimonitor.parsing.items import item_of
from gimonitor.parsing.page import Page, ParsedPage, Parser, told_apart
from gimonitor.parsing.platform import host_of
from gimonitor.parsing.values import address, addresses, clean, minor_units, untagged

Node = dict[str, object]

_SYNTAXES = {
    "microdata": ("itemscope",),
    "rdfa": ("typeof=",),
    "opengraph": ('property="og:', "property='og:", 'property="product:', "property='product:", "property=og:"),
}
_MAX_NODES = 20_000
_LISTINGS = 200
_SHOP = "etsymarketplace:shop"
"""Etsy's name in OpenGraph for the address of the shop, which ends with its name."""


def read_product(page: Page) -> ParsedPage:
    """Every product that the page states about itself; the fullest statement of each wins, gaps are filled from the others."""
    found: dict[str, Node] = {}
    for node in products_of(page):
        key = clean(_first(node.get("sku") or node.get("productID") or node.get("name")))
        if key:
            found[key] = {**{k: v for k, v in node.items() if v}, **found.get(key, {})}
    notes = [f"{len(found) - _LISTINGS} of {len(found)} products left out"] if len(found) > _LISTINGS else []
    nodes = list(found.values())[:_LISTINGS] or [n for n in [_opengraph_product(page)] if n]
    if len(nodes) == 1:
        nodes = [_filled(nodes[0], page)]
    made = [one for node in nodes if (one := _listing(node, page))]
    kept = told_apart(made)  # variants without a number share that of their address
    if len(kept) < len(made):
        notes.append(
            f"{len(made) - len(kept)} of {len(made)} products have no number or address of their own: left out"
        )
    return ParsedPage(listings=kept, notes=(*notes, *_broken(page)))


def products_of(page: Page) -> Iterator[Node]:
    """Product nodes of a page, in whatever syntax."""
    for document in _json_ld(page):
        yield from _walk(document)
    for syntax in ("microdata", "rdfa"):
        if any(sign in page.text for sign in _SYNTAXES[syntax]):
            found = _extract(page, syntax)
            yield from _walk(_compacted(found) if syntax == "rdfa" else found)


def _json_ld(page: Page) -> Iterator[object]:
    if page.is_json:
        yield page.json
        return
    for text in _scripts(page):
        try:
            yield json.loads(text, strict=False)
        except (ValueError, RecursionError):
            yield from _lenient(text)


def _scripts(page: Page) -> Iterator[str]:
    if page.is_json or "ld+json" not in page.text:
        return
    for script in page.html.xpath('//script[contains(@type, "ld+json")]/text()').getall():
        yield script.strip().removeprefix("<!--").removesuffix("-->").strip().rstrip(";")


def _broken(page: Page) -> Iterator[str]:
    """A note for each script of metadata that nothing could be made of."""
    for text in _scripts(page):
        try:
            json.loads(text, strict=False)
        except (ValueError, RecursionError) as error:
            if not any(True for _ in _lenient(text)):
                yield f"ld+json does not parse: {str(error)[:150]}"


def _lenient(text: str) -> Iterator[object]:
    import chompjs

    try:
        yield chompjs.parse_js_object(text)
    except (ValueError, RecursionError):
        return


def _extract(page: Page, syntax: str) -> list[object]:
    import extruct

    logging.getLogger("rdflib").setLevel(logging.ERROR)
    try:
        found = extruct.extract(
            page.text, base_url=page.url or "http://localhost/", syntaxes=[syntax], uniform=True, errors="ignore"
        )
    except (ValueError, TypeError, RecursionError, AttributeError, KeyError, AssertionError):
        return []  # extruct's own parsers raise what they like on odd mark-up; the page then has no such metadata
    items = found.get(syntax, [])
    return list(items) if isinstance(items, list) else []


def _compacted(items: list[object]) -> list[object]:
    """RDFa comes as a flat graph with long names: short names, and nodes in the place of references to them."""
    nodes = {clean(item.get("@id")): item for item in items if isinstance(item, dict)}

    def short(node: Node, depth: int) -> Node:
        return {key.rpartition("/")[2].rpartition("#")[2]: inner(value, depth) for key, value in node.items()}

    def inner(value: object, depth: int) -> object:
        if isinstance(value, list):
            return [inner(item, depth) for item in value]
        if isinstance(value, dict) and depth < 4:
            return short(nodes.get(clean(value.get("@id")), value), depth + 1)
        return value

    return [short(node, 0) for node in nodes.values()]


def _walk(value: object, kind: str = "product") -> Iterator[Node]:
    """Nodes of a type, at any depth, breadth first and bounded."""
    queue: list[object] = [value]
    for seen, item in enumerate(queue):
        if seen > _MAX_NODES:
            return
        if isinstance(item, list):
            queue.extend(item)
        elif isinstance(item, dict):
            if kind in _types(item):
                yield item
            queue.extend(v for k, v in item.items() if k not in ("isRelatedTo", "isSimilarTo"))


def _types(node: Node) -> set[str]:
    kinds = node.get("@type", node.get("type", ""))
    names = kinds if isinstance(kinds, list) else [kinds]
    plain = {str(name).rstrip("/").rpartition("/")[2].rpartition("#")[2].rpartition(":")[2].lower() for name in names}
    return {
        "product" if name in ("productmodel", "individualproduct", "productgroup", "book") else name for name in plain
    }


def _opengraph(page: Page) -> dict[str, str]:
    found: dict[str, str] = {}
    if not any(sign in page.text for sign in _SYNTAXES["opengraph"]):
        return found
    for tag in page.html.css("meta[property][content]"):
        found.setdefault(tag.attrib["property"].lower(), clean(tag.attrib["content"]))
    return found


def _opengraph_product(page: Page) -> Node | None:
    """OpenGraph alone makes a product when it says so by its type or by a price."""
    values = _opengraph(page)
    kind = values.get("og:type", "").lower()
    if "product" not in kind and "product:price:amount" not in values and "og:price:amount" not in values:
        return None
    return _from_opengraph(values)


def _from_opengraph(values: dict[str, str]) -> Node:
    price = values.get("product:price:amount") or values.get("og:price:amount", "")
    currency = values.get("product:price:currency") or values.get("og:price:currency", "")
    return {
        "name": values.get("og:title", ""),
        "url": values.get("og:url", ""),
        "description": values.get("og:description", ""),
        "image": values.get("og:image", ""),
        "brand": values.get("product:brand") or values.get("og:brand", ""),
        "sku": values.get("product:retailer_item_id") or values.get("og:upc", ""),
        "category": values.get("product:category", ""),
        _SHOP: values.get(_SHOP, ""),
        "offers": {"price": price, "priceCurrency": currency} if price else "",
    }


def _filled(node: Node, page: Page) -> Node:
    other = _from_opengraph(_opengraph(page))
    if not page.is_json:
        other["keywords"] = page.meta("keywords")
        other["description"] = other["description"] or page.meta("description")
        other["category"] = other["category"] or _category(page, clean(_first(node.get("name"))))
    return {**node, **{key: value for key, value in other.items() if value and not node.get(key)}}


def _category(page: Page, title: str) -> str:
    """The names of the page's schema.org BreadcrumbList, without the home page and the product itself."""
    if "BreadcrumbList" not in page.text:
        return ""
    crumbs = _stated_crumbs(page) or _marked_crumbs(page)
    names = [name for name, url in crumbs if name and name != title and (not url or urlsplit(url).path.strip("/"))]
    return "/".join(names)[:200]


def _stated_crumbs(page: Page) -> list[tuple[str, str]]:
    trails = (trail for document in _json_ld(page) for trail in _walk(document, "breadcrumblist"))
    steps = [step for step in _many(next(trails, {}).get("itemListElement")) if isinstance(step, dict)]
    items = [{**step, **item} if isinstance(item := step.get("item"), dict) else step for step in steps]
    return [(_name(item.get("name")), address(page.url, item.get("@id") or item.get("item"))) for item in items]


def _marked_crumbs(page: Page) -> list[tuple[str, str]]:
    steps = page.html.css('[itemtype$="/BreadcrumbList"]')[:1].css("[itemprop=itemListElement]")
    names = [clean(step.xpath('string(.//*[@itemprop="name"])').get()) for step in steps]
    urls = [address(page.url, step.css("[itemprop=item]::attr(href)").get()) for step in steps]
    return list(zip(names, urls, strict=True))


def _listing(node: Node, page: Page) -> Listing | None:
    title = clean(_first(node.get("name")))
    if not title:
        return None
    offer = _offer(node)
    url = address(page.url, _first(node.get("url"))) or address(page.url, offer.get("url")) or page.url
    price = minor_units(_first(offer.get("price")) or _first(offer.get("lowPrice")))
    brand, seller = _name(node.get("brand")) or _name(node.get("manufacturer")), _name(offer.get("seller"))
    shop_url = address(page.url, node.get(_SHOP))
    seller = seller or urlsplit(shop_url).path.rstrip("/").rpartition("/")[2]
    origin = _name(node.get("countryOfOrigin"))
    return Listing(
        platform=page.platform or host_of(page.url),
        item_id=item_id_of(clean(_first(node.get("sku") or node.get("productID"))), url, title),
        title=title,
        url=url,
        attributes=_attributes(node),
        description=untagged(_first(node.get("description"))),
        keywords=_keywords(node.get("keywords")),
        brand=brand,
        shop=Shop(name=seller, url=shop_url) if seller else None,
        origin=origin,
        category=_name(node.get("category")),
        price_fen=price,
        currency=clean(_first(offer.get("priceCurrency") or offer.get("currency"))).upper()[:3],
        image_urls=addresses(page.url, [_address_of(image) for image in _many(node.get("image"))]),
    )


def item_id_of(sku: str, url: str, title: str) -> str:
    """The shop's own number; else the platform's in the address; else the address without query; else a digest of the title.
    The same offer keeps it."""
    if sku:
        return sku[:128]
    if named := item_of(url):
        return named[1]
    parts = urlsplit(url)
    text = (
        urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))
        if parts.path.strip("/")
        else f"{parts.netloc} {title}"
    )
    return "url-" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def _offer(node: Node) -> Node:
    stated = [*_many(node.get("offers")), *_many(node.get("offerDetails"))]  # the latter in data-vocabulary.org
    offers = [o for o in stated if isinstance(o, dict)]
    offers += [inner for o in offers for inner in _many(o.get("offers")) if isinstance(inner, dict)]
    offers = [_priced(o) for o in offers]
    priced = [
        (p, i)
        for i, o in enumerate(offers)
        if (p := minor_units(_first(o.get("price") or o.get("lowPrice")))) is not None
    ]
    return offers[min(priced)[1]] if priced else (offers[0] if offers else {})


def _priced(offer: Node) -> Node:
    for part in _many(offer.get("priceSpecification")):
        if isinstance(part, dict) and not offer.get("price"):
            offer = {
                **offer,
                "price": part.get("price") or part.get("minPrice"),
                "priceCurrency": part.get("priceCurrency"),
            }
    return offer


def _attributes(node: Node) -> tuple[tuple[str, str], ...]:
    rows = []
    for prop in _many(node.get("additionalProperty")):
        if isinstance(prop, dict):
            rows.append((clean(_first(prop.get("name"))), clean(_first(prop.get("value")))))
    named = (
        ("gtin13", "GTIN"),
        ("gtin", "GTIN"),
        ("mpn", "MPN"),
        ("model", "model"),
        ("color", "color"),
        ("weight", "weight"),
    )
    rows += [(label, text) for key, label in named if (text := _name(node.get(key)))]
    return tuple(dict.fromkeys(row for row in rows if row[0] and row[1]))


def _keywords(value: object) -> tuple[str, ...]:
    words = value.split(",") if isinstance(value, str) else _many(value)
    return tuple(word for item in words if (word := clean(item)))[:60]


def _many(value: object) -> list[object]:
    return value if isinstance(value, list) else [] if value in (None, "") else [value]


def _first(value: object) -> object:
    while isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        return value.get("@value") or value.get("name") or value.get("value")
    return value


def _name(value: object) -> str:
    return clean(_first(value))


def _address_of(image: object) -> object:
    if isinstance(image, dict):
        return image.get("url") or image.get("contentUrl") or image.get("@id")
    return image


PARSERS = (
    Parser(
        "product",
        4,
        lambda page: True,
        read_product,
        gives="url attributes description keywords brand shop origin category price currency images",
    ),
)
