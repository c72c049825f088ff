"""An upgrade can be taken back step by step, and made again, with everything that both versions know."""

from __future__ import annotations

from datetime import datetime

from alembic import command
from sqlalchemy import Connection, inspect, text

from gimonitor.store import database, runs
from gimonitor.store.check import check_store
from gimonitor.store.database import REVISION, make_engine, migrate_store, open_store, read_revision
from gimonitor.store.migrations import alembic_config

FIRST = "0001"


def counts(c: Connection) -> dict[str, int]:
    """Rows of every table that is not the full-text index's own."""
    names = [
        n for n in inspect(c).get_table_names() if not n.startswith(("listing_search", "listing_grams", "alembic"))
    ]
    return {name: c.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in names}


def to_revision(url: str, revision: str) -> dict[str, int]:
    engine = make_engine(database.parse_url(url))
    try:
        with engine.connect() as connection:
            connection.execution_options(gimonitor_work="write")
            with connection.begin():
                command.downgrade(alembic_config(connection), revision)
                assert read_revision(connection) == revision
                return counts(connection)
    finally:
        engine.dispose()


def test_every_upgrade_can_be_taken_back_and_made_again(store_url: str, night: datetime) -> None:
    with open_store(store_url) as store, store.write() as c:
        run_id = runs.start_run(c, "nightly", {"a": "中文"}, slot="n1", now=night)
        runs.plan_slices(c, run_id, [("s", ("五常大米",)), ("s", ("西湖龙井",))])
        before = counts(c)
    older = to_revision(store_url, FIRST)
    assert older == {name: before[name] for name in older} and len(older) < len(before)
    done = migrate_store(store_url)
    assert (done.before, done.after) == (FIRST, REVISION)
    with open_store(store_url) as store:
        with store.read() as c:
            assert counts(c) == before
            assert runs.find_run(c, "n1").config == {"a": "中文"} and len(runs.load_slices(c, run_id)) == 2
        assert check_store(store) == []
