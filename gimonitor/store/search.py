"""Chinese full text over listings: an index of character pairs, with the same answers on SQLite and PostgreSQL.

Neither engine's own word breaking is used: the pairs are made here and handed over as finished tokens.
"""

from __future__ import annotations

import re

import numpy as np
from sqlalchemy import ColumnElement, Connection, column, literal, literal_column, select, table, text

from gimonitor.text.normalise import BREAK, fold

TEXT_LIMIT = 2_000
"""Characters of a listing that are indexed; beyond it only the listing itself holds them."""

_OTHERS = re.compile(f"[^\\w{BREAK}]|_")  # what is neither letter nor digit

listing_search = table("listing_search", column("listing_id"), column("body"))


def search_forms(texts: list[str]) -> list[str]:
    """What is compared: folded as for matching (width, case, traditional characters), letters and digits only.

    All texts are folded in one go, since folding costs a fixed amount a call.
    """
    parted = BREAK.join(text.replace(BREAK, " ") for text in texts)
    return _OTHERS.sub("", fold(parted).text).split(BREAK)


def bodies(forms: list[str]) -> list[str]:
    """Of each form the pairs of neighbouring characters, and the last one alone so that a single one is found by prefix.

    All forms at once, as an array of code points: two characters and a space for each that has a neighbour.
    """
    points = np.frombuffer(BREAK.join(forms).encode("utf-32-le"), dtype=np.uint32)
    if not points.size:
        return forms
    spread = np.full((points.size, 3), ord(" "), dtype=np.uint32)
    spread[:, 0], spread[:-1, 1] = points, points[1:]
    ends = points == ord(BREAK)
    kept = np.ones(spread.shape, dtype=bool)
    kept[:-1, 1:] = ~(ends[:-1] | ends[1:])[:, None]
    kept[-1, 1:] = False
    return spread[kept].tobytes().decode("utf-32-le").split(BREAK)


def index_texts(c: Connection, texts: list[tuple[int, str]], *, fresh: bool = False) -> None:
    """Index (listing id, text) pairs, replacing what stood there; `fresh` when nothing stood there."""
    if not texts:
        return
    ids = [listing_id for listing_id, _ in texts]
    paired = bodies(search_forms([raw[:TEXT_LIMIT] for _, raw in texts]))
    if c.dialect.name == "sqlite":
        if not fresh:
            c.exec_driver_sql("DELETE FROM listing_search WHERE rowid = ?", [(i,) for i in ids])
        rows = list(zip(ids, paired, strict=True))
        c.exec_driver_sql("INSERT INTO listing_search (rowid, body) VALUES (?, ?)", rows)
        return
    c.exec_driver_sql(
        "INSERT INTO listing_search (listing_id, body) VALUES (%s, %s::tsvector) "
        "ON CONFLICT (listing_id) DO UPDATE SET body = excluded.body",
        [(i, _vector(body)) for i, body in zip(ids, paired, strict=True)],
    )


def _vector(body: str) -> str:
    """The text form of a tsvector. Tokens are letters and digits only, so quoting them is enough."""
    return " ".join(f"'{token}':{place}" for place, token in enumerate(body.split(), start=1))


def matching(c: Connection, listing_id: ColumnElement[int], wanted: str) -> ColumnElement[bool]:
    """A condition: the listing holds `wanted` as a run of characters. Words apart by spaces must each be there."""
    words = [form for form in search_forms(wanted[:200].split() or [""]) if form]
    if not words:
        return literal(False)
    if c.dialect.name == "sqlite":
        query = " AND ".join(_fts5_phrase(word) for word in words)
        rowid: ColumnElement[int] = literal_column("rowid")
        found = select(rowid).select_from(text("listing_search"))
        return listing_id.in_(found.where(text("listing_search MATCH :wanted").bindparams(wanted=query)))
    query = " & ".join(_tsquery_phrase(word) for word in words)
    return listing_id.in_(
        select(listing_search.c.listing_id).where(
            listing_search.c.body.op("@@")(text("CAST(:wanted AS tsquery)").bindparams(wanted=query))
        )
    )


def _fts5_phrase(form: str) -> str:
    if len(form) == 1:
        return f'"{form}"*'
    return '"' + " ".join(form[i : i + 2] for i in range(len(form) - 1)) + '"'


def _tsquery_phrase(form: str) -> str:
    if len(form) == 1:
        return f"'{form}':*"
    return "(" + " <-> ".join(f"'{form[i : i + 2]}'" for i in range(len(form) - 1)) + ")"
