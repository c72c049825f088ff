"""Digests of what is kept: SHA-256, and SM3 (GB/T 32905) where OpenSSL knows it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Digests:
    """Hex digests and size in bytes of one file. `sm3` is empty where this machine's OpenSSL has no SM3."""

    sha256: str
    sm3: str
    size: int


@cache
def has_sm3() -> bool:
    """True when this Python's OpenSSL offers SM3."""
    try:
        hashlib.new("sm3")
    except ValueError:
        return False
    return True


def digest_chunks(chunks: Iterable[bytes]) -> Digests:
    """Digest a stream without holding it."""
    sha256 = hashlib.sha256()
    sm3 = hashlib.new("sm3") if has_sm3() else None
    size = 0
    for chunk in chunks:
        sha256.update(chunk)
        if sm3:
            sm3.update(chunk)
        size += len(chunk)
    return Digests(sha256=sha256.hexdigest(), sm3=sm3.hexdigest() if sm3 else "", size=size)


def digest_bytes(data: bytes) -> Digests:
    """Digest bytes in memory."""
    return digest_chunks([data])


def digest_file(path: Path) -> Digests:
    """Digest a file. Raises OSError when it cannot be read."""
    with path.open("rb") as file:
        return digest_chunks(iter(lambda: file.read(_CHUNK), b""))
