"""规则台 with the real rules: what fires on a text and why, and nothing stored."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from gimonitor.configuration import Configuration
from gimonitor.register.loader import load_register
from gimonitor.store import loading
from gimonitor.store.database import Store
from gimonitor.web.app import build_app


@pytest.fixture
def app(store: Store, configuration: Configuration, clock: object) -> FastAPI:
    return build_app(store, configuration, register_data=load_register(), clock=clock, extra_hosts=("testserver",))  # type: ignore[arg-type]


def test_a_text_is_tried_and_stored_nowhere(enter: Callable[[str], TestClient], store: Store) -> None:
    client = enter("mo")
    assert "监测模型（" in client.get("/models").text
    fired = client.post("/models/try", data={"title": "正宗五常大米 10kg", "origin": "辽宁省沈阳市"}).text
    assert "提示疑点" in fired and "<mark data-findings=" in fired and "不在保护范围内" in fired
    other = client.post("/models/try", data={"title": "电饭煲 五常大米专用内胆"}).text
    assert "没有模型提示疑点" in other
    odd = client.post("/models/try", data={"title": "<script>alert(1)</script>\u202e" * 5})
    assert odd.status_code == 200 and "<script>alert" not in odd.text and "\u202e" not in odd.text
    with store.read() as c:
        assert all(one.listing.platform != "lab" for one in loading.iterate_listings(c, 0, 1000))
