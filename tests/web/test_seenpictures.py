"""Pictures on a lead's page: numbered, with what they cannot tell, and why one was refused, in the officer's words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select, update
from starlette.testclient import TestClient

from gimonitor.configuration import Configuration
from gimonitor.imaging.faults import copied_finding, finding_of, picture_key
from gimonitor.imaging.look import Look
from gimonitor.imaging.marks import Box, FoundMark, Mark
from gimonitor.imaging.sight import Fault, FaultKind
from gimonitor.model.finding import Finding
from gimonitor.model.picture import PictureState
from gimonitor.model.run import Coverage
from gimonitor.store import leads, runs, tables
from gimonitor.store.codec import encode
from gimonitor.store.database import Store
from gimonitor.store.loading import load_listings
from gimonitor.web.seenpictures import refused

from .seeds import NOW, REGISTER

ABOLISHED = FoundMark(
    mark=Mark.AQSIQ,
    box=Box(x=10, y=10, width=200, height=140),
    outline=((10, 10), (210, 10), (210, 150)),
    confidence=0.99,
)
LOOK = Look(width=640, height=640, digest="a" * 64, marks=(ABOLISHED,), lines=(), codes=(), said=(), was_read=True)


def show(
    store: Store, listing_id: int, digest: str, state: PictureState, look: Any, problem: str = "", **said: Any
) -> None:
    with store.write() as c:
        c.execute(
            tables.pictures.insert().values({
                "digest": digest, "file": "x.jpg", "state": state, "attempts": 1, "owner": "", "look_version": 1,
                "look": look, "fingerprint": {}, "problem": problem, "queued_at": NOW, "seen_at": NOW, **said,
            })
        )  # fmt: skip
        c.execute(tables.picture_uses.insert().values(listing_id=listing_id, digest=digest, url="u", at=NOW))


def accuse(store: Store, lead_id: int, finding: Finding) -> int:
    """Put a finding in place of those of a lead; its listing."""
    with store.write() as c:
        lead = leads.load_lead_row(c, lead_id)
        kept = tables.findings.c
        ours = (kept.listing_id == lead.listing_id, kept.screening == lead.screening, kept.gi_id == lead.gi_id)
        c.execute(update(tables.findings).where(*ours).values(content=encode(finding)))
    return lead.listing_id


def test_what_pictures_cannot_tell_and_why_one_was_refused(enter: Callable[[str], TestClient], store: Store) -> None:
    with store.read() as c:
        listing_id = leads.load_lead_row(c, 1).listing_id
    problem = "shop/c2.jpg: the picture is damaged or cut off: image file is truncated (68 bytes not processed)"
    show(store, listing_id, "b" * 64, PictureState.REFUSED, {}, problem)
    show(store, listing_id, "a" * 64, PictureState.SEEN, encode(LOOK))
    page = enter("wang").get("/leads/1").text
    assert "没有读到完整的生产日期；2020年12月31日以前生产的商品可以继续流通，需要补充证据" in page
    assert page.index("图片 1</b>") < page.index("没有读到完整的生产日期") < page.index("图片 2</b>")
    assert "图片无法识别：文件损坏或者不完整" in page
    assert "truncated" not in page and "c2.jpg" not in page


@pytest.mark.parametrize(
    ("problem", "told"),
    [
        ("x.jpg: not a picture but a ZIP file", "不是可以识别的图片格式"),
        ("x.jpg: the picture is too large: 9 × 9 px, at most 1 pixels are decoded", "图片像素过多"),
        ("given up after three tries", "三次识别均中断"),
        ("something new", "不能识别"),
        ("", ""),
    ],
)
def test_a_refusal_in_the_officers_words(problem: str, told: str) -> None:
    assert refused(problem) == told


def test_a_finding_says_which_picture_and_shows_no_text_that_was_not_read(
    enter: Callable[[str], TestClient], store: Store
) -> None:
    fault = Fault(
        kind=FaultKind.USCC_ABSENT, mark=Mark.GI_2019, reason="图中没有代码。", box=ABOLISHED.box, confidence=0.5
    )
    finding = finding_of(fault, REGISTER, date(2026, 11, 22), "a" * 64)
    assert finding and finding.place.key == picture_key("a" * 64)
    finding = replace(finding, place=replace(finding.place, key=f"{picture_key('a' * 64)} {picture_key('b' * 64)}"))
    listing_id = accuse(store, 1, finding)
    show(store, listing_id, "a" * 64, PictureState.SEEN, encode(replace(LOOK, marks=())))
    show(store, listing_id, "b" * 64, PictureState.SEEN, encode(replace(LOOK, marks=(), digest="b" * 64)))
    page = enter("wang").get("/leads/1").text
    assert "<dd><b>图片 1</b>、<b>图片 2</b>：图中标志</dd>" in page, "not as a text of the picture, once for both"
    assert "<mark>图中标志" not in page
    assert "模型 图中专用标志旁未见统一社会信用代码 第" in page


def test_the_picture_that_one_is_a_copy_of_stands_beside_it(
    enter: Callable[[str], TestClient], store: Store, configuration: Configuration
) -> None:
    copy, original = "a" * 64, "c" * 64
    finding = copied_finding(
        "yangchenghu-crab",
        "商品图片与合法使用人“苏州金爪蟹业有限公司”店铺先前使用的图片相同。",
        NOW.date(),
        REGISTER,
        copy,
    )
    listing_id = accuse(store, 1, finding)
    with store.read() as c:
        other = c.execute(select(tables.listings).where(tables.listings.c.id != listing_id).limit(1)).one()
    show(
        store,
        other.id,
        original,
        PictureState.SEEN,
        encode(replace(LOOK, digest=original)),
        alike=original,
        file="first.png",
    )
    show(store, listing_id, copy, PictureState.SEEN, encode(LOOK), alike=original)
    with store.write() as c:
        earlier = {"at": NOW - timedelta(days=3)}
        c.execute(update(tables.picture_uses).where(tables.picture_uses.c.digest == original).values(earlier))
    configuration.evidence_dir.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (64, 48), (200, 30, 30)).save(configuration.evidence_dir / "first.png")
    officer = enter("wang")
    page = officer.get("/leads/1").text
    address = f"/leads/1/seen/{copy}/first"
    assert f'<img src="{address}"' in page
    assert other.item_id in page and "2026-11-17" in page and "首次采集" in page
    assert officer.get(address).headers["content-type"] == "image/jpeg"
    assert officer.get(f"/leads/1/seen/{original}/first").status_code == 404, "only what is called a copy has one"


def test_a_picture_that_could_not_be_had_is_told_with_the_reason(
    enter: Callable[[str], TestClient], store: Store
) -> None:
    urls = tuple(f"https://img.example/{number}.jpg" for number in range(3))
    with store.write() as c:
        lead = leads.load_lead_row(c, 1)
        stored = load_listings(c, [lead.listing_id])[0]
        mine = (
            tables.listing_versions.c.listing_id == lead.listing_id,
            tables.listing_versions.c.number == stored.version,
        )
        changed = encode(replace(stored.listing, image_urls=urls))
        c.execute(update(tables.listing_versions).where(*mine).values(content=changed))
    assert "图片没有取得：尚未采集" in enter("wang").get("/leads/1").text
    detail = f"gone: {urls[0]}; no picture (2 times): {urls[1]}"
    with store.write() as c:
        run_id = runs.start_run(c, runs.PICTURES, {}, now=NOW)
        runs.save_coverage(
            c, Coverage(run_id=run_id, source="pictures", query=str(lead.listing_id), detail=detail), NOW
        )
    page = enter("wang").get("/leads/1").text
    assert "图片没有取得：网址已失效" in page and "图片没有取得：取回的不是图片" in page
    assert "图片没有取得：没有收到" in page, "of the third nothing was kept"
    assert "尚未采集" not in page and urls[0] in page
