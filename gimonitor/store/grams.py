"""The index from what a name is made of to the listings that hold it, for re-screening. See `gimonitor.screening.lookup`.

It is brought up to date after listings were stored, in its own time: a listing is behind while `indexed` is not its
version. On SQLite a text that was replaced stays findable until the index is made anew: that costs a candidate, no miss.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, column, func, select, text

from gimonitor.model.listing import Listing
from gimonitor.screening.lookup import Grams, Lookup, Pattern
from gimonitor.store.codec import decode
from gimonitor.store.tables import listing_versions, listings
from gimonitor.store.upsert import among, chunks, update_rows

_VERSION_BITS = 20
_PATTERNS = 100  # in one query


@dataclass(frozen=True, slots=True, kw_only=True)
class Unindexed:
    """A listing whose newest version the index does not hold yet. `known` is a hash of what it holds instead."""

    id: int
    version: int
    known: int | None
    listing: Listing


def count_unindexed(c: Connection) -> int:
    """How many listings the index is behind with."""
    query = select(func.count()).select_from(listings).where(listings.c.indexed != listings.c.version)
    return int(c.execute(query).scalar_one())


def load_unindexed(c: Connection, after: int = 0, limit: int = 500) -> list[Unindexed]:
    """The next listings, by id, that the index is behind with."""
    i, v = listings.c, listing_versions.c
    joined = listings.join(listing_versions, (v.listing_id == i.id) & (v.number == i.version))
    query = select(i.id, i.version, i.indexed_text, v.content).select_from(joined)
    rows = c.execute(query.where(i.indexed != i.version, i.id > after).order_by(i.id).limit(limit))
    return [
        Unindexed(id=r.id, version=r.version, known=r.indexed_text, listing=decode(Listing, r.content)) for r in rows
    ]


def save_grams(c: Connection, indexed: Sequence[tuple[Unindexed, Grams]]) -> None:
    """Note what listings hold. One that has changed since it was read is left behind, for the next time."""
    now = _versions(c, [one.id for one, _ in indexed])
    current = [(one, grams, _hash(grams)) for one, grams in indexed if now.get(one.id) == one.version]
    changed = [(one, grams) for one, grams, digest in current if digest != one.known]
    if changed and c.dialect.name == "sqlite":
        rows = [(_rowid(one.id, one.version), _tokens(grams)) for one, grams in changed]
        c.exec_driver_sql("INSERT INTO listing_grams (rowid, body) VALUES (?, ?)", rows)
    elif changed:
        c.exec_driver_sql(
            "INSERT INTO listing_grams (listing_id, grams) VALUES (%s, %s) "
            "ON CONFLICT (listing_id) DO UPDATE SET grams = excluded.grams",
            [(one.id, grams.view("int32").tolist()) for one, grams in changed],
        )
    update_rows(c, listings, [{"id": o.id, "indexed": o.version, "indexed_text": d} for o, _, d in current])


def _versions(c: Connection, ids: Sequence[int]) -> dict[int, int]:
    query = select(listings.c.id, listings.c.version).where(among(c, listings.c.id, ids)).order_by(listings.c.id)
    return {row.id: row.version for row in c.execute(query.with_for_update())}


def _hash(grams: Grams) -> int:
    """63 bits, which every engine keeps as an integer."""
    return int.from_bytes(hashlib.blake2b(grams.tobytes(), digest_size=8).digest()) >> 1


def _rowid(listing_id: int, version: int) -> int:
    return listing_id << _VERSION_BITS | version % (1 << _VERSION_BITS)


def _tokens(grams: Grams) -> str:
    return grams.astype(">u4").tobytes().hex(" ", 4)


def find_candidates(c: Connection, lookup: Lookup, after: int, upto: int) -> set[int]:
    """Ids in (after, upto] of listings that may hold a pattern. Only for a `lookup` that can be asked for.

    What the index is behind with is not found: bring it up to date first.
    """
    assert not lookup.everything
    found: set[int] = set()
    patterns = sorted(lookup.patterns, key=lambda pattern: sorted(map(min, pattern)))
    ask = _ask_sqlite if c.dialect.name == "sqlite" else _ask_postgresql
    for some in chunks(patterns, _PATTERNS):
        found.update(ask(c, some, after, upto))
    return found


def _ask_sqlite(c: Connection, patterns: Sequence[Pattern], after: int, upto: int) -> Iterable[int]:
    wanted = " OR ".join(f"({' AND '.join(map(_any_token, pattern))})" for pattern in patterns)
    query = text("SELECT rowid FROM listing_grams WHERE listing_grams MATCH :wanted AND rowid BETWEEN :low AND :high")
    bounds = {"low": _rowid(after + 1, 0), "high": _rowid(upto + 1, 0) - 1}
    return (row.rowid >> _VERSION_BITS for row in c.execute(query, {"wanted": wanted} | bounds))


def _any_token(grams: frozenset[int]) -> str:
    tokens = [f'"{gram:08x}"' for gram in sorted(grams)]
    return tokens[0] if len(tokens) == 1 else f"({' OR '.join(tokens)})"


def _ask_postgresql(c: Connection, patterns: Sequence[Pattern], after: int, upto: int) -> Iterable[int]:
    wanted = " OR ".join(_holds(pattern) for pattern in patterns)
    query: Select[Any] = (
        select(column("listing_id"))
        .select_from(text("listing_grams"))
        .where(column("listing_id") > after, column("listing_id") <= upto, text(f"({wanted})"))
    )
    return c.execute(query).scalars()


def _holds(pattern: Pattern) -> str:
    single = [gram for grams in pattern if len(grams) == 1 for gram in grams]
    parts = [f"grams @> {_array(single)}"] if single else []
    parts += [f"grams && {_array(sorted(grams))}" for grams in pattern if len(grams) > 1]
    return f"({' AND '.join(parts)})"


def _array(grams: Sequence[int]) -> str:
    signed = (gram - (1 << 32) if gram >> 31 else gram for gram in grams)
    return f"ARRAY[{','.join(map(str, signed))}]::integer[]"
