"""A complaint over many links: documents in force, batches, sheets, one notice, all in packs that verify."""

from __future__ import annotations

import io
import json
import os
import resource
import zipfile
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

import docx
import pytest
from python_calamine import CalamineWorkbook

from gimonitor.configuration import Configuration
from gimonitor.errors import InputError
from gimonitor.evidence.seal import WarcSeal
from gimonitor.evidence.verify import verify_pack
from gimonitor.model.lead import Resolution
from gimonitor.papers.complaint import RightHolder, pack_complaint, shared_files
from gimonitor.papers.covers import of_links
from gimonitor.papers.documents import KINDS, Document, DocumentKind, DocumentStore, states_seat
from gimonitor.papers.forms import blanks_of
from gimonitor.papers.packing import ready_cases
from gimonitor.papers.platforms import load_profiles
from gimonitor.store.captures import StoredCapture, save_capture
from gimonitor.store.leads import QueueFilter, load_lead, queue_page
from gimonitor.store.listings import Observation, save_listings
from gimonitor.workflow.decisions import Actor, approve, judge
from gimonitor.workflow.roles import Role
from gimonitor.workflow.vocabulary import PackKind

from .conftest import ANYHOW, CHIEF, FINDINGS, NOW, House, listing, pdf, screening

PROFILE = load_profiles()["alibaba-ipp"]
HOLDER = RightHolder(name="演练山大米协会", contact="演练联系人")


@pytest.fixture(autouse=True)
def no_office(monkeypatch) -> None:
    monkeypatch.setattr("gimonitor.papers.pdf.find_office", lambda: None)


def many(store, folder: Path, count: int, *, shots: int = 0) -> tuple[House, list[int]]:
    """`count` judged leads on taobao, each with its sealed response and, if asked, a page capture of `shots` bytes."""
    configuration = Configuration(data_dir=folder, organisation="演练山大米协会", disk_reserve_mb=0)
    observed = []
    with WarcSeal(configuration.warc_dir, "7", reserve=0) as seal:
        for n in range(count):
            offered = replace(listing(), platform="taobao", item_id=f"g{n}", url=f"https://item.example/{n}")
            sealed = seal.write(offered.url, 200, [("Content-Type", "text/html")], Random(n).randbytes(20_000), at=NOW)
            observed.append(Observation(listing=offered, screening=screening(*FINDINGS), sealed=sealed))
    actor = Actor(login="wang", roles=frozenset({Role.OFFICER}))
    with store.write() as c:
        save_listings(c, observed, None)
        rows = queue_page(c, QueueFilter(), None, count).rows
        for row in rows:
            version = judge(c, actor, row.id, row.version, Resolution.CONFIRMED, now=NOW, why="产地标示在外县")
            approve(c, CHIEF, row.id, version, now=NOW)
            if shots:
                data = os.urandom(shots)
                name = f"capture-{row.id}/full.png"
                path = configuration.evidence_dir / name
                path.parent.mkdir(parents=True)
                path.write_bytes(data)
                from gimonitor.evidence.digest import digest_bytes

                save_capture(
                    c,
                    StoredCapture(
                        listing_id=row.listing_id,
                        lead_id=row.id,
                        kind="screenshot",
                        file=name,
                        sha256=digest_bytes(data).sha256,
                        at=NOW,
                        url=row.url,
                        who="wang",
                    ),
                )
    return House(store, configuration, rows[0].id, rows[0].version), sorted(row.id for row in rows)


def give_documents(house: House, *kinds: DocumentKind, ends: date | None = None) -> None:
    store = DocumentStore(house.configuration.data_dir / "documents")
    for kind in kinds:
        path = house.configuration.data_dir / f"{kind}.pdf"
        path.write_bytes(pdf(kind))
        store.add(
            path,
            kind,
            title=f"{KINDS[kind]}（演练）",
            holder=HOLDER.name,
            number="演1",
            ends=ends,
            undated=ends is None,
        )


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}


def test_complaint_is_one_pack_with_everything(sqlite_store, tmp_path: Path) -> None:
    house, ids = many(sqlite_store, tmp_path / "data", 3)
    give_documents(house, DocumentKind.IDENTITY, DocumentKind.RIGHTS)
    [(pack, row)] = pack_complaint(
        house.store,
        house.configuration,
        ids,
        profile=PROFILE,
        who="wang",
        now=NOW,
        waiver=ANYHOW,
        right_holder=HOLDER,
        reason="标示产地不在保护范围内。",
    )
    assert verify_pack(pack.path) == []
    assert (row.kind, row.lead_ids) == ("complaint", tuple(ids))
    files = members(pack.path)
    [sheet] = [data for name, data in files.items() if name.endswith(".xlsx")]
    rows = CalamineWorkbook.from_filelike(io.BytesIO(sheet)).get_sheet_by_index(0).to_python()
    assert rows[0] == ["序号", "商品链接", "理由"]
    assert len(rows) == 4
    assert "9.99" not in str(rows)  # a price that nobody has checked
    assert sum(name.startswith("data/documents/") for name in files) == 2
    assert sum(name.endswith("summary.html") for name in files) == 3
    assert len(json.loads(files["data/evidence-list.json"])) == 3
    [notice] = [data for name, data in files.items() if name.endswith("platform-notice.docx")]
    assert "住所" in blanks_of(notice) and "不在保护范围内。" in words(notice) and "。。" not in words(notice)
    for lead_id in ids:
        with house.store.read() as c:
            assert [p.sha256 for p in load_lead(c, lead_id).packs] == [pack.sha256]


def test_nothing_is_built_while_a_document_is_missing_or_expired(sqlite_store, tmp_path: Path) -> None:
    house, ids = many(sqlite_store, tmp_path / "data", 2)
    give_documents(house, DocumentKind.IDENTITY)
    give_documents(house, DocumentKind.RIGHTS, ends=date(2026, 1, 1))
    with pytest.raises(InputError, match="权利证明（“权利证明（演练）”已于 2026-01-01 到期）"):
        pack_complaint(house.store, house.configuration, ids, profile=PROFILE, who="wang", now=NOW, waiver=ANYHOW)
    assert not house.configuration.packs_dir.exists()


def test_links_of_another_platform_are_refused_before_anything_is_built(sqlite_store, tmp_path: Path) -> None:
    house, ids = many(sqlite_store, tmp_path / "data", 2)
    ebay = load_profiles()["ebay-vero"]
    with pytest.raises(InputError) as caught:
        pack_complaint(house.store, house.configuration, ids, profile=ebay, who="wang", now=NOW, waiver=ANYHOW)
    assert f"线索 {ids[1]}：淘宝的链接不归eBay VeRO受理" in str(caught.value)
    assert f"线索 {ids[0]}：“veroReasonCodeId”没有内容" in str(caught.value)


def test_complaint_without_account_is_cut_into_numbered_packs(sqlite_store, tmp_path: Path) -> None:
    house, ids = many(sqlite_store, tmp_path / "data", 12)
    give_documents(house, DocumentKind.IDENTITY, DocumentKind.RIGHTS)
    made = pack_complaint(
        house.store, house.configuration, ids, profile=PROFILE, who="wang", now=NOW, waiver=ANYHOW, with_account=False
    )
    assert [len(row.lead_ids) for _, row in made] == [10, 2]
    names = [pack.path.name for pack, _ in made]
    assert names == [f"GI-20261120-alibaba-ipp-1-0{n}-of-02.zip" for n in (1, 2)]
    assert all(verify_pack(pack.path) == [] for pack, _ in made)
    files = members(made[1][0].path)
    assert "data/sheets/GI-20261120-alibaba-ipp-1-02-of-02.xlsx" in files
    assert "data/links/002/listing.json" in files
    cover, notice = (
        words(files[f"data/papers/0{n}-{c}.docx"]) for n, c in ((1, "batch-cover"), (2, "platform-notice"))
    )
    for said in ("共 2 份，本份为第 2 份", "共 12 条", "第 1—10 条", "第 11—12 条", "2（本份）", "权利证明（演练）"):
        assert said in cover
    assert "演练规定第三十条" in notice.partition("各项依据")[0]
    assert notice.count("没有商品页面的截图") == 1
    assert "全部 2 条链接：" in notice
    assert "线索" not in notice


def words(paper: bytes) -> str:
    """The text of a paper, paragraphs first."""
    document = docx.Document(io.BytesIO(paper))
    cells = [c.text for t in document.tables for r in t.rows for c in dict.fromkeys(r.cells)]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


def test_explanations_are_said_once_with_the_numbers_of_the_notice() -> None:
    assert of_links([["甲", "乙"], ["甲"], ["甲"], [], ["甲"]]) == ["链接 1—3、5：甲", "链接 1：乙"]
    assert of_links([["甲"], ["甲"]]) == ["全部 2 条链接：甲"]


def test_everything_missing_is_one_list(house: House) -> None:
    with pytest.raises(InputError) as caught:
        pack_complaint(house.store, house.configuration, [house.lead_id], profile=PROFILE, who="wang", now=NOW)
    for said in ("尚未由人员判定", "还没有固证", "缺少有效材料", "不归"):
        assert said in str(caught.value)


def test_a_pack_is_streamed_and_never_held_whole(sqlite_store, tmp_path: Path) -> None:
    house, ids = many(sqlite_store, tmp_path / "data", 20, shots=6_000_000)
    give_documents(house, DocumentKind.IDENTITY, DocumentKind.RIGHTS)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    [(pack, row)] = pack_complaint(
        house.store, house.configuration, ids, profile=PROFILE, who="wang", now=NOW, waiver=ANYHOW
    )
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert len(row.lead_ids) == 20
    assert pack.size > 120_000_000
    assert grown < 60 << 10


def test_each_of_several_names_needs_a_certificate_on_record_as_its_own(sqlite_store, tmp_path: Path) -> None:
    house, [first] = many(sqlite_store, tmp_path / "data", 1)
    [one] = screening(*FINDINGS).suspicions
    other = replace(
        one,
        gi_id="gi:other",
        gi_name="别山小米",
        findings=tuple(replace(f, gi_id="gi:other", gi_name="别山小米") for f in one.findings),
    )
    offered = replace(listing(), platform="taobao", item_id="g9", url="https://item.example/9")
    with WarcSeal(house.configuration.warc_dir, "8", reserve=0) as seal:
        sealed = seal.write(offered.url, 200, [("Content-Type", "text/html")], b"x", at=NOW)
    actor = Actor(login="wang", roles=frozenset({Role.OFFICER}))
    with house.store.write() as c:
        told = replace(screening(*FINDINGS), suspicions=(other,))
        save_listings(c, [Observation(listing=offered, screening=told, sealed=sealed)], None)
        [row] = [row for row in queue_page(c, QueueFilter(), None, 9).rows if row.id != first]
        version = judge(c, actor, row.id, row.version, Resolution.CONFIRMED, now=NOW, why="产地标示在外县")
        approve(c, CHIEF, row.id, version, now=NOW)

    def complain() -> Path:
        [(pack, _)] = pack_complaint(
            house.store, house.configuration, [first, row.id], profile=PROFILE, who="wang", now=NOW, waiver=ANYHOW
        )
        return pack.path

    give_documents(house, DocumentKind.IDENTITY, DocumentKind.RIGHTS)
    with pytest.raises(
        InputError, match="涉及 2 个地理标志（演练山大米、别山小米），其中“演练山大米”“别山小米”没有登记"
    ):
        complain()
    certificate = house.configuration.data_dir / "rights.pdf"
    store = DocumentStore(house.configuration.data_dir / "documents")
    given = {"title": "注册证", "holder": HOLDER.name, "number": "演2", "undated": True}
    store.add(certificate, DocumentKind.RIGHTS, gi_id="gi:practice", **given)
    with pytest.raises(InputError, match="其中“别山小米”没有登记"):
        complain()
    store.add(certificate, DocumentKind.RIGHTS, gi_id="gi:other", **given)
    files = members(complain())
    [notice] = [data for name, data in files.items() if name.endswith("platform-notice.docx")]
    assert "“演练山大米”“别山小米”" in "\n".join(p.text for p in docx.Document(io.BytesIO(notice)).paragraphs)


def test_a_complaint_rests_on_the_right_holders_own_documents(sqlite_store, tmp_path: Path) -> None:
    house, ids = many(sqlite_store, tmp_path / "data", 1)
    give_documents(house, DocumentKind.IDENTITY)
    certificate = tmp_path / "other.pdf"
    certificate.write_bytes(pdf("other"))
    store = DocumentStore(house.configuration.data_dir / "documents")
    given = {"title": "他会的注册证", "number": "演9", "undated": True}
    store.add(certificate, DocumentKind.RIGHTS, holder="别山苹果协会", **given)

    def complain(holder: RightHolder) -> dict[str, bytes]:
        [(pack, _)] = pack_complaint(
            house.store,
            house.configuration,
            ids,
            profile=PROFILE,
            who="wang",
            now=NOW,
            waiver=ANYHOW,
            right_holder=holder,
        )
        return members(pack.path)

    with pytest.raises(InputError) as caught:
        complain(HOLDER)
    for said in ("没有“演练山大米协会”的；“他会的注册证”是“别山苹果协会”的，不能使用", "现名（原旧名）"):
        assert said in str(caught.value)
    with pytest.raises(InputError, match=r"材料属于不同的人（.*别山苹果协会.*）：请写明权利人"):
        complain(RightHolder())
    give_documents(house, DocumentKind.RIGHTS)
    files = complain(replace(HOLDER, name=f"{HOLDER.name}，某省某县演练路11号"))
    assert sum(name.startswith("data/documents/") for name in files) == 2
    assert not any("other" in name for name in files)
    [notice] = [data for name, data in files.items() if name.endswith("platform-notice.docx")]
    assert "权利证明（演练）（演1）（持有人：演练山大米协会；未注明有效期）" in words(notice)
    assert "住所" not in blanks_of(notice)


def test_a_stale_paper_of_the_right_holders_own_is_no_misspelling(sqlite_store, tmp_path: Path) -> None:
    house, ids = many(sqlite_store, tmp_path / "data", 1)
    give_documents(house, DocumentKind.IDENTITY)
    give_documents(house, DocumentKind.RIGHTS, ends=NOW.date() - timedelta(days=1))
    (tmp_path / "other.pdf").write_bytes(pdf("other"))
    store = DocumentStore(house.configuration.data_dir / "documents")
    store.add(
        tmp_path / "other.pdf", DocumentKind.RIGHTS, title="他会的", holder="别山苹果协会", number="演9", undated=True
    )
    with pytest.raises(InputError) as caught:
        pack_complaint(
            house.store,
            house.configuration,
            ids,
            profile=PROFILE,
            who="wang",
            now=NOW,
            waiver=ANYHOW,
            right_holder=HOLDER,
        )
    assert "到期" in str(caught.value) and "写错" not in str(caught.value)


@pytest.mark.parametrize(
    ("who", "states"),
    [
        ("五常市大米协会", False),
        ("甲会（原五常市大米协会）", False),
        ("甲会，黑龙江省五常市某路1号", True),
        ("甲会 住所：某地", True),
    ],
)
def test_a_right_holders_address_stands_after_the_name(who: str, states: bool) -> None:
    assert states_seat(who) is states


def test_one_file_for_several_kinds_is_a_warning() -> None:
    one = Document(kind=DocumentKind.IDENTITY, title="x", holder="h", file="f", sha256="a")
    same = replace(one, kind=DocumentKind.RIGHTS)
    assert shared_files([one, same]) == ["同一份文件同时作为主体身份证明、权利证明提交，请核对。"]
    assert shared_files([one, replace(same, sha256="b")]) == []


def test_who_complains_for_another_needs_a_power_of_attorney_and_everything_missing_is_said_at_once(
    sqlite_store, tmp_path: Path
) -> None:
    house, ids = many(sqlite_store, tmp_path / "data", 2)
    give_documents(house, DocumentKind.IDENTITY)
    ebay = load_profiles()["ebay-vero"]
    agent = RightHolder(by_agent=True)
    with pytest.raises(InputError) as caught:
        pack_complaint(
            house.store,
            house.configuration,
            ids,
            profile=ebay,
            who="w",
            now=NOW,
            right_holder=agent,
            waiver=ANYHOW,
        )
    for words in ("授权委托书（没有）", "不归eBay VeRO受理", "“veroReasonCodeId”没有内容"):
        assert words in str(caught.value), words


def test_an_advised_paper_is_not_asked_for() -> None:
    [attachment, *_] = PROFILE.attachments
    assert attachment.is_needed(True)
    assert not attachment.model_copy(update={"advised": True}).is_needed(True)
    assert [a.kind for a in load_profiles()["amazon"].attachments if a.advised] == ["test_purchase"]


def test_a_right_without_its_number_is_a_warning_and_a_blank(sqlite_store, tmp_path: Path) -> None:
    house, ids = many(sqlite_store, tmp_path / "data", 1)
    give_documents(house, DocumentKind.IDENTITY)
    (tmp_path / "right.pdf").write_bytes(pdf("right"))
    store = DocumentStore(house.configuration.data_dir / "documents")
    store.add(tmp_path / "right.pdf", DocumentKind.RIGHTS, title="注册证", holder=HOLDER.name, undated=True)
    [(pack, _)] = pack_complaint(
        house.store, house.configuration, ids, profile=PROFILE, who="wang", now=NOW, waiver=ANYHOW
    )
    files = members(pack.path)
    assert "“注册证”没有登记编号" in files["how-to-check.txt"].decode()
    [notice] = [data for name, data in files.items() if name.endswith("platform-notice.docx")]
    assert "编号" in blanks_of(notice)


def test_what_any_lead_lacks_is_told_for_all_at_once(sqlite_store, tmp_path: Path) -> None:
    house, leads = many(sqlite_store, tmp_path / "data", 2)
    with pytest.raises(InputError) as told:
        ready_cases(house.store, house.configuration, leads, PackKind.PUSH, who="wang", now=NOW)
    assert all(f"线索 {lead} " in str(told.value) for lead in leads)
    assert (
        len(ready_cases(house.store, house.configuration, leads, PackKind.PUSH, who="wang", now=NOW, waiver=ANYHOW))
        == 2
    )
