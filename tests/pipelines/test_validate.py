"""What cannot be a listing is dropped with a reason."""

from dataclasses import replace

import pytest
from scrapy.exceptions import DropItem
from scrapy.utils.test import get_crawler

from gimonitor.model.listing import Listing
from gimonitor.model.validity import why_invalid
from pipelines.validate import ValidatePipeline

GOOD = Listing(platform="practice", item_id="1", title="五常大米", url="https://a.test/1", price_fen=100)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, ""), ({"item_id": " "}, "no_item_id"), ({"title": ""}, "no_title"), ({"platform": ""}, "no_platform"),
        ({"item_id": "x" * 300}, "item_id_too_long"), ({"title": "x" * 2001}, "title_too_long"),
        ({"url": "javascript:alert(1)"}, "no_web_address"), ({"price_fen": -1}, "negative_price"), ({"price_fen": None}, ""),
    ],
)  # fmt: skip
def test_reason(change, reason):
    assert why_invalid(replace(GOOD, **change)) == reason


def test_it_drops_and_counts():
    crawler = get_crawler()
    pipeline = ValidatePipeline(crawler, None)
    assert pipeline.process_item(GOOD) is GOOD
    with pytest.raises(DropItem, match="no_title"):
        pipeline.process_item(replace(GOOD, title=""))
    assert crawler.stats.get_value("gimonitor/validate/passed") == 1
    assert crawler.stats.get_value("gimonitor/validate/rejected/no_title") == 1
