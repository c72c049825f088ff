"""Numbers that no row can have, in addresses and forms: not found, never an error of the server."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

HUGE = "99999999999999999999"


@pytest.mark.parametrize(
    "path",
    [
        f"/leads/{HUGE}",
        f"/samples/{HUGE}",
        f"/batches/{HUGE}",
        f"/complaints/{HUGE}",
        f"/coverage/{HUGE}",
        f"/packs/{HUGE}",
        f"/sellers/shop/{HUGE}",
        f"/backtests/{HUGE}",
        f"/leads/1/evidence/{HUGE}",
        f"/leads/new?complaint={HUGE}",
    ],
)
def test_a_number_too_large_is_not_found(enter: Callable[[str], TestClient], path: str) -> None:
    assert enter("wang").get(path).status_code == 404


def test_a_day_before_all_days_is_refused(enter: Callable[[str], TestClient]) -> None:
    client = enter("wang")
    assert client.get("/reports?first=0001-01-01&last=0001-01-05").status_code == 422
    assert client.get("/reports/campaign?first=0001-01-01&last=0001-01-05").status_code == 422
    assert client.get("/reports?first=9999-12-20&last=9999-12-31").status_code == 422
