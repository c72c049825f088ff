"""What a back-test counts, and examples that do not come out."""

from dataclasses import replace
from datetime import date

from gimonitor.model.lead import Resolution
from gimonitor.model.listing import Listing
from gimonitor.model.register import Register
from gimonitor.screening.lab import backtest, broken_examples

LISTINGS = [
    Listing(platform="p", item_id="1", title="五常大米 10斤"),
    Listing(platform="p", item_id="2", title="四川龙井茶 绿茶 250g"),
    Listing(platform="p", item_id="3", title="连衣裙"),
]


def without(register: Register, model_id: str) -> Register:
    return replace(register, models=tuple(m for m in register.models if m.id != model_id), _by_id={})


def test_backtest_counts_against_decisions(register: Register, on: date) -> None:
    decided = {
        ("p", "1", "hlj-wuchang-dami"): Resolution.CONFIRMED,
        ("p", "2", "zj-longjing-cha"): Resolution.FAIR_USE,
    }
    same = backtest(register, register, LISTINGS, on, decided)
    assert (same.screened, same.changes, same.upheld, same.refuted, same.missed) == (3, (), 1, 1, 0)
    assert same.precision == 0.5
    fewer = backtest(register, without(register, "name-unknown"), LISTINGS, on, decided)
    assert [c.listing.item_id for c in fewer.changes] == ["1"]
    assert [f.model_id for f in fewer.changes[0].lost] == ["name-unknown"]
    assert (fewer.upheld, fewer.missed) == (0, 1)


def test_a_broken_example_is_named(register: Register, on: date) -> None:
    first = next(m for m in register.models if m.id == "name-unknown")
    wrong = replace(first, must_flag=("连衣裙",), must_not_flag=("五常大米 10斤",))
    models = tuple(wrong if m is first else m for m in register.models)
    broken = broken_examples(replace(register, models=models, _by_id={}), on, only=["name-unknown"])
    assert [(b.example, b.must_flag) for b in broken] == [("连衣裙", True), ("五常大米 10斤", False)]
