"""Opening the page of a sent lead again: a capture like any other, kept as evidence, and what it shows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from gimonitor.configuration import Configuration
from gimonitor.evidence.browser import Browser
from gimonitor.papers.taking import RECHECK, take_for_lead
from gimonitor.store.database import Store
from gimonitor.store.leads import LeadRecord
from gimonitor.store.raising import SYSTEM
from gimonitor.workflow.clocks import rechecks_due
from gimonitor.workflow.rechecks import Look, Rechecked, run_rechecks
from gimonitor.workflow.vocabulary import Seen


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


def recheck_due(
    store: Store,
    configuration: Configuration,
    *,
    now: datetime,
    limit: int = 200,
    before: Callable[[str], None] | None = None,
) -> Rechecked:
    """The nightly job: look at every page that is due with one Chromium, and record what was seen. See `run_rechecks`."""
    with store.read() as c:
        if not rechecks_due(c, now, limit=1):
            return Rechecked(seen=dict.fromkeys(Seen, 0))
    with Browser(configuration.chromium) as browser:
        look = partial(_look, store, configuration, now, browser)
        return run_rechecks(store, look, now=now, limit=limit, before=before)


def _look(store: Store, configuration: Configuration, now: datetime, browser: Browser, record: LeadRecord) -> Look:
    return look_at(store, record, configuration, who=SYSTEM, now=now, browser=browser)
