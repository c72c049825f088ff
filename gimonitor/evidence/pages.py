"""Pages inside a pack, rendered from templates: every value is escaped, nothing in them runs or loads anything."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from gimonitor.model.zone import BEIJING

TEMPLATES = Path(__file__).parent / "templates"
_TURNS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
_BIDI = {ord(c): f"[U+{ord(c):04X}]" for c in _TURNS}


def beijing(at: datetime) -> str:
    """A moment as Beijing time, to the second, with its offset said."""
    return at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S（北京时间）")


def visible(text: str) -> str:
    """Text with the marks that turn reading direction made visible, and unprintable characters replaced."""
    shown = text.translate(_BIDI)
    return "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in shown)


@cache
def environment_of(folder: Path) -> Environment:
    """The template environment of a folder, over the shared ones: HTML escaped, text left, an unknown name an error."""
    made = Environment(
        loader=FileSystemLoader([folder, TEMPLATES]),
        autoescape=select_autoescape(("html.j2",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["beijing"] = beijing
    made.filters["visible"] = visible
    return made


def render(folder: Path, name: str, **values: object) -> bytes:
    """Render the template `name` of `folder` as UTF-8."""
    return environment_of(folder).get_template(name).render(**values).encode("utf-8", "replace")
