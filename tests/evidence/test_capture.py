"""Captures of a local site by a real Chromium: what is kept, what is said, and what is left behind when it fails."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path
from time import monotonic

import pytest
from PIL import Image

from gimonitor.errors import DiskFullError, EvidenceError, InputError
from gimonitor.evidence.browser import Browser, find_chromium
from gimonitor.evidence.capture import Capture, CaptureRequest, Limits, capture_page, capture_pages
from gimonitor.evidence.clock import ClockCheck
from gimonitor.evidence.digest import digest_file
from gimonitor.evidence.seal import Sealed, read_sealed, whole_members
from gimonitor.papers.personal import PICTURE, without_personal

from .conftest import _picture
from .tls import tls_site

pytestmark = pytest.mark.browser

QUICK = Limits(load=5, settle=1, step=5, body=3, total_bytes=1 << 20)


@pytest.fixture(scope="module")
def goods(site: str, browser: Browser, tmp_path_factory) -> Capture:
    request = CaptureRequest(
        url=f"{site}/moved",
        who="officer",
        access=("搜索 五常大米", "第 3 位"),
        crops=("国家地理标志保护产品", "没有的字"),
        user_agent="gimonitor-test",
        clock=ClockCheck(source="ntp://127.0.0.1", at="2026-11-20T00:00:00+00:00", offset=0.25, uncertainty=0.01),
        limits=replace(QUICK, total_bytes=50 << 20),
    )
    return capture_page(request, tmp_path_factory.mktemp("captures"), browser=browser, reserve=0)


def size_of(path: Path) -> tuple[int, int]:
    with Image.open(path) as picture:
        return picture.size


def read(capture: Capture, name: str) -> dict:
    return json.loads((capture.folder / name).read_text("utf-8"))


def test_capture_holds_everything_it_lists_and_nothing_else(goods: Capture) -> None:
    on_disk = {p.relative_to(goods.folder).as_posix() for p in goods.folder.rglob("*") if p.is_file()}
    assert {f.name for f in goods.files} | {"capture.json"} == on_disk
    assert {"page.html", "page.mhtml", "viewport.png", "full.png", "crop-01.png", "environment.json"} <= on_disk
    for file in goods.files:
        assert digest_file(goods.folder / file.name) == file.digests
    assert hashlib.sha256((goods.folder / "capture.json").read_bytes()).hexdigest() == goods.sha256


def test_page_is_the_one_that_was_shown(goods: Capture) -> None:
    assert (goods.status, goods.title, goods.ip) == (200, "五常大米 10斤 东北特产", "127.0.0.1")
    assert goods.final_url.endswith("/goods")
    assert not goods.blank
    html = (goods.folder / "page.html").read_text("utf-8")
    assert "JS 产地" in html  # rendered, not as sent
    assert b"multipart/related" in (goods.folder / "page.mhtml").read_bytes()[:2000]


def test_screenshots_show_the_whole_page_the_window_and_the_place(goods: Capture) -> None:
    sizes = {name: size_of(goods.folder / f"{name}.png") for name in ("full", "viewport", "crop-01")}
    assert sizes["viewport"] == (1366, 900)
    assert sizes["full"][0] == 1366
    assert sizes["full"][1] > 3000
    assert sizes["crop-01"][1] < 100
    assert any("没有的字" in gap for gap in goods.gaps)


def test_every_response_is_sealed_as_it_came(goods: Capture) -> None:
    index = json.loads((goods.folder / "responses.json").read_text("utf-8"))
    by_path = {entry["url"].rsplit("/", 1)[1]: entry for entry in index}
    assert {"moved", "goods", "picture.png", "lazy.png", "late.js"} <= set(by_path)
    entry = by_path["goods"]
    sealed = Sealed(
        file=entry["file"],
        offset=entry["offset"],
        length=entry["length"],
        sha256=entry["sha256"],
        url=entry["url"],
        at=goods.at,
    )
    assert "五常大米" in read_sealed(goods.folder, sealed).body.decode("gbk")
    assert by_path["moved"]["status"] == 302
    assert {entry["ip"] for entry in index} == {"127.0.0.1"}
    assert all(entry["raw"] for entry in index)


def test_environment_record_says_how_it_was_taken(goods: Capture) -> None:
    record = read(goods, "environment.json")
    assert record["redirects"][0].endswith("/moved")
    assert record["access_path"] == ["搜索 五常大米", "第 3 位"]
    assert record["who"] == "officer"
    assert record["begun"]["beijing"].endswith("+08:00")
    assert record["begun"]["utc"].endswith("+00:00")
    assert record["software"]["chromium"].split(".")[0].isdigit()
    assert record["software"]["playwright"]
    assert record["network"]["resolved"] == ["127.0.0.1"]
    assert record["cleanliness"]["login_state"] == "not logged in"
    assert record["cleanliness"]["cookies_before"] == 0
    assert len(record["settings_sha256"]) == 64
    assert record["fonts"]["missing_glyphs"] == ""
    assert record["network"]["server_is_one_of_them"] is True
    assert record["network"]["proxy"] == ""
    assert len(record["network"]["hosts_file_sha256"]) == 64
    assert record["server"]["ip"] == "127.0.0.1"
    assert f":{record['server']['port']}/" in record["url"]
    assert record["clock_check"]["offset"] == 0.25
    assert record["tls"] == {}


def test_crop_is_the_very_dots_of_the_screenshot(goods: Capture) -> None:
    [spot] = read(goods, "capture.json")["spots"]
    left, top, width, height = spot["box"]
    with Image.open(goods.folder / "full.png") as whole, Image.open(goods.folder / spot["file"]) as crop:
        corner = (max(0, round(left)), max(0, round(top)))
        assert whole.crop((*corner, corner[0] + crop.width, corner[1] + crop.height)).tobytes() == crop.tobytes()
        assert corner[0] + crop.width == round(left + width)
        assert corner[1] + crop.height == round(top + height)


def _dots(path: Path) -> dict[tuple[bool, ...], int]:
    """How many dots of a picture have each full hue, by which of red, green and blue it has."""
    with Image.open(path) as picture:
        counted = picture.convert("RGB").getcolors(1 << 24)
    hues: dict[tuple[bool, ...], int] = {}
    for count, dot in counted:
        if min(dot) < 60 < max(dot):
            hue = tuple(value > 120 for value in dot)
            hues[hue] = hues.get(hue, 0) + count
    return hues


def test_a_crop_shows_the_whole_element_and_cuts_through_no_other_words(
    site: str, browser: Browser, tmp_path: Path
) -> None:
    words = ("五常大米", "GB/T 1354", "某县", "贡米")
    capture = capture_page(
        CaptureRequest(url=f"{site}/sheet", crops=words, limits=QUICK), tmp_path, browser=browser, reserve=0
    )
    whole = _dots(capture.folder / "full.png")
    shown = [_dots(capture.folder / f"crop-0{number}.png") for number in (1, 2, 3, 4)]
    title, row, label_and_value = (False, True, False), (False, False, True), (True, False, True)
    for dots, hue in zip(shown, (title, row, label_and_value), strict=False):
        assert dots == {hue: whole[hue]}
    lines, others = (False, True, True), (True, False, False)
    assert shown[3][lines] == whole[lines]  # whole lines of a long text, and not all of them
    assert 0 < shown[3][others] < whole[others] / 4


def test_search_page_shows_the_place_of_the_offer(site: str, browser: Browser, tmp_path: Path) -> None:
    request = CaptureRequest(
        url=f"{site}/search", shows="search", item_id="g009", crops=("五常大米",), limits=replace(QUICK)
    )
    capture = capture_page(request, tmp_path, browser=browser, reserve=0)
    assert (capture.shows, capture.rank) == ("search", 3)
    listed = read(capture, "capture.json")
    assert listed["rank"] == {"item": "g009", "place": 3, "of": 8}
    assert [spot["words"] for spot in listed["spots"]] == ["五常大米", "g009"]  # the first over two elements
    absent = capture_page(replace(request, item_id="g999"), tmp_path, browser=browser, reserve=0)
    assert absent.rank is None
    assert any("g999" in gap for gap in absent.gaps)


def test_what_buyers_wrote_is_emptied_before_the_picture(site: str, browser: Browser, tmp_path: Path) -> None:
    request = CaptureRequest(url=f"{site}/reviews", emptied=('[itemprop="review"]',), limits=QUICK)
    capture = capture_page(request, tmp_path, browser=browser, reserve=0)
    for name in ("page.html", "page.mhtml"):
        text = (capture.folder / name).read_text("utf-8")
        assert "13800138000" not in text
        assert "买家小王" not in text
        assert "脚本中的人" not in text
        assert "13900139000" not in text
    assert "保留的文字" in (capture.folder / "page.html").read_text("utf-8")
    assert 'itemId = "g009"' in (capture.folder / "page.html").read_text("utf-8")
    [part, *scripts] = read(capture, "environment.json")["buyers"]["covered"]
    assert (part["what"], part["by"]) == ("part", '[itemprop="review"]')
    assert part["box"] is not None
    assert {(each["what"], each["why"], each["characters"]) for each in scripts} == {
        ("script", "姓名或账号", 5),
        ("script", "电话号码", 11),
    }


def test_buyers_data_anywhere_on_the_page_is_covered_or_said(site: str, browser: Browser, tmp_path: Path) -> None:
    selectors = ('[class*="commentlist" i]', '[class*="comment-item" i]')
    request = CaptureRequest(url=f"{site}/buyers", emptied=selectors, crops=("五常大米",), limits=QUICK)
    capture = capture_page(request, tmp_path, browser=browser, reserve=0)
    page = (capture.folder / "page.html").read_text("utf-8")
    for words in ("0013", "张三丰", "文三路", "买家小王", "小王家", "买家小李"):
        assert words not in page, words
    assert "保留的文字" in page
    covered = read(capture, "environment.json")["buyers"]["covered"]
    assert [c["by"] for c in covered if c["what"] == "part"] == [selectors[0], *["under “晒单（3）”"] * 2]
    assert [c["why"] for c in covered if c["what"] == "text"] == ["电话号码", "收件人或地址", "地址"]
    assert "张三丰" not in json.dumps(covered, ensure_ascii=False)
    said = [gap for gap in capture.gaps if gap.startswith("buyers' data")]
    assert len(said) == 2  # the part that holds the words in question, and the frame
    assert "说的是五常大米的人" in page


def test_pictures_that_buyers_showed_are_covered_and_go_into_no_pack(
    site: str, browser: Browser, tmp_path: Path
) -> None:
    capture = capture_page(CaptureRequest(url=f"{site}/pictured", limits=QUICK), tmp_path, browser=browser, reserve=0)
    with Image.open(capture.folder / "full.png") as picture:
        hues = {colour for _, colour in picture.convert("RGB").getcolors(1 << 24) or ()}
    assert (255, 0, 0) in hues  # the seller's own picture
    assert not {(0, 0, 255), (0, 128, 0)} & hues
    assert b"lazy.png" not in (capture.folder / "page.mhtml").read_bytes()
    page = (capture.folder / "page.html").read_text("utf-8")
    assert "lazy.png" not in page and "欧阳锋" not in page and "卖家的话" in page
    buyers = read(capture, "environment.json")["buyers"]
    assert buyers["pictures"] == [f"{site}/lazy.png", f"{site}/moved-picture"]  # not the seller's own, shown there too
    assert [each["pictures"] for each in buyers["covered"] if each["what"] == "part"] == [0, 1, 1, 1]
    [warc] = (capture.folder / "archive").glob("*.warc.gz")
    held = without_personal(warc, tmp_path / "out.warc.gz", buyers["pictures"])
    assert held[f"{site}/lazy.png"] == held[f"{site}/green.png"] == {PICTURE: 1}
    assert held[f"{site}/pictured"] == {"评价内容": 1}
    left = b"".join(plain for _, _, plain in whole_members(tmp_path / "out.warc.gz"))
    assert {colour for colour in ("red", "blue", "green") if _picture(colour) in left} == {"red"}


def test_picture_of_thirty_megabytes_is_kept_or_said(site: str, browser: Browser, tmp_path: Path) -> None:
    limits = replace(QUICK, load=30, step=30, body=30, total_bytes=80 << 20)
    kept = capture_page(CaptureRequest(url=f"{site}/photo", limits=limits), tmp_path, browser=browser, reserve=0)
    [entry] = [entry for entry in read_index(kept) if entry["url"].endswith(".bmp")]
    assert entry["size"] > 31_000_000
    cut = replace(limits, response_bytes=8 << 20)
    said = capture_page(CaptureRequest(url=f"{site}/photo", limits=cut), tmp_path, browser=browser, reserve=0)
    assert any("photo.bmp" in gap and "over the limit" in gap for gap in said.gaps)


def read_index(capture: Capture) -> list[dict]:
    return json.loads((capture.folder / "responses.json").read_text("utf-8"))


def test_many_pages_come_in_order_and_a_bad_one_stops_none(site: str, browser: Browser, tmp_path: Path) -> None:
    urls = [f"{site}/gone", f"{site}/hang", "file:///etc/hostname", f"{site}/blank", f"{site}/goods"]
    limits = replace(QUICK, load=4, total_bytes=50 << 20)
    made = list(
        capture_pages([CaptureRequest(url=u, limits=limits) for u in urls], tmp_path, browser=browser, reserve=0)
    )
    assert [type(each).__name__ for each in made] == ["Capture", "EvidenceError", "InputError", "Capture", "Capture"]
    assert [each.url for each in made if isinstance(each, Capture)] == [urls[0], *urls[3:]]
    assert len(list(tmp_path.iterdir())) == 3


def test_full_disk_ends_a_series(site: str, browser: Browser, tmp_path: Path) -> None:
    requests = [CaptureRequest(url=f"{site}/gone", limits=QUICK)] * 3
    made = list(capture_pages(requests, tmp_path, browser=browser, reserve=1 << 62))
    assert [type(each) for each in made] == [DiskFullError]


def test_disk_that_fills_while_writing_leaves_nothing(site: str, browser: Browser, tmp_path: Path, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("gimonitor.evidence.capture.sync_file", full)
    with pytest.raises(DiskFullError):
        capture_page(CaptureRequest(url=f"{site}/gone", limits=QUICK), tmp_path, browser=browser, reserve=0)
    assert list(tmp_path.iterdir()) == []


def test_every_certificate_of_the_chain_is_kept(tmp_path: Path) -> None:
    with tls_site(tmp_path) as (url, pin), Browser(arguments=(f"--ignore-certificate-errors-spki-list={pin}",)) as own:
        capture = capture_page(CaptureRequest(url=url, limits=QUICK), tmp_path / "kept", browser=own, reserve=0)
        record = read(capture, "environment.json")
    assert record["tls"]["protocol"].startswith("TLS")
    assert [each["subject"] for each in record["tls"]["chain"]] == ["CN=localhost", "CN=Practice root"]
    assert (capture.folder / "certificates.pem").read_bytes().count(b"BEGIN CERTIFICATE") == 2
    assert record["settings"]["browser_arguments"]  # what was allowed for the test is said in the record


def test_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path, browser: Browser) -> None:
    with tls_site(tmp_path) as (url, _), pytest.raises(EvidenceError, match="ERR_CERT_AUTHORITY_INVALID"):
        capture_page(CaptureRequest(url=url, limits=QUICK), tmp_path / "kept", browser=browser, reserve=0)


def test_blank_page_is_called_blank(site: str, browser: Browser, tmp_path: Path) -> None:
    for path in ("blank", "white"):
        request = CaptureRequest(url=f"{site}/{path}", limits=QUICK)
        capture = capture_page(request, tmp_path, browser=browser, reserve=0)
        assert capture.blank, path
    assert "the page showed nothing for 1 s after it was loaded" not in capture.gaps  # white words on white are words


def test_page_drawn_late_by_its_script_is_waited_for(site: str, browser: Browser, tmp_path: Path) -> None:
    capture = capture_page(CaptureRequest(url=f"{site}/drawn", limits=QUICK), tmp_path, browser=browser, reserve=0)
    assert (capture.blank, capture.text.strip(), capture.gaps) == (False, "迟到的五常大米", ())


def test_gone_page_is_kept_with_its_status(site: str, browser: Browser, tmp_path: Path) -> None:
    capture = capture_page(CaptureRequest(url=f"{site}/gone", limits=QUICK), tmp_path, browser=browser, reserve=0)
    assert capture.status == 404
    assert not capture.blank


def test_endless_page_is_cut_and_said(site: str, browser: Browser, tmp_path: Path) -> None:
    request = CaptureRequest(url=f"{site}/endless", limits=replace(QUICK, height=5000))
    capture = capture_page(request, tmp_path, browser=browser, reserve=0)
    assert size_of(capture.folder / "full.png") == (1366, 5000)
    assert any("dots high" in gap for gap in capture.gaps)


def test_too_large_response_is_said(site: str, browser: Browser, tmp_path: Path) -> None:
    request = CaptureRequest(url=f"{site}/huge", limits=replace(QUICK, response_bytes=1 << 20))
    capture = capture_page(request, tmp_path, browser=browser, reserve=0)
    assert any("big.bin" in gap and "over the limit" in gap for gap in capture.gaps)


def test_dialogs_and_popups_do_not_stop_a_capture(site: str, browser: Browser, tmp_path: Path) -> None:
    assert capture_page(
        CaptureRequest(url=f"{site}/dialogs", limits=QUICK), tmp_path, browser=browser, reserve=0
    ).status


@pytest.mark.parametrize("path", ["/hang", "/to-file"])
def test_page_that_cannot_be_shown_leaves_nothing(path: str, site: str, browser: Browser, tmp_path: Path) -> None:
    with pytest.raises(EvidenceError):
        capture_page(CaptureRequest(url=site + path, limits=QUICK), tmp_path, browser=browser, reserve=0)
    assert list(tmp_path.iterdir()) == []


def test_page_whose_script_never_ends_is_shown_once_its_script_was_ended(
    site: str, browser: Browser, tmp_path: Path
) -> None:
    request = CaptureRequest(url=f"{site}/loop", limits=replace(QUICK, step=2))
    taken = capture_page(request, tmp_path, browser=browser, reserve=0)
    assert {"page.html", "full.png", "viewport.png", "environment.json"} <= {file.name for file in taken.files}
    assert taken.text == "x"
    assert [gap for gap in taken.gaps if gap.startswith("scripts ended")]


def test_of_a_page_that_never_answers_what_the_server_sent_is_kept_and_said(
    site: str, browser: Browser, tmp_path: Path
) -> None:
    request = CaptureRequest(url=f"{site}/stuck", limits=replace(QUICK, step=5))
    began = monotonic()
    taken = capture_page(request, tmp_path, browser=browser, reserve=0)
    assert monotonic() - began < 120  # bounded, on a busy machine too
    assert taken.blank
    assert (taken.status, taken.ip) == (200, "127.0.0.1")
    assert [gap for gap in taken.gaps if gap.startswith("only answers kept: ")]
    names = {file.name for file in taken.files}
    assert {"responses.json", "environment.json"} < names
    assert not {"page.html", "full.png"} & names
    [answer] = [each for each in read(taken, "responses.json") if each["url"] == f"{site}/stuck"]
    sealed = Sealed(
        file=answer["file"],
        offset=answer["offset"],
        length=answer["length"],
        sha256=answer["sha256"],
        url=answer["url"],
        at=taken.at,
    )
    assert b"<h1>stuck</h1>" in read_sealed(taken.folder, sealed).body
    assert capture_page(CaptureRequest(url=f"{site}/gone", limits=QUICK), tmp_path, browser=browser, reserve=0).status


def test_nobody_answers(closed_port: int, browser: Browser, tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="ERR_CONNECTION_REFUSED"):
        capture_page(f"http://127.0.0.1:{closed_port}/", tmp_path, browser=browser, reserve=0)


@pytest.mark.parametrize("url", ["file:///etc/hostname", "javascript:alert(1)", "data:text/html,x", "http://", "x"])
def test_only_web_addresses_are_captured(url: str, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        capture_page(url, tmp_path, reserve=0)


def test_full_disk_is_said_before_anything_is_fetched(site: str, tmp_path: Path) -> None:
    with pytest.raises(DiskFullError):
        capture_page(f"{site}/goods", tmp_path, reserve=1 << 62)
    assert list(tmp_path.iterdir()) == []


def test_a_running_event_loop_does_not_disturb(site: str, browser: Browser, tmp_path: Path) -> None:
    async def inside() -> Capture:
        return capture_page(CaptureRequest(url=f"{site}/gone", limits=QUICK), tmp_path, browser=browser, reserve=0)

    assert asyncio.run(inside()).status == 404


def test_dead_browser_is_started_again(site: str, tmp_path: Path) -> None:
    request = CaptureRequest(url=f"{site}/gone", limits=QUICK)
    with Browser() as browser:
        assert capture_page(request, tmp_path, browser=browser, reserve=0).status == 404
        browser.run(_kill(browser))
        assert capture_page(request, tmp_path, browser=browser, reserve=0).status == 404


async def _kill(browser: Browser) -> None:
    living = await browser.acquire()
    await living.close()
    browser.release()


def test_missing_chinese_font_is_noticed(site: str, tmp_path: Path, monkeypatch) -> None:
    empty = tmp_path / "fonts"
    empty.mkdir()
    config = tmp_path / "fonts.conf"
    config.write_text(f"<?xml version='1.0'?><fontconfig><dir>{empty}</dir></fontconfig>")
    monkeypatch.setenv("FONTCONFIG_FILE", str(config))
    with Browser() as browser:
        capture = capture_page(CaptureRequest(url=f"{site}/gone", limits=QUICK), tmp_path, browser=browser, reserve=0)
    assert "五" in capture.missing_glyphs


def test_browser_is_found_in_the_promised_order(tmp_path: Path, monkeypatch) -> None:
    system = tmp_path / "chromium"
    system.write_text("#!/bin/sh\n")
    system.chmod(0o755)
    own = tmp_path / "playwright-own"
    own.write_text("")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_chromium(str(system), str(own)) == str(system)
    assert find_chromium("", str(own)) == str(own)
    assert find_chromium("", str(tmp_path / "absent")) == str(system)
    with pytest.raises(EvidenceError, match="no such browser"):
        find_chromium(str(tmp_path / "absent"))
    monkeypatch.setenv("PATH", os.devnull)
    with pytest.raises(EvidenceError, match="no Chromium found"):
        find_chromium("")


def test_a_page_whose_answer_never_ends_is_shown_as_far_as_it_came(site: str, browser: Browser, tmp_path: Path) -> None:
    limits = replace(QUICK, load=3, body=1, settle=0.5)
    request = CaptureRequest(url=f"{site}/dripping", crops=("五常大米",), limits=limits)
    capture = capture_page(request, tmp_path, browser=browser, reserve=0)
    assert (capture.status, capture.title, capture.blank) == (200, "慢", False)
    assert (capture.folder / "crop-01.png").is_file()
    assert any(gap.startswith("the server did not end its answer within 1 s") for gap in capture.gaps)
    assert any("/dripping: too slow" in gap for gap in capture.gaps)
