"""Whether a page is still up is judged by what a reader sees on it; a login wall is no capture of a page."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gimonitor.evidence.pack import Obtained, PackFile
from gimonitor.evidence.seal import WarcSeal
from gimonitor.papers.exhibits import replay_of
from gimonitor.papers.looking import done_without, has_capture, lacking_look
from gimonitor.store.leads import LeadRecord, load_lead
from gimonitor.workflow.rechecks import Page, judge_look
from gimonitor.workflow.vocabulary import PackKind, Seen

from .conftest import FINDINGS, NOW, TITLE, House, listing, seen


def record_of(house: House) -> LeadRecord:
    with house.store.read() as c:
        return load_lead(c, house.lead_id)


@pytest.mark.parametrize(
    ("visible", "what", "changed"),
    [
        (TITLE.replace(" ", "\n"), Seen.STILL_UP, False),
        ("促销 演练山大米 5斤", Seen.STILL_UP, True),
        (f"东北长粒香米 {'好' * 700}", Seen.UNKNOWN, False),
    ],
)
def test_words_that_nobody_sees_are_not_up(visible: str, what: Seen, changed: bool) -> None:
    body = f"<html><head><title>{TITLE}</title></head><body><h1>x</h1>{'好' * 3000}</body></html>".encode()
    look = judge_look(
        replace(listing(), platform="other"),
        FINDINGS[:1],
        Page(url="http://shop.example/1", status=200, body=body, visible=visible),
    )
    assert look.seen is what
    assert bool(look.changed) == changed


def test_a_page_that_states_another_origin_now_is_not_sent_without_a_word(house: House) -> None:
    rows = "".join(
        f"<tr><th>{k}</th><td>{v}</td></tr>" for k, v in (("产地", "某省 某县"), ("产品标准号", "GB/T 19266"))
    )
    main = f'<main class="item" data-id="g001"><h1>{TITLE}</h1><table class="attributes">{rows}</table></main>'
    page = Page(url="http://127.0.0.1:9/item/g001", status=200, body=f"<html><body>{main}".encode(), visible=TITLE)
    same = judge_look(listing(), FINDINGS[:1], page)
    assert (same.seen, same.changed, same.unsettled) == (Seen.STILL_UP, "", False)
    before = listing(origin="辽宁省沈阳市", attributes=(("产品标准号", "GB/T 1354"), ("等级", "一级")))
    look = judge_look(before, FINDINGS[:1], page)
    assert look.unsettled and look.seen is Seen.STILL_UP
    assert "产地由“辽宁省沈阳市”变为“某省 某县”" in look.changed and "GB/T 19266" in look.changed
    assert "等级" not in look.changed
    seen(house, Seen.STILL_UP, NOW, changed=look.changed, unsettled=True)
    assert "辽宁省沈阳市" in lacking_look(record_of(house), NOW, 24)
    told = "".join(done_without(record_of(house), PackKind.PUSH, NOW, 24))
    assert "由承办人决定照此出包" in told and "辽宁省沈阳市" in told


def test_a_login_wall_is_no_capture_of_the_page(house: House) -> None:
    seen(house, Seen.BLOCKED, NOW)
    assert not has_capture(record_of(house))
    [first, *_] = done_without(record_of(house), PackKind.LEAD, NOW, 24)
    assert "还没有固证到商品页面" in first
    seen(house, Seen.STILL_UP, NOW - timedelta(hours=1))
    assert has_capture(record_of(house))


def test_a_changed_page_is_told_in_every_kind_of_pack(house: House) -> None:
    seen(house, Seen.CHANGED, NOW)
    for kind in PackKind:
        assert "内容已修改" in "".join(done_without(record_of(house), kind, NOW, 24)), kind


def test_each_time_a_page_was_opened_can_be_chosen_in_the_replay(house: House, tmp_path: Path) -> None:
    url, times = "http://x.example/", [NOW - timedelta(days=2), NOW]
    archives = []
    for number, at in enumerate(times):
        with WarcSeal(tmp_path / str(number), "archive", reserve=0) as seal:
            seal.write(url, 200, [("Content-Type", "text/html")], b"<p>x", at=at)
        [path] = (tmp_path / str(number)).rglob("*.warc.gz")
        obtained = Obtained(at=at, method="m", by="", carrier=url, piece="", proves="", note="")
        archives.append(PackFile(path=f"{number}", content=path, media_type="application/warc", obtained=obtained))
    [made] = replay_of([record_of(house)], archives, tmp_path, "t")
    assert isinstance(made.content, Path)
    with zipfile.ZipFile(made.content) as wacz:
        pages = [json.loads(line) for line in wacz.read("pages/pages.jsonl").decode().splitlines()[1:]]
    assert [page["ts"][:10] for page in pages] == ["2026-11-18", "2026-11-20"]
    assert len({page["id"] for page in pages}) == 2
