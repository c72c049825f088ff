"""The files and the record of an erasure: none left over, each in its record, none half done. On both engines."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from gimonitor.configuration import Configuration
from gimonitor.evidence.seal import WarcSeal
from gimonitor.operations import erasure
from gimonitor.operations.erasure import (
    Seller,
    digest_of_subject,
    finish_erasures,
    plan_erasure,
)
from gimonitor.operations.sharing import pull, push
from gimonitor.papers.places import custody_log
from gimonitor.store.audit import latest_audit, verify_audit
from gimonitor.store.captures import StoredCapture, save_capture
from gimonitor.store.database import Store

from .erasing import ASKS, NOW, SECRET, WHO, House, capture, close, go, leftovers, offer, whole


def test_files_that_others_need_stay(house: House) -> None:
    other = Seller(platform="practice", shop_id="s-other")
    mine, _ = offer(house, "a-1")
    theirs, _ = offer(house, "b-1", other)
    shared = capture(house, mine, "image-shared")
    capture(house, theirs, "image-shared")
    single = capture(house, mine, "uploads", "mine.png") / "mine.png"
    beside = capture(house, theirs, "uploads", "theirs.png") / "theirs.png"
    with WarcSeal(house.configuration.warc_dir, "night", reserve=0) as seal:
        records = [seal.write(f"http://127.0.0.1:9/{n}", 200, [], b"x", at=NOW) for n in range(2)]
    with house.store.write() as c:
        for listing, record in zip((mine, theirs), records, strict=True):
            row = StoredCapture(listing_id=listing, kind="response", file=record.file, sha256=record.sha256, at=NOW)
            save_capture(c, row)
    done = go(house)
    assert [file.name for file in done.files] == ["evidence/uploads/mine.png"]
    assert [shared.exists(), single.exists(), beside.exists()] == [True, False, True]
    assert [one.what for one in done.staying] == [f"warc/{records[0].file}"]
    assert "other responses" in done.staying[0].why


def test_a_dry_run_says_the_same_and_changes_nothing(house: House) -> None:
    listing, lead = offer(house, "a-1", flagged=True, run="mine")
    offer(house, "a-2")
    capture(house, listing, "shot-1")
    close(house, lead)
    before = house.counts()
    planned = plan_erasure(house.store, house.configuration, ASKS)
    assert house.counts() == before and leftovers(house, SECRET)
    assert not (house.files / erasure.RECORD).exists()
    assert go(house) == planned


def test_the_record_names_nobody_and_can_be_held_against_who_asks(house: House) -> None:
    listing, _ = offer(house, "a-1", run="mine")
    capture(house, listing, "shot-1")
    done = go(house)
    [line] = [json.loads(line) for line in (house.files / erasure.RECORD).read_text().splitlines()]
    assert (line["who"], line["noun"], line["rows"]) == (WHO, "seller", done.rows)
    assert {file["name"].split("/")[0] for file in line["files"]} == {"warc", "evidence"}
    assert line["subject"] == digest_of_subject(ASKS, line["salt"])
    assert line["subject"] != digest_of_subject(replace(ASKS, shop_id="s-else"), line["salt"])
    with house.store.read() as c:
        [entry] = latest_audit(c)
        assert verify_audit(c) is None
    assert (entry.action, entry.who, entry.object) == ("store.erase", WHO, f"erasure:{line['id']}")
    deleted = [e for e in custody_log(house.configuration).entries() if e.action == "deleted"]
    assert {(e.object, e.sha256) for e in deleted} == {(file["name"], file["sha256"]) for file in line["files"]}


def test_twice_is_harmless_and_an_unknown_seller_is_nothing(house: House) -> None:
    offer(house, "a-1", run="mine")
    go(house)
    record = (house.files / erasure.RECORD).read_bytes()
    assert go(house).is_empty
    assert go(house, Seller(platform="practice", name="没有的店")).is_empty
    assert (house.files / erasure.RECORD).read_bytes() == record
    with house.store.read() as c:
        assert len(latest_audit(c)) == 1


@pytest.mark.parametrize("step", ["discard", "_record"])
def test_killed_among_the_files_the_next_call_goes_on(house: House, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    listing, _ = offer(house, "a-1", run="mine")
    capture(house, listing, "shot-1")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(erasure, step, killed)
        with pytest.raises(KeyboardInterrupt):
            go(house)
    assert house.count("listings") == 0, "the rows were gone before the first file"
    assert finish_erasures(house.store, house.configuration) == 1
    assert finish_erasures(house.store, house.configuration) == 0
    assert leftovers(house, SECRET) == []
    [line] = (house.files / erasure.RECORD).read_text().splitlines()
    deleted = [e.object for e in custody_log(house.configuration).entries() if e.action == "deleted"]
    assert sorted(deleted) == sorted(file["name"] for file in json.loads(line)["files"]), "each once"
    whole(house)


def test_killed_in_the_transaction_nothing_has_gone(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    listing, _ = offer(house, "a-1", run="mine")
    shot = capture(house, listing, "shot-1")
    before = house.counts()

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(erasure, "change_record", killed)
        with pytest.raises(KeyboardInterrupt):
            go(house)
    assert house.counts() == before and shot.exists()
    assert finish_erasures(house.store, house.configuration) == 0


def test_a_shared_place_does_not_bring_it_back(sqlite_store: Store, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    place = tmp_path / "shared"
    configuration = Configuration(
        data_dir=tmp_path / "data", database_url=url, disk_reserve_mb=0, evidence_url=f"file://{place}"
    )
    house = House(sqlite_store, configuration)
    listing, _ = offer(house, "a-1", run="mine")
    capture(house, listing, "shot-1")
    push(configuration)
    assert list(place.rglob("*.warc.gz"))
    go(house)
    assert [path for path in place.rglob("*") if path.is_file()] == []
    assert pull(configuration).files == 0
