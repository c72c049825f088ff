"""Sealed responses read again after a parser was mended, without asking anybody. What comes out goes through the same checks
and intake as a crawl's. A response is read again for the version of a listing that was made of it and still stands, and for
goods that nobody could read out of it before, unless they were erased on request. Run again it changes nothing; stopped, it
goes on with the next archive.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from gimonitor.configuration import Configuration
from gimonitor.errors import BlockedError, ConflictError, InputError, NotFoundError
from gimonitor.evidence.seal import read_sealed, whole_members
from gimonitor.evidence.sealed import Sealed
from gimonitor.model.listing import Listing
from gimonitor.model.run import Coverage, RunState
from gimonitor.model.validity import in_words, why_invalid
from gimonitor.operations.abandoned import close_abandoned, how_to_resume
from gimonitor.operations.erased import Erased, load_erased
from gimonitor.parsing import parse_page
from gimonitor.register import load_register
from gimonitor.screening import Screener
from gimonitor.store import runs
from gimonitor.store.captures import RESPONSE
from gimonitor.store.codec import text_of, unpack
from gimonitor.store.database import Store, open_store
from gimonitor.store.keys import listing_key
from gimonitor.store.registers import remember_register
from gimonitor.store.tables import captures, listing_versions, listings
from gimonitor.store.upsert import among
from gimonitor.workflow.intake import officers_day, take_in
from gimonitor.workflow.owners import own_mark, workers_of

KIND = runs.REPARSE
ERASED = "erased"
"""Why a listing that nobody knows any more is not brought back."""
BATCH = 200
_IGNORED = frozenset({"source", "query", "rank", "observed_at"})  # how it was found, not what was read


@dataclass(frozen=True, slots=True, kw_only=True)
class Reread:
    """A listing that now reads otherwise. `fields` names what changed; `is_new`: nobody could read it before."""

    platform: str
    item_id: str
    title: str
    parser: str
    fields: tuple[str, ...]
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reparsed:
    """What reading again did, or would do. `run_id` is None for a dry run; `rejected` are readings that were not taken, by why.
    `is_whole` is False where it was stopped: what it has read until then is stored and told."""

    run_id: int | None
    archives: int
    responses: int
    unread: int
    changed: tuple[Reread, ...]
    leads_new: int
    rejected: Mapping[str, int]
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class _Stood:
    """A listing as it stands: its newest version, and when it was seen last."""

    listing: Listing
    last_seen: datetime


@dataclass(slots=True)
class _Counts:
    responses: int = 0
    unread: int = 0
    leads_new: int = 0
    rejected: Counter[str] = field(default_factory=Counter)

    def __sub__(self, before: _Counts) -> _Counts:
        return _Counts(
            responses=self.responses - before.responses,
            unread=self.unread - before.unread,
            leads_new=self.leads_new - before.leads_new,
            rejected=self.rejected - before.rejected,
        )


def reparse(
    configuration: Configuration,
    since: datetime,
    *,
    dry_run: bool = False,
    resume: int | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> Reparsed:
    """Read all archives again whose last response came at `since` or later. `resume` goes on with an earlier run of this.

    Ctrl-C or SIGTERM ends it behind what it has read. Raises InputError when there is no archive of that time, NotFoundError
    when the run is no reparse since then, ConflictError while another process works on it, RulesError, StoreError, EvidenceError.
    """
    archives = _archives(configuration.warc_dir, since)
    if not archives:
        raise InputError(f"no finished archive since {since:%Y-%m-%d %H:%M} in {configuration.warc_dir}")
    register = load_register(configuration.rules_dir, cache_dir=configuration.cache_dir)
    screener, counts, changed = Screener(register), _Counts(), list[Reread]()
    with open_store(configuration.store_url) as store:
        for run in close_abandoned(configuration, store, datetime.now(UTC)):
            say(f"run {run.id} was interrupted; `{how_to_resume(run)}` goes on with it")
        run_id = None
        if not dry_run:
            with store.write() as c:
                remember_register(c, register)
                run_id = _begin(c, since, resume)
        done = _done(store, run_id)

        def reread(path: Path) -> bool:
            root = configuration.warc_dir
            return _reread_archive(store, screener, root, path, since, run_id, counts, changed)

        left = {name: path for path in archives if (name := _name(configuration.warc_dir, path)) not in done}
        is_whole = _reread_all(left, reread, changed, say)
        if run_id is not None:
            state = RunState.OK if is_whole else RunState.INTERRUPTED
            with store.write() as c:
                runs.finish_run(c, run_id, state, f"{len(changed)} listings read otherwise")
    return Reparsed(
        run_id=run_id,
        archives=len(archives) - len(done),
        responses=counts.responses,
        unread=counts.unread,
        changed=tuple(changed),
        leads_new=counts.leads_new,
        rejected=dict(counts.rejected),
        is_whole=is_whole,
    )


def _reread_all(
    left: Mapping[str, Path], reread: Callable[[Path], bool], changed: list[Reread], say: Callable[[str], None]
) -> bool:
    """Read archive after archive; False when it was ended by Ctrl-C or SIGTERM."""
    try:
        for number, (name, path) in enumerate(left.items(), 1):
            before = len(changed)
            if not reread(path):
                return False
            say(f"{number}/{len(left)} {name}: {len(changed) - before} listings read otherwise")
    except KeyboardInterrupt:
        return False
    return True


def _name(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()


def _archives(folder: Path, since: datetime) -> list[Path]:
    """Finished archives that hold anything of `since` or later: a file is written to until its last response."""
    found = [path for path in folder.rglob("*.warc.gz") if path.stat().st_mtime >= since.timestamp()]
    return sorted(found, key=lambda path: (path.stat().st_mtime, path.name))


def _begin(c: Connection, since: datetime, resume: int | None) -> int:
    if resume is None:
        return runs.start_run(c, KIND, {"since": since.isoformat(), runs.RUNNER: own_mark()})
    run = runs.load_run(c, resume)
    if run.kind != KIND or run.config.get("since") != since.isoformat():
        raise NotFoundError(f"run {resume} is no reparse since {since.isoformat()}")
    if alive := workers_of(c, run, datetime.now(UTC)):
        raise ConflictError(f"run {resume} is being worked on by {', '.join(alive)}")
    runs.release_slices(c, resume)
    runs.amend_run(c, resume, **{runs.RUNNER: own_mark()})
    return resume


def _done(store: Store, run_id: int | None) -> set[str]:
    if run_id is None:
        return set()
    with store.read() as c:
        return {record.query for record in runs.load_coverage(c, run_id)}


# --- one archive ----------------------------------------------------------------------------------------------------


def _reread_archive(
    store: Store,
    screener: Screener,
    root: Path,
    path: Path,
    since: datetime,
    run_id: int | None,
    counts: _Counts,
    changed: list[Reread],
) -> bool:
    """Read one archive, into `changed` too; False when it was stopped in the middle, with what was read until then stored."""
    name = _name(root, path)
    before, known, is_whole = replace(counts, rejected=counts.rejected.copy()), len(changed), True
    pairs: dict[tuple[str, str], tuple[Listing, Sealed]] = {}

    def store_some() -> None:
        if run_id is not None and pairs:
            saved = take_in(store, screener, list(pairs.values()), run_id, officers_day())
            counts.leads_new += saved.leads_new
        pairs.clear()

    with store.read() as c:
        made, erased = _made_of(c, name), load_erased(c)
    try:
        for sealed in _records(root, path, since):
            for listing, how in _reread(store, erased, root, sealed, made, counts):
                changed.append(how)
                pairs[listing.key] = (listing, sealed)
                if len(pairs) >= BATCH:
                    store_some()
    except KeyboardInterrupt:  # told by a value: while it lives, its frames hold cursors, and with them SQLite's lock
        is_whole = False
    store_some()
    if run_id is not None and is_whole:
        with store.write() as c:
            runs.save_coverage(c, _coverage(run_id, name, counts - before, len(changed) - known))
    return is_whole


def _coverage(run_id: int, name: str, counts: _Counts, changed: int) -> Coverage:
    rejected = counts.rejected.total()
    return Coverage(
        run_id=run_id,
        source=KIND,
        query=name,
        pages_asked=counts.responses,
        pages_answered=counts.responses,
        seen=changed + rejected,
        stored=changed,
        rejected=rejected,
        unread=counts.unread,
        detail=in_words(counts.rejected),
        at=datetime.now(UTC),
    )


def _records(root: Path, path: Path, since: datetime) -> Iterator[Sealed]:
    """Where the responses of an archive lie that came at `since` or later."""
    name = path.relative_to(root).as_posix()
    for offset, length, record in whole_members(path):
        head = record[: record.find(b"\r\n\r\n")].decode("utf-8", "replace").split("\r\n")
        told = {key.lower(): value.strip() for key, _, value in (line.partition(":") for line in head[1:])}
        if told.get("warc-type") not in ("response", "resource"):
            continue
        at = datetime.fromisoformat(told["warc-date"])
        if at >= since:
            digest = told["warc-payload-digest"].removeprefix("sha256:")
            yield Sealed(file=name, offset=offset, length=length, sha256=digest, url=told["warc-target-uri"], at=at)


def _made_of(c: Connection, name: str) -> dict[int, list[tuple[str, str]]]:
    """By offset in an archive, the keys of listings whose standing version was made of the response there."""
    query = (
        select(captures.c.offset, listings.c.platform, listings.c.item_id)
        .join(listings, listings.c.id == captures.c.listing_id)
        .where(captures.c.file == name, captures.c.kind == RESPONSE)
        .where(captures.c.listing_version == listings.c.version)
    )
    made: dict[int, list[tuple[str, str]]] = {}
    for row in c.execute(query):
        made.setdefault(row.offset, []).append((row.platform, row.item_id))
    return made


def _reread(
    store: Store, erased: Erased, root: Path, sealed: Sealed, made: dict[int, list[tuple[str, str]]], counts: _Counts
) -> Iterator[tuple[Listing, Reread]]:
    """What a response gives now that differs from what stands."""
    counts.responses += 1
    mine = made.get(sealed.offset, [])
    try:
        parsed = _parse(root, sealed, mine[0][0] if mine else "")
    except BlockedError:
        return
    except InputError:
        counts.unread += 1
        return
    if not parsed:
        return
    with store.read() as c:
        stood = _standing(c, parsed)
    for listing in parsed:
        before = stood.get(listing.key)
        if reason := why_invalid(listing):
            counts.rejected[reason] += 1
        elif before is None and erased.holds(listing, sealed.at):
            counts.rejected[ERASED] += 1
        elif before is None:
            yield (
                replace(listing, source=KIND, observed_at=sealed.at),
                _told(listing, (), is_new=True),
            )
        elif listing.key in mine:
            now = _in_place_of(before, listing)
            if now.digest() != before.listing.digest():
                yield now, _told(now, _differing(before.listing, now), is_new=False)


def _parse(root: Path, sealed: Sealed, platform: str) -> tuple[Listing, ...]:
    response = read_sealed(root, sealed)
    kind = next((value for name, value in response.headers if name.lower() == "content-type"), "")
    if response.status and not kind.startswith(("text/", "application/")):
        return ()
    kind = kind or "text/html; charset=utf-8"  # what Chromium rendered is kept without a head
    return parse_page(response.body, sealed.url, kind, platform, response.status or 200).listings


def _standing(c: Connection, parsed: tuple[Listing, ...]) -> dict[tuple[str, str], _Stood]:
    v = listing_versions.c
    keys = sorted({listing_key(*one.key) for one in parsed})
    joined = listings.join(listing_versions, (v.listing_id == listings.c.id) & (v.number == listings.c.version))
    columns: tuple[Any, ...] = (listings.c.platform, listings.c.item_id, listings.c.last_seen, text_of(v.content))
    rows = c.execute(select(*columns).select_from(joined).where(among(c, listings.c.key, keys)))
    return {(r.platform, r.item_id): _Stood(unpack(Listing, r.content), r.last_seen) for r in rows}


def _in_place_of(before: _Stood, now: Listing) -> Listing:
    """The new reading of what the seller showed: found in the same way, and standing until the listing was seen last."""
    old = before.listing
    return replace(now, source=old.source, query=old.query, rank=old.rank, observed_at=before.last_seen)


def _differing(old: Listing, new: Listing) -> tuple[str, ...]:
    names = (field.name for field in fields(Listing) if field.name not in _IGNORED)
    return tuple(name for name in names if getattr(old, name) != getattr(new, name))


def _told(listing: Listing, differing: tuple[str, ...], *, is_new: bool) -> Reread:
    return Reread(
        platform=listing.platform,
        item_id=listing.item_id,
        title=listing.title,
        parser=listing.parser,
        fields=differing,
        is_new=is_new,
    )
