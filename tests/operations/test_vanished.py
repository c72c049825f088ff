"""Fields that stand in no listing any more: a verdict, a line of the digest, an example."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from gimonitor.cli.main import main
from gimonitor.configuration import Configuration
from gimonitor.model.run import Coverage, Example, RunState
from gimonitor.operations.digest import compose, gather
from gimonitor.operations.health import Night, Sign, judge_health
from gimonitor.operations.nightly import _end
from gimonitor.operations.vanished import Vanished, find_vanished
from gimonitor.store import runs
from gimonitor.store.database import Store

NOW = datetime(2026, 11, 20, 17, 30, tzinfo=UTC)
USUAL = {"price": 30, "shop": 30, "category": 29, "sales": 28, "images": 30, "attributes": 0, "brand": 12}
EXAMPLE = Example(why="no price in 1", url="http://x/", file="run-5/a.warc.gz", offset=7, length=2, sha256="0" * 64)


def record(query: str = "五常大米", read: int = 30, source: str = "jd_union", **fields: int) -> Coverage:
    counted = USUAL | fields
    return Coverage(
        run_id=1, source=source, query=query, pages_asked=1, pages_answered=1, seen=read, stored=read, read=read, fields=counted
    )  # fmt: skip


def lost(tonight: list[Coverage], nights: int = 14, source: str = "jd_union") -> Vanished | None:
    return find_vanished(source, tonight, [[record(source=source)]] * nights, 3)


def names(found: Vanished | None) -> Mapping[str, float | None]:
    return {one.name: one.usual for one in found.fields} if found else {}


def test_fields_that_used_to_stand_in_most_listings_and_stand_in_none_are_one_symptom_with_its_example() -> None:
    bare = record(price=0, shop=1)
    found = lost([record("西湖龙井", price=0, shop=0), replace(bare, example=EXAMPLE)])
    assert found is not None and names(found) == {"price": 1.0, "shop": 1.0}
    assert "读到 60 件商品，其中有价格的 0%（平常 100%）、有店铺的 2%（平常 100%）" in found.text
    assert found.gap.endswith("(usually 100%), shop stood in 2% (usually 100%); example: run-5/a.warc.gz at 7")
    assert found.queries == ("五常大米", "西湖龙井")


@pytest.mark.parametrize("fields", [{}, {"price": 20}, {"brand": 0}], ids=["all", "a third less", "never in most"])
def test_what_is_as_ever_is_no_symptom(fields: dict[str, int]) -> None:
    assert lost([record(**fields)]) is None


def test_a_first_night_without_what_the_source_is_known_to_give_is_told_and_what_it_never_gave_is_not() -> None:
    found = lost([record(sales=0, images=0)], nights=0)
    assert found is not None and names(found) == {"sales": None}, "images are not declared"
    assert "有销量的 0%（该来源本应给出）" in found.text and "sales stood in 0% (declared)" in found.gap
    assert lost([record(source="unheard_of", sales=0)], 0, "unheard_of") is None


def test_few_listings_and_nights_that_counted_no_fields_say_nothing() -> None:
    assert lost([record(read=9, price=0)]) is None
    old = [[replace(record(source="shop"), read=0, fields={})]] * 14
    assert find_vanished("shop", [record(source="shop", attributes=0)], old, 3) is None


def test_a_query_is_compared_with_itself_where_it_has_a_past() -> None:
    nights = [[record("rich", 300, "shop", attributes=300), record("poor", 30, "shop", attributes=0)]] * 5
    assert find_vanished("shop", [record("poor", 30, "shop", attributes=0)], nights, 3) is None
    assert find_vanished("shop", [record("new", 30, "shop", attributes=0)], nights, 3) is not None


def test_it_stands_among_the_symptoms_of_its_source() -> None:
    nights = [Night(started_at=NOW - timedelta(days=days), coverage=(record(),)) for days in range(1, 6)]
    (symptom,) = judge_health(Night(started_at=NOW, coverage=(record(price=0),)), nights).symptoms
    assert (symptom.sign, symptom.got, symptom.usual, symptom.queries) == (Sign.FIELDS, 0.0, 1.0, ("五常大米",))


def test_a_stored_night_without_prices_is_partial_and_said_in_run_coverage_and_digest(
    store: Store, store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    with store.write() as c:
        for days in range(4, -1, -1):
            began = NOW - timedelta(days=days)
            run_id = runs.start_run(c, "nightly", {}, now=began)
            tonight = record() if days else replace(record(price=0, shop=0), example=EXAMPLE)
            runs.save_coverage(c, replace(tonight, run_id=run_id, at=began + timedelta(minutes=5)))
            if days:
                runs.finish_run(c, run_id, RunState.OK, "", now=began + timedelta(hours=1))
    verdict = _end(store, run_id, None)
    assert verdict.state is RunState.PARTIAL and "price stood in 0%" in verdict.gaps[0]
    with store.read() as c:
        assert "有价格的 0%" in runs.load_run(c, run_id).config[runs.UNLIKE][0]
    configuration = Configuration(data_dir=tmp_path, database_url=store_url)
    made = compose(gather(configuration, NOW + timedelta(hours=6)))
    shown = f"示例页：覆盖页面 /coverage/{run_id}/examples/1，存档 run-5/a.warc.gz"
    assert "有价格的 0%（平常 100%）、有店铺的 0%（平常 100%）" in made.text and shown in made.text and made.wrong
    monkeypatch.setenv("GIMONITOR_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("GIMONITOR_DATABASE_URL", store_url)
    printed = CliRunner().invoke(main, ["coverage", "--gaps"]).output
    assert "gap: jd_union: of 30 listings read price stood in 0% (usually 100%), shop stood in 0%" in printed
