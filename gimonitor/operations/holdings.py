"""What the doctor looks at in the evidence: each row of the store has its file, with the digest it was sealed under."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, select

from gimonitor.errors import DiskFullError, EvidenceError, StoreError
from gimonitor.evidence.digest import digest_file
from gimonitor.evidence.files import part_of
from gimonitor.operations.checkup import Examination, Line, fail, fine
from gimonitor.store.captures import RESPONSE
from gimonitor.store.database import open_store
from gimonitor.store.tables import captures, packs

READ_AT_MOST = 2_000_000_000  # bytes read again in one look, the newest first: some seconds
NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A file that a row speaks of. `sha256` is empty where the row's digest is of a part of it."""

    path: Path
    sha256: str


def holdings(x: Examination) -> Iterator[Line]:
    """Evidence files are there, those still being written among them, and the newest of them unchanged. Only in the thorough look; a store that cannot be read is told elsewhere."""
    if not x.thorough:
        return
    try:
        with open_store(x.configuration.store_url) as store, store.read() as c:
            found = _holdings(c, x)
    except (StoreError, DiskFullError):
        return
    missing = [holding for holding in found if not (holding.path.is_file() or part_of(holding.path).is_file())]
    changed, read = _changed([holding for holding in found if holding.path.is_file()])
    root = x.configuration.data_dir
    if missing:
        todo = "从备份恢复；多机时先运行 gimonitor share pull"
        yield fail("证据", f"{len(missing)} 个文件不在：{_named(missing, root)}", todo, EvidenceError.exit_code)
    if changed:
        todo = "保留现场，与备份比对；不得用于证据包"
        yield fail(
            "证据", f"{len(changed)} 个文件与登记的摘要不符：{_named(changed, root)}", todo, EvidenceError.exit_code
        )
    if not missing and not changed:
        yield fine("证据", f"登记的 {len(found)} 个文件都在，重读 {read} 个，摘要相符")


def _holdings(c: Connection, x: Examination) -> list[Holding]:
    """Every file once, the newest first."""
    k, config = captures.c, x.configuration
    rows = c.execute(select(k.kind, k.file, k.sha256, k.offset).where(k.file != "").order_by(k.id.desc()))
    found: dict[Path, Holding] = {}
    for kind, file, sha256, offset in rows:
        folder = config.warc_dir if kind == RESPONSE else config.evidence_dir
        whole = str(sha256) if kind != RESPONSE and offset is None else ""
        found.setdefault(folder / file, Holding(path=folder / file, sha256=whole))
    for file in c.execute(select(packs.c.file).order_by(packs.c.id.desc())).scalars():
        path = config.packs_dir / file
        found.setdefault(path, Holding(path=path, sha256=""))
    return list(found.values())


def _changed(there: list[Holding]) -> tuple[list[Holding], int]:
    """Those whose bytes have another digest, and how many were read."""
    changed, read, room = [], 0, READ_AT_MOST
    for holding in there:
        size = holding.path.stat().st_size
        if not holding.sha256 or size > room:
            continue
        room, read = room - size, read + 1
        if digest_file(holding.path).sha256 != holding.sha256:
            changed.append(holding)
    return changed, read


def _named(some: list[Holding], root: Path) -> str:
    names = "、".join(holding.path.relative_to(root).as_posix() for holding in some[:NAMED])
    return names + ("等" if len(some) > NAMED else "")
