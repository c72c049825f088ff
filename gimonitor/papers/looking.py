"""报送前复看: nobody complains of a page that is gone. Any capture of the offer's own page is a look at it; it counts for the
hours that are set, and what is built or sent without one was expressly wanted so and says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gimonitor.configuration import Configuration
from gimonitor.evidence.browser import Browser
from gimonitor.evidence.pages import beijing
from gimonitor.model.lead import Resolution, State
from gimonitor.papers.kinds import EXTRACTION, PAPERS
from gimonitor.papers.taking import BEFORE_SENDING, take_for_lead
from gimonitor.store.captures import StoredCapture
from gimonitor.store.database import Store
from gimonitor.store.leads import LeadRecord
from gimonitor.workflow.rechecks import Look
from gimonitor.workflow.vocabulary import PackKind, Seen
from gimonitor.workflow.words import SEEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """What an officer expressly does without when a pack is built."""

    without_capture: bool = False
    without_look: bool = False


NOTHING_WAIVED = Waiver()


def look_before_sending(
    store: Store,
    record: LeadRecord,
    configuration: Configuration,
    *,
    who: str,
    now: datetime,
    browser: Browser | None = None,
) -> Look:
    """Capture the lead's page and judge it. Raises as `take_for_lead` does; then nothing is stored."""
    return take_for_lead(store, record, configuration, who=who, now=now, purpose=BEFORE_SENDING, browser=browser).look


def last_look(record: LeadRecord) -> tuple[datetime, Look] | None:
    """When a lead's page was last looked at, and what was seen; None where it never was."""
    for capture in sorted(record.captures, key=lambda each: each.at, reverse=True):
        if capture.kind == "manifest" and "seen" in capture.detail:
            return capture.at, look_of(capture)
    return None


def look_of(capture: StoredCapture) -> Look:
    """What was seen when an offer's own page was captured."""
    told, changed = (str(capture.detail.get(name, "")) for name in ("told", "changed"))
    unsettled = bool(capture.detail.get("unsettled"))
    return Look(seen=Seen(str(capture.detail["seen"])), text=told, changed=changed, unsettled=unsettled)


def last_shown(record: LeadRecord) -> datetime:
    """When the offer was last seen: by a crawl, or by any look that showed its page."""
    looks = [
        capture.at
        for capture in record.captures
        if capture.kind == "manifest" and capture.detail.get("seen") in (Seen.STILL_UP, Seen.CHANGED)
    ]
    return max([record.listing.last_seen, *looks])


def lacking_look(record: LeadRecord, now: datetime, hours: float) -> str:
    """Why a lead may not be sent yet: nobody looked at its page within `hours`, or it was gone then, or what the suspicion
    rests on had changed; "" where it may."""
    look = last_look(record)
    if look is None:
        return "还没有复看过页面"
    if now - look[0] > timedelta(hours=hours):
        return f"最近一次复看在{beijing(look[0])}，已超过 {hours:g} 小时"
    if look[1].seen is Seen.GONE:
        return f"复看时页面已经不存在（{look[1].text}），请登记复核结果"
    if look[1].seen is Seen.CHANGED:
        return f"复看时页面与发现疑点时不同（{SEEN[Seen.CHANGED]}，{look[1].text}）"
    if look[1].unsettled:
        return f"复看时页面与发现疑点时不同（{look[1].changed}）"
    return ""


def not_ready(
    records: Sequence[LeadRecord], kind: PackKind, now: datetime, hours: float, waiver: Waiver = NOTHING_WAIVED
) -> list[str]:
    """Before a pack is built each lead needs a capture and, where the pack leaves the house, a second person's approval, which
    nobody does without, and a fresh look: every lead that has not, how to get it, and how to do without; empty where all have."""
    lacks = []
    for record in records:
        if not waiver.without_capture and not has_capture(record):
            lacks.append(f"线索 {record.lead.id} {_uncaptured(record)}，请先固证")
        elif not waiver.without_look and kind.leaves and (why := lacking_look(record, now, hours)):
            lacks.append(f"线索 {record.lead.id}：{why}")
    waivable = [*lacks, "确需不固证或者不复看而出包的，须明示，材料中会写明"] if lacks else []
    return [*_unapproved(records, kind), *waivable]


def waits_for_approval(record: LeadRecord) -> bool:
    """True where one person judged a lead 疑似成立 and no other has agreed yet."""
    return record.lead.state is State.JUDGED and record.lead.resolution is Resolution.CONFIRMED


def _unapproved(records: Sequence[LeadRecord], kind: PackKind) -> list[str]:
    waiting = [str(record.lead.id) for record in records if kind.leaves and waits_for_approval(record)]
    if not waiting:
        return []
    return [f"线索 {'、'.join(waiting)} 还没有经另一人审批；审批前只能生成留存本单位的材料"]


def has_capture(record: LeadRecord) -> bool:
    """True where the offer's page was captured at least once; a login wall or a page that is gone is no offer's page."""
    return any(
        capture.kind == "manifest"
        and capture.detail.get("shows", "item") == "item"
        and capture.detail.get("seen") not in (Seen.BLOCKED, Seen.GONE)
        and not capture.detail.get("blank")
        for capture in record.captures
    )


def was_opened(record: LeadRecord) -> bool:
    """True where a page of the offer was opened in a browser and written down, whatever it showed."""
    return any(capture.kind == "environment" for capture in record.captures)


def _uncaptured(record: LeadRecord) -> str:
    look = last_look(record)
    return f"还没有固证到商品页面（最近一次：{SEEN[look[1].seen]}，{look[1].text}）" if look else "还没有固证"


def done_without(record: LeadRecord, kind: PackKind, now: datetime, hours: float) -> list[str]:
    """In sentences what a pack was built without, for its papers; and what the last look saw where that is no plain yes."""
    found = []
    if not has_capture(record):
        found.append(f"制作本包之前{_uncaptured(record)}，没有商品页面的截图，由承办人决定照此出包。")
    if EXTRACTION in PAPERS[kind] and not was_opened(record):
        found.append("没有打开网页提取电子数据，本包没有《电子数据证据提取笔录》。")
    look = last_look(record)
    if kind.leaves and (why := lacking_look(record, now, hours)):
        found.append(f"制作本包之前没有符合规定的复看（{why}），由承办人决定照此出包；链接现状请自行查看。")
    elif look and look[1].seen is not Seen.STILL_UP:
        found.append(f"{beijing(look[0])}最近一次查看：{SEEN[look[1].seen]}，{look[1].text}。")
    elif look and look[1].changed:
        found.append(f"{beijing(look[0])}最近一次查看：{look[1].changed}；{look[1].text}。")
    return found
