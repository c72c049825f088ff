"""What a changed register touches, and what a backtest counts."""

from dataclasses import replace
from datetime import date

from gimonitor.model.lead import Resolution
from gimonitor.model.listing import Listing
from gimonitor.model.register import Register
from gimonitor.screening.lab import backtest, broken_examples, changed_gis, search_words
from gimonitor.text.normalise import fold_text

LISTINGS = [
    Listing(platform="p", item_id="1", title="五常大米 10斤"),
    Listing(platform="p", item_id="2", title="四川龙井茶 绿茶 250g"),
    Listing(platform="p", item_id="3", title="连衣裙"),
]


def without(register: Register, model_id: str) -> Register:
    return replace(register, models=tuple(m for m in register.models if m.id != model_id), _by_id={})


def test_a_changed_gi_touches_only_itself(register: Register) -> None:
    first, *rest = register.gis
    changed = replace(register, gis=(replace(first, notes="other"), *rest), _by_id={})
    assert changed_gis(register, changed) == {first.id}
    assert changed_gis(register, register) == frozenset()
    assert changed_gis(register, replace(register, users=register.users[1:], _by_id={})) == {register.users[0].gi_id}


def test_a_changed_model_or_word_touches_all(register: Register) -> None:
    assert changed_gis(register, without(register, "style")) is None
    assert changed_gis(register, replace(register, words=register.words[1:], _by_id={})) is None


def test_search_words_hold_every_plain_naming(register: Register) -> None:
    words = search_words(register, ["hlj-wuchang-dami"])
    for title in ("五常大米 10斤", "五 常 大 米", "黑龙江五常 香米", "Wuchang Rice 5kg"):
        assert any(word in fold_text(title) for word in words)
    assert not any("龙井" in word for word in words)


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
