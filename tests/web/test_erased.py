"""What officers see of a lead whose seller was erased on request."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select
from starlette.testclient import TestClient

from gimonitor.configuration import Configuration
from gimonitor.model.lead import Decision, Resolution, State
from gimonitor.operations.erasure import Seller, erase
from gimonitor.store import leads, tables
from gimonitor.store.database import Store
from gimonitor.store.erasing import ERASED

from .seeds import NOW

Enter = Callable[[str], TestClient]


def test_an_emptied_lead_still_opens_with_its_decisions(
    store: Store, enter: Enter, configuration: Configuration
) -> None:
    client = enter("wang")
    with store.write() as c:
        row = leads.queue_page(c, leads.QueueFilter(), None, 1).rows[0]
        shop = c.execute(
            select(tables.shops)
            .join(tables.leads, tables.leads.c.shop_id == tables.shops.c.id)
            .where(tables.leads.c.id == row.id)
        ).one()
        for mine in c.execute(select(tables.leads).where(tables.leads.c.shop_id == shop.id)).all():
            made = Decision(
                lead_id=mine.id, at=NOW, who="wang", action="judge", state=State.CLOSED,
                resolution=Resolution.AUTHORISED, why="有授权合同",
            )  # fmt: skip
            leads.append_decision(c, mine.id, mine.version, made)
    assert shop.name in client.get(f"/leads/{row.id}").text
    seller = Seller(platform=shop.platform, shop_id=shop.shop_id, name=shop.name)
    erase(store, configuration, seller, NOW, "受理人")
    page = client.get(f"/leads/{row.id}")
    assert page.status_code == 200
    assert ERASED in page.text and "有授权合同" in page.text
    assert shop.name not in page.text
    for path in ("/", "/leads", "/reports"):
        assert client.get(path).status_code == 200, path
