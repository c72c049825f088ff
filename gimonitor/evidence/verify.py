"""核验: every changed, missing or added file of a pack, by name. The same check travels inside each pack as `verify.py`."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from cryptography import x509

from gimonitor.errors import EvidenceError, InputError, TamperedError, UntrustedError
from gimonitor.evidence.digest import digest_file
from gimonitor.evidence.stamping import check_digest, tokens_of
from gimonitor.evidence.standalone import check
from gimonitor.evidence.timestamps import Token, is_signed, read_token


class ProblemKind(StrEnum):
    """How a file differs from what the pack was built with."""

    CHANGED = "changed"
    MISSING = "missing"
    ADDED = "added"
    UNTRUSTED = "untrusted"  # a time-stamp, whole, that the roots at hand do not lead to


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One difference. `file` is the path inside the pack, or the pack's own name for the container."""

    kind: ProblemKind
    file: str
    detail: str = ""


def verify_pack(path: Path, *, sha256: str = "") -> list[Problem]:
    """All problems of a pack, ZIP or unpacked folder; an empty list means that it is as it was built.

    `sha256`, where given, is the ZIP's digest as recorded outside the pack: a pack rewritten as a whole differs from it.

    Raises:
        InputError: there is nothing to verify.
    """
    if not path.exists():
        raise InputError(f"{path}: no such pack")
    problems = [Problem(kind=ProblemKind(kind), file=file, detail=detail) for kind, file, detail in check(path)]
    if sha256 and path.is_file() and (real := digest_file(path).sha256) != sha256.lower():
        detail = f"SHA-256 is {real}, recorded was {sha256.lower()}"
        problems.append(Problem(kind=ProblemKind.CHANGED, file=path.resolve().name, detail=detail))
    return problems


def require_whole(path: Path, *, sha256: str = "") -> None:
    """Raise TamperedError naming every file that differs; InputError when there is nothing to verify."""
    if problems := verify_pack(path, sha256=sha256):
        lines = [f"{p.kind}: {p.file} {p.detail}".rstrip() for p in problems]
        raise TamperedError(f"{path.resolve().name}: {len(lines)} differences\n" + "\n".join(lines))


def pack_info(path: Path) -> dict[str, str]:
    """The pack's own description (`bag-info.txt`); empty where it cannot be read. Verify first."""
    try:
        text = _read(path, ("bag-info.txt",))["bag-info.txt"].decode("utf-8")
    except (OSError, KeyError, UnicodeDecodeError, zipfile.BadZipFile):
        return {}
    return dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)


def verify_stamps(path: Path, roots: Sequence[x509.Certificate] = ()) -> tuple[list[Token], list[Problem]]:
    """Check the tokens inside a pack against its manifest and, with `roots`, their signatures.

    Returns the tokens that hold and a problem for each other one. Verify the pack first.
    """
    files = _read(path, ("manifest-sha256.txt", "timestamps/"))
    manifest = files.pop("manifest-sha256.txt", b"")
    return _checked({name: raw for name, raw in files.items() if name.endswith(".tsr")}, manifest, roots)


def verify_all_stamps(path: Path, roots: Sequence[x509.Certificate] = ()) -> tuple[list[Token], list[Problem]]:
    """The same, with the digest and the tokens that came later and lie beside a ZIP."""
    tokens, problems = verify_stamps(path, roots)
    beside = path.with_name(f"{path.name}.sha256")
    if path.is_file() and beside.is_file():
        try:
            check_digest(path)
        except TamperedError as error:
            problems.append(Problem(kind=ProblemKind.CHANGED, file=beside.name, detail=str(error)))
        later, of_later = _checked({p.name: p.read_bytes() for p in tokens_of(beside)}, beside.read_bytes(), roots)
        return [*tokens, *later], [*problems, *of_later]
    return tokens, problems


def _checked(
    raw_tokens: Mapping[str, bytes], data: bytes, roots: Sequence[x509.Certificate]
) -> tuple[list[Token], list[Problem]]:
    tokens, problems = [], []
    for name, raw in sorted(raw_tokens.items()):
        try:
            tokens.append(read_token(raw, data, roots=roots))
        except EvidenceError as error:
            problems.append(_refused(name, raw, data, error))
    return tokens, problems


def _refused(name: str, raw: bytes, data: bytes, error: EvidenceError) -> Problem:
    """What is wrong with a token: it was changed, or it is whole and the roots given do not lead to who signed it."""
    if not is_signed(raw, data):
        return Problem(kind=ProblemKind.CHANGED, file=name, detail=str(error))
    told = str(error) if isinstance(error, UntrustedError) else "none of the roots given leads to whoever signed it"
    return Problem(kind=ProblemKind.UNTRUSTED, file=name, detail=f"cannot be checked with these roots: {told}")


def _read(path: Path, starts: tuple[str, ...]) -> dict[str, bytes]:
    """The files of a pack, ZIP or folder, whose path begins with one of `starts`."""
    if path.is_dir():
        found = {p.relative_to(path).as_posix(): p for p in path.rglob("*") if p.is_file()}
        return {name: p.read_bytes() for name, p in found.items() if name.startswith(starts)}
    with zipfile.ZipFile(path) as archive:
        inner = {name.partition("/")[2]: name for name in archive.namelist()}
        return {name: archive.read(full) for name, full in inner.items() if name.startswith(starts)}
