"""A WACZ holds whole archives, an index that finds each record, and digests that agree."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gimonitor.errors import EvidenceError
from gimonitor.evidence.seal import Sealed, WarcSeal, read_sealed
from gimonitor.evidence.wacz import ArchivedPage, build_wacz, sort_key

AT = datetime(2026, 11, 2, 17, 30, tzinfo=UTC)
PAGES = {f"http://shop.example.cn:8080/item/{n}?b=2&a={n}": f"<title>五常大米 {n}</title>".encode() for n in range(5)}


@pytest.fixture
def wacz(tmp_path: Path) -> Path:
    with WarcSeal(tmp_path, "7", reserve=0, rotate=2000) as seal:
        for url, body in PAGES.items():
            seal.write(url, 200, [("Content-Type", "text/html; charset=utf-8")], body, at=AT)
        seal.write_resource("urn:rendered:x", "text/html", b"<p>", at=AT)
    path = tmp_path / "replay.wacz"
    warcs = sorted((tmp_path / "7").iterdir())
    assert len(warcs) > 1
    build_wacz(path, warcs, [ArchivedPage(url=url, at=AT, title="五常大米") for url in PAGES], title="疑似线索")
    return path


def test_every_indexed_record_is_where_the_index_says(wacz: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wacz) as archive:
        archive.extractall(tmp_path / "out")
        lines = archive.read("indexes/index.cdxj").decode().splitlines()
    assert lines == sorted(lines)
    found = {}
    for line in lines:
        key, when, text = line.split(" ", 2)
        entry = json.loads(text)
        assert (key, when) == (sort_key(entry["url"]), "20261102173000")
        sealed = Sealed(
            file=entry["filename"],
            offset=int(entry["offset"]),
            length=int(entry["length"]),
            sha256=entry["digest"].removeprefix("sha256:"),
            url=entry["url"],
            at=AT,
        )
        found[entry["url"]] = read_sealed(tmp_path / "out" / "archive", sealed).body
    assert found == {**PAGES, "urn:rendered:x": b"<p>"}


def test_all_resources_agree_with_their_digests_and_are_stored(wacz: Path) -> None:
    with zipfile.ZipFile(wacz) as archive:
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}
        data = archive.read("datapackage.json")
        assert (
            json.loads(archive.read("datapackage-digest.json"))["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
        )
        package = json.loads(data)
        paths = {resource["path"] for resource in package["resources"]}
        assert paths | {"datapackage.json", "datapackage-digest.json"} == set(archive.namelist())
        for resource in package["resources"]:
            content = archive.read(resource["path"])
            assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
            assert resource["bytes"] == len(content)
        pages = [json.loads(line) for line in archive.read("pages/pages.jsonl").decode().splitlines()]
    assert [page.get("url") for page in pages[1:]] == sorted(PAGES)


def test_same_archives_give_the_same_bytes(wacz: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.wacz"
    build_wacz(
        again,
        sorted((tmp_path / "7").iterdir()),
        [ArchivedPage(url=url, at=AT, title="五常大米") for url in PAGES],
        title="疑似线索",
    )
    assert again.read_bytes() == wacz.read_bytes()


def test_validator_of_webrecorder_agrees(wacz: Path) -> None:
    program = shutil.which("wacz")
    if not program:
        pytest.skip("the wacz package is not installed here")
    done = subprocess.run([program, "validate", "-f", str(wacz)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def test_missing_and_empty_archives_are_said(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="missing"):
        build_wacz(tmp_path / "a.wacz", [tmp_path / "no.warc.gz"], [])
    (tmp_path / "empty.warc.gz").write_bytes(b"")
    with pytest.raises(EvidenceError, match="no response"):
        build_wacz(tmp_path / "b.wacz", [tmp_path / "empty.warc.gz"], [])


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("http://Shop.Example.cn/A?b=2&a=1", "cn,example,shop)/a?a=1&b=2"),
        ("http://127.0.0.1:8700/item/1", "127.0.0.1:8700)/item/1"),
        ("https://a.cn:443", "cn,a)/"),
        ("urn:rendered:http://a/b c", "urn:rendered:http://a/b%20c"),
    ],
)
def test_sort_keys(url: str, key: str) -> None:
    assert sort_key(url) == key
