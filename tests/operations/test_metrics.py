"""Figures for Prometheus come from the store's records, and say when there is none."""

from __future__ import annotations

import subprocess
import sys
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from gimonitor.configuration import Configuration
from gimonitor.model.run import BlockKind, Coverage, RunState
from gimonitor.operations.metrics import metrics_text
from gimonitor.store import runs
from gimonitor.store.database import migrate_store, open_store


@pytest.fixture
def configuration(tmp_path: Path) -> Configuration:
    return Configuration(data_dir=tmp_path)


def values(text: str) -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels, reverse=True))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_the_last_night_is_exported_by_source_and_outcome(configuration: Configuration) -> None:
    migrate_store(configuration.store_url)
    started = datetime(2026, 11, 21, 17, 30, tzinfo=UTC)
    with open_store(configuration.store_url) as store, store.write() as c:
        run_id = runs.start_run(c, "nightly", {}, now=started)
        for query, blocked in (("五常大米", None), ("西湖龙井", BlockKind.CHALLENGE)):
            record = Coverage(
                run_id=run_id, source="shop", query=query, pages_asked=1, pages_answered=1, seen=7, stored=5, unchanged=2,
                blocked=blocked,
            )  # fmt: skip
            runs.save_coverage(c, record)
        runs.finish_run(c, run_id, RunState.PARTIAL, "")
    found = values(metrics_text(configuration))
    assert found["gimonitor_store_up",] == 1
    assert found["gimonitor_run_started_timestamp_seconds",] == started.timestamp()
    assert found["gimonitor_run_state", "partial"] == 1
    assert found["gimonitor_run_listings", "shop", "seen"] == 14
    assert found["gimonitor_run_queries", "shop", "blocked"] == 1
    assert found["gimonitor_run_queries", "shop", "whole"] == 1


def test_a_store_that_is_not_there_is_a_figure_not_an_error(configuration: Configuration) -> None:
    found = values(metrics_text(configuration))
    assert found["gimonitor_store_up",] == 0
    assert found["gimonitor_disk_free_bytes",] > 0


def test_it_answers_on_loopback_until_it_is_told_to_stop(configuration: Configuration) -> None:
    command = [sys.executable, "-P", "-m", "gimonitor", "metrics", "--listen", "0"]
    environment = {"GIMONITOR_DATA_DIR": str(configuration.data_dir), "PATH": ""}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        address = process.stdout.readline().split()[1]
        with urllib.request.urlopen(address, timeout=10) as answer:
            assert "gimonitor_info" in answer.read().decode()
        process.terminate()
        assert process.wait(20) == 0
