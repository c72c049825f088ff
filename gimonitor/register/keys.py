"""The key with which this installation signs exchange files, and the keys of other bureaus that it believes."""

from __future__ import annotations

import os
import re
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gimonitor.errors import InputError

OWN = "register-signing.pem"
TRUSTED = "register-trusted.txt"


def own_key(folder: Path) -> Ed25519PrivateKey:
    """The signing key kept in `folder`, made on first use, readable by its owner only.

    Raises InputError when the file is there and holds something else.
    """
    path = folder / OWN
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        _write_new(path, Ed25519PrivateKey.generate())
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise InputError(f"{path}: no signing key that can be read") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError(f"{path}: no Ed25519 key")
    return key


def _write_new(path: Path, key: Ed25519PrivateKey) -> None:
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(pem)
        stream.flush()
        os.fsync(stream.fileno())


def trusted_keys(folder: Path) -> dict[str, str]:
    """The believed public keys in hex, each with the name it was given. Raises InputError naming an unreadable line."""
    path = folder / TRUSTED
    if not path.exists():
        return {}
    keys = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        key, _, name = line.strip().partition(" ")
        if not re.fullmatch(r"[0-9a-f]{64}", key):
            raise InputError(f"{path}:{number}: not 64 hexadecimal digits and a name")
        keys[key] = name.strip()
    return keys


def trust_key(folder: Path, key: str, name: str) -> None:
    """Believe a key from now on. Raises InputError for what is no key or has no name."""
    if not re.fullmatch(r"[0-9a-f]{64}", key):
        raise InputError(f"{key!r}: a public key is 64 hexadecimal digits")
    if not name.strip():
        raise InputError("say whose key it is: its name becomes the origin of what is taken over")
    keys = trusted_keys(folder) | {key: " ".join(name.split())}
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{TRUSTED}.part"
    part.write_text("".join(f"{k} {n}\n" for k, n in keys.items()), encoding="utf-8")
    part.replace(folder / TRUSTED)
