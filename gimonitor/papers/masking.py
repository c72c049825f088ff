"""脱敏: personal data of people who are no party out of what leaves the house, with a record of what was taken out.

Text that we write down is masked. Sealed bytes are not: changing them would end their worth as evidence; what they may
hold is said in the pack. Which parts go to which addressee stands in `OMITTED`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from gimonitor.papers.kinds import PackKind
from gimonitor.store.leads import LeadRecord

OMITTED: dict[PackKind, frozenset[str]] = {
    PackKind.LEAD: frozenset(),
    PackKind.COMPLAINT: frozenset({"decisions"}),  # who judged inside the house is nobody's business at a platform
    PackKind.TRANSFER: frozenset(),
    PackKind.ASSISTANCE: frozenset({"decisions"}),
    PackKind.REMINDER: frozenset({"decisions"}),
}

_MOBILE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)")
_IDENTITY = re.compile(
    r"(?<![0-9A-Za-z])\d{6}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![0-9A-Za-z])"
)
_CARD = re.compile(r"(?<!\d)(?:\d[ -]?){15,18}\d(?!\d)")
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(slots=True)
class Masker:
    """Masks texts and counts what it took out, by place and kind."""

    taken: Counter[tuple[str, str]] = field(default_factory=Counter)

    def text(self, text: str, place: str) -> str:
        """The text with telephone numbers, identity numbers, bank cards and e-mail addresses covered."""
        for kind, start, end in sorted(find_personal(text), key=lambda hit: -hit[1]):
            self.taken[place, kind] += 1
            text = f"{text[:start]}〈{kind}已脱敏〉{text[end:]}"
        return text

    def value(self, value: object, place: str = "") -> object:
        """The same for everything inside lists and mappings."""
        if isinstance(value, str):
            return self.text(value, place)
        if isinstance(value, Mapping):
            return {name: self.value(item, f"{place}.{name}".strip(".")) for name, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.value(item, place) for item in value]
        return value

    def record(self) -> list[dict[str, object]]:
        """What was covered, to be put into the pack."""
        return [{"place": place, "kind": kind, "count": n} for (place, kind), n in sorted(self.taken.items())]


def mask_record(record: LeadRecord, kind: PackKind) -> tuple[LeadRecord, Masker]:
    """A lead with personal data in the seller's text covered, without the parts that an addressee has no need of, and
    the masker that says what was covered. To be done before anything is written from the record."""
    masker = Masker()
    listing = record.suspected
    covered = replace(
        listing,
        title=masker.text(listing.title, "title"),
        subtitle=masker.text(listing.subtitle, "subtitle"),
        description=masker.text(listing.description, "description"),
        image_text=masker.text(listing.image_text, "image_text"),
        attributes=tuple((name, masker.text(text, f"attributes.{name}")) for name, text in listing.attributes),
        keywords=tuple(masker.text(text, "keywords") for text in listing.keywords),
    )
    findings = tuple(
        replace(
            f, place=replace(f.place, text=masker.text(f.place.text, "finding")), reason=masker.text(f.reason, "reason")
        )
        for f in record.findings
    )
    decisions = () if "decisions" in OMITTED[kind] else record.decisions
    return replace(record, suspected=covered, findings=findings, decisions=decisions), masker


def find_personal(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield (kind, start, end) of personal data, none overlapping another. Codes of firms (USCC) are not personal."""
    covered: list[tuple[int, int]] = []
    for kind, pattern, holds in (
        ("身份证号", _IDENTITY, _is_identity),
        ("银行卡号", _CARD, _is_card),
        ("电话号码", _MOBILE, lambda _: True),
        ("电子邮箱", _MAIL, lambda _: True),
    ):
        for hit in pattern.finditer(text):
            start, end = hit.span()
            if holds(hit[0]) and not any(a < end and start < b for a, b in covered):
                covered.append((start, end))
                yield kind, start, end


def _is_identity(text: str) -> bool:
    """GB 11643: a real date and the check character. No province's code begins with 9, as most firms' codes do."""
    try:
        date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    remainder = sum(int(digit) * weight for digit, weight in zip(text[:17], _WEIGHTS, strict=True)) % 11
    return text[17].upper() == "10X98765432"[remainder] and text[0] != "9"


def _is_card(text: str) -> bool:
    digits = [int(c) for c in text if c.isdigit()]
    doubled = [d if i % 2 == 0 else d * 2 - 9 * (d > 4) for i, d in enumerate(reversed(digits))]
    return text[0] in "3456" and sum(doubled) % 10 == 0 and len(set(digits)) > 1
