"""Archives read again after a parser was mended: what stands is corrected, what was missed is found, nothing is asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gimonitor.configuration import Configuration
from gimonitor.errors import InputError, NotFoundError
from gimonitor.evidence.seal import WarcSeal
from gimonitor.model.listing import Listing
from gimonitor.operations.reparse import Reparsed, reparse
from gimonitor.parsing import parse_page
from gimonitor.register import load_register
from gimonitor.screening import Screener
from gimonitor.store import runs
from gimonitor.store.captures import captures_of
from gimonitor.store.database import migrate_store, open_store
from gimonitor.store.loading import StoredListing, history, load_listing
from gimonitor.workflow.intake import officers_day, take_in

KIND = "text/html; charset=utf-8"


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
