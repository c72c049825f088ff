"""1688: saved goods pages (`__INIT_DATA`) and offer lists in JSON."""

from __future__ import annotations

from gimonitor.model.listing import Listing, Shop, Subject
from gimonitor.parsing.page import Page, ParsedPage, Parser
from gimonitor.parsing.state import dig, inline_json, named, rows
from gimonitor.parsing.values import addresses, clean, count, minor_units

PLATFORM = "1688"
BASE = "https://detail.1688.com/"


def read_item(page: Page) -> ParsedPage:
    """The page of one offer. 1688 shows the company's name, which is the subject; it does not show its code."""
    data = inline_json(page.text, "__INIT_DATA")
    model = dig(data, "globalData", "tempModel")
    item_id, title = clean(dig(model, "offerId")), clean(dig(model, "offerTitle"))
    if not item_id or not title:
        return ParsedPage()
    attributes = _attributes(data)
    company = clean(dig(model, "companyName"))
    sku = dig(data, "globalData", "skuModel")
    price = minor_units(dig(sku, "skuPriceScaleOriginal") or dig(sku, "skuPriceScale"))
    origin = named(attributes, "产地", "原产地")
    images = [dig(image, "fullPathImageURI") for image in rows(data, "globalData", "images")]
    listing = Listing(
        platform=PLATFORM,
        item_id=item_id,
        title=title,
        url=f"{BASE}offer/{item_id}.html",
        attributes=attributes,
        brand=named(attributes, "品牌"),
        shop=Shop(
            name=company,
            shop_id=clean(dig(model, "sellerMemberId")),
            url=clean(dig(data, "globalData", "offerBaseInfo", "sellerWinportUrl")),
            subject=Subject(name=company),
        )
        if company
        else None,
        origin=origin,
        price_fen=price,
        specification=clean(dig(model, "offerUnit")),
        sales=count(dig(model, "saledCount")),
        image_urls=addresses(BASE, images),
    )
    return ParsedPage(listings=(listing,))


def _attributes(data: object) -> tuple[tuple[str, str], ...]:
    parts = dig(data, "data")
    for part in parts.values() if isinstance(parts, dict) else ():
        if "attribute" in clean(dig(part, "componentType")):
            pairs = ((clean(row.get("name")), clean(row.get("value"))) for row in rows(part, "data"))
            return tuple(dict.fromkeys((name, value) for name, value in pairs if name and value))
    return ()


def read_offers(page: Page) -> ParsedPage:
    """A list of offers as JSON."""
    found = page.json if isinstance(page.json, list) else dig(page.json, "data")
    return ParsedPage(listings=tuple(_offer(row) for row in rows(found) if row.get("offerId") and row.get("subject")))


def _offer(row: dict[str, object]) -> Listing:
    item_id, price, company = clean(row.get("offerId")), minor_units(row.get("price")), clean(row.get("companyName"))
    return Listing(
        platform=PLATFORM,
        item_id=item_id,
        title=clean(row.get("subject")),
        url=f"{BASE}offer/{item_id}.html",
        shop=Shop(name=company, subject=Subject(name=company)) if company else None,
        price_fen=price,
        image_urls=addresses(BASE, row.get("offerPicUrl")),
    )


PARSERS = (
    Parser(
        "1688.item",
        1,
        lambda p: "__INIT_DATA" in p.text and "offerTitle" in p.text,
        read_item,
        gives="url attributes brand shop origin price specification sales images",
    ),
    Parser(
        "1688.offers",
        1,
        lambda p: p.is_json and '"offerId"' in p.text and '"subject"' in p.text,
        read_offers,
        gives="url shop price images",
    ),
)
