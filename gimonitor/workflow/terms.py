"""Terms and bars of handling, read from `terms.yml` beside this module: numbers with how they are known."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Generic, Literal, TypeVar

import yaml
from pydantic import Field

from gimonitor.register.schema import Form, Text
from gimonitor.workflow.vocabulary import Channel, ComplaintKind

T = TypeVar("T")
Days = Annotated[int, Field(ge=1, le=366)]


class Known(Form):
    """How a term is known. `house`: the bureau's own rule."""

    certainty: Literal["found", "unverified", "house"]
    source: Text


class Term(Known, Generic[T]):
    """A value with how it is known."""

    value: T


class Terms(Form):
    """All of terms.yml."""

    answer_workdays: dict[Channel, Days]
    answer_source: Known
    receipt_workdays: Term[Days]
    counter_days: Term[Days]
    ladder_days: Term[tuple[Days, ...]]
    soon_workdays: Term[Days]
    ignore_soon_days: Term[Days]
    complaint_workdays: dict[ComplaintKind, Term[Days]]


@cache
def terms() -> Terms:
    """The terms in force."""
    return Terms.model_validate(yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8")))
