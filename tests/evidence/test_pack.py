"""Packs: whole or absent, the same bytes for the same contents, readable by other tools."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import bagit
import pytest

from gimonitor.errors import DiskFullError, EvidenceError, TamperedError
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
        custody_head=(3, "ab" * 32),
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
        return (Stamp(authority="local", at=AT, token=b"token", chain=b"chain"),), ""

    pack = build_pack(tmp_path / "packs", contents, stamper=stamper, reserve=0)
    assert seen == [pack.manifest_sha256]
    assert pack.stamps == ("local",)
    assert verify_pack(pack.path) == []
    with zipfile.ZipFile(pack.path) as archive:
        assert archive.read("GI-1/timestamps/01.tsr") == b"token"
        assert "timestamps/01.tsr" in archive.read("GI-1/how-to-check.html").decode()


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


BUILDER = """
import datetime, pathlib, sys, resource
from gimonitor.errors import DiskFullError
from gimonitor.evidence.pack import PackContents, PackFile, build_pack, Obtained
folder, limit = pathlib.Path(sys.argv[1]), int(sys.argv[2])
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
at = datetime.datetime(2026, 11, 2, tzinfo=datetime.UTC)
class Loud(bytes):
    pass
def files():
    for number in range(60):
        yield PackFile(path=f"{number:03}", content=bytes([number]) * 20000, obtained=Obtained(at=at, method="x"))
contents = PackContents(number="GI-1", title="t", made_at=at, made_by="o", organisation="b", files=tuple(files()))
if len(sys.argv) > 3:
    import gimonitor.evidence.pack as pack
    add = pack._Bag._write
    def told(self, name, source):
        done = add(self, name, source)
        print(name, flush=True)
        return done
    pack._Bag._write = told
    move = pack.publish
    def publish(part, final):
        print("publish", flush=True)
        move(part, final)
        print("published", flush=True)
    pack.publish = publish
try:
    build_pack(folder, contents, reserve=0)
except DiskFullError as error:
    print("full", error); sys.exit(8)
"""


def build_elsewhere(folder: Path, limit: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", BUILDER, str(folder), str(limit)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_full_disk_at_any_byte_leaves_no_pack(tmp_path: Path) -> None:
    seed = int(os.environ.get("TEST_SEED", "20261102"))
    draw = random.Random(seed)
    whole = build_elsewhere(tmp_path / "whole", 0)
    assert whole.returncode == 0, whole.stderr
    size = (tmp_path / "whole" / "GI-1.zip").stat().st_size
    limits = [1, size - 1, *(draw.randint(2, size - 2) for _ in range(6))]
    for limit in limits:
        folder = tmp_path / str(limit)
        done = build_elsewhere(folder, limit)
        assert done.returncode == 8, (limit, done.stdout, done.stderr)
        assert list(folder.iterdir()) == []
    sys.stdout.write(f"seed {seed}: disk full at {len(limits)} of {size} bytes, 0 packs visible\n")


def test_kill_9_while_packing_leaves_no_half_pack(tmp_path: Path) -> None:
    """Killed by progress: after the N-th file was written, up to the moment between writing and renaming."""
    seed = int(os.environ.get("TEST_SEED", "20261102"))
    kills = int(os.environ.get("TEST_KILLS", "15"))
    draw = random.Random(seed)
    folder = tmp_path / "packs"
    half = in_flight = whole = 0
    for _ in range(kills):
        wanted = draw.randint(1, 74)
        command = [sys.executable, "-c", BUILDER, str(folder), "0", "loud"]
        builder = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert builder.stdout
        lines = [builder.stdout.readline() for _ in range(wanted)]
        builder.send_signal(signal.SIGKILL)
        lines += builder.stdout.read().splitlines(keepends=True)
        builder.wait()
        builder.stdout.close()
        in_flight += "published\n" not in lines
        for path in folder.iterdir():
            if path.suffix == ".zip":
                whole += 1
                half += verify_pack(path) != []
            path.unlink()
    sys.stdout.write(f"seed {seed}: {kills} kills ({in_flight} in flight), {whole} whole packs, {half} half packs\n")
    assert half == 0
    assert in_flight >= 0.9 * kills
