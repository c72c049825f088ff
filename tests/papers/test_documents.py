"""Documents are kept by digest with their validity; what a pack needs and lacks is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import partial
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from gimonitor.errors import InputError, TamperedError
from gimonitor.papers.documents import KINDS, Document, DocumentKind, DocumentStore

from .conftest import pdf

TODAY = date(2026, 11, 20)


@pytest.fixture
def documents(tmp_path: Path) -> DocumentStore:
    store = DocumentStore(tmp_path / "documents")
    for kind, ends in ((DocumentKind.IDENTITY, None), (DocumentKind.POWER_OF_ATTORNEY, date(2026, 11, 19))):
        path = tmp_path / f"{kind}.pdf"
        path.write_bytes(pdf(kind))
        store.add(path, kind, title=KINDS[kind], holder="演练山大米协会", number="演1", ends=ends, undated=ends is None)
    return store


def test_document_is_kept_with_its_particulars(documents: DocumentStore) -> None:
    [identity, power] = documents.documents()
    assert (identity.kind, identity.number, identity.holder) == (DocumentKind.IDENTITY, "演1", "演练山大米协会")
    assert power.ends == date(2026, 11, 19)
    assert documents.path_of(identity).read_bytes() == pdf("identity")


@pytest.mark.parametrize(("day", "holds"), [(date(2026, 11, 19), True), (TODAY, False)])
def test_validity_includes_its_last_day(documents: DocumentStore, day: date, holds: bool) -> None:
    assert (DocumentKind.POWER_OF_ATTORNEY in {d.kind for d in documents.valid(day)}) == holds


def test_missing_expired_and_coming_documents_are_named_at_once(documents: DocumentStore, tmp_path: Path) -> None:
    path = tmp_path / "rights.pdf"
    path.write_bytes(pdf())
    documents.add(path, DocumentKind.RIGHTS, title="注册证", holder="h", starts=date(2027, 1, 1), undated=True)
    said = "；".join(documents.lacking(DocumentKind, TODAY))
    assert "授权委托书（“授权委托书”已于 2026-11-19 到期）" in said
    assert "权利证明（“注册证”自 2027-01-01 起有效）" in said
    assert "公证书（没有）" in said
    assert "主体身份证明" not in said
    assert documents.lacking([DocumentKind.IDENTITY], TODAY) == []


@pytest.mark.parametrize(
    ("holder", "who", "same"),
    [
        ("演练山大米协会", "", True),
        ("演练山大米协会", "演练山大米协会", True),
        ("演练山 大米协会", "演练山大米协会，某省某县演练路11号", True),
        ("演练山大米协会", "演练山大米协会 某省某县", True),
        ("演练山大米协会", "演练山大米协会（住所：某县）", True),
        ("ABC (China) Ltd", "abc（China） ltd, 12 Some Street", True),
        ("演练山大米协会（原演练山稻米协会、演练山粮会）", "演练山粮会", True),
        ("演练山稻米协会", "演练山大米协会（原演练山稻米协会）", True),
        ("别山苹果协会", "演练山大米协会", False),
        ("演练山大米", "演练山大米协会", False),
        ("演练山大米协会", "演练山大米协会（某县分会）", False),
        ("演练山大米协会", "演练山大米协会某县分会", False),
        ("ABC", "ABC Ltd", False),
    ],
)
def test_a_document_stands_for_its_holder_alone(holder: str, who: str, same: bool) -> None:
    own = Document(kind=DocumentKind.RIGHTS, title="注册证", holder=holder, file="f", sha256="a")
    assert own.is_of(who) is same
    assert replace(own, kind=DocumentKind.TEST_PURCHASE).is_of(who)


def test_what_is_on_record_is_not_replaced_unasked(documents: DocumentStore, tmp_path: Path) -> None:
    path = tmp_path / "identity.pdf"
    add = partial(documents.add, path, DocumentKind.IDENTITY, number="演1")
    asked = {"title": "主体身份证明", "holder": "演练山大米协会"}
    assert add(**asked, undated=True) in documents.documents() and len(documents.documents()) == 2
    with pytest.raises(InputError, match="已登记为“主体身份证明”"):
        add(**asked | {"title": "营业执照二"}, ends=date(2025, 1, 31))
    assert documents.lacking([DocumentKind.IDENTITY], TODAY) == []
    add(**asked | {"holder": "另一协会"}, undated=True)
    assert {d.holder for d in documents.valid(TODAY)} == {"演练山大米协会", "另一协会"}
    add(**asked | {"title": "营业执照"}, ends=date(2029, 1, 31), corrects=True)
    assert [(d.title, d.validity) for d in documents.valid(TODAY)] == [
        ("主体身份证明", "未注明有效期"),
        ("营业执照", "… 至 2029-01-31"),
    ]
    assert len(list((tmp_path / "documents").glob("*.was-1"))) == 1, "what was on record before is kept"


def test_document_of_another_gi_does_not_count(documents: DocumentStore, tmp_path: Path) -> None:
    path = tmp_path / "rights.pdf"
    path.write_bytes(pdf())
    documents.add(path, DocumentKind.RIGHTS, title="注册证", holder="h", gi_id="a", undated=True)
    assert documents.lacking([DocumentKind.RIGHTS], TODAY, "a") == []
    assert documents.lacking([DocumentKind.RIGHTS], TODAY, "b") == ["权利证明（没有）"]


def test_changed_file_is_not_handed_out(documents: DocumentStore, tmp_path: Path) -> None:
    [identity, _] = documents.documents()
    (tmp_path / "documents" / identity.file).write_bytes(b"forged")
    with pytest.raises(TamperedError, match="主体身份证明"):
        documents.path_of(identity)


@pytest.mark.parametrize("name", ["../../x.pdf", "=cmd.pdf", "长" * 80 + ".pdf", "a\u202eb.pdf"])
def test_names_stay_inside(name: str, tmp_path: Path) -> None:
    source = tmp_path / "in" / Path(name).name
    source.parent.mkdir()
    source.write_bytes(pdf())
    store = DocumentStore(tmp_path / "documents")
    document = store.add(source, DocumentKind.NOTARY, title="t", holder="h", undated=True)
    assert store.path_of(document).resolve().parent == (tmp_path / "documents").resolve()


def test_bad_input_is_refused(tmp_path: Path) -> None:
    store = DocumentStore(tmp_path / "documents")
    with pytest.raises(InputError):
        store.add(tmp_path / "no", DocumentKind.NOTARY, title="t", holder="h")
    (tmp_path / "a").write_bytes(b"a")
    with pytest.raises(InputError, match="before it begins"):
        store.add(tmp_path / "a", DocumentKind.NOTARY, title="t", holder="h", starts=TODAY, ends=date(2020, 1, 1))
    assert store.documents() == ()


def picture(kind: str) -> bytes:
    out = BytesIO()
    Image.new("RGB", (40, 30), "white").save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"%PDF-1.4\n%%EOF 12345", "不是完整的 PDF"),  # 20 bytes that begin like one
        (pdf()[:-20], "不是完整的 PDF"),
        (picture("PNG")[:-30], "图片打不开"),
        (picture("JPEG")[:200], "图片打不开"),
        (b"PK\x03\x04 and no more", "已损坏"),
        (b"", "不是PDF"),
        (b"MZ a program", "不是PDF"),
    ],
)
def test_what_does_not_open_is_no_document(data: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(data)
    store = DocumentStore(tmp_path / "documents")
    with pytest.raises(InputError, match=words):
        store.add(path, DocumentKind.NOTARY, title="t", holder="h", undated=True)
    assert store.documents() == ()


@pytest.mark.parametrize("data", [pdf(), picture("PNG"), picture("JPEG"), picture("TIFF"), picture("WEBP")])
def test_what_opens_is_kept_and_its_validity_must_be_said(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(data)
    store = DocumentStore(tmp_path / "documents")
    with pytest.raises(InputError, match="有效期"):
        store.add(path, DocumentKind.NOTARY, title="t", holder="h")
    assert store.add(path, DocumentKind.NOTARY, title="t", holder="h", undated=True).validity == "未注明有效期"
