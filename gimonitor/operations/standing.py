"""What the doctor looks at in the installation: store, rules, sources, digest, time-stamps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from gimonitor.configuration import Configuration
from gimonitor.errors import DiskFullError, EvidenceError, GimonitorError, RulesError, StoreError, StoreOutdatedError
from gimonitor.evidence.timestamps import request_token
from gimonitor.model.run import RunState
from gimonitor.model.zone import BEIJING
from gimonitor.operations.abandoned import close_abandoned
from gimonitor.operations.checkup import Examination, Line, fail, fine, warn
from gimonitor.operations.deadman import SILENT_AFTER, deadman_path, last_sent
from gimonitor.operations.plan import sources_set_up
from gimonitor.papers.places import custody_log, stamp_queue, trusted_roots
from gimonitor.register.issues import Severity
from gimonitor.register.loader import check_rules
from gimonitor.store import runs
from gimonitor.store.audit import audit_head
from gimonitor.store.check import check_store
from gimonitor.store.database import Store, open_store
from gimonitor.store.tables import audit, coverage
from gimonitor.workflow.lookedat import LATE, is_late
from gimonitor.workflow.words import RUN_STATES

STAMP_LATE = timedelta(hours=24)
BACKWARD = timedelta(minutes=5)
RULE_CODES = frozenset({"expired", "expires-soon", "ended-standard"})  # told by the outlook


def store(x: Examination) -> Iterator[Line]:
    """The database opens, has this version's schema, and is whole with its chain of audit; the clock runs forward."""
    try:
        opened = open_store(x.configuration.store_url)
    except StoreOutdatedError as error:
        yield fail("数据库", str(error), "先备份，再运行 gimonitor store upgrade", error.exit_code)
        return
    except DiskFullError as error:
        todo = "磁盘已满，不必恢复备份：腾出空间（gimonitor prune --yes；仍不行时先移走几十 MB 其他文件，或扩容）后再查，库中数据不受影响"
        yield fail("数据库", str(error), todo, error.exit_code)
        return
    except StoreError as error:
        yield fail("数据库", str(error), "新装机运行 gimonitor store upgrade；否则从备份恢复", error.exit_code)
        return
    with opened:
        yield from _whole(opened, x)
        close_abandoned(x.configuration, opened, x.now)
        with opened.read() as c:
            yield from _clock_forward(c, x.now)
            yield from _last_night(c, x)
            yield from sources(c, x)


def _whole(opened: Store, x: Examination) -> Iterator[Line]:
    problems = check_store(opened) if x.thorough else []
    if problems:
        todo = "停止写入，保留现场，从最近的备份恢复（gimonitor store restore）"
        yield fail("数据库", "；".join(problems[:5]), todo, StoreError.exit_code)
        return
    with opened.read() as c:
        entries, head = audit_head(c)
    looked = "完整，审计链未断" if x.thorough else "可以打开"
    yield fine("数据库", f"{opened.dialect} {looked}；审计 {entries} 条，末条 {head[:12]}")


def _clock_forward(c: Connection, now: datetime) -> Iterator[Line]:
    moments = [c.execute(select(func.max(column))).scalar() for column in (audit.c.at, coverage.c.at)]
    newest = max((moment for moment in moments if moment), default=None)
    if newest and newest > now + BACKWARD:
        said = f"库中最新记录在 {newest:%Y-%m-%d %H:%M} UTC，晚于现在的时钟：时钟曾被拨动"
        yield fail("时钟", said, "校正系统时钟后再采集、再取证", StoreError.exit_code)


def _last_night(c: Connection, x: Examination) -> Iterator[Line]:
    last = next((run for run in runs.latest_runs(c, 50) if run.kind == "nightly"), None)
    todo = "查看 gimonitor schedule 是否在运行；立即采集：gimonitor run nightly"
    if last is None:
        yield warn("夜间采集", "还没有采集过", todo)
        return
    said = f"第 {last.id} 次，{last.started_at.astimezone(BEIJING):%m-%d %H:%M} 开始，{RUN_STATES[last.state]}"
    if is_late(last.started_at, x.now):
        yield fail("夜间采集", f"{said}；已超过 {LATE.total_seconds() / 3600:.0f} 小时没有采集", todo)
    elif last.state in (RunState.INTERRUPTED, RunState.FAILED, RunState.BLOCKED):
        yield warn("夜间采集", said, f"gimonitor coverage --run {last.id} --gaps；续采：gimonitor run resume {last.id}")
    else:
        yield fine("夜间采集", said)


def sources(c: Connection, x: Examination) -> Iterator[Line]:
    """When each source that is set up gave listings last: such as could be kept."""
    kept = coverage.c.stored + coverage.c.unchanged > 0
    gave = select(coverage.c.source, func.max(coverage.c.at)).where(kept).group_by(coverage.c.source)
    last: dict[str, datetime] = {row[0]: row[1] for row in c.execute(gave)}
    wanted = x.configuration.nightly_sources or sources_set_up(x.configuration)
    if not wanted:
        yield warn(
            "来源", "没有设置任何来源", "设置 GIMONITOR_SHOP_URLS，或用 gimonitor secrets edit 写入接口密钥，或导入表格"
        )
    for source in wanted:
        at = last.get(source)
        todo = f"gimonitor run nightly --source {source}，再看 gimonitor coverage --gaps"
        if at is None:
            yield warn("来源", f"{source}：从未采到商品", todo)
        elif is_late(at, x.now):
            yield warn("来源", f"{source}：最近一次采到商品是 {at.astimezone(BEIJING):%Y-%m-%d %H:%M}", todo)
        else:
            yield fine("来源", f"{source}：{at.astimezone(BEIJING):%m-%d %H:%M} 采到商品")


def rules(x: Examination) -> Iterator[Line]:
    """The rule files load."""
    issues = check_rules(x.configuration.rules_dir, on=x.now.astimezone(BEIJING).date())
    errors = [issue for issue in issues if issue.severity is Severity.ERROR]
    warnings = [i for i in issues if i.severity is Severity.WARNING and i.code not in RULE_CODES]
    if errors:
        yield fail("规则", f"{len(errors)} 处错误，如 {errors[0]}", "gimonitor rules check", RulesError.exit_code)
    elif warnings:
        yield warn("规则", f"可以使用，{len(warnings)} 处提醒，如 {warnings[0]}", "gimonitor rules check")
    else:
        yield fine("规则", "可以使用")


def digest(x: Examination) -> Iterator[Line]:
    """The morning digest went out within 26 hours."""
    at, path = last_sent(x.configuration), deadman_path(x.configuration)
    todo = "让 gimonitor schedule 一直运行（它每天早晨发送），或立即发送：gimonitor digest --send"
    if at is None:
        yield warn("晨报", "从未发出", todo)
    elif x.now - at > SILENT_AFTER:
        yield fail(
            "晨报", f"最近一次发出是 {at.astimezone(BEIJING):%Y-%m-%d %H:%M}，已沉默超过 26 小时（{path}）", todo
        )
    elif at > x.now + BACKWARD:
        yield fail("晨报", f"{path} 的时间在将来", "校正系统时钟，再运行 gimonitor digest --send")
    else:
        yield fine("晨报", f"{at.astimezone(BEIJING):%m-%d %H:%M} 发出")


def timestamps(x: Examination) -> Iterator[Line]:
    """A time-stamp authority is set and answers; nothing waits for long; the custody log is whole."""
    urls = x.configuration.timestamp_urls
    if not urls:
        yield warn("可信时间戳", "没有设置；证据包标为未加时间戳", "设置 GIMONITOR_TIMESTAMP_URLS")
    elif x.thorough:
        yield from _authorities(x.configuration, urls)
    late = [w for w in stamp_queue(x.configuration).waiting() if x.now - datetime.fromisoformat(w.since) > STAMP_LATE]
    if late:
        said = f"{len(late)} 个文件等待加盖超过 24 小时：{late[0].error or '尚未尝试'}"
        yield warn("可信时间戳", said, "检查网络和服务地址，再运行 gimonitor evidence stamp")
    broken = custody_log(x.configuration).first_broken() if x.thorough else None
    if broken is not None:
        yield fail("保管记录", f"第 {broken} 条与前一条不衔接", "保留现场，与备份比对", EvidenceError.exit_code)


def _authorities(configuration: Configuration, urls: tuple[str, ...]) -> Iterator[Line]:
    try:
        roots = trusted_roots(configuration)
    except GimonitorError as error:
        yield fail("可信时间戳", str(error), "改正 timestamp-roots 中的根证书", EvidenceError.exit_code)
        return
    for url in urls:
        try:
            token = request_token(url, b"gimonitor doctor", roots=roots, timeout=10)
        except EvidenceError as error:
            yield fail("可信时间戳", str(error), "检查网络和服务地址", EvidenceError.exit_code)
            continue
        if token.trusted:
            yield fine("可信时间戳", f"{url} 有应答，签名可信")
        else:
            todo = f"把该机构的根证书放入 {configuration.data_dir / 'timestamp-roots'}"
            yield warn("可信时间戳", f"{url} 有应答，未核验签名", todo)
