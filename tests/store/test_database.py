"""Opening, upgrading and losing the database: errors that say what to do, and never the password."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from datetime import datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from click.testing import CliRunner
from sqlalchemy import text

from gimonitor.errors import ConfigurationError, StoreError, StoreOutdatedError, StoreUnreachableError
from gimonitor.store import database
from gimonitor.store.audit import append_audit
from gimonitor.store.check import check_store
from gimonitor.store.database import REVISION, Store, make_engine, migrate_store, open_store, read_revision
from gimonitor.store.migrations import alembic_config


def test_upgrading_makes_the_store_and_repeats_harmlessly(empty_url: str) -> None:
    with pytest.raises((StoreUnreachableError, StoreOutdatedError), match="gimonitor store upgrade"):
        open_store(empty_url)
    first, second = migrate_store(empty_url), migrate_store(empty_url)
    assert (first.before, first.after) == (None, REVISION)
    assert (second.before, second.after) == (REVISION, REVISION)
    with open_store(empty_url) as store:
        assert check_store(store) == []


def test_the_migrations_make_what_the_tables_say(empty_url: str) -> None:
    migrate_store(empty_url)
    engine = make_engine(database.parse_url(empty_url))
    with engine.connect() as connection:
        command.check(alembic_config(connection))
    engine.dispose()


def test_the_revision_in_code_is_the_newest_script() -> None:
    assert ScriptDirectory.from_config(alembic_config()).get_current_head() == REVISION


def test_schemas_older_and_newer_are_refused_with_the_way_out(store_url: str) -> None:
    engine = make_engine(database.parse_url(store_url))
    for revision, said in (("0000", "gimonitor store upgrade"), ("9999", "newer gimonitor")):
        with engine.connect() as c:
            c.execution_options(gimonitor_work="write")
            c.execute(text("UPDATE alembic_version SET version_num = :r"), {"r": revision})
            c.commit()
        with pytest.raises(StoreOutdatedError, match=said):
            open_store(store_url)
    with pytest.raises(StoreOutdatedError, match="newer gimonitor"):
        migrate_store(store_url)
    engine.dispose()


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://h/d", "sqlite://", "sqlite:///:memory:"])
def test_urls_of_no_store_are_refused(url: str) -> None:
    with pytest.raises(ConfigurationError):
        open_store(url)


def test_a_server_that_is_not_there_is_said_so_without_the_password() -> None:
    with pytest.raises(StoreUnreachableError) as caught:
        open_store("postgresql://monitor:geheim123@127.0.0.1:1/gimonitor")
    assert "geheim123" not in str(caught.value) and "127.0.0.1" in str(caught.value)


@pytest.mark.postgres
def test_a_wrong_database_is_said_so(postgres_url: str) -> None:
    with pytest.raises(StoreUnreachableError, match="does not exist"):
        open_store(postgres_url.replace("/postgres?", "/nothing_here?"))


def test_a_damaged_file_is_said_so(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    path.write_bytes(b"no database at all" * 1000)
    with pytest.raises(StoreUnreachableError, match="damaged"):
        open_store(f"sqlite:///{path}")


def test_truncated_and_flipped_files_are_reported(sqlite_template: Path, tmp_path: Path, night: datetime) -> None:
    """Every copy with a torn tail, and every copy whose page structure was hit, is named as damaged."""
    good = tmp_path / "good.sqlite"
    shutil.copyfile(sqlite_template, good)
    with open_store(f"sqlite:///{good}") as store, store.write() as c:
        for i in range(300):
            append_audit(c, "x", "y", f"o{i}", {"n": "五常" * 50}, at=night)
    with sqlite3.connect(good) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.close()
    whole = good.read_bytes()
    chance, missed = random.Random(7), []
    for i in range(20):
        size = chance.randrange(4096, len(whole) - 4096)
        missed += [f"cut at {size}"] if _is_whole(tmp_path / f"cut{i}.sqlite", whole[:size]) else []
    audited = [at for at in range(0, len(whole)) if whole.startswith("五常五常".encode(), at)]
    for i in range(20):
        at = chance.choice(audited)
        flipped = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        missed += [f"flip at {at}"] if _is_whole(tmp_path / f"flip{i}.sqlite", flipped) else []
    assert missed == []


def _is_whole(path: Path, content: bytes) -> bool:
    path.write_bytes(content)
    try:
        with open_store(f"sqlite:///{path}") as store:
            return check_store(store) == []
    except StoreError:
        return False


def test_reading_cannot_write(store: Store) -> None:
    with pytest.raises(StoreError, match=r"read-?only"), store.read() as c:
        c.execute(text("UPDATE runs SET kind = 'x'"))
    with store.write() as c:
        c.execute(text("UPDATE runs SET kind = 'x'"))


def test_a_unit_of_work_is_stored_whole_or_not_at_all(store: Store, night: datetime) -> None:
    with pytest.raises(ZeroDivisionError), store.write() as c:
        append_audit(c, "x", "y", "z", {}, at=night)
        _ = 1 / 0
    with store.read() as c:
        assert c.execute(text("SELECT count(*) FROM audit")).scalar_one() == 0


def test_no_update_is_lost_between_threads(store: Store) -> None:
    """Read, add one, write: with a deferred BEGIN on SQLite most of these vanish without an error."""
    with store.write() as c:
        c.execute(text("CREATE TABLE counter (n INTEGER)"))
        c.execute(text("INSERT INTO counter VALUES (0)"))
    lock = " FOR UPDATE" if store.dialect == "postgresql" else ""

    def count() -> None:
        for _ in range(50):
            with store.write() as c:
                n = c.execute(text(f"SELECT n FROM counter{lock}")).scalar_one()
                c.execute(text("UPDATE counter SET n = :n"), {"n": n + 1})

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as c:
        assert c.execute(text("SELECT n FROM counter")).scalar_one() == 200


def test_a_lost_connection_is_tried_again(store: Store, night: datetime) -> None:
    slept: list[float] = []
    tries = 0

    def work(c: object) -> int:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise StoreUnreachableError("gone")
        return 7

    assert store.attempt(work, sleep=slept.append) == 7
    assert slept == [0.5, 1.0]


@pytest.mark.postgres
def test_a_connection_the_server_ended_is_mended(postgres_url: str, postgres_template: str, night: datetime) -> None:
    from sqlalchemy.engine import make_url

    url = make_url(postgres_url).set(database=postgres_template).render_as_string(hide_password=False)
    killed = []

    def work(c: object) -> int:
        from sqlalchemy import Connection

        assert isinstance(c, Connection)
        if not killed:
            killed.append(c.execute(text("SELECT pg_backend_pid()")).scalar_one())
            c.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        return int(c.execute(text("SELECT 1")).scalar_one())

    with open_store(url) as store:
        assert store.attempt(work, sleep=lambda seconds: None) == 1
    assert killed


def test_another_writer_is_waited_for(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    place = sqlite_store._engine.url.database
    holder = sqlite3.connect(str(place), isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN EXCLUSIVE")
    with sqlite_store.read() as c:
        c.exec_driver_sql("PRAGMA busy_timeout=50")
    monkeypatch.setattr(database, "LOCK_TRIES", 200)
    threading.Timer(0.4, lambda: holder.execute("ROLLBACK")).start()
    with sqlite_store.write() as c:
        c.execute(text("UPDATE runs SET kind = 'x'"))
    holder.close()
    assert [record.message for record in caplog.records].count("the store is locked by another writer, waiting") == 1


def test_an_upgrade_killed_anywhere_leaves_nothing_half_done(empty_url: str) -> None:
    """The kill comes at a random point of the upgrade's own statements, counted, not timed."""
    chance = random.Random(11)
    killed_within = 0
    for _ in range(6):
        script = KILLED_UPGRADE.format(at=chance.randrange(2, 60))
        done = subprocess.run([sys.executable, "-c", script, empty_url], capture_output=True, text=True, timeout=120)
        assert done.returncode in (0, -signal.SIGKILL), done.stderr
        killed_within += done.returncode == -signal.SIGKILL
        assert _revision(empty_url) in (None, REVISION)
        if done.returncode == 0:
            break
    assert killed_within >= 1
    migrate_store(empty_url)
    with open_store(empty_url) as store:
        assert check_store(store) == []


KILLED_UPGRADE = """
import os, signal, sys
from sqlalchemy import Engine, event
from gimonitor.store.database import migrate_store
count = 0
@event.listens_for(Engine, "after_cursor_execute")
def kill(*_):
    global count
    count += 1
    if count == {at}:
        os.kill(os.getpid(), signal.SIGKILL)
migrate_store(sys.argv[1])
"""


def _revision(url: str) -> str | None:
    engine = make_engine(database.parse_url(url))
    try:
        with engine.connect() as connection:
            return read_revision(connection)
    finally:
        engine.dispose()


def test_the_commands_say_what_they_did(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from gimonitor.cli.store import app

    for name in [name for name in os.environ if name.startswith("GIMONITOR_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIMONITOR_DATA_DIR", str(tmp_path / "data"))
    run = CliRunner()
    missing = run.invoke(app, ["check"])
    assert isinstance(missing.exception, StoreUnreachableError) and missing.exception.exit_code == 6
    assert "store created, schema" in run.invoke(app, ["upgrade"]).output
    assert "nothing to do" in run.invoke(app, ["upgrade"]).output
    assert "the store is whole; audit: 0 entries" in run.invoke(app, ["check"]).output
    with sqlite3.connect(tmp_path / "data" / "gimonitor.sqlite") as raw:
        raw.execute("INSERT INTO audit VALUES (1, '2026-01-01 00:00:00', 'a', 'b', 'c', '{}', 'x', 'y')")
    raw.close()
    broken = run.invoke(app, ["check"])
    assert isinstance(broken.exception, StoreError) and "audit: entry 1" in str(broken.exception)
