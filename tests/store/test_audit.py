"""The audit chain: every tampering is found at its row, and a cut tail against an anchor."""

from __future__ import annotations

import random
import threading
from datetime import datetime

import pytest

from gimonitor.store.audit import append_audit, audit_head, latest_audit, verify_audit
from gimonitor.store.check import check_store
from gimonitor.store.database import Store


def fill(store: Store, night: datetime, count: int = 30) -> tuple[int, str]:
    with store.write() as c:
        for i in range(count):
            append_audit(c, f"o{i % 3}", "lead.judge", f"lead:{i}", {"why": "五常\x00", "n": i}, at=night)
        return audit_head(c)


def tamper(store: Store, *statements: str) -> None:
    """What somebody with the file in hand would do: take the guard away, then change."""
    with store.write() as c:
        if c.dialect.name == "sqlite":
            c.exec_driver_sql("DROP TRIGGER audit_no_update")
            c.exec_driver_sql("DROP TRIGGER audit_no_delete")
        else:
            c.exec_driver_sql("ALTER TABLE audit DISABLE TRIGGER ALL")
        for statement in statements:
            c.exec_driver_sql(statement)


def test_an_untouched_chain_verifies(store: Store, night: datetime) -> None:
    head = fill(store, night)
    with store.read() as c:
        assert verify_audit(c) is None and verify_audit(c, head) is None
        assert [entry.id for entry in latest_audit(c, 2)] == [30, 29]
        assert [entry.who for entry in latest_audit(c, obj="lead:4")] == ["o1"]
    assert check_store(store) == []


def test_an_empty_chain_verifies(store: Store) -> None:
    with store.read() as c:
        assert audit_head(c) == (0, "0" * 64) and verify_audit(c) is None
        assert verify_audit(c, (3, "f" * 64)) == 1


COLUMNS = ("who", "action", "object", "detail", "previous", "hash")


@pytest.mark.parametrize("column", COLUMNS)
def test_every_edit_is_found_at_its_row(store: Store, night: datetime, column: str) -> None:
    fill(store, night)
    row = random.Random(column).randint(1, 30)
    edited = f"replace({column}, '0', '1')" if column in ("previous", "hash") else f"{column} || ' '"
    tamper(store, f"UPDATE audit SET {column} = {edited} WHERE id = {row}")
    with store.read() as c:
        assert verify_audit(c) == row
    assert any(f"entry {row}" in problem for problem in check_store(store))


@pytest.mark.parametrize(
    ("statement", "row"),
    [
        ("DELETE FROM audit WHERE id = 1", 1),
        ("DELETE FROM audit WHERE id = 12", 12),
        ("UPDATE audit SET id = 99 WHERE id = 20", 20),
    ],
)
def test_gaps_and_moves_are_found(store: Store, night: datetime, statement: str, row: int) -> None:
    fill(store, night)
    tamper(store, statement)
    with store.read() as c:
        assert verify_audit(c) == row


def test_a_cut_tail_is_found_against_an_anchor_only(store: Store, night: datetime) -> None:
    head = fill(store, night)
    tamper(store, "DELETE FROM audit WHERE id > 25")
    with store.read() as c:
        assert verify_audit(c) is None
        assert verify_audit(c, head) == 26


def test_writers_at_once_make_one_chain(store: Store, night: datetime) -> None:
    def write(name: str) -> None:
        for i in range(15):
            with store.write() as c:
                append_audit(c, name, "x", f"o{i}", {}, at=night)

    threads = [threading.Thread(target=write, args=(f"w{i}",)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as c:
        assert audit_head(c)[0] == 90 and verify_audit(c) is None
