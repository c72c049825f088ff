"""What a night got and could not get, in Chinese lines: the same for the morning's digest and for an alarm. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from gimonitor.model.run import Coverage, Example, RunState, Slice, SliceState
from gimonitor.model.zone import BEIJING
from gimonitor.operations.accounts import account_for
from gimonitor.operations.health import Symptom, is_refused
from gimonitor.operations.nightplan import Left
from gimonitor.store.runs import StoredRun
from gimonitor.workflow.words import BLOCKS, RUN_STATES

_CUT_OFF = (
    "结果只采到一部分"  # said every time; by itself no reason to call somebody: marketplaces show no end of results
)
_REJECTED = "有商品缺标题或编号，被退回"
_BUDGET = "当日额度用完，有页面未采"
_LEFT = {Left.TURN: "轮到以后几夜", Left.DAY: "超出当日额度", Left.TIME: "超出本夜时间"}


def told_run(run: StoredRun, coverage: Sequence[Coverage]) -> str:
    """When it ran, how it ended and what it got; without a full stop."""
    ended = f"至 {run.ended_at.astimezone(BEIJING):%H:%M}" if run.ended_at else "起"
    total = {name: sum(getattr(r, name) for r in coverage) for name in ("seen", "stored", "unchanged", "rejected")}
    return (
        f"第 {run.id} 次，{run.started_at.astimezone(BEIJING):%m-%d %H:%M} {ended}，{RUN_STATES[run.state]}。"
        f"检索 {len(coverage)} 个，采到 {total['seen']} 件：存入 {total['stored']}，未变 {total['unchanged']}，"
        f"退回 {total['rejected']}"
    )


def told_gaps(run: StoredRun, coverage: Sequence[Coverage], slices: Sequence[Slice]) -> list[str]:
    """What is missing, each kind of each source once with how many queries it concerns."""
    return [*_gaps(run.id, coverage), *_open_slices(slices, run.state)]


def are_usual(gaps: Sequence[str]) -> bool:
    """True where no gap is a reason to call somebody."""
    return all(_CUT_OFF in gap or _REJECTED in gap for gap in gaps)


def _gaps(run_id: int, coverage: Sequence[Coverage]) -> Iterator[str]:
    """What is missing from the answers, one sentence for each source and kind of gap, with the first page that shows it."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    examples: dict[tuple[str, str], str] = {}
    for number, record in enumerate(coverage, 1):
        for what in _gaps_of(record):
            found[record.source, what].append(record.query)
            if record.example and what not in (_CUT_OFF, _BUDGET):  # of these no answer is to blame
                examples.setdefault((record.source, what), _shown(run_id, number, record.example))
    for (source, what), queries in sorted(found.items()):
        names = "、".join(queries[:3]) + ("等" if len(queries) > 3 else "")
        yield f"{source}：{what}，{len(queries)} 个检索（{names}）{examples.get((source, what), '')}"


def _shown(run_id: int, number: int, example: Example) -> str:
    return f"；示例页：覆盖页面 /coverage/{run_id}/examples/{number}，存档 {example.file}"


def told_plan(run: StoredRun, coverage: Sequence[Coverage], slices: Sequence[Slice]) -> Iterator[str]:
    """What of the night's plan was asked, and what was left, where something was."""
    for account in account_for(run, coverage, slices):
        left = [f"被拒 {account.refused} 个"] if account.refused else []
        left += [f"无应答 {account.unanswered} 个"] if account.unanswered else []
        left += [f"未采 {account.unasked} 个"] if account.unasked else []
        left += [f"{_LEFT[Left(why)]} {count} 个" for why, count in account.left.items()]
        if left:
            yield f"计划 {account.source}：检索 {account.planned} 个，已答 {account.answered} 个；{'，'.join(left)}"


def _gaps_of(record: Coverage) -> Iterator[str]:
    if is_refused(record) and record.blocked:
        yield BLOCKS[record.blocked]
    if record.cut_off:
        yield _CUT_OFF
    if record.failed:
        yield "有商品读不出或存不进"
    if record.pages_answered < record.pages_asked and not record.blocked:
        yield "有页面没有应答"
    if record.rejected:
        yield _REJECTED
    if record.unread:
        yield "有应答无法解析"
    if record.over_budget:
        yield _BUDGET
    if record.seen != record.stored + record.unchanged + record.rejected + record.failed:
        yield "有商品去向不明"


def _open_slices(slices: Sequence[Slice], state: RunState) -> Iterator[str]:
    if state is RunState.RUNNING:
        return
    left = [s for s in slices if s.state in (SliceState.FAILED, SliceState.PENDING, SliceState.LEASED)]
    for source in sorted({s.source for s in left}):
        mine = [s for s in left if s.source == source]
        yield f"{source}：{len(mine)} 批共 {sum(len(s.queries) for s in mine)} 个检索没有完成"


def told_symptoms(symptoms: Sequence[Symptom], run: StoredRun | None, coverage: Sequence[Coverage]) -> list[str]:
    """In what the night differs from its sources' own nights, each with the first answer that is kept as an example."""
    return [symptom.text + (_shows(symptom, run.id, coverage) if run else "") for symptom in symptoms]


def _shows(symptom: Symptom, run_id: int, coverage: Sequence[Coverage]) -> str:
    asked = ((number, record) for number, record in enumerate(coverage, 1) if record.source == symptom.source)
    found = ((number, record.example) for number, record in asked if record.query in symptom.queries and record.example)
    number, example = next(found, (0, None))
    return _shown(run_id, number, example) if example else ""


def told_night(
    run: StoredRun, coverage: Sequence[Coverage], slices: Sequence[Slice], symptoms: Sequence[Symptom]
) -> list[str]:
    """All of it, the sum first."""
    told = [*told_plan(run, coverage, slices), *told_symptoms(symptoms, run, coverage)]
    return [f"{told_run(run, coverage)}。", *told, *(f"缺口 {gap}" for gap in told_gaps(run, coverage, slices))]
