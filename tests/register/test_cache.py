"""The compiled register is the same register, and is passed over whenever anything at all is different."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

import gimonitor
from gimonitor.errors import RulesError
from gimonitor.model.register import Fact, Register
from gimonitor.register import cache, load_register, loader
from gimonitor.register.codec import decoder_for, encode


@pytest.fixture
def cached(rules: Path, tmp_path: Path) -> Callable[[], tuple[Register, bool]]:
    """Load with the cache; the answer says whether the register came from it."""

    def load() -> tuple[Register, bool]:
        found = cache.load_cached(rules, tmp_path / "cache")
        register = load_register(rules, cache_dir=tmp_path / "cache")
        assert found is None or found == register
        return register, found is not None

    return load


def settle(folder: Path) -> None:
    """Let the files look as if they had been written an hour before."""
    for path in folder.rglob("*"):
        os.utime(path, (path.stat().st_mtime - 3600,) * 2)


def test_the_cached_register_is_the_same_in_every_value(shipped: Register, tmp_path: Path) -> None:
    load_register(cache_dir=tmp_path)
    cached = load_register(cache_dir=tmp_path)
    assert cached == shipped
    assert repr(cached) == repr(shipped)
    assert {type(f) for gi in cached.gis for f in gi.near} == {Fact}
    assert cached.gi("hlj-wuchang-dami").name == "五常大米"
    with pytest.raises(dataclasses.FrozenInstanceError):
        cached.gis[0].name = "x"  # type: ignore[misc]  # that is the point


def test_the_second_load_does_not_read_the_rules(rules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = load_register(rules, cache_dir=tmp_path / "cache")
    monkeypatch.setattr(loader, "read_rules", lambda *_: pytest.fail("the rules were read"))
    assert load_register(rules, cache_dir=tmp_path / "cache") == first


def test_a_change_of_one_byte_is_seen_even_with_the_times_put_back(
    rules: Path, cached: Callable[[], tuple[Register, bool]], edit: Callable[[str, str], None]
) -> None:
    settle(rules)
    cached()
    assert cached()[1]
    path = rules / "gi/heilongjiang/hlj-wuchang-dami.yml"
    status = path.stat()
    edit("notes: 说明", "notes: 说暗")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    register, hit = cached()
    assert (register.gis[0].notes, hit) == ("说暗", False)


@pytest.mark.parametrize("how", ["new file", "gone file", "renamed file"])
def test_files_that_come_go_or_move_are_seen(
    rules: Path, cached: Callable[[], tuple[Register, bool]], put: Callable[[str, str], Path], how: str
) -> None:
    put("gi/liaoning/ln-b.yml", "id: ln-b\nname: 乙大米\n")
    cached()
    if how == "new file":
        put("gi/liaoning/ln-c.yml", "id: ln-c\nname: 丙大米\n")
    elif how == "gone file":
        (rules / "gi/liaoning/ln-b.yml").unlink()
    else:
        (rules / "gi/liaoning/ln-b.yml").rename(rules / "gi/heilongjiang/ln-b.yml")
    assert not cached()[1]
    assert cached()[1]


def test_a_bad_rule_file_is_an_error_whatever_is_cached(
    cached: Callable[[], tuple[Register, bool]], edit: Callable[[str, str], None]
) -> None:
    cached()
    edit("notes:", "ntoes:")
    with pytest.raises(RulesError, match="unknown-key"):
        cached()


def test_another_version_is_never_trusted(
    cached: Callable[[], tuple[Register, bool]], monkeypatch: pytest.MonkeyPatch
) -> None:
    cached()
    assert cached()[1]
    monkeypatch.setattr(gimonitor, "__version__", "99")
    cache.program_version.cache_clear()
    try:
        assert not cached()[1]
    finally:
        monkeypatch.undo()
        cache.program_version.cache_clear()


def spoil(how: str, path: Path) -> None:
    head, _, body = path.read_bytes().partition(b"\n")
    if how == "one byte":
        path.write_bytes(head + b"\n" + body.replace("五常".encode(), "六常".encode(), 1))
    elif how == "cut":
        path.write_bytes(path.read_bytes()[:-5])
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "head":
        path.write_bytes(b"[]\n" + body)
    elif how == "no json":
        path.write_bytes(b"\x80\x05\n" + body)
    elif how == "other shape":
        import hashlib

        values = json.loads(head)
        other = json.dumps([[["x"]], [], [], [], [], []]).encode()
        values["body"] = hashlib.sha256(other).hexdigest()
        path.write_bytes(json.dumps(values).encode() + b"\n" + other)
    else:
        path.chmod(0o666)


@pytest.mark.parametrize("how", ["one byte", "cut", "empty", "head", "no json", "other shape", "writable by others"])
def test_a_cache_that_is_not_exactly_ours_is_passed_over_and_made_again(
    cached: Callable[[], tuple[Register, bool]], tmp_path: Path, how: str
) -> None:
    cached()
    spoil(how, tmp_path / "cache" / cache.NAME)
    assert not cached()[1]
    assert cached()[1]


def test_a_cache_of_another_folder_is_passed_over(rules: Path, tmp_path: Path, shipped_copy: Path) -> None:
    load_register(rules, cache_dir=tmp_path / "cache")
    assert cache.load_cached(shipped_copy, tmp_path / "cache") is None


def test_a_cache_that_cannot_be_written_is_no_error(rules: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    assert load_register(rules, cache_dir=tmp_path / "cache").gis


def test_only_values_of_the_register_are_encoded() -> None:
    with pytest.raises(TypeError):
        encode({"a": 1})
    with pytest.raises(TypeError):
        decoder_for(dict)
    assert decoder_for(date)("2026-11-22") == date(2026, 11, 22)
