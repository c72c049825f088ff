"""The score of a suspicion: severity × confidence × reach × history, each term with what went into it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

from gimonitor.model.finding import Finding, History, Score, ScoreTerm
from gimonitor.model.listing import Listing

_Seen = tuple[tuple[str, str, float, float], ...]
"""Model, family, severity and confidence of some findings."""

_NAMING = frozenset({"name-outside", "name-unknown", "near-name", "style", "translation"})
"""Families that look at how goods are called: several of them tell the same use of a name."""


def score_of(findings: Sequence[Finding], listing: Listing, history: History) -> Score:
    """0 … 100. Reach and history only move a suspicion up within its band: a silent listing keeps more than half."""
    seen = tuple([(f.model_id, f.family, f.severity, f.confidence) for f in findings])
    terms = (*_weight(seen), _reach(listing), _history(history))
    return Score(total=round(100 * math.prod([t.value for t in terms]), 1), terms=terms)


@lru_cache(maxsize=4096)
def _weight(seen: _Seen) -> tuple[ScoreTerm, ScoreTerm]:
    return _severity(seen), _confidence(seen)


def _severity(seen: _Seen) -> ScoreTerm:
    model_id, _, severity, _ = max(seen, key=lambda f: (f[2], f[0]))
    return ScoreTerm(name="severity", value=severity, inputs=f"最重的疑点：{model_id}（{severity:g}）")


def _confidence(seen: _Seen) -> ScoreTerm:
    """Independent reasons add up: one minus the product of the doubts, the surest of each family, and of those about the name."""
    surest: dict[str, tuple[str, float]] = {}
    for model_id, family, _, confidence in seen:
        about = "name" if family in _NAMING else family
        known = surest.get(about)
        if known is None or confidence > known[1]:
            surest[about] = (model_id, confidence)
    doubt = math.prod(1 - confidence for _, confidence in surest.values())
    parts = "、".join(f"{model_id} {confidence:g}" for model_id, confidence in surest.values())
    return ScoreTerm(name="confidence", value=round(min(1 - doubt, 0.99), 3), inputs=parts)


def _reach(listing: Listing) -> ScoreTerm:
    """0.6 … 1 by shown sales, sales amount and rank; 0.6 where nothing is known."""
    value, inputs = 0.6, []
    if listing.sales is not None:
        value += 0.2 * min(math.log10(listing.sales + 1) / 5, 1)
        inputs.append(f"销量{listing.sales}")
        if listing.sales and listing.price_fen:
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
