"""The fields of a listing that a night is judged by, and which of them each source is known to give. The facts are data."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict


class Expected(BaseModel):
    """The data file `fields.yml`: words of the fields in their order, and the fields of each source."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    fields: Mapping[str, str]
    sources: Mapping[str, frozenset[str]]


@cache
def load_expected() -> Expected:
    """Read `fields.yml`."""
    text = Path(__file__).with_name("fields.yml").read_text(encoding="utf-8")
    return Expected.model_validate(yaml.safe_load(text))


def given_by(source: str) -> frozenset[str]:
    """The fields that stand in nearly every listing of a source; none for one that is not told of."""
    return load_expected().sources.get(source, frozenset())
