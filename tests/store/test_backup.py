"""Backup and restore: the copy holds every row, and is refused where it would overwrite or is damaged."""

from __future__ import annotations

import hashlib
import shutil
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select, text

from gimonitor.errors import ConflictError, InputError, StoreError
from gimonitor.store import tables
from gimonitor.store.audit import append_audit
from gimonitor.store.backup import backup_store, restore_store
from gimonitor.store.database import Store, open_store
from gimonitor.store.leads import QueueFilter, count_leads
from gimonitor.store.listings import save_listings

pytestmark = pytest.mark.skipif(shutil.which("pg_dump") is None, reason="pg_dump is not installed")


@pytest.fixture
def filled(store: Store, observe, night: datetime) -> Store:
    with store.write() as c:
        save_listings(c, [observe(str(i), *(["wuchang"] if i % 2 else [])) for i in range(200)], None)
        append_audit(c, "zhang", "x", "y", {"n": 1}, at=night)
    return store


def digests(store: Store) -> dict[str, str]:
    """A digest of every table's rows in order of their keys."""
    found = {}
    with store.read() as c:
        for table in tables.metadata.sorted_tables:
            rows = c.execute(select(table).order_by(*table.primary_key.columns)).all()
            found[table.name] = f"{len(rows)} {hashlib.sha256(repr(rows).encode()).hexdigest()}"
    return found


def test_a_copy_made_while_writing_holds_every_row(
    filled: Store, store_url: str, empty_url: str, tmp_path: Path, night: datetime, observe
) -> None:
    if store_url.partition(":")[0] != empty_url.partition(":")[0]:
        pytest.skip("a copy goes back to the engine it came from")
    before = digests(filled)
    with filled.write() as c:  # uncommitted work must neither stop the copy nor be in it
        save_listings(c, [observe("unfinished")], None)
        copy = backup_store(store_url, tmp_path / "copies", night)
    target = empty_url if empty_url != store_url else f"sqlite:///{tmp_path / 'restored' / 'store.sqlite'}"
    restore_store(copy, target)
    with open_store(target) as restored:
        assert digests(restored) == before
        with restored.read() as c:
            assert count_leads(c, QueueFilter(text="五常大米")) == 100
        with pytest.raises(StoreError, match="append-only"), restored.write() as c:
            c.execute(text("DELETE FROM audit"))
    assert [path.name for path in copy.parent.iterdir()] == [copy.name]
    with pytest.raises(ConflictError):
        restore_store(copy, target)
    with pytest.raises(ConflictError):
        backup_store(store_url, copy.parent, night)


def test_what_is_no_copy_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    with pytest.raises(InputError):
        restore_store(tmp_path / "nothing", url)
    (tmp_path / "text").write_text("no copy")
    with pytest.raises(InputError):
        restore_store(tmp_path / "text", url)
    assert not (tmp_path / "store.sqlite").exists()
