"""Classes of goods as bureaus' tables name or number them, from `classes.yml` beside this file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import yaml


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsClass:
    """A class by its name (酒水类), its code where it has one, and its place in the two classifications of a GI file."""

    name: str
    category: str
    product_group: str
    code: str = ""


def class_of(text: str) -> GoodsClass | None:
    """The class that a cell names (酒水类) or numbers (0101, 0100), or None."""
    return _classes().get(text) or (_classes().get(text[:2]) if len(text) == 4 and text.isdigit() else None)


@lru_cache(maxsize=1)
def _classes() -> dict[str, GoodsClass]:
    text = resources.files("gimonitor.register").joinpath("classes.yml").read_text(encoding="utf-8")
    classes = [GoodsClass(**row) for row in yaml.safe_load(text)["classes"]]
    return {key: found for found in classes for key in (found.name, found.code) if key}
