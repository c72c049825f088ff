"""新增线索: what an officer saw, was told or was handed becomes a lead like any other, already claimed by the officer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from urllib.parse import urlsplit

from sqlalchemy import Connection, select

from gimonitor.errors import InputError, NotFoundError
from gimonitor.model.finding import Finding, History, Origin, Place, Screening, Stage, Suspicion
from gimonitor.model.listing import Field, Listing, Shop
from gimonitor.model.zone import BEIJING
from gimonitor.parsing.items import item_of
from gimonitor.parsing.platform import host_of, platform_of
from gimonitor.parsing.product import item_id_of
from gimonitor.screening.score import score_of
from gimonitor.store import audit, complaints, leads, loading
from gimonitor.store.keys import listing_key
from gimonitor.store.listings import Observation, save_listings
from gimonitor.store.loading import StoredListing
from gimonitor.store.tables import leads as lead_table
from gimonitor.store.tables import listings as listing_table
from gimonitor.workflow import decisions
from gimonitor.workflow.decisions import Actor, require_within
from gimonitor.workflow.vocabulary import Action, ComplaintSource
from gimonitor.workflow.words import COMPLAINT_SOURCES

OFFLINE = "offline"
"""The platform of what was not seen on a page: a photograph, a recording, a stall."""
Screen = Callable[[Listing, date], Screening | None]
"""What screens a listing on a day; None where no rules are at hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the officer fills in. Without an address it must have a title; `file_sha256` names what came with it."""

    gi_id: str
    gi_name: str
    source: ComplaintSource
    title: str
    url: str = ""
    shop: str = ""
    origin: str = ""
    text: str = ""
    file_sha256: str = ""
    complaint_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """The lead, and whether it is new; an offer that was a lead already is only linked."""

    lead_id: int
    listing_id: int
    is_new: bool


def _offer_of(url: str, title: str) -> tuple[str, str]:
    """Platform and item id of an address, as a page collected from there has them. Raises InputError for no http(s) address."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise InputError("链接不是 http(s) 地址") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InputError("链接不是 http(s) 地址")
    return item_of(url) or (platform_of(url) or host_of(url), item_id_of("", url, title))


def add_lead(
    c: Connection,
    actor: Actor,
    report: Report,
    screen: Screen,
    *,
    now: datetime,
    offer: Listing | None = None,
    first_seen: datetime | None = None,
) -> Made:
    """Make a lead of a report, claim it, and link it to its complaint, in the caller's transaction.

    What the store already knows of the offer is kept as it is; `offer` is the listing where it is a stored one or somebody
    else's, who saw it at `first_seen`. `screen` says what the models find on top. Raises InputError where there is neither address nor title, PermissionDeniedError
    outside the officer's area.
    """
    require_within(actor, report.gi_id)
    if not report.title.strip():
        raise InputError("须填写商品标题或一句话的情况")
    listing = offer or _listing(c, report, now)
    known = _lead_of(c, listing, report.gi_id)
    if known is None:
        on = now.astimezone(BEIJING).date()
        screening = screen(listing, on)
        reported = _with_report(screening, listing, report, now)
        observation = Observation(listing=listing, screening=reported, first_seen=first_seen)
        save_listings(c, [observation], None, now, raised_at=now)
        known = _lead_of(c, listing, report.gi_id)
        assert known is not None
        _take(c, actor, known[0], report, now)
        made = Made(lead_id=known[0], listing_id=known[1], is_new=True)
    else:
        made = Made(lead_id=known[0], listing_id=known[1], is_new=False)
    if report.complaint_id is not None:
        complaints.link_lead(c, report.complaint_id, made.lead_id)
    return made


def _take(c: Connection, actor: Actor, lead_id: int, report: Report, now: datetime) -> None:
    """Claim it: a later screening that knows nothing of the report must not close it unseen."""
    why = f"来源：{COMPLAINT_SOURCES[report.source]}" + (f"。{report.text.strip()}" if report.text.strip() else "")
    version = leads.load_lead_row(c, lead_id).version
    decisions.act(c, actor, lead_id, version, Action.CLAIM, now=now, why=why, detail={"source": report.source.value})
    detail: dict[str, object] = {"source": report.source.value, "complaint": report.complaint_id}
    audit.append_audit(c, actor.login, "lead.add", f"lead:{lead_id}", detail, at=now)


def _listing(c: Connection, report: Report, now: datetime) -> Listing:
    if report.url.strip():
        platform, item_id = _offer_of(report.url.strip(), report.title)
    else:
        said = (
            report.file_sha256 or hashlib.sha256(f"{report.title}{report.text}{now.isoformat()}".encode()).hexdigest()
        )
        platform, item_id = OFFLINE, said[:24]
    try:
        return _known(c, platform, item_id, report.url.strip()).as_seen
    except NotFoundError:
        return Listing(
            platform=platform,
            item_id=item_id,
            title=report.title.strip(),
            url=report.url.strip(),
            description=report.text.strip(),
            shop=Shop(name=report.shop.strip()) if report.shop.strip() else None,
            origin=report.origin.strip(),
            source="officer",
            observed_at=now,
            parser="officer@1",
        )


def _known(c: Connection, platform: str, item_id: str, url: str) -> StoredListing:
    """What the store has of an offer; at a site whose name is its host, also what was collected there under another."""
    try:
        return loading.load_listing(c, platform, item_id)
    except NotFoundError:
        if not url or item_of(url) or platform_of(url):
            raise
        return loading.load_listing_at(c, url)


def _with_report(screening: Screening | None, listing: Listing, report: Report, now: datetime) -> Screening:
    """The screening with the officer's own finding over the GI; what the models found over it stands beside it."""
    own = Finding(
        model_id="officer",
        model_version=1,
        family="officer",
        gi_id=report.gi_id,
        gi_name=report.gi_name,
        place=Place(field=Field.TITLE, start=0, end=len(listing.title), text=listing.title),
        reason=f"人工登记的疑点（来源：{COMPLAINT_SOURCES[report.source]}）",
        clears="查明情况后按实际判定",
        severity=0.8,
        confidence=0.8,
        origin=Origin.UNKNOWN,
    )
    if screening is None:
        screening = Screening(
            stage=Stage.FLAGGED,
            suspicions=(),
            clearings=(),
            on=now.astimezone(BEIJING).date(),
            register_digest="",
        )
    mine = [one for one in screening.suspicions if one.gi_id == report.gi_id]
    findings = (own, *(finding for one in mine for finding in one.findings))
    suspicion = Suspicion(
        gi_id=report.gi_id, gi_name=report.gi_name, findings=findings, score=score_of(findings, listing, History())
    )
    others = tuple(one for one in screening.suspicions if one.gi_id != report.gi_id)
    return replace(screening, stage=Stage.FLAGGED, suspicions=(suspicion, *others))


def _lead_of(c: Connection, listing: Listing, gi_id: str) -> tuple[int, int] | None:
    """Ids of the lead over a GI and of its listing."""
    t = lead_table.c
    query = (
        select(t.id, t.listing_id)
        .join(listing_table, listing_table.c.id == t.listing_id)
        .where(listing_table.c.key == listing_key(listing.platform, listing.item_id), t.gi_id == gi_id)
    )
    row = c.execute(query).first()
    return (row.id, row.listing_id) if row else None
