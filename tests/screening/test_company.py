"""A name written by its sound alone counts only beside a word that tells it from its twin (Wuchang: 五常, 武昌)."""

from __future__ import annotations

from datetime import date

import pytest

from gimonitor.model.finding import Stage
from gimonitor.model.listing import Listing
from gimonitor.screening.screener import Screener

ON = date(2026, 11, 22)


def listing(title: str) -> Listing:
    return Listing(platform="t", item_id="1", title=title, origin="湖北武汉")


@pytest.mark.parametrize("title", ["wuchang 10kg 稻花香大米", "Wuchang rice 5kg"])
def test_beside_a_word_of_company_the_sound_is_a_name(screener: Screener, title: str) -> None:
    (suspicion,) = screener.screen(listing(title), on=ON).suspicions
    assert suspicion.gi_id == "hlj-wuchang-dami"


@pytest.mark.parametrize("title", ["Wuchang fish 鲜活 500g", "Wuchang 特产礼盒"])
def test_without_one_it_may_be_the_twin(screener: Screener, title: str) -> None:
    screening = screener.screen(listing(title), on=ON)
    assert screening.stage is not Stage.FLAGGED
    assert any(c.code == "N16" and "武昌" in c.reason for c in screening.clearings)
