"""A file that an officer saved by hand and handed in: what it is, what its pages show, and whether it was cut short."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from gimonitor.errors import InputError
from gimonitor.evidence.digest import digest_file
from gimonitor.model.listing import Listing
from gimonitor.model.validity import in_words, why_invalid
from gimonitor.parsing.capture import MAX_FILE, Reading, credentials_in, media_of, read_capture
from gimonitor.parsing.items import other_goods
from gimonitor.parsing.page import not_found
from gimonitor.store.saved import SavedReading

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
class Told:
    """What the officer says of the files: where they were saved from, of which platform, which listing they show."""

    url: str = ""
    platform: str = ""
    content_type: str = ""
    listing: tuple[str, str] | None = None
    task_id: int | None = None


def read_saved(path: Path, told: Told, now: datetime) -> HandedIn:
    """What a file gives, or why nothing. A picture or recording gives no listing."""
    try:
        what = _check(path)
    except InputError as error:
        return unread(path, str(error))
    digests = digest_file(path)
    if what:
        return HandedIn(
            name=path.name, container=what, sha256=digests.sha256, size=digests.size, readings=(), listings=()
        )
    body = path.read_bytes()
    try:
        found = read_capture(body, told.url, told.content_type, told.platform)
    except InputError as error:
        return replace(unread(path, str(error)), sha256=digests.sha256, size=digests.size)
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


def unread(path: Path, why: str) -> HandedIn:
    """A file that gave nothing at all."""
    readings = (SavedReading(url="", trouble=why),)
    return HandedIn(name=path.name, container="unread", sha256="", size=0, readings=readings, listings=())


def check_any(paths: Sequence[Path]) -> None:
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
