"""Signed files between bureaus: named parts, who sent them and when, under an Ed25519 signature.

A zip with `manifest.json` (format, kind, origin, time, public key, SHA-256 of each file), `signature` over exactly those
bytes, and `files/…`. Reading unpacks nothing to disk and believes nothing before the signature of a trusted key holds.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from gimonitor.configuration import Configuration
from gimonitor.errors import ConfigurationError, InputError

FORMAT = 1
REGISTER = "register"
MAX_FILE = 100_000_000
MAX_MEMBERS = 50_000
MAX_ORIGIN = 200
MAX_MANIFEST = 16_000_000
_TIME = (2020, 1, 1, 0, 0, 0)  # of every member, so that the same content gives the same bytes
Hex32 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Limit = Callable[[str], int | None]
"""The most bytes that a part of a name may have; None for a name that has no place in such a file."""


class Manifest(BaseModel):
    """What a signed file says of itself. `kind` is what it carries."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int
    kind: str = REGISTER
    origin: Annotated[str, StringConstraints(min_length=2, max_length=MAX_ORIGIN)]
    made: datetime
    key: Hex32
    files: dict[str, Hex32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A file whose signature held: from whom by the name its key was trusted under, of when, which parts.

    `says` is the name that the sender gave itself; nothing rests on it.
    """

    origin: str
    made: datetime
    key: str
    files: Mapping[str, bytes]
    says: str = ""


def seal_files(files: Mapping[str, bytes], *, kind: str, origin: str, key: Ed25519PrivateKey, made: datetime) -> bytes:
    """The bytes of a signed file. Raises ConfigurationError when `origin` names nobody."""
    if origin == Configuration.model_fields["organisation"].default or not 2 <= len(origin.strip()) <= MAX_ORIGIN:
        raise ConfigurationError(
            f"organisation: {origin!r} names nobody; set GIMONITOR_ORGANISATION to the name (2 to {MAX_ORIGIN} characters) "
            "under which other bureaus know you"
        )
    manifest = Manifest(
        format=FORMAT,
        kind=kind,
        origin=origin,
        made=made,
        key=public_hex(key.public_key()),
        files={name: hashlib.sha256(raw).hexdigest() for name, raw in sorted(files.items())},
    )
    head = manifest.model_dump_json(exclude_defaults=True).encode()
    members = {"manifest.json": head, "signature": key.sign(head)}
    members |= {f"files/{name}": raw for name, raw in sorted(files.items())}
    return _zip(members)


def public_hex(key: Ed25519PublicKey) -> str:
    """A public key as 64 hexadecimal digits."""
    return key.public_bytes_raw().hex()


def _zip(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, _TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return out.getvalue()


def open_signed(path: Path, trusted: Mapping[str, str], *, kind: str, limit: Limit) -> Exchange:
    """Read and verify a signed file. `trusted` holds the public keys that are believed, in hex, with their names.

    Raises InputError when it is no such file, is over a limit, is not signed by a trusted key, or was changed.
    """
    try:
        if path.stat().st_size > MAX_FILE:
            raise InputError(f"{path}: larger than {MAX_FILE} bytes; refused")
        with zipfile.ZipFile(path) as archive:
            return _read(archive, path, trusted, kind, limit)
    except (OSError, zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError, ValueError) as error:
        raise InputError(f"{path}: no exchange file that can be read: {error}") from error


def _read(archive: zipfile.ZipFile, path: Path, trusted: Mapping[str, str], kind: str, limit: Limit) -> Exchange:
    names = archive.namelist()
    if len(names) > MAX_MEMBERS or len(set(names)) != len(names):
        raise InputError(f"{path}: too many parts, or two of one name; refused")
    head = _member(archive, "manifest.json", MAX_MANIFEST, path)
    manifest = _manifest(head, path)
    if manifest.key not in trusted:
        raise InputError(
            f"{path}: signed by a key that is not trusted: {manifest.key} (says it is {manifest.origin}); compare it with "
            f"them over the telephone, then: gimonitor register trust {manifest.key} NAME"
        )
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(manifest.key)).verify(
            _member(archive, "signature", 64, path), head
        )
    except InvalidSignature as error:
        raise InputError(f"{path}: the signature does not hold; the file was changed") from error
    if manifest.kind != kind:
        raise InputError(f"{path}: carries {manifest.kind!r}, not {kind!r}")
    if set(names) != {"manifest.json", "signature", *(f"files/{name}" for name in manifest.files)}:
        raise InputError(f"{path}: holds other parts than its manifest names; the file was changed")
    files = {name: _part(archive, name, digest, limit(name), path) for name, digest in manifest.files.items()}
    name = trusted[manifest.key] or f"密钥 {manifest.key[:12]}"
    return Exchange(origin=name, made=manifest.made, key=manifest.key, files=files, says=manifest.origin)


def _part(archive: zipfile.ZipFile, name: str, digest: str, limit: int | None, path: Path) -> bytes:
    if limit is None:
        raise InputError(f"{path}: {name!r} has no place in such a file; refused")
    raw = _member(archive, f"files/{name}", limit, path)
    if hashlib.sha256(raw).hexdigest() != digest:
        raise InputError(f"{path}: {name} is not what was signed; the file was changed")
    return raw


def _manifest(head: bytes, path: Path) -> Manifest:
    try:
        manifest = Manifest.model_validate_json(head)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        where = ".".join(str(step) for step in problem["loc"])
        raise InputError(f"{path}: manifest.json: {where}: {problem['msg']}") from error
    if manifest.format != FORMAT:
        raise InputError(f"{path}: format {manifest.format} is not known here; this is format {FORMAT}")
    return manifest


def _member(archive: zipfile.ZipFile, name: str, limit: int, path: Path) -> bytes:
    try:
        with archive.open(name) as stream:
            content = stream.read(limit + 1)
    except (KeyError, zipfile.BadZipFile) as error:
        raise InputError(
            f"{path}: no signed file between bureaus, or a damaged one: {name} is missing or cannot be read"
        ) from error
    if len(content) > limit:
        raise InputError(f"{path}: {name} is larger than {limit} bytes; refused")
    return content
