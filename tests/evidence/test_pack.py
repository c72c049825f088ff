"""Packs: whole or absent, the same bytes for the same contents, readable by other tools."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import bagit
import pytest

from gimonitor.errors import DiskFullError, EvidenceError, TamperedError
from gimonitor.evidence.custody import Extract
from gimonitor.evidence.pack import Obtained, PackContents, PackFile, Stamp, build_pack
from gimonitor.evidence.verify import pack_info, verify_pack

AT = datetime(2026, 11, 2, 17, 30, tzinfo=UTC)
HOSTILE = ["../../evil.html", "=cmd|' /C calc'!A0", "a\u202egpj.exe", "长" * 400, "CON", "a/../b", "\x00", "dup", "DUP"]


def contents_of(*files: PackFile, number: str = "GI-1") -> PackContents:
    return PackContents(
        number=number,
        title="<b>五常大米</b>",
        made_at=AT,
        made_by="officer",
        organisation="某市\n市场监督管理局",
        files=files,
        limits=("本包只含一次固证",),
        custody=Extract(number=3, digest="ab" * 32),
    )


@pytest.fixture
def contents(tmp_path) -> PackContents:
    shot = tmp_path / "shot.png"
    shot.write_bytes(os.urandom(5000))
    obtained = Obtained(at=AT, method="网络在线提取", by="officer", carrier="http://a/", proves="页面当时的显示")
    return contents_of(
        PackFile(path="listing.json", content=b"{}", title="商品信息"),
        PackFile(path="captures/1/full.png", content=shot, title="整页截图", obtained=obtained),
        *(PackFile(path=f"{n}/x.txt", content=n.encode(), title=n, obtained=obtained) for n in HOSTILE),
        PackFile(path="empty", content=b""),
    )


def test_pack_is_a_bag_that_bagit_finds_valid(contents: PackContents, tmp_path: Path) -> None:
    pack = build_pack(tmp_path / "packs", contents, reserve=0)
    with zipfile.ZipFile(pack.path) as archive:
        archive.extractall(tmp_path / "out")
    bag = bagit.Bag(str(tmp_path / "out" / "GI-1"))
    bag.validate()
    assert bag.info["Source-Organization"] == "某市 市场监督管理局"
    assert verify_pack(tmp_path / "out" / "GI-1") == []
    assert verify_pack(pack.path) == []
    assert verify_pack(pack.path, sha256=pack.sha256.upper()) == []
    assert pack.sha256 == hashlib.sha256(pack.path.read_bytes()).hexdigest()
    assert pack_info(pack.path) == pack_info(tmp_path / "out" / "GI-1")


def test_sha256sum_agrees(contents: PackContents, tmp_path: Path) -> None:
    pack = build_pack(tmp_path / "packs", contents, reserve=0)
    with zipfile.ZipFile(pack.path) as archive:
        archive.extractall(tmp_path / "out")
    for name in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        command = ["sha256sum", "--strict", "-c", name]
        done = subprocess.run(command, cwd=tmp_path / "out" / "GI-1", capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr


def test_hostile_names_stay_inside_and_apart(contents: PackContents, tmp_path: Path) -> None:
    pack = build_pack(tmp_path / "packs", contents, reserve=0)
    with zipfile.ZipFile(pack.path) as archive:
        names = archive.namelist()
    assert len({name.casefold() for name in names}) == len(names) == pack.files
    for name in names:
        assert name.startswith("GI-1/")
        assert ".." not in name
        assert name.isprintable()
        assert max(len(part.encode()) for part in name.split("/")) <= 121


def test_same_contents_give_the_same_bytes(contents: PackContents, tmp_path: Path) -> None:
    first = build_pack(tmp_path / "a", contents, reserve=0)
    assert build_pack(tmp_path / "b", contents, reserve=0).sha256 == first.sha256


def test_evidence_list_names_every_piece_with_its_digests(contents: PackContents, tmp_path: Path) -> None:
    pack = build_pack(tmp_path / "packs", contents, reserve=0)
    with zipfile.ZipFile(pack.path) as archive:
        rows = json.loads(archive.read("GI-1/data/evidence-list.json"))
        page = archive.read("GI-1/data/evidence-list.html").decode()
        for row in rows:
            data = archive.read(f"GI-1/{row['path']}")
            assert (row["sha256"], row["size"]) == (hashlib.sha256(data).hexdigest(), len(data))
            assert row["sm3"] == hashlib.new("sm3", data).hexdigest()
            assert row["sha256"] in page
    assert [row["number"] for row in rows] == list(range(1, len(HOSTILE) + 2))
    assert "2026-11-03 01:30:00（北京时间）" in page
    assert "<b>" not in page
    assert "\u202e" not in page


def test_page_on_checking_says_what_is_not_proved(contents: PackContents, tmp_path: Path) -> None:
    pack = build_pack(tmp_path / "packs", contents, reserve=0)
    with zipfile.ZipFile(pack.path) as archive:
        for name in ("how-to-check.html", "how-to-check.txt"):
            page = archive.read(f"GI-1/{name}").decode()
            for words in ("疑似", "不说明", "没有可信时间戳", "本包只含一次固证", "verify.py"):
                assert words in page, (name, words)
            assert "侵权" not in page
    assert pack_info(pack.path)["Time-Stamps"].startswith("none")


def test_tokens_go_into_the_bag(contents: PackContents, tmp_path: Path) -> None:
    seen = []

    def stamper(manifest: bytes) -> tuple[tuple[Stamp, ...], str]:
        seen.append(hashlib.sha256(manifest).hexdigest())
        token = b"token" + hashlib.sha256(manifest).digest()
        return (Stamp(authority="local", at=AT, token=token),), ""

    pack = build_pack(tmp_path / "packs", contents, stamper=stamper, reserve=0)
    assert seen == [pack.manifest_sha256]
    assert pack.stamps == ("local",)
    assert verify_pack(pack.path) == []
    with zipfile.ZipFile(pack.path) as archive:
        assert archive.read("GI-1/timestamps/01.tsr") == b"token" + bytes.fromhex(pack.manifest_sha256)
        assert "GI-1/timestamps/01.pem" not in archive.namelist()
        told = archive.read("GI-1/how-to-check.html").decode()
        assert "-in timestamps/01.tsr -CAfile AUTHORITY-ROOT.pem</code>" in told
        assert "2026-11-03 01:30:00（北京时间）加盖时间戳" in told


def test_changed_capture_stops_the_pack(tmp_path: Path) -> None:
    file = PackFile(path="a", content=b"x", title="整页截图", sha256="0" * 64)
    with pytest.raises(TamperedError, match="整页截图"):
        build_pack(tmp_path / "packs", contents_of(file), reserve=0)
    assert list((tmp_path / "packs").iterdir()) == []


def test_missing_capture_stops_the_pack(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="is missing"):
        build_pack(tmp_path / "packs", contents_of(PackFile(path="a", content=tmp_path / "no")), reserve=0)


def test_a_pack_is_never_overwritten(contents: PackContents, tmp_path: Path) -> None:
    build_pack(tmp_path, contents, reserve=0)
    with pytest.raises(EvidenceError, match="already"):
        build_pack(tmp_path, replace(contents, title="other"), reserve=0)


def test_reserve_is_kept(contents: PackContents, tmp_path: Path) -> None:
    with pytest.raises(DiskFullError):
        build_pack(tmp_path / "packs", contents, reserve=1 << 62)
    assert list((tmp_path / "packs").iterdir()) == []


def faults(tmp_path: Path, *arguments: str) -> dict[str, int]:
    """What `pack_faults.py` counted, in a process of its own."""
    command = [sys.executable, str(Path(__file__).with_name("pack_faults.py")), str(tmp_path), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    sys.stdout.write(done.stdout)
    counted: dict[str, int] = json.loads(done.stdout.splitlines()[-1])
    return counted


def test_full_disk_at_any_byte_leaves_no_pack(tmp_path: Path) -> None:
    counted = faults(tmp_path, "full", "60")
    assert counted == {"tried": 60, "said": 60, "left behind": 0, "whole": 0}


def test_kill_9_at_a_hundred_points_leaves_no_half_pack(tmp_path: Path) -> None:
    """At points spread over all that a build does, the last ones around the rename; the pack of a killed build is whole
    or not there, and what is left behind is swept as what it is."""
    counted = faults(tmp_path, "kill", "100")
    assert counted["tried"] == 100
    assert counted["killed in flight"] >= 95
    assert counted["half packs"] == 0
    assert counted["not there"] >= 70
    assert counted["whole"] >= 1  # killed after the rename
    assert counted["left after the sweep"] == 0


def test_these_faults_find_a_pack_that_is_written_in_place(tmp_path: Path) -> None:
    """The same kills on a builder without `.part` and rename: the measure can fail."""
    assert faults(tmp_path, "kill", "20", "in-place")["half packs"] > 10
