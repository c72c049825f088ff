"""Two officers who walk through one queue are given different leads."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from starlette.testclient import TestClient

from gimonitor.web.presence import LOOKING, Presence

NOW = datetime(2026, 11, 20, 0, 30, tzinfo=UTC)


def test_who_looks_at_what_is_forgotten_after_a_while() -> None:
    presence = Presence()
    presence.note("wang", 7, NOW)
    assert presence.others("li", NOW) == {7: "wang"} and presence.others("wang", NOW) == {}
    presence.note("wang", 8, NOW)
    assert presence.others("li", NOW) == {8: "wang"}
    assert presence.others("li", NOW + LOOKING) == {} and presence.others("li", NOW - timedelta(days=1)) == {}


def test_two_who_are_sent_on_at_the_same_moment_are_sent_to_different_leads() -> None:
    presence = Presence()
    assert [presence.take(login, [1, 2, 3], NOW) for login in ("wang", "li", "zhao", "yun")] == [1, 2, 3, 1]
    assert presence.take("wang", [], NOW) is None


def test_the_next_lead_is_one_that_nobody_looks_at(enter: Callable[[str], TestClient]) -> None:
    wang, li = enter("wang"), enter("li")

    def first(client: TestClient) -> int:
        found = re.search(r'href="/leads/(\d+)"[^>]*data-key="space"', client.get("/leads").text)
        assert found
        return int(found.group(1))

    top = first(wang)
    wang.get(f"/leads/{top}")
    second = first(li)
    assert second != top
    page = li.get(f"/leads/{top}").text
    assert "王一 正在看" in page
    li.get(f"/leads/{second}")
    judged = wang.post(f"/leads/{top}/judge", data={"version": "1", "resolution": "fair_use"})
    third = judged.headers["location"]
    assert f"/leads/{second}?" not in third and "/leads/" in third
