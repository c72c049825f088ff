"""What to ask a source, made from the register: each protected name, then its other names, then its known evasions. A change
of the rules below is a new version, and each run records which version and depth it was asked by."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from gimonitor.model.register import GI, Register

VERSION = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedQuery:
    """One query. `depth` 1: the name; 2: aliases and translations; 3: near names and the place with its goods.

    Abroad 1: translations; 2: the name in simplified and in traditional characters.
    """

    text: str
    gi_id: str
    depth: int


def plan_queries(register: Register, *, depth: int = 1, latin: bool = False) -> tuple[PlannedQuery, ...]:
    """Queries up to `depth`, most watched names first, each text once. Pure: the same register gives the same plan.

    `latin` is for a marketplace abroad: translations count as depth 1; the name as written here and in traditional
    characters, as sellers of Hong Kong and Taiwan write it, are depth 2.
    """
    gis = sorted((gi for gi in register.gis if gi.is_gi), key=lambda gi: (gi.watch_tier, gi.id))
    planned: dict[str, PlannedQuery] = {}
    for level in range(1, depth + 1):
        for gi in gis:
            for text in _texts(gi, level, latin):
                if len(text) >= 2:
                    planned.setdefault(text, PlannedQuery(text=text, gi_id=gi.id, depth=level))
    return tuple(planned.values())


def plan_record(register: Register, depth: int, queries: Iterable[str]) -> dict[str, object]:
    """What a run keeps of its plan: version and depth of the plan, digest of the register, number and digest of the queries."""
    texts = list(queries)
    digest = hashlib.sha256("\n".join(texts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return {"version": VERSION, "depth": depth, "register": register.digest, "queries": len(texts), "digest": digest}


def traditional(name: str) -> str:
    """The name in the characters of Taiwan, of which Hong Kong's differ in few: 西湖龍井, 郫縣豆瓣."""
    converted: str = _converter().convert(name)
    return converted


@cache
def _converter() -> Any:
    import opencc

    return opencc.OpenCC("s2tw")


def _texts(gi: GI, level: int, latin: bool) -> Iterator[str]:
    translations = [fact.value for fact in gi.translations]
    if latin:
        yield from (translations if level == 1 else (gi.name, traditional(gi.name)) if level == 2 else ())
        return
    if level == 1:
        yield gi.name
    elif level == 2:
        yield from (fact.value for fact in gi.aliases)
        yield from translations
    elif level == 3:
        yield from (fact.value for fact in gi.near)
        if gi.core:
            yield from (f"{gi.core} {word}" for word in gi.product_words)
