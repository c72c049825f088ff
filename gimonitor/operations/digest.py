"""晨报: last night and its gaps, health, the queue, overdue clocks and this machine, as one text for the morning."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from gimonitor.configuration import Configuration
from gimonitor.errors import GimonitorError
from gimonitor.logs import Befallen, Trouble, read_troubles
from gimonitor.model.lead import State
from gimonitor.model.run import Coverage, RunState, Slice
from gimonitor.model.zone import BEIJING
from gimonitor.operations.alarms import read_alarms
from gimonitor.operations.checkup import Examination, Level, Line
from gimonitor.operations.doctor import examine, keep_look
from gimonitor.operations.health import ENOUGH, Health, load_health
from gimonitor.operations.nighttold import are_usual, told_gaps, told_plan, told_run, told_symptoms
from gimonitor.store import runs
from gimonitor.store.complaints import Complaint, list_complaints
from gimonitor.store.database import open_store
from gimonitor.store.leads import QueueFilter, count_leads
from gimonitor.store.runs import StoredRun
from gimonitor.workflow.clocks import Clock, answers_due, counters, open_questions, receipts_due, rechecks_due
from gimonitor.workflow.lookedat import LATE, is_late
from gimonitor.workflow.words import CLOCKS, STATES

TROUBLES = {
    Trouble.LOCKED: "数据库被另一写入者长时间占用",
    Trouble.LOST: "数据库没有应答",
    Trouble.FULL: "磁盘空间不足",
    Trouble.CLOCK: "系统时钟被拨动",
}
SAID = 200  # characters of what a log line said

WEEKDAYS = "一二三四五六日"

SOON = timedelta(days=3)
START = timedelta(minutes=5)  # what the process of a night may take before its run begins
COUNTED = 10_000
SHOWN = 10
_TOLD_ABOVE = ("夜间采集", "数据库")  # checks whose matter the digest tells itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Leads by state (counted to 10,000), those raised first by the run, and what is owed."""

    states: dict[State, int]
    raised: int
    clocks: tuple[Clock, ...]
    questions: int
    complaints: tuple[Complaint, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that a digest tells. `trouble` is why the store could not be read; then the rest of it is empty."""

    now: datetime
    trouble: str = ""
    run: StoredRun | None = None
    coverage: tuple[Coverage, ...] = ()
    slices: tuple[Slice, ...] = ()
    health: Health | None = None
    queue: Queue | None = None
    doctor: tuple[Line, ...] = ()
    troubles: tuple[Befallen, ...] = ()
    alarms: tuple[str, ...] = ()
    night_hours: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """The finished text. `wrong` counts what a person has to see to; zero is a quiet morning. `is_blind`: the store was not read.
    `file`: where in the data folder all of it stands, "" where it does not."""

    day: date
    title: str
    text: str
    wrong: int
    is_blind: bool = False
    file: str = ""


def make_digest(configuration: Configuration, now: datetime) -> Digest:
    """The digest of this moment. A store that cannot be read is told in it, not raised."""
    return compose(gather(configuration, now))


def gather(configuration: Configuration, now: datetime) -> Facts:
    """Read what the digest tells. Nothing is written but that a run whose processes died is interrupted, and the look of the doctor."""
    examination = Examination(configuration=configuration, now=now, thorough=False)
    looked = examine(examination)
    keep_look(examination, looked)
    facts = Facts(
        now=now,
        doctor=tuple(line for line in looked if line.level is not Level.OK),
        troubles=tuple(read_troubles(configuration.data_dir, now - LATE)),
        alarms=tuple(read_alarms(configuration.data_dir, now - LATE)),
        night_hours=configuration.night_hours,
    )
    try:
        with open_store(configuration.store_url) as store, store.read() as c:
            return _read(c, facts)
    except GimonitorError as error:
        return replace(facts, trouble=str(error))


def _read(c: Connection, facts: Facts) -> Facts:
    now = facts.now
    run = next((run for run in runs.latest_runs(c, 100) if run.kind == "nightly"), None)
    clocks = (*answers_due(c, now), *receipts_due(c, now), *counters(c, now), *rechecks_due(c, now))
    queue = Queue(
        states={state: count_leads(c, QueueFilter(states=(state,)), COUNTED + 1) for state in State},
        raised=count_leads(c, QueueFilter(run_id=run.id), COUNTED + 1) if run else 0,
        clocks=tuple(sorted(clocks, key=lambda clock: (clock.ends, clock.lead_id))),
        questions=len(open_questions(c, 500)),
        complaints=tuple(list_complaints(c, is_open=True, limit=500)),
    )
    if run is None:
        return replace(facts, queue=queue)
    return replace(
        facts,
        run=run,
        coverage=runs.load_coverage(c, run.id),
        slices=runs.load_slices(c, run.id),
        health=None if run.state is RunState.RUNNING else load_health(c, run),
        queue=queue,
    )


def compose(facts: Facts) -> Digest:
    """Write the text. Pure."""
    day = facts.now.astimezone(BEIJING).date()
    sections = [
        ("昨夜采集", *_night(facts)),
        ("采集健康（各来源与自己近 14 晚比较）", *_health(facts)),
        ("近 26 小时的故障和告警", *_befell(facts)),
        ("线索队列", *_queue(facts.queue)),
        ("时限", *_clocks(facts.queue)),
        ("投诉举报", *_complaints(facts.queue, day)),
        ("本机", *_machine([line for line in facts.doctor if line.name not in _TOLD_ABOVE])),
    ]
    wrong = sum(count for _, count, _ in sections) + bool(facts.trouble)
    title = f"地理标志监测晨报 {day}（星期{WEEKDAYS[day.weekday()]}）"
    where = "、".join(f"{head.partition('（')[0]} {count}" for head, count, _ in sections if count)
    lines = [title, f"有 {wrong} 项需要处理" + (f"：{where}" if where else "") if wrong else "没有需要处理的异常"]
    if facts.trouble:
        lines += ["", f"！数据库不能读取，以下没有采集和线索数据：{facts.trouble}"]
    for head, _, told in sections:
        if told:
            lines += ["", f"【{head}】", *told]
    return Digest(day=day, title=title, text="\n".join(lines) + "\n", wrong=wrong, is_blind=bool(facts.trouble))


Told = tuple[int, list[str]]
"""How many things are wrong, and the lines."""


def _night(facts: Facts) -> Told:
    run = facts.run
    if facts.trouble:
        return 0, []
    if run is None:
        return 1, ["还没有采集过。没有采集不等于市场上没有问题。"]
    raised = facts.queue.raised if facts.queue else 0
    lines = [f"{told_run(run, facts.coverage)}；新线索 {raised} 条。"]
    late = is_late(run.started_at, facts.now)
    if late:
        lines.append(f"昨夜没有采集：最近一次在 {(facts.now - run.started_at).total_seconds() / 3600:.0f} 小时前开始。")
    if run.state is RunState.INTERRUPTED:
        why = f"本夜的 {facts.night_hours:g} 小时用完" if _is_over(run, facts) else "也没有进程在采"
        lines.append(f"第 {run.id} 次没有采完，{why}：已采到的都在库中；续采：gimonitor run resume {run.id}")
    lines += told_plan(run, facts.coverage, facts.slices)
    gaps = told_gaps(run, facts.coverage, facts.slices)
    lines += [f"- 缺口 {gap}" for gap in gaps]
    usual = run.state is RunState.PARTIAL and are_usual(gaps)
    return int(late) + int(run.state not in (RunState.OK, RunState.RUNNING) and not usual), lines


def _is_over(run: StoredRun, facts: Facts) -> bool:
    """True for a run that was ended when its hours were over."""
    took = run.ended_at - run.started_at if run.ended_at else timedelta()
    return bool(facts.night_hours) and took >= timedelta(hours=facts.night_hours) - START


def _health(facts: Facts) -> Told:
    if facts.health is None:
        return 0, []
    symptoms = [f"- {told}" for told in told_symptoms(facts.health.symptoms, facts.run, facts.coverage)]
    compared = "、".join(f"{source} {nights} 晚" for source, nights in sorted(facts.health.nights.items()))
    alike = f"与以往相近（可比：{compared}）" if any(n >= ENOUGH for n in facts.health.nights.values()) else ""
    early = f"可比的夜晚还不够（{compared or '无'}；满 {ENOUGH} 晚才比较），不能说与以往相近"
    return len(symptoms), symptoms or [alike or early]


def _befell(facts: Facts) -> Told:
    """What happened to the ground under the program, waited out or not, one line a kind; and the alarms raised since."""
    kinds: dict[Trouble, list[Befallen]] = defaultdict(list)
    for one in facts.troubles:
        kinds[one.trouble].append(one)
    lines = [
        f"- {TROUBLES[kind]} {_when(events)}。最后一次：{' '.join(events[-1].said.split())[:SAID]}"
        for kind, events in kinds.items()
    ]
    if kinds:
        lines.append("等到恢复的已照常继续；没有存入的列在昨夜采集的缺口中")
    alarms = [f"- 告警 {alarm[:SAID]}" for alarm in facts.alarms[-SHOWN:]]
    if len(facts.alarms) > SHOWN:
        alarms.append(f"- 更早还有 {len(facts.alarms) - SHOWN} 条，见 digests/alarms.txt")
    return len(kinds) + len(facts.alarms), lines + alarms


def _when(events: Sequence[Befallen]) -> str:
    first, last = (f"{one.at.astimezone(BEIJING):%m-%d %H:%M}" for one in (events[0], events[-1]))
    return f"{len(events)} 次，{first}" + (f" 至 {last}" if last != first else "")


def _queue(queue: Queue | None) -> Told:
    if queue is None:
        return 0, []
    counts = [f"{STATES[state]} {_count(n)}" for state, n in queue.states.items() if n and state is not State.CLOSED]
    lines = ["、".join(counts) or "没有待办线索"]
    if queue.questions:
        lines.append(f"待答复的请示 {queue.questions} 条")
    return 0, lines


def _count(number: int) -> str:
    return f"{COUNTED} 以上" if number > COUNTED else str(number)


def _clocks(queue: Queue | None) -> Told:
    if queue is None:
        return 0, []
    over = [clock for clock in queue.clocks if clock.is_over]
    soon = [clock for clock in queue.clocks if not clock.is_over]
    lines = [f"- 已超期 {_clock(clock)}，超 {-clock.left} {_unit(clock)}" for clock in over[:SHOWN]]
    lines += [f"- 另有 {len(over) - SHOWN} 项已超期"] if len(over) > SHOWN else []
    lines += [f"- 将到期 {_clock(clock)}，剩 {clock.left} {_unit(clock)}" for clock in soon[:SHOWN]]
    lines += [f"- 另有 {len(soon) - SHOWN} 项将到期"] if len(soon) > SHOWN else []
    return len(over), lines or ["没有超期或将到期的事项"]


def _unit(clock: Clock) -> str:
    return "日" if clock.by_calendar else "个工作日"


def _clock(clock: Clock) -> str:
    detail = f" {clock.detail}" if clock.detail else ""
    return f"线索 {clock.lead_id}（{clock.gi_name}）{CLOCKS.get(clock.what, clock.what)}{detail}，{clock.ends} 到期"


def _complaints(queue: Queue | None, today: date) -> Told:
    """Complaints that wait for an answer; those past their day, or due within three, by name."""
    waiting = queue.complaints if queue else ()
    if not waiting:
        return 0, []
    over = [one for one in waiting if one.due_on and one.due_on < today]
    soon = [one for one in waiting if one.due_on and today <= one.due_on <= today + SOON]
    lines = [f"待答复 {len(waiting)} 件，已超期 {len(over)} 件"]
    for said, some in (("已超期", over), ("将到期", soon)):
        lines += [
            f"- {said} {one.number or one.id}（{one.gi_name or '地理标志待定'}），{one.due_on} 到期"
            for one in some[:SHOWN]
        ]
    return len(over), lines


def _machine(doctor: Sequence[Line]) -> Told:
    failed = [line for line in doctor if line.level is Level.FAIL]
    warned = len(doctor) - len(failed)
    lines = [f"- {line.name}：{line.said}。处理：{line.todo}" for line in failed]
    lines += [f"提醒 {warned} 项，见 gimonitor doctor"] if warned else []
    return len(failed), lines or ["正常"]
