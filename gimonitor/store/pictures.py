"""The queue of pictures, what was seen in each, and the findings that follow for a listing.

A picture is looked at once by its digest. It is leased by one owner until a time; finished or refused by that owner only.
The lease stays until what was seen has reached the leads: one that was looked at and still has it was left by its worker.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, func, or_, select, update

from gimonitor.model.finding import Clearing, Finding, Screening, Stage
from gimonitor.model.listing import Listing
from gimonitor.model.picture import PictureState
from gimonitor.screening.added import Added, with_added
from gimonitor.store.codec import decode, encode
from gimonitor.store.columns import NOTHING, clean_text
from gimonitor.store.keys import listing_key
from gimonitor.store.tables import (
    captures,
    listing_versions,
    listings,
    picture_findings,
    picture_uses,
    pictures,
    shops,
    subjects,
)
from gimonitor.store.upsert import among, insert_rows

IMAGE = "image"
"""The kind of capture that holds a listing's picture; its file lies in the evidence folder."""

ASKED = (Stage.FLAGGED, Stage.CLEARED, Stage.UNASKED)
"""Screening asks for the pictures of listings that name a GI or a mark as goods."""

ATTEMPTS = 3
COPIED_MODEL = "picture-copied"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingPicture:
    """A picture leased to be looked at."""

    digest: str
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPicture:
    """A picture that was looked at, and by whom, whose listings are not brought up to it yet."""

    digest: str
    owner: str
    leased_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenPicture:
    """A picture of a listing: what was seen in it, or why it was refused. `look` is a `Look` in its JSON form."""

    digest: str
    file: str
    url: str
    state: PictureState
    at: datetime
    problem: str = ""
    look: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """Where a picture was first seen: its file, listing, shop, the legal person behind it as far as known, time."""

    digest: str
    file: str
    listing_id: int
    platform: str
    item_id: str
    title: str
    url: str  # of the listing
    shop_id: str
    shop_name: str
    uscc: str
    at: datetime


def queue_pictures(c: Connection, now: datetime, look_version: int) -> int:
    """Queue the captured pictures that screening asks for; those seen by an older look are queued again.

    What an older look took for near-duplicates is taken back until they are looked at again. Returns how many wait now. The
    same call again changes nothing.
    """
    columns = (captures.c[name] for name in ("listing_id", "sha256", "file", "url", "at"))
    rows = c.execute(_asked(*columns, listing_versions.c.observed_at).order_by(captures.c.id)).all()
    insert_rows(c, pictures, [_fresh(row, now) for row in rows], ignore=True)
    insert_rows(c, picture_uses, [_use(row) for row in rows], ignore=True)
    again = {"state": PictureState.WAITING, "attempts": 0, "leased_until": None}
    c.execute(update(pictures).where(_older(look_version)).values(again))
    grouped = and_(pictures.c.alike.is_not(None), pictures.c.look_version < look_version)
    c.execute(update(pictures).where(grouped).values(alike=None))
    return count_pictures(c).get(PictureState.WAITING, 0)


def _asked(*columns: ColumnElement[Any]) -> Select[Any]:
    v = listing_versions.c
    shown = and_(v.listing_id == captures.c.listing_id, v.number == captures.c.listing_version)
    captured = captures.join(listings, listings.c.id == captures.c.listing_id).outerjoin(listing_versions, shown)
    wanted = (captures.c.kind == IMAGE, captures.c.offset.is_(None), listings.c.stage.in_(ASKED))
    return select(*columns).select_from(captured).where(*wanted)


def _older(look_version: int) -> ColumnElement[bool]:
    return and_(pictures.c.state == PictureState.SEEN, pictures.c.look_version < look_version)


def count_queued(c: Connection, look_version: int) -> dict[PictureState, int]:
    """How many pictures would stand in each state once `queue_pictures` is called; nothing is changed."""
    new = _asked(func.count(captures.c.sha256.distinct())).where(captures.c.sha256.not_in(select(pictures.c.digest)))
    older = select(func.count()).where(_older(look_version))
    again = c.execute(older).scalar_one()
    standing = Counter(count_pictures(c))
    standing.update({PictureState.WAITING: c.execute(new).scalar_one() + again, PictureState.SEEN: -again})
    return dict(standing)


def _use(row: Any) -> dict[str, Any]:
    """A use is as old as the page that showed the picture's address: pictures are fetched later, the newest pages' first."""
    at = min(row.at, row.observed_at) if row.observed_at else row.at
    return {"listing_id": row.listing_id, "digest": row.sha256, "url": clean_text(row.url), "at": at}


def _fresh(row: Any, now: datetime) -> dict[str, Any]:
    return {
        "digest": row.sha256,
        "file": row.file,
        "state": PictureState.WAITING,
        "attempts": 0,
        "owner": "",
        "leased_until": None,
        "look_version": 0,
        "look": NOTHING,
        "fingerprint": NOTHING,
        "problem": "",
        "queued_at": now,
        "seen_at": None,
    }


def count_pictures(c: Connection) -> dict[PictureState, int]:
    """How many pictures stand in each state."""
    return {row.state: row[1] for row in c.execute(select(pictures.c.state, func.count()).group_by(pictures.c.state))}


def lease_pictures(c: Connection, owner: str, now: datetime, seconds: int, limit: int) -> tuple[WaitingPicture, ...]:
    """Take the next pictures for a time. One whose lease ran out `ATTEMPTS` times is refused: something in it kills its worker."""
    free = or_(pictures.c.leased_until.is_(None), pictures.c.leased_until < now)
    waiting = and_(pictures.c.state == PictureState.WAITING, free)
    worn = and_(waiting, pictures.c.attempts >= ATTEMPTS)
    c.execute(update(pictures).where(worn).values(state=PictureState.REFUSED, problem="given up after three tries"))
    query = select(pictures.c.digest, pictures.c.file).where(waiting).order_by(pictures.c.queued_at, pictures.c.digest)
    rows = c.execute(query.limit(limit).with_for_update(skip_locked=True)).all()
    taken = {
        "owner": owner,
        "leased_until": now + timedelta(seconds=seconds),
        "attempts": pictures.c.attempts + 1,
    }
    c.execute(update(pictures).where(among(c, pictures.c.digest, [row.digest for row in rows])).values(taken))
    return tuple(WaitingPicture(digest=row.digest, file=row.file) for row in rows)


def count_taken(c: Connection, now: datetime) -> int:
    """How many waiting pictures somebody holds: nobody else gets them until the lease ends."""
    held = and_(pictures.c.state == PictureState.WAITING, pictures.c.leased_until >= now)
    return int(c.execute(select(func.count()).select_from(pictures).where(held)).scalar_one())


def give_back(c: Connection, owner: str, now: datetime) -> None:
    """Free what an owner holds: pictures not looked at wait again, untried; those looked at are for the next run to bring to
    their listings."""
    mine = and_(pictures.c.owner == owner, pictures.c.leased_until.is_not(None))
    waiting = and_(mine, pictures.c.state == PictureState.WAITING)
    untried = {"owner": "", "leased_until": None, "attempts": pictures.c.attempts - 1}
    c.execute(update(pictures).where(waiting).values(untried))
    c.execute(update(pictures).where(mine).values(leased_until=now - timedelta(seconds=1)))


def save_look(
    c: Connection,
    digest: str,
    owner: str,
    look: dict[str, Any],
    fingerprint: dict[str, Any],
    version: int,
    at: datetime,
) -> bool:
    """Store what was seen. False where somebody else holds the picture by now: then nothing is stored."""
    values = {"look": look, "fingerprint": fingerprint, "look_version": version, "seen_at": at, "problem": ""}
    return _finish(c, digest, owner, {"state": PictureState.SEEN, **values})


def refuse_picture(c: Connection, digest: str, owner: str, problem: str, at: datetime) -> bool:
    """Record that a picture cannot be looked at, and why."""
    return _finish(
        c, digest, owner, {"state": PictureState.REFUSED, "problem": clean_text(problem)[:500], "seen_at": at}
    )


def _finish(c: Connection, digest: str, owner: str, values: dict[str, Any]) -> bool:
    mine = and_(pictures.c.digest == digest, pictures.c.owner == owner)
    return bool(c.execute(update(pictures).where(mine).values(values)).rowcount == 1)


_OPEN = and_(pictures.c.state != PictureState.WAITING, pictures.c.leased_until.is_not(None))


def open_pictures(c: Connection) -> tuple[OpenPicture, ...]:
    """The pictures that were looked at whose listings are not brought up to them yet."""
    query = select(pictures.c.digest, pictures.c.owner, pictures.c.leased_until).where(_OPEN)
    return tuple(OpenPicture(**dict(row._mapping)) for row in c.execute(query.order_by(pictures.c.digest)))


def close_pictures(c: Connection, digests: Sequence[str]) -> None:
    """Note that the listings of some pictures are brought up to them. What waits again by now stays as it is."""
    c.execute(update(pictures).where(_OPEN, among(c, pictures.c.digest, digests)).values(leased_until=None))


def pictures_of(c: Connection, listing_id: int) -> tuple[SeenPicture, ...]:
    """The pictures of a listing that were queued, in the order they were first seen there."""
    joined = picture_uses.join(pictures, pictures.c.digest == picture_uses.c.digest)
    columns = (pictures.c.digest, pictures.c.file, pictures.c.state, pictures.c.problem, pictures.c.look)
    query = select(*columns, picture_uses.c.url, picture_uses.c.at).select_from(joined)
    rows = c.execute(
        query.where(picture_uses.c.listing_id == listing_id).order_by(picture_uses.c.at, pictures.c.digest)
    )
    return tuple(SeenPicture(**dict(row._mapping)) for row in rows)


def listings_showing(c: Connection, digests: Sequence[str]) -> tuple[int, ...]:
    """Ids of the listings that show one of some pictures."""
    query = select(picture_uses.c.listing_id).where(among(c, picture_uses.c.digest, digests)).distinct()
    return tuple(c.execute(query.order_by(picture_uses.c.listing_id)).scalars())


def newest_fingerprints(c: Connection, limit: int) -> tuple[tuple[str, dict[str, Any], str | None], ...]:
    """(digest, fingerprint, group of near-duplicates noted before) of the pictures seen last."""
    columns = (pictures.c.digest, pictures.c.fingerprint, pictures.c.alike)
    query = select(*columns).where(pictures.c.state == PictureState.SEEN)
    rows = c.execute(query.order_by(pictures.c.seen_at.desc(), pictures.c.digest).limit(limit))
    return tuple((row.digest, row.fingerprint, row.alike) for row in rows if row.fingerprint)


def save_alike(c: Connection, groups: Sequence[Sequence[str]]) -> None:
    """Note groups of near-duplicates. One that touches groups noted before takes them in under the lowest of their names."""
    for members in groups:
        mine = among(c, pictures.c.digest, members)
        known = set(c.execute(select(pictures.c.alike).where(mine, pictures.c.alike.is_not(None))).scalars())
        name = min(known or members)
        joined = or_(mine, among(c, pictures.c.alike, sorted(known)))
        c.execute(update(pictures).where(joined, pictures.c.alike.is_distinct_from(name)).values(alike=name))


def uses_of(c: Connection, digests: Sequence[str]) -> tuple[Use, ...]:
    """Every use of some pictures, oldest first."""
    joined = (
        picture_uses.join(pictures, pictures.c.digest == picture_uses.c.digest)
        .join(listings, listings.c.id == picture_uses.c.listing_id)
        .outerjoin(shops, shops.c.id == listings.c.shop_id)
        .outerjoin(subjects, subjects.c.id == shops.c.subject_id)
    )
    columns = (picture_uses.c.digest, pictures.c.file, picture_uses.c.listing_id, picture_uses.c.at)
    of_listing = (listings.c.platform, listings.c.item_id, listings.c.title, listings.c.url)
    query = select(*columns, *of_listing, shops.c.shop_id, shops.c.name, subjects.c.uscc).select_from(joined)
    rows = c.execute(
        query.where(among(c, picture_uses.c.digest, digests)).order_by(picture_uses.c.at, picture_uses.c.listing_id)
    ).all()
    return tuple(
        Use(
            digest=row.digest,
            file=row.file,
            listing_id=row.listing_id,
            platform=row.platform,
            item_id=row.item_id,
            title=row.title,
            url=row.url,
            shop_id=row.shop_id or "",
            shop_name=row.name or "",
            uscc=row.uscc or "",
            at=row.at,
        )
        for row in rows
    )


def first_use(c: Connection, digest: str) -> Use | None:
    """Where a picture, or one noted as a near-duplicate of it, was seen first."""
    group = select(pictures.c.alike).where(pictures.c.digest == digest).scalar_subquery()
    alike = or_(pictures.c.digest == digest, pictures.c.alike == group)
    uses = uses_of(c, list(c.execute(select(pictures.c.digest).where(alike)).scalars()))
    return uses[0] if uses else None


def save_added(c: Connection, listing_id: int, added: Added) -> None:
    """Keep what the pictures of a listing say, in place of what was kept."""
    c.execute(delete(picture_findings).where(picture_findings.c.listing_id == listing_id))
    every: list[tuple[bool, object]] = [(False, encode(finding)) for finding in added.found]
    every += [(True, encode(finding)) for finding in added.reminders]
    every += [(False, {_NOTE: encode(finding)}) for finding in added.notes]
    every += [(False, {_CLEARING: encode(clearing)}) for clearing in added.considered]
    rows = [
        {"listing_id": listing_id, "position": position, "reminder": reminder, "content": content}
        for position, (reminder, content) in enumerate(every)
    ]
    insert_rows(c, picture_findings, rows)


_NOTE, _CLEARING = "note", "clearing"  # a row holds one of these, else a finding


def _added(rows: Sequence[Any]) -> Added:
    """What rows in their order say together."""
    plain = [row for row in rows if not {_NOTE, _CLEARING} & row.content.keys()]
    return Added(
        found=tuple(decode(Finding, row.content) for row in plain if not row.reminder),
        reminders=tuple(decode(Finding, row.content) for row in plain if row.reminder),
        notes=tuple(decode(Finding, row.content[_NOTE]) for row in rows if _NOTE in row.content),
        considered=tuple(decode(Clearing, row.content[_CLEARING]) for row in rows if _CLEARING in row.content),
    )


def kept_copies(c: Connection, listing_id: int) -> list[Finding]:
    """What was kept against a listing because its pictures were first seen elsewhere: a finding for each picture."""
    f = picture_findings.c
    query = select(f.reminder, f.content).where(f.listing_id == listing_id).order_by(f.position)
    added = _added(c.execute(query).all())
    kept = [finding for finding in (*added.found, *added.notes) if finding.model_id == COPIED_MODEL]
    return [
        replace(finding, place=replace(finding.place, key=key)) for finding in kept for key in finding.place.key.split()
    ]


def with_pictures(c: Connection, screened: Sequence[tuple[Listing, Screening]]) -> list[Screening]:
    """Each screening with what the store knows from the listing's pictures. At most 500 at a time."""
    keys = [listing_key(listing.platform, listing.item_id) for listing, _ in screened]
    f = picture_findings.c
    joined = picture_findings.join(listings, listings.c.id == f.listing_id)
    query = select(listings.c.key, f.reminder, f.content).select_from(joined).where(among(c, listings.c.key, keys))
    kept: dict[str, list[Any]] = defaultdict(list)
    for row in c.execute(query.order_by(f.listing_id, f.position)):
        kept[row.key].append(row)
    return [
        with_added(screening, listing, _added(kept[key])) if key in kept else screening
        for key, (listing, screening) in zip(keys, screened, strict=True)
    ]
