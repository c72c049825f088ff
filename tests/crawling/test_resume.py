"""A crawl that was killed loses nothing it had stored, and asks for none of it again."""

import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from itertools import count

from sqlalchemy import text

from gimonitor.model.run import SliceState
from gimonitor.store import runs
from gimonitor.store.database import open_store

QUERIES = ("五常大米", "西湖龙井", "阳澄湖大闸蟹", "新会陈皮", "安吉白茶", "库尔勒香梨")
ROOT = __file__.rpartition("/tests/")[0]


def crawl_slice(crawl, market, slice_id, owner):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIMONITOR_")}
    environment |= {
        "GIMONITOR_DATA_DIR": str(crawl.folder),
        "GIMONITOR_DISK_RESERVE_MB": "1",
        "GIMONITOR_PRACTICE_URL": market.url,
    }
    settings = [f"GIMONITOR_SLICE_ID={slice_id}", f"GIMONITOR_OWNER={owner}", "DOWNLOAD_DELAY=0"]
    command = [sys.executable, "-P", "-m", "scrapy", "crawl", "practice", *(a for s in settings for a in ("-s", s))]
    crawl.folder.mkdir(exist_ok=True)
    with log_of(crawl, owner).open("wb") as log:
        return subprocess.Popen(command, env=environment, cwd=ROOT, stderr=log, stdout=subprocess.DEVNULL)


def log_of(crawl, owner):
    return crawl.folder / f"{owner}.log"


def stored(store):
    with store.read() as c:
        return set(c.execute(text("select item_id from listings")).scalars())


def test_kill_and_go_on(crawl, market):
    answered, killed = count(), threading.Event()
    market.market.hold = lambda path: "/item/" in path and next(answered) >= 30 and killed.wait(120)  # a crawl at work
    wait, now = threading.Event(), datetime.now(UTC)
    with open_store(crawl.store_url) as store:
        with store.write() as c:
            run_id = runs.start_run(c, "nightly", {})
            runs.plan_slices(c, run_id, [("practice", QUERIES)])
            piece = runs.lease_slice(c, run_id, None, "first", 60, now)
        victim = crawl_slice(crawl, market, piece.id, "first")
        try:
            while len(stored(store)) < 15 and victim.poll() is None:
                wait.wait(0.05)
            assert victim.poll() is None, log_of(crawl, "first").read_text()
        finally:
            victim.send_signal(signal.SIGKILL)
            victim.wait(10)
            killed.set()
        kept = stored(store)
        asked_before = len(market.market.log)
        with store.write() as c:
            again = runs.lease_slice(
                c, run_id, None, "second", 60, now + timedelta(hours=2)
            )  # the lease was kept until the kill
        assert again.id == piece.id and again.attempts == 2
        assert crawl_slice(crawl, market, again.id, "second").wait(120) == 0
        asked = {
            path.rpartition("/")[2].removesuffix(".html")
            for _, path, _ in market.market.log[asked_before:]
            if "/item/" in path
        }
        with store.read() as c:
            coverage, ended = runs.load_coverage(c, run_id), runs.load_slice(c, again.id)
        expected = {g.id for q in QUERIES for g in market.market.catalogue.search(q, 1)[:24]}
        assert stored(store) == expected, [
            (r.query, r.announced, r.seen, r.stored, r.unchanged, r.cut_off, r.detail) for r in coverage
        ]
        assert kept and not kept & asked, "what was stored was asked again"
        assert ended.state is SliceState.DONE
        assert all(r.seen == r.stored + r.unchanged + r.rejected + r.failed and not r.failed for r in coverage)
        assert sum(r.unchanged for r in coverage) >= len(kept)


def test_a_crawl_keeps_its_lease(crawl, market):
    """A polite crawl takes longer than a lease: it is extended from the start on, so nobody takes the slice up again."""
    now, wait, killed = datetime.now(UTC), threading.Event(), threading.Event()
    market.market.hold = lambda path: killed.wait(120)  # it cannot come to an end
    with open_store(crawl.store_url) as store:
        with store.write() as c:
            run_id = runs.start_run(c, "nightly", {})
            runs.plan_slices(c, run_id, [("practice", QUERIES)])
            piece = runs.lease_slice(c, run_id, None, "first", 300, now)
        victim = crawl_slice(crawl, market, piece.id, "first")
        try:
            held = ()
            while not held and victim.poll() is None:
                wait.wait(0.1)
                with store.read() as c:
                    held = runs.holders(c, run_id, now + timedelta(seconds=600))
        finally:
            victim.send_signal(signal.SIGKILL)
            victim.wait(10)
            killed.set()
    assert held == ("first",), log_of(crawl, "first").read_text()
