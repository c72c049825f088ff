"""Single links that somebody reported: each asked once, all in one crawl, or left to a person when it may not be asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from sqlalchemy import Connection, select

from gimonitor.configuration import Configuration
from gimonitor.crawling.hosts import PRIVATE, is_loopback
from gimonitor.crawling.redirects import is_private
from gimonitor.errors import InputError
from gimonitor.model.outside import Outside
from gimonitor.model.run import Coverage, RunState
from gimonitor.model.task import TaskKind
from gimonitor.operations.nightly import gaps_of, gaps_of_slice
from gimonitor.operations.slices import crawl_slice
from gimonitor.parsing.address import web_address
from gimonitor.parsing.platform import platform_of
from gimonitor.store import runs
from gimonitor.store.database import Store, open_store
from gimonitor.store.loading import StoredListing, load_listings
from gimonitor.store.tables import leads, listings
from gimonitor.store.tasks import create_task
from gimonitor.text.personal import cover_personal
from gimonitor.workflow.owners import own_name

KIND = "tip"
SOURCE = "link"
_UNTOLD = "it was not asked; the run's log says why"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tip:
    """What became of a link: the listings stored, as (platform, item id, title), the leads over them and what of the page was
    not had (`gaps`); or why nothing was had, and the capture task for it. A link that could not be asked at all, or leads
    into the own network, has no task. `same_as` is another link of the command whose page this one leads to."""

    run_id: int
    url: str
    listings: tuple[tuple[str, str, str], ...] = ()
    leads: tuple[int, ...] = ()
    gaps: tuple[str, ...] = ()
    task_id: int | None = None
    why: str = ""
    same_as: str = ""


def add_links(
    configuration: Configuration,
    urls: Sequence[str],
    reported_by: Outside,
    *,
    who: str,
    note: str = "",
    now: datetime | None = None,
) -> tuple[Tip, ...]:
    """Ask links in one crawl and store what their pages give, with who reported them. What could not be had becomes a task.

    One answer for each different link, in their order; a link that may not be asked is told with its reason, and the others
    are asked: without a contact those of this machine. Telephone numbers in `note` are covered; the same link again brings the listing up to date. Raises InputError,
    before anything is asked, where there is no link that may be; StoreError.
    """
    wanted, wrong = _checked(urls)
    if not any(wanted.values()):
        raise InputError("; ".join(wrong.values()) or "no link is given")
    moment = now or datetime.now(UTC)
    queries = {f"{reported_by.value} {url}": url for url in wanted.values() if url}
    asked = [query for query, url in queries.items() if _may_be_asked(url, configuration.contact)]
    with open_store(configuration.store_url) as store:
        with store.write() as c:
            config = {
                "urls": list(queries.values()),
                "from": reported_by.value,
                "who": who,
                "note": cover_personal(note),
            }
            run_id = runs.start_run(c, KIND, config, now=moment)
            runs.plan_slices(c, run_id, [(SOURCE, asked)] if asked else [])
            piece = runs.lease_slice(c, run_id, SOURCE, own_name(), configuration.lease_seconds, moment)
        if piece is not None:
            only_time = replace(piece, attempts=runs.ATTEMPTS)  # nobody tries it again by itself
            crawl_slice(configuration, store, only_time, own_name())
        told = {tip.url: tip for tip in _outcomes(store, run_id, queries, configuration.contact)}
    whys = {link: Tip(run_id=run_id, url="", why=why) for link, why in wrong.items()}
    return tuple(dict.fromkeys(told[url] if url else whys[link] for link, url in wanted.items()))


def _checked(urls: Sequence[str]) -> tuple[dict[str, str], dict[str, str]]:
    """The address to ask for each link as it was given, "" for one that is none; and of those the reason."""
    wanted: dict[str, str] = {}
    wrong: dict[str, str] = {}
    for link in urls:
        try:
            wanted[link] = web_address(link)
        except InputError as error:
            wanted[link], wrong[link] = "", str(error)
    return wanted, wrong


def _outcomes(store: Store, run_id: int, queries: dict[str, str], contact: str) -> tuple[Tip, ...]:
    with store.write() as c:
        rows = c.execute(select(listings.c.id).where(listings.c.run_id == run_id).order_by(listings.c.id)).scalars()
        found = load_listings(c, list(rows))
        records = runs.load_coverage(c, run_id)
        tips = [
            _outcome(c, run_id, url, found, [record for record in records if record.query in ("", query)], contact)
            for query, url in queries.items()
        ]
        tips = _with_the_same(tips, {queries[r.query]: queries[r.same_as] for r in records if r.same_as})
        lost = [tip for tip in tips if tip.why]
        gaps = dict.fromkeys([*(tip.why for tip in lost), *(gap for tip in tips for gap in tip.gaps)])
        if not gaps:  # such as a crawl that died behind the last record
            gaps = dict.fromkeys(gap for piece in runs.load_slices(c, run_id) for gap in gaps_of_slice(piece))
            tips = [replace(tip, gaps=tuple(gaps)) for tip in tips]
        is_blocked = len(lost) == len(tips) and any(record.blocked for record in records)
        state = RunState.BLOCKED if is_blocked else RunState.PARTIAL if gaps else RunState.OK
        runs.finish_run(c, run_id, state, "; ".join(gaps))
        return tuple(tips)


def _outcome(
    c: Connection, run_id: int, url: str, found: list[StoredListing], records: list[Coverage], contact: str
) -> Tip:
    """What the records of a link say. One that leads to another link's page waits for what is said of that."""
    if any(record.same_as for record in records):
        return Tip(run_id=run_id, url=url)
    if any(record.stored or record.unchanged for record in records):
        goods = {key for record in records for key in record.goods}
        own = [one for one in found if one.listing.key in goods]
        shown = tuple((*one.listing.key, one.listing.title) for one in own)
        return Tip(
            run_id=run_id, url=url, listings=shown, leads=_leads(c, [one.id for one in own]), gaps=_gaps(records)
        )
    why, reason = _why(url, records, contact)
    if PRIVATE in why:  # nobody's browser is sent into the own network either
        return Tip(run_id=run_id, url=url, why=why)
    task_id = create_task(
        c,
        TaskKind.CAPTURE,
        SOURCE,
        [url],
        platform=platform_of(url),
        url=url,
        reason=reason,
        run_id=run_id,
        is_single=True,
    )
    return Tip(run_id=run_id, url=url, task_id=task_id, why=why)


def _with_the_same(tips: list[Tip], same: dict[str, str]) -> list[Tip]:
    """Say of links that lead to another link's page what is said of that."""
    told = {tip.url: tip for tip in tips}
    return [
        replace(told[same[tip.url]], url=tip.url, same_as=same[tip.url]) if tip.url in same else tip for tip in tips
    ]


def _gaps(records: list[Coverage]) -> tuple[str, ...]:
    """What of a page that gave listings was not had, with what the records say of it."""
    return tuple(f"{gap} ({record.detail})" if record.detail else gap for record in records for gap in gaps_of(record))


def _leads(c: Connection, listing_ids: list[int]) -> tuple[int, ...]:
    query = select(leads.c.id).where(leads.c.listing_id.in_(listing_ids)).order_by(leads.c.id)
    return tuple(c.execute(query).scalars())


def _why(url: str, records: list[Coverage], contact: str) -> tuple[str, str]:
    """In words, and as a task keeps it."""
    blocked = next((record for record in records if record.blocked), None)
    if blocked is not None:
        return blocked.detail, str(blocked.blocked)
    if records:
        return "; ".join(record.detail for record in records if record.detail) or _UNTOLD, "unread"
    if not _may_be_asked(url, contact) and not is_private(_host(url)):
        return "a real site is not asked without a contact: set GIMONITOR_CONTACT", "not_asked"
    if is_private(_host(url)) and (contact or not is_loopback(_host(url))):
        return f"{PRIVATE}: {url}", "not_asked"
    return _UNTOLD, "not_asked"


def _may_be_asked(url: str, contact: str) -> bool:
    """True where a contact is set; without one for this machine."""
    return bool(contact) or is_loopback(_host(url))


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""
