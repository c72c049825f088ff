"""The score of a suspicion: severity × confidence × reach × history, each term with what went into it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

from gimonitor.model.finding import Finding, History, Score, ScoreTerm
from gimonitor.model.listing import Listing


def score_of(findings: Sequence[Finding], listing: Listing, history: History) -> Score:
    """0 … 100. Reach and history only move a suspicion up within its band: a silent listing keeps more than half."""
    terms = (_severity(findings), _confidence(findings), _reach(listing), _history(history))
    return Score(total=round(100 * math.prod(t.value for t in terms), 1), terms=terms)


def _severity(findings: Sequence[Finding]) -> ScoreTerm:
    top = max(findings, key=lambda f: (f.severity, f.model_id))
    return ScoreTerm(name="severity", value=top.severity, inputs=f"最重的疑点：{top.model_id}（{top.severity:g}）")


def _confidence(findings: Sequence[Finding]) -> ScoreTerm:
    """Independent reasons add up: one minus the product of the doubts, the surest of each family."""
    surest: dict[str, Finding] = {}
    for found in findings:
        known = surest.get(found.family)
        if known is None or found.confidence > known.confidence:
            surest[found.family] = found
    doubt = math.prod(1 - f.confidence for f in surest.values())
    parts = "、".join(f"{f.model_id} {f.confidence:g}" for f in surest.values())
    return ScoreTerm(name="confidence", value=round(min(1 - doubt, 0.99), 3), inputs=parts)


def _reach(listing: Listing) -> ScoreTerm:
    """0.6 … 1 by shown sales, sales amount and rank; 0.6 where nothing is known."""
    value, inputs = 0.6, []
    if listing.sales:
        value += 0.2 * min(math.log10(listing.sales + 1) / 5, 1)
        inputs.append(f"销量{listing.sales}")
        if listing.price_fen:
            amount = listing.sales * listing.price_fen // 100
            value += 0.1 * min(math.log10(amount + 1) / 7, 1)
            inputs.append(f"金额约{amount}元")
    if listing.rank is not None and listing.rank >= 0:
        value += 0.1 / (1 + listing.rank / 10)
        inputs.append(f"搜索第{listing.rank}位")
    return ScoreTerm(name="reach", value=round(min(value, 1.0), 3), inputs="、".join(inputs) or "销量、排名未知")


@lru_cache(maxsize=1024)
def _history(history: History) -> ScoreTerm:
    value = 0.8 + 0.1 * min(history.confirmed, 1) + 0.05 * min(history.removals, 1) + 0.05 * min(history.penalties, 1)
    inputs = f"确认{history.confirmed}、下架重上{history.removals}、处罚{history.penalties}"
    return ScoreTerm(name="history", value=round(value, 3), inputs=inputs)
