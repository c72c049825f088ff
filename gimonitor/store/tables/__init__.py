"""Every table of the store, a module a noun.

The full-text table `listing_search` differs by engine and belongs to `gimonitor.store.search`.
"""

from __future__ import annotations

from gimonitor.store.tables.base import metadata
from gimonitor.store.tables.evidence import captures, notices, pack_leads, packs
from gimonitor.store.tables.findings import clearings, decisions, findings, leads, screenings
from gimonitor.store.tables.handling import complaint_leads, complaints, ignores
from gimonitor.store.tables.offers import listing_versions, listings, prices, shops, subjects
from gimonitor.store.tables.people import audit, people, sessions
from gimonitor.store.tables.runs import coverage, runs, slices
from gimonitor.store.tables.samples import sample_items, samples
from gimonitor.store.tables.tasks import tasks

APPEND_ONLY = ("decisions", "audit")

__all__ = [
    "APPEND_ONLY",
    "audit",
    "captures",
    "clearings",
    "complaint_leads",
    "complaints",
    "coverage",
    "decisions",
    "findings",
    "ignores",
    "leads",
    "listing_versions",
    "listings",
    "metadata",
    "notices",
    "pack_leads",
    "packs",
    "people",
    "prices",
    "runs",
    "sample_items",
    "samples",
    "screenings",
    "sessions",
    "shops",
    "slices",
    "subjects",
    "tasks",
]
