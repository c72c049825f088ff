"""Opening the page of a sent lead again: a capture like any other, kept as evidence, and what it shows."""

from __future__ import annotations

from datetime import datetime

from gimonitor.configuration import Configuration
from gimonitor.evidence.browser import Browser
from gimonitor.papers.taking import RECHECK, take_for_lead
from gimonitor.store.database import Store
from gimonitor.store.leads import LeadRecord
from gimonitor.workflow.rechecks import Look


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
    return take_for_lead(store, record, configuration, who=who, now=now, purpose=RECHECK, browser=browser).look
