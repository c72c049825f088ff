"""对象: what each kind of addressee gets of a lead, as data (rules/platforms/addressees) that a bureau can change."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from pathlib import Path

from gimonitor.register.platforms import NamedForm, load_forms, platform_rules
from gimonitor.register.schema import Text
from gimonitor.workflow.vocabulary import PackKind


class Part(StrEnum):
    """A part of a lead that a policy may leave out."""

    DECISIONS = "decisions"  # who judged what inside the house
    CLEARINGS = "clearings"  # legitimate readings that were considered
    TURNOVER = "turnover"
    PURCHASES = "purchases"


PARTS: dict[Part, str] = {
    Part.DECISIONS: "内部审核经过",
    Part.CLEARINGS: "正当使用排查",
    Part.TURNOVER: "经营额估算",
    Part.PURCHASES: "购样记录",
}


class Policy(NamedForm):
    """rules/platforms/addressees/<id>.yml. `evidence_left_out` are kinds of stored captures; `why` is printed."""

    name: Text
    omit: tuple[Part, ...]
    evidence_left_out: tuple[Text, ...]
    why: Text


ADDRESSEES: dict[PackKind, str] = {
    PackKind.LEAD: "house",
    PackKind.RECHECK: "house",
    PackKind.COMPLAINT: "platform",
    PackKind.PUSH: "platform",
    PackKind.TRANSFER: "bureau",
    PackKind.ASSISTANCE: "helper",
    PackKind.REMINDER: "seller",
}
"""The policy by which a kind of pack is made."""


def policy_of(kind: PackKind) -> Policy:
    """The policy for a kind of pack. Raises RulesError with every issue of the files."""
    return _policies(platform_rules("addressees"))[ADDRESSEES[kind]]


@cache
def _policies(folder: Path) -> dict[str, Policy]:
    return load_forms(folder, Policy)
