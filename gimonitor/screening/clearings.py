"""A legitimate reading of what a listing says at a place."""

from __future__ import annotations

from gimonitor.model.finding import Clearing
from gimonitor.screening.names import Profile
from gimonitor.screening.sheet import Sheet

FIRM = "N01"
"""Code of the reading that a name is a firm's or a shop's."""


def clear(
    code: str, profile: Profile, reason: str, sheet: Sheet, start: int, end: int, decisive: bool = True
) -> Clearing:
    """The reading of a folded span, for a GI; it settles the matter unless it is not decisive."""
    return Clearing(code=code, reason=reason, decisive=decisive, place=sheet.place(start, end), gi_id=profile.gi.id)
