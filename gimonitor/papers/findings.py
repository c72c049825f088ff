"""疑点 as a paper shows them: what the page, or a table, says, the law, what would clear them; the place of a register fact that nobody
has checked is a marked blank."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gimonitor.model.finding import Citation, Clearing, Finding, Place
from gimonitor.model.listing import Field, Listing
from gimonitor.papers.origins import Account, account_of, lack_of, stated_origins
from gimonitor.papers.words import yuan
from gimonitor.workflow.words import FIELDS, ORIGINS

_CONTEXT = 60
_AREA = "保护范围"
_PRICED, _SOLD = frozenset({"price"}), frozenset({"volume"})
"""Families of models over what a page asks, and over what it says it sold."""

RESULTS = {True: "仅此一处不作为疑点，不影响上列疑点", False: "未能消除疑点"}
"""What came of a legitimate reading, by whether it was decisive."""

_APART = frozenset(
    {
        "standard",
        "uscc",
        "sc-region",
        "price",
        "volume",
        "season",
        "abolished-claim",
        "agi-claim",
        "mark-duty",
        "keywords",
        "shop-name",
        "supply",
    }
)
"""Families whose reasons do not rest on the protected area, unless they name it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownFinding:
    """A finding ready to print. `before`, `words`, `after` are the listing's own text around the place.

    `open_facts` are the register's facts that it rests on and nobody has checked: `reason` then says what the page shows
    and leaves a marked blank where they would stand. `told` is the same to be read after the words and beside `origin`.
    """

    number: int
    model: str
    field: str
    position: str
    before: str
    words: str
    after: str
    origin: str
    reason: str
    told: str
    clears: str
    considered: tuple[str, ...]
    law: tuple[Citation, ...]
    open_facts: tuple[str, ...]


def unchecked(facts: Iterable[str]) -> str:
    """The mark of a blank for facts that a person must check first."""
    return f"（待核实：{'、'.join(fact.removesuffix('尚未核实') for fact in facts)}）"


def show_findings(listing: Listing, findings: Iterable[Finding]) -> tuple[ShownFinding, ...]:
    """Findings in order. What the page says is always told. A register fact that nobody has checked is a marked blank, and
    what was considered by it is left out, as is a citation that nobody has checked."""
    return tuple(_shown(number, listing, finding) for number, finding in enumerate(findings, 1))


def _shown(number: int, listing: Listing, finding: Finding) -> ShownFinding:
    before, after = context(listing, finding.place)
    facts = _rests_on(finding)
    of_area = [fact for fact in finding.unverified if _AREA in fact]
    return ShownFinding(
        number=number,
        model=f"{finding.model_id}@{finding.model_version}",
        field=_field(finding.place),
        position=_position(finding.place),
        before=before,
        words=finding.place.text,
        after=after,
        origin=unchecked(of_area) if of_area else ORIGINS[finding.origin],
        reason=_reason(listing, finding) if facts else finding.reason,
        told=_told(listing, finding) if facts else finding.reason,
        clears=finding.clears,
        considered=() if finding.unverified else tuple(f"{c.code}：{c.reason}" for c in finding.considered),
        law=tuple(citation for citation in finding.law if not citation.unverified),
        open_facts=facts,
    )


def _field(place: Place) -> str:
    if _is_in_picture(place):
        return f"商品图片（SHA-256 以 {'、'.join(place.key.split())} 开头）"
    return FIELDS[place.field] + (f"（{place.key}）" if place.key else "")


def _position(place: Place) -> str:
    return f"第 {place.start + 1}—{place.end} 字" if place.text and not _is_in_picture(place) else ""


def _is_in_picture(place: Place) -> bool:
    """True for what was seen or read in a picture, not in the text that a platform gives for pictures."""
    return place.field is Field.IMAGE_TEXT and bool(place.key)


def say_clearing(listing: Listing, clearing: Clearing) -> str:
    """A legitimate reading with the words that it is of, where the listing still has them."""
    place = clearing.place
    before, after = context(listing, place) if place else ("", "")
    if place is None or not (place.text and f"{before}{after}"):
        return clearing.reason
    return f"{clearing.reason}（{_field(place)}{_position(place)}：“{before}【{place.text}】{after}”）"


def _rests_on(finding: Finding) -> tuple[str, ...]:
    """The unchecked facts without which a finding's reason cannot be said: not the area's where it says nothing of it."""
    is_apart = finding.family in _APART and _AREA not in finding.reason
    return tuple(fact for fact in finding.unverified if not (is_apart and _AREA in fact))


def _reason(listing: Listing, finding: Finding) -> str:
    """What told of the offer says of a finding, and the blank for what the register would have to say."""
    words = " ".join(finding.place.text.split())
    shown = [f"{FIELDS[finding.place.field]}中有“{words}”"] if words else []
    shown += _page_says(listing, finding)
    return f"{'，'.join(shown)}；疑似涉及地理标志“{finding.gi_name}”{unchecked(finding.unverified)}。"


def _told(listing: Listing, finding: Finding) -> str:
    rest = [fact for fact in finding.unverified if _AREA not in fact]
    return f"{'，'.join(_page_says(listing, finding))}{f'；所用档案内容{unchecked(rest)}' if rest else ''}。"


def _page_says(listing: Listing, finding: Finding) -> list[str]:
    """What the page shows, or whatever else told of the offer."""
    account = account_of(listing)
    is_page = account in (Account.PAGE, Account.SAVED)
    shown, says = [], "标示" if is_page else "载明"
    if finding.family in _PRICED and listing.price_fen is not None:
        price = f"{yuan(listing.price_fen)}{'元' if listing.currency == 'CNY' else listing.currency}"
        shown.append(f"{account}{'标价' if is_page else '载明标价'}{price}")
        shown += [f"规格为“{listing.specification}”"] if listing.specification else []
    elif finding.family in _SOLD and listing.sales is not None:
        shown.append(f"{account}{'显示' if is_page else says}销量{listing.sales}件")
    stated = stated_origins(listing)
    shown.append(f"{account}{says}" + "、".join(f"{label}为“{text}”" for label, text in stated))
    if not stated:
        shown[-1] = lack_of(listing, "origin")
    if listing.ship_from and not stated:
        shown.append(f"发货地为“{listing.ship_from}”")
    return shown


def context(listing: Listing, place: Place) -> tuple[str, str]:
    """The text before and after a place in its field, cut to what a reader needs; empty where the field changed."""
    for field, key, text in listing.texts():
        if (field, key) == (place.field, place.key) and text[place.start : place.end] == place.text:
            before, after = text[: place.start], text[place.end :]
            return (
                ("…" if len(before) > _CONTEXT else "") + before[-_CONTEXT:],
                after[:_CONTEXT] + ("…" if len(after) > _CONTEXT else ""),
            )
    return "", ""
