"""保存期限: raw archives, captures and logs by age and size. What a lead needs stays, and everything that goes is recorded.

Never removed: anything of a lead that is open, judged, approved, sent or answered, that was closed as 疑似成立, that was
sent, or that is in a pack; packs, certificates and what no row knows.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, or_, select

from gimonitor.configuration import Configuration
from gimonitor.errors import DiskFullError
from gimonitor.evidence.digest import digest_bytes, digest_file
from gimonitor.evidence.files import PART, discard, disk_errors, sync_folder
from gimonitor.logs import TROUBLES
from gimonitor.model.lead import Resolution, State
from gimonitor.papers.places import custody_log
from gimonitor.store.audit import append_audit
from gimonitor.store.captures import RESPONSE
from gimonitor.store.database import Store, open_store
from gimonitor.store.erasing import SINGLE, unit_of, within
from gimonitor.store.tables import captures, leads, notices, pack_leads

RECORD = "pruned.jsonl"
YOUNGEST = timedelta(days=1)  # nothing younger goes, whatever the size: a run may still be writing


class Sort(StrEnum):
    """What a thing is; each has its own limits."""

    RAW = "raw"
    CAPTURE = "capture"
    LOG = "log"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """A file or a capture's folder. `name` is relative to the data folder; `held` says why it must stay, empty when it need not."""

    sort: Sort
    name: str
    size: int
    at: datetime
    held: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How long and how much. `most` in bytes, 0 for no limit."""

    age: timedelta
    most: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What would go and what would stay, of everything that was looked at."""

    going: tuple[Thing, ...]
    staying: tuple[Thing, ...]

    @property
    def freed(self) -> int:
        """Bytes."""
        return sum(thing.size for thing in self.going)


def limits_of(configuration: Configuration) -> dict[Sort, Limit]:
    """The limits of an installation."""
    return {
        Sort.RAW: _limit(configuration.keep_raw_days, configuration.keep_raw_gb),
        Sort.CAPTURE: _limit(configuration.keep_capture_days, configuration.keep_capture_gb),
        Sort.LOG: _limit(configuration.keep_log_days, configuration.keep_log_gb),
    }


def _limit(days: int, gigabytes: float) -> Limit:
    return Limit(age=timedelta(days=days), most=int(gigabytes * 1e9))


def choose(things: Iterable[Thing], limits: dict[Sort, Limit], now: datetime) -> Plan:
    """Split into what goes and what stays: too old goes, then the oldest until the size fits. What is held stays. Pure."""
    going: list[Thing] = []
    staying: list[Thing] = []
    by_sort: dict[Sort, list[Thing]] = defaultdict(list)
    for thing in things:
        by_sort[thing.sort].append(thing)
    for sort, mine in by_sort.items():
        left = sum(thing.size for thing in mine)
        for thing in sorted(mine, key=lambda thing: (thing.at, thing.name)):
            age = now - thing.at
            over = bool(limits[sort].most) and left > limits[sort].most
            if not thing.held and age > YOUNGEST and (age > limits[sort].age or over):
                going.append(thing)
                left -= thing.size
            else:
                staying.append(thing)
    return Plan(going=tuple(going), staying=tuple(staying))


def plan_prune(store: Store, configuration: Configuration, now: datetime) -> Plan:
    """What `prune` would do at this moment. Nothing is changed."""
    with store.read() as c:
        return _plan(c, configuration, now)


def prune(store: Store, configuration: Configuration, now: datetime, who: str) -> Plan:
    """Remove what the limits say, and return what went.

    Digests are taken first. Then, in one unit of work that keeps other writers out on SQLite, it is looked again, so that
    what a lead has come to need stays; `pruned.jsonl` gets a line for each thing, things and rows go, and the audit
    entry is stored. Killed in between, what is gone stands in `pruned.jsonl`, and the next call finishes.
    Raises DiskFullError or StoreError before anything has gone.
    """
    digests = {thing: _digest(configuration, thing) for thing in plan_prune(store, configuration, now).going}
    with store.write() as c:
        again = _plan(c, configuration, now)
        plan = Plan(going=tuple(thing for thing in again.going if thing in digests), staying=again.staying)
        if not plan.going:
            return plan
        record = b"".join(_line(thing, digests[thing], now, who) for thing in plan.going)
        _record(configuration.data_dir / RECORD, record)
        custody = custody_log(configuration)
        for thing in plan.going:
            _remove(c, configuration, thing)
            if thing.sort is not Sort.LOG:
                custody.append(who, "deleted", thing.name, sha256=digests[thing], detail="retention")
        detail: dict[str, object] = {"things": len(plan.going), "bytes": plan.freed, "record": RECORD}
        detail["record_sha256"] = digest_bytes(record).sha256
        append_audit(c, who, "store.prune", "installation", detail, at=now)
    return plan


def prune_store(configuration: Configuration, now: datetime, who: str) -> Plan:
    """The same for an installation, also on a disk without room for the database to be opened: old logs go first then.

    Raises DiskFullError where that is not enough, StoreError.
    """
    try:
        with open_store(configuration.store_url) as store:
            return prune(store, configuration, now, who)
    except DiskFullError as error:
        cleared = _clear_logs(configuration, now, who)
        if not cleared:
            raise DiskFullError(
                f"{error}; no log is old enough to make room: move some 50 MB elsewhere, then again"
            ) from error
    with open_store(configuration.store_url) as store:
        with store.write() as c:
            detail: dict[str, object] = {
                "things": len(cleared),
                "bytes": sum(t.size for t in cleared),
                "record": RECORD,
            }
            append_audit(c, who, "store.prune", "installation", detail, at=now)
        plan = prune(store, configuration, now, who)
    return Plan(going=(*cleared, *plan.going), staying=plan.staying)


def _clear_logs(configuration: Configuration, now: datetime, who: str) -> tuple[Thing, ...]:
    """Remove logs past their time, the largest first, so that there is room to record it."""
    old = choose(_logs(configuration), limits_of(configuration), now).going
    for thing in sorted(old, key=lambda thing: -thing.size):
        line = _line(thing, _digest(configuration, thing), now, who)
        discard(configuration.data_dir / thing.name)
        _record(configuration.data_dir / RECORD, line)
    return old


def _plan(c: Connection, configuration: Configuration, now: datetime) -> Plan:
    things = [*_raw(c, configuration, now), *_captures(c, configuration), *_logs(configuration)]
    return choose(things, limits_of(configuration), now)


# --- what is there --------------------------------------------------------------------------------------------------


def _raw(c: Connection, configuration: Configuration, now: datetime) -> Iterator[Thing]:
    """Finished archives of runs. One is held while it holds a response of a listing with a lead that is not done with."""
    held = _held_archives(c, now - limits_of(configuration)[Sort.CAPTURE].age)
    for path in sorted(configuration.warc_dir.rglob("*.warc.gz")):
        name = path.relative_to(configuration.warc_dir).as_posix()
        yield _thing(configuration, Sort.RAW, path, held.get(name, ""))


def _held_archives(c: Connection, closed_before: datetime) -> dict[str, str]:
    """Archive names with the lead that needs each."""
    query = (
        select(captures.c.file, leads.c.id)
        .join(leads, leads.c.listing_id == captures.c.listing_id)
        .where(captures.c.kind == RESPONSE, ~(is_done() & (leads.c.updated_at < closed_before)))
        .order_by(leads.c.id.desc())
    )
    return {row.file: f"lead {row.id}" for row in c.execute(query)}


def is_done() -> ColumnElement[bool]:
    """A condition: a lead whose evidence nobody needs: closed as nothing suspected, never sent, in no pack."""
    return and_(
        leads.c.state == State.CLOSED,
        or_(leads.c.resolution.is_(None), leads.c.resolution != Resolution.CONFIRMED),
        ~exists().where(pack_leads.c.lead_id == leads.c.id),
        ~exists().where(notices.c.lead_id == leads.c.id),
    )


def _captures(c: Connection, configuration: Configuration) -> Iterator[Thing]:
    """Folders of captures and single uploads, dated by the last change of their lead; those no lead knows are held."""
    query = select(captures.c.file, captures.c.listing_id, captures.c.lead_id).where(captures.c.kind != RESPONSE)
    owners: dict[str, set[tuple[int, int | None]]] = defaultdict(set)
    for row in c.execute(query):
        owners[unit_of(row.file)].add((row.listing_id, row.lead_id))
    done = {lead.id: lead.updated_at for lead in c.execute(select(leads.c.id, leads.c.updated_at).where(is_done()))}
    of_listing: dict[int, set[int]] = defaultdict(set)
    for lead in c.execute(select(leads.c.id, leads.c.listing_id)):
        of_listing[lead.listing_id].add(lead.id)
    root = configuration.evidence_dir
    folders = [p for p in root.glob("*") if p.is_dir() and p.suffix != PART and p.name != SINGLE]
    for path in sorted([*folders, *(p for p in root.glob(f"{SINGLE}/*") if p.is_file() and p.suffix != PART)]):
        known = owners.get(path.relative_to(root).as_posix())
        needing = {one for listing, lead in known or () for one in ([lead] if lead else of_listing[listing])}
        needed = sorted(needing - done.keys())
        held = f"lead {needed[0]}" if needed else "" if needing else "no lead knows it"
        at = None if held else max(done[one] for one in needing)
        yield _thing(configuration, Sort.CAPTURE, path, held, at)


def _logs(configuration: Configuration) -> Iterator[Thing]:
    for pattern in ("logs/*.log*", TROUBLES, "digests/*.txt"):
        for path in sorted(configuration.data_dir.glob(pattern)):
            yield _thing(configuration, Sort.LOG, path, "")


def _thing(configuration: Configuration, sort: Sort, path: Path, held: str, at: datetime | None = None) -> Thing:
    files = [f for f in path.rglob("*") if f.is_file()] if path.is_dir() else [path]
    return Thing(
        sort=sort,
        name=path.relative_to(configuration.data_dir).as_posix(),
        size=sum(f.stat().st_size for f in files),
        at=at or datetime.fromtimestamp(path.stat().st_mtime, UTC),
        held=held,
    )


# --- the deed -------------------------------------------------------------------------------------------------------


def _digest(configuration: Configuration, thing: Thing) -> str:
    return proof_of(configuration.data_dir / thing.name)


def proof_of(path: Path) -> str:
    """SHA-256 of a file, or of a capture's list of its files; a copy elsewhere can still be told to be it."""
    proof = path / "capture.json" if path.is_dir() else path
    return digest_file(proof).sha256 if proof.is_file() else ""


def _line(thing: Thing, sha256: str, now: datetime, who: str) -> bytes:
    """What the record keeps of a thing."""
    content = {
        "pruned_at": now.astimezone(UTC).isoformat(),
        "who": who,
        "sort": thing.sort.value,
        "name": thing.name,
        "size": thing.size,
        "at": thing.at.isoformat(),
        "sha256": sha256,
    }
    return (json.dumps(content, ensure_ascii=False) + "\n").encode("utf-8", "replace")


def _record(path: Path, lines: bytes) -> None:
    with disk_errors(path), path.open("ab") as file:
        file.write(lines)
        file.flush()
        os.fsync(file.fileno())


def _remove(c: Connection, configuration: Configuration, thing: Thing) -> None:
    path = configuration.data_dir / thing.name
    if thing.sort is Sort.RAW:
        name = path.relative_to(configuration.warc_dir).as_posix()
        c.execute(delete(captures).where(captures.c.kind == RESPONSE, captures.c.file == name))
    elif thing.sort is Sort.CAPTURE:
        unit = path.relative_to(configuration.evidence_dir).as_posix()
        c.execute(delete(captures).where(captures.c.kind != RESPONSE, within(captures.c.file, unit)))
    discard(path)
    sync_folder(path.parent)
