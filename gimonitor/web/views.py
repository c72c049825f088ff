"""Values made for the screen: what a template needs and nothing it would have to work out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gimonitor.model.lead import Decision, Resolution, State
from gimonitor.workflow.words import HIGH, MIDDLE


@dataclass(frozen=True, slots=True, kw_only=True)
class NavigationItem:
    """An entry of the main navigation."""

    path: str
    label: str
    count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoOffer:
    """What undoing the last decision needs."""

    lead_id: int
    version: int
    back: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Flash:
    """A sentence on top of the next page, with a link to what it speaks of where there is one. `kind` is good, warn or bad."""

    text: str
    kind: str = "good"
    undo: UndoOffer | None = None
    path: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLine:
    """One lead in a list."""

    id: int
    version: int
    path: str
    score: float
    gi_name: str
    title: str
    reason: str
    platform: str
    shop: str
    price_fen: int | None
    currency: str
    state: State
    resolution: Resolution | None
    holder: str
    first_seen: datetime
    back: Decision | None = None  # the act that gave it back

    @property
    def score_class(self) -> str:
        """How the score is coloured."""
        return score_class(self.score)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLine:
    """An evidence file or pack in a list; `path` is empty where it cannot be opened."""

    label: str
    at: datetime
    title: str = ""
    path: str = ""
    sha256: str = ""
    size: int | None = None
    who: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileGroup:
    """Evidence files taken at one moment by one person; nobody for the nightly collection."""

    at: datetime
    who: str
    files: list[FileLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotLine:
    """A screenshot: the picture and its thumbnail."""

    path: str
    thumbnail: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewTab:
    """A saved view of the queue."""

    path: str
    label: str
    current: bool


def score_class(score: float) -> str:
    """high, mid or nothing, for the colour of a score of 0–100."""
    return "high" if score >= HIGH else "mid" if score >= MIDDLE else ""
