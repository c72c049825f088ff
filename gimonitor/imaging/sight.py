"""A mark with all that is known around it, and the faults that may be told of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from gimonitor.imaging.beside import Spot, is_in_row, is_next_to, stands_beside
from gimonitor.imaging.marks import Box, FoundMark, Mark
from gimonitor.imaging.reading import Line
from gimonitor.imaging.sayings import Said, Saying
from gimonitor.model.register import GI, AuthorisedUser, Kind, Register

_PRINTERS, _DISTRIBUTORS = "printers", "distributors"  # groups of words for whose codes stand on a package, too


class FaultKind(StrEnum):
    """What may be missing or wrong beside a mark."""

    USCC_ABSENT = "uscc_absent"
    USCC_INVALID = "uscc_invalid"
    USCC_UNKNOWN = "uscc_unknown"
    USCC_OTHER_GI = "uscc_other_gi"
    EXPIRED = "expired"
    NAME_ABSENT = "name_absent"
    NUMBER_ABSENT = "number_absent"
    NUMBER_OTHER = "number_other"
    ABOLISHED = "abolished"
    PROOF = "proof"  # nothing wrong is seen, but the picture cannot tell
    SIMILAR = "similar"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing missing or wrong: a Chinese sentence for the officer, where in the picture, how sure; `duty` as the register holds it."""

    kind: FaultKind
    mark: Mark
    reason: str
    box: Box
    confidence: float
    gi_id: str = ""
    duty: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Sight:
    """A mark with all that is known around it."""

    mark: FoundMark
    here: tuple[Said, ...]
    elsewhere: tuple[Said, ...]
    register: Register
    on: date
    seen_on: date
    lines: tuple[Line, ...]
    unreadable: str  # why nobody can say what is missing beside the mark; "" where it could have been read
    has_current: bool  # the picture shows the mark of today, too

    def saying(self, *kinds: Saying) -> tuple[Said, ...]:
        """What is said of some kinds, here first, then in the other pictures."""
        return tuple(s for s in (*self.here, *self.elsewhere) if s.kind in kinds)

    def spot(self, said: Said) -> Spot:
        """Where something said stands from the mark."""
        if said not in self.here:
            return Spot.OTHER_PICTURE
        return Spot.BESIDE if stands_beside(said.box, self.mark.box) else Spot.APART

    @property
    def made_on(self) -> tuple[date, ...]:
        """The days of production that are said, none after the day on which the goods were seen."""
        days = (date.fromisoformat(said.value) for said in self.saying(Saying.MADE_ON))
        return tuple(day for day in days if day <= self.seen_on)

    @property
    def codes(self) -> tuple[Said, ...]:
        """The credit codes that hold, of the nearest spot with one of a user, else of the nearest; no printer's."""
        held = [s for s in self.saying(Saying.USCC) if self.holds(s) and not self.is_printers(s)]
        spots = [at for spot in Spot if (at := tuple(s for s in held if self.spot(s) is spot))]
        listed = (at for at in spots if any(self.users_with(s.value) for s in at))
        return next(listed, spots[0] if spots else ())

    def holds(self, code: Said) -> bool:
        """True for a code as it was read, or put right to that of a listed user; put right to any other it is a guess."""
        return bool(code.valid) and (not code.repaired or bool(self.users_with(code.value)))

    def is_printers(self, code: Said) -> bool:
        """True for a code in a line that names whoever printed the package, who is no user of the mark."""
        return self._names(_PRINTERS, code.text) and not self.users_with(code.value)

    def may_be_printers(self, code: Said) -> bool:
        """True too where such a word stands in the line before, after, above or below: whose code it is nobody can say then."""
        if self.is_printers(code):
            return True
        if code not in self.here or self.users_with(code.value):
            return False
        return any(self._names(_PRINTERS, line.text) for line in self.lines if is_next_to(code.box, line.box))

    def is_distributors(self, code: Said) -> bool:
        """True for a code in a line that names who sells the goods; it needs no word where that of a user stands beside the mark."""
        return self._names(_DISTRIBUTORS, code.text)

    def parts(self, part: Saying, *whole: Saying) -> tuple[Said, ...]:
        """Print that could be a part of something; no label beside which the whole was read."""
        there = [s.box for s in self.here if s.kind in whole]
        parts = (s for s in self.here if s.kind is part)
        return tuple(
            s for s in parts if s.value or not any(is_next_to(s.box, box) or is_in_row(s.box, box) for box in there)
        )

    def _names(self, group: str, text: str) -> bool:
        return any(word.text in text for word in self.register.words if word.group == group)

    def users_with(self, code: str) -> tuple[AuthorisedUser, ...]:
        """The listed users with a credit code."""
        return tuple(u for u in self.register.users if u.uscc and u.uscc == code)

    @property
    def users(self) -> tuple[AuthorisedUser, ...]:
        """The listed users whose codes are shown."""
        codes = {s.value for s in self.codes}
        return tuple(u for u in self.register.users if u.uscc and u.uscc in codes)

    @property
    def gis(self) -> tuple[GI, ...]:
        """The GIs named in the picture, else those of the users shown."""
        named = [s.key for s in self.saying(Saying.GI_NAME)] or [u.gi_id for u in self.users]
        return tuple(self.register.gi(key) for key in dict.fromkeys(named))

    @property
    def is_foreign(self) -> bool:
        """True for the mark of a foreign GI."""
        return self._any_foreign(self.gis)

    @property
    def may_be_foreign(self) -> bool:
        """True too where only a doubtful name is of a foreign GI (干邑白兰地)."""
        doubtful = [self.register.gi(said.key) for said in self.saying(Saying.DOUBTFUL_NAME)]
        return self._any_foreign(self.gis or doubtful)

    def _any_foreign(self, gis: Sequence[GI]) -> bool:
        return any(p.kind.value is Kind.FOREIGN for gi in gis for p in gi.protections_on(self.on))

    def fault(self, kind: FaultKind, reason: str, share: float, duty: str = "", at: Said | None = None) -> Fault:
        """A fault of this mark: `share` of its confidence, a word of the `duty` it fails, what was read and where."""
        gis = self.gis
        return Fault(
            kind=kind,
            mark=self.mark.mark,
            reason=reason,
            box=at.box if at in self.here else self.mark.box,
            confidence=round(self.mark.confidence * share, 3),
            gi_id=gis[0].id if len(gis) == 1 else "",
            duty=self._duty(duty),
            text=at.text if at else "",
        )

    def _duty(self, word: str) -> str:
        sign = next((s for s in self.register.signs if s.id == self.mark.mark), None)
        return next((d.value for d in sign.duties if word in d.value), "") if sign and word else ""
