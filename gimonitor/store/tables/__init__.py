"""Every table of the store, a module a noun.

The full-text table `listing_search` differs by engine and belongs to `gimonitor.store.search`, `listing_grams` to
`gimonitor.store.grams`.
"""

from __future__ import annotations

from gimonitor.store.tables.base import metadata
from gimonitor.store.tables.bundles import shared_leads
from gimonitor.store.tables.evidence import captures, notices, pack_leads, packs, saved_files
from gimonitor.store.tables.findings import clearings, decisions, findings, leads, screenings
from gimonitor.store.tables.handling import complaint_leads, complaints, ignores
from gimonitor.store.tables.identities import identities
from gimonitor.store.tables.models import (
    backtests,
    dropped_items,
    dropped_samples,
    lead_changes,
    model_versions,
    registers,
)
from gimonitor.store.tables.offers import listing_versions, listings, prices, shops, subjects
from gimonitor.store.tables.people import audit, people, sessions, tokens
from gimonitor.store.tables.pictures import picture_findings, picture_uses, pictures
from gimonitor.store.tables.purchases import purchase_steps, purchases
from gimonitor.store.tables.runs import coverage, runs, slices
from gimonitor.store.tables.samples import sample_items, samples
from gimonitor.store.tables.shared import shared_records
from gimonitor.store.tables.tasks import tasks
from gimonitor.store.tables.views import views

APPEND_ONLY = ("decisions", "audit")

__all__ = [
    "APPEND_ONLY",
    "audit",
    "backtests",
    "captures",
    "clearings",
    "complaint_leads",
    "complaints",
    "coverage",
    "decisions",
    "dropped_items",
    "dropped_samples",
    "findings",
    "identities",
    "ignores",
    "lead_changes",
    "leads",
    "listing_versions",
    "listings",
    "metadata",
    "model_versions",
    "notices",
    "pack_leads",
    "packs",
    "people",
    "picture_findings",
    "picture_uses",
    "pictures",
    "prices",
    "purchase_steps",
    "purchases",
    "registers",
    "runs",
    "sample_items",
    "samples",
    "saved_files",
    "screenings",
    "sessions",
    "shared_leads",
    "shared_records",
    "shops",
    "slices",
    "subjects",
    "tasks",
    "tokens",
    "views",
]
