"""Archives read again after a parser was mended: what stands is corrected, what was missed is found, nothing is asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from gimonitor.cli.main import main
from gimonitor.configuration import Configuration
from gimonitor.errors import InputError, NotFoundError
from gimonitor.evidence.seal import WarcSeal
from gimonitor.model.listing import Listing, Shop
from gimonitor.model.run import RunState
from gimonitor.model.zone import BEIJING
from gimonitor.operations.erased import load_erased
from gimonitor.operations.erasure import Seller, erase
from gimonitor.operations.nightly import resume
from gimonitor.operations.reparse import Reparsed, _parse, reparse
from gimonitor.parsing import parse_page
from gimonitor.register import load_register
from gimonitor.screening import Screener
from gimonitor.store import runs
from gimonitor.store.captures import captures_of
from gimonitor.store.database import migrate_store, open_store
from gimonitor.store.loading import StoredListing, history, load_listing
from gimonitor.workflow.intake import officers_day, take_in

KIND = "text/html; charset=utf-8"
PAST = datetime.now(UTC) - timedelta(days=1)


def page(sku: str, origin: str) -> bytes:
    return f"""<script type="application/ld+json">{{"@type":"Product","sku":"{sku}","name":"正宗五常大米 {sku}",
    "additionalProperty":[{{"@type":"PropertyValue","name":"产地","value":"{origin}"}}],
    "offers":{{"@type":"Offer","price":"5","priceCurrency":"CNY"}}}}</script>""".encode()


class Night:
    """A night's archive of three pages: one read badly by the parser of that day, one read well, one not read at all."""

    def __init__(self, folder: Path) -> None:
        self.configuration = Configuration(data_dir=folder, disk_reserve_mb=0)
        migrate_store(self.configuration.store_url)
        self.began = datetime.now(UTC) - timedelta(minutes=1)
        screener = Screener(load_register())
        with WarcSeal(self.configuration.warc_dir, "run-1", reserve=0) as seal:
            pairs = []
            for sku in ("bad", "good", "missed"):
                url, body = f"https://shop.example/{sku}", page(sku, "辽宁沈阳")
                sealed = seal.write(url, 200, [("Content-Type", KIND)], body)
                (listing,) = parse_page(body, url, KIND).listings
                if sku == "bad":
                    listing = Listing(
                        platform=listing.platform, item_id=listing.item_id, title="？", url=url, query="大米"
                    )
                if sku != "missed":
                    pairs.append((listing, sealed))
        with open_store(self.configuration.store_url) as store:
            take_in(store, screener, pairs, None, officers_day())
            take_in(store, screener, [(pairs[0][0], None)], None, officers_day())  # seen again, unchanged

    def run(self, **options: object) -> Reparsed:
        return reparse(self.configuration, self.began, **options)  # type: ignore[arg-type]

    def all_runs(self) -> tuple[runs.StoredRun, ...]:
        with open_store(self.configuration.store_url) as store, store.read() as c:
            return runs.latest_runs(c)

    def stands(self, sku: str) -> StoredListing:
        with open_store(self.configuration.store_url) as store, store.read() as c:
            return load_listing(c, "shop.example", sku)


@pytest.fixture
def night(tmp_path: Path) -> Night:
    return Night(tmp_path / "data")


def test_what_reads_otherwise_is_listed_stored_and_screened_once(night: Night) -> None:
    before = night.stands("bad")
    tried = night.run(dry_run=True)
    assert [(one.item_id, one.is_new) for one in tried.changed] == [("bad", False), ("missed", True)]
    assert {"title", "attributes", "price_fen"} <= set(tried.changed[0].fields)
    assert (tried.run_id, night.stands("bad").version) == (None, 1)
    done = night.run()
    assert [one.item_id for one in done.changed] == ["bad", "missed"] and done.responses == 3
    assert done.leads_new == 2
    after = night.stands("bad")
    assert after.listing.title == "正宗五常大米 bad" and after.version == 2
    assert (after.last_seen, after.listing.query) == (before.last_seen, "大米")
    with open_store(night.configuration.store_url) as store, store.read() as c:
        assert [version.listing.title for version in history(c, after.id)] == ["？", "正宗五常大米 bad"]
        assert {capture.listing_version for capture in captures_of(c, after.id)} == {1, 2}
    again = night.run()
    assert again.changed == () and night.stands("bad").version == 2


def test_a_run_goes_on_behind_the_archives_it_has_done(night: Night) -> None:
    done = night.run()
    rest = night.run(resume=done.run_id)
    assert (rest.archives, rest.responses, rest.run_id) == (0, 0, done.run_id)
    with open_store(night.configuration.store_url) as store:
        with store.write() as c:
            other = runs.start_run(c, "nightly", {})
        with pytest.raises(NotFoundError):
            night.run(resume=other)


def stop_at(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Ctrl-C while the response of this number is read."""
    left = iter([*[False] * (number - 1), True])

    def read(*given: object) -> object:
        if next(left, False):
            raise KeyboardInterrupt
        return _parse(*given)  # type: ignore[arg-type]

    monkeypatch.setattr("gimonitor.operations.reparse._parse", read)


def test_one_that_is_stopped_names_its_run_tells_what_changed_and_goes_on(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIMONITOR_DATA_DIR", str(night.configuration.data_dir))
    monkeypatch.setenv("GIMONITOR_DISK_RESERVE_MB", "0")
    since = f"{night.began.astimezone(BEIJING):%Y-%m-%dT%H:%M}"
    stop_at(monkeypatch, 3)
    told = CliRunner().invoke(main, ["reparse", "--since", since])
    assert told.exit_code == 5 and "shop.example/bad" in told.output and "missed" not in told.output, told.output
    (run,) = night.all_runs()
    assert (run.state, night.stands("bad").version) == (RunState.INTERRUPTED, 2)
    go_on = ["reparse", "--since", since, "--resume", str(run.id)]
    assert " ".join(go_on) in told.output
    rest = CliRunner().invoke(main, go_on)
    assert rest.exit_code == 0 and "shop.example/missed" in rest.output, rest.output
    assert [one.state for one in night.all_runs()] == [RunState.OK]


def test_one_whose_process_has_died_does_not_run_for_ever(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_store(night.configuration.store_url) as store, store.write() as c:
        runs.start_run(c, runs.REPARSE, {"since": night.began.isoformat(), runs.RUNNER: "nobody:1:gone"}, now=PAST)
    said: list[str] = []
    night.run(say=said.append)
    assert [one.state for one in night.all_runs()] == [RunState.OK, RunState.INTERRUPTED]
    assert "gimonitor reparse --since" in said[0] and "--resume 1" in said[0]


def test_a_crawls_resume_refuses_it_and_says_what_to_do(night: Night) -> None:
    done = night.run()
    with pytest.raises(InputError, match=f"gimonitor reparse --since .* --resume {done.run_id}"):
        resume(night.configuration, done.run_id or 0, say=print)
    with open_store(night.configuration.store_url) as store, store.write() as c:
        other = runs.start_run(c, "capture", {})
    with pytest.raises(InputError, match="crawls nothing"):
        resume(night.configuration, other, say=print)
    assert [run.state for run in night.all_runs()] == [RunState.RUNNING, RunState.OK]


def test_only_archives_since_then(night: Night) -> None:
    with pytest.raises(InputError, match="no finished archive"):
        reparse(night.configuration, datetime.now(UTC) + timedelta(hours=1))


def test_an_item_twice_in_one_answer_reads_the_same_each_time(night: Night) -> None:
    rows = '{"id":1,"title":"五常大米","variants":[{"price":"-5.00"}]},{"id":1,"title":"五常大米","variants":[{"price":"39.90"}]}'
    url, body = "https://shop.example/products.json", f'{{"products":[{rows}]}}'.encode()
    night.run()
    with WarcSeal(night.configuration.warc_dir, "run-2", reserve=0) as seal:
        sealed = seal.write(url, 200, [("Content-Type", "application/json")], body)
    pairs = [(one, sealed) for one in parse_page(body, url, "application/json").listings]
    with open_store(night.configuration.store_url) as store:
        take_in(store, Screener(load_register()), pairs, None, officers_day())
    assert (night.run().changed, night.run().changed) == ((), ())
    assert (night.stands("1").version, night.stands("1").listing.price_fen) == (1, 3990)


def test_what_a_crawl_rejects_is_rejected_here_too(night: Night) -> None:
    night.run()
    with WarcSeal(night.configuration.warc_dir, "run-2", reserve=0) as seal:
        body = b'{"products":[{"id":"untitled","title":"","variants":[{"price":"5.00"}]}]}'
        seal.write("https://shop.example/products.json", 200, [("Content-Type", "application/json")], body)
    for dry_run in (True, False):
        done = night.run(dry_run=dry_run)
        assert (done.changed, done.rejected) == ((), {"no_title": 1})
    assert done.run_id
    with open_store(night.configuration.store_url) as store, store.read() as c:
        records = {one.query: one for one in runs.load_coverage(c, done.run_id)}
        assert sorted((one.seen, one.rejected, one.detail) for one in records.values()) == [
            (0, 0, ""),
            (1, 1, "1 rejected (1 no_title)"),
        ]
        with pytest.raises(NotFoundError):
            load_listing(c, "shop.example", "untitled")


def test_what_was_erased_is_not_brought_back(night: Night) -> None:
    url, rows = "https://asks.example/products.json", '{"id":1,"title":"毛巾"},{"id":2,"title":"水杯"}'
    body = f'{{"products":[{rows}]}}'.encode()
    with WarcSeal(night.configuration.warc_dir, "run-2", reserve=0) as seal:
        sealed = seal.write(url, 200, [("Content-Type", "application/json")], body)
    pairs = [
        (replace(one, observed_at=sealed.at), sealed) for one in parse_page(body, url, "application/json").listings
    ]
    night.run()
    shop = pairs[0][0].shop
    assert shop
    archive = night.configuration.warc_dir / sealed.file
    kept = archive.read_bytes()  # it goes, for it holds nobody else's; other archives stay
    with open_store(night.configuration.store_url) as store:
        asks = Seller(platform="asks.example", shop_id=shop.shop_id, name=shop.name)
        done = erase(store, night.configuration, asks, datetime.now(UTC), "张三")
        assert (len(done.items), done.staying, archive.exists()) == (2, (), False)
        archive.parent.mkdir(parents=True, exist_ok=True)
        archive.write_bytes(kept)
        for dry_run in (True, False):
            again = night.run(dry_run=dry_run)
            assert (again.changed, again.rejected) == ((), {"erased": 2})
        with store.read() as c:
            erased = load_erased(c)
    seen, now = pairs[0][0], datetime.now(UTC)
    assert erased.holds(seen, sealed.at) and not erased.holds(seen, now), "a new sight counts"
    assert erased.holds(replace(seen, shop=None), sealed.at), "by its number, where a page names no shop"
    assert erased.holds(replace(seen, item_id="unread"), sealed.at), "by its seller, where nobody could read it before"
    assert not erased.holds(replace(seen, item_id="unread", shop=Shop(name="别家店")), sealed.at)
