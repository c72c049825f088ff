"""What a back-test counts, and examples that do not come out."""

from dataclasses import replace
from datetime import date

from gimonitor.model.lead import Resolution
from gimonitor.model.listing import Listing, Shop, Subject
from gimonitor.model.register import Register
from gimonitor.screening.lab import Backtest, Comparison, broken_examples, shadowed

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
    assert (found.changed, found.leads_gained, found.leads_lost) == (0, 0, 0)
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
