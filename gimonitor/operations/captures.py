"""Pages that an officer saved by hand: sealed as they came, read by the parsers of a crawl, stored with who brought them and
when. Pictures and recordings are kept as evidence; a picture of a known listing is looked at like any of its pictures.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import unquote_plus

from sqlalchemy import Connection, select

from gimonitor.configuration import Configuration
from gimonitor.errors import InputError, NotFoundError
from gimonitor.evidence.digest import digest_file
from gimonitor.evidence.files import check_room, discard, disk_errors, part_of, publish, put_json, safe_name, sync_file
from gimonitor.model.listing import Listing
from gimonitor.model.run import BlockKind, Coverage, RunState
from gimonitor.model.task import TaskKind
from gimonitor.model.validity import in_words, why_invalid
from gimonitor.papers.places import custody_log
from gimonitor.parsing.capture import MAX_FILE, Reading, credentials_in, media_of, read_capture
from gimonitor.parsing.items import other_goods
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
from gimonitor.store.saved import SavedFile, SavedReading, save_file
from gimonitor.store.tables import listings
from gimonitor.store.tasks import close_task, list_tasks, load_task
from gimonitor.store.upsert import among
from gimonitor.workflow.intake import officers_day, take_in

SOURCE = "capture"

MAX_RECORDING = 4 << 30

ON_EVERY_PAGE = ("price", "shop")
"""What goods show in a search and on their own page; without it and without an end, a page may be cut short."""

ESSENTIAL = (*ON_EVERY_PAGE, "origin", "attributes")
"""What a page without its end must not lack where the listing that stands has it."""

TORN = "cut short: {1} stands as it was; import the whole page"
OPEN = "cut short, as it seems, for it has no </html> and lacks {0}: {1} stands as it was; save it again, as MHTML"
NOTHING_KEPT = (
    "cut short, as it seems, for it has no end and lacks {0}: nothing of {1} is stored; save it again, as MHTML"
)
MAY_BE_OPEN = "the page has no </html> and lacks {}: it may be cut short"
UNKNOWN = "no page of a kind that a parser knows"
SESSION_INSIDE = "holds the session of whoever saved it ({}), and is kept as handed in: log out at that site now, so that it is worth nothing"

_FURTHER = re.compile(r"[?&](?:page\w*|s|offset|newest|begin_?page)=0*(?:[2-9]|1\d)", re.IGNORECASE)
"""A page of results that may not be the first one: a place on it is no rank."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedIn:
    """What a file gave. `listings` are those of all its pages that could be read, `rejected` others that cannot be kept;
    `cut` says that its page is cut short, or may be, `held` are the (platform, item id) for which a fuller page stands; `file` is empty when nothing was stored, `sha256` when there is nothing that could be kept (no such file, an empty one).
    """

    name: str
    container: str
    sha256: str
    size: int
    readings: tuple[SavedReading, ...]
    listings: tuple[Listing, ...]
    rejected: int = 0
    cut: str = ""
    held: frozenset[tuple[str, str]] = frozenset()
    file: str = ""

    @property
    def troubles(self) -> tuple[str, ...]:
        """Why pages gave nothing, or not all."""
        return tuple(reading.trouble for reading in self.readings if reading.trouble)

    @property
    def is_unknown(self) -> bool:
        """True where no page is of a kind that a parser knows."""
        return bool(self.readings) and not any(reading.parser or reading.trouble for reading in self.readings)


@dataclass(frozen=True, slots=True, kw_only=True)
class PagesImported:
    """What an import of saved pages did. `closed` are tasks it fulfilled, `left` what open tasks still wait for."""

    run_id: int
    files: tuple[HandedIn, ...]
    saved: Saved
    closed: tuple[int, ...] = ()
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the officer says of the files: where they were saved from, of which platform, which listing they show."""

    url: str = ""
    platform: str = ""
    content_type: str = ""
    listing: tuple[str, str] | None = None
    task_id: int | None = None


def preview_pages(paths: Sequence[Path], told: Told) -> list[HandedIn]:
    """What the files give, without a store. Raises InputError when there is none that could be kept."""
    _check_any(paths)
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
    _check_any(paths)
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


# --- reading --------------------------------------------------------------------------------------------------------


def read_saved(path: Path, told: Told, now: datetime) -> HandedIn:
    """What a file gives, or why nothing. A picture or recording gives no listing."""
    try:
        what = _check(path)
    except InputError as error:
        return _unread(path, str(error))
    digests = digest_file(path)
    if what:
        return HandedIn(
            name=path.name, container=what, sha256=digests.sha256, size=digests.size, readings=(), listings=()
        )
    body = path.read_bytes()
    try:
        found = read_capture(body, told.url, told.content_type, told.platform)
    except InputError as error:
        return replace(_unread(path, str(error)), sha256=digests.sha256, size=digests.size)
    shown = tuple(
        replace(listing, source=SOURCE, rank=_rank(one, place), observed_at=_moment(one.page.at, now))
        for one in found
        if one.parsed
        for place, listing in enumerate(one.parsed.listings, 1)
    )
    kept = tuple(listing for listing in shown if not why_invalid(listing))
    return HandedIn(
        name=path.name,
        container=found[0].page.container,
        sha256=digests.sha256,
        size=digests.size,
        readings=_readings(found, credentials_in(body)),
        listings=kept,
        rejected=len(shown) - len(kept),
        cut=_cut(found),
    )


def _cut(found: Sequence[Reading]) -> str:
    """How the page of a file that holds one is cut short; "" where it is not, or where the pages before the break are whole."""
    page, last = found[0].page, found[-1]
    if page.container == "mhtml" and last.error:
        return TORN
    return OPEN if page.container in ("mhtml", "html", "singlefile") and not page.has_end else ""


def _rank(one: Reading, place: int) -> int | None:
    """The place of a listing in a search: only a first page of results, known by its address, gives one."""
    is_first = one.parsed is not None and one.parsed.is_search and one.page.url and not _FURTHER.search(one.page.url)
    return place if is_first else None


def _readings(found: Sequence[Reading], credentials: Sequence[str]) -> tuple[SavedReading, ...]:
    """What each page gave; what is odd about the whole file stands with the first one."""
    first, *others = map(_reading, found)
    if credentials:
        first = replace(first, notes=(SESSION_INSIDE.format(", ".join(credentials)), *first.notes))
    return (first, *others)


def _unread(path: Path, why: str) -> HandedIn:
    """A file that gave nothing at all."""
    readings = (SavedReading(url="", trouble=why),)
    return HandedIn(name=path.name, container="unread", sha256="", size=0, readings=readings, listings=())


def _check_any(paths: Sequence[Path]) -> None:
    """Raise InputError, with all reasons, when none of the files could be kept."""
    reasons = []
    for path in paths:
        try:
            _check(path)
        except InputError as error:
            reasons.append(str(error))
    if len(reasons) == len(paths):
        raise InputError("; ".join(reasons))


def _check(path: Path) -> str:
    """What kind of media a file is, "" for a page. Raises InputError when it is not there or too large."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            what = media_of(file.read(32))
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error
    most = MAX_RECORDING if what else MAX_FILE
    if not 0 < size <= most:
        raise InputError(f"{path}: {size} bytes; a file holds 1 to {most}")
    return what


def _reading(one: Reading) -> SavedReading:
    if one.parsed is None:
        return SavedReading(url=one.page.url, trouble=one.blocked or one.error)
    rejected = Counter(filter(None, map(why_invalid, one.parsed.listings)))
    return SavedReading(
        url=one.page.url,
        parser=one.parsed.parser,
        listings=len(one.parsed.listings) - rejected.total(),
        missing=one.parsed.missing,
        trouble=in_words(rejected),
        notes=(*one.parsed.notes, *filter(None, [other_goods(one.page.url, one.parsed.listings), _may_be_open(one)])),
    )


def _may_be_open(one: Reading) -> str:
    lacking = (
        {name for listing in one.parsed.listings for name in not_found(listing, ON_EVERY_PAGE)} if one.parsed else ()
    )
    return MAY_BE_OPEN.format(", ".join(sorted(lacking))) if lacking and _cut([one]) else ""


def _moment(told: str, now: datetime) -> datetime:
    """When a page was saved, as its file tells (ISO 8601 or RFC 5322); now, where it tells nothing or the future."""
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = read(told)
        except (ValueError, TypeError, IndexError):
            continue
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        return min(found.astimezone(UTC), now)
    return now


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
        return _unread(path, str(error))


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
