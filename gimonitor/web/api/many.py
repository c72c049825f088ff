"""Many leads at once: groups, batches with a count first and undo after, and sellers that are not asked about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter
from fastapi import Path as PathParameter
from pydantic import BaseModel, Field

from gimonitor.errors import InputError, PermissionDeniedError
from gimonitor.model.lead import Resolution
from gimonitor.store import ignores as ignore_store
from gimonitor.store import leads
from gimonitor.store.groups import Group, GroupKind, group_name
from gimonitor.store.ignores import Ignore
from gimonitor.store.leads import QueueRow, StoredLead
from gimonitor.store.sellers import Profile
from gimonitor.web.api.common import Body, Decider, Id, Reader
from gimonitor.web.routes.sellers import SellerKind, known_of
from gimonitor.workflow import batches, groups, ignores
from gimonitor.workflow.batches import After, Batch, Deed, Order, Undone

router = APIRouter()
GroupId = Annotated[str, PathParameter(pattern=r"^(\d{1,18}|[0-9a-f]{64})$")]


class Item(BaseModel):
    """A lead at the version that was read."""

    id: int = Field(ge=1, lt=1 << 62)
    version: int = Field(ge=1, lt=1 << 31)


class Many(Body):
    """What to do to many leads: `resolution` for judging, `until` for putting aside (null: till somebody releases)."""

    deed: Deed
    items: list[Item] = Field(max_length=batches.MOST)
    resolution: Resolution | None = None
    why: str = Field(default="", max_length=2000)
    until: date | None = None

    @property
    def pairs(self) -> list[batches.Item]:
        """The items as the workflow takes them."""
        return [(item.id, item.version) for item in self.items]


class Silence(Body):
    """Not asking about a lead's seller over its GI to the end of a day."""

    until: date
    why: str = Field(max_length=2000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """Open leads of one seller each, and of one picture each, the highest score first."""

    sellers: tuple[Group, ...]
    pictures: tuple[Group, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """The open leads of a group; `has_more` where only the first are listed."""

    name: str
    rows: tuple[QueueRow, ...]
    has_more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """A seller's profile and its leads, closed ones too; `has_more` where only the first are listed."""

    name: str
    profile: Profile
    rows: tuple[QueueRow, ...]
    has_more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What a batch would be done to, and which of its leads are no longer at the version that was read."""

    count: int
    leads: list[StoredLead]
    changed: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A batch, and what happened to each of its leads since."""

    batch: Batch
    after: dict[int, After]


@router.get("/groups", tags=["groups"])
def list_groups(page: Reader) -> Groups:
    """Groups of at least two open leads."""
    with page.services.store.read() as c:
        return Groups(
            sellers=groups.list_groups(c, page.now, page.within),
            pictures=groups.list_picture_groups(c, page.now, page.within),
        )


@router.get("/groups/{kind}/{group_id}", tags=["groups"])
def show_group(page: Reader, kind: GroupKind, group_id: GroupId) -> Members:
    """The open leads of one group, each with the version that a batch needs."""
    with page.services.store.read() as c:
        name = group_name(c, kind, group_id)
        every = page.area(groups.group_filter(kind, group_id, only_open=False))
        if page.within is not None and not leads.count_leads(c, every, 1):
            raise PermissionDeniedError("该主体没有您辖区内的线索")
        found = leads.queue_page(c, page.area(groups.group_filter(kind, group_id)), None, groups.MOST)
    return Members(name=name, rows=found.rows, has_more=found.next is not None)


@router.get("/sellers/{kind}/{group_id}", tags=["groups"])
def show_seller(page: Reader, kind: SellerKind, group_id: Id) -> Seller:
    """Everything known of a seller: its shops, its leads, what was done about them and what was sent."""
    with page.services.store.read() as c:
        name = group_name(c, kind, str(group_id))
        found, profile = known_of(c, page, kind, group_id)
    return Seller(name=name, profile=profile, rows=found.rows, has_more=found.next is not None)


@router.post("/batches/count", tags=["batches"])
def count_many(page: Decider, what: Many) -> Counted:
    """What a batch would be done to; nothing is done. Leave out of `items` what is to be an exception."""
    with page.services.store.read() as c:
        rows = batches.look_over(c, page.person.actor, what.pairs)
    versions = dict(what.pairs)
    return Counted(count=len(rows), leads=rows, changed=[row.id for row in rows if row.version != versions[row.id]])


@router.post("/batches", tags=["batches"])
def do_many(page: Decider, what: Many) -> Batch:
    """Do it to all or to none; 409 where somebody changed one of them in the meantime."""
    if what.deed is Deed.JUDGE and what.resolution is None:
        raise InputError("请选择结论")
    order = Order(deed=what.deed, why=what.why, resolution=what.resolution, until=what.until)
    with page.services.store.write() as c:
        return batches.do_many(c, page.person.actor, what.pairs, order, now=page.now)


@router.get("/batches/{batch_id}", tags=["batches"])
def show_batch(page: Reader, batch_id: Id) -> Standing:
    """A batch and how its leads stand."""
    with page.services.store.read() as c:
        found = batches.load_batch(c, batch_id)
        return Standing(batch=found, after={lead.id: after for lead, after in batches.now_of(c, found)})


@router.post("/batches/{batch_id}/undo", tags=["batches"])
def undo_many(page: Decider, batch_id: Id) -> Undone:
    """Take one's own batch back, as far as nobody has touched its leads since."""
    with page.services.store.write() as c:
        return batches.undo_many(c, page.person.actor, batch_id, now=page.now)


@router.get("/ignores", tags=["ignores"])
def list_ignores(page: Reader) -> list[Ignore]:
    """The rules by which sellers are not asked about, each with its owner and end."""
    with page.services.store.read() as c:
        return list(ignore_store.list_ignores(c, within=page.within))


@router.post("/leads/{lead_id}/ignore", tags=["ignores"])
def ignore(page: Decider, lead_id: Id, what: Silence) -> Ignore:
    """Ignore the lead's seller over the lead's GI for a time."""
    with page.services.store.write() as c:
        made = ignores.ignore_like(c, page.person.actor, lead_id, until=what.until, why=what.why, now=page.now)
        return ignore_store.load_ignore(c, made)


@router.post("/ignores/{ignore_id}/end", tags=["ignores"])
def end_ignore(page: Decider, ignore_id: Id) -> Ignore:
    """End a rule before its day."""
    with page.services.store.write() as c:
        ignores.end(c, page.person.actor, ignore_id, now=page.now)
        return ignore_store.load_ignore(c, ignore_id)
