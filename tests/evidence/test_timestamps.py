"""Tokens from a local authority: what holds, what is refused, and what waits. A failed stamp is always said."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography import x509

from gimonitor.cli.evidence import app
from gimonitor.errors import EvidenceError, InputError, TamperedError, UntrustedError
from gimonitor.evidence import standalone
from gimonitor.evidence.digest import digest_file
from gimonitor.evidence.pack import PackContents, PackFile, build_pack
from gimonitor.evidence.stamping import (
    StampQueue,
    check_digest,
    make_stamper,
    stamp_file,
    tokens_of,
    verify_tokens,
    write_digest,
)
from gimonitor.evidence.timestamps import load_roots, read_token, request_token
from gimonitor.evidence.verify import pack_info, verify_pack, verify_stamps

from .tsa import Authority, make_authority, serve

DATA = b"manifest"
NOW = datetime(2026, 11, 2, 17, 30, tzinfo=UTC)


def test_token_is_obtained_and_holds(tsa: str, authority: Authority) -> None:
    token = request_token(f"{tsa}/", DATA, roots=[authority.root])
    assert token.trusted
    assert abs(datetime.now(UTC) - token.at) < timedelta(minutes=5)
    assert token.policy == "1.2.3.4.1"
    assert token.issuer.endswith(" tsa")
    assert token.chain.count(b"BEGIN CERTIFICATE") == 1
    assert read_token(token.raw, DATA, roots=[authority.root]).serial == token.serial


def test_without_roots_a_token_is_kept_and_not_called_trusted(tsa: str) -> None:
    assert not request_token(f"{tsa}/", DATA).trusted


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/error", "Internal Server Error"),
        ("/garbage", "no time-stamp"),
        ("/empty", "no time-stamp"),
        ("/huge", "over 65536 bytes"),
        ("/refuse", "refused: status 2"),
        ("/other-data", "other bytes"),
        ("/flip", "signature|no time-stamp"),
        ("/slow", "timed out"),
    ],
)
def test_misbehaving_authority_is_said(path: str, words: str, tsa: str, authority: Authority) -> None:
    with pytest.raises(EvidenceError, match=words) as caught:
        request_token(tsa + path, DATA, roots=[authority.root], timeout=1.0)
    assert tsa in str(caught.value) or "authority" in str(caught.value) or "answer" in str(caught.value)


def test_old_answer_is_refused_by_its_nonce(tsa: str, authority: Authority) -> None:
    assert request_token(f"{tsa}/replay", DATA, roots=[authority.root])
    with pytest.raises(EvidenceError, match="nonce"):
        request_token(f"{tsa}/replay", DATA, roots=[authority.root])


def test_nobody_answers_and_odd_addresses(closed_port: int) -> None:
    with pytest.raises(EvidenceError, match="refused"):
        request_token(f"http://127.0.0.1:{closed_port}/", DATA)
    for url in ("file:///etc/hostname", "ftp://a/", "x"):
        with pytest.raises(EvidenceError, match="http or https"):
            request_token(url, DATA)


def test_token_of_another_authority_is_refused(tsa: str, tmp_path: Path) -> None:
    other = make_authority(tmp_path / "b", "Practice")
    with pytest.raises(EvidenceError, match="signature"):
        request_token(f"{tsa}/", DATA, roots=[other.root])


def test_no_flipped_bit_changes_what_a_token_says(tsa: str, authority: Authority) -> None:
    """A few bytes of the envelope are not signed; the pack's lists hold the whole file. What it says always is."""
    token = request_token(f"{tsa}/", DATA, roots=[authority.root])
    accepted = 0
    for place in range(len(token.raw)):
        changed = bytearray(token.raw)
        changed[place] ^= 0x01
        try:
            read = read_token(bytes(changed), DATA, roots=[authority.root])
        except EvidenceError:
            continue
        accepted += 1
        assert (read.at, read.serial, read.policy) == (token.at, token.serial, token.policy)
    assert accepted < len(token.raw) // 20


def test_reply_with_unsorted_certificates_is_read_by_openssl(tmp_path: Path) -> None:
    authority = make_authority(tmp_path / "c", "Unsorted", all_certificates=True)
    other = make_authority(tmp_path / "d", "Other")
    with serve(authority) as url:
        token = request_token(f"{url}/", DATA, roots=[authority.root])
        assert token.trusted
        assert {*x509.load_pem_x509_certificates(token.chain)} >= {authority.root}
        assert token.chain.count(b"BEGIN CERTIFICATE") == 2
        assert abs(datetime.now(UTC) - token.at) < timedelta(minutes=5)
        with pytest.raises(TamperedError):
            read_token(token.raw, b"other", roots=[authority.root])
        with pytest.raises(TamperedError, match="signature"):
            read_token(token.raw, DATA, roots=[other.root])


def test_roots_are_read_and_bad_ones_named(authority: Authority, tmp_path: Path) -> None:
    assert load_roots(tmp_path / "absent") == ()
    (tmp_path / "a.pem").write_bytes((authority.folder / "ca.pem").read_bytes())
    assert load_roots(tmp_path) == (authority.root,)
    (tmp_path / "b.crt").write_text("no certificate")
    with pytest.raises(EvidenceError, match=r"b\.crt"):
        load_roots(tmp_path)


def contents() -> PackContents:
    return PackContents(
        number="GI-1",
        title="t",
        made_at=NOW,
        made_by="o",
        organisation="b",
        files=(PackFile(path="a", content=b"x"),),
    )


def test_pack_carries_tokens_that_openssl_verifies(tsa: str, authority: Authority, tmp_path: Path) -> None:
    roots = [authority.root]
    pack = build_pack(tmp_path, contents(), stamper=make_stamper([f"{tsa}/", f"{tsa}/error"], roots), reserve=0)
    assert pack.stamps == (f"{tsa}/",)
    assert pack.unstamped == f"{tsa}/error：没有得到时间戳（详情见运行日志）"
    assert verify_pack(pack.path) == []
    [token], problems = verify_stamps(pack.path, roots)
    assert token.trusted
    assert problems == []
    assert pack_info(pack.path)["Time-Stamps"].startswith("1 (")
    with zipfile.ZipFile(pack.path) as archive:
        archive.extractall(tmp_path / "out")
        assert "没有得到时间戳" in archive.read("GI-1/how-to-check.html").decode()
    bag = tmp_path / "out" / "GI-1"
    told = (bag / "how-to-check.txt").read_text("utf-8")
    assert "-CAfile AUTHORITY-ROOT.pem -untrusted timestamps/01.pem" in told
    assert "须直接向该机构取得" in told
    assert "加盖时间戳，" in told
    command = ["openssl", "ts", "-verify", "-data", "manifest-sha256.txt", "-in", "timestamps/01.tsr"]
    trust = ["-CAfile", str(authority.folder / "ca.pem"), "-untrusted", "timestamps/01.pem"]
    done = subprocess.run([*command, *trust], cwd=bag, capture_output=True, text=True, timeout=60)
    assert "Verification: OK" in done.stdout + done.stderr
    assert verify_stamps(bag, roots)[1] == []


def test_rewritten_pack_fails_at_its_token(tsa: str, authority: Authority, tmp_path: Path) -> None:
    """Everything made anew and consistent, with the old token kept: only the token tells."""
    roots = [authority.root]
    kept = {}

    def keep(manifest: bytes):
        kept["answer"] = make_stamper([f"{tsa}/"], roots)(manifest)
        return kept["answer"]

    build_pack(tmp_path / "a", contents(), stamper=keep, reserve=0)
    forged = PackContents(
        number="GI-1", title="t", made_at=NOW, made_by="o", organisation="b", files=(PackFile(path="a", content=b"y"),)
    )
    pack = build_pack(tmp_path / "b", forged, stamper=lambda _: kept["answer"], reserve=0)
    [told] = verify_pack(pack.path)
    assert (told.kind, told.file, told.detail) == ("changed", "timestamps/01.tsr", "与所依据的不符")
    done = subprocess.run(
        [sys.executable, "-I", "-S", standalone.__file__, pack.path], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, "与所依据的不符" in done.stdout, "一致：全部" in done.stdout) == (1, True, False)
    tokens, [problem] = verify_stamps(pack.path, roots)
    assert tokens == []
    assert (problem.file, problem.detail) == ("timestamps/01.tsr", "the time-stamp is over other bytes")


@pytest.mark.parametrize("has_openssl", [True, False])
def test_a_flipped_signature_is_named_by_both_verifiers(
    has_openssl: bool, tsa: str, authority: Authority, tmp_path: Path, monkeypatch
) -> None:
    """The lists of the tag files are made anew, as a forger would."""
    pack = build_pack(tmp_path, contents(), stamper=make_stamper([f"{tsa}/"], [authority.root]), reserve=0)
    with zipfile.ZipFile(pack.path) as archive:
        archive.extractall(tmp_path / "out")
    bag = tmp_path / "out" / "GI-1"
    environment = {**os.environ, "PATH": os.environ["PATH"] if has_openssl else str(tmp_path)}
    monkeypatch.setenv("PATH", environment["PATH"])

    def told() -> tuple[list[tuple[str, str]], int, str]:
        script = [sys.executable, "-I", "-S", standalone.__file__, str(bag)]
        done = subprocess.run(script, capture_output=True, text=True, timeout=60, env=environment)
        return [(p.kind.value, p.file) for p in verify_pack(bag)], done.returncode, done.stdout

    assert told()[:2] == ([], 0)
    assert ("签名未核对" in told()[2]) is not has_openssl
    token = bytearray((bag / "timestamps/01.tsr").read_bytes())
    token[-5] ^= 1
    (bag / "timestamps/01.tsr").write_bytes(token)
    _list_anew(bag)
    problems, code, said = told()
    if has_openssl:
        assert (problems, code) == ([("changed", "timestamps/01.tsr")], 1)
        assert "时间戳的签名不符" in said
    else:
        assert (problems, code, "签名未核对" in said) == ([], 0, True)


@pytest.mark.parametrize("name", ["fetch.txt", "manifest-md5.txt", "timestamps/note.txt"])
def test_tag_files_that_no_pack_has_are_named_though_listed(name: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(build_pack(tmp_path, contents(), reserve=0).path) as archive:
        archive.extractall(tmp_path / "out")
    bag = tmp_path / "out" / "GI-1"
    (bag / name).parent.mkdir(exist_ok=True)
    (bag / name).write_text("x")
    (bag / "bagit.txt").unlink()
    _list_anew(bag)
    assert {(p.kind.value, p.file) for p in verify_pack(bag)} == {("added", name), ("missing", "bagit.txt")}


def _list_anew(bag: Path) -> None:
    tags = [p for p in bag.rglob("*") if p.is_file() and "data" not in p.relative_to(bag).parts[:1]]
    named = {p.relative_to(bag).as_posix(): p.read_bytes() for p in tags if not p.name.startswith("tagmanifest-")}
    for kind in ("sha256", "sha512"):
        lines = (f"{hashlib.new(kind, data).hexdigest()}  {name}\n" for name, data in sorted(named.items()))
        (bag / f"tagmanifest-{kind}.txt").write_text("".join(lines))


def test_papers_say_in_chinese_why_a_stamp_is_missing(tsa: str, authority: Authority) -> None:
    stamps, why = make_stamper([f"{tsa}/refuse", f"{tsa}/garbage"], [authority.root])(DATA)
    assert stamps == ()
    assert why == f"{tsa}/refuse：时间戳机构拒绝签发；{tsa}/garbage：回答不是时间戳"


def test_no_authority_configured_is_said(tmp_path: Path) -> None:
    pack = build_pack(tmp_path, contents(), stamper=make_stamper([]), reserve=0)
    assert (pack.stamps, pack.unstamped) == ((), "未配置时间戳机构")


def test_queue_keeps_what_could_not_be_stamped(
    tsa: str, closed_port: int, authority: Authority, tmp_path: Path
) -> None:
    pack = build_pack(tmp_path / "packs", contents(), reserve=0)
    digest = write_digest(pack.path)
    dead = f"http://127.0.0.1:{closed_port}/"
    queue = StampQueue(tmp_path / "queue")
    queue.add(digest, [f"{tsa}/", dead], NOW)
    queue.add(digest, [dead], NOW + timedelta(hours=1))
    tokens, [problem] = queue.work([authority.root])
    assert [t.authority for t in tokens] == [f"{tsa}/"]
    assert "refused" in problem
    [waiting] = StampQueue(tmp_path / "queue").waiting()
    assert (waiting.urls, waiting.tries, waiting.since) == ((dead,), 1, NOW.isoformat())
    assert "refused" in waiting.error
    assert len(tokens_of(digest)) == 1
    good, problems = verify_tokens(digest, [authority.root])
    assert (len(good), problems) == (1, [])


def test_file_is_stamped_at_once_and_waits_only_for_who_is_silent(
    tsa: str, closed_port: int, authority: Authority, tmp_path: Path
) -> None:
    dead = f"http://127.0.0.1:{closed_port}/"
    files = [tmp_path / name for name in ("a.json", "b.json")]
    queue = StampQueue(tmp_path / "queue")
    for file in files:
        file.write_bytes(file.name.encode())
    assert [t.trusted for t in queue.stamp_now(files[0], [f"{tsa}/"], [authority.root], now=NOW)[0]] == [True]
    assert queue.waiting() == ()
    for file in files:
        tokens, why = queue.stamp_now(file, [f"{tsa}/", dead], [authority.root], now=NOW)
        assert len(tokens) == 1
        assert "refused" in why  # said of each, asked once
    assert [(Path(w.file).name, w.urls) for w in queue.waiting()] == [("a.json", (dead,)), ("b.json", (dead,))]


def test_queue_is_empty_once_everything_is_stamped(tsa: str, authority: Authority, tmp_path: Path) -> None:
    file = tmp_path / "capture.json"
    file.write_bytes(b"{}")
    queue = StampQueue(tmp_path / "queue")
    queue.add(file, [f"{tsa}/"], NOW)
    assert queue.work([authority.root])[1] == []
    assert queue.waiting() == ()
    assert queue.work()[0] == []


def test_queued_file_that_went_is_said(tsa: str, tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_bytes(b"x")
    queue = StampQueue(tmp_path / "queue")
    queue.add(file, [f"{tsa}/"], NOW)
    file.unlink()
    _, [problem] = queue.work()
    assert "gone" in problem
    assert queue.waiting() == ()


def test_file_changed_after_its_stamp_is_found(tsa: str, authority: Authority, tmp_path: Path) -> None:
    file = tmp_path / "capture.json"
    file.write_bytes(b"{}")
    stamp_file(file, f"{tsa}/", [authority.root])
    stamp_file(file, f"{tsa}/", [authority.root])
    assert [p.name for p in tokens_of(file)] == ["capture.json.01.tsr", "capture.json.02.tsr"]
    file.write_bytes(b"{ }")
    good, problems = verify_tokens(file, [authority.root])
    assert (good, len(problems)) == ([], 2)


def test_digest_beside_a_pack_is_what_sha256sum_checks(tmp_path: Path) -> None:
    pack = build_pack(tmp_path, contents(), reserve=0)
    path = write_digest(pack.path)
    assert path.read_text().split() == [digest_file(pack.path).sha256, "GI-1.zip"]
    subprocess.run(["sha256sum", "-c", path.name], cwd=tmp_path, check=True, capture_output=True, timeout=60)
    check_digest(pack.path)
    pack.path.write_bytes(pack.path.read_bytes()[:-1])
    with pytest.raises(TamperedError):
        check_digest(pack.path)
    with pytest.raises(InputError):
        verify_pack(tmp_path / "no")


def test_stamp_that_came_later_is_verified_with_its_chain_by_the_command(
    tsa: str, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Built offline; stamped once an authority answers; then the pack, its digest and the token are changed in turn."""
    pack = build_pack(tmp_path / "packs", contents(), stamper=make_stamper([]), reserve=0)
    digest = write_digest(pack.path)
    shutil.copy(authority.folder / "ca.pem", tmp_path / "root.pem")

    def verified(*more: str) -> Result:
        return CliRunner().invoke(app, ["verify", str(pack.path), *more])

    assert "no time-stamp: none" in verified().output
    queue = StampQueue(tmp_path / "queue")
    queue.add(digest, [f"{tsa}/"], NOW)
    assert queue.work([authority.root])[1] == []
    said = verified("--roots", str(tmp_path))
    assert (said.exit_code, "signature trusted" in said.output) == (0, True)
    assert "no roots given" in verified().output
    for name in ("Strange", "Practice"):  # another one, and another of the same name
        strange = tmp_path / f"only-{name}"
        strange.mkdir()
        shutil.copy(make_authority(tmp_path / name, name).folder / "ca.pem", strange)
        said = verified("--roots", str(strange))
        assert isinstance(said.exception, UntrustedError)
        assert "cannot be checked with these roots" in said.output and "changed" not in said.output
        assert "as built" in str(said.exception)
        assert standalone.check(pack.path) == []  # as the verifier inside says: nothing was changed
    monkeypatch.setenv("GIMONITOR_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "data" / "timestamp-roots").mkdir(parents=True)
    shutil.copy(authority.folder / "ca.pem", tmp_path / "data" / "timestamp-roots")
    assert "signature trusted" in verified().output
    [token] = tokens_of(digest)
    for path in (token, digest):
        kept = path.read_bytes()
        path.write_bytes(kept[:60] + bytes([kept[60] ^ 1]) + kept[61:])
        for roots in (tmp_path, strange):
            changed = verified("--roots", str(roots))
            assert isinstance(changed.exception, TamperedError), path.name
            assert f"changed: '{path.name}'" in changed.output
        path.write_bytes(kept)
