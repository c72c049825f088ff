"""Opening the page of a sent lead again: a capture like any other, kept as evidence, and what it shows."""

from __future__ import annotations

from datetime import datetime

from gimonitor.configuration import Configuration
from gimonitor.evidence.browser import Browser
from gimonitor.papers.taking import take_for_lead
from gimonitor.store.database import Store
from gimonitor.store.leads import LeadRecord
from gimonitor.workflow.rechecks import Look, Page, judge_look


def look_at(
    store: Store,
    record: LeadRecord,
    configuration: Configuration,
    *,
    who: str,
    now: datetime,
    browser: Browser | None = None,
) -> Look:
    """Capture the lead's page and judge it. Raises as `take_for_lead` does; then nothing is stored."""
    taken = take_for_lead(store, record, configuration, who=who, now=now, purpose="recheck", browser=browser)
    item = taken.item
    document = item.folder / "page.html"
    body = document.read_bytes() if document.is_file() else b""
    return judge_look(record.suspected, record.findings, Page(url=item.final_url, status=item.status, body=body))
