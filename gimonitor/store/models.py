"""Versions of models as they were written and released, and the back-tests that a release refers to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, insert, select, update

from gimonitor.errors import ConflictError, NotFoundError
from gimonitor.model.lead import Resolution
from gimonitor.store.columns import clean_text
from gimonitor.store.tables import backtests, leads, model_versions
from gimonitor.store.upsert import among


class VersionState(StrEnum):
    """A draft is worked on; released ones are kept for good, also those rolled back, which never come into force again; a
    withdrawn draft was given up."""

    DRAFT = "draft"
    RELEASED = "released"
    ROLLED_BACK = "rolled_back"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelVersion:
    """A model's rule file at one time. `version` is 0 for a draft; `digest` is of what it does."""

    id: int
    model_id: str
    version: int
    state: VersionState
    digest: str
    text: str
    author: str
    created_at: datetime
    reader: str
    released_at: datetime | None
    backtest_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredBacktest:
    """A back-test: of what, against which register, by whom, how far it came. `report` is the counts so far."""

    id: int
    candidate: str
    digest: str
    current_digest: str
    who: str
    started_at: datetime
    ended_at: datetime | None
    last_listing: int
    total: int
    report: dict[str, Any]


def add_draft(c: Connection, model_id: str, text: str, digest: str, author: str, now: datetime) -> int:
    """Keep a draft; an open one of the same model and author is replaced. Returns its id."""
    m = model_versions.c
    own = (m.model_id == model_id) & (m.state == VersionState.DRAFT) & (m.author == author)
    c.execute(update(model_versions).where(own).values(state=VersionState.WITHDRAWN))
    return _add(c, model_id, 0, VersionState.DRAFT, digest, text, author, now, "", None)


def archive_version(
    c: Connection, model_id: str, version: int, text: str, digest: str, author: str, reader: str, now: datetime
) -> None:
    """Keep a version that is in force and was not released here, unless it is kept already."""
    m = model_versions.c
    same = (
        (m.model_id == model_id)
        & (m.version == version)
        & m.state.in_((VersionState.RELEASED, VersionState.ROLLED_BACK))
    )
    if c.execute(select(m.id).where(same)).first() is None:
        _add(c, model_id, version, VersionState.RELEASED, digest, text, author, now, reader, None)


def _add(
    c: Connection, model_id: str, version: int, state: VersionState, digest: str, text: str, author: str,
    now: datetime, reader: str, released_at: datetime | None,
) -> int:  # fmt: skip
    row = {
        "model_id": model_id,
        "version": version,
        "state": state.value,
        "digest": digest,
        "text": clean_text(text),
        "author": clean_text(author),
        "created_at": now,
        "reader": clean_text(reader),
        "released_at": released_at,
        "backtest_id": None,
    }
    made: int = c.execute(insert(model_versions).values(row).returning(model_versions.c.id)).scalar_one()
    return made


def mark_released(
    c: Connection, draft_id: int, *, version: int, text: str, reader: str, backtest_id: int | None, now: datetime
) -> None:
    """Make a draft a released version. Raises ConflictError when it is no draft any more."""
    m = model_versions.c
    values = {
        "version": version,
        "state": VersionState.RELEASED.value,
        "text": text,
        "reader": clean_text(reader),
        "released_at": now,
        "backtest_id": backtest_id,
    }
    changed = c.execute(
        update(model_versions).where(m.id == draft_id, m.state == VersionState.DRAFT).values(values)
    ).rowcount
    if changed != 1:
        raise ConflictError(f"draft {draft_id} is no draft any more")


def mark_rolled_back(c: Connection, model_id: str, from_version: int) -> None:
    """Note that released versions with this number or a higher one were rolled back."""
    m = model_versions.c
    later = (m.model_id == model_id) & (m.version >= from_version) & (m.state == VersionState.RELEASED)
    c.execute(update(model_versions).where(later).values(state=VersionState.ROLLED_BACK))


def withdraw_draft(c: Connection, draft_id: int) -> None:
    """Give a draft up. Raises ConflictError when it is no draft any more."""
    m = model_versions.c
    own = (m.id == draft_id) & (m.state == VersionState.DRAFT)
    if c.execute(update(model_versions).where(own).values(state=VersionState.WITHDRAWN)).rowcount != 1:
        raise ConflictError(f"draft {draft_id} is no draft any more")


def load_model_version(c: Connection, version_id: int, *, lock: bool = False) -> ModelVersion:
    """One version by its row's id. Raises NotFoundError."""
    query = select(model_versions).where(model_versions.c.id == version_id)
    row = c.execute(query.with_for_update() if lock else query).mappings().first()
    if row is None:
        raise NotFoundError(f"no draft or version {version_id} of a model is stored")
    return _version(row)


def model_versions_of(
    c: Connection, model_id: str | None = None, state: VersionState | None = None
) -> tuple[ModelVersion, ...]:
    """Versions, the newest first: of one model, in one state, where given."""
    query = select(model_versions).order_by(model_versions.c.id.desc())
    if model_id is not None:
        query = query.where(model_versions.c.model_id == model_id)
    if state is not None:
        query = query.where(model_versions.c.state == state)
    return tuple(_version(row) for row in c.execute(query).mappings())


def _version(row: Any) -> ModelVersion:
    values = {name: row[name] for name in ModelVersion.__slots__ if name != "state"}
    return ModelVersion(**values, state=VersionState(row["state"]))


# --- back-tests -------------------------------------------------------------------------------------------------------


def start_backtest(
    c: Connection, *, candidate: str, digest: str, current_digest: str, who: str, total: int, now: datetime
) -> int:
    """Record a back-test and return its id."""
    row = {
        "candidate": clean_text(candidate),
        "digest": digest,
        "current_digest": current_digest,
        "who": clean_text(who),
        "started_at": now,
        "ended_at": None,
        "last_listing": 0,
        "total": total,
        "report": {},
    }
    made: int = c.execute(insert(backtests).values(row).returning(backtests.c.id)).scalar_one()
    return made


def save_progress(
    c: Connection, backtest_id: int, last_listing: int, report: dict[str, Any], ended_at: datetime | None = None
) -> None:
    """Note how far a back-test came."""
    values = {"last_listing": last_listing, "report": report, "ended_at": ended_at}
    c.execute(update(backtests).where(backtests.c.id == backtest_id).values(values))


def load_backtest(c: Connection, backtest_id: int) -> StoredBacktest:
    """The back-test with this id. Raises NotFoundError."""
    row = c.execute(select(backtests).where(backtests.c.id == backtest_id)).mappings().first()
    if row is None:
        raise NotFoundError(f"no back-test {backtest_id} is stored")
    return StoredBacktest(**row)


def backtests_of(c: Connection, digest: str) -> tuple[StoredBacktest, ...]:
    """Back-tests of exactly this digest, the newest first."""
    query = select(backtests).where(backtests.c.digest == digest).order_by(backtests.c.id.desc())
    return tuple(StoredBacktest(**row) for row in c.execute(query).mappings())


def resolutions_of(c: Connection, listing_ids: list[int]) -> dict[int, dict[str, Resolution]]:
    """What officers decided about the leads of some listings: listing id to GI id to resolution."""
    k = leads.c
    query = select(k.listing_id, k.gi_id, k.resolution).where(
        among(c, k.listing_id, listing_ids), k.resolution.is_not(None)
    )
    found: dict[int, dict[str, Resolution]] = {}
    for row in c.execute(query):
        found.setdefault(row.listing_id, {})[row.gi_id] = row.resolution
    return found
