"""主体档案: one seller over all that is known: shops, leads and how they ended, what was sent, when."""

from __future__ import annotations

from collections import Counter
from typing import Literal

from fastapi import APIRouter, Response
from sqlalchemy import Connection

from gimonitor.errors import PermissionDeniedError
from gimonitor.store import leads, sellers
from gimonitor.store.groups import GroupKind, group_name
from gimonitor.store.leads import QueuePage
from gimonitor.store.sellers import Profile
from gimonitor.web.access import Page, ReaderPage
from gimonitor.web.names import names_of
from gimonitor.web.queue import Looking, line
from gimonitor.workflow import groups

router = APIRouter()
SellerKind = Literal[GroupKind.SUBJECT, GroupKind.SHOP]
MOST = 200


@router.get("/sellers/{kind}/{group_id}")
def one(page: ReaderPage, kind: SellerKind, group_id: int) -> Response:
    """The profile."""
    with page.services.store.read() as c:
        name = group_name(c, kind, str(group_id))
        found, profile = known_of(c, page, kind, group_id)
        names = names_of(c)
    return page.render(
        "seller.html",
        "/groups",
        name=name,
        kind=kind,
        group_id=group_id,
        profile=profile,
        rows=[line(row, Looking(view="all"), names) for row in found.rows],
        has_more=found.next is not None,
        by_resolution=Counter(row.resolution or row.state for row in found.rows),
        by_gi=Counter(row.gi_name for row in found.rows),
        by_platform=Counter(row.platform for row in found.rows),
        names=names,
    )


def known_of(c: Connection, page: Page, kind: SellerKind, group_id: int) -> tuple[QueuePage, Profile]:
    """The first leads of a seller and its profile. Raises PermissionDeniedError where none is over a GI of one's area."""
    wanted = page.area(groups.group_filter(kind, str(group_id), only_open=False))
    found = leads.queue_page(c, wanted, None, MOST)
    if not found.rows and page.within is not None:
        raise PermissionDeniedError("该主体没有您辖区内的线索")
    return found, sellers.load_profile(c, kind, group_id, page.within)
