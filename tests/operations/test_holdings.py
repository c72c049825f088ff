"""What the doctor says of the files that the store names: those gone, changed, or removed on purpose."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from gimonitor.configuration import Configuration
from gimonitor.errors import EvidenceError
from gimonitor.evidence.seal import whole_members
from gimonitor.operations import archives
from gimonitor.operations.checkup import Examination, Level
from gimonitor.operations.holdings import holdings
from gimonitor.store.captures import (
    StoredCapture,
    save_capture,
)
from gimonitor.store.database import Store, open_store
from gimonitor.store.leads import QueueFilter, queue_page
from gimonitor.store.tables import captures

from .keeping import NOW, OLD, collect, go


@pytest.fixture
def house(sqlite_store: Store, tmp_path: Path) -> Iterator[Configuration]:
    sqlite_store.close()
    yield Configuration(data_dir=tmp_path, database_url=f"sqlite:///{tmp_path / 'store.sqlite'}", disk_reserve_mb=0)


def held(configuration: Configuration) -> str:
    return "；".join(line.said for line in holdings(Examination(configuration=configuration, now=NOW)))


def test_the_doctor_misses_what_is_gone_and_what_was_changed_and_not_what_was_removed_on_purpose(
    house: Configuration,
) -> None:
    lead = collect(house, "run-1", "a")
    other = collect(house, "run-2", "b", flagged=False)
    folder = house.evidence_dir / "image-1"
    folder.mkdir(parents=True)
    (folder / "picture").write_bytes(b"picture")
    digest = hashlib.sha256(b"picture").hexdigest()
    with open_store(house.store_url) as store, store.write() as c:
        listing = next(row.listing_id for row in queue_page(c, QueueFilter(), None, 9).rows if row.id == lead)
        save_capture(c, StoredCapture(listing_id=listing, kind="image", file="image-1/picture", sha256=digest, at=OLD))
    assert held(house) == "登记的 3 个文件都在，重读 1 个，摘要相符" and not other
    go(house)
    assert held(house) == "登记的 2 个文件都在，重读 1 个，摘要相符", "the archive that no lead needs"
    (folder / "picture").write_bytes(b"pictvre")
    (archive,) = house.warc_dir.rglob("*.warc.gz")
    archive.unlink()
    said = held(house)
    assert "evidence/image-1/picture" in said and "与登记的摘要不符" in said and f"warc/run-1/{archive.name}" in said


def test_the_doctor_reads_archives_again_and_names_what_was_changed(house: Configuration) -> None:
    for run in ("run-1", "run-2", "run-3"):
        collect(house, run, run, flagged=False)
    look = Examination(configuration=house, now=NOW)
    assert [line.said for line in archives.archives(look)] == ["重读 3 个（共 3 个，逐日轮换），记录完好，摘要相符"]
    first, second, _ = sorted(house.warc_dir.rglob("*.warc.gz"))
    whole = first.read_bytes()
    first.write_bytes(whole[:-12] + b"??" + whole[-10:])
    assert any(b"run-2" in record for _, _, record in whole_members(second))
    with (
        open_store(house.store_url) as store,
        store.write() as c,
    ):  # as one who packs the changed record again would be found
        c.execute(update(captures).where(captures.c.file.like("run-2/%")).values(sha256="0" * 64))
    [line] = archives.archives(look)
    assert line.level is Level.FAIL and line.code == EvidenceError.exit_code
    assert f"run-1/{first.name} 从第" in line.said and f"run-2/{second.name} at" in line.said


def test_every_archive_has_its_turn_in_the_doctors_sample(tmp_path: Path) -> None:
    there = [tmp_path / f"{n}.warc.gz" for n in range(6)]
    for path in there:
        path.write_bytes(b"x" * 100)
    looks = [archives.sample(there, NOW + timedelta(days=day), 250) for day in range(5)]
    assert all(len(chosen) == 2 and chosen[0] == there[0] for chosen in looks)
    assert {chosen[1] for chosen in looks} == set(there[1:])
