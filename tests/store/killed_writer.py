"""Run by test_faults.py: two writers on one store, one of them killed with -9 again and again in the midst of its work.

Usage: killed_writer.py URL FOLDER KILLS SEED VARIANT, where VARIANT is `sound`, or `early`: a writer that acknowledges
before the commit, as a known-bad variant that the test must catch. Prints one line of JSON. All imports are done before
the first fork, so that a kill costs milliseconds.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, event

from gimonitor.model.finding import Finding, Place, Score, Screening, Stage, Suspicion
from gimonitor.model.listing import Field, Listing, Shop
from gimonitor.store.audit import append_audit
from gimonitor.store.database import Store, open_store
from gimonitor.store.listings import Observation, save_listings

BATCHES, SIZE = 160, 8
NIGHT = datetime(2026, 3, 1, tzinfo=UTC)


def observation(number: int) -> Observation:
    """Item `number`; every third is suspected."""
    listing = Listing(
        platform="practice",
        item_id=str(number),
        title=f"五常大米 {number}",
        shop=Shop(name=f"店{number % 7}", shop_id=str(number % 7)),
        price_fen=100 + number,
        observed_at=NIGHT,
    )
    place = Place(field=Field.TITLE, start=0, end=4, text="五常大米")
    finding = Finding(
        model_id="M01",
        model_version=1,
        family="name",
        gi_id="wuchang",
        gi_name="五常大米",
        place=place,
        reason="x",
        clears="y",
        severity=0.5,
        confidence=0.5,
    )
    suspicion = Suspicion(gi_id="wuchang", gi_name="五常大米", findings=(finding,), score=Score(total=25.0, terms=()))
    suspected = number % 3 == 0
    screening = Screening(
        stage=Stage.FLAGGED if suspected else Stage.NO_NAME,
        suspicions=(suspicion,) if suspected else (),
        clearings=(),
        on=date(2026, 3, 1),
        register_digest="r1",
    )
    return Observation(listing=listing, screening=screening)


def batch_items(writer: int, batch: int) -> range:
    """The item numbers of a batch; the two writers overlap by half."""
    start = batch * SIZE + writer * SIZE // 2
    return range(start, start + SIZE)


def acknowledged(path: Path) -> set[int]:
    """Batches a writer said it had stored."""
    return set(map(int, path.read_text().split())) if path.exists() else set()


def write_batches(store: Store, writer: int, acks: Path, variant: str) -> None:
    """Store what is not acknowledged yet, batch by batch, and acknowledge each after its commit."""
    done = acknowledged(acks)
    with acks.open("ab", buffering=0) as log:
        for batch in range(BATCHES):
            if batch in done:
                continue
            if variant == "early":
                log.write(b"%d\n" % batch)

            def work(c: Connection, batch: int = batch) -> None:
                save_listings(c, [observation(n) for n in batch_items(writer, batch)], None)
                append_audit(c, f"w{writer}", "store", f"batch:{batch}", {}, at=NIGHT)

            store.attempt(work)
            if variant == "sound":
                log.write(b"%d\n" % batch)


def child(url: str, writer: int, acks: Path, variant: str, kill_at: int) -> int:
    """Fork a writer; it kills itself after its `kill_at`-th statement, 0: never. Returns its pid."""
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
            write_batches(store, writer, acks, variant)
        code = 0
    finally:
        os._exit(code)


def main(url: str, folder: Path, kills: int, seed: int, variant: str) -> None:
    """Kill writer 0 `kills` times while writer 1 works, then let both finish."""
    chance = random.Random(seed)
    acks = [folder / "acks0", folder / "acks1"]
    other = child(url, 1, acks[1], variant, 0)
    killed = 0
    while killed < kills:
        pid = child(url, 0, acks[0], variant, chance.randint(3, 40))
        _, status = os.waitpid(pid, 0)
        if not os.WIFSIGNALED(status):
            break
        killed += 1
    last = child(url, 0, acks[0], variant, 0)
    codes = [os.waitpid(pid, 0)[1] for pid in (last, other)]
    sys.stdout.write(json.dumps({"seed": seed, "kills": killed, "codes": codes}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5])
