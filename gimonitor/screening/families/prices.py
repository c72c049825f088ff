"""Prices far below what goods under the name cost, and sales beyond what the area yields. P12, T2, T3 of the catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
from gimonitor.text.prices import is_open, weight_priced
from gimonitor.text.quantities import Quantity, quantity

_SAMPLE_GRAMS = 50
_TEXT = 400  # characters looked at
T = TypeVar("T")


def below_floor(case: Case, rule: Rule, law: Law) -> Iterator[Finding]:
    """The price per 500 g lies below a share of the register's floor. Weak alone."""
    listing = case.sheet.listing
    if case.shelf.has("coupons"):
        return  # the price may be that of the coupon
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
    named = (listing.title[:_TEXT], listing.specification[:_TEXT])
    if any(is_open(text) for text in stated) or _is_open_offer(case, (*stated, *named)):
        return None
    by_weight = [weight_priced(text) for text in stated] + [weight_priced(text, price) for text in named]
    for grams in filter(None, by_weight):
        return _Priced(grams, by_weight=True)
    amount = _quantity(case)
    if amount.is_choice or not amount.grams or amount.grams < _SAMPLE_GRAMS:
        return None
    return _Priced(amount.grams, by_weight=False)


def _is_open_offer(case: Case, texts: Iterable[str]) -> bool:
    """True where a text tells of a deposit, or of sizes to choose from."""
    open_offers = case.words.pattern("open-offers")
    return any(open_offers.search(fold_text(text)) for text in texts if text)


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
    """By the specification, else the title, else an attribute: 净含量 is that of one piece where the title tells how many.
    A choice where any of them names sizes to choose from."""
    listing = case.sheet.listing
    texts = [listing.specification, listing.title, *_values(case, "net-keys")]
    stated = [quantity(text[:_TEXT]) for text in texts if text]
    amount = next((amount for amount in stated if amount.grams), Quantity())
    return replace(amount, is_choice=any(one.is_choice for one in stated))


def _values(case: Case, group: str) -> list[str]:
    """The attributes whose names are of a group of words."""
    keys, sheet = case.words.words(group), case.sheet
    return [text[:_TEXT] for _, key, text in sheet.parts[sheet.attributes :] if is_one_of(key, keys)]


def _latest(facts: tuple[tuple[int, Fact[T]], ...], year: int) -> Fact[T] | None:
    known = [(y, fact) for y, fact in facts if y <= year]
    return max(known, key=lambda pair: pair[0])[1] if known else None


def _title_place(case: Case) -> Place | None:
    mention = case.best(frozenset(How)) or next(iter(case.all_mentions), None)
    if mention is None or mention.segment.field is Field.SHOP:
        return None
    return case.sheet.place(mention.start, mention.end)
