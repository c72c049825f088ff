"""体检: every check once, each line with what to do. A check that breaks is itself a failed line."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence

from gimonitor.errors import GimonitorError, PartialError
from gimonitor.operations import archives, holdings, machine, outlook, standing
from gimonitor.operations.checkup import Examination, Level, Line, fail, warn
from gimonitor.workflow.lookedat import Look, Matter, note_look

Check = Callable[[Examination], Iterator[Line]]

CHECKS: tuple[tuple[str, Check], ...] = (
    ("磁盘", machine.disk),
    ("时钟", machine.clock),
    ("数据库", standing.store),
    ("规则", standing.rules),
    ("浏览器", machine.chromium),
    ("LibreOffice", machine.office),
    ("OpenSSL", machine.openssl),
    ("密钥", machine.keys),
    ("证据", holdings.holdings),
    ("存档", archives.archives),
    ("可信时间戳", standing.timestamps),
    ("晨报", standing.digest),
    ("展望", outlook.outlook),
)

WAITING = frozenset({"浏览器", "可信时间戳"})  # checks that wait for another program or for the network
WAIT_SECONDS = 60.0
_TOLD_LIVE = "夜间采集"  # the morning page reads it from the store itself

log = logging.getLogger(__name__)


def examine(x: Examination, checks: Sequence[tuple[str, Check]] = CHECKS) -> list[Line]:
    """Run every check, in a thorough look side by side. Nothing is mended and nothing raised; what waits too long is told."""
    found: list[list[Line]] = [[] for _ in checks]
    if not x.thorough:
        for (name, check), lines in zip(checks, found, strict=True):
            _run(name, check, x, lines)
        return [line for lines in found for line in lines]
    threads = [
        threading.Thread(target=_run, args=(name, check, x, lines), daemon=True)
        for (name, check), lines in zip(checks, found, strict=True)
    ]
    ends = time.monotonic() + WAIT_SECONDS
    for thread in threads:
        thread.start()
    for (name, _), thread, lines in zip(checks, threads, found, strict=True):
        thread.join(max(0.0, ends - time.monotonic()) if name in WAITING else None)
        if thread.is_alive():
            lines.append(warn(name, f"{WAIT_SECONDS:.0f} 秒内没有应答", "检查该程序或网络，再运行 gimonitor doctor"))
    return [line for lines in found for line in lines]


def keep_look(x: Examination, lines: Sequence[Line]) -> None:
    """Keep what a look found for the morning page, where there is a data folder; that it cannot be kept is told in the log only."""
    if not x.configuration.data_dir.is_dir():
        return
    matters = tuple(
        Matter(name=line.name, urgent=line.level is Level.FAIL, said=line.said, todo=line.todo)
        for line in lines
        if line.level is not Level.OK and line.name != _TOLD_LIVE
    )
    try:
        note_look(x.configuration.data_dir, Look(at=x.now, matters=matters))
    except (OSError, GimonitorError) as error:
        log.warning("the look could not be kept: %s", error)


def _run(name: str, check: Check, x: Examination, lines: list[Line]) -> None:
    try:
        for line in check(x):
            lines.append(line)
    except GimonitorError as error:
        lines.append(fail(name, str(error), "按上述说明处理后再查", error.exit_code))
    except Exception as error:  # a check that breaks must not hide the others
        log.exception("%s could not be checked", name)
        lines.append(fail(name, f"检查本身出错：{type(error).__name__}: {error}", "把日志交给开发者"))


def exit_code(lines: Sequence[Line]) -> int:
    """0 when nothing failed; the failures' own code where they agree (2 rules or setting, 6 store, 7 evidence, 8 disk), else 5."""
    codes = {line.code for line in lines if line.level is Level.FAIL}
    if not codes:
        return 0
    return codes.pop() if len(codes) == 1 else PartialError.exit_code
