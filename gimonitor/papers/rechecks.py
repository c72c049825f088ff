"""复核记录: every look at the page of a lead's offer, and the results that were recorded after it was sent, as the paper prints
them. The looks are captures; each names the digest of its list of files.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from gimonitor.evidence.pages import beijing
from gimonitor.model.lead import Decision
from gimonitor.model.zone import BEIJING
from gimonitor.papers.looking import look_of
from gimonitor.papers.taking import BEFORE_SENDING, RECHECK
from gimonitor.store.leads import LeadRecord
from gimonitor.workflow.states import Action
from gimonitor.workflow.words import CHANNELS, SEEN

Values = dict[str, object]
PURPOSES: dict[str, str] = {
    "flag": "发现疑点时固证",
    "demand": "固证",
    BEFORE_SENDING: "报送前复看",
    RECHECK: "报送后复核",
}
"""Why a page was captured."""


def was_looked_again(record: LeadRecord) -> bool:
    """True where somebody, or the nightly job, looked whether the page is still up: only then there is a record of it."""
    return any(capture.detail.get("purpose") in (BEFORE_SENDING, RECHECK) for capture in record.captures) or any(
        decision.action == Action.RECHECK for decision in record.decisions
    )


def recheck_values(records: Sequence[LeadRecord]) -> Values:
    """The looks, hand-overs and recorded results of leads, in order of time for each; `link` is a lead's number among them.

    Decisions that an addressee does not get were taken out of the records before; then it gets no hand-overs either.
    """
    numbered = list(enumerate(records, 1))
    looks = [{"link": str(link), **look} for link, record in numbered for look in _looks(record)]
    return {
        "looks": [{"number": str(number), **look} for number, look in enumerate(looks, 1)],
        "sent": [{"link": str(link), **row} for link, record in numbered if record.decisions for row in _sent(record)],
        "results": [{"link": str(link), **row} for link, record in numbered for row in _results(record)],
    }


def _looks(record: LeadRecord) -> list[dict[str, str]]:
    found = sorted((c for c in record.captures if c.kind == "manifest" and "seen" in c.detail), key=lambda c: c.at)
    return [
        {
            "at": beijing(capture.at),
            "purpose": PURPOSES[str(capture.detail.get("purpose", "demand"))],
            "who": capture.who or "自动",
            "status": str(capture.detail.get("status", "—")),
            "seen": SEEN[(look := look_of(capture)).seen],
            "told": "；".join(part for part in (look.text, look.changed) if part) or "—",
            "sha256": capture.sha256,
        }
        for capture in found
    ]


def _sent(record: LeadRecord) -> list[dict[str, str]]:
    return [
        {
            "at": beijing(notice.sent_at),
            "channel": CHANNELS.get(notice.channel, notice.channel),
            "addressee": str(notice.detail.get("addressee", "")) or "（未登记）",
            "receipt": notice.receipt or "（无）",
            "answer": notice.answer or "（尚无）",
        }
        for notice in record.notices
    ]


def _results(record: LeadRecord) -> list[dict[str, str]]:
    """What was recorded; `day` is the day of the ladder it answers to, else counted from the hand-over before."""
    return [
        {"at": beijing(d.at), "day": _day(d, record), "seen": d.why, "who": d.who}
        for d in record.decisions
        if d.action == Action.RECHECK
    ]


def _day(decision: Decision, record: LeadRecord) -> str:
    rung = decision.detail.get("day")
    sent = [_date(notice.sent_at) for notice in record.notices if notice.sent_at <= decision.at]
    if not isinstance(rung, int) and not sent:
        return "报送之前"
    return f"报送后第 {rung if isinstance(rung, int) else (_date(decision.at) - max(sent)).days} 日"


def _date(at: datetime) -> date:
    return at.astimezone(BEIJING).date()
