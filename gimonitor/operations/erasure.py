"""删除请求: what is stored of a seller, or of an officer's account, taken out; what the law's work needs stays and is said.

Never taken: listings with a lead that is not closed, was closed as 疑似成立, was sent, is in a pack or has a test
purchase, with all evidence of them. Decisions, the audit and the custody log are append-only and stay.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

from sqlalchemy import Connection, select

from gimonitor.configuration import Configuration
from gimonitor.errors import NotFoundError
from gimonitor.evidence.files import discard, disk_errors, sync_folder
from gimonitor.model.lead import Resolution, State
from gimonitor.model.listing import Shop
from gimonitor.operations.erased import ITEMS, SELLER, digest_of, identity_of, remembered
from gimonitor.operations.partitions import count_partitions, remove_partitions
from gimonitor.operations.retention import is_done, proof_of
from gimonitor.operations.sharing import withdraw
from gimonitor.papers.places import custody_log
from gimonitor.store import erasing
from gimonitor.store.audit import ERASURE, append_audit
from gimonitor.store.database import Store
from gimonitor.store.people import find_person
from gimonitor.store.shared import change_record, read_record
from gimonitor.store.tables import leads, purchases
from gimonitor.store.upsert import among

RECORD = "erased.jsonl"
PENDING = "erasures"
"""The shared record of erasures whose rows are gone and whose files may not be."""

Job = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """A shop of a platform, by the platform's id of it; by its name where the platform shows none."""

    platform: str
    shop_id: str = ""
    name: str = ""

    @property
    def noun(self) -> str:
        """What the record calls it."""
        return SELLER

    @property
    def identity(self) -> str:
        """What the record keeps a salted digest of."""
        return identity_of(self.platform, Shop(name=self.name, shop_id=self.shop_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An officer's account."""

    login: str

    @property
    def noun(self) -> str:
        """What the record calls it."""
        return "person"

    @property
    def identity(self) -> str:
        """What the record keeps a salted digest of."""
        return self.login


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file or folder that goes. `name` is relative to the data folder, `size` in bytes."""

    name: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Staying:
    """What stays, and why."""

    what: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """What goes, rows by table and files, and what stays.

    `partitions` of a re-screening go all, for they hold listings; whoever works on it asks the store instead. `items` are
    the (platform, item id) of the listings that go.
    """

    rows: dict[str, int]
    files: tuple[File, ...]
    staying: tuple[Staying, ...]
    partitions: int = 0
    items: frozenset[tuple[str, str]] = frozenset()

    @property
    def is_empty(self) -> bool:
        """Nothing goes."""
        return not self.rows and not self.files


class _Tried(Exception):
    """No error: carries what would go out of a transaction that is rolled back."""

    def __init__(self, erasure: Erasure) -> None:
        self.erasure = erasure


def _take_back(erasure: Erasure) -> NoReturn:
    raise _Tried(erasure)


def plan_erasure(store: Store, configuration: Configuration, subject: Seller | Person) -> Erasure:
    """What `erase` would do at this moment, found by doing it and taking it back. Raises NotFoundError for a person."""
    try:
        with store.write() as c:
            _take_back(_erase(c, configuration, subject))
    except _Tried as tried:
        return tried.erasure


def erase(store: Store, configuration: Configuration, subject: Seller | Person, now: datetime, who: str) -> Erasure:
    """Take out what is stored of a seller or person, and return what went and what stays.

    Rows, the audit entry and the list of files to remove are one transaction; the files go after it, each with its
    custody entry, and `erased.jsonl` gets its line. Killed in between, the next call (or `finish_erasures`) goes on.
    Raises NotFoundError for a person that is none.
    """
    finish_erasures(store, configuration)
    planned = plan_erasure(store, configuration, subject).files
    digests = {file.name: proof_of(configuration.data_dir / file.name) for file in planned}
    with store.write() as c:
        erasure = _erase(c, configuration, subject)
        if erasure.is_empty:
            return erasure
        job = _job(configuration, subject, erasure, digests, now, who)
        kept = {name: job[name] for name in ("rows", "salt", "subject")} | {"files": len(erasure.files)}
        append_audit(c, who, ERASURE, f"erasure:{job['id']}", kept | {"noun": subject.noun}, at=now)
        change_record(c, PENDING, lambda text: (json.dumps([*_jobs(text), job]), None))
        if erasure.items:
            gone = remembered(erasure.items, job["salt"], now)
            change_record(c, ITEMS, lambda text: (json.dumps([*_jobs(text), gone]), None))
    finish_erasures(store, configuration)
    return erasure


def _erase(c: Connection, configuration: Configuration, subject: Seller | Person) -> Erasure:
    if isinstance(subject, Person):
        return _erase_person(c, subject)
    return _erase_seller(c, configuration, subject)


# --- a seller -------------------------------------------------------------------------------------------------------


def _erase_seller(c: Connection, configuration: Configuration, seller: Seller) -> Erasure:
    shop = erasing.find_shop(c, seller.platform, Shop(name=seller.name, shop_id=seller.shop_id))
    if shop is None:
        return Erasure(rows={}, files=(), staying=())
    mine = erasing.listings_of_shop(c, shop)
    held = _held(c, mine)
    judged = erasing.decisions_about(c, [one for one in mine if one not in held])
    done = erasing.erase_shop(c, shop, held)
    erasing.compact_search(c)
    staying = [Staying(what=f"listing {one} and its evidence", why=why) for one, why in sorted(held.items())]
    if held:
        staying.append(Staying(what="the shop and who is behind it", why="evidence of the leads above"))
    if done.others_theirs:
        staying.append(Staying(what="who is behind the shop", why="another shop is theirs: erase that one, too"))
    if judged:
        staying.append(Staying(what=f"{judged} decisions", why="append-only record of what officers decided"))
    until = f"other responses in it; prune removes it after {configuration.keep_raw_days} days"
    staying += [Staying(what=_named(configuration, configuration.warc_dir, name), why=until) for name in done.shared]
    names = [_named(configuration, configuration.warc_dir, name) for name in done.archives]
    names += [_named(configuration, configuration.evidence_dir, name) for name in done.folders]
    partitions = count_partitions(configuration) if +done.rows else 0
    files = tuple(_files(configuration, names))
    return Erasure(rows=+done.rows, files=files, staying=tuple(staying), partitions=partitions, items=done.keys)


def _held(c: Connection, listing_ids: list[int]) -> dict[int, str]:
    """Listings that a lead needs, each with why; nobody moves these leads until the transaction is over."""
    bought = select(purchases.c.id).where(purchases.c.lead_id == leads.c.id).exists()
    query = select(leads.c.id, leads.c.listing_id, leads.c.state, leads.c.resolution)
    needed = query.where(among(c, leads.c.listing_id, listing_ids), ~is_done() | bought)
    rows = c.execute(needed.order_by(leads.c.id.desc()).with_for_update()).all()
    return {row.listing_id: _why(row.id, row.state, row.resolution) for row in rows}


def _why(lead: int, state: State, resolution: Resolution | None) -> str:
    if state is not State.CLOSED:
        return f"lead {lead} is not closed ({state.value})"
    if resolution is Resolution.CONFIRMED:
        return f"lead {lead} was closed as suspected"
    return f"lead {lead} was sent, is in a pack or has a test purchase"


def _named(configuration: Configuration, folder: Path, name: str) -> str:
    return (folder / name).relative_to(configuration.data_dir).as_posix()


def _files(configuration: Configuration, names: Iterable[str]) -> Iterable[File]:
    for name in names:
        path = configuration.data_dir / name
        parts = [one for one in path.rglob("*") if one.is_file()] if path.is_dir() else [path]
        yield File(name=name, size=sum(one.stat().st_size for one in parts if one.exists()))


# --- a person -------------------------------------------------------------------------------------------------------


def _erase_person(c: Connection, person: Person) -> Erasure:
    known = find_person(c, person.login)
    if known is None:
        raise NotFoundError(f"nobody has the login {person.login}")
    done = erasing.erase_person(c, known.id)
    acts = erasing.acts_of(c, known.login)
    staying = [Staying(what="the login alone", why="nobody else may ever bear it: decisions name it")]
    if acts["decisions"] or acts["audit"]:
        what = f"{acts['decisions']} decisions and {acts['audit']} entries of the audit"
        staying.append(Staying(what=what, why="append-only record of who did what"))
    if acts["leads"]:
        staying.append(Staying(what=f"{acts['leads']} claimed leads", why="not closed: somebody has to take them over"))
    return Erasure(rows=+done.rows, files=(), staying=tuple(staying))


# --- the record, and the files --------------------------------------------------------------------------------------


def _job(
    configuration: Configuration,
    subject: Seller | Person,
    erasure: Erasure,
    digests: dict[str, str],
    now: datetime,
    who: str,
) -> Job:
    salt = secrets.token_hex(16)
    proofs = ((file, digests.get(file.name) or proof_of(configuration.data_dir / file.name)) for file in erasure.files)
    return {
        "id": secrets.token_hex(8),
        "erased_at": now.astimezone(UTC).isoformat(),
        "who": who,
        "noun": subject.noun,
        "salt": salt,
        "subject": digest_of_subject(subject, salt),
        "rows": erasure.rows,
        "files": [{"name": file.name, "size": file.size, "sha256": sha256} for file, sha256 in proofs],
        "partitions": erasure.partitions,
    }


def digest_of_subject(subject: Seller | Person, salt: str) -> str:
    """A slow, salted digest: who is named can be shown to have been erased, and cannot be found out by trying all."""
    return digest_of(subject.identity, salt)


def finish_erasures(store: Store, configuration: Configuration) -> int:
    """Remove the files of erasures whose rows are gone. Returns how many erasures were left to finish.

    Each file's custody entry comes before its end, the line of `erased.jsonl` after it; the bytes of rows go last.
    """
    with store.read() as c:
        jobs = _jobs(read_record(c, PENDING))
    for job in jobs:
        _remove_files(configuration, job)
        withdraw(configuration, [file["name"] for file in job["files"]])
        if job["noun"] == SELLER:
            remove_partitions(configuration)
        _record(configuration.data_dir / RECORD, job)
    if jobs:
        store.compact()
        finished = {job["id"] for job in jobs}
        with store.write() as c:
            change_record(c, PENDING, _without(finished))
    return len(jobs)


def _jobs(text: str) -> list[Job]:
    return list(json.loads(text)) if text else []


def _without(finished: set[str]) -> Callable[[str], tuple[str, None]]:
    def work(text: str) -> tuple[str, None]:
        left = [job for job in _jobs(text) if job["id"] not in finished]
        return (json.dumps(left) if left else "", None)

    return work


def _remove_files(configuration: Configuration, job: Job) -> None:
    custody, why = custody_log(configuration), f"erasure {job['id']}"
    logged = {entry.object for entry in custody.entries() if entry.detail == why}
    for file in job["files"]:
        path = configuration.data_dir / file["name"]
        if file["name"] not in logged:
            custody.append(job["who"], "deleted", file["name"], sha256=file["sha256"], detail=why)
        if path.exists():
            discard(path)
            sync_folder(path.parent)


def _record(path: Path, job: Job) -> None:
    """Append an erasure's line, once."""
    if path.is_file() and any(json.loads(line)["id"] == job["id"] for line in path.read_text().splitlines() if line):
        return
    with disk_errors(path), path.open("ab") as file:
        file.write((json.dumps(job, ensure_ascii=False) + "\n").encode("utf-8", "replace"))
        file.flush()
        os.fsync(file.fileno())
