"""A single link that somebody reported: asked once by the shop spider's path, or left to a person when it may not be asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from sqlalchemy import Connection, select

from gimonitor.configuration import Configuration
from gimonitor.errors import InputError
from gimonitor.model.outside import Outside
from gimonitor.model.run import Coverage, RunState
from gimonitor.model.task import TaskKind
from gimonitor.operations.slices import crawl_slice
from gimonitor.parsing.platform import platform_of
from gimonitor.store import runs
from gimonitor.store.database import Store, open_store
from gimonitor.store.tables import leads, listings
from gimonitor.store.tasks import create_task
from gimonitor.workflow.owners import own_name

KIND = "tip"
SOURCE = "link"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tip:
    """What became of a link: the listings stored, as (platform, item id, title), the leads over them, or a capture task and why."""

    run_id: int
    listings: tuple[tuple[str, str, str], ...] = ()
    leads: tuple[int, ...] = ()
    task_id: int | None = None
    why: str = ""


def add_link(
    configuration: Configuration,
    url: str,
    reported_by: Outside,
    *,
    who: str,
    note: str = "",
    now: datetime | None = None,
) -> Tip:
    """Ask a link and store what its page gives, with who reported it. What could not be had becomes a capture task.

    The same link again brings the listing up to date. Raises InputError for what is no http(s) address, StoreError.
    """
    if not _is_web_address(url):
        raise InputError(f"no http(s) address: {url[:200]!r}")
    moment, query = now or datetime.now(UTC), f"{reported_by.value} {url}"
    with open_store(configuration.store_url) as store:
        with store.write() as c:
            config = {"url": url, "from": reported_by.value, "who": who, "note": note}
            run_id = runs.start_run(c, KIND, config, now=moment)
            runs.plan_slices(c, run_id, [(SOURCE, [query])])
            piece = runs.lease_slice(c, run_id, SOURCE, own_name(), configuration.lease_seconds, moment)
        assert piece is not None
        only_time = replace(piece, attempts=runs.ATTEMPTS)  # nobody tries it again by itself
        crawl_slice(configuration, store, only_time, own_name())
        return _outcome(store, run_id, url)


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not any(c.isspace() for c in url)


def _outcome(store: Store, run_id: int, url: str) -> Tip:
    with store.write() as c:
        found = c.execute(select(listings).where(listings.c.run_id == run_id).order_by(listings.c.id)).all()
        if found:
            runs.finish_run(c, run_id, RunState.OK, "")
            return Tip(
                run_id=run_id,
                listings=tuple((row.platform, row.item_id, row.title) for row in found),
                leads=_leads(c, [row.id for row in found]),
            )
        why, reason = _why(runs.load_coverage(c, run_id))
        runs.finish_run(c, run_id, RunState.BLOCKED if reason != "unread" else RunState.PARTIAL, why)
        task_id = create_task(
            c, TaskKind.CAPTURE, SOURCE, [url], platform=platform_of(url), url=url, reason=reason, run_id=run_id
        )
        return Tip(run_id=run_id, task_id=task_id, why=why)


def _leads(c: Connection, listing_ids: list[int]) -> tuple[int, ...]:
    query = select(leads.c.id).where(leads.c.listing_id.in_(listing_ids)).order_by(leads.c.id)
    return tuple(c.execute(query).scalars())


def _why(records: tuple[Coverage, ...]) -> tuple[str, str]:
    """In words, and as a task keeps it."""
    blocked = next((record for record in records if record.blocked), None)
    if blocked is not None:
        return blocked.detail, str(blocked.blocked)
    told = "; ".join(record.detail for record in records if record.detail)
    return told or "it was not asked; the run's log says why", "unread" if records else "not_asked"
