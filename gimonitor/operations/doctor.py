"""体检: every check once, each line with what to do. A check that breaks is itself a failed line."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence

from gimonitor.errors import GimonitorError, PartialError
from gimonitor.operations import holdings, machine, outlook, standing
from gimonitor.operations.checkup import Examination, Level, Line, fail

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
    ("可信时间戳", standing.timestamps),
    ("晨报", standing.digest),
    ("展望", outlook.outlook),
)

log = logging.getLogger(__name__)


def examine(x: Examination, checks: Sequence[tuple[str, Check]] = CHECKS) -> list[Line]:
    """Run every check. Nothing is mended and nothing raised."""
    return [line for name, check in checks for line in _run(name, check, x)]


def _run(name: str, check: Check, x: Examination) -> list[Line]:
    lines = []
    try:
        for line in check(x):
            lines.append(line)
    except GimonitorError as error:
        lines.append(fail(name, str(error), "按上述说明处理后再查", error.exit_code))
    except Exception as error:  # a check that breaks must not hide the others
        log.exception("%s could not be checked", name)
        lines.append(fail(name, f"检查本身出错：{type(error).__name__}: {error}", "把日志交给开发者"))
    return lines


def exit_code(lines: Sequence[Line]) -> int:
    """0 when nothing failed; the failures' own code where they agree (2 rules or setting, 6 store, 7 evidence, 8 disk), else 5."""
    codes = {line.code for line in lines if line.level is Level.FAIL}
    if not codes:
        return 0
    return codes.pop() if len(codes) == 1 else PartialError.exit_code
