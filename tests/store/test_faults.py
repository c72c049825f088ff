"""Writers killed with -9 in the midst of their work: what was acknowledged is there, once."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from sqlalchemy import func, select

from gimonitor.store import tables
from gimonitor.store.check import check_store
from gimonitor.store.database import open_store

KILLS = int(os.environ.get("KILLS", "50"))
SCRIPT = Path(__file__).with_name("killed_writer.py")


def load_script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("killed_writer", SCRIPT)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def kill_writers(url: str, folder: Path, kills: int, variant: str) -> dict[str, object]:
    seed = 20260301
    command = [sys.executable, SCRIPT, url, folder, str(kills), str(seed), variant]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def lost_batches(url: str, folder: Path) -> int:
    """Acknowledged batches of which a listing or the audit entry is missing."""
    script = load_script()
    lost = 0
    with open_store(url) as store, store.read() as c:
        items = set(c.execute(select(tables.listings.c.item_id)).scalars())
        noted = set(c.execute(select(tables.audit.c.who + tables.audit.c.object)).scalars())
        for writer in (0, 1):
            for batch in script.acknowledged(folder / f"acks{writer}"):
                wanted = {str(number) for number in script.batch_items(writer, batch)}
                lost += not (wanted <= items and f"w{writer}batch:{batch}" in noted)
    return lost


@pytest.mark.timeout(300)
def test_killed_writers_lose_nothing_and_double_nothing(store_url: str, tmp_path: Path) -> None:
    said = kill_writers(store_url, tmp_path, KILLS, "sound")
    lost = lost_batches(store_url, tmp_path)
    script = load_script()
    expected = {n for writer in (0, 1) for batch in range(script.BATCHES) for n in script.batch_items(writer, batch)}
    with open_store(store_url) as store:
        problems = check_store(store)
        with store.read() as c:
            count = {
                table.name: c.execute(select(func.count()).select_from(table)).scalar_one()
                for table in (tables.listings, tables.listing_versions, tables.leads, tables.shops, tables.prices)
            }
    doubled = count["listings"] - len(expected)
    sys.stdout.write(f"seed {said['seed']}: {said['kills']} kills in flight, {lost} lost, {doubled} doubled\n")
    assert said["kills"] == KILLS and said["codes"] == [0, 0]
    assert lost == 0 and problems == []
    assert count == {
        "listings": len(expected),
        "listing_versions": len(expected),
        "prices": len(expected),
        "leads": sum(number % 3 == 0 for number in expected),
        "shops": 7,
    }


def test_a_writer_that_acknowledges_early_is_caught(store_url: str, tmp_path: Path) -> None:
    """The known-bad variant: if this found nothing lost, the test above would prove nothing."""
    kill_writers(store_url, tmp_path, 5, "early")
    assert lost_batches(store_url, tmp_path) > 0
