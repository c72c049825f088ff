"""A judged lead becomes a pack: complete, checked, with nothing unverified in it, and stored only once it is whole."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import docx
import pytest

from gimonitor.errors import DiskFullError, InputError, NotFoundError, TamperedError
from gimonitor.evidence.digest import digest_file
from gimonitor.evidence.seal import read_sealed
from gimonitor.evidence.sealed import Sealed
from gimonitor.evidence.verify import verify_pack
from gimonitor.model.finding import Origin, Place
from gimonitor.model.lead import Resolution, State
from gimonitor.model.listing import Field
from gimonitor.model.zone import BEIJING
from gimonitor.papers.addressees import policy_of
from gimonitor.papers.case import load_case
from gimonitor.papers.contents import left_out
from gimonitor.papers.findings import show_findings
from gimonitor.papers.forms import FORMS, REPORTS
from gimonitor.papers.kinds import PAPERS
from gimonitor.papers.looking import NOTHING_WAIVED, Waiver
from gimonitor.papers.packing import pack_lead
from gimonitor.papers.pdf import find_office
from gimonitor.papers.places import custody_log, stamp_queue
from gimonitor.papers.purchases import record_purchase
from gimonitor.papers.taking import BEFORE_SENDING, kind_of, take_for_lead
from gimonitor.papers.values import Addressing
from gimonitor.papers.words import EVIDENCE
from gimonitor.register import load_register
from gimonitor.screening import Screener
from gimonitor.store.audit import verify_audit
from gimonitor.store.leads import load_lead
from gimonitor.store.people import add_person
from gimonitor.workflow.states import Action
from gimonitor.workflow.vocabulary import PackKind, Seen
from gimonitor.workflow.words import ACTIONS, FIELDS, ORIGINS, RESOLUTIONS, STATES

from .conftest import ANYHOW, FINDINGS, NOW, House, finding, furnish, judged, listing, pdf, seen


@pytest.fixture(autouse=True)
def no_office(request: pytest.FixtureRequest, monkeypatch) -> None:
    """Printing costs seconds; only the test that is about it prints."""
    if "kind" not in request.fixturenames:
        monkeypatch.setattr("gimonitor.papers.pdf.find_office", lambda: None)


def buy(house: House) -> int:
    return record_purchase(
        house.store,
        house.configuration,
        house.lead_id,
        who="wang",
        account="某局办案账号",
        order_number="D-1",
        goods="演练山大米 10斤",
        paid_fen=5980,
        at=NOW - timedelta(days=2),
        now=NOW,
    ).id


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}


def test_pack_of_a_judged_lead_is_whole_and_stored(house: House) -> None:
    judged(house)
    pack, row = pack_lead(house.store, house.configuration, house.lead_id, who="wang", now=NOW, waiver=ANYHOW)
    assert verify_pack(pack.path, sha256=row.sha256) == []
    with house.store.read() as c:
        [stored] = load_lead(c, house.lead_id).packs
        assert verify_audit(c) is None
    assert (house.configuration.packs_dir / stored.file).is_file()
    assert stored.sha256 == digest_file(pack.path).sha256
    assert [e.action for e in custody_log(house.configuration).entries()] == ["packed"]


def test_pack_holds_the_listing_findings_law_decisions_and_evidence(house: House) -> None:
    judged(house)
    pack, _ = pack_lead(house.store, house.configuration, house.lead_id, who="wang", now=NOW, waiver=ANYHOW)
    files = members(pack.path)
    summary = files["data/summary.html"].decode()
    for words in (
        "疑似",
        "演练山大米",
        "92320118MAMKUT7H1L",
        "产地不在保护范围内",
        "演练规定第三十条",
        "出示产自保护产区的证明",
        "N20：店铺主体不在合法使用人名单中",
        "名称不在配料说明中",
        "产地标示在外县",
        "59.80",
        "第 3 位",
    ):
        assert words in summary, words
    assert "侵权" not in summary
    assert "<b>" not in summary
    assert json.loads(files["data/listing.json"])["title"] == listing().title
    assert [d["action"] for d in json.loads(files["data/decisions.json"])] == ["claim", "judge", "approve"]
    with zipfile.ZipFile(io.BytesIO(files["data/replay.wacz"])) as wacz:
        assert "http://127.0.0.1:9/item/g001" in wacz.read("indexes/index.cdxj").decode()
    [row] = json.loads(files["data/evidence-list.json"])
    assert row["title"] == "采集时的原始响应"
    assert files[row["path"]].startswith(b"\x1f\x8b")


@pytest.mark.parametrize("kind", PackKind)
def test_each_kind_of_pack_carries_its_papers(kind: PackKind, sqlite_store, tmp_path: Path) -> None:
    house = judged(furnish(sqlite_store, tmp_path / "data", listing(), *FINDINGS))
    buy(house)
    seen(house, Seen.STILL_UP, NOW - timedelta(hours=1), purpose=BEFORE_SENDING)
    to = Addressing(addressee="某县市场监督管理局")
    pack, row = pack_lead(
        house.store, house.configuration, house.lead_id, who="wang", now=NOW, waiver=ANYHOW, kind=kind, addressing=to
    )
    assert row.kind == kind
    names = members(pack.path)
    with house.store.read() as c:
        without = left_out(policy_of(kind), [load_case(c, house.lead_id)])
    assert not any(name.endswith(f"-{code}.docx") for name in names for code in without)
    for code in set(PAPERS[kind]) - without:
        assert any(name.endswith(f"-{code}.docx") for name in names)
        if find_office():
            assert any(name.endswith(f"-{code}.pdf") for name in names)
    if not find_office():
        assert "没有 PDF" in names["how-to-check.txt"].decode()


def test_papers_name_people_and_say_where_a_lead_came_from(house: House) -> None:
    judged(house)
    with house.store.write() as c:
        add_person(c, "wang", "王一", "officer", "hash", now=NOW)
    pack, row = pack_lead(house.store, house.configuration, house.lead_id, who="wang", now=NOW, waiver=ANYHOW)
    files = members(pack.path)
    assert row.who == "wang"
    assert "王一" in files["data/summary.html"].decode()
    assert "制作人：王一" in files["data/evidence-list.html"].decode()
    [form] = [data for name, data in files.items() if name.endswith("lead-registration.docx")]
    cells = [c.text for t in docx.Document(io.BytesIO(form)).tables for r in t.rows for c in r.cells]
    assert cells[cells.index("登记人") + 1] == "王一"
    assert cells[cells.index("线索来源") + 1] == "网络监测：搜索“演练山大米”，第 3 位"


def test_packed_response_is_a_warc_file_by_itself(house: House, tmp_path: Path) -> None:
    judged(house)
    pack, _ = pack_lead(house.store, house.configuration, house.lead_id, who="wang", now=NOW, waiver=ANYHOW)
    [data] = [data for name, data in members(pack.path).items() if name.endswith(".warc.gz")]
    (tmp_path / "x.warc.gz").write_bytes(data)
    with house.store.read() as c:
        [capture] = load_lead(c, house.lead_id).captures
    sealed = Sealed(file="x.warc.gz", offset=0, length=len(data), sha256=capture.sha256, url=capture.url, at=capture.at)
    assert read_sealed(tmp_path, sealed).body.decode() == listing().title


def test_no_unverified_fact_is_anywhere_in_the_pack(house: House) -> None:
    judged(house)
    pack, _ = pack_lead(house.store, house.configuration, house.lead_id, who="wang", now=NOW, waiver=ANYHOW)
    for name, data in members(pack.path).items():
        for words in ("9.99", "第九十九条", "尚未核实的条文"):
            assert words.encode() not in data, (name, words)
    summary = members(pack.path)["data/summary.html"].decode()
    told = "标题中有“10斤”，页面标示产地为“某省某县”；疑似涉及地理标志“演练山大米”（待核实：参考价格）。"
    assert told in summary  # what the page says is told, and what must be checked
    assert "参考价格尚未核实" in members(pack.path)["how-to-check.html"].decode()


def test_what_rests_on_an_unverified_area_says_what_the_page_says_and_leaves_a_blank() -> None:
    [shown] = show_findings(listing(), [finding(unverified=("“演练山大米”的保护范围代码尚未核实",))])
    assert shown.origin == "（待核实：“演练山大米”的保护范围代码）"
    assert "标题中有“演练山大米”，页面标示产地为“某省某县”" in shown.reason
    assert shown.clears == "出示产自保护产区的证明"
    assert "产地不在保护范围内" not in shown.reason
    [shown] = show_findings(listing(), [finding()])
    assert (shown.origin, shown.reason, len(shown.considered)) == ("产区外", "产地不在保护范围内", 1)
    [shown] = show_findings(listing(), [finding("10斤", unverified=("参考价格尚未核实",), family="price")])
    assert shown.origin == "产区外"  # only what the fact bears on is left open
    assert "页面标价59.80元" in shown.reason


def test_what_was_read_in_a_picture_is_placed_by_the_digest_of_its_file() -> None:
    place = Place(field=Field.IMAGE_TEXT, start=4, end=8, text="地理标志", key="0123456789ab ba9876543210")
    [shown] = show_findings(listing(), [replace(finding(), place=place)])
    assert (shown.field, shown.position) == ("商品图片（SHA-256 以 0123456789ab、ba9876543210 开头）", "")
    assert shown.words == "地理标志"
    [shown] = show_findings(listing(), [replace(finding(), place=replace(place, key=""))])
    assert (shown.field, shown.position) == ("图中文字", "第 5—8 字")


def test_a_reason_that_does_not_rest_on_the_area_is_told_though_the_area_is_unverified() -> None:
    area = ("“演练山大米”的保护范围代码尚未核实",)
    reason = "标示的执行标准为“GB/T 1354”，而不是GB/T 19266。"
    [shown] = show_findings(listing(), [finding(reason=reason, family="standard", unverified=area)])
    assert (shown.reason, shown.told, shown.open_facts) == (reason, reason, ())
    assert shown.origin == "（待核实：“演练山大米”的保护范围代码）"
    of_place = "食品生产许可证的地区不在“演练山大米”的保护范围内。"
    [shown] = show_findings(listing(), [finding(reason=of_place, family="sc-region", unverified=area)])
    assert shown.open_facts == area
    assert of_place not in shown.reason


def test_of_goods_from_outside_no_article_is_cited_that_speaks_of_goods_from_inside() -> None:
    """The real rules: the area's code is unverified as they come, and 30-1 and 30-4 exclude one another."""
    offered = listing(title="五常大米 10斤装", origin="安徽省合肥市", attributes=(("执行标准", "GB/T 1354"),))
    [suspicion] = Screener(load_register()).screen(offered, NOW.date()).suspicions
    shown = {f.model_id: s for f, s in zip(suspicion.findings, show_findings(offered, suspicion.findings), strict=True)}
    assert shown["name-outside"].origin.startswith("（待核实：“五常大米”的保护范围")
    articles = [c.article for s in shown.values() for c in s.law]
    assert "第三十条第一项" in articles
    assert "第三十条第四项" not in articles


def test_pack_needs_a_capture_and_what_leaves_the_house_a_fresh_look(house: House) -> None:
    judged(house)
    store, settings = house.store, house.configuration

    def build(now: datetime, kind: PackKind = PackKind.TRANSFER, waiver: Waiver = NOTHING_WAIVED) -> dict[str, bytes]:
        made, _ = pack_lead(store, settings, house.lead_id, who="wang", now=now, kind=kind, waiver=waiver)
        return members(made.path)

    with pytest.raises(InputError, match="还没有固证"):
        build(NOW)
    seen(house, Seen.STILL_UP, NOW)
    assert "不复看" not in build(NOW + timedelta(hours=23))["how-to-check.txt"].decode()
    with pytest.raises(InputError, match="超过 24 小时"):
        build(NOW + timedelta(hours=25))
    build(NOW + timedelta(hours=25), PackKind.LEAD)  # stays in the house
    files = build(NOW + timedelta(hours=25), waiver=Waiver(without_look=True))
    said = "没有符合规定的复看"
    assert said in files["how-to-check.txt"].decode()
    [letter] = [data for name, data in files.items() if name.endswith("transfer-letter.docx")]
    assert said in "".join(p.text for p in docx.Document(io.BytesIO(letter)).paragraphs)
    seen(house, Seen.GONE, NOW + timedelta(hours=25))
    with pytest.raises(InputError, match="已经不存在"):
        build(NOW + timedelta(hours=26))


@pytest.mark.parametrize("resolution", [None, Resolution.FAIR_USE, Resolution.NEEDS_TEST_PURCHASE])
def test_nothing_leaves_without_a_persons_judgement(house: House, resolution: Resolution | None) -> None:
    if resolution:
        judged(house, resolution)
    with pytest.raises(InputError, match="尚未由人员判定"):
        pack_lead(house.store, house.configuration, house.lead_id, who="wang", now=NOW, waiver=ANYHOW)
    assert not house.configuration.packs_dir.exists() or not list(house.configuration.packs_dir.iterdir())


def test_nameless_export_and_unknown_lead_are_refused(house: House) -> None:
    with pytest.raises(InputError):
        pack_lead(house.store, house.configuration, house.lead_id, who=" ", now=NOW, waiver=ANYHOW)
    with pytest.raises(NotFoundError):
        pack_lead(house.store, house.configuration, 999, who="wang", now=NOW, waiver=ANYHOW)


def test_changed_archive_stops_the_pack_and_stores_nothing(house: House) -> None:
    judged(house)
    [archive] = house.configuration.warc_dir.rglob("*.warc.gz")
    data = bytearray(archive.read_bytes())
    with house.store.read() as c:
        [capture] = load_lead(c, house.lead_id).captures
    data[capture.offset + capture.length // 2] ^= 1
    archive.write_bytes(data)
    with pytest.raises(TamperedError):
        pack_lead(house.store, house.configuration, house.lead_id, who="wang", now=NOW, waiver=ANYHOW)
    with house.store.read() as c:
        assert load_lead(c, house.lead_id).packs == ()
    assert custody_log(house.configuration).head()[0] == 0


def test_full_disk_stores_nothing(house: House) -> None:
    judged(house)
    full = house.configuration.model_copy(update={"disk_reserve_mb": 1 << 42})
    with pytest.raises(DiskFullError):
        pack_lead(house.store, full, house.lead_id, who="wang", now=NOW, waiver=ANYHOW)
    with house.store.read() as c:
        assert load_lead(c, house.lead_id).packs == ()


def test_each_pack_has_its_own_number(house: House) -> None:
    judged(house)
    made = [
        pack_lead(house.store, house.configuration, house.lead_id, who="wang", now=NOW, waiver=ANYHOW)[0]
        for _ in range(2)
    ]
    (house.configuration.packs_dir / "GI-20261120-000001-3.zip").write_bytes(b"left by a crash before its row")
    made.append(pack_lead(house.store, house.configuration, house.lead_id, who="wang", now=NOW, waiver=ANYHOW)[0])
    assert [m.path.stem[-2:] for m in made] == ["-1", "-2", "-4"]


def test_authority_that_does_not_answer_is_named_and_queued(house: House) -> None:
    judged(house)
    dead = house.configuration.model_copy(update={"timestamp_urls": ("http://127.0.0.1:9/",)})
    pack, row = pack_lead(house.store, dead, house.lead_id, who="wang", now=NOW, waiver=ANYHOW, timeout=2.0)
    assert pack.stamps == ()
    assert "127.0.0.1:9" in str(row.detail["unstamped"])
    assert "没有可信时间戳" in members(pack.path)["how-to-check.txt"].decode()
    [waiting] = stamp_queue(dead).waiting()
    assert waiting.urls == ("http://127.0.0.1:9/",)
    assert Path(waiting.file).read_text() == f"{pack.sha256}  {pack.path.name}\n"


EVIL = [
    "<script>alert(1)</script>",
    "{{ 7*7 }}",
    "阳\u202e澄\x00湖",
    "\ud800",
    "../../x",
    "=cmd|' /C calc'!A0",
    "长" * 500,
]


@pytest.mark.parametrize("text", EVIL)
def test_hostile_text_is_only_text(text: str, sqlite_store, tmp_path: Path) -> None:
    offered = replace(listing(), item_id=text or "x", description=text, origin=text, specification=text, query=text)
    house = judged(furnish(sqlite_store, tmp_path / "data", offered, *FINDINGS))
    pack, _ = pack_lead(house.store, house.configuration, house.lead_id, who="wang", now=NOW, waiver=ANYHOW)
    assert verify_pack(pack.path) == []
    page = members(pack.path)["data/summary.html"].decode()
    assert "<script" not in page
    assert "\u202e" not in page
    assert "49" not in page.split("二、疑点")[0].split("规格")[1][:40]


@pytest.mark.browser
def test_capture_of_a_lead_is_stored_and_packed(sqlite_store, tmp_path: Path, site: str) -> None:
    house = judged(furnish(sqlite_store, tmp_path / "data", listing(url=f"{site}/item"), *FINDINGS))
    with house.store.read() as c:
        record = load_lead(c, house.lead_id)
    configuration = house.configuration.model_copy(update={"practice_url": site})
    taken = take_for_lead(house.store, record, configuration, who="wang", now=datetime.now(UTC)).item
    assert taken.title == "演练山大米"
    with house.store.read() as c:
        kinds = {capture.kind for capture in load_lead(c, house.lead_id).captures}
    assert {"response", "screenshot", "viewport", "crop", "html", "mhtml", "warc", "environment", "manifest"} <= kinds
    assert kinds <= set(EVIDENCE)
    pack, _ = pack_lead(house.store, house.configuration, house.lead_id, who="wang", now=NOW, waiver=ANYHOW)
    files = members(pack.path)
    assert "没有页面截图" not in files["how-to-check.txt"].decode()
    [registration] = [data for name, data in files.items() if name.endswith("lead-registration.docx")]
    with zipfile.ZipFile(io.BytesIO(registration)) as paper:  # the places of the findings, cut out of the screenshot
        assert any(name.startswith("word/media/") for name in paper.namelist())
    entries = [
        json.loads(data) for name, data in files.items() if name.startswith("data/custody/") and name.endswith(".json")
    ]
    assert {entry["action"] for entry in entries} == {"captured"}
    assert taken.folder.name in {entry["object"] for entry in entries}
    listed = json.loads(files["data/evidence-list.json"])
    assert sum(row["path"].startswith("data/captures/01-") for row in listed) == len(taken.files) + 1
    (taken.folder / "full.png").write_bytes(b"another picture")
    with pytest.raises(TamperedError, match="整页截图"):
        pack_lead(house.store, house.configuration, house.lead_id, who="wang", now=NOW, waiver=ANYHOW)


def test_every_value_has_its_word() -> None:
    for vocabulary, words in (
        (Field, FIELDS),
        (Origin, ORIGINS),
        (State, STATES),
        (Resolution, RESOLUTIONS),
        (Action, ACTIONS),
    ):
        assert {str(value) for value in vocabulary} == set(words)
    for name in ("page.html", "x.warc.gz", "crop-01.png", "capture.json"):
        assert kind_of(name) in EVIDENCE


def test_commands_pack_and_verify(sqlite_store, tmp_path: Path) -> None:
    house = judged(furnish(sqlite_store, tmp_path / "data", listing(), *FINDINGS))
    with sqlite_store.write() as c:
        add_person(c, "wang", "王某", "officer", "x")
    url = sqlite_store._engine.url.render_as_string(hide_password=False)
    environment = {
        "PATH": str(tmp_path),  # no LibreOffice there: printing is tried elsewhere
        "GIMONITOR_DATA_DIR": str(tmp_path / "data"),
        "GIMONITOR_DATABASE_URL": url,
        "GIMONITOR_DISK_RESERVE_MB": "0",
    }

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "gimonitor", "evidence", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, cwd=tmp_path)

    refused = run("pack", "--lead", str(house.lead_id), "--who", "wang", "--without-look")
    assert refused.returncode == 2
    assert "is not captured yet" in refused.stderr
    assert "must be said expressly" in refused.stderr
    anyhow = ("--without-capture", "--without-look")
    made = run("pack", "--lead", str(house.lead_id), "--who", "wang", *anyhow)
    assert made.returncode == 0, made.stderr
    [path] = (tmp_path / "data" / "packs").glob("*.zip")
    good = run("verify", str(path))
    assert (good.returncode, good.stderr) == (0, "")
    assert "good" in good.stdout
    data = bytearray(path.read_bytes())
    data[data.index("演练山大米".encode())] ^= 1
    path.write_bytes(data)
    bad = run("verify", str(path))
    assert bad.returncode == 7
    assert "data/summary.html" in bad.stdout
    assert run("stamp").returncode == 0
    listed = run("jurisdiction", "--lead", str(house.lead_id))
    assert (listed.returncode, listed.stderr) == (0, "")
    bought = run(
        *("purchase", "--lead", str(house.lead_id), "--who", "wang", "--order", "D1", "--account", "本局"),
        *("--goods", "10斤装", "--paid", "5980"),
    )
    assert bought.returncode == 0, bought.stderr
    step = run("purchase", "--purchase", "1", "--who", "wang", "--act", "received", "--holder", "张某")
    assert step.returncode == 0, step.stderr
    assert "received  卖家 -> 张某" in step.stdout
    assert run("purchase", "--purchase", "1", "--who", "wang", "--act", "lost").returncode == 2
    worth = run("turnover", "--lead", str(house.lead_id))
    assert "before the first look 7176.00 yuan" in worth.stdout
    first = listing().observed_at.astimezone(BEIJING)
    assert worth.stdout.startswith(f"… – {first:%Y-%m-%d %H:%M:%S}  ")
    moved = run("pack", "--lead", str(house.lead_id), "--who", "wang", "--kind", "push", "--to", "演练平台", *anyhow)
    assert moved.returncode == 0, moved.stderr
    assert run("pack", "--lead", str(house.lead_id), "--who", "wang", "--candidate", "seat:1").returncode == 2
    complaint = ("complaint", "--profile", "email", "--lead", str(house.lead_id), "--who", "wang", *anyhow)
    refused = run(*complaint)
    assert refused.returncode == 2
    assert "Valid documents are missing" in refused.stderr
    paper = tmp_path / "paper.pdf"
    paper.write_bytes(pdf())
    for kind, until in (("identity", "--undated"), ("rights", "--ends=2030-01-01"), ("statement", "--undated")):
        assert run("document", str(paper), "--kind", kind, "--title", kind, "--holder", "h", until).returncode == 0
    assert run("document").stdout.count("未注明有效期") == 2
    built = run(*complaint)
    assert built.returncode == 0, built.stderr
    assert run("verify", built.stdout.split()[0]).returncode == 0
    assert run("templates", str(tmp_path / "t")).returncode == 0
    assert len(list((tmp_path / "t").glob("*.docx"))) == len(FORMS | REPORTS)
    assert run("verify", str(tmp_path / "absent.zip")).returncode == 2
    assert run("capture").returncode == 2
    assert run("capture", "file:///etc/hostname").returncode == 2
    assert run("pack", "--lead", "77", "--who", "wang").returncode == 2
