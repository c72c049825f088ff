"""The last stage stores every listing, also those it holds when the crawl ends in the middle of a batch."""

import asyncio
from types import SimpleNamespace

import pytest
from scrapy.utils.test import get_crawler
from sqlalchemy import text

from gimonitor.crawling.ledger import Ledger
from gimonitor.model.finding import Screening, Stage
from gimonitor.model.listing import Listing
from gimonitor.store import runs
from gimonitor.store.database import migrate_store, open_store
from pipelines import store as module
from pipelines.store import StorePipeline


class Silent:
    """Screens nothing: storing is what is tried here."""

    def screen(self, listing, on, history=None):
        return Screening(stage=Stage.NO_NAME, suspicions=(), clearings=(), on=on, register_digest="0")

    def screen_all(self, listings, on, histories=()):
        return [self.screen(listing, on) for listing in listings]


@pytest.fixture
def session(tmp_path):
    url = f"sqlite:///{tmp_path / 'gimonitor.sqlite'}"
    migrate_store(url)
    with open_store(url) as store:
        with store.write() as c:
            run_id = runs.start_run(c, "test", {})
        seal = SimpleNamespace(sync=lambda: None)
        yield SimpleNamespace(store=store, run_id=run_id, seal=seal, ledger=Ledger(), take_seal=lambda listing: None)


def listings(number, query):
    return [Listing(platform="practice", item_id=f"{query}{n}", title="茶", query=query) for n in range(number)]


def stored(session):
    with session.store.read() as c:
        return c.execute(text("select count(*) from listings")).scalar()


def test_nothing_is_lost_when_the_crawl_ends_within_a_batch(session, monkeypatch):
    monkeypatch.setattr(module, "SECONDS", 0.02)

    async def crawl():
        pipeline = StorePipeline(get_crawler(), session)
        pipeline._screener = Silent()
        pipeline._ticker = asyncio.ensure_future(pipeline._tick())
        for query in "abcdef":
            for listing in listings(20, query):
                await pipeline.process_item(listing)
            await asyncio.sleep(0.015)  # the ticker begins to store while more arrive
        await pipeline.close_spider()

    asyncio.run(crawl())
    assert stored(session) == 120
    assert {q: (session.ledger[q].stored, session.ledger[q].failed) for q in "abcdef"} == dict.fromkeys(
        "abcdef", (20, 0)
    )


def test_a_full_batch_is_stored_at_once(session, monkeypatch):
    monkeypatch.setattr(module, "BATCH", 10)

    async def crawl():
        pipeline = StorePipeline(get_crawler(), session)
        pipeline._screener = Silent()
        for listing in listings(25, "a"):
            await pipeline.process_item(listing)
        before = stored(session)
        await pipeline.close_spider()
        return before

    assert asyncio.run(crawl()) == 20
    assert stored(session) == 25


def test_without_a_session_listings_pass_through():
    async def crawl():
        pipeline = StorePipeline(get_crawler(), None)
        pipeline.open_spider()
        return [await pipeline.process_item(listing) for listing in listings(3, "a")]

    assert len(asyncio.run(crawl())) == 3
