"""An installation whose files grow old: runs with an archive each, captures and decisions."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gimonitor.configuration import Configuration
from gimonitor.evidence.seal import WarcSeal
from gimonitor.model.lead import Decision, Resolution, State
from gimonitor.model.listing import Listing
from gimonitor.operations.retention import prune
from gimonitor.store.captures import (
    StoredCapture,
    save_capture,
)
from gimonitor.store.database import open_store
from gimonitor.store.leads import QueueFilter, append_decision, queue_page
from gimonitor.store.listings import Observation, save_listings

from .erasing import screened

NOW = datetime(2026, 11, 20, 1, 30, tzinfo=UTC)
OLD = NOW - timedelta(days=200)


def collect(configuration: Configuration, run: str, item: str, flagged: bool = True, age: datetime = OLD) -> int:
    """A run of one listing, sealed in an archive of its own; the id of its lead, 0 without one."""
    listing = Listing(
        platform="practice", item_id=item, title="演练山大米 10斤", url=f"http://127.0.0.1:9/{item}", observed_at=age
    )
    with WarcSeal(configuration.warc_dir, run, reserve=0) as seal:
        sealed = seal.write(listing.url, 200, [], item.encode(), at=age)
    touch(configuration.warc_dir / run, age)
    with open_store(configuration.store_url) as store, store.write() as c:
        save_listings(c, [Observation(listing=listing, screening=screened(flagged), sealed=sealed)], None, now=age)
        rows = queue_page(c, QueueFilter(text=item), None, 1).rows if flagged else ()
        return rows[0].id if rows else 0


def touch(folder: Path, at: datetime) -> None:
    for path in folder.rglob("*"):
        os.utime(path, (at.timestamp(), at.timestamp()))


def decide(configuration: Configuration, lead: int, state: State, resolution: Resolution | None, at: datetime) -> None:
    with open_store(configuration.store_url) as store, store.write() as c:
        version = next(row.version for row in queue_page(c, QueueFilter(), None, 100).rows if row.id == lead)
        made = Decision(lead_id=lead, at=at, who="wang", action="judge", state=state, resolution=resolution, why="演练")
        append_decision(c, lead, version, made)


def capture(configuration: Configuration, lead: int, folder: str) -> Path:
    path = configuration.evidence_dir / folder
    path.mkdir(parents=True)
    (path / "capture.json").write_text("{}")
    (path / "full.png").write_bytes(b"x" * 1000)
    with open_store(configuration.store_url) as store, store.write() as c:
        row = next(row for row in queue_page(c, QueueFilter(), None, 100).rows if row.id == lead)
        for name in ("capture.json", "full.png"):
            made = StoredCapture(
                listing_id=row.listing_id, lead_id=lead, kind="x", file=f"{folder}/{name}", sha256="a" * 64, at=OLD
            )
            save_capture(c, made)
    return path


def go(configuration: Configuration) -> None:
    with open_store(configuration.store_url) as store:
        prune(store, configuration, NOW, "yunwei")
