"""Figures of an installation for Prometheus, read from the store's records at the moment they are asked.

The crawls are processes that end: what they counted is in the store, so it is exported from there, by whoever is asked.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Connection, func, select

from gimonitor import __version__
from gimonitor.configuration import Configuration
from gimonitor.errors import StoreError
from gimonitor.operations.deadman import last_sent
from gimonitor.store import runs
from gimonitor.store.database import open_store
from gimonitor.store.tables import leads
from gimonitor.store.tasks import list_tasks

COUNTED = ("seen", "stored", "unchanged", "rejected", "failed")


def metrics_text(configuration: Configuration) -> str:
    """All figures in Prometheus' text form. A store that cannot be read is `gimonitor_store_up 0`, not an error."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(InstallationCollector(configuration))
    return generate_latest(registry).decode()


class InstallationCollector(Collector):
    """Collects from the store and the data folder; each call opens and closes the store."""

    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """The figures now."""
        yield _one("gimonitor_info", "The version that answers.", {"version": __version__}, 1)
        yield from self._machine()
        try:
            with open_store(self.configuration.store_url) as store, store.read() as c:
                found = [
                    *_of_runs(c),
                    *_of_leads(c),
                    _one("gimonitor_tasks_open", "Open tasks.", {}, len(list_tasks(c))),
                ]
        except StoreError:
            found = []
        yield _one("gimonitor_store_up", "1 when the store can be read.", {}, 1 if found else 0)
        yield from found

    def _machine(self) -> Iterator[GaugeMetricFamily]:
        if self.configuration.data_dir.is_dir():
            free = shutil.disk_usage(self.configuration.data_dir).free
            yield _one("gimonitor_disk_free_bytes", "Free space where the data folder is.", {}, free)
        if sent := last_sent(self.configuration):
            what = "When the morning digest went out last, by every way that is set up."
            yield _one("gimonitor_digest_sent_timestamp_seconds", what, {}, sent.timestamp())


def _of_runs(c: Connection) -> Iterator[GaugeMetricFamily]:
    last = next((run for run in runs.latest_runs(c, 100) if run.kind == "nightly"), None)
    if last is None:
        return
    yield _one(
        "gimonitor_run_started_timestamp_seconds", "Start of the last nightly run.", {}, _seconds(last.started_at)
    )
    state = {"state": last.state.value}
    yield _one("gimonitor_run_state", "How the last nightly run stands or ended.", state, 1)
    listings = GaugeMetricFamily(
        "gimonitor_run_listings", "Listings of the last nightly run.", labels=["source", "outcome"]
    )
    queries = GaugeMetricFamily(
        "gimonitor_run_queries", "Its queries, by what became of them.", labels=["source", "outcome"]
    )
    counts: Counter[tuple[str, str]] = Counter()
    asked: Counter[tuple[str, str]] = Counter()
    for record in runs.load_coverage(c, last.id):
        for name in COUNTED:
            counts[record.source, name] += getattr(record, name)
        outcome = "blocked" if record.blocked else "cut_off" if record.cut_off else "whole"
        asked[record.source, outcome] += 1
    for family, counter in ((listings, counts), (queries, asked)):
        for labels, value in sorted(counter.items()):
            family.add_metric(labels, value)
        yield family


def _of_leads(c: Connection) -> Iterator[GaugeMetricFamily]:
    family = GaugeMetricFamily("gimonitor_leads", "Leads by state.", labels=["state"])
    for state, count in c.execute(select(leads.c.state, func.count()).group_by(leads.c.state).order_by(leads.c.state)):
        family.add_metric([state.value], count)
    yield family


def _one(name: str, what: str, labels: dict[str, str], value: float) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, what, labels=list(labels))
    family.add_metric(list(labels.values()), value)
    return family


def _seconds(moment: datetime) -> float:
    return moment.timestamp()
