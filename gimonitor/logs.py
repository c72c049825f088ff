"""Logs: one line an event, as text or as JSON, with the run, the slice and the lead it is about."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

from gimonitor.configuration import Configuration

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor

TEXT = "%(asctime)s %(levelname)s %(name)s %(message)s"
EXTRAS = ("run_id", "slice_id", "lead_id")


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
