"""疑点 as a paper shows them: the words in their context, the law, what would clear them; unverified facts left out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gimonitor.model.finding import Citation, Finding, Origin, Place
from gimonitor.model.listing import Listing
from gimonitor.workflow.words import FIELDS, ORIGINS

WITHHELD = "此项疑点的说明涉及尚未核实的事实，未列入对外材料；核实后另行补充。"
_CONTEXT = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownFinding:
    """A finding ready to print. `before`, `words`, `after` are the listing's own text around the place."""

    number: int
    model: str
    field: str
    before: str
    words: str
    after: str
    origin: str
    reason: str
    clears: str
    considered: tuple[str, ...]
    law: tuple[Citation, ...]
    withheld: bool


def show_findings(listing: Listing, findings: Iterable[Finding]) -> tuple[ShownFinding, ...]:
    """Findings in order. What rests on a fact nobody has checked keeps its place and words and loses its explanation,
    the judgement of its origin and what was considered; a citation that nobody has checked is left out."""
    return tuple(_shown(number, listing, finding) for number, finding in enumerate(findings, 1))


def _shown(number: int, listing: Listing, finding: Finding) -> ShownFinding:
    before, after = context(listing, finding.place)
    withheld = bool(finding.unverified)
    return ShownFinding(
        number=number,
        model=f"{finding.model_id}@{finding.model_version}",
        field=FIELDS[finding.place.field] + (f"（{finding.place.key}）" if finding.place.key else ""),
        before=before,
        words=finding.place.text,
        after=after,
        origin=ORIGINS[Origin.UNKNOWN if withheld else finding.origin],
        reason=WITHHELD if withheld else finding.reason,
        clears="" if withheld else finding.clears,
        considered=() if withheld else tuple(f"{c.code}：{c.reason}" for c in finding.considered),
        law=tuple(citation for citation in finding.law if not citation.unverified),
        withheld=withheld,
    )


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
