"""Pictures after the crawl: looked at one by one, so that the work can stop and go on; then what they say reaches the leads.

Each picture is a unit of work of its own. What follows for a listing is worked out anew from all of its pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection

from gimonitor.errors import InputError
from gimonitor.imaging.alike import fingerprint
from gimonitor.imaging.decode import Picture, read_picture
from gimonitor.imaging.faults import picture_key
from gimonitor.imaging.look import VERSION, Looker
from gimonitor.model.finding import Finding, Screening
from gimonitor.model.picture import PictureState
from gimonitor.model.run import RunState
from gimonitor.model.zone import BEIJING
from gimonitor.screening.added import Added
from gimonitor.screening.standing import Standings
from gimonitor.store import pictures, runs
from gimonitor.store.codec import encode
from gimonitor.store.database import Store
from gimonitor.store.histories import load_histories
from gimonitor.store.loading import StoredListing, load_listings
from gimonitor.store.rescreened import save_rescreened
from gimonitor.workflow.copies import copied_findings, near_duplicates
from gimonitor.workflow.intake import Screens
from gimonitor.workflow.owners import has_died, is_dead, own_mark, own_name
from gimonitor.workflow.picturefindings import (
    last_seen,
    looks_of,
    makes_lead,
    once,
    picture_findings,
    texts_found,
    told_apart,
)

KIND = "pictures"
LEASE_SECONDS = 600
_AT_ONCE = 8

Progress = Callable[[int, int], None]
"""Told how many pictures were looked at since it was told last, and how many of them were refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedThrough:
    """What a pass over the queue did. `run_id` is None where nothing waited; `is_whole` is False where Ctrl-C or SIGTERM ended it:
    what it had seen is kept, and the next one brings it to the listings.
    """

    run_id: int | None
    seen: int = 0
    refused: int = 0
    left: int = 0  # pictures looked at by a pass that ended before it came to their listings; this one did
    waiting: int = 0  # pictures that wait still
    listings: int = 0
    changes: int = 0  # of leads
    is_whole: bool = True


@dataclass(slots=True)
class _Done:
    """What a pass did so far."""

    seen: int = 0
    refused: int = 0
    listings: int = 0
    changes: int = 0


@dataclass(frozen=True, slots=True)
class PictureWork:
    """What looking through the queue needs: the store, where files lie, the finder, and what screens."""

    store: Store
    evidence_dir: Path
    looker: Looker
    screener: Screens


def look_through(
    work: PictureWork,
    *,
    limit: int | None = None,
    progress: Progress | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> LookedThrough:
    """Look at what waits, `limit` pictures at most, then bring the leads up to it. Killed at any moment, it goes on where it was;
    ended by Ctrl-C or SIGTERM, it gives back what it had taken, so that the next one need not wait for it.
    """
    store, now = work.store, _now()
    waiting = store.attempt(lambda c: pictures.queue_pictures(c, now, VERSION))
    left = count_left(store)
    if not waiting and not left:
        return LookedThrough(run_id=None)
    run_id = store.attempt(lambda c: _start(c, {"waiting": waiting}, now))
    done = _Done()
    is_whole = _work(work, run_id, limit, done, left, progress, say)
    summary = f"{done.seen} pictures seen, {done.refused} refused, {done.changes} leads changed"
    if not is_whole:
        store.attempt(lambda c: pictures.give_back(c, own_name(), _now()))
    elif left:
        summary += f"; {left} pictures that an interrupted run had seen were brought to their listings"
    state = RunState.OK if is_whole else RunState.INTERRUPTED
    store.attempt(lambda c: runs.finish_run(c, run_id, state, summary, _now()))
    with store.read() as c:
        waiting = pictures.count_pictures(c).get(PictureState.WAITING, 0)
    return LookedThrough(
        run_id=run_id,
        seen=done.seen,
        refused=done.refused,
        left=left,
        waiting=waiting,
        listings=done.listings,
        changes=done.changes,
        is_whole=is_whole,
    )


def _work(
    work: PictureWork,
    run_id: int,
    limit: int | None,
    done: _Done,
    left: int,
    progress: Progress | None,
    say: Callable[[str], None],
) -> bool:
    """Look, then conclude; False when it was ended by Ctrl-C or SIGTERM.

    That is told by a value: while the interrupt lives, its frames hold cursors, and with them SQLite's lock.
    """
    try:
        for good in _looked(work, limit):
            done.seen, done.refused = done.seen + good, done.refused + (not good)
            if progress:
                progress(1, int(not good))
        say(f"{done.seen + left} pictures are compared with those seen before, and their listings brought up to them")
        done.listings, done.changes = _conclude(work, run_id)
    except KeyboardInterrupt:
        return False
    return True


def count_left(store: Store) -> int:
    """How many pictures a worker that is gone looked at and did not bring to their listings."""
    return len(_mine(store))


def _start(c: Connection, config: dict[str, object], now: datetime) -> int:
    """Record a run, and as interrupted those whose process is gone."""
    for run in runs.latest_runs(c, kind=KIND):
        if run.state is RunState.RUNNING and has_died(str(run.config.get(runs.RUNNER, ""))):
            runs.finish_run(c, run.id, RunState.INTERRUPTED, "its process ended before the run did", now)
    return runs.start_run(c, KIND, config | {runs.RUNNER: own_mark()}, now=now)


def _mine(store: Store) -> list[str]:
    """Digests of the pictures whose listings are to be brought up to them by this process: its own, and those that others left."""
    with store.read() as c:
        found, now = pictures.open_pictures(c), _now()
    return [one.digest for one in found if one.leased_until < now or is_dead(one.owner)]


def _now() -> datetime:
    return datetime.now(UTC)


def _looked(work: PictureWork, limit: int | None) -> Iterator[bool]:
    """Look at leased pictures, each stored before the next begins: whether it could be looked at."""
    owner, done = own_name(), 0
    while limit is None or done < limit:
        room = _AT_ONCE if limit is None else min(_AT_ONCE, limit - done)
        leased = work.store.attempt(
            lambda c, room=room: pictures.lease_pictures(c, owner, _now(), LEASE_SECONDS, room)  # type: ignore[misc]  # bound at once
        )
        if not leased:
            return
        for one in leased:
            good = _look_at(work, one.digest, one.file, owner)
            done += 1
            yield good


def _look_at(work: PictureWork, digest: str, file: str, owner: str) -> bool:
    try:
        picture = _captured(work.evidence_dir, digest, file)
        look, told = encode(work.looker.look(picture)), fingerprint(picture.pixels).packed()
    except InputError as error:
        problem = str(error).replace(f"{work.evidence_dir}/", "")
        work.store.attempt(lambda c: pictures.refuse_picture(c, digest, owner, problem, _now()))
        return False
    assert isinstance(look, dict)
    work.store.attempt(lambda c: pictures.save_look(c, digest, owner, look, told, VERSION, _now()))
    return True


def _captured(folder: Path, digest: str, name: str) -> Picture:
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise InputError(f"{name}: the file lies outside the evidence folder")
    picture = read_picture(path)
    if picture.digest != digest:
        raise InputError(f"{name}: its bytes are not those that were captured")
    return picture


def _conclude(work: PictureWork, run_id: int) -> tuple[int, int]:
    """Work out what the listings that show pictures seen just now are suspected of. Returns how many listings, how many leads changed."""
    digests = _mine(work.store)
    with work.store.read() as c:
        ids = pictures.listings_showing(c, digests)
        prints, together = near_duplicates(c, set(digests))
        on = _now().astimezone(BEIJING).date()
        copies = copied_findings(c, work.looker.register, set(digests), prints, together, on)
    work.store.attempt(lambda c: pictures.save_alike(c, together))
    standings = Standings(work.looker.register)
    fresh = {picture_key(digest) for digest in digests}
    changes = 0
    every = sorted({*ids, *copies})
    for start in range(0, len(every), 50):
        some = every[start : start + 50]
        changes += work.store.attempt(
            lambda c, some=some: _conclude_some(c, work, standings, some, copies, fresh, run_id)  # type: ignore[misc]  # bound at once
        )
    work.store.attempt(lambda c: pictures.close_pictures(c, digests))
    return len(every), changes


def _conclude_some(
    c: Connection,
    work: PictureWork,
    standings: Standings,
    ids: Sequence[int],
    copies: dict[int, list[Finding]],
    fresh: set[str],
    run_id: int,
) -> int:
    """Keep what some listings are suspected of now. What was kept of copies stands, but for pictures looked at just now: by their keys."""
    at = _now()
    on = at.astimezone(BEIJING).date()
    stored = load_listings(c, ids)
    histories = load_histories(c, [one.listing for one in stored])
    screened: list[tuple[StoredListing, Screening]] = []
    for one, history in zip(stored, histories, strict=True):
        seen = pictures.pictures_of(c, one.id)
        looks = looks_of(seen)
        told = picture_findings(work.looker.register, looks, on, last_seen(seen))
        copied = copies.get(one.id, [])
        found, reminders = told_apart(standings, one.listing, (*told.found, *copied), told.reminders, on)
        again = fresh | {finding.place.key for finding in copied}
        found += [finding for finding in pictures.kept_copies(c, one.id) if finding.place.key not in again]
        plain = work.screener.screen(one.listing, on, history)
        in_order = {key for clearing in told.considered if clearing.place for key in clearing.place.key.split()}
        others = [look for look in looks if picture_key(look.digest) not in in_order]
        in_texts, own = texts_found(work.screener, one, others, on)
        for_seller = {clearing.gi_id for clearing in told.considered}
        found += [finding for finding in in_texts if finding.gi_id not in for_seller]
        strong = [finding for finding in found if makes_lead(finding)]
        added = Added(
            found=once(strong),
            reminders=once((*reminders, *own)),
            notes=once(finding for finding in found if finding not in strong),
            considered=told.considered,
        )
        pictures.save_added(c, one.id, added)
        screened.append((one, plain))
    return len(save_rescreened(c, screened, run_id, at))
