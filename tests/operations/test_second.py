"""The second pass: pictures and shop pages of what screening asks for, once, under their digests."""

from __future__ import annotations

from pathlib import Path

import pytest

from gimonitor.configuration import Configuration
from gimonitor.evidence.digest import digest_file
from gimonitor.model.listing import Listing, Shop
from gimonitor.operations.second import fetch_pictures
from gimonitor.practice.server import running_practice
from gimonitor.register import load_register
from gimonitor.screening import Screener
from gimonitor.store import runs
from gimonitor.store.captures import captures_of
from gimonitor.store.database import migrate_store, open_store
from gimonitor.store.loading import load_listing
from gimonitor.workflow.intake import officers_day, take_in


@pytest.fixture
def configuration(tmp_path: Path) -> Configuration:
    made = Configuration(data_dir=tmp_path / "data", disk_reserve_mb=1)
    migrate_store(made.store_url)
    return made


def offer(number: int, title: str, images: tuple[str, ...], shop: str) -> Listing:
    return Listing(
        platform="p", item_id=str(number), title=title, image_urls=images, shop=Shop(name="店", shop_id="1", url=shop)
    )


def test_pictures_are_asked_once_and_kept_under_their_digest(configuration: Configuration) -> None:
    with running_practice() as server:
        image, other = f"{server.url}/image/g104.png", f"{server.url}/image/g105.png"
        shop = f"{server.url}/shop/s01"
        wanted = [
            offer(1, "正宗五常大米 5kg 辽宁沈阳产", (image, other), shop),
            offer(
                2,
                "正宗五常大米 10kg 辽宁沈阳产",
                (image, f"{server.url}/image/nosuch.png", f"{server.url}/item/g104.html"),
                shop,
            ),
            offer(3, "加厚防滑地垫", (f"{server.url}/image/g106.png",), shop),
        ]
        with open_store(configuration.store_url) as store:
            take_in(store, Screener(load_register()), [(one, None) for one in wanted], None, officers_day())
        verdict = fetch_pictures(configuration, say=lambda line: None)
        asked = [path for _, path, _ in server.market.log if path.startswith(("/image", "/shop", "/item"))]
    assert verdict is not None
    assert sorted(asked) == sorted(set(asked)), "an address was asked twice"
    assert not any("g106" in path for path in asked)
    with open_store(configuration.store_url) as store, store.read() as c:
        first = captures_of(c, load_listing(c, "p", "1").id)
        second = captures_of(c, load_listing(c, "p", "2").id)
        coverage = runs.load_coverage(c, verdict.run_id)
    kept = {one.url: one for one in first if one.kind == "image"}
    assert sorted(kept) == sorted([image, other])
    shared = [one for one in second if one.kind == "image"]
    assert len(shared) == 1 and shared[0].file == kept[image].file
    for one in (*first, *shared):
        if one.kind == "image":
            assert digest_file(configuration.evidence_dir / one.file).sha256 == one.sha256
    assert sum(record.rejected for record in coverage) == 1  # a page where a picture was said to be
    assert any("gone" in record.detail for record in coverage)
    assert all(record.seen == record.stored + record.unchanged + record.rejected for record in coverage)
