"""群组 and 成批判定: leads of one seller judged together, except some; a count first, undo after."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Response
from fastapi import Path as PathParameter
from starlette.responses import RedirectResponse

from gimonitor.errors import InputError, PermissionDeniedError
from gimonitor.model.lead import Resolution
from gimonitor.store import leads
from gimonitor.store.groups import GroupKind, group_name
from gimonitor.web.access import DeciderPage, Page, ReaderPage
from gimonitor.web.names import names_of
from gimonitor.web.queue import Looking, line, looking_back
from gimonitor.web.views import Flash
from gimonitor.workflow import batches, groups
from gimonitor.workflow.batches import After, Deed, Order

router = APIRouter()
GroupId = Annotated[str, PathParameter(pattern=r"^(\d{1,18}|[0-9a-f]{64})$")]


@router.get("/groups")
def overview(page: ReaderPage) -> Response:
    """Sellers with several open leads, and pictures that several open leads show."""
    with page.services.store.read() as c:
        found = groups.list_groups(c, page.now, page.within)
        pictures = groups.list_picture_groups(c, page.now, page.within)
    return page.render("groups.html", "/groups", groups=found, pictures=pictures)


@router.get("/groups/{kind}/{group_id}")
def one(page: ReaderPage, kind: GroupKind, group_id: GroupId) -> Response:
    """The open leads of one seller, each to be left out by its tick."""
    with page.services.store.read() as c:
        name = group_name(c, kind, group_id)
        total = leads.count_leads(c, page.area(groups.group_filter(kind, group_id, only_open=False)), 10_000)
        if not total and page.within is not None:
            raise PermissionDeniedError("该主体没有您辖区内的线索")
        found = leads.queue_page(c, page.area(groups.group_filter(kind, group_id)), None, groups.MOST)
        names = names_of(c)
    through = Looking(view="open", shop=group_id if kind is GroupKind.SHOP else "")
    rows = [line(row, through, names) for row in found.rows]
    return page.render(
        "group.html",
        "/groups",
        name=name,
        kind=kind,
        group_id=group_id,
        rows=rows,
        total=total,
        has_more=found.next is not None,
    )


@router.post("/batches")
def do_many(
    page: DeciderPage,
    lead: Annotated[list[str], Form()] = [],  # noqa: B006  # FastAPI copies it
    deed: Annotated[Deed, Form()] = Deed.JUDGE,
    resolution: Annotated[str, Form(max_length=30)] = "",
    why: Annotated[str, Form(max_length=2000)] = "",
    until: Annotated[str, Form(max_length=10)] = "",
    every: Annotated[str, Form(max_length=600)] = "",
    sure: Annotated[str, Form(max_length=3)] = "",
) -> Response:
    """First the count and the list, then, when the person is sure, the deed. `every` is a queue: all that stands in it."""
    items = [_item(text) for text in lead]
    if every:
        with page.services.store.read() as c:
            found = leads.queue_page(c, looking_back(every).wanted(page), None, batches.MOST)
        items = [(row.id, row.version) for row in found.rows]
    if deed is Deed.JUDGE and resolution not in set(Resolution):
        raise InputError("请选择结论")
    if sure != "yes" or (deed is not Deed.CLAIM and not why.strip()):
        return _confirm(page, items, deed, resolution, why, until)
    order = Order(
        deed=deed,
        why=why,
        resolution=Resolution(resolution) if deed is Deed.JUDGE else None,
        until=_day(until),
    )
    with page.services.store.write() as c:
        batch = batches.do_many(c, page.person.actor, items, order, now=page.now)
    return RedirectResponse(f"/batches/{batch.id}", 303)


def _confirm(page: Page, items: list[batches.Item], deed: Deed, resolution: str, why: str, until: str) -> Response:
    with page.services.store.read() as c:
        rows = batches.look_over(c, page.person.actor, items)
    return page.render(
        "batch_confirm.html",
        "/groups",
        items=[f"{lead_id}:{version}" for lead_id, version in items],
        rows=rows,
        deed=deed,
        resolution=resolution,
        why=why,
        until=until,
    )


@router.get("/batches/{batch_id}")
def batch(page: ReaderPage, batch_id: int, undone: str = "") -> Response:
    """What a batch did and how its leads stand now."""
    with page.services.store.read() as c:
        found = batches.load_batch(c, batch_id)
        rows = batches.now_of(c, found)
        names = names_of(c)
    standing = sum(after is After.NOTHING for _, after in rows)
    flash = Flash(text="已撤销本批中未被他人改动的处理") if undone == "yes" else None
    may_undo = found.who == page.person.login and standing > 0
    return page.render(
        "batch.html", "/groups", flash=flash, batch=found, rows=rows, standing=standing, names=names, may_undo=may_undo
    )


@router.post("/batches/{batch_id}/undo")
def undo(page: DeciderPage, batch_id: int) -> Response:
    """Take the batch back."""
    with page.services.store.write() as c:
        batches.undo_many(c, page.person.actor, batch_id, now=page.now)
    return RedirectResponse(f"/batches/{batch_id}?undone=yes", 303)


def _item(text: str) -> tuple[int, int]:
    lead_id, _, version = text.partition(":")
    if not (lead_id.isascii() and lead_id.isdigit() and version.isascii() and version.isdigit() and len(text) < 30):
        raise InputError("选中的线索不可识别，请刷新页面")
    return int(lead_id), int(version)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text.strip() else None
    except ValueError:
        raise InputError(f"日期有误：{text[:10]}") from None
