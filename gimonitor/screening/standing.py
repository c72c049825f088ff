"""How a listing stands to a GI by its own words, for findings made without them: whose shop it is, whose goods, from where."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from gimonitor.model.finding import Clearing, Finding, History, Origin
from gimonitor.model.listing import Listing
from gimonitor.model.register import GI, Register
from gimonitor.screening.case import Case
from gimonitor.screening.explain import LOWERED, UNVERIFIED_FACTOR, Law, open_facts
from gimonitor.screening.goods import Goods, Likeness, Shelf
from gimonitor.screening.names import profile_of
from gimonitor.screening.origin import judge_origin
from gimonitor.screening.sheet import Sheet, lay_out
from gimonitor.screening.users import Users
from gimonitor.screening.verdicts import user_clearing
from gimonitor.screening.vocabulary import Vocabulary


class Standing(NamedTuple):
    """`is_own`: the shop of a user who may use the mark; `is_resale`: somebody else sells the goods of one.

    `considered` is what speaks for the seller without settling it, `unverified` names facts used that nobody has checked.
    """

    is_own: bool
    is_resale: bool = False
    origin: Origin = Origin.UNKNOWN
    considered: tuple[Clearing, ...] = ()
    unverified: tuple[str, ...] = ()


class Standings:
    """A register ready to tell them. Build once, use for any number of listings."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._words = Vocabulary(register)
        self._users = Users(register)
        self._law = Law(register)

    def of(self, listing: Listing, gi_ids: Iterable[str], on: date) -> dict[str, Standing]:
        """By GI. What is no GI has no area; as of a sign's id, it asks whether the shop is any user's own."""
        sheet = lay_out(listing)
        standings: dict[str, Standing] = {}
        for gi_id in gi_ids:
            gi = self._register.find_gi(gi_id)
            owner = None if gi else self._users.owner(listing, on)
            standings[gi_id] = self._judged(gi, sheet, on) if gi else Standing(bool(owner and owner.active))
        return standings

    def _judged(self, gi: GI, sheet: Sheet, on: date) -> Standing:
        profile, shelf = profile_of(0, gi), Shelf(sheet, self._words)
        starts = tuple(m.start() for name in profile.names for m in re.finditer(re.escape(name), sheet.text))
        origin = judge_origin(profile, sheet, self._words, starts, shelf.labels)
        user = self._users.match(gi.id, sheet, on)
        case = Case(
            profile, sheet, shelf, self._words, self._users, self._register, on, History(), (), (), (), origin,
            Goods(Likeness.OPEN), user,
        )  # fmt: skip
        unverified = open_facts(case, None)
        if user is None:
            return Standing(False, origin=origin.value, unverified=unverified)
        clearing = user_clearing(case, user)
        is_own, is_resale = clearing.decisive and user.own, clearing.decisive and not user.own
        return Standing(is_own, is_resale, origin.value, (replace(clearing, decisive=False),), unverified)

    def placed(self, finding: Finding, standing: Standing, on: date) -> Finding:
        """The finding with its origin, the law for goods from there, what was considered, and a confidence lowered by it."""
        factor = LOWERED ** len(standing.considered) * UNVERIFIED_FACTOR ** len(standing.unverified)
        keys = tuple(citation.key for citation in finding.law)
        return replace(
            finding,
            origin=standing.origin,
            law=self._law.cite(keys, on, standing.origin, finding.gi_id),
            considered=standing.considered,
            unverified=standing.unverified,
            confidence=round(finding.confidence * factor, 3),
        )
