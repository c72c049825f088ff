"""What the practice marketplace offers on a day: goods and shops read from the two data files beside this module."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

import yaml

from gimonitor.model.listing import Listing, Shop, Subject

PLATFORM = "practice"
_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeShop:
    """An invented shop; `firm`, `uscc` and `address` are empty where the shop shows no licence."""

    id: str
    name: str
    region: str
    firm: str = ""
    uscc: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Good:
    """An invented offer with what screening has to say about it. `prices` maps a day to the price from that day on."""

    id: str
    shop: str
    title: str
    about: str
    price: float
    expect: str
    why: str
    spec: str = ""
    sales: int = 0
    origin: str = ""
    ship_from: str = ""
    brand: str = ""
    category: str = ""
    text: str = ""
    image: str = ""
    flavour: str = ""
    family: str = ""
    pattern: str = ""
    gi: str = ""
    same_as: str = ""
    days: str = ""
    when: date | None = None
    kw: tuple[str, ...] = ()
    attrs: tuple[tuple[str, str], ...] = ()
    prices: Mapping[int, float] = field(default_factory=dict)

    def is_offered(self, day: int) -> bool:
        """True when the good is on sale on `day` (1 is the first)."""
        first, dash, last = self.days.partition("-")
        return not dash or (day >= int(first or 1) and day <= int(last or day))

    def price_on(self, day: int) -> float:
        """Price in yuan on `day`."""
        return next((p for d, p in sorted(self.prices.items(), reverse=True) if d <= day), self.price)

    def is_found_by(self, query: str) -> bool:
        """True when the marketplace's search lists the good under `query`: by its subject or by every word in its text."""
        if query in self.about.split(";"):
            return True
        text = " ".join((self.title, self.brand, *self.kw)).casefold()
        return bool(query.split()) and all(word.casefold() in text for word in query.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """All goods and shops of the practice marketplace."""

    goods: Mapping[str, Good]
    shops: Mapping[str, PracticeShop]

    def search(self, query: str, day: int) -> list[Good]:
        """Goods found by `query` on `day`, best sellers first."""
        found = [g for g in self.goods.values() if g.is_offered(day) and g.is_found_by(query)]
        return sorted(found, key=lambda g: (-g.sales, g.id))

    def fuzzy(self, query: str, day: int) -> list[Good]:
        """Goods that share a character with `query`: what a marketplace shows instead of an empty page."""
        shared = [g for g in self.goods.values() if g.is_offered(day) and set(query) & set(g.title)]
        return (shared or [g for g in self.goods.values() if g.is_offered(day)])[:12]

    def of_shop(self, shop_id: str, day: int) -> list[Good]:
        """Goods of a shop on `day`."""
        return [g for g in self.goods.values() if g.shop == shop_id and g.is_offered(day)]

    def listing(self, good: Good, *, base: str = "http://127.0.0.1", day: int = 1) -> Listing:
        """The Listing that a right parser makes of the good's page; circumstances (query, rank, time) are left empty."""
        shop = self.shops[good.shop]
        subject = Subject(name=shop.firm, uscc=shop.uscc, address=shop.address) if shop.firm else None
        return Listing(
            platform=PLATFORM,
            item_id=good.id,
            title=good.title,
            url=f"{base}/item/{good.id}.html",
            attributes=attributes_of(good),
            description=good.text,
            keywords=good.kw,
            brand=good.brand,
            shop=Shop(
                name=shop.name, shop_id=shop.id, url=f"{base}/shop/{shop.id}", region=shop.region, subject=subject
            ),
            origin=dict(good.attrs).get("产地", good.origin),
            ship_from=good.ship_from or shop.region,
            category=good.category,
            price_fen=round(good.price_on(day) * 100),
            specification=good.spec,
            sales=good.sales,
            image_urls=(f"{base}/image/{good.same_as or good.id}.png",),
        )


def attributes_of(good: Good) -> tuple[tuple[str, str], ...]:
    """The rows of the table of attributes on the good's page."""
    rows = (("品牌", good.brand), ("产地", good.origin), ("规格", good.spec))
    own = {name for name, _ in good.attrs}
    return tuple((name, text) for name, text in rows if text and name not in own) + good.attrs


@cache
def load_catalogue() -> Catalogue:
    """Read the two data files once."""
    goods = [_good(row) for row in yaml.safe_load((_HERE / "goods.yml").read_text(encoding="utf-8"))]
    shops = [PracticeShop(**row) for row in yaml.safe_load((_HERE / "shops.yml").read_text(encoding="utf-8"))]
    return Catalogue(goods={g.id: g for g in goods}, shops={s.id: s for s in shops})


def _good(row: dict[str, object]) -> Good:
    values: dict[str, object] = dict(row)
    attrs, words = row.get("attrs", {}), row.get("kw", [])
    assert isinstance(attrs, dict) and isinstance(words, list)
    values["attrs"] = tuple((str(name), str(text)) for name, text in attrs.items())
    values["kw"] = tuple(str(word) for word in words)
    values["days"] = str(row.get("days", ""))
    return Good(**values)  # type: ignore[arg-type]  # the data file's types are checked by a test
