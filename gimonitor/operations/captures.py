"""Pages that an officer saved by hand: sealed as they came, read by the parsers of a crawl, stored with who brought them and
when. Pictures and recordings are kept as evidence; a picture of a known listing is looked at like any of its pictures.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote_plus

from sqlalchemy import Connection, select

from gimonitor.configuration import Configuration
from gimonitor.errors import InputError, NotFoundError
from gimonitor.evidence.digest import digest_file
from gimonitor.evidence.files import check_room, discard, disk_errors, part_of, publish, put_json, safe_name, sync_file
from gimonitor.model.run import BlockKind, Coverage, RunState
from gimonitor.model.task import TaskKind
from gimonitor.operations.handedin import (
    ESSENTIAL,
    NOTHING_KEPT,
    ON_EVERY_PAGE,
    SOURCE,
    TORN,
    HandedIn,
    Told,
    check_any,
    read_saved,
    unread,
)
from gimonitor.papers.places import custody_log
from gimonitor.parsing.page import not_found
from gimonitor.register import load_register
from gimonitor.screening import Screener
from gimonitor.store import runs
from gimonitor.store.captures import SAVED, StoredCapture, save_capture
from gimonitor.store.database import open_store
from gimonitor.store.keys import listing_key
from gimonitor.store.listings import Saved
from gimonitor.store.loading import load_listing
from gimonitor.store.pictures import IMAGE
from gimonitor.store.registers import remember_register
from gimonitor.store.saved import SavedFile, save_file
from gimonitor.store.tables import listings
from gimonitor.store.tasks import close_task, list_tasks, load_task
from gimonitor.store.upsert import among
from gimonitor.workflow.intake import officers_day, take_in

UNKNOWN = "no page of a kind that a parser knows"


@dataclass(frozen=True, slots=True, kw_only=True)
class PagesImported:
    """What an import of saved pages did. `closed` are tasks it fulfilled, `left` what open tasks still wait for."""

    run_id: int
    files: tuple[HandedIn, ...]
    saved: Saved
    closed: tuple[int, ...] = ()
    left: tuple[str, ...] = ()


def preview_pages(paths: Sequence[Path], told: Told) -> list[HandedIn]:
    """What the files give, without a store. Raises InputError when there is none that could be kept."""
    check_any(paths)
    return [read_saved(path, told, datetime.now(UTC)) for path in paths]


def import_pages(
    configuration: Configuration,
    paths: Sequence[Path],
    told: Told,
    *,
    who: str,
    now: datetime | None = None,
    say: Callable[[HandedIn], None] = lambda one: None,
) -> PagesImported:
    """Seal and read each file, store what it gives, and close the tasks that this fulfils. The same file again changes nothing.

    A file that cannot be read does not keep the others out: its `troubles` say why, and what there is of it is kept.
    Raises InputError when there is no file that could be kept; NotFoundError when there is no such listing or task; RulesError, StoreError or DiskFullError.
    """
    moment = now or datetime.now(UTC)
    check_any(paths)
    register = load_register(configuration.rules_dir, cache_dir=configuration.cache_dir)
    screener = Screener(register)
    with open_store(configuration.store_url) as store:
        with store.read() as c:
            if told.listing:
                load_listing(c, *told.listing)
            if told.task_id is not None:
                load_task(c, told.task_id)
        with store.write() as c:
            remember_register(c, register)
            run_id = runs.start_run(c, SOURCE, {"who": who, "files": [path.name for path in paths]}, now=moment)
        files, saved = [], Saved()
        for path in paths:
            one = _handed_in(configuration, path, told, who, moment)
            with store.read() as c:
                one = _held_back(c, one)
            taken = [(listing, None) for listing in one.listings if listing.key not in one.held]
            own = take_in(store, screener, taken, run_id, officers_day(moment))
            with store.write() as c:
                _record(c, one, own, told, who, run_id, moment)
            saved += own
            files.append(one)
            say(one)
        with store.write() as c:
            closed, left = _close_tasks(c, files, told, who, run_id, moment)
            whole = not any(one.troubles or one.is_unknown for one in files)
            runs.finish_run(c, run_id, RunState.OK if whole else RunState.PARTIAL, "")
    return PagesImported(run_id=run_id, files=tuple(files), saved=saved, closed=closed, left=left)


def _held_back(c: Connection, one: HandedIn) -> HandedIn:
    """The file with what its page, cut short, shows of listings for which a fuller page stands, or shows so little of that it
    says nothing: evidence, but no version."""
    if not one.cut:
        return one
    lacking: dict[tuple[str, str], set[str]] = {}
    why = one.cut
    for listing in one.listings:
        try:
            stands = load_listing(c, *listing.key).listing
        except NotFoundError:
            if len(not_found(listing, ON_EVERY_PAGE)) == len(ON_EVERY_PAGE):
                lacking[listing.key], why = {*ON_EVERY_PAGE}, NOTHING_KEPT
            continue
        lost = {*not_found(listing, ESSENTIAL)} - {*not_found(stands, ESSENTIAL)}
        if lost or one.cut == TORN:
            lacking[listing.key] = lost
    if not lacking:
        return one
    names = ", ".join("/".join(key) for key in lacking)
    trouble = why.format(", ".join(sorted(set().union(*lacking.values()))), names)
    first, *others = one.readings
    told = replace(
        first, listings=first.listings - len(lacking), trouble="; ".join(filter(None, [first.trouble, trouble]))
    )
    return replace(one, readings=(told, *others), held=frozenset(lacking))


# --- keeping --------------------------------------------------------------------------------------------------------


def _handed_in(configuration: Configuration, path: Path, told: Told, who: str, at: datetime) -> HandedIn:
    """A file read and sealed."""
    one = read_saved(path, told, at)
    try:
        return _seal(configuration, path, one, who, at) if one.sha256 else one
    except InputError as error:
        return unread(path, str(error))


def _seal(configuration: Configuration, path: Path, one: HandedIn, who: str, at: datetime) -> HandedIn:
    """Copy the file into the evidence folder under its digest: whole or absent, once."""
    name = safe_name(path.name)
    folder = configuration.evidence_dir / f"saved-{one.sha256[:32]}"
    kept = next((found for found in sorted(folder.glob("*")) if found.name != "capture.json"), None)
    if kept is None:
        configuration.evidence_dir.mkdir(parents=True, exist_ok=True)
        check_room(configuration.evidence_dir, one.size, configuration.disk_reserve_mb * 1_000_000)
        part = part_of(folder)
        discard(part)
        with disk_errors(folder):
            part.mkdir()
            kept = part / name
            shutil.copyfile(path, kept)
            if digest_file(kept).sha256 != one.sha256:
                discard(part)
                raise InputError(f"{path}: the file changed while it was read")
            put_json(part / "capture.json", {"files": [{"name": name, "sha256": one.sha256}], "at": at, "who": who})
            sync_file(kept)
            sync_file(part / "capture.json")
        publish(part, folder)
        custody_log(configuration).append(who, "received", f"{folder.name}/{name}", sha256=one.sha256)
    return replace(one, file=f"{folder.name}/{kept.name}")


def _record(c: Connection, one: HandedIn, saved: Saved, told: Told, who: str, run_id: int, at: datetime) -> None:
    """The file, the listings it shows, and its line in the ledger."""
    runs.save_coverage(c, _coverage(one, saved, run_id, at))
    if not one.file:
        return
    row = {name: getattr(one, name) for name in ("sha256", "name", "file", "size", "container", "readings")}
    save_file(c, SavedFile(**row, at=at, who=who, run_id=run_id))
    for listing_id, version in _shown(c, one, told):
        is_picture = one.container == "picture"
        capture = StoredCapture(
            listing_id=listing_id,
            kind=IMAGE if is_picture else SAVED,
            file=one.file,
            sha256=one.sha256,
            at=at,
            url=next((reading.url for reading in one.readings), told.url),
            listing_version=version,
            who=who,
            run_id=run_id,
            detail={"size": one.size, "container": one.container, "name": one.name},
        )
        save_capture(c, capture)


def _shown(c: Connection, one: HandedIn, told: Told) -> list[tuple[int, int]]:
    """(id, version) of the listings in a file, and of the one the officer named."""
    keys = {listing_key(*listing.key) for listing in one.listings}
    if told.listing:
        keys.add(listing_key(*told.listing))
    query = select(listings.c.id, listings.c.version).where(among(c, listings.c.key, sorted(keys)))
    return [(row.id, row.version) for row in c.execute(query.order_by(listings.c.id))]


def _coverage(one: HandedIn, saved: Saved, run_id: int, at: datetime) -> Coverage:
    kinds, troubles = [kind.value for kind in BlockKind], Counter(one.troubles)
    refused = sorted(
        filter(troubles.__contains__, kinds), key=BlockKind.FUZZY.value.__eq__
    )  # an answer of zero hides none
    others = [trouble for trouble in troubles if trouble not in kinds]
    told = [f"{why} ({troubles[why]} times)" if troubles[why] > 1 else why for why in (*refused, *others)]
    answered = sum(1 for reading in one.readings if reading.parser or not reading.trouble)
    return Coverage(
        run_id=run_id,
        source=SOURCE,
        query=one.name,
        pages_asked=len(one.readings),
        pages_answered=answered,
        seen=len(one.listings) + one.rejected,
        stored=saved.new + saved.changed,
        unchanged=saved.unchanged,
        rejected=one.rejected + len(one.held),
        unread=sum(1 for told in one.readings if told.trouble and not (told.parser or told.trouble in kinds))
        + one.is_unknown,
        blocked=BlockKind(refused[0]) if refused else None,
        detail=UNKNOWN if one.is_unknown else "; ".join(told),
        at=at,
    )


# --- tasks ----------------------------------------------------------------------------------------------------------


def _close_tasks(
    c: Connection, files: Sequence[HandedIn], told: Told, who: str, run_id: int, now: datetime
) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Close open capture tasks all of whose queries the files show, and the task that was named; say what others lack."""
    platforms = {listing.platform for one in files for listing in one.listings} | {told.platform} - {""}
    shown = _shown_text(files)
    closed, left = [], []
    for task in list_tasks(c):
        is_ours = task.id == told.task_id or task.platform in platforms or task.url in shown[0]
        if task.kind is not TaskKind.CAPTURE or not is_ours:
            continue
        lacking = [query for query in task.queries if not _is_shown(query, shown)]
        if task.id == told.task_id or not lacking:
            close_task(c, task.id, who, f"import {run_id}: {', '.join(one.name for one in files)[:500]}", now=now)
            closed.append(task.id)
        else:
            left.append(f"task {task.id} ({task.source}) still waits for: {'、'.join(lacking)}")
    return tuple(closed), tuple(left)


def _shown_text(files: Sequence[HandedIn]) -> tuple[frozenset[str], str]:
    """Addresses of all pages that gave listings, and all their text a query can be found in."""
    urls = {reading.url for one in files for reading in one.readings if reading.listings}
    titles = [listing.title for one in files for listing in one.listings if listing.key not in one.held]
    return frozenset(urls), _squeezed("\n".join([*map(unquote_plus, urls), *titles]))


def _is_shown(query: str, shown: tuple[frozenset[str], str]) -> bool:
    urls, text = shown
    return query in urls or _squeezed(query) in text


def _squeezed(text: str) -> str:
    return "".join(text.split(" ")).casefold()
