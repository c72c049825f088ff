"""报送前复看: nobody complains of a page that is gone. The look is a capture like any other, kept as evidence, and it counts
for a day."""

from __future__ import annotations

from datetime import datetime, timedelta

from gimonitor.configuration import Configuration
from gimonitor.errors import InputError
from gimonitor.evidence.browser import Browser
from gimonitor.papers.taking import BEFORE_SENDING, take_for_lead
from gimonitor.store.database import Store
from gimonitor.store.leads import LeadRecord
from gimonitor.workflow.rechecks import Look
from gimonitor.workflow.vocabulary import Seen

FRESH = timedelta(hours=24)
"""How long a look counts before sending."""


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
    """When a lead's page was last looked at before sending, and what was seen; None where it never was."""
    for capture in sorted(record.captures, key=lambda each: each.at, reverse=True):
        if capture.kind == "manifest" and capture.detail.get("purpose") == BEFORE_SENDING and "seen" in capture.detail:
            seen = Seen(str(capture.detail["seen"]))
            return capture.at, Look(seen=seen, text=str(capture.detail.get("told", "")))
    return None


def require_look(record: LeadRecord, now: datetime) -> None:
    """To be called before a pack is sent.

    Raises InputError where nobody looked within a day, or the page was gone then: there is nothing left to act on.
    """
    look = last_look(record)
    if look is None or now - look[0] > FRESH:
        raise InputError("报送前须先复看页面（“报送前复看”），24 小时内有效")
    if look[1].seen is Seen.GONE:
        raise InputError(f"复看时页面已经不存在（{look[1].text}），不再报送；请登记复核结果")
