"""Shopee: the answers that its pages ask for (search, one good), as a HAR or a saved JSON holds them. The shapes are as public
clients read them; no saved page was at hand. Prices there are in 1/100,000 of the currency."""

from __future__ import annotations

from urllib.parse import urlsplit

from gimonitor.model.listing import Listing, Shop
from gimonitor.parsing.page import Page, ParsedPage, Parser
from gimonitor.parsing.state import dig, rows
from gimonitor.parsing.values import addresses, clean, count

PLATFORM = "shopee"
_PER_HUNDREDTH = 1000


def read_results(page: Page) -> ParsedPage:
    """A page of results (`items[].item_basic`)."""
    goods = [basic for row in rows(page.json, "items") if isinstance(basic := row.get("item_basic"), dict)]
    return ParsedPage(
        listings=tuple(_good(row, page, {}) for row in goods if row.get("itemid")),
        announced=count(dig(page.json, "total_count")),
    )


def read_item(page: Page) -> ParsedPage:
    """One good (`data.item`, or `data` itself)."""
    data = dig(page.json, "data")
    found = dig(data, "item") or dig(data, "item_info") or data
    row = found if isinstance(found, dict) else {}
    shop = dig(data, "shop_detailed")
    has_id = row.get("itemid") or row.get("item_id")
    return ParsedPage(listings=(_good(row, page, shop if isinstance(shop, dict) else {}),) if has_id else ())


def _good(row: dict[str, object], page: Page, shop: dict[str, object]) -> Listing:
    item_id, shop_id = clean(row.get("itemid") or row.get("item_id")), clean(row.get("shopid") or row.get("shop_id"))
    name, place = (
        clean(row.get("shop_name") or shop.get("name")),
        clean(row.get("shop_location") or shop.get("shop_location")),
    )
    pairs = ((clean(a.get("name")), clean(a.get("value"))) for a in rows(row, "attributes"))
    amount = count(row.get("price") or row.get("price_min"))
    price = None if amount is None else amount // _PER_HUNDREDTH
    host = urlsplit(page.url).hostname or ""
    images = [row.get("image"), *_texts(row.get("images"))]
    return Listing(
        platform=PLATFORM,
        item_id=f"{shop_id}.{item_id}" if shop_id else item_id,
        title=clean(row.get("name") or row.get("title")),
        url=f"https://{host}/product/{shop_id}/{item_id}" if host and shop_id else "",
        attributes=tuple(dict.fromkeys((key, value) for key, value in pairs if key and value)),
        description=clean(row.get("description")),
        brand=clean(row.get("brand")),
        shop=Shop(name=name, shop_id=shop_id, region=place) if name else None,
        ship_from=place,
        category="/".join(clean(c.get("display_name")) for c in rows(row, "categories")),
        price_fen=price,
        currency=clean(row.get("currency")),
        sales=count(row.get("historical_sold") or row.get("sold")),
        image_urls=addresses("https:", [image for image in images if clean(image).startswith("http")]),
    )


def _texts(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _is_item(page: Page) -> bool:
    return page.is_json and page.platform == PLATFORM and ('"itemid"' in page.text or '"item_id"' in page.text)


PARSERS = (
    Parser(
        "shopee.results",
        1,
        lambda p: p.is_json and '"item_basic"' in p.text,
        read_results,
        gives="url attributes description brand shop ship_from category price currency sales images",
        is_search=True,
    ),
    Parser(
        "shopee.item",
        1,
        _is_item,
        read_item,
        gives="url attributes description brand shop ship_from category price currency sales images",
    ),
)
