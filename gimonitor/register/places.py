"""Places in a rule file in words: protections.0.starts is 保护1·起始日. The words stand in `places.yml` beside this file."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources

import yaml


def place_words(place: str) -> str:
    """A dotted place for people to read; a key without words stays as it is written."""
    words = ""
    for step in place.split("."):
        words += str(int(step) + 1) if step.isdigit() else f"{'·' if words else ''}{_words().get(step, step)}"
    return words


@lru_cache(maxsize=1)
def _words() -> dict[str, str]:
    text = resources.files("gimonitor.register").joinpath("places.yml").read_text(encoding="utf-8")
    return {str(key): str(word) for key, word in yaml.safe_load(text).items()}
