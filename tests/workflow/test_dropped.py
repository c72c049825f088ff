"""What was dropped is drawn by lot, reviewed, counted; what was dropped wrongly becomes a lead and a label."""

from __future__ import annotations

import csv
import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from gimonitor.cli.dropped import app
from gimonitor.errors import InputError, NotFoundError
from gimonitor.model.finding import Clearing, Screening, Stage
from gimonitor.model.lead import State
from gimonitor.model.listing import Listing, Shop
from gimonitor.store.audit import latest_audit
from gimonitor.store.database import Store
from gimonitor.store.dropped import load_dropped_items, load_dropped_sample
from gimonitor.store.leads import load_lead
from gimonitor.store.listings import Observation, save_listings
from gimonitor.store.loading import load_listing_by_id
from gimonitor.workflow.decisions import Actor
from gimonitor.workflow.dropped import Verdict, draw_dropped, figures_of, judge_dropped, label_rows
from gimonitor.workflow.roles import Role

NIGHT = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)
LATER = NIGHT.replace(day=9)
WANG = Actor(login="wang", roles=frozenset({Role.OFFICER}))
RICE: dict[str, Any] = {"gi_id": "hlj-wuchang-dami", "gi_name": "五常大米"}


def observation(number: int) -> Observation:
    """Two of three name nothing, every third was cleared."""
    listing = Listing(
        platform="p", item_id=str(number), title=f"商品 {number}", shop=Shop(name="店", shop_id="1"), observed_at=NIGHT
    )
    cleared = Clearing(code="N09", reason="器具", decisive=True)
    stage = Stage.NO_NAME if number % 3 else Stage.CLEARED
    clearings = () if number % 3 else (cleared,)
    return Observation(
        listing=listing,
        screening=Screening(stage=stage, suspicions=(), clearings=clearings, on=NIGHT.date(), register_digest="r"),
    )


@pytest.fixture
def filled(store: Store) -> Store:
    with store.write() as c:
        save_listings(c, [observation(number) for number in range(60)], None)
    return store


def drawn(store: Store, seed: str = "s", each: int = 8) -> int:
    with store.write() as c:
        return draw_dropped(c, each=each, seed=seed, who="wang", now=LATER)


def test_a_draw_is_by_stage_and_anybody_can_repeat_it(filled: Store) -> None:
    first, again, other = drawn(filled), drawn(filled), drawn(filled, "t")
    with filled.read() as c:
        items = [[(i.listing_id, i.stage) for i in load_dropped_items(c, n)] for n in (first, again, other)]
        population = load_dropped_sample(c, first).population
    assert items[0] == items[1] != items[2]
    assert [stage for _, stage in items[0]] == [Stage.CLEARED] * 8 + [Stage.NO_NAME] * 8
    assert population == {"unasked": 0, "cleared": 20, "not_goods": 0, "no_name": 40}


def test_figures_come_with_an_interval(filled: Store) -> None:
    sample_id = drawn(filled)
    with filled.write() as c:
        assert figures_of(c, sample_id).value is None
        for position in range(1, 17):
            if position in (1, 9):
                judge_dropped(c, "li", sample_id, position, Verdict.WRONG, **RICE, why="写法", now=LATER)
            else:
                judge_dropped(c, "li", sample_id, position, Verdict.RIGHT, now=LATER)
        judge_dropped(c, "li", sample_id, 16, Verdict.UNSURE, now=LATER)
        found = figures_of(c, sample_id)
    cleared, unnamed = found.stages
    assert (cleared.wrong, cleared.right, cleared.unsure) == (1, 7, 0) and cleared.missed is not None
    assert (unnamed.wrong, unnamed.right, unnamed.unsure) == (1, 6, 1)
    assert found.value == pytest.approx(20 / 60 / 8 + 40 / 60 / 7)
    assert found.value is not None and 0 < found.low < found.value < found.high < 0.5


def test_what_was_dropped_wrongly_becomes_a_lead_and_a_label(filled: Store) -> None:
    sample_id = drawn(filled)
    with filled.write() as c:
        lead_id = judge_dropped(c, "wang", sample_id, 2, Verdict.WRONG, **RICE, why="谐音", now=LATER, actor=WANG)
        judge_dropped(c, "wang", sample_id, 3, Verdict.RIGHT, now=LATER)
        item = load_dropped_items(c, sample_id, 2)[0]
        lead = load_lead(c, lead_id or 0)
        stored = load_listing_by_id(c, item.listing_id)
        rows = list(label_rows(c, sample_id))
        acts = [a.action for a in latest_audit(c, obj=f"dropped:{sample_id}")]
    assert (lead.lead.state, lead.lead.claimed_by, lead.lead.gi_id) == (State.CLAIMED, "wang", RICE["gi_id"])
    assert (item.lead_id, item.verdict, item.why) == (lead_id, "wrong", "谐音")
    assert (stored.version, stored.last_seen) == (1, NIGHT), "it was not seen again, only looked at"
    digest = hashlib.sha256(f"p\t{item.listing.title}".encode()).hexdigest()
    assert rows[0] == {"digest": digest, "label": "flag", "gi": RICE["gi_id"], "sample": "dropped-1", "reason": "谐音"}
    assert rows[1]["label"] == "mention" and len(rows) == 2
    assert acts == ["dropped.judge", "dropped.judge", "dropped.draw"]


@pytest.mark.parametrize("given", [{}, {"gi_id": "x"}, {"why": "y"}])
def test_wrong_needs_its_gi_and_a_reason(filled: Store, given: dict[str, str]) -> None:
    sample_id = drawn(filled)
    with filled.write() as c, pytest.raises(InputError, match="漏检"):
        judge_dropped(c, "li", sample_id, 1, Verdict.WRONG, **given, now=LATER)  # type: ignore[arg-type]


def test_what_is_not_there_is_said(sqlite_store: Store) -> None:
    with sqlite_store.write() as c:
        with pytest.raises(InputError, match="没有未提示"):
            draw_dropped(c, each=5, seed="s", who="li", now=LATER)
        with pytest.raises(InputError, match="1–500"):
            draw_dropped(c, each=0, seed="s", who="li", now=LATER)
        with pytest.raises(NotFoundError):
            judge_dropped(c, "li", 7, 1, Verdict.RIGHT, now=LATER)
        with pytest.raises(NotFoundError):
            figures_of(c, 7)


def test_the_commands(sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with sqlite_store.write() as c:
        save_listings(c, [observation(number) for number in range(9)], None)
    monkeypatch.setenv("GIMONITOR_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("GIMONITOR_DATABASE_URL", f"sqlite:///{tmp_path / 'store.sqlite'}")

    def run(*words: str) -> str:
        return CliRunner().invoke(app, list(words), catch_exceptions=False).stdout

    assert run("count").split() == ["no_name", "6", "cleared", "3"]
    assert "sample 1" in run("draw", "--each", "2", "--seed", "a", "--by", "li")
    assert len(run("show", "1").splitlines()) == 4
    run("judge", "1", "1", "wrong", "--gi", "五常大米", "--why", "谐音，标题", "--by", "li")
    run("judge", "1", "3", "right", "--by", "li")
    assert "in all: 33.333% [" in run("figures", "1")
    rows = list(csv.reader(run("labels", "1").splitlines()))
    assert [row[1:] for row in rows] == [
        ["flag", "hlj-wuchang-dami", "dropped-1", "谐音，标题"],
        ["none", "", "dropped-1", ""],
    ]
