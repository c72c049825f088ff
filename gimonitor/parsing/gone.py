"""Pages that say that their good is no more. The words stand in gone.yml."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

_ENOUGH = 200_000  # characters; the notice stands near the top


@cache
def _words() -> tuple[str, ...]:
    told = yaml.safe_load(Path(__file__).with_name("gone.yml").read_text(encoding="utf-8"))
    return tuple(word.casefold() for word in told["words"])


def says_gone(text: str) -> bool:
    """True where the text of a page, in which no good was found, says that the good was taken down."""
    shown = text[:_ENOUGH].casefold()
    return any(word in shown for word in _words())
