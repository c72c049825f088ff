"""脱敏: personal data of people who are no party out of what leaves the house, with a record of what was taken out.

Text that we write down is masked. Sealed bytes are not: changing them would end their worth as evidence; what they may
hold is looked for, and what holds any is kept back (`gimonitor.papers.personal`), and so is every page that somebody saved, of which a copy
without them goes out (`gimonitor.papers.extract`). Which parts go to which addressee
stands in rules/platforms/addressees.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from gimonitor.papers.addressees import PARTS, Part, Policy
from gimonitor.papers.extract import NOT_COPIED, MaskedCopy
from gimonitor.papers.words import say_gap
from gimonitor.store.captures import StoredCapture
from gimonitor.store.leads import LeadRecord
from gimonitor.text.personal import find_personal

UNSEEN = "由人员交来的图片或者录像，没有用软件查看其中是否含有个人信息"


@dataclass(slots=True)
class Masker:
    """Masks texts and counts what it took out, by place and kind; and remembers sealed files that were kept back."""

    policy: Policy
    taken: Counter[tuple[str, str]] = field(default_factory=Counter)
    kept_back: list[dict[str, object]] = field(default_factory=list)
    pages: list[dict[str, object]] = field(default_factory=list)
    copies: list[dict[str, object]] = field(default_factory=list)
    unseen: list[dict[str, object]] = field(default_factory=list)

    def text(self, text: str, place: str, label: str = "") -> str:
        """The text with personal data covered; `label` is what stands beside it, such as the name of an attribute."""
        for kind, start, end in sorted(find_personal(text, label), key=lambda hit: -hit[1]):
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

    def keep_back(self, name: str, kept: StoredCapture, why: str, found: Mapping[str, int] | None = None) -> None:
        """Remember that a sealed file, or a record of one, is not in the pack, and where the house keeps it."""
        self.kept_back.append(
            {"file": name, "sha256": kept.sha256, "kept_at": kept.file, "why": why, "found": dict(found or {})}
        )

    def of_page(self, folder: str, url: str, covered: Sequence[object], gaps: Sequence[str]) -> None:
        """Remember what was covered on a page before it was photographed, and what could not be."""
        said = [say_gap(gap) for gap in gaps if gap.startswith("buyers' data")]
        self.pages.append({"capture": folder, "url": url, "covered": list(covered), "not_covered": said})

    def copied(self, name: str, kept: StoredCapture, copy: MaskedCopy) -> None:
        """Remember the masked copy that goes out instead of a file that was kept back."""
        self.copies.append(
            {
                "file": name,
                "made_of": {"name": str(kept.detail.get("name", "")), "sha256": kept.sha256},
                "covered": list(copy.covered),
                "not_covered": [say_gap(gap) for gap in copy.not_covered],
                "left_out": NOT_COPIED,
            }
        )

    def not_looked_at(self, name: str, kept: StoredCapture) -> None:
        """Remember a picture or recording that goes out as somebody handed it in."""
        self.unseen.append({"file": name, "sha256": kept.sha256, "why": UNSEEN})

    def record(self) -> dict[str, object]:
        """By which policy the pack was made, what was covered and what was left out, to be put into the pack."""
        return {
            "addressee": self.policy.name,
            "policy": self.policy.id,
            "why": self.policy.why,
            "parts_left_out": [PARTS[part] for part in self.policy.omit],
            "covered": [{"place": place, "kind": kind, "count": n} for (place, kind), n in sorted(self.taken.items())],
            "kept_back": self.kept_back,
            "pages": self.pages,
            "masked_copies": self.copies,
            "not_looked_at": self.unseen,
        }


def mask_record(record: LeadRecord, policy: Policy) -> tuple[LeadRecord, Masker]:
    """A lead with personal data in the seller's text covered, without the parts that an addressee has no need of, and
    the masker that says what was covered. To be done before anything is written from the record."""
    masker = Masker(policy)
    listing = record.suspected
    covered = replace(
        listing,
        title=masker.text(listing.title, "title"),
        subtitle=masker.text(listing.subtitle, "subtitle"),
        description=masker.text(listing.description, "description"),
        image_text=masker.text(listing.image_text, "image_text"),
        attributes=tuple((name, masker.text(text, f"attributes.{name}", name)) for name, text in listing.attributes),
        keywords=tuple(masker.text(text, "keywords") for text in listing.keywords),
    )
    findings = tuple(
        replace(
            f, place=replace(f.place, text=masker.text(f.place.text, "finding")), reason=masker.text(f.reason, "reason")
        )
        for f in record.findings
    )
    decisions = () if Part.DECISIONS in policy.omit else record.decisions
    clearings = () if Part.CLEARINGS in policy.omit else record.clearings
    captures = tuple(
        replace(c, detail=c.detail | {name: masker.text(str(c.detail[name]), "look") for name in ("told", "changed")})
        if "told" in c.detail and "changed" in c.detail
        else c
        for c in record.captures
    )
    masked = replace(
        record, suspected=covered, findings=findings, decisions=decisions, clearings=clearings, captures=captures
    )
    return masked, masker
