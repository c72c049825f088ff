"""Ratios of re-screening, printed as lines of `name ratio bar verdict`. Run: python tests/bench/rescreen.py [listings] [SQLAlchemy URL of an empty database]

Each time is that of the whole call, compiling the register and finding the listings included, so a share measured over
fewer listings than a million is an upper bound of that over a million: what is fixed weighs more.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from gimonitor.configuration import Configuration
from gimonitor.model.listing import Listing, Shop
from gimonitor.model.register import Register
from gimonitor.operations.partitions import export_partition, screen_partition
from gimonitor.register import load_register
from gimonitor.screening import Screener
from gimonitor.store import runs
from gimonitor.store.database import Store, migrate_store, open_store
from gimonitor.store.registers import remember_register
from gimonitor.workflow.intake import take_in
from gimonitor.workflow.rescreening import Begun, Progress, index_listings, rescreen

NIGHT = datetime(2026, 3, 1, 18, tzinfo=UTC)
CHANGED = "hlj-wuchang-dami"
LISTINGS = 100_000
_FILLER = "产品精选优质原料、自然生长，颗粒饱满、香甜可口；工厂直发，坏单包赔，七天无理由退换。"


def listings(register: Register, count: int) -> Iterator[Listing]:
    """Offers as shop pages give them: three in five name some GI, by lot; one page in ten is long."""
    chance = random.Random(20261122)
    names = [gi.name for gi in register.gis if gi.is_gi]
    for number in range(count):
        about = chance.choice(names) if chance.random() < 0.6 else "连衣裙"
        weight = chance.choice((1, 2, 5, 10))
        yield Listing(
            platform="practice",
            item_id=str(number),
            title=f"【产地直发】{about} {weight}斤装 送礼 {number}",
            description=f"{chance.choice(names)[:1]}{_FILLER}" * (30 if number % 10 == 0 else 4) + f"编号{number}",
            attributes=(("净含量", f"{weight}斤"), ("品牌", f"牌{number % 997}")),
            shop=Shop(name=f"店{number % 5000}", shop_id=str(number % 5000)),
            price_fen=1990 + number % 9000,
            sales=number % 3000,
            observed_at=NIGHT,
        )


def fill(store: Store, register: Register, count: int) -> None:
    """Store and index listings, as nights of collecting do."""
    with store.write() as c:
        remember_register(c, register)
    screener, batch = Screener(register), []
    for one in listings(register, count):
        batch.append((one, None))
        if len(batch) == 5_000:
            take_in(store, screener, batch, None, NIGHT.date())
            batch = []
    take_in(store, screener, batch, None, NIGHT.date())
    index_listings(store, lambda done: None)


def timed(work: Callable[[], object]) -> float:
    """Seconds that a call takes."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def changed(register: Register, number: int) -> Register:
    """The register with a fact of one GI changed, each time another."""
    gis = tuple(replace(gi, notes=f"change {number}") if gi.id == CHANGED else gi for gi in register.gis)
    return replace(register, gis=gis, digest=f"{number:064x}", _by_id={})


def say(dialect: str, name: str, ratio: float, bar: str) -> bool:
    """Print a line; True where the bar was reached."""
    reached = ratio >= float(bar[3:]) if bar.startswith(">=") else ratio <= float(bar[3:])
    sys.stdout.write(f"rescreen {dialect}: {name}: {ratio:.4f} (bar {bar}) {'ok' if reached else 'MISSED'}\n")
    sys.stdout.flush()
    return reached


def report(url: str, count: int) -> bool:
    """Measure one database; True when every bar was reached."""
    migrate_store(url)
    register = load_register()
    with open_store(url) as store:
        fill(store, register, count)
        one_gi = []
        for number in range(1, 4):
            register = changed(register, number)
            one_gi.append(timed(lambda r=register: rescreen(store, r)))  # type: ignore[misc]  # bound at once
        spread = worked(
            lambda: rescreen(
                store, register, everything=True, spread=lambda begun, told: by_partitions(store, begun, told)
            )
        )
        single = worked(lambda: rescreen(store, register, everything=True))
        say(store.dialect, "all listings in one process, of by partitions, processor time", single / spread, ">= 0.8")
        full = timed(lambda: rescreen(store, register, everything=True))
        name = f"one GI of {len(register.gis)} changed, {min(one_gi):.2f} s, of all {count:,} listings, {full:.1f} s"
        reached = say(store.dialect, name, min(one_gi) / full, "<= 0.02")
        shared = timed(lambda: rescreen(store, register, everything=True, processes=2, url=url))
        name = f"all listings in one process, of two, {shared:.1f} s"
        return say(store.dialect, name, full / shared, ">= 1.7") and reached


def by_partitions(store: Store, begun: Begun, progress: Progress) -> None:
    """What the coordinator and a worker of a spread re-screening do, one after the other in this process."""
    with store.read() as c:
        pieces = runs.load_slices(c, begun.run_id)
    with tempfile.TemporaryDirectory() as folder:
        configuration = Configuration(data_dir=Path(folder), disk_reserve_mb=0)
        for piece in pieces:
            export_partition(configuration, store, begun.scope, piece)
            store.attempt(
                lambda c, it=piece: runs.lease_slice(c, it.run_id, None, "bench:1", 300, datetime.now(UTC), it.id)
            )  # type: ignore[misc]  # bound at once
            screen_partition(configuration, store, piece, "bench:1", lambda: False)


def worked(work: Callable[[], object]) -> float:
    """Seconds of this process's processor time that a call takes."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


def main(arguments: list[str]) -> int:
    """Measure SQLite, or the database named; exit code 1 when a bar was missed."""
    count = int(arguments[0]) if arguments else LISTINGS
    with tempfile.TemporaryDirectory() as folder:
        url = arguments[1] if len(arguments) > 1 else f"sqlite:///{Path(folder) / 'bench.sqlite'}"
        return 0 if report(url, count) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
