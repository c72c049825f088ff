"""Every tampering is found and the file named, by `verify_pack` and by the verifier inside the pack alike."""

from __future__ import annotations

import ast
import hashlib
import os
import random
import re
import shutil
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gimonitor.errors import InputError, TamperedError
from gimonitor.evidence import standalone
from gimonitor.evidence.custody import CustodyLog, Extract
from gimonitor.evidence.pack import Obtained, PackContents, PackFile, build_pack
from gimonitor.evidence.verify import require_whole, verify_pack

AT = datetime(2026, 11, 2, 17, 30, tzinfo=UTC)
ROOT = "GI-7/"


@pytest.fixture(scope="module")
def pack(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("packs")
    obtained = Obtained(at=AT, method="网络在线提取")
    files = (
        PackFile(path="listing.json", content=b'{"title": "x"}', obtained=obtained),
        PackFile(path="captures/截图.png", content=bytes(range(256)) * 3, obtained=obtained),
        PackFile(path="archive/a.warc.gz", content=b"\x1f\x8b" + b"w" * 90, obtained=obtained),
        PackFile(path="one-byte", content=b"1"),
    )
    log = CustodyLog(folder / "custody.jsonl")
    for what in ("captures/截图.png", "archive/a.warc.gz", "of another case", "listing.json"):
        log.append("officer", "captured", what)
    contents = PackContents(
        number="GI-7",
        title="t",
        made_at=AT,
        made_by="o",
        organisation="b",
        files=files,
        custody=log.extract({file.path for file in files}),
    )
    return build_pack(folder, contents, reserve=0).path


@pytest.fixture(scope="module")
def unpacked(pack: Path, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(pack) as archive:
        archive.extractall(folder)
    return folder / "GI-7"


@pytest.fixture(scope="module")
def script(unpacked: Path, tmp_path_factory) -> Path:
    """The verifier as it comes out of a pack, far from the project."""
    path = tmp_path_factory.mktemp("elsewhere") / "verify.py"
    shutil.copy(unpacked / "verify.py", path)
    return path


_CHINESE = {"被改动": "changed", "缺少": "missing", "多出": "added"}


def told_by_script(script: Path, target: Path) -> set[tuple[str, str]]:
    """What `verify.py` says, run with no site packages and no project."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(script), str(target)], capture_output=True, text=True, timeout=60, cwd="/"
    )
    assert done.stderr == ""
    lines = [line.split("  ") for line in done.stdout.split("\n")[:-2]]
    assert done.returncode == (1 if lines else 0)
    assert all(len(line) > 1 for line in lines), done.stdout
    return {(_CHINESE[line[0]], ast.literal_eval(line[1])) for line in lines}


def told(target: Path) -> set[tuple[str, str]]:
    return {(p.kind.value, p.file) for p in verify_pack(target)}


def names(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def flips(data: bytes) -> Iterator[bytes]:
    for place in sorted({0, len(data) // 2, len(data) - 1}):
        changed = bytearray(data)
        changed[place] ^= 0x01
        yield bytes(changed)


def test_verifier_is_short_and_needs_only_the_standard_library() -> None:
    source = Path(standalone.__file__).read_text("utf-8")
    assert len(source.splitlines()) < 100
    imported = {
        (node.module or "").split(".")[0] if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, (ast.Import, ast.ImportFrom))
    }
    assert imported <= sys.stdlib_module_names


def test_good_pack_passes_both_ways(pack: Path, unpacked: Path, script: Path) -> None:
    for target in (pack, unpacked):
        assert told(target) == told_by_script(script, target) == set()


def test_flip_in_every_file_of_the_folder_names_it(unpacked: Path, script: Path, tmp_path: Path) -> None:
    folder = tmp_path / "bag"
    tried = 0
    for name in names(unpacked):
        for changed in flips((unpacked / name).read_bytes()):
            shutil.copytree(unpacked, folder)
            (folder / name).write_bytes(changed)
            found = told(folder)
            assert ("changed", name) in found, (name, found)
            if name.startswith("data/") or name == "verify.py":
                assert found == {("changed", name)}
            assert told_by_script(script, folder) == found
            shutil.rmtree(folder)
            tried += 1
    assert tried >= 30


def test_custody_entries_are_followed_where_they_meet(unpacked: Path, pack: Path, script: Path, tmp_path: Path) -> None:
    entries = [name[-9:] for name in names(unpacked) if "custody/" in name]
    assert entries == ["0001.json", "0002.json", "0004.json", "/head.txt"]
    folder = tmp_path / "own"
    log = CustodyLog(folder / "custody.jsonl")
    first, second, third = (log.append("officer", "captured", what) for what in "abc")
    apart = replace(second, previous="ab" * 32, digest="")
    for entries, wrong in (
        ((first, second, third), set()),
        ((first, third), set()),  # what lies between is left out
        ((first, replace(apart, digest=apart.computed())), {("changed", "data/custody/000000002.json")}),
    ):
        contents = PackContents(
            number=f"GI-{len(wrong)}{len(entries)}",
            title="t",
            made_at=AT,
            made_by="o",
            organisation="b",
            files=(),
            custody=Extract(number=3, digest=third.digest, entries=entries),
        )
        made = build_pack(folder, contents, reserve=0).path
        assert told(made) == told_by_script(script, made) == wrong
    with pytest.raises(TamperedError):
        build_pack(
            folder, replace(contents, number="GI-x", custody=Extract(entries=(replace(second, who="x"),))), reserve=0
        )
    log_file = folder / "custody.jsonl"
    log_file.write_text(log_file.read_text().replace("officer", "someone", 1))
    with pytest.raises(TamperedError, match="entry 1"):
        log.extract({"a"})


def edited(pack: Path, target: Path, edit: Callable[[str, bytes], Iterator[tuple[str, bytes]]]) -> None:
    """The pack as a careful forger would write it: a ZIP of just our form, with some content changed."""
    with zipfile.ZipFile(pack) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as new:
        for entry in old.infolist():
            for name, data in edit(entry.filename.removeprefix(ROOT), old.read(entry)):
                info = zipfile.ZipInfo(ROOT + name, (1980, 1, 1, 0, 0, 0))
                info.external_attr = 0o644 << 16
                new.writestr(info, data)


def test_flip_in_every_file_of_a_rewritten_zip_names_it(
    pack: Path, unpacked: Path, script: Path, tmp_path: Path
) -> None:
    target = tmp_path / "p.zip"
    for name in names(unpacked):
        for changed in flips((unpacked / name).read_bytes()):
            edited(pack, target, lambda n, d, name=name, changed=changed: iter([(n, changed if n == name else d)]))
            found = told(target)
            assert ("changed", name) in found
            assert told_by_script(script, target) == found


def test_raw_flips_anywhere_in_the_zip_are_found(pack: Path, script: Path, tmp_path: Path) -> None:
    seed = int(os.environ.get("TEST_SEED", "20261102"))
    draw = random.Random(seed)
    good = pack.read_bytes()
    target = tmp_path / "p.zip"
    missed = []
    directory = range(good.index(b"PK\x01\x02"), len(good))
    places = [*range(80), *directory, *(draw.randrange(len(good)) for _ in range(500))]
    for number, place in enumerate(places):
        changed = bytearray(good)
        changed[place] ^= 1 << draw.randrange(8)
        target.write_bytes(changed)
        found = told(target)
        if not found:
            missed.append(place)
        if number % 40 == 0:
            assert told_by_script(script, target) == found
    sys.stdout.write(f"seed {seed}: {len(places)} flips, {len(missed)} missed\n")
    assert missed == []


def test_truncated_zip_is_found(pack: Path, script: Path, tmp_path: Path) -> None:
    good = pack.read_bytes()
    target = tmp_path / "p.zip"
    for size in (0, 1, len(good) // 2, len(good) - 1):
        target.write_bytes(good[:size])
        assert told(target) == told_by_script(script, target) != set()
    target.write_bytes(good + b"x")
    assert ("changed", "p.zip") in told(target)
    target.write_bytes(b"x" + good)
    assert told(target) == told_by_script(script, target) != set()


TAMPERINGS: dict[str, tuple[Callable[[Path], object], set[tuple[str, str]]]] = {
    "truncate": (lambda b: (b / "data/listing.json").write_bytes(b"{"), {("changed", "data/listing.json")}),
    "empty": (lambda b: (b / "data/one-byte").write_bytes(b""), {("changed", "data/one-byte")}),
    "delete": (lambda b: (b / "data/listing.json").unlink(), {("missing", "data/listing.json")}),
    "add data": (lambda b: (b / "data/new").write_bytes(b""), {("added", "data/new")}),
    "add tag": (lambda b: (b / "note.txt").write_bytes(b"x"), {("added", "note.txt")}),
    "add hidden": (lambda b: (b / "data/.x").write_bytes(b""), {("added", "data/.x")}),
    "rename": (
        lambda b: (b / "data/one-byte").rename(b / "data/two"),
        {("missing", "data/one-byte"), ("added", "data/two")},
    ),
    "case": (
        lambda b: (b / "data/one-byte").rename(b / "data/One-byte"),
        {("missing", "data/one-byte"), ("added", "data/One-byte")},
    ),
    "swap": (
        lambda b: (
            (b / "data/one-byte").rename(b / "t"),
            (b / "data/listing.json").rename(b / "data/one-byte"),
            (b / "t").rename(b / "data/listing.json"),
        ),
        {("changed", "data/one-byte"), ("changed", "data/listing.json")},
    ),
    "symlink": (
        lambda b: ((b / "data/one-byte").unlink(), (b / "data/one-byte").symlink_to("listing.json")),
        {("changed", "data/one-byte")},
    ),
    "link added": (lambda b: (b / "data/link").symlink_to("listing.json"), {("added", "data/link")}),
    "empty folder": (lambda b: (b / "data/empty/within").mkdir(parents=True), {("added", "data/empty/within")}),
    **{
        f"remove {name}": (lambda b, name=name: (b / name).unlink(), {("missing", name)})
        for name in (
            "tagmanifest-sha256.txt",
            "tagmanifest-sha512.txt",
            "manifest-sha256.txt",
            "sm3.txt",
            "bagit.txt",
            "verify.py",
            "how-to-check.html",
        )
    },
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_tampering_is_named(name: str, unpacked: Path, script: Path, tmp_path: Path) -> None:
    act, expected = TAMPERINGS[name]
    folder = tmp_path / "bag"
    shutil.copytree(unpacked, folder)
    act(folder)
    found = told(folder)
    assert expected <= found
    assert told_by_script(script, folder) == found
    with pytest.raises(TamperedError, match=re.escape(next(iter(expected))[1])):
        require_whole(folder)


@pytest.mark.parametrize("name", ["manifest-sha256.txt", "sm3.txt", "tagmanifest-sha256.txt", "tagmanifest-sha512.txt"])
def test_edited_lists_are_named(name: str, unpacked: Path, script: Path, tmp_path: Path) -> None:
    good = (unpacked / name).read_text("utf-8")
    lines = good.splitlines()
    edits = {
        "line removed": "\n".join([*lines[1:], ""]),
        "line doubled": "\n".join([lines[0], *lines, ""]),
        "lines turned": "\n".join([*lines[::-1], ""]),
        "line added": "\n".join([*lines, "0" * len(lines[0].split()[0]) + "  data/zzz", ""]),
        "capitals": good.upper(),
        "no last newline": good[:-1],
        "CRLF": good.replace("\n", "\r\n"),
        "empty": "",
        "digest changed": good.replace(good[:3], "abc" if good[:3] != "abc" else "abd", 1),
    }
    for edit, text in edits.items():
        folder = tmp_path / edit
        shutil.copytree(unpacked, folder)
        (folder / name).write_bytes(text.encode())
        found = told(folder)
        assert ("changed", name) in found, (edit, found)
        assert told_by_script(script, folder) == found


LIES = {
    "octets": ("bag-info.txt", r"(Payload-Oxum: )\d+", r"\g<1>1"),
    "files": ("bag-info.txt", r"(Payload-Oxum: \d+)\.\d+", r"\1.99"),
    "another size first": ("bag-info.txt", r"(Payload-Oxum)", r"Payload-Oxum: 1.1\n\1"),
    "head's number": ("bag-info.txt", r"(Custody-Log-Head: )\d+", r"\g<1>9"),
    "head's digest": ("bag-info.txt", r"(Custody-Log-Head: \d+ )....", r"\g<1>abcd"),
    "stamps": ("bag-info.txt", "Time-Stamps: none", "Time-Stamps: 2"),
    "version": ("bagit.txt", r"1\.0", "0.97"),
    "encoding": ("bagit.txt", "UTF-8", "UTF-16"),
    "more": ("bagit.txt", r"\Z", "Note: x\n"),
}


@pytest.mark.parametrize("lie", LIES)
def test_untrue_tag_file_is_named_though_the_lists_were_rewritten(
    lie: str, unpacked: Path, script: Path, tmp_path: Path
) -> None:
    name, pattern, other = LIES[lie]
    folder = tmp_path / "bag"
    shutil.copytree(unpacked, folder)
    text = (folder / name).read_text("utf-8")
    changed = re.sub(pattern, other, text)
    assert changed != text
    (folder / name).write_text(changed, "utf-8")
    for kind in ("sha256", "sha512"):
        path = folder / f"tagmanifest-{kind}.txt"
        old, new = (hashlib.new(kind, each.encode()).hexdigest() for each in (text, changed))
        path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    assert told_by_script(script, folder) == told(folder) == {("changed", name)}


def test_pack_of_an_earlier_version_without_the_head_of_the_log_is_good(unpacked: Path, tmp_path: Path) -> None:
    folder, head = tmp_path / "bag", "data/custody/head.txt"
    shutil.copytree(unpacked, folder)
    size = (folder / head).stat().st_size
    (folder / head).unlink()
    info = (folder / "bag-info.txt").read_text("utf-8")
    octets, count = map(int, re.findall(r"Payload-Oxum: (\d+)\.(\d+)", info)[0])
    before = f"Payload-Oxum: {octets - size}.{count - 1}"
    (folder / "bag-info.txt").write_text(info.replace(f"Payload-Oxum: {octets}.{count}", before), "utf-8")
    for name in ("manifest-sha256.txt", "sm3.txt"):
        lines = (folder / name).read_text("utf-8").splitlines(keepends=True)
        (folder / name).write_text("".join(line for line in lines if head not in line), "utf-8")
    for kind in ("sha256", "sha512"):
        tags = sorted(
            line.split("  ")[1] for line in (folder / f"tagmanifest-{kind}.txt").read_text("utf-8").splitlines()
        )
        lines = [f"{hashlib.new(kind, (folder / tag).read_bytes()).hexdigest()}  {tag}\n" for tag in tags]
        (folder / f"tagmanifest-{kind}.txt").write_text("".join(lines), "utf-8")
    assert told(folder) == set()


def test_zip_that_would_write_elsewhere_is_refused(pack: Path, script: Path, tmp_path: Path) -> None:
    for root in ("..", "other"):
        target = tmp_path / f"{len(root)}.zip"
        shutil.copy(pack, target)
        with zipfile.ZipFile(target, "a") as archive:
            archive.writestr(f"{root}/data/x", b"x")
        assert told(target) == told_by_script(script, target) != set()


def test_pack_packed_again_is_said_in_one_line(unpacked: Path, script: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.zip"

    def pack_again(*more: str) -> None:
        with zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(unpacked.rglob("*")):
                archive.write(path, f"{unpacked.name}/{path.relative_to(unpacked).as_posix()}")
            for name in more:
                archive.writestr(f"{unpacked.name}/{name}", b"")

    pack_again()
    [problem] = verify_pack(again)
    assert (problem.kind, problem.file) == ("changed", "again.zip")
    assert "文件内容一致" in problem.detail
    assert told_by_script(script, again) == told(again)
    pack_again("data/empty/")
    assert told(again) == told_by_script(script, again) == {("changed", "again.zip"), ("added", "data/empty/")}
    with warnings.catch_warnings(action="ignore"):
        pack_again("data/one-byte")  # a second file of that name, which only some readers show
    assert ("added", "data/one-byte") in told(again) == told_by_script(script, again)


def test_pack_rewritten_as_a_whole_differs_from_the_recorded_digest(pack: Path, tmp_path: Path) -> None:
    contents = PackContents(number="GI-7", title="t", made_at=AT, made_by="o", organisation="b", files=())
    other = build_pack(tmp_path, contents, reserve=0)
    assert verify_pack(other.path) == []
    [problem] = verify_pack(other.path, sha256="ab" * 32)
    assert problem.file == "GI-7.zip"


def test_nothing_to_verify_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        verify_pack(tmp_path / "no.zip")
    (tmp_path / "x.zip").write_bytes(b"no zip")
    assert verify_pack(tmp_path / "x.zip") != []
    (tmp_path / "empty").mkdir()
    assert len(verify_pack(tmp_path / "empty")) == 9  # its lists, and the files that every pack has


def test_messages_name_everything_once_and_nothing_by_an_empty_name(
    pack: Path, unpacked: Path, script: Path, tmp_path: Path, monkeypatch
) -> None:
    folder = tmp_path / "GI-7"
    shutil.copytree(unpacked, folder)
    (folder / "data" / "one-byte").write_bytes(b"2")
    monkeypatch.chdir(folder)
    [problem] = verify_pack(Path())
    assert (problem.file, problem.detail) == ("data/one-byte", "")
    done = subprocess.run([sys.executable, str(script), "."], capture_output=True, text=True, timeout=60, cwd=folder)
    assert done.stdout.splitlines()[0] == "被改动  'data/one-byte'"
    with pytest.raises(TamperedError, match=r"^GI-7: 1 differences\nchanged: data/one-byte$"):
        require_whole(Path())
    done = subprocess.run(
        [sys.executable, "-m", "gimonitor", "evidence", "verify", "."], capture_output=True, text=True, timeout=60
    )
    assert done.stdout.splitlines() == ["GI-7: changed: 'data/one-byte'"]
    assert "not as built: GI-7" in done.stderr
