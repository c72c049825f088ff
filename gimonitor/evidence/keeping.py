"""Single files kept under their own digest: whole or absent, and once, whoever brings them."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path

from gimonitor.evidence.files import check_room, discard, disk_errors, part_of, publish, put_json, sync_file

MANIFEST = "capture.json"


def keep_bytes(
    root: Path, prefix: str, name: str, body: bytes, *, at: datetime, who: str, reserve: int
) -> tuple[str, str, bool]:
    """Keep bytes in `root/PREFIX-DIGEST/NAME`. Returns the file relative to `root`, its SHA-256, and whether it is new.

    Raises DiskFullError when `reserve` bytes would not stay free; nothing is left behind then.
    """
    sha256 = hashlib.sha256(body).hexdigest()
    folder = root / f"{prefix}-{sha256[:32]}"
    if (folder / name).is_file():
        return f"{folder.name}/{name}", sha256, False
    root.mkdir(parents=True, exist_ok=True)
    check_room(root, len(body), reserve)
    part = part_of(folder)
    discard(part)
    try:
        with disk_errors(folder):
            part.mkdir()
            (part / name).write_bytes(body)
            put_json(part / MANIFEST, {"files": [{"name": name, "sha256": sha256}], "at": at, "who": who})
            for file in (part / name, part / MANIFEST):
                sync_file(file)
        publish(part, folder)
    except BaseException:
        discard(part)
        raise
    return f"{folder.name}/{name}", sha256, True
