"""Fields: counted as they are read, and declared as the table of sources says."""

from datetime import UTC, datetime

import pytest

from gimonitor.crawling.fields import given_by, load_expected
from gimonitor.crawling.ledger import Ledger
from gimonitor.model.listing import Listing, Shop
from gimonitor.model.run import Coverage, Example
from gimonitor.parsing.parsers import PARSERS

from .test_sources import ROWS

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SAID = {"place": "ship_from", "seller": "shop", "image": "images", "price in USD": "price", "30-day sales": "sales", "everything": "practice"}  # fmt: skip
WHOLE = Listing(
    platform="jd", item_id="1", title="五常大米", price_fen=100, shop=Shop(name="粮店"), sales=3, category="粮油"
)
BARE = Listing(platform="jd", item_id="2", title="五常大米")


def told(source: str) -> set[str]:
    """What the table says that a source gives; `as before` is the row above."""
    gives = [word.strip() for word in ROWS[source].split("|")[3].replace(";", ",").split(",")]
    return {SAID.get(word, word) for word in gives} | (told("taobao_union") if "as before" in gives else set())


@pytest.mark.parametrize("source", load_expected().sources)
def test_a_source_declares_only_what_the_table_of_sources_says_that_it_gives(source):
    assert given_by(source) <= told(source) or "practice" in told(source)
    assert given_by(source) <= set(load_expected().fields)


def test_every_field_that_counts_is_one_that_a_parser_looks_for():
    assert set(load_expected().fields) <= {name for parser in PARSERS for name in parser.gives.split()}


def count(*listings: Listing) -> Coverage:
    ledger = Ledger(["a"])
    for listing in listings:
        for name in ledger["a"].take(listing):
            ledger["a"].without[name] = Example(why=name, url="", file=listing.item_id, offset=0, length=1, sha256="")
    return ledger.coverage(1, "jd_union", NOW)[0]


def test_each_field_is_counted_over_the_listings_that_were_read():
    record = count(WHOLE, BARE, WHOLE)
    assert (record.seen, record.read) == (3, 3)
    assert {name: record.fields[name] for name in ("price", "shop", "images")} == {"price": 2, "shop": 2, "images": 0}
    assert record.example is None, "one listing without a price is no reason, and images are not declared"


def test_an_answer_without_a_declared_field_is_kept_where_no_listing_of_the_query_has_it():
    record = count(BARE, BARE)
    assert record.example is not None and (record.example.why, record.example.file) == ("category", "2")


def test_a_query_of_which_nothing_was_read_says_nothing_about_fields():
    assert Ledger(["a"]).coverage(1, "jd_union", NOW)[0].fields == {}
