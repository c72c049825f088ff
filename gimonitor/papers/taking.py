"""Captures made for leads: the offer's page, its shop and its place in the search; and the rows that remember them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from time import monotonic

from gimonitor.configuration import Configuration
from gimonitor.errors import EvidenceError, GimonitorError, InputError
from gimonitor.evidence.browser import Browser
from gimonitor.evidence.capture import MANIFEST, Capture, CaptureRequest, capture_pages
from gimonitor.evidence.clock import ClockCheck, check_clock
from gimonitor.evidence.files import sweep_parts
from gimonitor.evidence.outside import require_outside
from gimonitor.evidence.stamping import StampQueue
from gimonitor.evidence.timestamps import Token
from gimonitor.model.lead import State
from gimonitor.papers.places import custody_log, stamp_queue, trusted_roots
from gimonitor.papers.sites import Site, load_site
from gimonitor.store import audit, captures
from gimonitor.store.captures import StoredCapture
from gimonitor.store.database import Store
from gimonitor.store.leads import LeadRecord, load_lead
from gimonitor.store.queue import QueueFilter, queue_page
from gimonitor.store.raising import SYSTEM
from gimonitor.workflow.rechecks import Look, Page, judge_look
from gimonitor.workflow.vocabulary import Seen

_KINDS = {
    "page.html": "html",
    "page.mhtml": "mhtml",
    "viewport.png": "viewport",
    "full.png": "screenshot",
    "environment.json": "environment",
    "responses.json": "responses",
    "certificates.pem": "certificates",
    MANIFEST: "manifest",
}
_BATCH = 50
BEFORE_SENDING, RECHECK = "before_sending", "recheck"
"""Purposes for which only the offer's own page is looked at; others are `flag` and `demand`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What was taken for a lead: the offer's page first, then those of its shop and of the search, as far as they could
    be had; `failed` says in words which could not. `look` is what the offer's page shows now. `stamps` counts the
    time-stamps obtained, `unstamped` says why one is missing and waits in the queue."""

    lead_id: int
    pages: tuple[Capture, ...]
    look: Look
    failed: tuple[str, ...] = ()
    stamps: int = 0
    unstamped: str = ""

    @property
    def item(self) -> Capture:
        """The capture of the offer's own page."""
        return self.pages[0]


def requests_for(
    record: LeadRecord,
    configuration: Configuration,
    who: str,
    purpose: str = "demand",
    *,
    site: Site | None = None,
    clock: ClockCheck | None = None,
    shop: str = "",
    search: str = "",
) -> list[CaptureRequest]:
    """What to capture for a lead: the offer's page with a crop of every place where something stands, and, unless it is
    only looked at again, its shop and the page of results that showed it. `shop` and `search` are addresses that a
    person gives where the listing and the rules know none.

    Raises:
        InputError: the listing has no address.
    """
    listing, site = record.suspected, site or load_site(record.suspected.platform)
    if not listing.url:
        raise InputError(f"线索 {record.lead.id} 没有链接地址，不能固证")
    found = listing.query and listing.rank
    path = (f"线索采集时见于搜索“{listing.query}”第 {listing.rank} 位",) if found else ()
    places = [f.place.text for f in record.findings if f.place.text and "\n" not in f.place.text]
    item = CaptureRequest(
        url=listing.url,
        purpose=purpose,
        who=who,
        machine=configuration.machine,
        access=(*path, "按地址打开商品页"),
        crops=tuple(dict.fromkeys(places)),
        emptied=site.emptied,
        clock=clock or check_clock(configuration.time_server, configuration.timestamp_urls),
    )
    made = [item]
    if purpose not in (BEFORE_SENDING, RECHECK):
        shop = shop or (listing.shop.url if listing.shop else "")
        search = search or site.search_url(listing)
        if shop:
            made.append(replace(item, url=shop, shows="shop", access=(*path, "由商品页所示地址打开店铺页"), crops=()))
        if search:
            access = (f"搜索 {listing.query}",) if listing.query else ()
            made.append(replace(item, url=search, shows="search", access=access, crops=(), item_id=listing.item_id))
    return made


def take_for_lead(
    store: Store,
    record: LeadRecord,
    configuration: Configuration,
    *,
    who: str,
    now: datetime,
    purpose: str = "demand",
    browser: Browser | None = None,
    shop: str = "",
    search: str = "",
) -> Taken:
    """Capture a lead's pages, note each in the custody log, have its list of files time-stamped where authorities are
    configured (those that do not answer are queued), and store its rows and the audit entry in one transaction. Each
    page has the time at which it was begun, counted from `now`.

    Raises as `capture_page` and `requests_for` do where the offer's own page cannot be had; then nothing is stored.
    """
    if browser is None:
        with Browser(configuration.chromium) as own:
            return take_for_lead(
                store, record, configuration, who=who, now=now, purpose=purpose, browser=own, shop=shop, search=search
            )
    site = load_site(record.suspected.platform)
    requests = requests_for(record, configuration, who, purpose, site=site, shop=shop, search=search)
    began = monotonic()
    made = _pages(requests, configuration, browser, lambda: now + timedelta(seconds=monotonic() - began))
    return _kept(store, configuration, record, requests, made, who, purpose, now, stamp_queue(configuration))


def take_new(
    store: Store,
    configuration: Configuration,
    *,
    least: float,
    limit: int,
    who: str = SYSTEM,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    tell: Callable[[int, Taken | GimonitorError], None] = lambda lead_id, outcome: None,
) -> tuple[int, int]:
    """Capture the pages of new leads with a score of `least` or more that were never captured, the highest first, at
    most `limit`, with one browser: to be run after the nightly crawl. Returns how many were captured and how many failed.

    Raises DiskFullError; what was captured before stays.
    """
    done = failed = 0
    check, queue = check_clock(configuration.time_server, configuration.timestamp_urls), stamp_queue(configuration)
    with Browser(configuration.chromium) as browser:
        for record in islice(uncaptured(store, least), limit):
            site, now = load_site(record.suspected.platform), clock()
            try:
                requests = requests_for(record, configuration, who, "flag", site=site, clock=check)
                made = _pages(requests, configuration, browser, clock)
                taken = _kept(store, configuration, record, requests, made, who, "flag", now, queue)
            except (EvidenceError, InputError) as error:
                failed += 1
                tell(record.lead.id, error)
            else:
                done += 1
                tell(record.lead.id, taken)
    return done, failed


def _pages(
    requests: Sequence[CaptureRequest], configuration: Configuration, browser: Browser, clock: Callable[[], datetime]
) -> list[Capture | GimonitorError]:
    """The pages, none of them in this machine's own network: a seller's link must not look around here. What dead captures
    left is swept."""
    sweep_parts(configuration.evidence_dir, clock() - timedelta(days=1))
    return list(
        capture_pages(
            requests,
            configuration.evidence_dir,
            browser=browser,
            reserve=configuration.disk_reserve_mb << 20,
            clock=clock,
            guard=lambda url: require_outside(url, configuration),
        )
    )


def uncaptured(store: Store, least: float) -> Iterator[LeadRecord]:
    """New leads by falling score, down to `least`, of which no page was captured yet."""
    after = None
    while True:
        with store.read() as c:
            page = queue_page(c, QueueFilter(states=(State.NEW,), raised=True), after, _BATCH)
            records = [load_lead(c, row.id) for row in page.rows if row.score >= least]
        yield from (r for r in records if not any(each.kind == "manifest" for each in r.captures))
        if page.next is None or len(records) < len(page.rows):
            return
        after = page.next


def _kept(
    store: Store,
    configuration: Configuration,
    record: LeadRecord,
    requests: Sequence[CaptureRequest],
    made: Sequence[Capture | GimonitorError],
    who: str,
    purpose: str,
    now: datetime,
    queue: StampQueue,
) -> Taken:
    """Write down what was captured; the offer's own page must be among it."""
    if not isinstance(made[0], Capture):
        raise made[0]
    pages = tuple(each for each in made if isinstance(each, Capture))
    failed = tuple(
        f"{request.shows}：{each}"
        for request, each in zip(requests, made, strict=False)
        if not isinstance(each, Capture)
    )
    stamps, unstamped = 0, ""
    for page in pages:
        log = custody_log(configuration)
        log.append(who, "captured", page.folder.name, sha256=page.sha256, detail=page.url)
        tokens, unstamped = stamp_capture(page, configuration, queue, now)
        stamps += len(tokens)
    taken = Taken(
        lead_id=record.lead.id,
        pages=pages,
        look=_look(record, made[0]),
        failed=failed,
        stamps=stamps,
        unstamped=unstamped,
    )
    with store.write() as c:
        for page in pages:
            for row in stored_rows(page, record, who, purpose, taken.look if page is made[0] else None):
                captures.save_capture(c, row)
        detail = {
            "folders": {page.folder.name: page.sha256 for page in pages},
            "gaps": [gap for page in pages for gap in page.gaps],
            "failed": list(failed),
            "stamps": stamps,
            "unstamped": unstamped,
            "purpose": purpose,
            "seen": taken.look.seen.value,
        }
        audit.append_audit(c, who, "lead.capture", f"lead:{record.lead.id}", detail, at=now)
    return taken


def stamp_capture(
    page: Capture, configuration: Configuration, queue: StampQueue, now: datetime
) -> tuple[list[Token], str]:
    """Time-stamp a capture's list of files at once, or queue it; says why a stamp is missing ("" where none is)."""
    return queue.stamp_now(page.folder / MANIFEST, configuration.timestamp_urls, trusted_roots(configuration), now=now)


def _look(record: LeadRecord, taken: Capture) -> Look:
    if taken.blank:
        return Look(seen=Seen.UNKNOWN, text="页面没有显示内容")
    page = Page(
        url=taken.final_url, status=taken.status, body=(taken.folder / "page.html").read_bytes(), visible=taken.text
    )
    return judge_look(record.suspected, record.findings, page)


def stored_rows(
    taken: Capture, record: LeadRecord, who: str, purpose: str, look: Look | None = None
) -> list[StoredCapture]:
    """One row for each file of a capture, its list included; the list's row remembers what was seen."""
    manifest = taken.folder / MANIFEST
    common = {"status": taken.status, "shows": taken.shows, "purpose": purpose}
    seen = (
        {"seen": look.seen.value, "told": look.text, "changed": look.changed, "unsettled": look.unsettled}
        if look
        else {}
    )
    row = StoredCapture(
        listing_id=record.listing.id,
        listing_version=record.listing.version,
        lead_id=record.lead.id,
        kind="manifest",
        file=f"{taken.folder.name}/{MANIFEST}",
        sha256=taken.sha256,
        at=taken.at,
        url=taken.url,
        who=who,
        detail={**common, "size": manifest.stat().st_size, "blank": taken.blank, "rank": taken.rank, **seen},
    )
    return [row] + [
        replace(
            row,
            kind=kind_of(file.name),
            file=f"{taken.folder.name}/{file.name}",
            sha256=file.digests.sha256,
            detail={**common, "size": file.digests.size, "role": file.role},
        )
        for file in taken.files
    ]


def kind_of(name: str) -> str:
    """The kind under which a file of a capture is stored."""
    if name.endswith(".warc.gz"):
        return "warc"
    return _KINDS.get(name, "crop")
