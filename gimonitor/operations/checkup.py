"""One line of the doctor: what was looked at, how it stands, what to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gimonitor.configuration import Configuration


class Level(StrEnum):
    """`fail` must be mended before the next night; `warn` soon."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What was found. `code` is the exit code that a failure stands for."""

    name: str
    level: Level
    said: str
    todo: str = ""
    code: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What every check is given. `thorough` allows what takes seconds: starting Chromium, reading the whole store, the network."""

    configuration: Configuration
    now: datetime
    thorough: bool = True


def fine(name: str, said: str) -> Line:
    """A line with nothing to do."""
    return Line(name=name, level=Level.OK, said=said)


def warn(name: str, said: str, todo: str) -> Line:
    """A line that asks for something soon."""
    return Line(name=name, level=Level.WARN, said=said, todo=todo)


def fail(name: str, said: str, todo: str, code: int = 5) -> Line:
    """A line that must be mended."""
    return Line(name=name, level=Level.FAIL, said=said, todo=todo, code=code)
