"""Faults seen in pictures as findings: severity, law by date and what would clear them, from faults.yml beside this file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import yaml

from gimonitor.imaging.marks import Mark
from gimonitor.imaging.sight import Fault, FaultKind
from gimonitor.model.finding import Citation, Finding, Place
from gimonitor.model.listing import Field
from gimonitor.model.register import Certainty, Register

FAMILY = "picture"
COPIED = "copied"
THE_MARK, THE_PICTURE = "图中标志", "商品图片"  # where a finding rests on no text that was read
_VERSION = 2
_COPIED_CONFIDENCE = 0.35


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultRule:
    """What a fault becomes. `is_duty`: for an authorised user guidance, never a lead. `makes_lead`: else it only joins one."""

    model_id: str
    title: str
    severity: float
    law: tuple[str, ...]
    clears: str
    is_duty: bool
    makes_lead: bool


@lru_cache(maxsize=1)
def fault_rules() -> dict[str, FaultRule]:
    """The rules by kind of fault; kinds without one are shown to officers and become no finding."""
    data = yaml.safe_load((Path(__file__).parent / "faults.yml").read_text(encoding="utf-8"))
    return {
        kind: FaultRule(
            model_id=f"picture-{kind.replace('_', '-')}",
            title=values["title"],
            severity=float(values["severity"]),
            law=tuple(values["law"]),
            clears=values["clears"],
            is_duty=values.get("duty", False),
            makes_lead=values.get("lead", True),
        )
        for kind, values in data.items()
    }


def finding_of(fault: Fault, register: Register, on: date, picture: str) -> Finding | None:
    """The finding of a fault in the picture with this digest; None for what only needs proof."""
    rule = fault_rules().get(fault.kind.value)
    if rule is None:
        return None
    return _finding(
        rule,
        fault.gi_id or fault.mark.value,
        fault.reason,
        fault.text or THE_MARK,
        fault.confidence,
        register,
        on,
        picture,
    )


def copied_finding(gi_id: str, reason: str, on: date, register: Register, picture: str) -> Finding:
    """A weak finding of its own: the same picture was first seen at an authorised user's shop; `reason` says where and when."""
    return _finding(fault_rules()[COPIED], gi_id, reason, THE_PICTURE, _COPIED_CONFIDENCE, register, on, picture)


def _finding(
    rule: FaultRule, gi_id: str, reason: str, shown: str, confidence: float, register: Register, on: date, picture: str
) -> Finding:
    gi = register.find_gi(gi_id)
    articles = [(a, known) for key in rule.law if (a := register.article(key, on)) and (known := a.protects(gi, on))]
    return Finding(
        model_id=rule.model_id,
        model_version=_VERSION,
        family=FAMILY,
        gi_id=gi_id,
        gi_name=name_of(gi_id, register),
        place=Place(field=Field.IMAGE_TEXT, start=0, end=len(shown), text=shown, key=picture_key(picture)),
        reason=reason,
        clears=rule.clears,
        severity=rule.severity,
        confidence=round(confidence, 3),
        law=tuple(
            Citation(
                key=a.key,
                instrument=a.instrument,
                article=a.article,
                text=a.text,
                url=a.url,
                unverified=Certainty.UNVERIFIED in (a.certainty, known),
            )
            for a, known in articles
        ),
    )


def picture_key(digest: str) -> str:
    """How a finding's place names the picture with this SHA-256."""
    return digest[:12]


def name_of(gi_id: str, register: Register) -> str:
    """The name of a GI or of a sign."""
    sign = next((s for s in register.signs if s.id == gi_id), None)
    if sign is not None:
        return sign.name
    return next((gi.name for gi in register.gis if gi.id == gi_id), gi_id)


def is_own_use(faults: tuple[Fault, ...]) -> bool:
    """True where the picture shows the code of a user who may use the mark: what then is missing is guidance."""
    wrong = {
        *(FaultKind.USCC_ABSENT, FaultKind.USCC_INVALID, FaultKind.USCC_UNKNOWN, FaultKind.USCC_OTHER_GI),
        *(FaultKind.EXPIRED, FaultKind.ABOLISHED, FaultKind.PROOF),
    }
    return bool(faults) and all(f.mark is Mark.GI_2019 and f.kind not in wrong for f in faults)
