"""What came of each GI in a listing, and what that comes to for the listing: stage, suspicions, clearings of the listing as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from gimonitor.model.finding import Clearing, Finding, History, Origin, Stage, Suspicion
from gimonitor.model.listing import Listing
from gimonitor.model.register import GI, Certainty, text_of
from gimonitor.screening.case import Case
from gimonitor.screening.goods import Likeness
from gimonitor.screening.mentions import How
from gimonitor.screening.score import score_of
from gimonitor.screening.users import UserMatch

OWN_SHOP, RESALE = "N20", "N07"
"""Codes of the clearings that speak for an authorised user."""

_BY_PLACE = frozenset({How.INSERTED, How.SUFFIXED, How.INVERTED, How.APART, How.PLACE})
_ORDER = (Stage.NO_NAME, Stage.NOT_GOODS, Stage.CLEARED, Stage.FLAGGED)


class Verdict(NamedTuple):  # made for every GI named: a tuple is built in a third of the time
    """What came of one GI: findings, what cleared, reminders, and how far it came."""

    gi: GI
    stage: Stage
    findings: tuple[Finding, ...] = ()
    clearings: tuple[Clearing, ...] = ()
    reminders: tuple[Finding, ...] = ()
    origin: Origin = Origin.UNKNOWN


def stage_of(verdicts: Iterable[Verdict]) -> Stage:
    """How far a listing came: as far as the GI that came farthest."""
    stages = [v.stage for v in verdicts]
    return max(stages, key=_ORDER.index) if len(stages) > 1 else stages[0] if stages else Stage.NO_NAME


def suspicions_of(verdicts: Iterable[Verdict], listing: Listing, history: History) -> tuple[Suspicion, ...]:
    """What was found over each GI with its score, the highest first."""
    found = [
        Suspicion(gi_id=v.gi.id, gi_name=v.gi.name, findings=v.findings, score=score_of(v.findings, listing, history))
        for v in verdicts
        if v.findings
    ]
    return tuple(sorted(found, key=lambda s: (-s.score.total, s.gi_id)))


def without_raw_materials(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """新会小青柑 普洱茶 from 新会: goods of one GI's own place that name other goods as what they are made of."""
    home = next((v.gi for v in verdicts if v.origin is Origin.INSIDE and v.gi.goods), None)
    if home is None:
        return list(verdicts)
    kept = []
    for verdict in verdicts:
        other = text_of(verdict.gi.goods) not in ("", text_of(home.goods))
        if other and verdict.findings and verdict.origin is Origin.OUTSIDE:
            reason = f"商品产自“{home.name}”的保护范围，“{verdict.gi.name}”可能只是其中的原料"
            clearing = Clearing(code="N02", reason=reason, decisive=True, gi_id=verdict.gi.id)
            verdict = Verdict(verdict.gi, Stage.CLEARED, clearings=(*verdict.clearings, clearing))
        kept.append(verdict)
    return kept


def user_clearing(case: Case, user: UserMatch) -> Clearing:
    who = f"合法使用人“{user.user.name}”"
    active = "" if user.active else "（使用资格不在有效期内）"
    active += "（名单未核实）" if user.user.certainty is Certainty.UNVERIFIED else ""
    code, what = (OWN_SHOP, "本人的店铺") if user.own else (RESALE, "商品的转售")
    decisive = user.active and user.certain and (user.own or case.origin.value.value != "outside")
    return Clearing(
        code=code, reason=f"{user.by}指向{who}{active}，按{what}考虑", decisive=decisive, gi_id=case.profile.gi.id
    )


def goods_clearing(case: Case) -> Clearing:
    goods = case.goods
    return Clearing(code=goods.code, reason=goods.reason, decisive=True, place=goods.place, gi_id=case.profile.gi.id)


def silent_clearing(case: Case) -> Clearing:
    """Why no model had anything to say about a listing that names the GI, where no legitimate reading was found before."""
    mention, name = case.mentions[0], case.profile.gi.name
    place = case.sheet.place(mention.start, mention.end)
    if case.goods.likeness is not Likeness.LIKE:
        code, reason = "N16", f"没有写明所售是“{name}”保护的商品，“{place.text[:40]}”可能另有所指"
    elif mention.how in _BY_PLACE:
        code, reason = "N17", f"地名与商品名没有连成“{name}”，这类商品的地名也是字号、商标或者系列名"
    else:
        code, reason = "N03", f"“{place.text[:40]}”单独不足以说明使用“{name}”的名称"
    return Clearing(code=code, reason=reason, decisive=True, place=place, gi_id=case.profile.gi.id)


def _area_doubt(gi: GI) -> str:
    if gi.area is None:
        return "（范围未录入，按所在省市）"
    return "（范围尚未核实）" if gi.area.adcodes.certainty is Certainty.UNVERIFIED else ""


def inside_clearing(case: Case) -> Clearing:
    first = case.origin.saying(case.origin.value)[0]
    return Clearing(
        code="N06",
        reason=f"{first.label}为“{first.text[:40]}”，在保护范围内{_area_doubt(case.profile.gi)}；只核对标准和标志",
        decisive=True,
        place=first.place,
        gi_id=case.profile.gi.id,
    )
