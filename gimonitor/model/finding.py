"""疑点: one explained suspicion, what was considered in favour of the seller, and the score made of them.

Values, never changed once made. What is made anew for every listing is not frozen, for it is filled in a third of the time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from gimonitor.model.enums import quick
from gimonitor.model.listing import Field


@quick
class Origin(StrEnum):
    """Whether the goods come from the protected area, as far as the listing tells."""

    INSIDE = "inside"
    OUTSIDE = "outside"
    UNKNOWN = "unknown"


@dataclass(unsafe_hash=True, slots=True, kw_only=True)
class Place:
    """Where something stands: `text` is `raw[start:end]` of that field, exactly as the listing shows it."""

    field: Field
    start: int
    end: int
    text: str
    key: str = ""  # the attribute's name, or the keyword's index


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A legal basis as it stood on the day of the act."""

    key: str
    instrument: str
    article: str
    text: str
    url: str
    unverified: bool = False


@dataclass(unsafe_hash=True, slots=True, kw_only=True)
class Clearing:
    """A legitimate reading that was considered. `decisive`: it removed the suspicion; else it only lowered it."""

    code: str  # N01 … N25 of the catalogue, or a model's own; empty where no model in force asks
    reason: str
    decisive: bool
    place: Place | None = None
    gi_id: str = ""


@dataclass(unsafe_hash=True, slots=True, kw_only=True)
class Finding:
    """One suspicion over one listing. The same value goes to the queue, the screen and the pack.

    `severity` and `confidence` lie in [0, 1]. `reason` is one Chinese sentence for the officer; `clears` says what
    would settle it in the seller's favour; `considered` the legitimate readings that were looked at and did not hold.
    `unverified` names facts used that nobody has checked.
    """

    model_id: str
    model_version: int
    family: str
    gi_id: str  # a GI's id, or a sign's
    gi_name: str
    place: Place
    reason: str
    clears: str
    severity: float
    confidence: float
    origin: Origin = Origin.UNKNOWN
    law: tuple[Citation, ...] = ()
    considered: tuple[Clearing, ...] = ()
    unverified: tuple[str, ...] = ()


@dataclass(unsafe_hash=True, slots=True, kw_only=True)
class ScoreTerm:
    """One factor of a score with what went into it, for the screen."""

    name: str  # severity, confidence, reach, history
    value: float
    inputs: str


@dataclass(unsafe_hash=True, slots=True, kw_only=True)
class Score:
    """0 … 100, the product of its terms times 100, rounded to one decimal."""

    total: float
    terms: tuple[ScoreTerm, ...]


@dataclass(unsafe_hash=True, slots=True, kw_only=True)
class Suspicion:
    """Everything found over one GI (or sign) in one listing: what becomes a lead."""

    gi_id: str
    gi_name: str
    findings: tuple[Finding, ...]
    score: Score


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What the store knows of an offer and of who stands behind it, as far as screening asks. All counts may be 0.

    `removals` counts listings of the same group that were taken down before; `confirmed` leads of the same subject that
    an officer confirmed, `penalties` those that ended in a penalty.
    """

    removals: int = 0
    leads: int = 0
    confirmed: int = 0
    penalties: int = 0

    @property
    def weighs(self) -> bool:
        """True where screening says something else than it does of a seller of whom nothing is known."""
        return bool(self.removals or self.confirmed or self.penalties)


@quick
class Stage(StrEnum):
    """How far a listing came in screening; recorded for every listing that raised nothing."""

    NO_NAME = "no_name"  # no protected name, variant or claim anywhere
    NOT_GOODS = "not_goods"  # a name, but other goods
    UNASKED = "unasked"  # a name in a form and a place that no model in force asks about
    CLEARED = "cleared"  # a legitimate reading held
    FLAGGED = "flagged"


@dataclass(unsafe_hash=True, slots=True, kw_only=True)
class Screening:
    """The result of screening one listing against one register on one day. Pure: same input, same output."""

    stage: Stage
    suspicions: tuple[Suspicion, ...]
    clearings: tuple[Clearing, ...]
    on: date
    register_digest: str
    reminders: tuple[Finding, ...] = ()  # about an authorised user: guidance, never a lead
