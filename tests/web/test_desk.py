"""取证出包: packs for each addressee, test purchases, documents, jurisdiction and turnover, on the officers' screen."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from gimonitor.configuration import Configuration
from gimonitor.evidence.digest import digest_file
from gimonitor.evidence.verify import verify_pack
from gimonitor.model.lead import Resolution
from gimonitor.papers.documents import DocumentKind
from gimonitor.papers.platforms import load_profiles
from gimonitor.papers.taking import BEFORE_SENDING
from gimonitor.store import captures, leads, purchases
from gimonitor.store.captures import StoredCapture
from gimonitor.store.database import Store
from gimonitor.workflow.decisions import approve, judge
from gimonitor.workflow.vocabulary import PackKind

from .seeds import NOW, WANG, ZHAO

Enter = Callable[[str], TestClient]
ANYHOW = {"without_capture": "true", "without_look": "true"}


def pdf(words: str = "") -> bytes:
    return f"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n% {words}\nstartxref\n9\n%%EOF\n".encode()


@pytest.fixture(autouse=True)
def no_office(monkeypatch) -> None:
    """Printing is tried elsewhere."""
    monkeypatch.setattr("gimonitor.papers.pdf.find_office", lambda: None)


@pytest.fixture
def confirmed(store: Store) -> Store:
    confirm(store, 1)
    return store


def confirm(store: Store, lead_id: int) -> None:
    """Judged by one person, approved by another."""
    with store.write() as c:
        version = leads.load_lead_row(c, lead_id).version
        version = judge(c, WANG, lead_id, version, Resolution.CONFIRMED, now=NOW, why="产地不符")
        approve(c, ZHAO, lead_id, version, now=NOW)


def files_of(store: Store, configuration: Configuration) -> tuple[str, dict[str, bytes]]:
    with store.read() as c:
        newest = captures.packs_of(c, 1)[-1]
    path = configuration.packs_dir / newest.file
    assert verify_pack(path, sha256=newest.sha256) == []
    with zipfile.ZipFile(path) as archive:
        return newest.kind, {n.partition("/")[2]: archive.read(n) for n in archive.namelist()}


def paper(files: dict[str, bytes], code: str) -> str:
    import docx

    [data] = [data for name, data in files.items() if name.endswith(f"-{code}.docx")]
    document = docx.Document(io.BytesIO(data))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


def test_desk_says_what_is_possible_before_and_after_a_judgement(enter: Enter, store: Store) -> None:
    client = enter("wang")
    assert "判定为“疑似成立”后可以出包" in client.get("/leads/1/desk").text
    with store.write() as c:
        judge(c, WANG, 1, leads.load_lead_row(c, 1).version, Resolution.CONFIRMED, now=NOW, why="产地不符")
    page = client.get("/leads/1/desk").text
    for words in (
        "江苏省南京市高淳区",
        "地理标志的产地",
        "缺少材料",
        "还没有复看过页面",
        "还没有固证",
        "没有配置时间戳机构",
        "经营额估算",
    ):
        assert words in page, words
    assert 'href="/leads/1/desk"' in client.get("/leads/1").text


@pytest.mark.parametrize("kind", [kind for kind in PackKind if kind.leaves])
def test_nothing_leaves_before_a_second_person_agreed(enter: Enter, store: Store, kind: PackKind) -> None:
    client = enter("wang")
    with store.write() as c:
        judge(c, WANG, 1, leads.load_lead_row(c, 1).version, Resolution.CONFIRMED, now=NOW, why="产地不符")
    path, asked = ("complaint", {"profile": "email"}) if kind is PackKind.COMPLAINT else ("pack", {"kind": kind})
    refused = client.post(f"/leads/1/{path}", data={**ANYHOW, **asked})
    assert refused.status_code == 422 and "线索 1 还没有经另一人审批" in refused.text
    with store.read() as c:
        assert captures.packs_of(c, 1) == ()


def test_before_the_approval_the_desk_offers_what_stays_in_the_house(enter: Enter, store: Store) -> None:
    client = enter("wang")
    with store.write() as c:
        judge(c, WANG, 1, leads.load_lead_row(c, 1).version, Resolution.CONFIRMED, now=NOW, why="产地不符")
    page = client.get("/leads/1/desk").text
    assert "还没有经另一人审批" in page and "移送有管辖权的部门" not in page
    assert client.post("/leads/1/pack", data={**ANYHOW, "kind": "lead"}).status_code == 303
    assert '线索材料（留存本单位）</b> <a href="/packs/' in client.get("/leads/1/desk").text


def test_transfer_goes_to_the_bureau_that_was_chosen(
    enter: Enter, confirmed: Store, configuration: Configuration
) -> None:
    client = enter("wang")
    chosen = {**ANYHOW, "kind": "transfer", "candidate": "registered:320118", "notary": "（演练）公证第1号"}
    refused = client.post("/leads/1/pack", data={**chosen, "without_capture": ""})
    assert refused.status_code == 422
    assert "还没有固证" in refused.text
    assert client.post("/leads/1/pack", data=chosen).status_code == 303
    kind, files = files_of(confirmed, configuration)
    letter = paper(files, "transfer-letter")
    assert kind == "transfer"
    assert "【待填：江苏省南京市高淳区有管辖权的市场监督管理（知识产权）部门全称】" in letter  # nobody checked a name
    assert "当事人登记的住所（经营场所）位于江苏省南京市高淳区" in letter
    assert "（演练）公证第1号" in paper(files, "evidence-list")
    assert any(name.endswith("-turnover.docx") for name in files)
    named = {**ANYHOW, "kind": "push", "addressee": "演练平台（杭州）有限公司"}
    assert client.post("/leads/1/pack", data=named).status_code == 303
    kind, files = files_of(confirmed, configuration)
    assert kind == "push"
    assert "演练平台（杭州）有限公司" in paper(files, "platform-push")
    assert "data/decisions.json" not in files
    assert client.post("/leads/1/pack", data={"kind": "complaint"}).status_code == 422


def test_complaint_needs_its_documents_and_takes_other_leads_along(
    enter: Enter, confirmed: Store, configuration: Configuration
) -> None:
    client = enter("wang")
    asked = {**ANYHOW, "profile": "email", "right_holder": "某协会", "also": "2"}
    refused = client.post("/leads/1/complaint", data=asked)
    assert refused.status_code == 422
    assert "线索 2 尚未由人员判定" in refused.text
    assert '<p class="lines">不能出包：\n' in refused.text  # a line for each thing that is missing
    form = client.get("/leads/1/desk").text.split("/leads/1/complaint")[1].split("</form>")[0]
    assert 'name="without_capture"' in form and 'name="without_look"' in form  # the others may need them
    confirm(confirmed, 2)
    assert "缺少有效材料" in client.post("/leads/1/complaint", data=asked).text
    for kind in (DocumentKind.IDENTITY, DocumentKind.RIGHTS, DocumentKind.STATEMENT):
        given = {"kind": kind.value, "title": f"演练{kind}", "holder": "某协会", "ends": "2027-01-01"}
        sent = client.post("/documents", data=given, files={"file": ("../../证.pdf", pdf(kind))})
        assert sent.status_code == 303, sent.text
    page = client.get("/leads/1/desk").text
    assert "缺少材料" not in page.split('value="email"')[1].split("</label>")[0]
    unexplained = client.post("/leads/1/complaint", data=asked)  # all that the findings say rests on unchecked facts
    assert "由运维员按出处核实“阳澄湖大闸蟹”档案" in unexplained.text and "gimonitor rules" not in unexplained.text
    asked["reason"] = "疑似在产地范围外的产品上使用“阳澄湖大闸蟹”"
    assert client.post("/leads/1/complaint", data=asked).status_code == 303
    kind, files = files_of(confirmed, configuration)
    assert kind == "complaint"
    assert {"data/links/001/listing.json", "data/links/002/listing.json"} <= set(files)
    assert sum(name.startswith("data/documents/") for name in files) == 3
    assert client.post("/leads/1/complaint", data={"profile": "email", "also": "x"}).status_code == 422
    assert client.post("/leads/1/complaint", data={"profile": "nobody"}).status_code == 422


def test_documents_are_listed_with_their_validity_and_handed_out(enter: Enter, configuration: Configuration) -> None:
    client = enter("wang")
    given = {"kind": "identity", "title": "营业执照", "holder": "某协会", "ends": "2026-11-19"}
    client.post("/documents", data=given, files={"file": ("a.pdf", pdf())})
    page = client.get("/documents").text
    assert "不在有效期内" in page
    path = page.split('href="/documents/')[1].split('"')[0]
    answer = client.get(f"/documents/{path}")
    assert answer.content == pdf()
    assert answer.headers["content-disposition"].startswith("attachment")
    assert client.get(f"/documents/{'0' * 64}").status_code == 404
    assert client.post("/documents", data={**given, "ends": "x"}, files={"file": ("a", b"1")}).status_code == 422
    assert enter("shen").post("/documents", data=given, files={"file": ("a", b"1")}).status_code == 403


def test_goods_that_were_bought_keep_their_chain(enter: Enter, confirmed: Store, configuration: Configuration) -> None:
    client = enter("wang")
    bought = {"account": "本局账号", "order_number": "D1", "goods": "8只装", "paid": "158.00", "at": "2026-11-18T09:00"}
    assert client.post("/leads/1/purchases", data=bought).status_code == 303
    received = {"act": "received", "at": "2026-11-19T10:00", "holder": "王一", "place": "办公室"}
    assert client.post("/leads/1/purchases/1", data=received).status_code == 303
    sealed = {"act": "sealed", "at": "2026-11-19T11:00", "seal": "封001"}
    assert client.post("/leads/1/purchases/1", data=sealed).status_code == 303
    for wrong, words in (
        ({**received, "at": "2026-11-18T08:00"}, "时间须在上一步"),
        ({**sealed, "seal": ""}, "封条编号"),
        ({"act": "handed", "at": "2026-11-19T12:00"}, "接收人"),
        ({**sealed, "at": "昨天"}, "时间写法"),
    ):
        answer = client.post("/leads/1/purchases/1", data=wrong)
        assert answer.status_code == 422
        assert words in answer.text
    assert client.post("/leads/2/purchases/1", data=received).status_code == 404
    with confirmed.read() as c:
        [purchase] = purchases.purchases_of(c, 1)
    assert [(s.act, s.giver, s.holder) for s in purchase.steps] == [
        ("ordered", "卖家", "卖家"),
        ("received", "卖家", "王一"),
        ("sealed", "王一", "王一"),
    ]
    assert purchase.paid_fen == 15800
    assert "封001" in client.get("/leads/1/desk").text
    client.post("/leads/1/pack", data={**ANYHOW, "kind": "transfer"})
    _, files = files_of(confirmed, configuration)
    assert "封条 封001" in paper(files, "test-purchase")
    assert json.loads(files["data/purchases.json"])[0]["order_number"] == "D1"


def test_desk_tells_how_fresh_the_look_is(enter: Enter, store: Store, clock: object, tmp_path: Path) -> None:
    with store.write() as c:
        listing_id = leads.load_lead_row(c, 1).listing_id
        detail = {"purpose": BEFORE_SENDING, "seen": "still_up", "told": "疑点文字仍在"}
        row = StoredCapture(
            listing_id=listing_id,
            lead_id=1,
            kind="manifest",
            file="x/capture.json",
            sha256="0" * 64,
            at=NOW,
            detail=detail,
        )
        captures.save_capture(c, row)
    client = enter("wang")
    assert "可以出包、报送" in client.get("/leads/1/desk").text
    clock.now += timedelta(hours=25)  # type: ignore[attr-defined]
    client = enter("wang")
    assert "对外出包和报送之前须先复看页面" in client.get("/leads/1/desk").text


def test_the_record_of_looks_is_made_on_the_desk(enter: Enter, confirmed: Store, configuration: Configuration) -> None:
    client = enter("wang")
    assert "生成复核记录" not in client.get("/leads/1/desk").text  # nobody looked again
    asked = {**ANYHOW, "kind": "recheck", "desk": "true"}
    assert "还没有复看或者复核过" in client.post("/leads/1/pack", data=asked).text
    manifest = configuration.evidence_dir / "x" / "capture.json"
    manifest.parent.mkdir(parents=True)
    manifest.write_text("{}")
    with confirmed.write() as c:
        listing_id = leads.load_lead_row(c, 1).listing_id
        detail = {"purpose": BEFORE_SENDING, "seen": "still_up", "told": "疑点文字仍在", "changed": "", "status": 200}
        row = StoredCapture(
            listing_id=listing_id,
            lead_id=1,
            kind="manifest",
            file="x/capture.json",
            sha256=digest_file(manifest).sha256,
            at=NOW,
            who="wang",
            detail=detail,
        )
        captures.save_capture(c, row)
    assert "生成复核记录" in client.get("/leads/1/desk").text
    made = client.post("/leads/1/pack", data=asked)
    assert (made.status_code, made.headers["location"]) == (303, "/leads/1/desk?did=pack")
    page = client.get(made.headers["location"]).text
    told = re.search('role="status">线索 1：证据包已生成 <a href="(/packs/[0-9]+)">[^<]+[.]zip<', page)
    assert told is not None and client.get(told[1]).content.startswith(b"PK")
    kind, files = files_of(confirmed, configuration)
    assert kind == "recheck"
    assert "报送前复看" in paper(files, "recheck")


def test_the_platforms_codes_are_offered(enter: Enter, confirmed: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    ebay = load_profiles()["ebay-vero"].model_copy(update={"platforms": ()})
    monkeypatch.setattr("gimonitor.web.routes.evidence.load_profiles", lambda: {ebay.id: ebay})
    page = enter("wang").get("/leads/1/desk").text
    for code in ("9037", "9052", "7052"):
        assert f'<option value="{code}">' in page
    assert 'list="codes"' in page
    assert "须填 countries" in page
