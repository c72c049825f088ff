"""Backup and restore: the copy holds every row, and is refused where it would overwrite or is damaged."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select, text

from gimonitor.errors import ConflictError, InputError, StoreError
from gimonitor.store import tables
from gimonitor.store.audit import append_audit
from gimonitor.store.backup import _run, backup_store, drop_older, restore_store
from gimonitor.store.database import Store, open_store, parse_url
from gimonitor.store.leads import QueueFilter, count_leads
from gimonitor.store.listings import save_listings
from gimonitor.store.manifest import manifest_path

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
    done = restore_store(copy, target)
    assert done.rows is not None and done.rows > 600 and not done.is_outdated
    with open_store(target) as restored:
        assert digests(restored) == before
        with restored.read() as c:
            assert count_leads(c, QueueFilter(text="五常大米")) == 100
        with pytest.raises(StoreError, match="append-only"), restored.write() as c:
            c.execute(text("DELETE FROM audit"))
    assert sorted(path.name for path in copy.parent.iterdir()) == [copy.name, copy.name + ".json"]
    with pytest.raises(ConflictError):
        restore_store(copy, target)
    with pytest.raises(ConflictError):
        backup_store(store_url, copy.parent, night)


def test_only_older_copies_beyond_the_number_kept_go(tmp_path: Path) -> None:
    days = [tmp_path / f"gimonitor-202601{day:02}T000000Z.sqlite" for day in range(1, 6)]
    others = [tmp_path / "gimonitor-20260101T000000Z.pgdump", tmp_path / "zhang.sqlite"]
    for path in (*days, *others, *(manifest_path(day) for day in days)):
        path.touch()
    assert drop_older(days[3], 2) == days[:2], "a newer one is none of its business"
    assert drop_older(days[3], 2) == []
    assert sorted(tmp_path.iterdir()) == sorted([*days[2:], *(manifest_path(day) for day in days[2:]), *others])


def test_what_is_no_copy_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    with pytest.raises(InputError):
        restore_store(tmp_path / "nothing", url)
    (tmp_path / "text").write_text("no copy")
    with pytest.raises(InputError):
        restore_store(tmp_path / "text", url)
    assert not (tmp_path / "store.sqlite").exists()


def damaged(copy: Path, folder: Path, how: Callable[[bytes], bytes]) -> Path:
    """The copy and its manifest in another folder, the copy changed."""
    folder.mkdir()
    shutil.copyfile(manifest_path(copy), folder / manifest_path(copy).name)
    (folder / copy.name).write_bytes(how(copy.read_bytes()))
    return folder / copy.name


def test_a_copy_that_was_changed_is_refused_and_leaves_nothing(
    filled: Store, store_url: str, empty_url: str, tmp_path: Path, night: datetime
) -> None:
    if store_url.partition(":")[0] != empty_url.partition(":")[0]:
        pytest.skip("a copy goes back to the engine it came from")
    copy = backup_store(store_url, tmp_path / "copies", night)
    target = empty_url if empty_url != store_url else f"sqlite:///{tmp_path / 'restored' / 'store.sqlite'}"
    cut = damaged(copy, tmp_path / "cut", lambda whole: whole[: len(whole) // 2])
    other = damaged(copy, tmp_path / "other", lambda whole: whole[:-9] + b"other" + whole[-4:])
    for bad, said in ((cut, "cut off"), (other, "SHA-256")):
        with pytest.raises(StoreError, match=said):
            restore_store(bad, target)
    written = json.loads(manifest_path(copy).read_text())
    written["tables"]["listings"] += 1
    fewer = damaged(copy, tmp_path / "fewer", lambda whole: whole)
    manifest_path(fewer).write_text(json.dumps(written))
    with pytest.raises(StoreError, match="listings: 200 rows, 201 were copied"):
        restore_store(fewer, target)
    manifest_path(fewer).write_text("[]")
    with pytest.raises(StoreError, match="no manifest"):
        restore_store(fewer, target)
    manifest_path(cut).unlink()
    with pytest.raises(StoreError):  # nothing to compare with, but it is not whole
        restore_store(cut, target)
    manifest_path(fewer).unlink()
    assert restore_store(fewer, target).rows is None, "without a manifest it is restored, and that is said"
    with open_store(target) as restored:
        assert digests(restored) == digests(filled)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://gi:hu%20sh@/gm?host=/run/two&port=5499",
        "postgresql+psycopg://gi:hu%20sh@:5499/gm?host=/run/two",
    ],
)
def test_the_programs_reach_the_server_of_the_url_wherever_its_port_stands(url: str) -> None:
    told = 'echo "$PGHOST $PGPORT $PGUSER $PGPASSWORD $PGDATABASE" >&2; exit 1'
    with pytest.raises(StoreError, match=r"^sh: /run/two 5499 gi hu sh gm$"):
        _run(parse_url(url), "sh", "-c", told)
