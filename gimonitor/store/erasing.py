"""A seller or a person taken out of the store. What decisions and samples rest on stays as an empty shell.

Decisions and the audit are append-only and stay: who decided what, and why, in the officers' own words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    String,
    Table,
    cast,
    column,
    delete,
    func,
    literal,
    or_,
    select,
    table,
    union,
    update,
)

from gimonitor.model.lead import State
from gimonitor.model.listing import Listing, Shop
from gimonitor.store.captures import RESPONSE
from gimonitor.store.codec import pack
from gimonitor.store.keys import shop_key
from gimonitor.store.search import index_texts
from gimonitor.store.tables import (
    audit,
    backtests,
    captures,
    clearings,
    decisions,
    dropped_items,
    findings,
    identities,
    ignores,
    lead_changes,
    leads,
    listing_versions,
    listings,
    people,
    picture_findings,
    picture_uses,
    pictures,
    prices,
    sample_items,
    saved_files,
    screenings,
    sessions,
    shared_leads,
    shops,
    subjects,
    tasks,
    tokens,
    views,
)
from gimonitor.store.upsert import among

ERASED = "已按请求删除"
"""What an empty shell shows where a name stood."""

SINGLE = "uploads"
"""Folder of the evidence whose files stand each for itself; any other folder there is one capture."""

_OF_LISTING = (findings, clearings, screenings, prices, picture_findings, picture_uses, captures)
_OF_PERSON = (sessions, tokens, identities, views)


@dataclass(slots=True, kw_only=True)
class Erased:
    """What went: rows by table, deleted or emptied, and files that no row speaks of any more.

    `archives` are relative to the folder of archives, `folders` (or single uploads) to the evidence folder. `shared`
    archives stay: they hold responses of other sellers, too. `others_theirs`: who is behind the shop has another one.
    `keys` are the (platform, item id) of the listings that went.
    """

    rows: Counter[str] = field(default_factory=Counter)
    archives: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    shared: list[str] = field(default_factory=list)
    others_theirs: bool = False
    keys: frozenset[tuple[str, str]] = frozenset()

    def run(self, c: Connection, target: Table, statement: Any) -> None:
        """Run a statement and count its rows under the table's name."""
        self.rows[target.name] += c.execute(statement).rowcount


def find_shop(c: Connection, platform: str, shop: Shop) -> int | None:
    """The id of a shop by the platform's id of it, or by its name where the platform shows none."""
    found: int | None = c.execute(select(shops.c.id).where(shops.c.key == shop_key(platform, shop))).scalar()
    return found


def listings_of_shop(c: Connection, shop_id: int) -> list[int]:
    """Ids of the listings that a shop offers, or offered when a lead was raised."""
    offered = select(listings.c.id).where(listings.c.shop_id == shop_id)
    about = select(leads.c.listing_id).where(leads.c.shop_id == shop_id)
    return sorted(c.execute(union(offered, about)).scalars())


def erase_shop(c: Connection, shop_id: int, kept: Collection[int]) -> Erased:
    """Erase a shop with its listings but those in `kept`; the shop itself and who is behind it stay while one is kept."""
    mine = [one for one in listings_of_shop(c, shop_id) if one not in kept]
    done = Erased()
    if mine:
        _erase_listings(c, mine, done)
    if not kept:
        _erase_shop_row(c, shop_id, done)
    return done


def _erase_listings(c: Connection, mine: list[int], done: Erased) -> None:
    files = c.execute(select(captures.c.kind, captures.c.file).where(among(c, captures.c.listing_id, mine))).all()
    seen = list(c.execute(select(picture_uses.c.digest).where(among(c, picture_uses.c.listing_id, mine))).scalars())
    shells = _rested_on(c, mine)
    named = select(listings.c.platform, listings.c.item_id).where(among(c, listings.c.id, mine))
    done.keys = frozenset((row.platform, row.item_id) for row in c.execute(named) if row.item_id)
    _scrub_mentions(c, mine, done)
    for target in _OF_LISTING:
        done.run(c, target, delete(target).where(among(c, target.c.listing_id, mine)))
    unused = ~select(picture_uses.c.digest).where(picture_uses.c.digest == pictures.c.digest).exists()
    done.run(c, pictures, delete(pictures).where(among(c, pictures.c.digest, seen), unused))
    _empty(c, sorted(shells), done)
    _remove(c, [one for one in mine if one not in shells], done)
    _sort_files(c, {(row.kind == RESPONSE, row.file) for row in files if row.file}, done)


def _rested_on(c: Connection, mine: Sequence[int]) -> set[int]:
    """Listings that decisions or samples rest on: these rows cannot go."""
    resting = (t.c.listing_id for t in (leads, dropped_items, sample_items))
    return {one for ids in resting for one in c.execute(select(ids).where(among(c, ids, mine))).scalars()}


def _scrub_mentions(c: Connection, mine: Sequence[int], done: Erased) -> None:
    """What else quotes the listings: tasks by their address, back-tests by their title."""
    of = among(c, listings.c.id, mine)
    urls = [url for url in c.execute(select(listings.c.url).where(of)).scalars() if url]
    done.run(c, tasks, update(tasks).where(among(c, tasks.c.url, urls)).values(url=""))
    for row in c.execute(select(backtests.c.id, backtests.c.report)).all():
        changes = row.report.get("changes", [])
        left = [one for one in changes if (one["platform"], one["item_id"]) not in done.keys]
        if len(left) < len(changes):
            values = {"report": row.report | {"changes": left}}
            done.run(c, backtests, update(backtests).where(backtests.c.id == row.id).values(values))


def _empty(c: Connection, shells: list[int], done: Erased) -> None:
    """Leave of a listing its platform and days; of its leads the GI, the state and the decisions."""
    if not shells:
        return
    of = among(c, listings.c.id, shells)
    for platform in c.execute(select(listings.c.platform).where(of).distinct()).scalars().all():
        empty = Listing(platform=platform, item_id="", title=ERASED)
        here = list(c.execute(select(listings.c.id).where(of, listings.c.platform == platform)).scalars())
        content = {"content": pack(empty), "digest": empty.digest()}
        of_versions = among(c, listing_versions.c.listing_id, here)
        done.run(c, listing_versions, update(listing_versions).where(of_versions).values(content))
        nothing: dict[str, Any] = {
            "item_id": "",
            "title": ERASED,
            "url": "",
            "shop_id": None,
            "price_fen": None,
            "sales": None,
        }
        nothing |= {"digest": empty.digest(), "screening": 0, "screening_digest": "", "key": _key(listings.c.id)}
        done.run(c, listings, update(listings).where(among(c, listings.c.id, here)).values(nothing))
    mine = list(c.execute(select(leads.c.id).where(among(c, leads.c.listing_id, shells))).scalars())
    said = {"reason": ERASED, "score_terms": [], "digest": "", "raised": False, "screening": 0, "shop_id": None}
    done.run(c, leads, update(leads).where(among(c, leads.c.id, mine)).values(said))
    done.run(c, lead_changes, update(lead_changes).where(among(c, lead_changes.c.lead_id, mine)).values(why=""))
    done.run(c, shared_leads, delete(shared_leads).where(among(c, shared_leads.c.lead_id, mine)))
    done.run(c, sample_items, update(sample_items).where(among(c, sample_items.c.listing_id, shells)).values(note=""))
    index_texts(c, [(one, "") for one in shells])
    if c.dialect.name == "postgresql":
        _unindex(c, "listing_grams", shells)


def _key(number: ColumnElement[int]) -> ColumnElement[str]:
    """A key that says nothing: the same offer, seen again, is a new listing."""
    return literal("erased:") + cast(number, String)


def _remove(c: Connection, whole: list[int], done: Erased) -> None:
    if not whole:
        return
    done.run(c, listing_versions, delete(listing_versions).where(among(c, listing_versions.c.listing_id, whole)))
    if c.dialect.name == "postgresql":
        for name in ("listing_search", "listing_grams"):
            _unindex(c, name, whole)
    else:  # what `listing_grams` holds there are numbers of pieces under a number that is no listing's any more
        c.exec_driver_sql("DELETE FROM listing_search WHERE rowid = ?", [(one,) for one in whole])
    done.run(c, listings, delete(listings).where(among(c, listings.c.id, whole)))


def _unindex(c: Connection, name: str, ids: Sequence[int]) -> None:
    index = table(name, column("listing_id", listings.c.id.type))
    c.execute(delete(index).where(among(c, index.c.listing_id, ids)))


def _sort_files(c: Connection, files: set[tuple[bool, str]], done: Erased) -> None:
    """Files of the captures that went: those that nothing else speaks of go, too."""
    for name in sorted({file for is_response, file in files if is_response}):
        held = select(captures.c.id).where(captures.c.kind == RESPONSE, captures.c.file == name).limit(1)
        (done.shared if c.execute(held).first() else done.archives).append(name)
    for unit in sorted({unit_of(file) for is_response, file in files if not is_response}):
        if not _is_spoken_of(c, captures.c.file, unit, captures.c.kind != RESPONSE) and not _is_spoken_of(
            c, pictures.c.file, unit
        ):
            done.run(c, saved_files, delete(saved_files).where(within(saved_files.c.file, unit)))
            done.folders.append(unit)


def unit_of(file: str) -> str:
    """What goes as one with a file of the evidence folder: its capture's folder, or a single upload."""
    first = file.partition("/")[0]
    return file if first == SINGLE else first


def within(file: ColumnElement[str], unit: str) -> ColumnElement[bool]:
    """A condition: the file is the unit, or lies in it."""
    return or_(file == unit, file.startswith(f"{unit}/", autoescape=True))


def _is_spoken_of(c: Connection, file: ColumnElement[str], unit: str, *more: ColumnElement[bool]) -> bool:
    return c.execute(select(file).where(within(file, unit), *more).limit(1)).first() is not None


def _erase_shop_row(c: Connection, shop_id: int, done: Erased) -> None:
    """The shop, the ignores about it, and who is behind it where no other shop is theirs."""
    behind = c.execute(select(shops.c.subject_id).where(shops.c.id == shop_id)).scalar()
    done.run(c, ignores, delete(ignores).where(ignores.c.shop_id == shop_id))
    sampled = c.execute(select(sample_items.c.position).where(sample_items.c.shop_id == shop_id)).first()
    if sampled:
        done.run(c, sample_items, update(sample_items).where(sample_items.c.shop_id == shop_id).values(note=""))
        nothing = {"shop_id": "", "name": ERASED, "url": "", "region": "", "subject_id": None, "key": _key(shops.c.id)}
        done.run(c, shops, update(shops).where(shops.c.id == shop_id).values(nothing))
    else:
        done.run(c, shops, delete(shops).where(shops.c.id == shop_id))
    if behind is None:
        return
    done.others_theirs = c.execute(select(shops.c.id).where(shops.c.subject_id == behind)).first() is not None
    if not done.others_theirs:
        done.run(c, ignores, delete(ignores).where(ignores.c.subject_id == behind))
        done.run(c, subjects, delete(subjects).where(subjects.c.id == behind))


def decisions_about(c: Connection, listing_ids: Sequence[int]) -> int:
    """How many decisions stand over the leads of some listings."""
    mine = select(leads.c.id).where(among(c, leads.c.listing_id, listing_ids))
    return int(c.execute(select(func.count()).select_from(decisions).where(decisions.c.lead_id.in_(mine))).scalar_one())


def compact_search(c: Connection) -> None:
    """Take deleted words out of the index itself; PostgreSQL's has none."""
    if c.dialect.name == "sqlite":
        c.exec_driver_sql("INSERT INTO listing_search (listing_search) VALUES ('optimize')")


# --- people -----------------------------------------------------------------------------------------------------------


def erase_person(c: Connection, person_id: int) -> Erased:
    """Take everything from a person's account but the login, which no one else may ever bear: decisions name it."""
    done = Erased()
    for target in _OF_PERSON:
        done.run(c, target, delete(target).where(target.c.person_id == person_id))
    nothing: dict[str, Any] = {"name": "", "password_hash": "", "areas": [], "active": False, "failures": 0}
    left = or_(people.c.name != "", people.c.password_hash != "", people.c.active)
    one = people.c.id == person_id
    done.run(c, people, update(people).where(one, left).values(nothing | {"locked_until": None}))
    return done


def acts_of(c: Connection, login: str) -> dict[str, int]:
    """How often a login stands where it has to stay: in decisions, in the audit, on leads that are the person's to do."""
    claimed = (leads.c.claimed_by == login) & (leads.c.state != State.CLOSED)
    counted = ((decisions, decisions.c.who == login), (audit, audit.c.who == login), (leads, claimed))
    return {t.name: int(c.execute(select(func.count()).select_from(t).where(mine)).scalar_one()) for t, mine in counted}
