"""Personal data is covered and counted; codes, prices and product numbers are left alone."""

from __future__ import annotations

import gzip
import io
import json
import os
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gimonitor.evidence.digest import digest_file
from gimonitor.evidence.seal import WarcSeal
from gimonitor.evidence.verify import verify_pack
from gimonitor.model.finding import Place
from gimonitor.model.listing import Field
from gimonitor.papers.addressees import Part, policy_of
from gimonitor.papers.masking import Masker
from gimonitor.papers.packing import pack_lead
from gimonitor.papers.taking import kind_of
from gimonitor.store.captures import StoredCapture, save_capture
from gimonitor.store.leads import load_lead
from gimonitor.text.personal import find_personal
from gimonitor.workflow.vocabulary import PackKind, Seen

from .conftest import ANYHOW, FINDINGS, NOW, TITLE, furnish, judged, listing, seen

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def identity(number: int) -> str:
    body = f"32011819{80 + number % 20}{1 + number % 12:02}{1 + number % 28:02}{number % 1000:03}"
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, _WEIGHTS, strict=True)) % 11]


def card(number: int) -> str:
    body = f"622202{number:012}"
    digits = [int(c) for c in body]
    total = sum(d if i % 2 else d * 2 - 9 * (d > 4) for i, d in enumerate(reversed(digits)))
    return body + str(-total % 10)


@pytest.mark.parametrize("shape", ["联系电话{}微信同号", "致电 {}", "{}", "张三{}，谢谢", "TEL:{}."])
def test_invented_numbers_are_found_in_every_position(shape: str) -> None:
    for number in range(250):
        for kind, text in (
            ("电话号码", f"13{number % 10}{number:08}"),
            ("电话号码", f"+86 139-0000-{number:04}"),
            ("身份证号", identity(number)),
            ("银行卡号", card(number)),
            ("电子邮箱", f"user{number}@mail.example"),
        ):
            found = [(k, shape.format(text)[a:b]) for k, a, b in find_personal(shape.format(text))]
            assert (kind, text) in found, (text, found)


@pytest.mark.parametrize(
    "text",
    [
        "五常大米 10斤 5kg",
        "商品编号 100012043978",
        "92320118MAMKUT7H1L",
        "GB/T 19266-2008",
        "SC10123011800011",
        "¥1280.00 已售10000+",
        "2026-11-20 13:30:00",
    ],
)
def test_what_is_not_personal_stays(text: str) -> None:
    assert Masker(policy_of(PackKind.LEAD)).text(text, "x") == text


def test_real_titles_are_left_alone() -> None:
    shared = os.environ.get("GIMONITOR_SHARED_DATA")
    folder = Path(shared) if shared else Path(__file__).parents[3] / "shared" / "data"
    if not (folder / "titles.jsonl").is_file():
        pytest.skip("the shared titles are not here")
    lines = (folder / "titles.jsonl").read_text("utf-8").splitlines()[:5000]
    hit = [line for line in lines if any(find_personal(str(json.loads(line).get("title", ""))))]
    assert len(hit) <= len(lines) // 200, hit[:5]


@given(st.text())
def test_any_text_is_taken(text: str) -> None:
    masker = Masker(policy_of(PackKind.LEAD))
    once = masker.text(text, "x")
    assert Masker(policy_of(PackKind.LEAD)).text(once, "x") == once


def test_pack_covers_personal_data_and_records_it(sqlite_store, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("gimonitor.papers.pdf.find_office", lambda: None)
    phone = "13900001234"
    offered = replace(listing(), description=f"正宗演练山大米，买家张三 {phone} 好评", attributes=(("客服", phone),))
    start = offered.description.index("演练山大米")
    place = Place(field=Field.DESCRIPTION, start=start, end=start + 5, text="演练山大米")
    beside = replace(FINDINGS[0], place=place)  # its context would show the number
    house = judged(furnish(sqlite_store, tmp_path / "data", offered, *FINDINGS, beside))
    seen(house, Seen.STILL_UP, NOW, purpose="recheck")
    for kind in PackKind:
        pack, _ = pack_lead(
            house.store, house.configuration, house.lead_id, who="wang", now=NOW, waiver=ANYHOW, kind=kind
        )
        with zipfile.ZipFile(pack.path) as archive:
            files = {n.partition("/")[2]: archive.read(n) for n in archive.namelist()}
        assert not [n for n, data in files.items() if phone.encode() in data]
        for name, data in files.items():
            if name.endswith(".docx"):
                with zipfile.ZipFile(io.BytesIO(data)) as paper:
                    assert phone not in paper.read("word/document.xml").decode(), name
        record = json.loads(files["data/masking.json"])
        omitted = policy_of(kind).omit
        assert {entry["place"] for entry in record["covered"]} == {"description", "attributes.客服"}
        assert record["policy"] == policy_of(kind).id
        assert ("data/decisions.json" in files) == (Part.DECISIONS not in omitted)
        assert ("data/turnover.json" in files) == (Part.TURNOVER not in omitted)
        if Part.DECISIONS in omitted:
            summary = files["data/summary.html"].decode()
            assert "产地标示在外县" not in summary and "尚无人员处理记录" not in summary
            assert "处理过程不随本材料提供" in summary


def test_sealed_files_with_personal_data_stay_in_the_house(sqlite_store, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("gimonitor.papers.pdf.find_office", lambda: None)
    phone = "13900001234"
    house = judged(furnish(sqlite_store, tmp_path / "data", listing(title=f"{TITLE} {phone}"), *FINDINGS))
    folder = house.configuration.evidence_dir / "shot"
    pages = {"http://x.example/": "<p>演练山大米", "http://x.example/reviews": f"<p>买家 {phone}"}
    with WarcSeal(folder, "archive", reserve=0) as seal:
        for address, body in pages.items():
            seal.write(address, 200, [("Content-Type", "text/html; charset=utf-8")], body.encode(), at=NOW)
    (folder / "page.html").write_text(f"<p>买家 {phone}", encoding="utf-8")
    (folder / "full.png").write_bytes(b"a picture")
    with house.store.read() as c:
        record = load_lead(c, house.lead_id)
    with house.store.write() as c:
        for path in (p for p in folder.rglob("*") if p.is_file()):
            name = path.relative_to(folder).as_posix()
            row = StoredCapture(
                listing_id=record.listing.id,
                lead_id=house.lead_id,
                kind=kind_of(name),
                file=f"shot/{name}",
                sha256=digest_file(path).sha256,
                at=NOW,
                who="wang",
            )
            save_capture(c, row)
    seen(house, Seen.STILL_UP, NOW, purpose="recheck")
    for kind in PackKind:
        pack, _ = pack_lead(
            house.store, house.configuration, house.lead_id, who="wang", now=NOW, waiver=ANYHOW, kind=kind
        )
        with zipfile.ZipFile(pack.path) as archive:
            files = {n.partition("/")[2]: archive.read(n) for n in archive.namelist()}
        kept = json.loads(files["data/masking.json"])["kept_back"]
        held = [n for n, data in files.items() if phone.encode() in data or phone.encode() in unpacked(n, data)]
        assert held == [], kind
        assert all(len(entry["sha256"]) == 64 and entry["kept_at"] for entry in kept)
        if kind is PackKind.REMINDER:
            continue
        assert {e["file"].rsplit("/", 1)[1] for e in kept} >= {"page.html", "reviews"}
        [warc] = [data for n, data in files.items() if "/captures/" in n and n.endswith(".warc.gz")]
        assert "演练山大米" in gzip.decompress(warc).decode("utf-8", "replace")
        assert "留存本单位" in files["how-to-check.txt"].decode()
        assert verify_pack(pack.path) == []


def unpacked(name: str, data: bytes) -> bytes:
    """The text inside an archive, a WACZ's archives included."""
    if name.endswith(".wacz"):
        with zipfile.ZipFile(io.BytesIO(data)) as wacz:
            return b"".join(unpacked(n, wacz.read(n)) for n in wacz.namelist())
    return gzip.decompress(data) if name.endswith(".gz") else b""
