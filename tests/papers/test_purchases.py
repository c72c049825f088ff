"""An order is recorded once, goods are received once, and a wrong record is voided, never taken away."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from gimonitor.errors import InputError
from gimonitor.papers.purchases import ACTS, Act, record_purchase, record_step

from .conftest import FINDINGS, NOW, furnish, listing


def test_one_order_is_one_record_until_it_is_voided(sqlite_store, tmp_path: Path) -> None:
    house = furnish(sqlite_store, tmp_path / "data", listing(), *FINDINGS)
    told = {"who": "wang", "account": "本局", "order_number": "D-1", "goods": "10斤", "paid_fen": None}
    buy = partial(record_purchase, house.store, house.configuration, house.lead_id, now=NOW, **told)
    step = partial(record_step, house.store, house.configuration, who="wang", at=NOW, now=NOW)
    with pytest.raises(InputError, match="下单时间不能晚于现在"):
        buy(at=NOW + timedelta(minutes=1))
    first = buy(at=NOW).id
    with pytest.raises(InputError, match=f"订单 D-1 已登记为购样 {first}"):
        buy(at=NOW)
    with pytest.raises(InputError, match="写明原因"):
        step(first, Act.VOIDED)
    assert step(first, Act.VOIDED, note="重复登记").steps[-1].act == "voided"
    with pytest.raises(InputError, match="作废之后不再登记"):
        step(first, Act.RECEIVED, holder="张某")
    second = buy(at=NOW).id
    assert second != first
    step(second, Act.RECEIVED, holder="张某")
    with pytest.raises(InputError, match=f"请登记为“{ACTS[Act.HANDED]}”"):
        step(second, Act.RECEIVED, holder="李某")
    assert step(second, Act.HANDED, holder="李某").steps[-1].giver == "张某"
