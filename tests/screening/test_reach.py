"""How far a change reaches, and that the index misses nothing that a change could touch."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from gimonitor.model.finding import Stage
from gimonitor.model.listing import Listing
from gimonitor.model.register import Register
from gimonitor.screening import Screener
from gimonitor.screening.lookup import NOTHING, Lookup, grams_of, lookup_of
from gimonitor.screening.reach import Reach, reach_of, union

sys.path.insert(0, str(Path(__file__).parents[1] / "quality"))
from evasions import make_evasions


def with_model(register: Register, model_id: str, **values: object) -> Register:
    models = tuple(replace(m, **values) if m.id == model_id else m for m in register.models)  # type: ignore[arg-type]
    return replace(register, models=models, _by_id={})


def test_a_changed_gi_touches_only_itself(register: Register) -> None:
    first, *rest = register.gis
    changed = replace(register, gis=(replace(first, notes="other"), *rest), _by_id={})
    assert reach_of(register, changed) == Reach(gis=frozenset({first.id}), changes=(f"gi {first.id}",))
    moved = replace(register, gis=(replace(first, path="elsewhere.yml:9"), *rest), _by_id={})
    assert reach_of(register, moved).is_empty and reach_of(register, register).is_empty
    fewer = reach_of(register, replace(register, users=register.users[1:], _by_id={}))
    assert fewer.gis == {register.users[0].gi_id} and not fewer.named


def test_a_changed_model_touches_what_names_something_and_a_draft_nothing(register: Register) -> None:
    changed = reach_of(register, with_model(register, "style", severity=0.1, version=2))
    assert (changed.named, changed.everything, changed.changes) == (True, False, ("model style 1->2",))
    draft = with_model(register, "style", status="draft")
    assert reach_of(register, draft).changes == ("model style 1->none",)
    assert reach_of(draft, with_model(draft, "style", severity=0.2)).is_empty


def test_a_changed_word_touches_everything(register: Register) -> None:
    assert reach_of(register, replace(register, words=register.words[1:], _by_id={})).everything


def test_reaches_add_up() -> None:
    one, other = Reach(gis=frozenset({"a"}), changes=("gi a",)), Reach(named=True, changes=("gi a", "articles"))
    assert union([one, other]) == Reach(gis=frozenset({"a"}), named=True, changes=("gi a", "articles"))


def holds(grams: Iterable[int], lookup: Lookup) -> bool:
    there = set(grams)
    return lookup.everything or any(all(there & some for some in pattern) for pattern in lookup.patterns)


def test_what_the_models_do_not_see_no_model_changes(register: Register, screener: Screener, on: date) -> None:
    """The stage that says "nothing named" does not depend on any model: that is what `Reach.named` rests on."""
    few = Screener(replace(register, models=register.models[:1], _by_id={}))
    chance = random.Random(5)
    for made in chance.sample(list(make_evasions(register)), 400):
        listing = Listing(platform="p", item_id="1", title=made.title)
        whole, lone = screener.screen(listing, on).stage, few.screen(listing, on).stage
        assert (whole is Stage.NO_NAME) is (lone is Stage.NO_NAME), made


def test_the_index_finds_every_title_in_which_a_gi_has_a_say(register: Register, screener: Screener, on: date) -> None:
    """Every kind of variant × every GI: what screening says over a GI, the look-up for that GI finds."""
    lookups = {gi.id: lookup_of(register, [gi.id]) for gi in register.gis}
    assert not any(lookup.everything for lookup in lookups.values())
    raised = 0
    for made in random.Random(7).sample(list(make_evasions(register)), 3_000):
        listing = Listing(platform="p", item_id="1", title=made.title)
        screening = screener.screen(listing, on)
        said = {s.gi_id for s in screening.suspicions} | {k.gi_id for k in screening.clearings}
        said |= {f.gi_id for f in screening.reminders}
        grams = grams_of(listing).tolist()
        for gi_id in said & lookups.keys():
            raised += 1
            assert holds(grams, lookups[gi_id]), (made, gi_id)
    assert raised > 1_000


@pytest.mark.parametrize("code", ["91230184MA1YEXA50H", "9I23OI84MAlYEXASOH", "９１２３０１８４ＭＡ１ＹＥＸＡ５０Ｈ"])
def test_a_code_is_found_however_it_was_misread(register: Register, code: str) -> None:
    user = replace(register.users[0], uscc="91230184MA1YEXA50H", gi_id=register.gis[0].id)
    lookup = lookup_of(replace(register, users=(user,), _by_id={}), [register.gis[0].id])
    listing = Listing(platform="p", item_id="1", title="大米", image_text=f"统一社会信用代码：{code}。")
    assert holds(grams_of(listing).tolist(), lookup)
    assert not holds(grams_of(replace(listing, image_text="")).tolist(), lookup)


def test_a_look_up_is_narrow(register: Register, titles_without: list[str]) -> None:
    lookup = lookup_of(register, ["hlj-wuchang-dami"])
    found = [t for t in titles_without if holds(grams_of(Listing(platform="p", item_id="1", title=t)).tolist(), lookup)]
    assert len(found) <= len(titles_without) // 100, found[:5]


@pytest.fixture
def titles_without(register: Register) -> list[str]:
    return [m.title for m in make_evasions(register) if m.gi_id != "hlj-wuchang-dami" and "五常" not in m.title][:3000]


def test_odd_texts_have_grams() -> None:
    for title in ("", "a", "\ud800", "\x00" * 9, "🍚" * 7, "，。" * 40):
        grams = grams_of(Listing(platform="p", item_id="1", title=title))
        assert grams.dtype == np.uint32 and (np.diff(grams.astype(np.int64)) > 0).all()
    assert not holds([1, 2, 3], NOTHING)
