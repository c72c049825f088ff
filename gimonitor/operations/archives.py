"""What the doctor looks at in the sealed archives: every record unpacks, and has the digest it was registered under.

Reading all of them takes hours once there are many; a look reads the newest, and of the others as many as fit, from another place
each day, so that every archive has its turn.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, select

from gimonitor.errors import DiskFullError, EvidenceError, StoreError
from gimonitor.evidence.seal import read_sealed, whole_members
from gimonitor.evidence.sealed import Sealed
from gimonitor.operations.checkup import Examination, Line, fail, fine
from gimonitor.store.captures import RESPONSE
from gimonitor.store.database import open_store
from gimonitor.store.tables import captures

READ_AT_MOST = 500_000_000  # packed bytes in one look: some seconds
NAMED = 5


def archives(x: Examination) -> Iterator[Line]:
    """A sample of the archives is whole. Only in the thorough look; a store that cannot be read is told elsewhere."""
    if not x.thorough:
        return
    root = x.configuration.warc_dir
    there = sorted(root.rglob("*.warc.gz"), key=lambda path: (path.stat().st_mtime, path), reverse=True)
    if not there:
        return
    chosen = sample(there, x.now)
    try:
        with open_store(x.configuration.store_url) as store, store.read() as c:
            damaged = [said for path in chosen for said in damages(c, root, path)]
    except (StoreError, DiskFullError):
        return
    if damaged:
        said = "；".join(damaged[:NAMED]) + (f"；等 {len(damaged)} 处" if len(damaged) > NAMED else "")
        todo = "保留现场，与备份比对并换回完好的文件；不得用于证据包"
        yield fail("存档", f"原始存档损坏：{said}", todo, EvidenceError.exit_code)
    else:
        yield fine("存档", f"重读 {len(chosen)} 个（共 {len(there)} 个，逐日轮换），记录完好，摘要相符")


def sample(there: list[Path], now: datetime, room: int = READ_AT_MOST) -> list[Path]:
    """The newest, and others from where the day points to, until `room` bytes are full. `there` is the newest first."""
    newest, others = there[:1], there[1:]
    turn = now.astimezone(UTC).date().toordinal() % len(others) if others else 0
    chosen = list(newest)
    room -= sum(path.stat().st_size for path in newest)
    for path in others[turn:] + others[:turn]:
        room -= path.stat().st_size
        if room < 0:
            break
        chosen.append(path)
    return chosen


def damages(c: Connection, root: Path, path: Path) -> Iterator[str]:
    """What is wrong with an archive: where unpacking ends too early, and registered records that are not what they were."""
    name = path.relative_to(root).as_posix()
    end = 0
    for offset, length, _ in whole_members(path):
        end = offset + length
    if end != path.stat().st_size:
        yield f"{name} 从第 {end} 字节起不能解开"
    for sealed in _registered(c, name):
        try:
            read_sealed(root, sealed)
        except EvidenceError as error:
            yield str(error)


def _registered(c: Connection, name: str) -> list[Sealed]:
    """The records of an archive that the store speaks of, each once."""
    k = captures.c
    query = select(k.offset, k.length, k.sha256, k.url, k.at).where(k.kind == RESPONSE, k.file == name)
    found = {
        row.offset: Sealed(file=name, offset=row.offset, length=row.length, sha256=row.sha256, url=row.url, at=row.at)
        for row in c.execute(query)
    }
    return [found[offset] for offset in sorted(found)]
