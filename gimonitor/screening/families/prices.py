"""Prices far below what goods under the name cost, and sales beyond what the area yields. P12, T2, T3 of the catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeVar

from gimonitor.model.finding import Finding, Place
from gimonitor.model.listing import Field
from gimonitor.model.register import Certainty, Fact
from gimonitor.screening.case import Case
from gimonitor.screening.explain import Law, Rule, finding
from gimonitor.screening.mentions import How
from gimonitor.text.keys import is_one_of
from gimonitor.text.normalise import fold_text
from gimonitor.text.prices import (
    is_by_pack,
    is_of_part,
    is_open,
    is_rate,
    prices_by_weight,
    sold_by,
    unit_priced,
)
from gimonitor.text.quantities import Quantity, amounts_beside, quantity

_SAMPLE_GRAMS = 50
_TEXT, _STORY = 400, 2_000  # characters looked at, of a description
_SUM, _OF_PRICE = re.compile(r"[1-9]"), re.compile("链接?|价")
_UNIT_OF_KEY = re.compile(r"[（(]\s*(?P<unit>kg|g|千克|公斤|克|斤)\s*[)）]", re.IGNORECASE)
_NUMBER = re.compile(r"\s*\d+(?:\.\d+)?\s*")
T = TypeVar("T")


def below_floor(case: Case, rule: Rule, law: Law) -> Iterator[Finding]:
    """The price per 500 g lies below a share of the register's floor. Weak alone."""
    listing = case.sheet.listing
    if case.shelf.has("coupons") or not case.is_like:
        return  # the price may be that of the coupon, or is that of a bag for the goods
    floor = _latest(case.profile.gi.price_floors_fen, case.on.year)
    if listing.price_fen is None or floor is None or listing.currency != "CNY":
        return
    priced = _priced(case, listing.price_fen)
    if priced is None:
        return
    unit = listing.price_fen * 500 // priced.grams
    share = rule.number("share", 0.6)
    place = _title_place(case)
    if place is None or unit <= 0 or unit >= floor.value * share:
        return
    price, low, least = f"{listing.price_fen / 100:.2f}", f"{unit / 100:.2f}", f"{floor.value / 100:.2f}"
    reason = (
        f"标价折合每500克{low}元，低于参考价每500克{least}元的{share:.0%}（标价{price}元，每{priced.grams}克）；试用装、券后价应当另看。"
        if priced.by_weight
        else f"标价折合每500克{low}元，低于参考价每500克{least}元的{share:.0%}（标价{price}元，{priced.grams}克）；试用装、券后价应当另看。"
    )
    notes = (f"“{case.profile.gi.name}”的参考价格尚未核实",) if floor.certainty is Certainty.UNVERIFIED else ()
    yield finding(rule, case, law, place, reason, rule.number("confidence", 0.35), unverified=notes)


class _Priced(NamedTuple):
    """The grams that a price is for, `by_weight` where it is that of a unit of weight and not of the offer."""

    grams: int
    by_weight: bool


def _priced(case: Case, price: int) -> _Priced | None:
    """What the price is the price of; None where that is not certain: a deposit, one of several prices or sizes, a sample."""
    listing = case.sheet.listing
    stated = _values(case, "price-keys")
    named = [text[:_TEXT] for text in (listing.title, listing.subtitle, listing.specification)]
    if any(map(is_open, stated)) or _is_open_offer(case, (*stated, *_values(case, "payment-keys"), *named)):
        return None
    told = [_without_conditions(case, text) for text in (*named, listing.description[:_STORY])]
    grams = _priced_weight(stated, told, price)
    if grams:
        return _Priced(grams, by_weight=True)
    amount = _quantity(case)
    is_vague = any(map(is_rate, stated)) or any(map(is_of_part, named)) or _is_bulk(case, named)
    if is_vague or amount.is_choice or not amount.grams or amount.grams < _SAMPLE_GRAMS:
        return None
    packed = amount.pack_grams if any(map(is_by_pack, stated)) else None
    return _Priced(packed or amount.grams, by_weight=False)


def _priced_weight(stated: Sequence[str], told: Sequence[str], price: int) -> int | None:
    """The grams that the price is said to be for, `9元/斤`, or of the unit that goods are sold by, unless another price of a unit is
    named: a shop that says `每斤不到3元` of 10 斤 at 29.9 sells 10 斤."""
    prices = [one for text in (*stated, *told) for one in prices_by_weight(text)]
    same = next(filter(None, (one.weight_at(price) for one in prices)), None)
    if same or any(one.is_of_unit for one in prices):
        return same
    return next(filter(None, (*map(unit_priced, stated), *map(sold_by, told))), None)


def _is_open_offer(case: Case, texts: Iterable[str]) -> bool:
    """True where a text tells of a deposit, or of sizes to choose from; `免定金` does not."""
    open_offers, others = case.words.pattern("open-offers"), case.words.pattern("open-offer-exceptions")
    if any(_SUM.search(text) for text in _values(case, "open-offers")) or _is_told_open(case):
        return True
    return any(open_offers.search(others.sub("", fold_text(text))) for text in texts if text)


def _is_told_open(case: Case) -> bool:
    """True where the description says of the price that it is a deposit: 此链接为定金."""
    text, soon = fold_text(case.sheet.listing.description[:_STORY]), case.words.soon("open-offers")
    return any(soon.match(text, found.end()) for found in _OF_PRICE.finditer(text))


def _is_bulk(case: Case, texts: Iterable[str]) -> bool:
    """True where the least that one may buy is told by weight, as where goods are sold by it: 10斤起批. Packs are none: 2袋起批."""
    words, orders = case.words, _values(case, "order-keys")
    before, after = words.ending("order-keys"), words.pattern("least-orders")
    stated = ("".join(text.split()) for text in (*texts, *_values(case, "net-keys")))
    return any(amounts_beside(text, before, after) for text in stated) or any(quantity(text).grams for text in orders)


def beyond_output(case: Case, rule: Rule, law: Law) -> Iterator[Finding]:
    """Shown sales times weight exceed a share of the whole area's yearly output."""
    listing = case.sheet.listing
    if not listing.sales or not case.profile.gi.output_tonnes:
        return
    amount = _quantity(case)
    known = _latest(case.profile.gi.output_tonnes, case.on.year)
    place = _title_place(case)
    if known is None or amount.is_choice or not amount.grams or place is None:
        return
    sold = listing.sales * amount.grams / 1_000_000
    if sold <= known.value * rule.number("share", 0.2):
        return
    reason = f"显示销量{listing.sales}件、每件{amount.grams}克，约{sold:.0f}吨；该地理标志年产量约{known.value:.0f}吨。"
    notes = (f"“{case.profile.gi.name}”的产量尚未核实",) if known.certainty is Certainty.UNVERIFIED else ()
    yield finding(rule, case, law, place, reason, rule.number("confidence", 0.4), unverified=notes)


def _quantity(case: Case) -> Quantity:
    """By title, specification and attributes: the least of them where they contradict each other, but 净含量 is that of one piece
    where the title tells how many. A choice where any of them names sizes to choose from."""
    listing = case.sheet.listing
    title, subtitle, specification, *stated = (
        quantity(_without_conditions(case, text[:_TEXT]))
        for text in (listing.title, listing.subtitle, listing.specification, *_values(case, "net-keys"))
    )
    of_one = {title.pack_grams, title.each_grams}
    stated = [subtitle, *stated]
    weighed = [one for one in (title, specification, *(one for one in stated if one.grams not in of_one)) if one.grams]
    least = min(weighed, key=lambda one: one.grams or 0, default=Quantity())
    return replace(least, is_choice=any(one.is_choice for one in (title, specification, *stated)))


def _without_conditions(case: Case, text: str) -> str:
    """The text without weights that are no content of the offer: 满10斤减5元, 限购10斤, 亩产1000斤, 500斤一亩."""
    spans = amounts_beside(text, case.words.ending("measures-after"), case.words.pattern("measures-before"))
    for start, end in reversed(spans):
        text = f"{text[:start]} {text[end:]}"
    return text


def _values(case: Case, group: str) -> list[str]:
    """The attributes whose names are of a group of words, with the unit that a name has for its number: 净含量(g)=500."""
    keys, sheet = case.words.words(group), case.sheet
    named = [(key, text[:_TEXT]) for _, key, text in sheet.parts[sheet.attributes :] if is_one_of(key, keys)]
    return [
        text + unit["unit"] if _NUMBER.fullmatch(text) and (unit := _UNIT_OF_KEY.search(key)) else text
        for key, text in named
    ]


def _latest(facts: tuple[tuple[int, Fact[T]], ...], year: int) -> Fact[T] | None:
    known = [(y, fact) for y, fact in facts if y <= year]
    return max(known, key=lambda pair: pair[0])[1] if known else None


def _title_place(case: Case) -> Place | None:
    mention = case.best(frozenset(How)) or next(iter(case.all_mentions), None)
    if mention is None or mention.segment.field is Field.SHOP:
        return None
    return case.sheet.place(mention.start, mention.end)
