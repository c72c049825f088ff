"""Responses are sealed whole, read back checked, and what a killed process sealed is adopted."""

from __future__ import annotations

import gzip
import os
import random
import resource
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from gimonitor.errors import DiskFullError, EvidenceError, TamperedError
from gimonitor.evidence.seal import Sealed, WarcSeal, read_sealed, recover_seals

AT = datetime(2026, 11, 2, 17, 30, 5, 123456, tzinfo=UTC)
URL = "http://127.0.0.1:9/item/1?q=五常"
BODY = "<title>五常大米</title>".encode("gb18030")


def seal_one(folder: Path, body: bytes = BODY, **options: object) -> Sealed:
    with WarcSeal(folder, "7", reserve=0) as seal:
        return seal.write(URL, 200, [("Content-Type", "text/html; charset=gbk")], body, at=AT, **options)


def records(path: Path) -> list:
    found = []
    with path.open("rb") as file:
        for record in ArchiveIterator(file, check_digests="raise"):
            found.append((record.rec_type, record.rec_headers, record.http_headers, record.raw_stream.read()))
    return found


def test_exchange_is_a_warcinfo_a_response_and_a_request_of_warc_1_1(tmp_path) -> None:
    sealed = seal_one(
        tmp_path, method="POST", request_headers=[("User-Agent", "gimonitor")], request_body=b"q=1", ip="127.0.0.1"
    )
    info, response, request = records(tmp_path / sealed.file)
    assert [info[0], response[0], request[0]] == ["warcinfo", "response", "request"]
    assert response[1].protocol == "WARC/1.1"
    assert response[3] == BODY
    assert response[1]["WARC-IP-Address"] == "127.0.0.1"
    assert response[1]["WARC-Date"] == "2026-11-02T17:30:05.123456Z"
    assert response[1]["WARC-Payload-Digest"] == f"sha256:{sealed.sha256}"
    assert response[1]["WARC-Block-Digest"].startswith("sha256:")
    assert request[1]["WARC-Concurrent-To"] == response[1]["WARC-Record-ID"]
    assert (request[2].protocol, request[2].statusline) == ("POST", "/item/1?q=%E4%BA%94%E5%B8%B8 HTTP/1.1")
    assert request[3] == b"q=1"


def test_sealed_response_reads_back(tmp_path) -> None:
    sealed = seal_one(tmp_path)
    back = read_sealed(tmp_path, sealed)
    assert (back.url, back.status, back.body) == (URL, 200, BODY)
    assert ("Content-Type", "text/html; charset=gbk") in back.headers


def test_decoded_body_keeps_its_encoding_header_aside(tmp_path) -> None:
    with WarcSeal(tmp_path, "7", reserve=0) as seal:
        sealed = seal.write(URL, 200, [("Content-Encoding", "br"), ("Content-Length", "9")], BODY)
    headers = dict(read_sealed(tmp_path, sealed).headers)
    assert headers == {"X-Orig-Content-Encoding": "br", "X-Orig-Content-Length": "9", "Content-Length": str(len(BODY))}


def test_raw_body_keeps_its_headers(tmp_path) -> None:
    packed = gzip.compress(BODY)
    with WarcSeal(tmp_path, "7", reserve=0) as seal:
        sealed = seal.write(URL, 200, [("Content-Encoding", "gzip")], packed, decoded=False)
    assert read_sealed(tmp_path, sealed).body == packed


def test_hostile_heads_stay_one_line_each(tmp_path) -> None:
    with WarcSeal(tmp_path, "../7\n", reserve=0) as seal:
        sealed = seal.write(
            "http://a/\r\nWARC-Type: x\ud800", 200, [("X", "a\r\nWARC-Type: evil"), ("Y", "\xff\x00中")], b""
        )
    assert (tmp_path / sealed.file).resolve().is_relative_to(tmp_path)
    _, response, _ = records(tmp_path / sealed.file)
    assert response[0] == "response"
    assert response[2].get_header("X") == "a WARC-Type: evil"


def test_nothing_bears_a_final_name_until_closed(tmp_path) -> None:
    seal = WarcSeal(tmp_path, "7", reserve=0)
    sealed = seal.write(URL, 200, [], BODY)
    assert [p.suffix for p in (tmp_path / "7").iterdir()] == [".part"]
    assert read_sealed(tmp_path, sealed).body == BODY  # readable all the same
    seal.close()
    assert (tmp_path / sealed.file).is_file()
    seal.close()


def test_files_rotate_by_size(tmp_path) -> None:
    with WarcSeal(tmp_path, "7", reserve=0, rotate=4000) as seal:
        sealed = [seal.write(URL, 200, [], os.urandom(1500)) for _ in range(5)]
    assert len({s.file for s in sealed}) > 1
    assert all((tmp_path / s.file).stat().st_size <= 4000 for s in sealed)
    assert [len(read_sealed(tmp_path, s).body) for s in sealed] == [1500] * 5


def test_every_flipped_byte_of_a_record_is_refused(tmp_path) -> None:
    sealed = seal_one(tmp_path)
    path = tmp_path / sealed.file
    good = path.read_bytes()
    for place in range(sealed.offset + 10, sealed.offset + sealed.length):  # gzip's head of ten bytes holds no content
        bad = bytearray(good)
        bad[place] ^= 0x41
        path.write_bytes(bad)
        with pytest.raises(TamperedError):
            read_sealed(tmp_path, sealed)


def test_missing_and_cut_files_are_said(tmp_path) -> None:
    sealed = seal_one(tmp_path)
    path = tmp_path / sealed.file
    path.write_bytes(path.read_bytes()[: sealed.offset + sealed.length - 1])
    with pytest.raises(TamperedError, match="cut short"):
        read_sealed(tmp_path, sealed)
    path.unlink()
    with pytest.raises(EvidenceError, match="cannot be read"):
        read_sealed(tmp_path, sealed)


def test_reserve_of_the_disk_is_never_used(tmp_path) -> None:
    with WarcSeal(tmp_path, "7", reserve=1 << 62) as seal, pytest.raises(DiskFullError):
        seal.write(URL, 200, [], BODY)
    assert list((tmp_path / "7").iterdir()) == []


def test_full_disk_leaves_only_whole_records(tmp_path) -> None:
    script = f"""
import pathlib, sys, os
from gimonitor.errors import DiskFullError
from gimonitor.evidence.seal import WarcSeal
seal = WarcSeal(pathlib.Path({str(tmp_path)!r}), "7", reserve=0)
count = 0
try:
    while True:
        seal.write("http://a/", 200, [], os.urandom(3000)); count += 1
except DiskFullError:
    seal.close(); print(count)
"""
    limit = 40_000
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        timeout=60,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert done.returncode == 0, done.stderr
    [path] = (tmp_path / "7").iterdir()
    assert path.suffix == ".gz"
    assert sum(kind == "response" for kind, *_ in records(path)) == int(done.stdout) > 5


WRITER = """
import pathlib, sys
from gimonitor.evidence.seal import WarcSeal
seal = WarcSeal(pathlib.Path(sys.argv[1]), "7", reserve=0)
for number in range(10**6):
    sealed = seal.write(f"http://a/{number}", 200, [], bytes([number % 256]) * 30_000)
    print(sealed.file, sealed.offset, sealed.length, sealed.sha256, flush=True)
"""


def test_whatever_was_sealed_survives_kill_9(tmp_path) -> None:
    """Killed by progress: at the moment the writer has told of N sealed records, always in the middle of its work."""
    seed = int(os.environ.get("TEST_SEED", "20261102"))
    draw = random.Random(seed)
    kills = int(os.environ.get("TEST_KILLS", "12"))
    told_in_all = adopted = torn = 0
    for number in range(kills):
        folder = tmp_path / str(number)
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(folder)], stdout=subprocess.PIPE, text=True)
        assert writer.stdout
        told = [writer.stdout.readline().split() for _ in range(draw.randint(1, 60))]
        writer.send_signal(signal.SIGKILL)
        told += [line.split() for line in writer.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
        assert writer.wait() == -signal.SIGKILL
        writer.stdout.close()
        [recovered] = recover_seals(folder)
        for file, offset, length, sha256 in told:
            sealed = Sealed(file=file, offset=int(offset), length=int(length), sha256=sha256, url="", at=AT)
            assert read_sealed(folder, sealed).body
        assert len(records(folder / recovered.file)) == recovered.records
        told_in_all += len(told)
        adopted += recovered.records
        torn += recovered.cut > 0
    sys.stdout.write(f"seed {seed}: {kills} kills, {told_in_all} records told of, {adopted} adopted, {torn} torn\n")
    assert told_in_all >= kills


def test_torn_record_is_cut_and_a_living_writer_left_alone(tmp_path) -> None:
    seal = WarcSeal(tmp_path, "7", reserve=0)
    sealed = seal.write(URL, 200, [], BODY)
    assert recover_seals(tmp_path) == []
    [part] = (tmp_path / "7").iterdir()
    torn = tmp_path / "8" / part.name
    torn.parent.mkdir()
    torn.write_bytes(part.read_bytes()[:-3])
    seal.close()
    [found] = recover_seals(tmp_path)
    assert found.file == f"8/{part.name.removesuffix('.part')}"
    assert found.cut > 0
    assert records(tmp_path / found.file)[1][3] == BODY
    assert (tmp_path / sealed.file).is_file()


def test_part_without_a_whole_record_disappears(tmp_path) -> None:
    part = tmp_path / "x.warc.gz.part"
    part.write_bytes(b"\x1f\x8b\x08")
    assert recover_seals(tmp_path) == [] and part.exists()  # somebody may have just begun it
    os.utime(part, (0, 0))
    assert recover_seals(tmp_path) == []
    assert list(tmp_path.iterdir()) == []
