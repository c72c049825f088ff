"""复核: looking again at the pages of sent leads, on the days of the ladder. What a look means is judged here, purely;
how a page is opened is the caller's business.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from gimonitor.errors import BlockedError, ConflictError, GimonitorError, InputError
from gimonitor.model.finding import Finding
from gimonitor.model.lead import Decision
from gimonitor.model.listing import Field, Listing
from gimonitor.model.run import BlockKind
from gimonitor.model.zone import BEIJING
from gimonitor.parsing import ParsedPage, parse_page, says_gone
from gimonitor.parsing.classify import readable_text
from gimonitor.store import captures, leads, relisting
from gimonitor.store import clocks as store
from gimonitor.store.captures import Notice
from gimonitor.store.database import Store
from gimonitor.store.leads import LeadRecord
from gimonitor.store.raising import SYSTEM
from gimonitor.workflow import following
from gimonitor.workflow.areas import Within
from gimonitor.workflow.clocks import OUT
from gimonitor.workflow.decisions import Actor
from gimonitor.workflow.notices import replies_before
from gimonitor.workflow.roles import Role
from gimonitor.workflow.states import Action
from gimonitor.workflow.vocabulary import Answer, Seen
from gimonitor.workflow.words import BLOCKS

log = logging.getLogger(__name__)
MACHINE = Actor(login=SYSTEM, roles=frozenset({Role.OFFICER}))
_GONE = frozenset({404, 410})


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a look at a page showed, with a word on why it is taken so. `changed` says what else of a page that is still up
    is not as it was when it was suspected; `unsettled`: among it is an origin or an attribute, on which a suspicion rests."""

    seen: Seen
    text: str = ""
    changed: str = ""
    unsettled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page as it was opened: where it ended, its status, the bytes of its rendered document, and the text that a reader
    saw on it ("": judged by the document, where nobody rendered it)."""

    url: str
    status: int
    body: bytes
    visible: str = ""


def judge_look(before: Listing, findings: tuple[Finding, ...], page: Page) -> Look:
    """Compare a page with the listing that was suspected. Pure; never raises for what a page holds."""
    if page.status in _GONE:
        return Look(seen=Seen.GONE, text=f"页面返回 {page.status}")
    unknown = Look(seen=Seen.UNKNOWN, text="页面内容无法与原商品对应")
    try:
        parsed = parse_page(page.body, page.url, "text/html; charset=utf-8", before.platform, page.status)
    except BlockedError as error:
        blocked = Look(seen=Seen.BLOCKED, text=BLOCKS.get(error.kind, error.kind))
        if error.kind != BlockKind.EMPTY_SHELL or not page.visible:
            return blocked
        parsed, unknown = (
            ParsedPage(),
            blocked,
        )  # few words with a script: an answer where a reader sees the goods in them
    except InputError as error:
        return Look(seen=Seen.UNKNOWN, text=str(error)[:200])
    now = next((one for one in parsed.listings if one.item_id == before.item_id), None)
    shown = page.visible or _rendered(now, page)
    if now is None and (gone := says_gone(shown)):
        return Look(seen=Seen.GONE, text=f"页面显示“{gone}”")
    is_same_title = _squeezed(before.title) in _squeezed(shown)
    if left := _left(findings, now, shown):
        title = [] if is_same_title else ["页面上的标题与发现疑点时不同"]
        facts = _moved(before, now) if now else []
        changed = "；".join([*title, *facts])
        return Look(seen=Seen.STILL_UP, text=f"疑点文字仍在：{left[:40]}", changed=changed, unsettled=bool(facts))
    if now is not None or _squeezed(before.title[:12]) in _squeezed(shown):
        return Look(seen=Seen.CHANGED, text="页面仍在，疑点文字已不见")
    return unknown


def _rendered(now: Listing | None, page: Page) -> str:
    texts = "\n".join(text for _, _, text in now.texts()) if now else ""
    return texts or readable_text(page.body.decode("utf-8", "replace"))


def _left(findings: tuple[Finding, ...], now: Listing | None, shown: str) -> str:
    """The first suspected words that are still there, "" where none are: seen by a reader, or, but for a title's, in the
    same field of the page, which may be folded away or never shown."""
    fields = {(field, key): text for field, key, text in now.texts()} if now else {}
    for place in (finding.place for finding in findings if finding.place.text):
        hidden = "" if place.field is Field.TITLE else fields.get((place.field, place.key), "")
        if place.text in hidden or _squeezed(place.text) in _squeezed(shown):
            return place.text
    return ""


def _moved(before: Listing, now: Listing) -> list[str]:
    """The origin and the attributes that the page states otherwise than when it was suspected, in sentences. What only one of
    the two tells may have been read by another parser, or elsewhere."""
    facts = {"产地": (before.origin, now.origin)}
    shown = dict(now.attributes)
    facts |= {name: (text, shown.get(name, "")) for name, text in before.attributes}
    return [
        f"页面所示{name}由“{was[:60]}”变为“{states[:60]}”"
        for name, (was, states) in facts.items()
        if was and states and _squeezed(was) != _squeezed(states)
    ]


def _squeezed(text: str) -> str:
    return "".join(text.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Rechecked:
    """What a run of the job did: leads by what was seen, and those somebody changed in between."""

    seen: dict[Seen, int]
    skipped: int = 0

    @property
    def looked(self) -> int:
        """How many pages were looked at."""
        return sum(self.seen.values())


def run_rechecks(
    opened: Store,
    look: Callable[[LeadRecord], Look],
    *,
    now: datetime,
    limit: int = 200,
    before: Callable[[str], None] | None = None,
) -> Rechecked:
    """Look at every page that is due, the longest due first, and record each look in a transaction of its own.

    `look` opens the page; an error of ours makes the look `unknown` with its words. `before` is called with each
    address: it waits as politeness asks, or raises where the address may not be opened. Killed half-way, what was
    recorded stands and the rest is due still.
    """
    today = now.astimezone(BEIJING).date()
    with opened.read() as c:
        due = store.looks_due(c, OUT, today, limit)
    counts = dict.fromkeys(Seen, 0)
    skipped = 0
    for one in due:
        with opened.read() as c:
            record = leads.load_lead(c, one.lead_id)
        found = _look(record, look, before)
        rung = (one.look_on - one.sent_at.astimezone(BEIJING).date()).days
        try:
            with opened.write() as c:
                following.recheck(
                    c,
                    MACHINE,
                    one.lead_id,
                    leads.load_lead_row(c, one.lead_id).version,
                    now=now,
                    seen=found.seen,
                    text=found.text,
                    day=rung,
                )
        except ConflictError as error:
            log.info("lead %d moved on while its page was looked at: %s", one.lead_id, error)
            skipped += 1
        else:
            counts[found.seen] += 1
    return Rechecked(seen=counts, skipped=skipped)


def _look(record: LeadRecord, look: Callable[[LeadRecord], Look], before: Callable[[str], None] | None) -> Look:
    try:
        if before is not None:
            before(record.suspected.url)
        return look(record)
    except BlockedError as error:
        return Look(seen=Seen.BLOCKED, text=BLOCKS.get(error.kind, error.kind))
    except GimonitorError as error:
        log.warning("lead %d: its page could not be looked at: %s", record.lead.id, error)
        return Look(seen=Seen.UNKNOWN, text=str(error)[:200])


@dataclass(frozen=True, slots=True, kw_only=True)
class Notable:
    """A look of the last days that somebody should see. `said_removed`: the platform had answered that it is gone."""

    lead_id: int
    seen: Seen
    on: date
    said_removed: bool
    relisted: tuple[int, ...]


def lately(c: Connection, now: datetime, within: Within = None, days: int = 2) -> tuple[Notable, ...]:
    """Looks of the last days: pages up that were said to be removed, and pages gone whose offer seems to be back."""
    looked: dict[int, Decision] = {}
    for decision in store.looks_between(c, now - timedelta(days=days), now, Action.RECHECK.value, within):
        looked.setdefault(decision.lead_id, decision)
    found = (_notable(c, decision, within) for decision in looked.values())
    return tuple(one for one in found if one is not None)


def _notable(c: Connection, decision: Decision, within: Within) -> Notable | None:
    seen = str(decision.detail.get("seen", ""))
    if seen not in (Seen.STILL_UP, Seen.GONE):
        return None
    sent = captures.notices_of(c, decision.lead_id)
    removed = seen == Seen.STILL_UP and any(_said_removed(n, decision.at) for n in sent)
    again: tuple[int, ...] = ()
    if seen == Seen.GONE:
        again = tuple(one.lead_id for one in relisting.relisted_as(c, leads.load_lead(c, decision.lead_id), within))
    if not removed and not again:
        return None
    return Notable(
        lead_id=decision.lead_id,
        seen=Seen(seen),
        on=decision.at.astimezone(BEIJING).date(),
        said_removed=removed,
        relisted=again,
    )


def _said_removed(notice: Notice, looked_at: datetime) -> bool:
    """True where the platform had said so before the look: what it does after it is no broken word."""
    kinds = {reply.kind for reply in replies_before(notice, looked_at)}
    return Answer.REMOVED in kinds and Answer.RESTORED not in kinds
