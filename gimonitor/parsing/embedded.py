"""Pages of known platforms whose shape nobody wrote down: the object in the page's own state or JSON whose number is that of the
address. What cannot be told from it is left out, a price above all: a bare number may be yuan or fen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from gimonitor.model.listing import Listing, Shop
from gimonitor.parsing.page import Page, ParsedPage, Parser
from gimonitor.parsing.platform import load_platforms
from gimonitor.parsing.state import inline_json
from gimonitor.parsing.values import addresses, clean, minor_units

_MARKERS = ("__INITIAL_STATE__", "__NEXT_DATA__", "__NUXT__", "__PRELOADED_STATE__", "__INIT_STATE__", "window.rawData", "window.pageData")  # fmt: skip
_IDS = ("itemid", "item_id", "goodsid", "goods_id", "productid", "product_id", "relitemid", "skuid", "sku_id", "id")
_TITLES = (
    "title",
    "itemtitle",
    "goodstitle",
    "goodsname",
    "goods_name",
    "productname",
    "product_name",
    "name",
    "subject",
)
_SHOPS = ("shopname", "shop_name", "mallname", "mall_name", "shoptitle", "storename", "sellername")
_PRICES = ("price", "zkfinalprice", "saleprice", "sale_price", "minprice", "min_price", "dealprice")
_IMAGES = ("images", "imgs", "imageurls", "image_urls", "itemimgurl", "goodsimageurl", "pics", "image", "imgurl")
_MAX_NODES = 50_000


def read_state(page: Page) -> ParsedPage:
    """One good, when exactly the address says which."""
    numbers = _numbers(page.url)
    if not numbers:
        return ParsedPage()
    for document in _documents(page):
        found = [node for node in _objects(document) if _value(node, _IDS) in numbers and _value(node, _TITLES)]
        if found:
            return ParsedPage(listings=(_listing(max(found, key=len), page),))
    return ParsedPage()


def _numbers(url: str) -> set[str]:
    """What may be the number of a good in an address."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return set()
    values = [value for name, value in parse_qsl(parts.query) if name.lower() in _IDS]
    values += re.findall(r"(?<![0-9a-zA-Z])[0-9a-f]{24}(?![0-9a-zA-Z])|(?<!\d)\d{6,25}(?!\d)", parts.path)
    return {value for value in values if len(value) >= 5}


def _documents(page: Page) -> Iterator[object]:
    if page.is_json:
        yield page.json
        return
    for marker in _MARKERS:
        if marker in page.text:
            yield inline_json(page.text, marker)


def _objects(document: object) -> Iterator[dict[str, object]]:
    """Objects at any depth, breadth first and bounded, their keys in lower case."""
    queue: list[object] = [document]
    for seen, item in enumerate(queue):
        if seen > _MAX_NODES:
            return
        if isinstance(item, list):
            queue.extend(item)
        elif isinstance(item, dict):
            queue.extend(item.values())
            yield {str(key).lower(): value for key, value in item.items()}


def _value(node: dict[str, object], names: tuple[str, ...]) -> str:
    return next((text for name in names if (text := clean(node.get(name)))), "")


def _listing(node: dict[str, object], page: Page) -> Listing:
    shop = _value(node, _SHOPS)
    stated = next((node[name] for name in _PRICES if isinstance(node.get(name), str) and "." in str(node[name])), None)
    price = minor_units(stated)
    images = next((node[name] for name in _IMAGES if node.get(name)), [])
    return Listing(
        platform=page.platform,
        item_id=_value(node, _IDS),
        title=_value(node, _TITLES),
        url=page.url,
        shop=Shop(name=shop) if shop else None,
        price_fen=price,
        image_urls=addresses(page.url, images),
    )


def _may_hold_one(page: Page) -> bool:
    return page.platform in load_platforms() and (page.is_json or any(marker in page.text for marker in _MARKERS))


PARSERS = (Parser("state", 1, _may_hold_one, read_state, gives="url shop price images origin"),)
