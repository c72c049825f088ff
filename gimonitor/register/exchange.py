"""The register as one signed file between bureaus: the rule files of GIs and the list of their users."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gimonitor.errors import InputError
from gimonitor.model.register import Certainty, Register
from gimonitor.register.files import is_rule_file
from gimonitor.register.gifile import gis_of_province
from gimonitor.register.nodes import MAX_BYTES
from gimonitor.register.signed import MAX_FILE as MAX_FILE
from gimonitor.register.signed import REGISTER, open_signed, seal_files
from gimonitor.register.signed import Exchange as Exchange
from gimonitor.register.signed import public_hex as public_hex
from gimonitor.register.userfile import MAX_BYTES as MAX_USERS_BYTES
from gimonitor.register.usermerge import format_users


def build_exchange(
    folder: Path, register: Register, *, origin: str, key: Ed25519PrivateKey, made: datetime, province: str = ""
) -> bytes:
    """The bytes of an exchange file of all GIs (of one province) and their users; practice users stay at home.

    Raises InputError when there is nothing to send, ConfigurationError when `origin` names nobody.
    """
    gis = gis_of_province(register, province)
    ids = {gi.id for gi in gis}
    users = [u for u in register.users if u.gi_id in ids and u.certainty is not Certainty.PRACTICE]
    files = {name: (folder / name).read_bytes() for name in (gi.path.rpartition(":")[0] for gi in gis)}
    if users:
        files["users/users.csv"] = format_users(users)
    if not files:
        raise InputError("the register is empty")
    return seal_files(files, kind=REGISTER, origin=origin, key=key, made=made)


def read_exchange(path: Path, trusted: Mapping[str, str]) -> Exchange:
    """Read and verify an exchange file of a register. Raises InputError as `open_signed`."""
    return open_signed(path, trusted, kind=REGISTER, limit=_limit)


def _limit(name: str) -> int | None:
    if not is_rule_file(name) or ".." in name.split("/") or not name.startswith(("gi/", "users/")):
        return None
    return MAX_USERS_BYTES if name.endswith(".csv") else MAX_BYTES
