"""Pictures on a lead's page: numbered, with what they cannot tell, and why one was refused, in the officer's words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from gimonitor.imaging.faults import finding_of, picture_key
from gimonitor.imaging.inspector import Fault, FaultKind
from gimonitor.imaging.look import Look
from gimonitor.imaging.marks import Box, FoundMark, Mark
from gimonitor.model.picture import PictureState
from gimonitor.store import leads, tables
from gimonitor.store.codec import encode
from gimonitor.store.database import Store
from gimonitor.web.seenpictures import refused

from .seeds import NOW, REGISTER

ABOLISHED = FoundMark(
    mark=Mark.AQSIQ,
    box=Box(x=10, y=10, width=200, height=140),
    outline=((10, 10), (210, 10), (210, 150)),
    confidence=0.99,
)
LOOK = Look(width=640, height=640, digest="a" * 64, marks=(ABOLISHED,), lines=(), codes=(), said=(), was_read=True)


def show(store: Store, listing_id: int, digest: str, state: PictureState, look: Any, problem: str = "") -> None:
    with store.write() as c:
        c.execute(
            tables.pictures.insert().values(
                digest=digest, file="x.jpg", state=state, attempts=1, owner="", look_version=1,
                look=look, fingerprint={}, problem=problem, queued_at=NOW, seen_at=NOW,
            )
        )  # fmt: skip
        c.execute(tables.picture_uses.insert().values(listing_id=listing_id, digest=digest, url="u", at=NOW))


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
    with store.write() as c:
        lead = leads.load_lead_row(c, 1)
        kept = tables.findings.c
        ours = (kept.listing_id == lead.listing_id, kept.screening == lead.screening, kept.gi_id == lead.gi_id)
        c.execute(update(tables.findings).where(*ours).values(content=encode(finding)))
    show(store, lead.listing_id, "a" * 64, PictureState.SEEN, encode(replace(LOOK, marks=())))
    page = enter("wang").get("/leads/1").text
    assert "<b>图片 1</b>：图中标志</dd>" in page
    assert "<mark>图中标志" not in page
    assert "模型 图中专用标志旁未见统一社会信用代码 第" in page
