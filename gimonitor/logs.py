"""Logs: one line an event, as text or as JSON, with the run, the slice and the lead it is about.

Trouble that the morning digest has to tell, even where it was waited out, is logged with `extra=trouble(…)` and kept in a file
of its own: the store may be what is in trouble.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from gimonitor.configuration import Configuration, load_configuration
from gimonitor.errors import ConfigurationError

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor

TEXT = "%(asctime)s %(levelname)s %(name)s %(message)s"
EXTRAS = ("run_id", "slice_id", "lead_id")
TROUBLES = "logs/troubles*.jsonl"
"""In the data folder, a file a day (UTC), as old as its last line; every process of this machine appends to it."""


class Trouble(StrEnum):
    """What may befall the ground that the program stands on."""

    LOCKED = "locked"
    LOST = "lost"
    FULL = "full"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Befallen:
    """A trouble as it was logged."""

    at: datetime
    trouble: Trouble
    said: str


def trouble(kind: Trouble) -> dict[str, str]:
    """`extra` of a log line that tells of trouble."""
    return {"trouble": kind.value}


class _Keeper(logging.Handler):
    """Appends lines that tell of trouble to TROUBLES; where that cannot be, the line is in the log alone."""

    def emit(self, record: logging.LogRecord) -> None:
        if kind := getattr(record, "trouble", None):
            keep_trouble(Trouble(kind), record.getMessage())
        if not logging.getLogger().handlers and logging.lastResort and record.levelno >= logging.lastResort.level:
            logging.lastResort.handle(record)  # as without this handler


def keep_trouble(kind: Trouble, said: str) -> None:
    """Append a line to TROUBLES of the data folder in force."""
    now = datetime.now(UTC)
    line = {"at": now.isoformat(), "trouble": kind, "said": said}
    with suppress(OSError, ConfigurationError):
        folder = load_configuration().data_dir
        if folder.is_dir():
            path = folder / TROUBLES.replace("*", f"-{now:%Y-%m-%d}")
            path.parent.mkdir(exist_ok=True)
            with path.open("a", encoding="utf-8", errors="replace") as file:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")


def keep_troubles() -> None:
    """Keep trouble from now on, in this process; asked again, nothing more happens."""
    for name in ("gimonitor", "pipelines"):
        ours = logging.getLogger(name)
        if not any(isinstance(handler, _Keeper) for handler in ours.handlers):
            ours.addHandler(_Keeper())


def read_troubles(data_dir: Path, since: datetime) -> Iterator[Befallen]:
    """Trouble of this machine since a moment, in the order in which it was written; a line cut short is passed over."""
    late = [path for path in sorted(data_dir.glob(TROUBLES)) if path.stat().st_mtime >= since.timestamp()]
    for line in chain.from_iterable(path.read_text(encoding="utf-8", errors="replace").splitlines() for path in late):
        with suppress(ValueError, KeyError, TypeError):
            kept = json.loads(line)
            told = Befallen(
                at=datetime.fromisoformat(kept["at"]), trouble=Trouble(kept["trouble"]), said=str(kept["said"])
            )
            if told.at >= since:
                yield told


def start_logs(configuration: Configuration, about: Mapping[str, int] | None = None) -> None:
    """Log from the least level that is set to standard error. `about` stands in every line that does not say otherwise."""
    handler = logging.StreamHandler()
    handler.setFormatter(formatter(configuration, about or {}))
    logging.basicConfig(level=configuration.log_level, handlers=[handler])


def formatter(configuration: Configuration, about: Mapping[str, int]) -> logging.Formatter:
    """How a line is written: by the setting log_format. A line may say more of itself by `extra` (run_id, slice_id, lead_id)."""
    if configuration.log_format == "text":
        return logging.Formatter(TEXT)
    import structlog  # a tenth of the start of a crawl, for who wants JSON

    def add_about(_logger: object, _name: str, event: EventDict) -> EventDict:
        return {**about, **event}

    chain: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ExtraAdder(EXTRAS),
        add_about,
        structlog.processors.format_exc_info,
    ]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=chain,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
