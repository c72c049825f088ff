"""What a night asks, by register, records, season and what is left of the day."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from gimonitor.cli.main import main
from gimonitor.configuration import Configuration
from gimonitor.errors import ConfigurationError
from gimonitor.model.register import GI, Certainty, Fact, Season
from gimonitor.model.run import BlockKind, Coverage, RunState, Slice, SliceState
from gimonitor.operations.accounts import account_for
from gimonitor.operations.nightly import gaps_of_slice
from gimonitor.operations.nightplan import Left
from gimonitor.operations.plan import PRACTICE_QUERIES, SLICE_QUERIES, NightPlan, plan_night
from gimonitor.operations.watching import load_rules, watch
from gimonitor.register import load_register
from gimonitor.register.calendar import key_periods
from gimonitor.store import runs
from gimonitor.store.database import Store
from gimonitor.store.runs import StoredRun
from gimonitor.vault import write_vault

REGISTER = load_register()
NAMES = {gi.name for gi in REGISTER.gis if gi.is_gi}
PLAIN = datetime(2026, 11, 21, 17, 30, tzinfo=UTC)  # a night in no key period
RULES = load_rules()
KEY = '[jd_union]\nkey = "k"\nsecret = "s"\ndaily_calls = {calls}\n'


def planned(
    store: Store, folder: Path, *, now: datetime = PLAIN, depth: int | None = None, **settings: object
) -> NightPlan:
    with store.read() as c:
        return plan_night(c, Configuration(data_dir=folder, **settings), REGISTER, depth=depth, now=now)


def texts(plan: NightPlan, source: str) -> list[str]:
    return [query for piece in plan.slices() if piece.source == source for query in piece.queries]


def test_every_protected_name_is_asked_once_of_the_practice_marketplace(sqlite_store: Store, tmp_path: Path) -> None:
    plan = planned(sqlite_store, tmp_path, practice_url="http://127.0.0.1:1", shop_urls=("https://a.example/",))
    assert sorted(texts(plan, "practice")) == sorted(NAMES), "all of them, an ordinary mark not"
    assert max(len(piece.queries) for piece in plan.slices()) <= PRACTICE_QUERIES
    assert texts(plan, "shop") == ["https://a.example/"]


def test_nothing_set_up_is_an_error_that_names_the_settings(sqlite_store: Store, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="GIMONITOR_PRACTICE_URL"):
        planned(sqlite_store, tmp_path)
    with pytest.raises(ConfigurationError, match="shop"):
        planned(sqlite_store, tmp_path, practice_url="http://127.0.0.1:1", nightly_sources=("shop",))


def test_an_open_api_is_asked_once_its_key_is_there_and_abroad_in_latin_letters(
    sqlite_store: Store, tmp_path: Path
) -> None:
    write_vault(tmp_path, '[ebay]\nkey = "k"\nsecret = "s"\n', os.environ)
    plan = planned(sqlite_store, tmp_path, depth=1)
    assert {piece.source for piece in plan.slices()} == {"ebay"}
    assert max(len(piece.queries) for piece in plan.slices()) <= SLICE_QUERIES
    assert "Wuchang rice" in texts(plan, "ebay")


def test_names_without_a_tier_are_asked_in_turn_the_longest_unasked_first(sqlite_store: Store, tmp_path: Path) -> None:
    write_vault(tmp_path, KEY.format(calls=100000), os.environ)
    nights = []
    for number in range(RULES.unset.nights):
        now = PLAIN + timedelta(days=number)
        asked = texts(planned(sqlite_store, tmp_path, now=now), "jd_union")
        nights.append({query for query in asked if query in NAMES})
        with sqlite_store.write() as c:
            run_id = runs.start_run(c, "nightly", {}, now=now)
            for index, query in enumerate(asked):
                refused = BlockKind.RATE_LIMIT if number == 0 and index == 0 else None
                answered = int(refused is None)
                runs.save_coverage(
                    c,
                    Coverage(run_id=run_id, source="jd_union", query=query, pages_asked=2, pages_answered=answered, blocked=refused, at=now),
                )  # fmt: skip
            if number == 0:
                refused_name = asked[0]
    seasonal = set.intersection(*nights) - {refused_name}
    assert 5 < len(seasonal) < 60, "goods in season, every night"
    assert refused_name in nights[1], "a refused name is not done"
    rest = [night - seasonal for night in nights]
    assert max(map(len, rest)) - min(map(len, rest)) <= 3
    later = texts(planned(sqlite_store, tmp_path, now=PLAIN + timedelta(days=RULES.unset.nights)), "jd_union")
    assert NAMES - set().union(*nights) <= set(later), "what the refusal pushed back comes next"


def gi(**values: object) -> GI:
    return GI(
        **(
            {"id": "x", "name": "测试茶", "certainty": Certainty.PRACTICE, "source": "", "product_words": ("茶叶",)}
            | values
        )
    )


def fact(value: object) -> Fact:
    return Fact(value=value, certainty=Certainty.PRACTICE)


def test_tier_season_and_key_period_make_depth_and_turn() -> None:
    plain = date(2026, 11, 22)
    assert [(w.depth, w.nights) for tier in (1, 2, 3) for w in [watch(gi(tier=fact(tier)), "s", plain, RULES)]] == [
        (3, 1),
        (2, 1),
        (1, 2),
    ]
    assert (watch(gi(), "s", plain, RULES).nights, watch(gi(), "practice", plain, RULES).nights) == (3, 1)
    seasonal = watch(gi(season=Season(harvest=fact("10—12月"))), "s", plain, RULES)
    assert (seasonal.depth, seasonal.nights, seasonal.why) == (2, 1, "in season")
    opened = gi(season=Season(opening_dates=((2026, fact(plain + timedelta(days=9))),)))
    assert watch(opened, "s", plain, RULES).nights == 1
    before_tea = date(2027, 4, 1)
    assert watch(gi(), "s", before_tea, RULES).depth == 2
    assert watch(gi(product_words=("大米",)), "s", before_tea, RULES).depth == 1
    assert watch(gi(product_words=("大米",)), "s", date(2026, 11, 1), RULES).why == "no tier set, 双11"


def test_the_rules_name_key_periods_that_are_in_the_calendar() -> None:
    assert RULES.periods.keys() <= {period.name for period in key_periods(2026)}


def test_the_calls_of_the_day_bound_a_night_and_what_is_left_is_said(sqlite_store: Store, tmp_path: Path) -> None:
    write_vault(tmp_path, KEY.format(calls=30), os.environ)
    (part,) = planned(sqlite_store, tmp_path).sources
    assert len(part.queries) == 10 and part.pages == 30 == part.allowance.most and part.assumed
    assert part.left[Left.DAY] > 50 and part.left[Left.TURN] > 150
    assert {query.depth for query in part.queries} == {1}, "names go before deeper queries"


def test_a_short_night_is_shared_between_its_sources(sqlite_store: Store, tmp_path: Path) -> None:
    write_vault(tmp_path, KEY.format(calls=100000), os.environ)
    alone = planned(sqlite_store, tmp_path, night_hours=0.5).sources[0]
    shared = planned(sqlite_store, tmp_path, night_hours=0.5, practice_url="http://127.0.0.1:1")
    half = next(part for part in shared.sources if part.source == "jd_union")
    assert half.allowance.most == alone.allowance.most // 2 and alone.left[Left.TIME]
    spread = planned(sqlite_store, tmp_path, night_hours=0.5, practice_url="http://127.0.0.1:1", spread=True)
    assert next(p for p in spread.sources if p.source == "jd_union").allowance == alone.allowance
    first = [piece.source for piece in shared.slices()][:2]
    assert set(first) == {"practice", "jd_union"}, "a night that is stopped has asked each of them"


def test_a_dry_run_shows_the_plan_and_asks_nothing(sqlite_store: Store, tmp_path: Path) -> None:
    environment = {"GIMONITOR_DATA_DIR": str(tmp_path), "GIMONITOR_PRACTICE_URL": "http://127.0.0.1:1"}
    said = CliRunner().invoke(main, ["run", "nightly", "--dry-run"], env=environment)
    assert "no store yet" in str(said.exception)
    (tmp_path / "store.sqlite").rename(tmp_path / "gimonitor.sqlite")
    said = CliRunner().invoke(main, ["run", "nightly", "--dry-run"], env=environment)
    assert f"{len(NAMES)} asked: every name" in said.output and "practice" in said.output, said.output
    assert not (tmp_path / "logs").exists()


def test_a_slice_that_is_not_done_says_why() -> None:
    piece = Slice(
        id=1, run_id=1, source="s", queries=("a",), state=SliceState.FAILED, detail="ended early: set GIMONITOR_CONTACT"
    )
    assert gaps_of_slice(piece) == [
        "s: slice 1 is failed (ended early: set GIMONITOR_CONTACT), not all of it was asked or could be read: a"
    ]
    assert not gaps_of_slice(replace(piece, state=SliceState.DONE))


def test_what_became_of_a_plan_adds_up() -> None:
    night = {"s": {"queries": 5, "left": {"turn": 7}}}
    run = StoredRun(
        id=1, kind="nightly", slot="", state=RunState.PARTIAL, config={"night": night}, summary="", started_at=PLAIN, ended_at=None
    )  # fmt: skip
    piece = Slice(id=1, run_id=1, source="s", queries=("a", "b", "c", "d", "e"), state=SliceState.FAILED)
    base = Coverage(run_id=1, source="s", query="a", pages_asked=1, pages_answered=1)
    records = [base, replace(base, query="b", blocked=BlockKind.LOGIN), replace(base, query="c", pages_answered=0)]
    (account,) = account_for(run, records, [piece])
    assert (account.planned, account.answered, account.refused, account.unanswered, account.unasked) == (5, 1, 1, 1, 2)
    assert account.left == {"turn": 7}
    assert account_for(replace(run, config={}), records, [piece]) == ()
