"""阿里巴巴国际站 (Alibaba.com): goods pages (`window.detailData`). The paths are as public notes on a recorded page list them."""

from __future__ import annotations

from gimonitor.model.listing import Listing, Shop, Subject
from gimonitor.parsing.page import Page, ParsedPage, Parser
from gimonitor.parsing.state import dig, inline_json, named, rows
from gimonitor.parsing.values import address, addresses, clean, count, minor_units

PLATFORM = "alibaba"
BASE = "https://www.alibaba.com/"
_CURRENCIES = {"US $": "USD", "$": "USD", "€": "EUR", "£": "GBP", "¥": "CNY", "CN¥": "CNY"}


def read_item(page: Page) -> ParsedPage:
    """The page of one offer; the lowest of the ladder of prices counts. The seller is a company, which is the subject."""
    data = dig(inline_json(page.text, "window.detailData"), "globalData")
    product, seller = dig(data, "product"), dig(data, "seller")
    item_id, title = clean(dig(product, "productId")), clean(dig(product, "subject"))
    if not item_id or not title:
        return ParsedPage()
    pairs = [
        (clean(row.get("attrName")), clean(row.get("attrValue")))
        for part in ("productBasicProperties", "productKeyIndustryProperties")
        for row in rows(product, part)
    ]
    attributes = tuple(dict.fromkeys(pair for pair in pairs if all(pair)))
    company, country = clean(dig(seller, "companyName")), clean(dig(seller, "companyRegisterCountry"))
    prices = [
        p for row in rows(product, "price", "productLadderPrices") if (p := minor_units(row.get("price"))) is not None
    ]
    origin = named(attributes, "Place of Origin", "place of origin")
    images = [dig(item, "imageUrl", "big") for item in rows(product, "mediaItems") if item.get("type") == "image"]
    crumbs = [clean(dig(row, "hrefObject", "name")) for row in rows(data, "seo", "breadCrumb", "pathList")]
    listing = Listing(
        platform=PLATFORM,
        item_id=item_id,
        title=title,
        url=address(BASE, dig(data, "seo", "globalSeoUrl")) or page.url,
        attributes=attributes,
        brand=named(attributes, "Brand Name", "brand name"),
        shop=Shop(name=company, shop_id=clean(dig(seller, "companyId")), region=country, subject=Subject(name=company))
        if company
        else None,
        origin=origin,
        ship_from=country,
        category="/".join(crumb for crumb in crumbs if crumb),
        price_fen=min(prices) if prices else None,
        currency=_currency(clean(dig(data, "global", "productPriceCurrencySimpleName"))),
        sales=count(dig(data, "trade", "salesVolume")),
        image_urls=addresses(BASE, images),
    )
    return ParsedPage(listings=(listing,))


def _currency(shown: str) -> str:
    return _CURRENCIES.get(shown, shown if len(shown) == 3 and shown.isascii() and shown.isalpha() else "")


PARSERS = (
    Parser(
        "alibaba.item",
        1,
        lambda p: "window.detailData" in p.text,
        read_item,
        gives="url attributes brand shop origin ship_from category price currency sales images",
    ),
)
