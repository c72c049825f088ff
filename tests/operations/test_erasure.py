"""What is erased on request, what stays, and that nothing is left half done. On both engines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Table, func, insert, select, text

from gimonitor.cli.main import main
from gimonitor.configuration import Configuration
from gimonitor.errors import NotFoundError
from gimonitor.evidence.seal import WarcSeal
from gimonitor.model.finding import Finding, Place, Score, ScoreTerm, Screening, Stage, Suspicion
from gimonitor.model.lead import Decision, Resolution, State
from gimonitor.model.listing import Field, Listing, Shop, Subject
from gimonitor.operations import erasure
from gimonitor.operations.erasure import (
    Person,
    Seller,
    digest_of_subject,
    erase,
    finish_erasures,
    plan_erasure,
)
from gimonitor.operations.sharing import pull, push
from gimonitor.papers.places import custody_log
from gimonitor.store import erasing, tables
from gimonitor.store.audit import latest_audit, verify_audit
from gimonitor.store.captures import Notice, StoredCapture, save_capture, save_notice
from gimonitor.store.check import check_store
from gimonitor.store.database import Store, open_store
from gimonitor.store.dropped import save_sample
from gimonitor.store.identities import add_identity
from gimonitor.store.leads import QueueFilter, append_decision, load_lead, queue_page
from gimonitor.store.listings import Observation, save_listings
from gimonitor.store.loading import load_listing_by_id
from gimonitor.store.people import add_person, find_person, open_session
from gimonitor.workflow.rescreening import index_listings

NOW = datetime(2026, 11, 20, 1, 30, tzinfo=UTC)
WHO = "受理人"
SECRET = "甄某某特产"
"""In every text of the seller who asks; nowhere else."""
ASKS = Seller(platform="practice", shop_id="s-asks")


@dataclass(frozen=True)
class House:
    """An installation."""

    store: Store
    configuration: Configuration

    @property
    def files(self) -> Path:
        return self.configuration.data_dir

    def count(self, name: str) -> int:
        with self.store.read() as c:
            return int(c.execute(select(func.count()).select_from(tables.metadata.tables[name])).scalar_one())

    def counts(self) -> dict[str, int]:
        return {name: self.count(name) for name in tables.metadata.tables}


@pytest.fixture
def house(store_url: str, tmp_path: Path) -> Iterator[House]:
    configuration = Configuration(data_dir=tmp_path / "data", database_url=store_url, disk_reserve_mb=0)
    configuration.data_dir.mkdir()
    with open_store(store_url) as store:
        yield House(store, configuration)


def screened(flagged: bool) -> Screening:
    base = Screening(stage=Stage.NO_NAME, suspicions=(), clearings=(), on=NOW.date(), register_digest="ab" * 32)
    if not flagged:
        return base
    found = Finding(
        model_id="name-outside",
        model_version=1,
        family="N1a",
        gi_id="gi:practice",
        gi_name="演练山大米",
        place=Place(field=Field.TITLE, start=0, end=5, text="演练山大米"),
        reason=f"{SECRET}产地不在保护范围内",
        clears="出示产自保护产区的证明",
        severity=0.9,
        confidence=0.8,
    )
    score = Score(total=72.0, terms=(ScoreTerm(name="severity", value=0.72, inputs=SECRET),))
    suspicion = Suspicion(gi_id=found.gi_id, gi_name=found.gi_name, findings=(found,), score=score)
    return replace(base, stage=Stage.FLAGGED, suspicions=(suspicion,))


def shop_of(seller: Seller, name: str) -> Shop:
    return Shop(name=name, shop_id=seller.shop_id, subject=Subject(name=name, uscc=f"USCC-{seller.shop_id}"))


def offer(house: House, item: str, seller: Seller = ASKS, flagged: bool = False, run: str = "") -> tuple[int, int]:
    """A stored listing, sealed in an archive of `run`; its id and that of its lead (0 without one)."""
    name = SECRET if seller is ASKS else "别家店"
    listing = Listing(
        platform="practice",
        item_id=item,
        title=f"演练山大米 {name}",
        url=f"http://127.0.0.1:9/{name}/{item}",
        price_fen=1990,
        shop=shop_of(seller, name),
        observed_at=NOW - timedelta(days=9),
    )
    sealed = None
    if run:
        with WarcSeal(house.configuration.warc_dir, run, reserve=0) as seal:
            sealed = seal.write(listing.url, 200, [], f"{name} {item}".encode(), at=NOW)
    with house.store.write() as c:
        save_listings(c, [Observation(listing=listing, screening=screened(flagged), sealed=sealed)], None, now=NOW)
        number: int = c.execute(select(tables.listings.c.id).where(tables.listings.c.item_id == item)).scalar_one()
        found = c.execute(select(tables.leads.c.id).where(tables.leads.c.listing_id == number)).scalar()
    return number, int(found or 0)


def capture(house: House, listing: int, folder: str, file: str = "full.png") -> Path:
    path = house.configuration.evidence_dir / folder
    path.mkdir(parents=True, exist_ok=True)
    (path / file).write_text(SECRET)
    with house.store.write() as c:
        row = StoredCapture(
            listing_id=listing, kind="image", file=f"{folder}/{file}", sha256="a" * 64, at=NOW, url=SECRET
        )
        save_capture(c, row)
    return path


def close(house: House, lead: int, resolution: Resolution = Resolution.AUTHORISED) -> None:
    with house.store.write() as c:
        version = next(row.version for row in queue_page(c, QueueFilter(), None, 99).rows if row.id == lead)
        made = Decision(
            lead_id=lead, at=NOW, who="wang", action="judge", state=State.CLOSED, resolution=resolution, why="有授权"
        )
        append_decision(c, lead, version, made)


def leftovers(house: House, word: str) -> list[str]:
    """Where a word still stands: in any column of any table, in any byte of any file."""
    found = []
    with house.store.read() as c:
        for name, table in tables.metadata.tables.items():
            rows = c.execute(text(f"SELECT * FROM {name}")).all()
            found += [f"{name}: {row}" for row in rows if word in str(tuple(row))]
            assert table is not None
    everywhere = [*house.files.rglob("*"), *house.files.parent.glob("store.sqlite*")]
    found += [str(path) for path in everywhere if path.is_file() and word.encode() in path.read_bytes()]
    return found


def go(house: House, subject: Seller | Person = ASKS) -> erasure.Erasure:
    return erase(house.store, house.configuration, subject, NOW, WHO)


def whole(house: House) -> None:
    assert check_store(house.store) == []
    assert custody_log(house.configuration).first_broken() is None


# --- a seller -------------------------------------------------------------------------------------------------------


def test_of_a_seller_whom_no_lead_needs_nothing_is_left_anywhere(house: House) -> None:
    listing, _ = offer(house, "a-1", run="mine")
    offer(house, "a-2", run="mine")
    other, _ = offer(house, "b-1", Seller(platform="practice", shop_id="s-other"), run="theirs")
    picture, theirs = capture(house, listing, "image-1"), capture(house, other, "image-2")
    index_listings(house.store, lambda done: None)
    assert leftovers(house, SECRET)
    (theirs / "full.png").write_text("别家")
    with house.store.write() as c:
        c.execute(text("UPDATE captures SET url = '' WHERE listing_id = :n"), {"n": other})
    done = go(house)
    assert (done.rows["listings"], done.rows["shops"], done.rows["subjects"], done.staying) == (2, 1, 1, ())
    assert leftovers(house, SECRET) == []
    assert leftovers(house, "s-asks") == [], "nor its number"
    assert not picture.exists() and theirs.exists()
    assert [path.parent.name for path in house.configuration.warc_dir.rglob("*.warc.gz")] == ["theirs"]
    with house.store.read() as c:
        assert load_listing_by_id(c, other).listing.title == "演练山大米 别家店"
    whole(house)


def test_every_table_that_points_to_what_goes_is_thought_of() -> None:
    """A table that is added later and points to listings, leads, shops, subjects or people has to be named in erasing."""
    goes = {"listings", "shops", "subjects", "people", "pictures", "leads", "screenings"}
    pointing = {
        table.name
        for table in tables.metadata.tables.values()
        if any(key.column.table.name in goes for key in table.foreign_keys)
    }
    held_with_their_lead = {"notices", "pack_leads", "purchases", "complaint_leads"}
    named = {value.name for value in vars(erasing).values() if isinstance(value, Table)}
    assert pointing - named == held_with_their_lead


def test_what_a_lead_needs_stays_whole_and_is_said(house: House) -> None:
    needed = {name: offer(house, name, flagged=True, run=name) for name in ("open", "confirmed", "sent")}
    offer(house, "unneeded", run="unneeded")
    shots = [capture(house, listing, f"shot-{name}") for name, (listing, _) in needed.items()]
    close(house, needed["confirmed"][1], Resolution.CONFIRMED)
    close(house, needed["sent"][1], Resolution.NOT_OURS)
    with house.store.write() as c:
        save_notice(c, Notice(lead_id=needed["sent"][1], channel="platform", sent_at=NOW, who="wang"))
    with house.store.read() as c:
        before = [load_lead(c, lead) for _, lead in needed.values()]
    done = go(house)
    assert done.rows["listings"] == 1 and "shops" not in done.rows
    whys = ("is not closed (new)", "was closed as suspected", "was sent, is in a pack or has a test purchase")
    expected = [
        (f"listing {listing} and its evidence", f"lead {lead} {why}")
        for (listing, lead), why in zip(needed.values(), whys, strict=True)
    ]
    assert [(one.what, one.why) for one in done.staying[:3]] == expected
    assert done.staying[3].what == "the shop and who is behind it"
    with house.store.read() as c:
        assert [load_lead(c, lead) for _, lead in needed.values()] == before
    assert all(shot.exists() for shot in shots)
    assert {path.parent.name for path in house.configuration.warc_dir.rglob("*.warc.gz")} == set(needed)
    whole(house)


def test_of_a_lead_closed_as_nothing_the_decision_stays_and_the_seller_goes(house: House) -> None:
    listing, lead = offer(house, "a-1", flagged=True, run="mine")
    shot = capture(house, listing, "shot-1")
    close(house, lead)
    done = go(house)
    assert [one.what for one in done.staying] == ["1 decisions"]
    assert leftovers(house, SECRET) == [] and not shot.exists()
    with house.store.read() as c:
        record = load_lead(c, lead)
        assert (record.lead.state, record.lead.resolution) == (State.CLOSED, Resolution.AUTHORISED)
        assert [(one.who, one.why) for one in record.decisions] == [("wang", "有授权")]
        assert (record.suspected.title, record.findings, record.captures) == (erasing.ERASED, (), ())
        assert queue_page(c, QueueFilter(), None, 9).rows[0].id == lead
        assert queue_page(c, QueueFilter(text=SECRET), None, 9).rows == ()
    whole(house)


def test_the_same_offer_seen_again_is_a_new_one(house: House) -> None:
    _, lead = offer(house, "a-1", flagged=True)
    close(house, lead)
    go(house)
    again, second = offer(house, "a-1", flagged=True)
    with house.store.read() as c:
        assert load_lead(c, lead).suspected.title == erasing.ERASED
        assert load_lead(c, second).lead.state is State.NEW
        assert load_listing_by_id(c, again).version == 1


def test_a_sample_keeps_its_number_of_listings(house: House) -> None:
    listing, _ = offer(house, "a-1")
    with house.store.write() as c:
        save_sample(c, seed="x", population={}, drawn=[(Stage.NO_NAME, listing, 1)], who="wang", now=NOW)
    go(house)
    with house.store.read() as c:
        assert load_listing_by_id(c, listing).listing.title == erasing.ERASED
    assert (house.count("dropped_items"), leftovers(house, SECRET)) == (1, [])


def test_who_is_behind_two_shops_stays_until_the_second_goes(house: House) -> None:
    offer(house, "a-1")
    second = Seller(platform="practice", shop_id="s-second")
    listing = Listing(platform="practice", item_id="b-1", title="t", observed_at=NOW)
    shop = Shop(name="二店", shop_id="s-second", subject=shop_of(ASKS, SECRET).subject)
    with house.store.write() as c:
        save_listings(c, [Observation(listing=replace(listing, shop=shop), screening=screened(False))], None, now=NOW)
    assert [one.what for one in go(house).staying] == ["who is behind the shop"]
    assert house.count("subjects") == 1
    go(house, second)
    assert (house.count("subjects"), leftovers(house, SECRET)) == (0, [])


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


# --- a person -------------------------------------------------------------------------------------------------------


def test_of_a_person_the_login_and_what_was_decided_stay(house: House) -> None:
    _, lead = offer(house, "a-1", flagged=True)
    with house.store.write() as c:
        person = add_person(c, "wang", SECRET + "本人", "officer", "argon2-hash", areas=["32"], now=NOW)
        open_session(c, "t" * 64, person, now=NOW, ends_at=NOW)
        add_identity(c, "https://id.example", "subject-77", person, NOW)
        row = {"token_hash": "u" * 64, "person_id": person, "name": "省平台", "roles": [], "areas": []}
        c.execute(insert(tables.tokens).values(row | {"created_at": NOW, "ends_at": NOW}))
    close(house, lead)
    done = go(house, Person(login="wang"))
    assert done.rows == {"sessions": 1, "tokens": 1, "identities": 1, "people": 1}
    assert [one.what for one in done.staying] == ["the login alone", "1 decisions and 0 entries of the audit"]
    with house.store.read() as c:
        left = find_person(c, "wang")
        assert left is not None
        assert (left.name, left.password_hash, left.areas, left.active) == ("", "", (), False)
    for word in (SECRET + "本人", "argon2-hash", "subject-77"):
        assert leftovers(house, word) == []
    assert go(house, Person(login="wang")).is_empty
    whole(house)


def test_claimed_leads_of_a_person_are_said_and_nobody_is_not_found(house: House) -> None:
    _, lead = offer(house, "a-1", flagged=True)
    with house.store.write() as c:
        add_person(c, "wang", "王", "officer", "x", now=NOW)
        made = Decision(
            lead_id=lead, at=NOW, who="wang", action="claim", state=State.CLAIMED, resolution=None, why="办理"
        )
        append_decision(c, lead, 1, made)
    said = plan_erasure(house.store, house.configuration, Person(login="wang")).staying
    assert said[-1].what == "1 claimed leads"
    with pytest.raises(NotFoundError):
        go(house, Person(login="nobody"))


def test_the_command_erases_nothing_without_apply(sqlite_store: Store, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    house = House(sqlite_store, Configuration(data_dir=tmp_path, database_url=url, disk_reserve_mb=0))
    _, lead = offer(house, "a-1", flagged=True)
    offer(house, "a-2", run="mine")
    environment = {"GIMONITOR_DATA_DIR": str(tmp_path), "GIMONITOR_DATABASE_URL": url}

    def run(*words: str) -> str:
        return CliRunner().invoke(main, ["erase", *words], env=environment).output

    told = run("seller", "practice", "s-asks")
    assert "would go         1 rows   listings" in told and "nothing was erased" in told
    assert f"lead {lead} is not closed (new)" in told and house.count("listings") == 2
    told = run("seller", "practice", "s-asks", "--apply", "--who", "zhang")
    assert "erased         1 rows   listings" in told and "warc/mine/" in told
    assert house.count("listings") == 1
    assert "nothing is stored of it that could go" in run("seller", "practice", "s-asks", "--apply")
