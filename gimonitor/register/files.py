"""The files of a rules folder: which ones there are, their bytes, and a digest over them."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from gimonitor.errors import RulesError
from gimonitor.register.issues import Issue, Severity
from gimonitor.register.nodes import MAX_BYTES
from gimonitor.register.schema import FILES
from gimonitor.register.userfile import MAX_BYTES as MAX_USERS_BYTES

FORMAT = 3  # raise when the same files would load into another register
NOT_OURS = (
    "schema",
    "platforms",
    "divisions",
)  # of editors, `gimonitor.register.platforms`, `gimonitor.register.former`


def rules_dir() -> Path:
    """The rule files that come with gimonitor: those of the checkout or editable install, else those in the wheel.

    Raises RulesError when there are none.
    """
    spec = importlib.util.find_spec("gimonitor")
    assert spec is not None and spec.submodule_search_locations
    package = Path(next(iter(spec.submodule_search_locations)))
    for folder in (package.parent / "rules", package / "_rules"):
        if (folder / "law").is_dir():
            return folder
    raise RulesError([f"{package.parent / 'rules'}:1:1: error no-rules: no rule files came with this installation"])


def read_files(folder: Path, issues: list[Issue]) -> dict[str, bytes]:
    """The bytes of each rule file by name, cut just beyond the limit of its kind; strays and unreadable ones become issues.

    Raises RulesError where there is no such folder, or it holds files and none of them is a rule file.
    """
    contents = {}
    names = list_files(folder)
    if names and not any(map(is_rule_file, names)):
        raise RulesError([_no_rules(folder)])
    for name in names:
        if not is_rule_file(name):
            message = "no rule file: wrong folder or suffix (.yml)"
            issues.append(Issue(name, 1, 1, "stray-file", Severity.ERROR, message))
            continue
        try:
            mode = (folder / name).stat().st_mode
            if stat.S_ISDIR(mode):
                message = "a folder named like a rule file; nothing in it is read: rename it or move what is in it"
                issues.append(Issue(name, 1, 1, "stray-file", Severity.ERROR, message))
                continue
            if not stat.S_ISREG(mode):  # a pipe would be waited for, a device never ends
                issues.append(Issue(name, 1, 1, "unreadable", Severity.ERROR, "no regular file"))
                continue
            with (folder / name).open("rb") as stream:
                contents[name] = stream.read((MAX_USERS_BYTES if name.endswith(".csv") else MAX_BYTES) + 1)
        except OSError as error:
            issues.append(Issue(name, 1, 1, "unreadable", Severity.ERROR, str(error.strerror)))
    return contents


def _no_rules(folder: Path) -> str:
    rules = folder / "rules"
    hint = f"; is it {rules}?" if any((rules / room).is_dir() for room in FILES) else ""
    return f"{folder}:1:1: error no-rules: no rule files here: a rules folder holds {', '.join(FILES)} and users{hint}"


def is_rule_file(name: str) -> bool:
    """True for a name, relative to the rules folder, whose place and suffix are those of a rule file."""
    room = name.partition("/")[0]
    return (name.endswith(".yml") and room in FILES) or (name.endswith(".csv") and room == "users")


def list_files(folder: Path) -> list[str]:
    """Names of all files that are, or pretend to be, rule files; hidden ones, .md and NOT_OURS are passed over.

    Raises RulesError when there is no such folder, or a folder full of other things.
    """
    try:
        if _is_foreign(folder):
            raise RulesError([_no_rules(folder)])
        return sorted(_walk(str(folder), ""))
    except OSError as error:
        raise RulesError([f"{error.filename}:1:1: error no-rules: {error.strerror}"]) from error


def _is_foreign(folder: Path) -> bool:
    """True where a folder holds folders and none of them is one of ours: what lies in them need not be walked through."""
    with os.scandir(folder) as entries:
        rooms = {entry.name for entry in entries if entry.is_dir() and not entry.name.startswith(".")}
    return bool(rooms) and rooms.isdisjoint({*FILES, "users", *NOT_OURS})


def _walk(folder: str, prefix: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            name = prefix + entry.name
            if entry.name.startswith(".") or entry.name.endswith(".md") or name in NOT_OURS:
                continue
            if entry.is_dir(follow_symlinks=False) and not is_rule_file(name):
                yield from _walk(entry.path, f"{name}/")
            else:
                yield name


def digest_files(files: Mapping[str, bytes]) -> str:
    """SHA-256 in hex over names and contents of all rule files and the format they are read in."""
    digest = hashlib.sha256(f"gimonitor-register-{FORMAT}\0".encode())
    for name in sorted(files):
        digest.update(f"{name}\0".encode())
        digest.update(hashlib.sha256(files[name]).digest())
    return digest.hexdigest()
