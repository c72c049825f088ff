"""Pages that say that their good is no more. The words stand in gone.yml."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

_ENOUGH = 200_000  # characters; the notice stands near the top
_SHORT = 600  # characters of a page that says little more than that the good is gone


@dataclass(frozen=True, slots=True)
class _Words:
    notices: tuple[str, ...]
    of_short_pages: tuple[str, ...]


@cache
def _words() -> _Words:
    told = yaml.safe_load(Path(__file__).with_name("gone.yml").read_text(encoding="utf-8"))
    return _Words(tuple(told["notices"]), tuple(told["of_short_pages"]))


def says_gone(text: str) -> str:
    """The words by which the text of a page, in which no good was found, says that the good was taken down; "" where it does
    not. A page of any length says it by a whole notice, a short one by a single word."""
    shown = text[:_ENOUGH].casefold()
    words = _words().notices + (_words().of_short_pages if len(text) < _SHORT else ())
    return next((word for word in words if word.casefold() in shown), "")
