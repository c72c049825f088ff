"""The facts of a GI or a sign, each with its place in the file: what can be verified one by one, and how much is left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from gimonitor.model.register import GI, Article, AuthorisedUser, Certainty, Fact, Register, Sign


def with_facts(register: Register) -> tuple[GI | Sign, ...]:
    """Everything in a register that consists of facts."""
    return (*register.gis, *register.signs)


def facts_of(item: GI | Sign) -> Iterator[tuple[str, Fact[object]]]:
    """Every fact of a GI or a sign with its dotted place in the file (`protections.0.kind`)."""
    return _facts_of_gi(item) if isinstance(item, GI) else _facts_of_sign(item)


def _facts_of_sign(sign: Sign) -> Iterator[tuple[str, Fact[object]]]:
    yield from _single(sign, "", "looks", "starts", "ends")
    yield from _listed(sign, "", "numbers", "holders", "duties", "look_alikes")


def _facts_of_gi(gi: GI) -> Iterator[tuple[str, Fact[object]]]:
    for i, protection in enumerate(gi.protections):
        yield from _single(protection, f"protections.{i}.", "kind", "starts", "ends", "converted_from", "holder")
        yield from _listed(protection, f"protections.{i}.", "numbers")
    yield from _listed(
        gi, "", "aliases", "translations", "near", "twins", "company_words", "brands", "conflicting_standards"
    )
    yield from _single(gi, "", "category", "product_group", "goods", "tier", "eu_list", "eu_name")
    if gi.area:
        yield from _single(gi.area, "area.", "adcodes", "townships")
    for i, standard in enumerate(gi.standards):
        yield from _single(standard, f"standards.{i}.", "code", "starts", "ends")
    if gi.season:
        yield from _single(gi.season, "season.", "opens", "closes", "harvest")
        for i, (_, day) in enumerate(gi.season.opening_dates):
            yield f"season.opening_dates.{i}.date", day
    for i, (_, floor) in enumerate(gi.price_floors_fen):
        yield f"price_floors.{i}.fen_per_500g", floor
    for i, (_, output) in enumerate(gi.output_tonnes):
        yield f"outputs.{i}.tonnes", output


def _single(owner: object, prefix: str, *names: str) -> Iterator[tuple[str, Fact[object]]]:
    for name in names:
        if (fact := getattr(owner, name)) is not None:
            yield f"{prefix}{name}", fact


def _listed(owner: object, prefix: str, *names: str) -> Iterator[tuple[str, Fact[object]]]:
    for name in names:
        for i, fact in enumerate(getattr(owner, name)):
            yield f"{prefix}{name}.{i}", fact


def count_facts(register: Register) -> Counter[Certainty]:
    """How many facts of all GIs, users, signs and articles are found, unverified or practice."""
    counts = Counter(fact.certainty for item in with_facts(register) for _, fact in facts_of(item))
    rest: tuple[GI | AuthorisedUser | Sign | Article, ...]
    rest = (*register.gis, *register.users, *register.signs, *register.articles)
    counts.update(item.certainty for item in rest)
    return counts


def unverified_facts(register: Register) -> Iterator[tuple[str, str, str, str]]:
    """What is left to verify: file:line, name, place in the file, value."""
    for owner in with_facts(register):
        for place, fact in facts_of(owner):
            if fact.certainty is Certainty.UNVERIFIED:
                value = "、".join(fact.value) if isinstance(fact.value, tuple) else str(fact.value)
                yield owner.path, owner.name, place, value
    rest: tuple[Sign | AuthorisedUser, ...] = (*register.signs, *register.users)
    for item in rest:
        if item.certainty is Certainty.UNVERIFIED:
            yield item.path, item.name, "certainty", item.name
    for article in register.articles:
        if article.certainty is Certainty.UNVERIFIED:
            yield article.path, article.key, "certainty", article.article
