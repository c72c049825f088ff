"""What a back-test counts, and examples that do not come out."""

from dataclasses import replace
from datetime import date

import pytest

from gimonitor.errors import RulesError
from gimonitor.model.finding import Stage
from gimonitor.model.lead import Resolution
from gimonitor.model.listing import Listing, Shop, Subject
from gimonitor.model.register import Register
from gimonitor.screening import Screener
from gimonitor.screening.lab import (
    Backtest,
    Comparison,
    all_findings,
    broken_examples,
    judge_examples,
    screen_example,
    shadowed,
    told,
)

LISTINGS = [
    Listing(platform="p", item_id="1", title="五常大米 10斤"),
    Listing(platform="p", item_id="2", title="四川龙井茶 绿茶 250g"),
    Listing(platform="p", item_id="3", title="连衣裙"),
]


def without(register: Register, model_id: str) -> Register:
    return replace(register, models=tuple(m for m in register.models if m.id != model_id), _by_id={})


def compare(current: Register, candidate: Register, on: date) -> Backtest:
    decided = {"1": {"hlj-wuchang-dami": Resolution.CONFIRMED}, "2": {"zj-longjing-cha": Resolution.FAIR_USE}}
    comparison, found = Comparison(current, candidate), Backtest()
    for listing in LISTINGS:
        comparison.add(found, listing, on, decided=decided.get(listing.item_id))
    return found


def test_backtest_counts_against_decisions(register: Register, on: date) -> None:
    same = compare(register, register, on)
    assert (same.screened, same.changed, same.upheld, same.refuted, same.missed) == (3, 0, 1, 1, 0)
    assert same.precision == same.precision_now == 0.5
    fewer = compare(register, without(register, "name-unknown"), on)
    assert [c.item_id for c in fewer.changes] == ["1"] and fewer.lost == {"name-unknown": 1}
    assert [model for _, model, _ in fewer.changes[0].lost] == ["name-unknown"]
    assert (fewer.upheld, fewer.missed, fewer.leads_lost, fewer.precision) == (0, 1, 1, 0.0)
    more = compare(without(register, "name-unknown"), register, on)
    assert (more.leads_gained, more.gained, more.users) == (1, {"name-unknown": 1}, [])


def test_a_lead_that_only_weighs_otherwise_is_counted(register: Register, on: date) -> None:
    model = next(m for m in register.models if m.id == "name-unknown")
    found = compare(register, shadowed(register, replace(model, severity=model.severity / 2)), on)
    assert (found.changed, found.weighed, found.leads_gained, found.leads_lost) == (0, 1, 0, 0)
    assert (found.leads_higher, found.leads_lower) == (0, 1)
    back = compare(shadowed(register, replace(model, severity=model.severity / 2)), register, on)
    assert (back.leads_higher, back.leads_lower) == (1, 0)


def test_authorised_users_who_would_be_flagged_are_named(register: Register, on: date) -> None:
    user = next(u for u in register.users if u.uscc)
    shop = Shop(name="某店", subject=Subject(name="x", uscc=user.uscc))
    name = register.gi(user.gi_id).name
    listing = Listing(platform="p", item_id="9", title=f"{name} 同款 国家地理标志保护产品 PGI", shop=shop)
    bare = replace(register, users=(), _by_id={})
    found = Backtest()
    Comparison(register, replace(bare, users=(replace(user, ends=date(2020, 1, 1)),), _by_id={})).add(
        found, listing, on
    )
    assert found.users == [user.name] and found.users_new == [user.name]


def test_a_draft_is_in_force_in_its_shadow_only(register: Register, on: date) -> None:
    model = next(m for m in register.models if m.id == "name-unknown")
    draft = replace(model, status="draft", version=2)
    shadow = shadowed(register, draft)
    assert shadow.digest != register.digest and len(shadow.models) == len(register.models)
    assert {m.status for m in shadow.models if m.id == model.id} == {"active"}
    assert compare(without(register, "name-unknown"), shadow, on).leads_gained == 1


def test_a_broken_example_is_named(register: Register, on: date) -> None:
    first = next(m for m in register.models if m.id == "name-unknown")
    wrong = replace(first, must_flag=("连衣裙",), must_not_flag=("五常大米 10斤",))
    models = tuple(wrong if m is first else m for m in register.models)
    broken = broken_examples(replace(register, models=models, _by_id={}), on, only=["name-unknown"])
    assert [(b.example, b.must_flag) for b in broken] == [("连衣裙", True), ("五常大米 10斤", False)]
    assert [(b.path, b.place) for b in broken] == [
        ("models/name-unknown.yml", "must_flag.0"),
        ("models/name-unknown.yml", "must_not_flag.0"),
    ]


def test_an_example_that_cannot_be_read_is_told_and_the_others_are_run(register: Register, on: date) -> None:
    first = next(m for m in register.models if m.id == "name-unknown")
    wrong = replace(first, must_flag=('{"title": "x"', '{"title": "五常大米", "price": true}', "连衣裙"))
    broken = broken_examples(shadowed(register, wrong), on, only=["name-unknown"])
    assert [(b.place, bool(b.fault)) for b in broken] == [
        ("must_flag.0", True),
        ("must_flag.1", True),
        ("must_flag.2", False),
    ]
    text = "id: x\nmust_flag:\n  - a\n  - b\n  - c\n"
    assert told(broken[2], text).startswith("models/name-unknown.yml:5: name-unknown: must flag: 连衣裙 (fired: none)")


def test_a_retired_model_is_tried_as_what_it_is(register: Register, on: date) -> None:
    model = next(m for m in register.models if m.id == "name-unknown")
    shadow = shadowed(register, replace(model, status="retired"))
    found = compare(register, shadow, on)
    assert (found.leads_lost, found.lost) == (1, {"name-unknown": 1})
    assert broken_examples(shadow, on, only=["name-unknown"]) == ()


OUTSIDE = '{"title": "五常大米 10斤", "origin": "安徽"}'


@pytest.mark.parametrize(
    ("gone", "record"),
    [
        (["name-outside"], OUTSIDE),
        (["name-outside", "name-unknown"], "五常大米 10斤"),
        (["near-pinyin", "translation"], "wuchang dami 10斤 大米"),
        (["keywords"], '{"title": "大米 10斤", "keywords": ["五常大米"]}'),
        (["shop-name"], '{"title": "东北珍珠米 10斤", "shop": "五常大米专营店"}'),
    ],
)
def test_a_name_that_no_model_in_force_asks_about_is_not_cleared(
    gone: list[str], record: str, register: Register, screener: Screener, on: date
) -> None:
    assert screen_example(screener, record, on).stage is Stage.FLAGGED
    kept = tuple(m for m in register.models if m.id not in gone)
    screening = screen_example(Screener(replace(register, models=kept, _by_id={})), record, on)
    assert screening.stage is Stage.UNASKED
    last = screening.clearings[-1]
    assert not any(c.decisive for c in screening.clearings)
    assert last.code == "" and "没有启用的模型判断" in last.reason


def test_what_a_legitimate_reading_clears_is_cleared_without_a_model_too(register: Register, on: date) -> None:
    bare = Screener(without(register, "name-outside"))
    for record in ("五常大米专用电饭煲", '{"title": "五常大米 10斤", "origin": "黑龙江五常"}'):
        assert screen_example(bare, record, on).stage is Stage.CLEARED


def test_examples_of_other_models_that_lean_on_a_retired_one_are_told(register: Register, on: date) -> None:
    model = next(m for m in register.models if m.id == "name-unknown")
    judged = judge_examples(register, shadowed(register, replace(model, status="retired")), on, only=[model.id])
    assert (judged.own, judged.before) == ((), ())
    assert {b.model_id for b in judged.elsewhere} == {"repeat", "sc-region", "season", "supply", "volume"}


def test_a_draft_is_to_blame_only_for_what_it_changes(register: Register, on: date) -> None:
    bare = without(register, "name-unknown")
    region = next(m for m in register.models if m.id == "sc-region")
    draft = replace(region, severity=0.5, must_not_flag=(*region.must_not_flag, "五常大米 10斤"))
    judged = judge_examples(bare, shadowed(bare, draft), on, only=[region.id])
    assert (judged.own, judged.elsewhere) == ((), ()) and [b.example for b in judged.before] == [*region.must_flag]
    worse = replace(draft, must_flag=(*region.must_flag, "连衣裙"))
    judged = judge_examples(bare, shadowed(bare, worse), on, only=[region.id])
    assert [b.example for b in judged.own] == ["连衣裙"] and len(judged.before) == 1


def test_an_example_has_its_own_day_and_history(screener: Screener, on: date) -> None:
    def fired(text: str) -> set[str]:
        return {f.model_id for f in all_findings(screen_example(screener, text, on))}

    crab = '{"title": "阳澄湖大闸蟹 鲜活现货 8只", "origin": "江苏苏州阳澄湖"%s}'
    assert fired(crab % ', "on": "2025-09-01"') == {"season"} and fired(crab % "") == set()
    assert "repeat" in fired('{"title": "五常大米 10斤", "history": {"penalties": 1}}')
    assert "repeat" not in fired("五常大米 10斤")


def test_a_register_made_by_hand_is_held_to_the_parameters_too(register: Register) -> None:
    model = next(m for m in register.models if m.id == "style")
    with pytest.raises(RulesError, match="confidence: 'nan' is no decimal number"):
        Screener(shadowed(register, replace(model, parameters=(("confidence", "nan"),))))
