"""The morning digest: what it says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from gimonitor.configuration import Configuration
from gimonitor.model.lead import State
from gimonitor.model.run import BlockKind, Coverage, Example, RunState, Slice, SliceState
from gimonitor.operations.checkup import fail, warn
from gimonitor.operations.digest import Facts, Queue, compose, make_digest
from gimonitor.operations.health import Health, Sign, Symptom
from gimonitor.store import runs
from gimonitor.store.complaints import Complaint
from gimonitor.store.database import open_store
from gimonitor.store.runs import StoredRun
from gimonitor.workflow.clocks import Clock

NOW = datetime(2026, 11, 20, 23, 0, tzinfo=UTC)  # 07:00 on the 21st in Beijing
RUN = StoredRun(
    id=12,
    kind="nightly",
    slot="nightly:2026-11-21",
    state=RunState.OK,
    config={},
    summary="",
    started_at=NOW - timedelta(hours=5, minutes=30),
    ended_at=NOW - timedelta(hours=4),
)
WHOLE = Coverage(
    run_id=12,
    source="shop",
    query="五常大米",
    pages_asked=2,
    pages_answered=2,
    seen=40,
    stored=10,
    unchanged=29,
    rejected=1,
)
EMPTY = Queue(states=dict.fromkeys(State, 0), raised=3, clocks=(), questions=0)
GOOD = Facts(now=NOW, run=RUN, coverage=(WHOLE,), health=Health(symptoms=(), nights={"shop": 14}), queue=EMPTY)


def test_a_good_night_is_quiet_and_says_what_was_collected() -> None:
    made = compose(GOOD)
    assert made.wrong == 0
    assert made.day == date(2026, 11, 21)
    for words_ in ("没有需要处理的异常", "完整", "采到 40 件：存入 10，未变 29，退回 1；新线索 3 条", "与以往相近"):
        assert words_ in made.text


def test_each_kind_of_gap_is_said_once_for_a_source_with_examples() -> None:
    gaps = (
        replace(
            WHOLE, query="a", blocked=BlockKind.CHALLENGE, pages_answered=0, seen=0, stored=0, unchanged=0, rejected=0
        ),
        replace(
            WHOLE, query="b", blocked=BlockKind.CHALLENGE, pages_answered=0, seen=0, stored=0, unchanged=0, rejected=0
        ),
        replace(WHOLE, query="c", cut_off=True),
        replace(WHOLE, query="d", failed=1, stored=9),
        replace(WHOLE, query="e", pages_answered=1),
        replace(WHOLE, query="f", stored=8),
        replace(WHOLE, query="g", blocked=BlockKind.FUZZY, seen=0, stored=0, unchanged=0, rejected=0),
    )
    open_slice = Slice(id=1, run_id=12, source="shop", queries=("h", "i"), state=SliceState.FAILED)
    text = compose(replace(GOOD, run=replace(RUN, state=RunState.PARTIAL), coverage=gaps, slices=(open_slice,))).text
    for said in (
        "验证页面，2 个检索（a、b）",
        "只采到一部分，1 个检索（c）",
        "读不出或存不进，1 个检索（d）",
        "没有应答，1 个检索（e）",
        "去向不明，1 个检索（f）",
        "1 批共 2 个检索没有完成",
    ):
        assert said in text
    assert "（g）" not in text


@pytest.mark.parametrize(("minutes", "said"), [(297, "本夜的 5 小时用完"), (120, "也没有进程在采")])
def test_a_night_that_was_ended_by_its_hours_is_told_from_one_that_died(minutes: float, said: str) -> None:
    run = replace(RUN, state=RunState.INTERRUPTED, ended_at=RUN.started_at + timedelta(minutes=minutes))
    assert said in compose(replace(GOOD, run=run, night_hours=5)).text


@pytest.mark.parametrize("nights", [{}, {"shop": 0}, {"shop": 2}])
def test_too_few_nights_are_not_called_alike(nights: dict[str, int]) -> None:
    text = compose(replace(GOOD, health=Health(symptoms=(), nights=nights))).text
    assert "不能说与以往相近" in text and "（可比：" not in text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"run": None}, "还没有采集过"),
        ({"run": replace(RUN, started_at=NOW - timedelta(hours=30))}, "昨夜没有采集"),
        ({"run": replace(RUN, state=RunState.BLOCKED)}, "被拒绝"),
        ({"run": replace(RUN, state=RunState.INTERRUPTED)}, "中断"),
        (
            {
                "health": Health(
                    symptoms=(Symptom(source="s", sign=Sign.LOW, got=1, usual=9, text="shop：偏低"),), nights={}
                )
            },
            "shop：偏低",
        ),
        ({"doctor": (fail("磁盘", "写满", "清理"),)}, "磁盘：写满。处理：清理"),
        ({"trouble": "no such file", "run": None, "queue": None, "health": None}, "数据库不能读取"),
        (
            {
                "queue": replace(
                    EMPTY,
                    clocks=(
                        Clock(
                            lead_id=7,
                            gi_name="五常大米",
                            what="platform",
                            detail="某平台",
                            ends=date(2026, 11, 18),
                            left=-2,
                        ),
                    ),
                )
            },
            "已超期 线索 7（五常大米）平台投诉 某平台，2026-11-18 到期，超 2 个工作日",
        ),
    ],
)
def test_what_is_wrong_is_counted_and_said(changed: dict[str, object], said: str) -> None:
    made = compose(replace(GOOD, **changed))  # type: ignore[arg-type]
    assert made.wrong == 1
    assert said in made.text
    assert "有 1 项需要处理" in made.text


def test_a_run_still_at_work_is_no_alarm_and_reminders_do_not_break_the_quiet() -> None:
    working = replace(GOOD, run=replace(RUN, state=RunState.RUNNING, ended_at=None), health=None)
    assert compose(working).wrong == 0
    reminded = compose(replace(GOOD, doctor=(warn("时间戳", "没有设置", "设置"),)))
    assert reminded.wrong == 0
    assert "提醒 1 项" in reminded.text


def test_results_without_end_are_said_and_break_no_quiet() -> None:
    cut = replace(GOOD, run=replace(RUN, state=RunState.PARTIAL), coverage=(replace(WHOLE, cut_off=True),))
    made = compose(cut)
    assert (made.wrong, "只采到一部分" in made.text) == (0, True)
    lost = replace(cut, coverage=(replace(WHOLE, cut_off=True, failed=1, stored=9),))
    assert compose(lost).wrong == 1


def test_a_stored_night_is_read_and_compared(configuration: Configuration) -> None:
    with open_store(configuration.store_url) as store, store.write() as c:
        for days, seen in ((4, 50), (3, 50), (2, 50), (1, 50), (0, 2)):
            began = RUN.started_at - timedelta(days=days)
            run_id = runs.start_run(c, "nightly", {}, now=began)
            at = began + timedelta(minutes=30)
            runs.save_coverage(c, replace(WHOLE, run_id=run_id, seen=seen, stored=seen, unchanged=0, rejected=0, at=at))
            runs.finish_run(c, run_id, RunState.OK, "", now=at)
    made = make_digest(configuration, NOW)
    assert "采到 2 件" in made.text
    assert "平常约 50 件，明显偏低" in made.text
    assert made.wrong >= 1


def test_a_store_that_is_gone_is_told_not_raised(configuration: Configuration) -> None:
    (configuration.data_dir / "gimonitor.sqlite").write_bytes(b"this is no database at all" * 100)
    made = make_digest(configuration, NOW)
    assert "数据库不能读取" in made.text
    assert made.wrong >= 1


# --- plan, examples, receipts and complaints ------------------------------------------------------------------------


def test_a_gap_names_the_first_page_that_shows_it() -> None:
    example = Example(why="challenge", url="http://x/", file="run-12/a.warc.gz", offset=1, length=2, sha256="0" * 64)
    refused = replace(WHOLE, query="b", blocked=BlockKind.CHALLENGE, example=example)
    unread = replace(WHOLE, query="c", unread=1, over_budget=2)
    made = compose(replace(GOOD, run=replace(RUN, state=RunState.PARTIAL), coverage=(WHOLE, refused, unread)))
    assert "示例页：覆盖页面 /coverage/12/examples/2，存档 run-12/a.warc.gz" in made.text
    assert "无法解析，1 个检索（c）" in made.text and "当日额度用完，有页面未采，1 个检索（c）" in made.text


def test_what_a_plan_left_is_said_with_its_reason_and_is_no_alarm() -> None:
    night = {"shop": {"queries": 1, "pages": 2, "left": {"turn": 211, "day": 7}}}
    asked = Slice(id=1, run_id=12, source="shop", queries=("五常大米",), state=SliceState.DONE)
    made = compose(replace(GOOD, run=replace(RUN, config={"night": night}), slices=(asked,)))
    assert "计划 shop：检索 1 个，已答 1 个；轮到以后几夜 211 个，超出当日额度 7 个" in made.text
    assert made.wrong == 0


def test_complaints_past_their_day_are_counted_and_named() -> None:
    base = Complaint(
        kind="report", source="12315", number="A1", gi_id="", gi_name="", text="", url="", received_at=NOW, due_on=date(2026, 11, 20), who=""
    )  # fmt: skip
    later = replace(base, number="A2", gi_name="五常大米", due_on=date(2026, 11, 23))
    made = compose(replace(GOOD, queue=replace(EMPTY, complaints=(base, later, replace(base, due_on=None)))))
    assert "待答复 3 件，已超期 1 件" in made.text and made.wrong == 1
    assert "已超期 A1（地理标志待定），2026-11-20 到期" in made.text and "将到期 A2（五常大米）" in made.text


def test_a_receipt_that_should_have_come_is_a_clock() -> None:
    late = Clock(lead_id=5, gi_name="五常大米", what="receipt", detail="市局", ends=date(2026, 11, 12), left=-6)
    made = compose(replace(GOOD, queue=replace(EMPTY, clocks=(late,))))
    assert "线索 5（五常大米）移送回执 市局" in made.text and made.wrong == 1
