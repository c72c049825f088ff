"""A page that an officer saved stays in the house whole; a masked copy of it travels, whatever file it came in."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from gimonitor.errors import InputError
from gimonitor.evidence.digest import digest_file
from gimonitor.evidence.verify import verify_pack
from gimonitor.papers.extract import copy_saved, mask_page
from gimonitor.papers.looking import Waiver
from gimonitor.papers.packing import pack_lead
from gimonitor.parsing.capture import SavedPage
from gimonitor.store.captures import SAVED, StoredCapture, save_capture
from gimonitor.store.database import Store
from gimonitor.workflow.vocabulary import PackKind

from .conftest import FINDINGS, NOW, furnish, judged, listing

URL = "https://shop.example/item/g001"
PAGE = """<!-- 13712345678 --><html><head><title>演练山大米</title><script>var token = "SECRETCOOKIE"</script></head><body>
<div>Hi，<a href="/u/nickzhang">nickzhang</a></div><h1>演练山大米 10斤</h1><p data-buyer="欧阳锋锋">产地 某省某县</p>
<div class="Review-Item">司马光光：很好</div><h2>用户评价(12)</h2><p>上官云云：又香又糯</p><h2>物流</h2>
<ul><li>收货人：<b>欧阳锋锋</b></li><li>手机<i>137</i>12345678 已发货</li></ul><img src="https://img.example/buyer.jpg"></body></html>"""
HIDDEN = ("欧阳锋锋", "司马光光", "上官云云", "12345678", "SECRETCOOKIE", "nickzhang", "buyer.jpg")


def har() -> bytes:
    cookie = [{"name": "Cookie", "value": "token=SECRETCOOKIE; nick=nickzhang"}]
    account = {"request": {"url": "https://shop.example/my", "headers": cookie}}
    entries = [
        account | {"response": {"content": {"mimeType": "text/html", "text": "<p>欧阳锋锋</p>"}}},
        {
            "request": {"url": URL, "headers": cookie},
            "response": {"status": 200, "content": {"mimeType": "text/html", "text": PAGE}},
        },
    ]
    return json.dumps({"log": {"entries": entries}}).encode()


def mhtml() -> bytes:
    head = "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\n"
    part = f"Content-Type: text/html; charset=utf-8\r\nContent-Location: {URL}\r\n\r\n{PAGE}\r\n--b--\r\n"
    return (head + part).encode()


def warc() -> bytes:
    asked = b"GET /item/g001 HTTP/1.1\r\nCookie: token=SECRETCOOKIE\r\n\r\n"
    given = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nSet-Cookie: nickzhang\r\n\r\n" + PAGE.encode()
    return _record("request", asked) + _record("response", given)


def _record(kind: str, body: bytes) -> bytes:
    head = f"WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {URL}\r\nWARC-Date: 2026-03-01T00:00:00Z\r\n"
    about = f"Content-Type: application/http; msgtype={kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return (head + about).encode() + body + b"\r\n\r\n"


FILES = {"html": PAGE.encode(), "mhtml": mhtml(), "har": har(), "warc": warc()}


@pytest.mark.parametrize("container", FILES)
def test_a_copy_has_the_offer_and_nobody(container: str, tmp_path: Path) -> None:
    path = tmp_path / "saved"
    path.write_bytes(FILES[container])
    copy = copy_saved(path, (URL,), "g001", ('[class*="review-item" i]',))
    text = copy.body.decode()
    assert not [word for word in HIDDEN if word in text]
    assert "演练山大米 10斤" in text and "产地 某省某县" in text and "已发货" in text
    assert {row["why"] for row in copy.covered} == {"买家所写的部分", "收件人或地址", "电话号码", "登录人的名称"}


def test_a_file_without_the_offers_page_gives_no_copy(tmp_path: Path) -> None:
    path = tmp_path / "saved.har"
    path.write_bytes(har())
    with pytest.raises(InputError, match="没有制作遮盖副本"):
        copy_saved(path, ("https://shop.example/item/other",), "x", ())


def test_a_part_that_holds_the_title_stays_and_is_told() -> None:
    copy = mask_page(SavedPage(url=URL, body=b'<div class="reviews"><h1>Rice</h1></div>'), ('[class*="reviews" i]',))
    assert b"Rice" in copy.body and copy.covered == () and len(copy.not_covered) == 1


def test_a_saved_file_stays_in_the_house(sqlite_store: Store, tmp_path: Path) -> None:
    house = furnish(sqlite_store, tmp_path / "data", listing(), *FINDINGS)
    folder = house.configuration.evidence_dir / "saved-1"
    folder.mkdir(parents=True)
    for name, body in (("s.har", har()), ("shot.png", b"\x89PNG\r\n\x1a\n"), ("odd.html", b"nothing <")):
        (folder / name).write_bytes(body)
        is_picture = name.endswith("png")
        row = StoredCapture(
            listing_id=1,
            kind="image" if is_picture else SAVED,
            file=f"saved-1/{name}",
            sha256=digest_file(folder / name).sha256,
            at=NOW,
            url="" if is_picture else URL,
            detail={"container": "picture" if is_picture else "har", "name": name},
            who="wang",
        )
        with house.store.write() as c:
            save_capture(c, row)
    ready = judged(house)
    waiver = Waiver(without_capture=True, without_look=True)
    pack, _ = pack_lead(
        ready.store, ready.configuration, ready.lead_id, who="wang", now=NOW, kind=PackKind.PUSH, waiver=waiver
    )
    assert verify_pack(pack.path) == []
    with zipfile.ZipFile(pack.path) as archive:
        archive.extractall(tmp_path / "out")
        files = {info.filename.partition("/")[2]: archive.read(info) for info in archive.infolist()}
    [verifier] = (tmp_path / "out").rglob("verify.py")
    assert subprocess.run([sys.executable, "-I", verifier, pack.path], capture_output=True).returncode == 0
    whole = b"".join(files.values()).decode("utf-8", "replace")
    assert not [word for word in HIDDEN if word in whole]
    masking = json.loads(files["data/masking.json"])
    har_row, odd_row = (row for row in masking["kept_back"] if "原件留存备查" in row["why"])
    assert har_row["file"].endswith("s.har") and har_row["sha256"] == digest_file(folder / "s.har").sha256
    assert "没有制作遮盖副本" in odd_row["why"]
    [copied] = masking["masked_copies"]
    assert files[f"data/{copied['file']}"].decode().count("演练山大米 10斤") == 1
    [unseen] = masking["not_looked_at"]
    assert unseen["file"].endswith("shot.png")
    listed = json.dumps(json.loads(files["data/evidence-list.json"]), ensure_ascii=False)
    assert "遮盖副本，不是原件" in listed and har_row["sha256"] in listed
