"""Lines of the log: text for a person, JSON for a machine, with what they are about."""

from __future__ import annotations

import json
import logging

from gimonitor.configuration import Configuration
from gimonitor.logs import formatter


def record(message: str, *arguments: object, **extra: object) -> logging.LogRecord:
    made = logging.LogRecord("gimonitor.somewhere", logging.WARNING, __file__, 1, message, arguments, None)
    made.__dict__.update(extra)
    return made


def test_a_json_line_says_which_run_slice_and_lead_it_is_about() -> None:
    how = formatter(Configuration(log_format="json"), {"run_id": 4, "slice_id": 9})
    line = json.loads(how.format(record("%s 打不开", "页面", lead_id=12)))
    assert line.pop("timestamp")
    assert line == {
        "event": "页面 打不开",
        "level": "warning",
        "logger": "gimonitor.somewhere",
        "run_id": 4,
        "slice_id": 9,
        "lead_id": 12,
    }
    assert "打不开" in how.format(record("打不开"))  # readable as it is
    assert "\n" not in how.format(record("one\ntwo"))


def test_what_a_line_says_of_itself_goes_before_what_its_process_is_about() -> None:
    how = formatter(Configuration(log_format="json"), {"run_id": 4})
    assert json.loads(how.format(record("x", run_id=5)))["run_id"] == 5


def test_text_is_the_default() -> None:
    line = formatter(Configuration(), {"run_id": 4}).format(record("said %d", 3))
    assert line.endswith("WARNING gimonitor.somewhere said 3")
