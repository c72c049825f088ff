"""One module for each family of models, and the table by which a model names its family.

A family looks at one case with one model's parameters and yields findings; it decides nothing about other families.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

from gimonitor.model.finding import Finding
from gimonitor.model.listing import Field
from gimonitor.model.register import Model
from gimonitor.screening.case import Case
from gimonitor.screening.explain import Law, Rule, rule_of
from gimonitor.screening.families import (
    claims,
    codes,
    contradiction,
    duties,
    fields,
    names,
    near,
    packaging,
    prices,
    repeat,
    seasons,
    standards,
    style,
    supply,
)
from gimonitor.screening.mentions import How

Family = Callable[[Case, Rule, Law], Iterator[Finding]]

FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        "name-outside": names.outside,
        "name-unknown": names.unknown,
        "near-name": near.near_name,
        "style": style.style_words,
        "translation": names.translated,
        "mark-claim": claims.mark_claim,
        "abolished-claim": claims.abolished_claim,
        "agi-claim": claims.agi_claim,
        "mark-duty": duties.missing_duty,
        "uscc": codes.credit_code,
        "sc-region": codes.licence_region,
        "standard": standards.conflicting_standard,
        "packaging": packaging.packaging_sale,
        "shop-name": fields.shop_name,
        "keywords": fields.keywords_only,
        "season": seasons.out_of_season,
        "price": prices.below_floor,
        "volume": prices.beyond_output,
        "contradiction": contradiction.within_listing,
        "supply": supply.drop_ship,
        "repeat": repeat.repeated,
    }
)
"""Families by the name a model gives. A model of another family is a defect of the rules."""

NEEDS: Mapping[str, str] = MappingProxyType(
    {
        "name-outside": "outside",
        "name-unknown": "unknown",
        "mark-claim": "claims",
        "abolished-claim": "claims",
        "agi-claim": "claims",
        "mark-duty": "claims",
        "uscc": "claims",
        "sc-region": "licence",
        "standard": "standards",
        "packaging": "packaging",
        "keywords": "keywords",
        "shop-name": "shop",
        "translation": "translation",
        "season": "season",
        "price": "price",
        "volume": "output",
        "supply": "supply",
        "repeat": "history",
        "contradiction": "two-origins",
    }
)
"""What a case must have (`case.traits_of`) for a family to be asked at all; asking costs more than looking here."""

_KINDS: Mapping[str, frozenset[How]] = MappingProxyType(
    {"name-outside": names.PLAIN, "name-unknown": names.PLAIN, "translation": frozenset({How.TRANSLATION})}
)
"""Forms of a name that a family looks at, where its models do not say them."""

_NAMING = frozenset({"name-outside", "name-unknown", "near-name", "translation"})
_NAMING_IN: Mapping[Field, frozenset[str]] = MappingProxyType(
    {Field.KEYWORDS: frozenset({"keywords"}), Field.SHOP: frozenset({"shop-name"})}
)

DEPENDENT = frozenset({"price", "volume", "supply", "repeat", "season", "contradiction", "sc-region"})
"""Families that only strengthen: they speak where another family has spoken, or where the goods come from the area."""

MIRRORED = frozenset(
    {
        "name-outside",
        "mark-duty",
        "standard",
        "season",
        "sc-region",
        "contradiction",
        "uscc",
        "abolished-claim",
        "style",
    }
)
"""Families that give an authorised user a reminder instead of a lead."""


def ready(model: Model) -> Rule:
    """A model as a rule of its family, which is known."""
    return rule_of(model, FAMILIES[model.family], NEEDS.get(model.family, ""), _KINDS.get(model.family, frozenset()))


def ask_about_name(rules: Sequence[Rule], case: Case) -> bool:
    """True where one of the rules asks about the use of the name in a form and a place in which the listing has it."""
    return any(
        rule.model.family in _NAMING_IN.get(m.segment.field, _NAMING) and (not rule.kinds or m.how in rule.kinds)
        for m in case.mentions
        for rule in rules
    )
