"""What a listing says about the origin of its goods: single things, each with its weight, and what they come to."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from gimonitor.model.finding import Origin, Place

WRITTEN = 0.9  # what the seller's text says of the goods
LICENCE = 0.75  # the region in the number of a production licence
SEAT = 0.7  # the address of the maker, beside a stated origin
OPEN = 0.6  # a place in a text that may be said of something else


class OriginEvidence(NamedTuple):
    """One thing that speaks about origin: what it is in Chinese, its words, what it says, its weight, and how to find its place."""

    label: str
    text: str
    says: Origin
    weight: float
    where: Callable[[], Place] | None = None

    @property
    def place(self) -> Place | None:
        """Where it stands, if in a text of the listing; worked out only for what is shown."""
        return self.where() if self.where else None

    @property
    def is_stated(self) -> bool:
        """True for what the listing says of origin in words, unlike where goods are sent from."""
        return self.weight >= WRITTEN or self.weight == OPEN

    @property
    def is_seat_elsewhere(self) -> bool:
        """True for a licence of another place: it tells where its holder sits, and the goods may be from the area all the same."""
        return self.weight == LICENCE and self.says is Origin.OUTSIDE


class OriginVerdict(NamedTuple):
    """What the evidence comes to; `strength` in [0, 1] is that of the evidence that decided (0 for unknown)."""

    value: Origin
    strength: float
    evidence: tuple[OriginEvidence, ...]

    @property
    def said(self) -> frozenset[Origin]:
        """Everything that is said."""
        return frozenset([e.says for e in self.evidence])

    def saying(self, value: Origin) -> tuple[OriginEvidence, ...]:
        """The evidence for one value, the weightiest first."""
        return tuple([e for e in self.evidence if e.says is value])
