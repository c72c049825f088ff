"""What a re-screening has to look at: the listings that the change since their last screening can touch, cut into slices.

A listing bears the digest of the register it was screened by, so what is still to do can be asked at any time: a
re-screening that was stopped finds out what is left by planning again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select, true

from gimonitor.model.finding import Stage
from gimonitor.model.register import Register
from gimonitor.screening.lookup import NOTHING, Lookup, lookup_of
from gimonitor.screening.reach import EVERYTHING, Reach, reach_of, union
from gimonitor.store.grams import find_candidates
from gimonitor.store.registers import borne_digests, recall_register, standing_of
from gimonitor.store.tables import listings
from gimonitor.store.upsert import among

SLICE = 4_000  # listings, at most about this many in one


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Listings that bear `digest` (empty: any), and how far a change reaches among them. They stand as `standing`."""

    digest: str
    standing: str
    gis: tuple[str, ...]
    named: bool
    everything: bool

    @property
    def is_forced(self) -> bool:
        """True where listings are looked at whether anything changed or not."""
        return not self.digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be done under the register `target`, and why: `changes` names what changed, `models` the models among it."""

    target: str
    parts: tuple[Part, ...]
    changes: tuple[str, ...]
    models: tuple[str, ...] = ()

    @property
    def is_forced(self) -> bool:
        """True where all listings are looked at whether anything changed or not."""
        return all(part.is_forced for part in self.parts)

    def config(self) -> dict[str, Any]:
        """As a run keeps it."""
        return asdict(self)


def plan_of(config: dict[str, Any]) -> Plan:
    """The plan that a run keeps."""
    parts = tuple(Part(**(part | {"gis": tuple(part["gis"])})) for part in config["parts"])
    models = tuple(config.get("models", ()))  # what an earlier version of the program began says none
    return Plan(target=config["target"], parts=parts, changes=tuple(config["changes"]), models=models)


def plan_rescreen(c: Connection, register: Register, gi_ids: Sequence[str] = (), *, everything: bool = False) -> Plan:
    """What the change since each listing's last screening can touch; or all listings over some GIs, or all there are."""
    parts, reaches = [], []
    for digest in borne_digests(c):
        standing = standing_of(c, digest)
        reach = _reach(c, standing, register)
        reaches.append(reach)
        if not reach.is_empty or standing != register.digest:
            gis = tuple(sorted(reach.gis))
            parts.append(
                Part(digest=digest, standing=standing, gis=gis, named=reach.named, everything=reach.everything)
            )
    change = union(reaches)
    models = tuple(sorted(change.models))
    if everything or gi_ids:
        part = Part(digest="", standing="", gis=tuple(gi_ids), named=everything, everything=everything)
        return Plan(target=register.digest, parts=(part,), changes=("asked for",), models=models)
    return Plan(target=register.digest, parts=tuple(parts), changes=change.changes, models=models)


def _reach(c: Connection, standing: str, register: Register) -> Reach:
    if standing == register.digest:
        return Reach()
    old = recall_register(c, standing)
    return EVERYTHING if old is None else reach_of(old, register)


class Scope:
    """The plan made ready to be asked for: which listings between two ids are to be looked at."""

    def __init__(self, c: Connection, plan: Plan, register: Register) -> None:
        """Reads the registers that the parts stand as, for a listing may hold a name that is no more."""
        self._target = plan.target
        self.models = frozenset(plan.models)
        lookups: dict[tuple[str, tuple[str, ...]], Lookup] = {}
        self._parts: list[tuple[Part, Lookup]] = []
        for part in plan.parts:
            asked = (part.standing, () if part.everything else part.gis)
            if asked not in lookups:
                lookups[asked] = _lookup(c, *asked, register)
            self._parts.append((part, lookups[asked]))

    def ids(self, c: Connection, after: int, upto: int) -> list[int]:
        """Ids in (after, upto] of listings that the change can touch and that were not screened again yet, in order."""
        found: set[int] = set()
        for part, lookup in self._parts:
            found |= self._of_part(c, part, lookup, after, upto)
        return sorted(found)

    def _of_part(self, c: Connection, part: Part, lookup: Lookup, after: int, upto: int) -> set[int]:
        i = listings.c
        left = (i.register_digest == part.digest) & (part.digest != self._target) if part.digest else true()
        within = (i.id > after) & (i.id <= upto) & left
        if part.everything or lookup.everything:
            return _select(c, within)
        found = _select(c, within & (i.stage != Stage.NO_NAME)) if part.named else set()
        if lookup.patterns:
            found |= _select(c, within & (i.indexed != i.version))
            candidates = sorted(find_candidates(c, lookup, after, upto))
            found |= _select(c, within & among(c, i.id, candidates)) if candidates else set()
        return found


def _select(c: Connection, condition: ColumnElement[bool]) -> set[int]:
    return set(c.execute(select(listings.c.id).where(condition)).scalars())


def _lookup(c: Connection, standing: str, gis: tuple[str, ...], register: Register) -> Lookup:
    if not gis:
        return NOTHING
    lookup = lookup_of(register, gis)
    old = recall_register(c, standing) if standing else None
    return lookup | lookup_of(old, gis) if old is not None else lookup


def last_id(c: Connection) -> int:
    """The highest id of a listing, 0 where there is none."""
    return int(c.execute(select(func.max(listings.c.id))).scalar() or 0)


def cut(ids: Sequence[int], last: int) -> list[tuple[int, int, int]]:
    """Slices (after, upto, how many) that together cover every id up to `last`, none with more than SLICE of `ids`."""
    bounds = [ids[i] for i in range(SLICE - 1, len(ids), SLICE)]
    if not bounds or bounds[-1] < last:
        bounds.append(last)
    after = [0, *bounds[:-1]]
    sizes = [min(SLICE, len(ids) - i * SLICE) for i in range(len(bounds))]
    return [(low, high, max(0, size)) for low, high, size in zip(after, bounds, sizes, strict=True)]
