"""抽查: a plan, a draw that anybody can repeat, and what it says of the whole.

The lot is the order of SHA-256 over the seed and each unit's key: no generator, no machine and no order of rows has a
say in it. Strata get places in proportion to their size, each at least one.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from gimonitor.errors import InputError
from gimonitor.model.register import Register
from gimonitor.store import audit, people
from gimonitor.store import samples as store
from gimonitor.store.people import StoredPerson
from gimonitor.store.samples import SampleItem, StoredSample, Unit
from gimonitor.workflow.areas import Within, gis_within
from gimonitor.workflow.decisions import Actor, require_within
from gimonitor.workflow.intervals import Difference, Share, difference, wilson
from gimonitor.workflow.roles import Role, roles_of
from gimonitor.workflow.vocabulary import SampleResult

MOST = 2_000


class SampleKind(StrEnum):
    """What is drawn: listings, or sellers each with an officer (双随机)."""

    LISTINGS = "listings"
    SELLERS = "sellers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is drawn from and how. `since` ≤ first seen < `until` bounds the population, so that it stays as it was;
    `officers` are the logins that sellers are dealt to, none: every officer in service without an area."""

    kind: SampleKind
    name: str
    gi_id: str
    text: str
    platforms: tuple[str, ...]
    since: datetime
    until: datetime
    size: int
    seed: str
    frequency: str
    checklist: tuple[str, ...]
    officers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """The outcome of a lot: the population's strata and digest, and the units in the order of the lot."""

    strata: dict[str, int]
    population_digest: str
    units: tuple[Unit, ...]

    @property
    def population(self) -> int:
        """How many could have been drawn."""
        return sum(self.strata.values())

    @property
    def digest(self) -> str:
        """SHA-256 over the keys drawn, in order."""
        return _digest(unit.key for unit in self.units)


def draw(units: Iterable[Unit], size: int, seed: str) -> Draw:
    """Draw `size` of some units. Raises InputError for an empty population or a size that is none."""
    by_stratum: dict[str, list[tuple[bytes, Unit]]] = {}
    for unit in units:
        by_stratum.setdefault(unit.stratum, []).append((lot(seed, unit.key), unit))
    strata = {name: len(by_stratum[name]) for name in sorted(by_stratum)}
    total = sum(strata.values())
    if not total:
        raise InputError("总体为空：没有符合条件的对象")
    if not 1 <= size <= min(MOST, total):
        raise InputError(f"抽取数须为 1–{min(MOST, total)}（总体 {total}）")
    drawn: list[tuple[bytes, Unit]] = []
    for name, places in allot(strata, size).items():
        drawn += sorted(by_stratum[name], key=lambda one: one[0])[:places]
    keys = sorted(unit.key for some in by_stratum.values() for _, unit in some)
    ordered = tuple(unit for _, unit in sorted(drawn, key=lambda one: one[0]))
    return Draw(strata=strata, population_digest=_digest(keys), units=ordered)


def allot(strata: dict[str, int], size: int) -> dict[str, int]:
    """Places for each stratum in proportion to its size, at least one each where there are enough."""
    total = sum(strata.values())
    places = dict.fromkeys(strata, 1 if size >= len(strata) else 0)
    for _ in range(size - sum(places.values())):
        short = {name: size * strata[name] - total * places[name] for name in strata if places[name] < strata[name]}
        places[max(sorted(short), key=lambda name: short[name])] += 1
    return places


def _require_alike(previous: StoredSample, plan: Plan, actor: Actor) -> None:
    """Raise where a sample may not be seen by this person, or is no measure for a plan of another kind."""
    require_within(actor, previous.gi_id)
    if previous.kind != plan.kind.value:
        raise InputError("只能与同一类对象的抽查比较")


def take_sample(c: Connection, actor: Actor, plan: Plan, *, now: datetime, previous_id: int | None = None) -> int:
    """Draw by a plan and store it with its audit entry; returns the sample's id. Raises InputError and PermissionDeniedError."""
    if not plan.name.strip() or not plan.seed.strip():
        raise InputError("须填写抽查名称和随机种子")
    if actor.within is not None and plan.gi_id not in actor.within:
        raise InputError("请选择您辖区内的一个地理标志")
    if previous_id is not None:
        _require_alike(store.load_sample(c, previous_id), plan, actor)
    drawn = draw(_units(c, plan, actor.within), plan.size, plan.seed)
    officers = _deal(list(plan.officers) or _unbounded(c), plan, len(drawn.units))
    sample = StoredSample(
        kind=plan.kind.value,
        name=plan.name.strip(),
        plan=_as_json(plan, drawn),
        gi_id=plan.gi_id,
        seed=plan.seed,
        population=drawn.population,
        strata=drawn.strata,
        digest=drawn.digest,
        previous_id=previous_id,
        who=actor.login,
        at=now,
    )
    made = store.add_sample(c, sample, list(zip(drawn.units, officers, strict=True)))
    said: dict[str, object] = {"seed": plan.seed, "population": drawn.population, "size": len(drawn.units)}
    audit.append_audit(c, actor.login, "sample.draw", f"sample:{made}", said | {"digest": drawn.digest}, at=now)
    return made


def draw_again(c: Connection, sample: StoredSample, within: Within = None) -> tuple[bool, bool]:
    """Repeat a draw: is the population what it was, and is the lot the same?"""
    plan = plan_of(sample)
    again = draw(_units(c, plan, within), plan.size, plan.seed)
    return again.population_digest == sample.plan["population_digest"], again.digest == sample.digest


def plan_of(sample: StoredSample) -> Plan:
    """The plan that a sample was drawn by."""
    kept = {name: sample.plan[name] for name in Plan.__slots__ if name in sample.plan}
    kept |= {"kind": SampleKind(sample.kind), "since": _moment(kept["since"]), "until": _moment(kept["until"])}
    kept |= {
        name: tuple(str(one) for one in _list(kept[name]))
        for name in ("platforms", "checklist", "officers")
        if name in kept
    }
    return Plan(**kept)  # type: ignore[arg-type]  # its own JSON, read back


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a sample says: the share suspected among those that could be judged, by stratum and in all."""

    drawn: int
    counts: dict[str, int]
    whole: Share | None
    strata: tuple[tuple[str, int, Share | None], ...]
    change: Difference | None = None
    before: Share | None = None


def outcome(items: Sequence[SampleItem], previous: Outcome | None = None) -> Outcome:
    """Work out what the results say so far; with an earlier outcome, how the share changed since."""
    counts = Counter(item.result or "" for item in items)
    strata = sorted({item.stratum for item in items})
    parts = tuple((name, sum(i.stratum == name for i in items), _share(items, name)) for name in strata)
    found = Outcome(drawn=len(items), counts=dict(counts), whole=_share(items), strata=parts)
    if previous is None or previous.whole is None or found.whole is None:
        return found
    return replace(found, change=difference(found.whole, previous.whole), before=previous.whole)


def outcome_of(c: Connection, sample: StoredSample) -> Outcome:
    """What a stored sample says so far, compared with the one it follows."""
    before = outcome(store.items_of(c, sample.previous_id)) if sample.previous_id is not None else None
    return outcome(store.items_of(c, sample.id), before)


def record(
    c: Connection,
    actor: Actor,
    sample_id: int,
    position: int,
    result: SampleResult,
    note: str,
    *,
    now: datetime,
) -> None:
    """Note what an item showed, with its audit entry."""
    store.save_result(c, sample_id, position, result=result.value, note=note.strip(), who=actor.login, at=now)
    detail: dict[str, object] = {"position": position, "result": result.value, "note": note.strip()}
    audit.append_audit(c, actor.login, "sample.result", f"sample:{sample_id}", detail, at=now)


def _share(items: Sequence[SampleItem], stratum: str | None = None) -> Share | None:
    mine = [item.result for item in items if stratum is None or item.stratum == stratum]
    suspected, clean = mine.count(SampleResult.SUSPECTED), mine.count(SampleResult.CLEAN)
    return wilson(suspected, suspected + clean) if suspected + clean else None


def _units(c: Connection, plan: Plan, within: Within) -> Iterable[Unit]:
    if plan.kind is SampleKind.LISTINGS:
        return store.listing_units(c, text=plan.text, platforms=plan.platforms, since=plan.since, until=plan.until)
    gis = frozenset({plan.gi_id}) if plan.gi_id else within
    return store.seller_units(c, platforms=plan.platforms, since=plan.since, until=plan.until, within=gis)


def officers_for(c: Connection, register: Register | None, gi_id: str) -> list[StoredPerson]:
    """Officers in service who may open a lead over a GI; without one, over any GI."""
    found = [p for p in people.list_people(c) if p.active and Role.OFFICER in roles_of(p.role)]
    areas = {person.login: gis_within(register, person.areas) for person in found}
    return [p for p in found if (mine := areas[p.login]) is None or (gi_id and gi_id in mine)]


def _unbounded(c: Connection) -> list[str]:
    return [person.login for person in officers_for(c, None, "") if not person.areas]


def _deal(officers: list[str], plan: Plan, count: int) -> list[str]:
    """An officer for each seller: all officers in the order of the lot, dealt in turn."""
    if plan.kind is SampleKind.LISTINGS:
        return [""] * count
    if not officers:
        raise InputError("没有在岗的审核员可供随机选派")
    order = in_turn(plan.seed, officers)
    return [order[place % len(order)] for place in range(count)]


def in_turn(seed: str, officers: Iterable[str]) -> list[str]:
    """Officers by login in the order of the lot, which is the order in which sellers are dealt to them."""
    return sorted(officers, key=lambda login: lot(seed, login))


def lot(seed: str, key: str) -> bytes:
    """Where a unit stands in the lot of a seed."""
    return hashlib.sha256(f"{seed}\n{key}".encode("utf-8", "surrogatepass")).digest()


def _digest(keys: Iterable[str]) -> str:
    found = hashlib.sha256()
    for key in keys:
        found.update(key.encode("utf-8", "surrogatepass") + b"\x00")
    return found.hexdigest()


def _as_json(plan: Plan, drawn: Draw) -> dict[str, object]:
    kept: dict[str, object] = asdict(plan) | {"kind": plan.kind.value, "population_digest": drawn.population_digest}
    return kept | {"since": plan.since.isoformat(), "until": plan.until.isoformat()}


def _moment(text: object) -> datetime:
    return datetime.fromisoformat(str(text))


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []
