"""One offer on one platform, as it was observed, and who offers it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from operator import attrgetter

import orjson

from gimonitor.model.enums import quick


@quick
class Field(StrEnum):
    """Where in a listing a piece of text stood."""

    TITLE = "title"
    SUBTITLE = "subtitle"
    ATTRIBUTES = "attributes"
    DESCRIPTION = "description"
    KEYWORDS = "keywords"
    SHOP = "shop"
    BRAND = "brand"
    IMAGE_TEXT = "image_text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The legal person behind a shop. `uscc` is the 18-character 统一社会信用代码 as shown, unchecked."""

    name: str
    uscc: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A shop on a platform. `shop_id` is the platform's own id; empty where the page does not show one."""

    name: str
    shop_id: str = ""
    url: str = ""
    region: str = ""
    subject: Subject | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One observation of an offer. All text is raw, as shown; normalising is the business of `gimonitor.text`.

    `platform` and `item_id` together are the key. `price_fen` is the lowest shown price in fen (1/100 yuan) where
    `currency` is CNY, else in 1/100 of that currency. `origin` is what the page states as 产地, `ship_from` as 发货地.
    `sales` is the number the page shows, whatever period it means. `observed_at` is aware UTC.
    `parser` names what made the value (`practice.item@1`); `missing` names fields it looked for in vain.
    """

    platform: str
    item_id: str
    title: str
    url: str = ""
    subtitle: str = ""
    attributes: tuple[tuple[str, str], ...] = ()
    description: str = ""
    keywords: tuple[str, ...] = ()
    brand: str = ""
    shop: Shop | None = None
    origin: str = ""
    ship_from: str = ""
    category: str = ""
    price_fen: int | None = None
    currency: str = "CNY"
    specification: str = ""
    sales: int | None = None
    image_urls: tuple[str, ...] = ()
    image_text: str = ""
    source: str = ""
    query: str = ""
    rank: int | None = None
    observed_at: datetime | None = None
    parser: str = ""
    missing: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """(platform, item_id): the same offer keeps it over all its versions."""
        return (self.platform, self.item_id)

    def texts(self) -> Iterator[tuple[Field, str, str]]:
        """Yield (field, key, text) of every non-empty text; `key` is the attribute's name, the keyword's index, or ""."""
        plain = (
            (Field.TITLE, self.title),
            (Field.SUBTITLE, self.subtitle),
            (Field.BRAND, self.brand),
            (Field.SHOP, self.shop.name if self.shop else ""),
            (Field.DESCRIPTION, self.description),
            (Field.IMAGE_TEXT, self.image_text),
        )
        for field, text in plain:
            if text:
                yield field, "", text
        for name, text in self.attributes:
            if text:
                yield Field.ATTRIBUTES, name, text
        for index, text in enumerate(self.keywords):
            if text:
                yield Field.KEYWORDS, str(index), text

    def digest(self) -> str:
        """SHA-256 in hex over what the seller shows; how and when it was found does not count."""
        shop = self.shop
        content = [None if shop is None else (shop.name, shop.shop_id, shop.region), *_SHOWN(self)]
        try:
            packed = orjson.dumps(content)
        except TypeError:  # a lone surrogate, or a number of more than 64 bits
            packed = json.dumps(content, ensure_ascii=False).encode("utf-8", "surrogatepass")
        return hashlib.sha256(packed).hexdigest()


_CIRCUMSTANCES = frozenset({"source", "query", "rank", "observed_at", "parser", "missing", "url", "sales"})
_SHOWN = attrgetter(*sorted({f.name for f in fields(Listing)} - _CIRCUMSTANCES - {"shop"}))
