"""Reading ahead by a second process: the same batches, errors raised where they are asked for, a death noticed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import count

import pytest

from gimonitor.errors import InputError, PartialError
from gimonitor.model.finding import Screening, Stage
from gimonitor.model.listing import Listing, Shop
from gimonitor.operations.ahead import BATCH, Parsed, read_ahead
from gimonitor.parsing.table import Reject

NOW = datetime(2026, 3, 1, 18, tzinfo=UTC)


def rows(many: int) -> Iterator[Parsed]:
    for n in range(many):
        if n % 100 == 7:
            yield Reject(number=n, reason="no title", cells={"标题": ""})
        else:
            title = "半个字\ud83c" if n == 300 else f"五常大米 {n}"  # a lone surrogate, as a JSON line may write one
            shop = Shop(name="粮油店", shop_id=str(n))
            sales = 10**30 if n == 900 else n
            yield Listing(platform="taobao", item_id=str(n), title=title, shop=shop, sales=sales, observed_at=NOW)


def screen(listings: list[Listing]) -> list[Screening]:
    return [
        Screening(stage=Stage.NO_NAME, suspicions=(), clearings=(), on=date(2026, 3, 1), register_digest=one.item_id)
        for one in listings
    ]


def test_two_processes_give_what_one_gives() -> None:
    with read_ahead(rows(3 * BATCH + 3), screen, processes=1) as batches:
        alone = list(batches)
    with read_ahead(rows(3 * BATCH + 3), screen, processes=2) as batches:
        assert list(batches) == alone
    assert [len(batch) for batch in alone] == [BATCH, BATCH, BATCH, 3]
    assert all(
        one.screening.register_digest == one.listing.item_id for one in alone[0] if one.listing and one.screening
    )


def test_what_reading_raises_is_raised_here() -> None:
    def broken() -> Iterator[Parsed]:
        yield from rows(BATCH)
        yield from rows(4 * BATCH)
        raise InputError("采集.xlsx: more than it may unpack to")

    with read_ahead(broken(), screen, processes=2) as batches, pytest.raises(InputError, match="more than it may"):
        for _ in batches:
            pass


def test_a_process_that_dies_is_noticed() -> None:
    done = count()

    def dying(listings: list[Listing]) -> list[Screening]:
        if next(done) == 2:
            os._exit(9)
        return screen(listings)

    with (
        read_ahead(rows(4 * BATCH), dying, processes=2) as batches,
        pytest.raises(PartialError, match="import it again"),
    ):
        for _ in batches:
            pass


def test_who_stops_early_leaves_no_process_behind() -> None:
    with read_ahead(rows(20 * BATCH), screen, processes=2) as batches:
        assert len(next(batches)) == BATCH
