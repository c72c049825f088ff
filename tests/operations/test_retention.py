"""What goes after its time, and what never does."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from gimonitor.cli.main import main
from gimonitor.configuration import Configuration
from gimonitor.errors import DiskFullError
from gimonitor.evidence.digest import digest_file
from gimonitor.evidence.seal import WarcSeal
from gimonitor.logs import TROUBLES, Trouble, keep_trouble, read_troubles
from gimonitor.model.lead import Resolution, State
from gimonitor.model.listing import Listing
from gimonitor.operations import retention
from gimonitor.operations.retention import Limit, Sort, Thing, choose, plan_prune, prune_store
from gimonitor.papers.places import custody_log
from gimonitor.store.audit import latest_audit, verify_audit
from gimonitor.store.captures import (
    Notice,
    StoredCapture,
    StoredPack,
    captures_of,
    save_capture,
    save_notice,
    save_pack,
)
from gimonitor.store.check import check_store
from gimonitor.store.database import Store, open_store
from gimonitor.store.leads import QueueFilter, queue_page
from gimonitor.store.listings import Observation, save_listings

from .erasing import screened
from .keeping import NOW, OLD, capture, collect, decide, go, touch


def thing(name: str, days: float, size: int = 10, sort: Sort = Sort.RAW, held: str = "") -> Thing:
    return Thing(sort=sort, name=name, size=size, at=NOW - timedelta(days=days), held=held)


def names(things: tuple[Thing, ...]) -> list[str]:
    return [thing.name for thing in things]


def limits(days: int, most: int = 0) -> dict[Sort, Limit]:
    return dict.fromkeys(Sort, Limit(age=timedelta(days=days), most=most))


def test_age_decides_and_what_is_held_stays() -> None:
    plan = choose([thing("old", 31), thing("held", 400, held="lead 1"), thing("new", 29)], limits(30), NOW)
    assert (names(plan.going), sorted(names(plan.staying)), plan.freed) == (["old"], ["held", "new"], 10)


def test_size_takes_the_oldest_first_and_counts_what_is_held() -> None:
    things = [thing("a", 9), thing("b", 8), thing("c", 7, held="lead 1"), thing("d", 6), thing("e", 5)]
    plan = choose(things, limits(30, most=30), NOW)
    assert names(plan.going) == ["a", "b"]


def test_nothing_of_the_last_day_goes_whatever_the_size() -> None:
    assert choose([thing("now", 0.5, size=10**12)], limits(30, most=1), NOW).going == ()


def test_each_sort_has_its_own_room() -> None:
    things = [thing("raw", 5, size=100), thing("log", 5, size=100, sort=Sort.LOG)]
    plan = choose(things, limits(30) | {Sort.LOG: Limit(age=timedelta(days=30), most=50)}, NOW)
    assert names(plan.going) == ["log"]


# --- a whole installation -------------------------------------------------------------------------------------------


@pytest.fixture
def house(sqlite_store: Store, tmp_path: Path) -> Iterator[Configuration]:
    sqlite_store.close()
    yield Configuration(data_dir=tmp_path, database_url=f"sqlite:///{tmp_path / 'store.sqlite'}", disk_reserve_mb=0)


def planned(configuration: Configuration) -> list[str]:
    with open_store(configuration.store_url) as store:
        return sorted(
            name.partition("/")[2].partition("/")[0] for name in names(plan_prune(store, configuration, NOW).going)
        )


def test_an_archive_goes_when_it_is_old_and_no_lead_needs_it(house: Configuration) -> None:
    collect(house, "clean", "g1", flagged=False)
    collect(house, "young", "g2", flagged=False, age=NOW - timedelta(days=3))
    collect(house, "open", "g3")
    assert planned(house) == ["clean"]


@pytest.mark.parametrize("state", [s for s in State if s is not State.CLOSED])
def test_an_archive_of_a_lead_that_is_not_closed_stays(house: Configuration, state: State) -> None:
    lead = collect(house, "run", "g1")
    decide(house, lead, state, Resolution.AUTHORISED, OLD)
    assert planned(house) == []


@pytest.mark.parametrize("resolution", list(Resolution))
def test_of_closed_leads_only_the_suspected_ones_keep_their_archive(
    house: Configuration, resolution: Resolution
) -> None:
    lead = collect(house, "run", "g1")
    decide(house, lead, State.CLOSED, resolution, OLD)
    assert planned(house) == ([] if resolution is Resolution.CONFIRMED else ["run"])


def test_a_lead_closed_last_week_keeps_its_evidence_for_now(house: Configuration) -> None:
    lead = collect(house, "run", "g1")
    capture(house, lead, "shot")
    decide(house, lead, State.CLOSED, Resolution.AUTHORISED, NOW - timedelta(days=7))
    assert planned(house) == []


def test_what_is_in_a_pack_or_was_sent_stays_though_closed_otherwise(house: Configuration) -> None:
    packed, sent = collect(house, "packed", "g1"), collect(house, "sent", "g2")
    for lead, folder in ((packed, "a"), (sent, "b")):
        capture(house, lead, folder)
        decide(house, lead, State.CLOSED, Resolution.NOT_OURS, OLD)
    with open_store(house.store_url) as store, store.write() as c:
        save_pack(
            c, StoredPack(kind="lead", file="p.zip", sha256="b" * 64, size=1, at=OLD, who="w", lead_ids=(packed,))
        )
        save_notice(c, Notice(lead_id=sent, channel="platform", sent_at=OLD, who="w"))
    assert planned(house) == []


def test_one_archive_with_one_open_lead_among_many_listings_stays(house: Configuration) -> None:
    lead = collect(house, "night", "g1")
    [archive] = house.warc_dir.rglob("*.warc.gz")
    collect(house, "other", "g2", flagged=False)
    assert planned(house) == ["other"]
    decide(house, lead, State.CLOSED, Resolution.AUTHORISED, OLD)
    assert planned(house) == ["night", "other"]
    assert archive.exists()


def test_an_archive_that_is_being_written_stays(house: Configuration) -> None:
    seal = WarcSeal(house.warc_dir, "now", reserve=0)
    seal.write("http://127.0.0.1:9/x", 200, [], b"x")
    touch(house.warc_dir, OLD)
    assert planned(house) == []
    seal.close()


def test_captures_of_a_closed_lead_go_whole_and_those_nobody_knows_stay(house: Configuration) -> None:
    lead, other = collect(house, "run", "g1"), collect(house, "open", "g2")
    gone, kept = capture(house, lead, "shot-1"), capture(house, other, "shot-2")
    by_hand = house.evidence_dir / "by-hand"
    by_hand.mkdir()
    touch(house.evidence_dir, OLD)
    decide(house, lead, State.CLOSED, Resolution.FAIR_USE, OLD)
    go(house)
    assert [gone.exists(), kept.exists(), by_hand.exists()] == [False, True, True]
    with open_store(house.store_url) as store, store.read() as c:
        left = [row.file for listing in (1, 2) for row in captures_of(c, listing) if row.kind == "x"]
    assert left == ["shot-2/capture.json", "shot-2/full.png"]


def test_an_upload_of_a_closed_lead_goes_alone(house: Configuration) -> None:
    lead, other = collect(house, "run", "g1"), collect(house, "open", "g2")
    uploads = house.evidence_dir / "uploads"
    uploads.mkdir(parents=True)
    with open_store(house.store_url) as store, store.write() as c:
        for number, name in ((lead, "gone.pdf"), (other, "kept.pdf")):
            (uploads / name).write_text(name)
            listing = next(row.listing_id for row in queue_page(c, QueueFilter(), None, 9).rows if row.id == number)
            made = StoredCapture(
                listing_id=listing, lead_id=number, kind="upload", file=f"uploads/{name}", sha256="a" * 64, at=OLD
            )
            save_capture(c, made)
    (uploads / "table.csv").write_text("no lead knows it")
    touch(house.evidence_dir, OLD)
    decide(house, lead, State.CLOSED, Resolution.FAIR_USE, OLD)
    go(house)
    assert sorted(path.name for path in uploads.iterdir()) == ["kept.pdf", "table.csv"]
    with open_store(house.store_url) as store, store.read() as c:
        left = [row.file for listing in (1, 2) for row in captures_of(c, listing) if row.kind == "upload"]
    assert left == ["uploads/kept.pdf"]


def test_trouble_goes_with_the_logs_of_its_day_and_the_last_nights_is_read(
    house: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIMONITOR_DATA_DIR", str(house.data_dir))
    keep_trouble(Trouble.CLOCK, "moved")
    [today] = house.data_dir.glob(TROUBLES)
    [told] = read_troubles(house.data_dir, datetime.now(UTC) - timedelta(hours=26))
    assert told.said == "moved" and f"{told.at:%Y-%m-%d}" in today.name
    old = today.with_name("troubles-2020-01-01.jsonl")
    old.write_bytes(today.read_bytes())
    touch(old.parent, OLD)
    os.utime(today, (NOW.timestamp(), NOW.timestamp()))
    go(house)
    assert list(house.data_dir.glob(TROUBLES)) == [today]


def test_what_went_is_recorded_with_its_digest_in_file_audit_and_custody(house: Configuration) -> None:
    collect(house, "clean", "g1", flagged=False)
    logs = house.data_dir / "logs"
    logs.mkdir()
    (logs / "run-1.log").write_text("x")
    touch(logs, OLD)
    [archive] = house.warc_dir.rglob("*.warc.gz")
    sha256, size = digest_file(archive).sha256, archive.stat().st_size
    go(house)
    assert not archive.exists()
    assert not (logs / "run-1.log").exists()
    lines = [json.loads(line) for line in (house.data_dir / "pruned.jsonl").read_text().splitlines()]
    assert {(line["sort"], line["who"]) for line in lines} == {("raw", "yunwei"), ("log", "yunwei")}
    raw = next(line for line in lines if line["sort"] == "raw")
    assert (raw["sha256"], raw["size"]) == (sha256, size)
    with open_store(house.store_url) as store:
        with store.read() as c:
            [entry] = latest_audit(c)
            assert verify_audit(c) is None
        assert check_store(store) == []
    assert (entry.action, entry.who, entry.detail["things"]) == ("store.prune", "yunwei", 2)
    assert entry.detail["record_sha256"] == digest_file(house.data_dir / "pruned.jsonl").sha256
    assert [(e.action, e.sha256) for e in custody_log(house).entries()] == [("deleted", sha256)]


def test_either_engine_keeps_what_open_leads_need(store_url: str, tmp_path: Path) -> None:
    house = Configuration(data_dir=tmp_path / "data", database_url=store_url, disk_reserve_mb=0)
    closed, held = collect(house, "closed", "g1"), collect(house, "held", "g2")
    gone, kept = capture(house, closed, "a"), capture(house, held, "b")
    decide(house, closed, State.CLOSED, Resolution.FAIR_USE, OLD)
    go(house)
    assert [path.parent.name for path in house.warc_dir.rglob("*.warc.gz")] == ["held"]
    assert (gone.exists(), kept.exists()) == (False, True)
    with open_store(store_url) as store:
        assert check_store(store) == []


def test_a_second_call_changes_nothing(house: Configuration) -> None:
    collect(house, "clean", "g1", flagged=False)
    go(house)
    before = (house.data_dir / "pruned.jsonl").read_bytes()
    go(house)
    assert (house.data_dir / "pruned.jsonl").read_bytes() == before


def test_a_lead_raised_while_digests_are_taken_keeps_its_archive(
    house: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    collect(house, "clean", "g1", flagged=False)
    real = retention._digest

    def raise_first(*given: object) -> str:
        with open_store(house.store_url) as store, store.write() as c:
            listing = Listing(platform="practice", item_id="g1", title="演练山大米 10斤", url="u", observed_at=NOW)
            save_listings(c, [Observation(listing=listing, screening=screened(True), sealed=None)], None, now=NOW)
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(retention, "_digest", raise_first)
    go(house)
    assert len(list(house.warc_dir.rglob("*.warc.gz"))) == 1
    assert not (house.data_dir / "pruned.jsonl").exists()


def test_a_record_that_cannot_be_written_stops_everything(house: Configuration) -> None:
    collect(house, "clean", "g1", flagged=False)
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    (house.data_dir / "pruned.jsonl").symlink_to("/dev/full")
    with pytest.raises(DiskFullError):
        go(house)
    assert len(list(house.warc_dir.rglob("*.warc.gz"))) == 1


def test_a_lead_reopened_after_its_evidence_went_still_opens(house: Configuration) -> None:
    lead = collect(house, "run", "g1")
    decide(house, lead, State.CLOSED, Resolution.AUTHORISED, OLD)
    go(house)
    decide(house, lead, State.NEW, None, NOW)
    with open_store(house.store_url) as store, store.read() as c:
        assert captures_of(c, 1) == ()


def test_the_command_removes_nothing_without_yes(house: Configuration, monkeypatch: pytest.MonkeyPatch) -> None:
    collect(house, "clean", "g1", flagged=False)
    collect(house, "open", "g2")
    monkeypatch.setenv("GIMONITOR_DATA_DIR", str(house.data_dir))
    monkeypatch.setenv("GIMONITOR_DATABASE_URL", house.store_url)
    for arguments in ([], ["--dry-run"]):
        told = CliRunner().invoke(main, ["prune", *arguments])
        assert "warc/clean/" in told.output
        assert "nothing was removed" in told.output
    assert len(list(house.warc_dir.rglob("*.warc.gz"))) == 2
    told = CliRunner().invoke(main, ["prune", "--yes", "--who", "zhang"])
    assert "1 removed" in told.output
    assert [path.parent.name for path in house.warc_dir.rglob("*.warc.gz")] == ["open"]
    shutil.rmtree(house.warc_dir)


def test_on_a_disk_without_room_to_open_the_database_old_logs_go_first_and_are_recorded(
    house: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    collect(house, "clean", "g1", flagged=False)
    log = house.data_dir / "logs/2026-01-01.log"
    log.parent.mkdir(exist_ok=True)
    log.write_text("old\n")
    os.utime(log, (OLD.timestamp(), OLD.timestamp()))

    def open_with_room(url: str) -> Store:
        if log.exists():
            raise DiskFullError("disk I/O error")
        return open_store(url)

    monkeypatch.setattr(retention, "open_store", open_with_room)
    gone = names(prune_store(house, NOW, "zhang").going)
    assert gone[0] == "logs/2026-01-01.log" and len(gone) == 2 and not log.exists()
    lines = (house.data_dir / "pruned.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["name"] for line in lines] == gone
    with open_store(house.store_url) as store, store.read() as c:
        assert [entry.action for entry in latest_audit(c, 5)].count("store.prune") == 2
    log.write_text("of today")
    with pytest.raises(DiskFullError, match="no log is old enough"):
        prune_store(house, NOW, "zhang")
    assert log.exists()
