"""Run by test_rescreening.py: a re-screening killed with -9 again and again, in the midst of its statements.

Usage: killed_rescreener.py URL KILLS SEED. Prints one line of JSON: how often it was killed, and whether the store ended
as a re-screening that nobody killed leaves it, each lead changed once.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, event, func, select

from gimonitor.model.listing import Listing, Shop
from gimonitor.model.register import Certainty, Fact, Register
from gimonitor.register import load_register
from gimonitor.screening import Screener
from gimonitor.store import tables
from gimonitor.store.database import Store, open_store
from gimonitor.store.registers import remember_register
from gimonitor.workflow import rescreen_plan, rescreening
from gimonitor.workflow.intake import take_in

NIGHT = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)
RICE = "hlj-wuchang-dami"
COUNT = 90


def registers() -> tuple[Register, Register]:
    """As it was, and with another name for the rice and one taken away."""
    whole = load_register()
    rice = whole.gi(RICE)
    old = replace(whole, gis=(rice,), users=(), digest="a" * 64, _by_id={})
    named = Fact(value="卷尺", certainty=Certainty.FOUND, source="x")
    return old, replace(
        old, gis=(replace(rice, aliases=(named,), name="五常香米", core="", near=()),), digest="b" * 64, _by_id={}
    )


def fill(store: Store, register: Register) -> None:
    """Listings of which one third gain a lead by the change, and one third lose one."""
    titles = ("五常大米 10斤", "卷尺 5米", "连衣裙")
    with store.write() as c:
        remember_register(c, register)
    offers = [
        Listing(
            platform="practice",
            item_id=str(i),
            title=titles[i % 3],
            shop=Shop(name=f"店{i % 7}", shop_id=str(i % 7)),
            observed_at=NIGHT,
        )
        for i in range(COUNT)
    ]
    take_in(store, Screener(register), [(one, None) for one in offers], None, NIGHT.date())


def child(url: str, register: Register, kill_at: int) -> int:
    """Fork a re-screening that kills itself at its `kill_at`-th statement, 0: never. Returns its pid."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        count = 0

        def kill(connection: Connection, *_: object) -> None:
            nonlocal count
            count += 1
            if count >= kill_at > 0 and connection.in_transaction():
                os.kill(os.getpid(), signal.SIGKILL)

        with open_store(url) as store:
            event.listen(Engine, "after_cursor_execute", kill)
            rescreening.rescreen(store, register)
        code = 0
    finally:
        os._exit(code)


def left(c: Connection) -> dict[str, object]:
    """What the store holds after all."""
    t, k = tables, tables.lead_changes.c
    raised = select(t.listings.c.item_id, t.leads.c.raised, t.leads.c.state).select_from(t.leads.join(t.listings))
    twice = select(k.lead_id).group_by(k.lead_id).having(func.count() > 1)
    return {
        "leads": sorted((r.item_id, r.raised, r.state.value) for r in c.execute(raised)),
        "bear": sorted(r.register_digest[0] for r in c.execute(select(t.listings.c.register_digest))),
        "screenings": c.execute(select(func.count()).select_from(t.screenings)).scalar(),
        "changes": c.execute(select(func.count()).select_from(t.lead_changes)).scalar(),
        "twice": list(c.execute(twice).scalars()),
        "carried": sorted(c.execute(select(t.registers.c.carried_to)).scalars()),
        "runs": sorted(r.state.value for r in c.execute(select(t.runs))),
    }


def main(url: str, kills: int, seed: int) -> None:
    """Kill it `kills` times, let it finish, and hold what is left against what must be."""
    rescreening.BATCH, rescreen_plan.SLICE = 4, 16
    chance = random.Random(seed)
    old, new = registers()
    with open_store(url) as store:
        fill(store, old)
    killed = 0
    while killed < kills:
        _, status = os.waitpid(child(url, new, chance.randint(3, 60)), 0)
        killed += os.WIFSIGNALED(status)
        if not os.WIFSIGNALED(status):
            break
    _, status = os.waitpid(child(url, new, 0), 0)
    with open_store(url) as store, store.read() as c:
        found = left(c)
    third = COUNT // 3
    wanted = {
        "leads": sorted(
            [(str(i), False, "closed") for i in range(0, COUNT, 3)]
            + [(str(i), True, "new") for i in range(1, COUNT, 3)]
        ),
        "bear": ["a"] * third + ["b"] * 2 * third,
        "screenings": 2 * third,
        "changes": 2 * third,
        "twice": [],
        "carried": ["", "b" * 64],
        "runs": ["ok"],
    }
    wrong = {name: found[name] for name in wanted if found[name] != wanted[name]}
    sys.stdout.write(json.dumps({"kills": killed, "same": not wrong and status == 0, "wrong": wrong, "status": status}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
