"""Pictures after the crawl: queued where screening asks, looked at once, gone on with after a stop, and brought to the leads."""

from __future__ import annotations

import hashlib
import io
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from sqlalchemy import select, update

from gimonitor.imaging.faults import copied_finding
from gimonitor.imaging.look import VERSION, Looker
from gimonitor.imaging.made.ink import font
from gimonitor.imaging.made.marks import drawing
from gimonitor.imaging.marks import Mark
from gimonitor.model.finding import Clearing, Finding, History, Origin, Place, Score, Screening, Stage, Suspicion
from gimonitor.model.listing import Field, Listing, Shop, Subject
from gimonitor.model.picture import PictureState
from gimonitor.model.register import GI, Area, AuthorisedUser, Basis, Certainty, Fact, Register
from gimonitor.model.run import RunState
from gimonitor.screening.added import Added, with_added
from gimonitor.store import pictures, runs, tables
from gimonitor.store.captures import StoredCapture, save_capture
from gimonitor.store.database import Store
from gimonitor.store.leads import LeadRecord, load_lead
from gimonitor.store.loading import load_listing
from gimonitor.text.codes import uscc_check
from gimonitor.workflow.intake import take_in
from gimonitor.workflow.pictures import IN_ORDER, KIND, PictureWork, look_through

NIGHT = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)
CODE = "91230184MA1900001"
CODE += uscc_check(CODE)
STRANGER = "91210100MA1900007"
STRANGER += uscc_check(STRANGER)
REGISTER = Register(
    gis=(
        GI(
            id="rice",
            name="五常大米",
            certainty=Certainty.FOUND,
            source="s",
            area=Area(adcodes=Fact(value=("230184",), certainty=Certainty.FOUND, source="s")),
        ),
    ),
    users=(
        AuthorisedUser(gi_id="rice", name="五常示例米业", uscc=CODE, brands=("示例米香",), basis=Basis.ANNOUNCEMENT, certainty=Certainty.FOUND, source="s"),
        AuthorisedUser(gi_id="rice", name="五常旧日米业", uscc="", ends=date(2025, 12, 31), basis=Basis.ANNOUNCEMENT, certainty=Certainty.FOUND, source="s"),
    ),
    signs=(),
    articles=(),
    words=(),
    models=(),
    digest="d",
)  # fmt: skip


class NameScreener:
    """Flags every title that holds 五常; nothing else is asked about."""

    def screen_all(
        self, listings: Sequence[Listing], on: date, histories: Sequence[History | None] = ()
    ) -> list[Screening]:
        return [self.screen(one, on) for one in listings]

    def screen(self, listing: Listing, on: date, history: History | None = None) -> Screening:
        def given(*suspicions: Suspicion, stage: Stage) -> Screening:
            return Screening(stage=stage, suspicions=suspicions, clearings=(), on=on, register_digest="r1")

        at = listing.title.find("五常")
        if at < 0:
            return given(stage=Stage.NO_NAME)
        place = Place(field=Field.TITLE, start=at, end=at + 2, text="五常")
        finding = Finding(
            model_id="M01",
            model_version=1,
            family="name",
            gi_id="rice",
            gi_name="五常大米",
            place=place,
            reason="标题使用“五常”",
            clears="核准文件",
            severity=0.5,
            confidence=0.5,
        )
        one = Suspicion(gi_id="rice", gi_name="五常大米", findings=(finding,), score=Score(total=25.0, terms=()))
        return given(one, stage=Stage.FLAGGED)


class ClearingScreener(NameScreener):
    """Clears what it would flag."""

    def screen(self, listing: Listing, on: date, history: History | None = None) -> Screening:
        """As somebody's own goods."""
        stage = Stage.NO_NAME if "五常" not in listing.title else Stage.CLEARED
        return Screening(stage=stage, suspicions=(), clearings=(), on=on, register_digest="r1")


class ClaimScreener(NameScreener):
    """Flags the claim of a mark in the words of pictures, too."""

    def screen(self, listing: Listing, on: date, history: History | None = None) -> Screening:
        """As of the GI in the title."""
        screening = super().screen(listing, on, history)
        at = listing.image_text.find("专用标志产品")
        if at < 0 or not screening.suspicions:
            return screening
        (one,) = screening.suspicions
        place = Place(field=Field.IMAGE_TEXT, start=at, end=at + 6, text="专用标志产品")
        claim = replace(one.findings[0], model_id="mark-claim", place=place)
        return replace(screening, suspicions=(replace(one, findings=(*one.findings, claim)),))


def package(*lines: str, side: int = 260) -> bytes:
    """A plain package with the special mark and lines of print under it."""
    image = Image.new("RGB", (640, 640), (246, 240, 225))
    mark = Image.fromarray(drawing(Mark.GI_2019)).resize((side, side))
    image.paste(mark, (190, 40), mark)
    for row, text in enumerate(lines):
        ImageDraw.Draw(image).text((60, 340 + row * 60), text, font=font("sans", 26), fill=(30, 30, 30))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=90)
    return out.getvalue()


BARE = package("东北大米 5kg")
WHOLE = package("五常大米", f"统一社会信用代码：{CODE}", "执行标准 GB/T 19266")


@pytest.fixture
def work(sqlite_store: Store, tmp_path: Path) -> Iterator[PictureWork]:
    folder = tmp_path / "evidence"
    folder.mkdir()
    yield PictureWork(sqlite_store, folder, Looker(REGISTER), NameScreener())


def offered(
    work: PictureWork,
    item_id: str,
    *files: bytes,
    title: str = "五常大米",
    shop: str = "店一",
    uscc: str = "",
    at: datetime = NIGHT,
    fetched: timedelta = timedelta(0),
    **said: str,
) -> int:
    """A listing taken in, with its pictures captured, so long after it. `uscc`: of the legal person behind the shop."""
    seller = Shop(name=shop, subject=Subject(name="某某公司", uscc=uscc) if uscc else None)
    url = f"http://127.0.0.1/goods/{item_id}"
    listing = Listing(platform="practice", item_id=item_id, url=url, title=title, shop=seller, observed_at=at, **said)
    take_in(work.store, work.screener, [(listing, None)], None, at.date())
    with work.store.write() as c:
        stored = load_listing(c, "practice", item_id)
        for number, data in enumerate(files):
            digest = hashlib.sha256(data).hexdigest()
            name = f"{item_id}-{number}.jpg"
            (work.evidence_dir / name).write_bytes(data)
            save_capture(c, StoredCapture(listing_id=stored.id, listing_version=stored.version, kind=pictures.IMAGE, file=name, sha256=digest, at=at + fetched, url=f"http://127.0.0.1/{name}"))  # fmt: skip
    return stored.id


def models(work: PictureWork, listing_id: int) -> list[str]:
    """Models behind the listing's lead over rice."""
    with work.store.read() as c:
        found = c.execute(select(tables.leads.c.id).where(tables.leads.c.listing_id == listing_id)).scalars().all()
        return [finding.model_id for lead_id in found for finding in load_lead(c, lead_id).findings]


def leads_of(work: PictureWork, listing_id: int) -> list[LeadRecord]:
    """The listing's leads."""
    with work.store.read() as c:
        found = c.execute(select(tables.leads.c.id).where(tables.leads.c.listing_id == listing_id)).scalars().all()
        return [load_lead(c, lead_id) for lead_id in found]


def test_what_a_picture_shows_reaches_the_lead_and_stays(work: PictureWork) -> None:
    bare = offered(work, "1", BARE)
    done = look_through(work)
    assert (done.seen, done.refused, done.listings) == (1, 0, 1)
    assert "M01" in models(work, bare)
    assert "picture-uscc-absent" in models(work, bare)
    offered(work, "1", title="五常大米 新米", at=NIGHT + timedelta(days=1))
    assert "picture-uscc-absent" in models(work, bare), "the next crawl does not know the picture, the store does"


def test_a_picture_in_order_speaks_for_the_seller_and_settles_nothing(work: PictureWork) -> None:
    whole = offered(work, "1", WHOLE, title="五常大米 新米")
    look_through(work)
    (lead,) = leads_of(work, whole)
    (finding,) = lead.findings
    assert (finding.model_id, finding.confidence) == ("M01", 0.4), "0.5 before, lowered as by a reading of the page"
    (told,) = [one for one in lead.clearings if one.code == IN_ORDER]
    assert CODE in told.reason and "五常示例米业" in told.reason and not told.decisive
    assert told.place and told.place.key == hashlib.sha256(WHOLE).hexdigest()[:12]
    offered(work, "1", title="五常大米 新米 5斤", at=NIGHT + timedelta(days=1))
    assert [one.code for one in leads_of(work, whole)[0].clearings] == [IN_ORDER], "the next crawl still knows it"


def test_the_words_of_a_picture_in_order_are_held_against_nobody(work: PictureWork) -> None:
    work = replace(work, screener=ClaimScreener())
    claimed = package("五常大米 专用标志产品", "口感软糯", "执行标准 GB/T 19266")
    proved = package("五常大米 专用标志产品", f"统一社会信用代码：{CODE}", "执行标准 GB/T 19266")
    one, two = offered(work, "1", claimed), offered(work, "2", proved, shop="店二")
    look_through(work)
    assert "mark-claim" in models(work, one)
    assert models(work, two) == ["M01"]


@pytest.mark.parametrize("picture", ["BARE", "STRANGE"])
def test_only_what_was_read_in_order_speaks_for_the_seller(work: PictureWork, picture: str) -> None:
    listing = offered(work, "1", globals()[picture])
    look_through(work)
    assert not [one for lead in leads_of(work, listing) for one in lead.clearings]


def test_the_other_picture_of_the_goods_shows_what_this_one_lacks(work: PictureWork) -> None:
    both = offered(work, "1", BARE, WHOLE)
    look_through(work)
    assert models(work, both) == ["M01"]


def test_only_what_screening_asks_for_is_looked_at(work: PictureWork) -> None:
    offered(work, "1", BARE, title="山西小米")
    assert look_through(work).run_id is None


def test_one_picture_in_two_listings_is_looked_at_once(work: PictureWork) -> None:
    one, two = offered(work, "1", BARE), offered(work, "2", BARE, shop="店二")
    assert look_through(work).seen == 1
    assert models(work, one) == models(work, two)
    assert look_through(work).run_id is None


def test_what_is_no_picture_is_refused_with_the_reason_and_the_rest_goes_on(work: PictureWork) -> None:
    listing = offered(work, "1", b"PK\x03\x04 not a picture", BARE)
    done = look_through(work)
    assert (done.seen, done.refused) == (1, 1)
    with work.store.read() as c:
        states = {p.state: p.problem for p in pictures.pictures_of(c, listing)}
    assert "ZIP" in states[PictureState.REFUSED]
    assert str(work.evidence_dir) not in states[PictureState.REFUSED]


def test_a_file_changed_since_it_was_captured_is_refused(work: PictureWork) -> None:
    offered(work, "1", BARE)
    (work.evidence_dir / "1-0.jpg").write_bytes(WHOLE)
    assert look_through(work).refused == 1


def test_work_stopped_in_the_middle_goes_on(work: PictureWork) -> None:
    offered(work, "1", BARE)
    offered(work, "2", WHOLE)
    assert look_through(work, limit=1).seen == 1
    with work.store.read() as c:
        assert pictures.count_pictures(c) == {PictureState.SEEN: 1, PictureState.WAITING: 1}
    assert look_through(work).seen == 1
    assert look_through(work).run_id is None


def test_a_picture_that_kills_its_worker_is_given_up(work: PictureWork) -> None:
    offered(work, "1", BARE)
    with work.store.write() as c:
        pictures.queue_pictures(c, NIGHT, 1)
        for turn in range(pictures.ATTEMPTS):
            assert pictures.lease_pictures(c, "host:1", NIGHT + timedelta(hours=turn), 60, 5)
            assert not pictures.lease_pictures(c, "host:2", NIGHT + timedelta(hours=turn), 60, 5), "it is leased"
        assert not pictures.lease_pictures(c, "host:1", NIGHT + timedelta(hours=9), 60, 5)
        assert pictures.count_pictures(c) == {PictureState.REFUSED: 1}


@pytest.mark.parametrize("statement", [0, 8])
def test_a_worker_killed_before_it_came_to_the_listings_leaves_them_to_the_next_run(
    store: Store, store_url: str, tmp_path: Path, statement: int
) -> None:
    work = PictureWork(store, tmp_path, Looker(REGISTER), NameScreener())
    listing = offered(work, "1", BARE)
    script = Path(__file__).parent / "killed_looker.py"
    arguments = [sys.executable, script, store_url, work.evidence_dir, str(statement)]
    dead = subprocess.run(arguments, capture_output=True, text=True, timeout=120, check=False)
    assert dead.returncode == -signal.SIGKILL, dead.stderr[-2000:]
    with work.store.read() as c:
        assert pictures.count_pictures(c) == {PictureState.SEEN: 1}
    assert "picture-uscc-absent" not in models(work, listing)
    again = look_through(work)
    assert (again.seen, again.left, again.listings) == (0, 1, 1)
    assert "picture-uscc-absent" in models(work, listing)
    assert look_through(work).run_id is None
    with work.store.read() as c:
        last, first = runs.latest_runs(c, kind=KIND)
    assert (first.state, last.state) == (RunState.INTERRUPTED, RunState.OK)
    assert "1 pictures that an interrupted run had seen" in last.summary


def test_what_another_worker_has_seen_is_left_to_it_until_its_lease_runs_out(work: PictureWork) -> None:
    offered(work, "1", BARE)
    now = datetime.now(UTC)
    with work.store.write() as c:
        pictures.queue_pictures(c, now, VERSION)
        (one,) = pictures.lease_pictures(c, "elsewhere:7", now, 60, 5)
        assert pictures.save_look(c, one.digest, "elsewhere:7", {}, {}, VERSION, now)
    assert look_through(work).run_id is None
    with work.store.write() as c:
        c.execute(update(tables.pictures).values(leased_until=now - timedelta(seconds=1)))
    assert look_through(work).left == 1


def test_somebody_elses_picture_is_not_finished(work: PictureWork) -> None:
    offered(work, "1", BARE)
    with work.store.write() as c:
        pictures.queue_pictures(c, NIGHT, 1)
        (one,) = pictures.lease_pictures(c, "host:1", NIGHT, 60, 5)
        assert not pictures.save_look(c, one.digest, "host:2", {}, {}, 1, NIGHT)
        assert pictures.count_pictures(c) == {PictureState.WAITING: 1}


def test_near_duplicates_are_noted_as_one_group(work: PictureWork) -> None:
    """The same package smaller and darker, in another shop, and one that shows something else."""
    image = Image.open(io.BytesIO(WHOLE)).resize((500, 500)).point(lambda value: int(value * 0.9))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=70)
    offered(work, "one", WHOLE)
    offered(work, "two", out.getvalue(), shop="店二")
    offered(work, "three", BARE, shop="店三")
    look_through(work)
    with work.store.read() as c:
        rows = dict(c.execute(select(tables.pictures.c.digest, tables.pictures.c.alike)).all())
    whole, darker = (hashlib.sha256(data).hexdigest() for data in (WHOLE, out.getvalue()))
    assert rows[whole] == rows[darker] == min(whole, darker)


def test_a_picture_first_seen_at_an_authorised_users_shop(work: PictureWork) -> None:
    own = offered(work, "1", WHOLE, shop="五常示例米业旗舰店")
    other = offered(work, "2", WHOLE, shop="某某食品店", at=NIGHT + timedelta(days=2))
    look_through(work)
    assert "picture-copied" in models(work, other)
    assert "picture-copied" not in models(work, own)
    (finding,) = picture_findings(work, other)
    assert "“五常示例米业”" in finding.reason
    assert "该店铺商品“五常大米”（1），http://127.0.0.1/goods/1，2026年03月02日首次采集到。" in finding.reason
    with work.store.read() as c:
        first = pictures.first_use(c, hashlib.sha256(WHOLE).hexdigest())
    assert first and (first.item_id, first.file) == ("1", "1-0.jpg")


def test_who_showed_a_picture_first_hangs_on_the_page_not_on_when_the_picture_was_fetched(work: PictureWork) -> None:
    """Pictures of the newest listings are fetched first."""
    other = offered(work, "2", WHOLE, shop="某某食品店", at=NIGHT + timedelta(hours=2))
    own = offered(work, "1", WHOLE, shop="五常示例米业旗舰店", fetched=timedelta(hours=3))
    look_through(work)
    assert "picture-copied" in models(work, other)
    assert "picture-copied" not in models(work, own)


def test_a_copy_makes_no_lead_of_its_own_and_waits_for_one(work: PictureWork) -> None:
    """The screener flags 五常; what it clears is looked at, too."""
    plain = PictureWork(work.store, work.evidence_dir, work.looker, ClearingScreener())
    offered(plain, "1", WHOLE, shop="五常示例米业旗舰店")
    other = offered(plain, "2", WHOLE, shop="某某食品店", at=NIGHT + timedelta(days=2))
    look_through(plain)
    assert leads_of(plain, other) == []
    offered(work, "2", title="五常大米 新米", shop="某某食品店", at=NIGHT + timedelta(days=3))
    assert models(work, other) == ["M01", "picture-copied"]


def test_the_same_reason_is_told_once_with_all_its_pictures(work: PictureWork) -> None:
    second = package("东北大米 10kg")
    listing = offered(work, "1", BARE, second)
    look_through(work)
    (finding, *_) = picture_findings(work, listing)
    every = [one.reason for one in picture_findings(work, listing)]
    assert len(every) == len(set(every))
    assert set(finding.place.key.split()) == {hashlib.sha256(data).hexdigest()[:12] for data in (BARE, second)}


def test_a_run_that_is_stopped_gives_back_what_it_took(work: PictureWork) -> None:
    offered(work, "1", BARE)
    offered(work, "2", WHOLE, NAMED)

    def stop(seen: int, refused: int) -> None:
        raise KeyboardInterrupt

    done = look_through(work, progress=stop)
    assert (done.seen, done.waiting, done.is_whole) == (1, 2, False)
    with work.store.read() as c:
        assert pictures.count_taken(c, datetime.now(UTC)) == 0
        assert runs.latest_runs(c, kind=KIND)[0].state is RunState.INTERRUPTED
        tries = c.execute(select(tables.pictures.c.attempts).where(tables.pictures.c.state == PictureState.WAITING))
        assert set(tries.scalars()) == {0}, "being stopped is no try"
    again = look_through(work)
    assert (again.seen, again.left, again.waiting, again.is_whole) == (2, 1, 0, True)


def test_a_copy_of_a_copy_that_is_not_the_users_picture_is_no_copy_of_it(work: PictureWork) -> None:
    """A group joins what is alike by steps; each picture is compared with the user's own."""
    offered(work, "1", WHOLE, shop="五常示例米业旗舰店")
    offered(work, "2", BARE, shop="某某食品店", at=NIGHT + timedelta(days=2))
    look_through(work)
    whole, bare = (hashlib.sha256(data).hexdigest() for data in (WHOLE, BARE))
    with work.store.write() as c:
        pictures.save_alike(c, [[whole, bare]])
    out = io.BytesIO()
    Image.open(io.BytesIO(BARE)).save(out, "JPEG", quality=80)
    other = offered(work, "3", out.getvalue(), shop="店三", at=NIGHT + timedelta(days=3))
    look_through(work)
    with work.store.read() as c:
        named = c.execute(select(tables.pictures.c.alike)).scalars().all()
    assert named == [min(whole, bare)] * 3
    assert "picture-copied" not in models(work, other)


OF_OLD = {"phash": "0" * 16, "dhash": "0" * 16, "small": "", "size": [8, 8], "corners": "", "descriptors": ""}


def test_what_an_older_look_took_for_copies_is_taken_back(work: PictureWork) -> None:
    own = offered(work, "1", WHOLE, shop="五常示例米业旗舰店")
    other = offered(work, "2", BARE, shop="某某食品店", at=NIGHT + timedelta(days=2))
    look_through(work)
    whole, bare = (hashlib.sha256(data).hexdigest() for data in (WHOLE, BARE))
    wrong = copied_finding("rice", "五常示例米业", NIGHT.date(), REGISTER, bare)
    with work.store.write() as c:
        pictures.save_alike(c, [[whole, bare]])
        pictures.save_added(c, other, Added(notes=(wrong,)))
        c.execute(update(tables.pictures).values(look_version=VERSION - 1, fingerprint=OF_OLD))
    assert look_through(work).seen == 2
    with work.store.read() as c:
        assert pictures.kept_copies(c, other) == []
        assert set(c.execute(select(tables.pictures.c.alike)).scalars()) == {None}
    assert "picture-copied" not in models(work, other) + models(work, own)


def test_what_is_kept_of_a_copy_stays_while_only_other_pictures_are_new(work: PictureWork) -> None:
    offered(work, "1", WHOLE, shop="五常示例米业旗舰店")
    other = offered(work, "2", WHOLE, shop="某某食品店", at=NIGHT + timedelta(days=2))
    look_through(work)
    offered(work, "2", WHOLE, BARE, shop="某某食品店", at=NIGHT + timedelta(days=3))
    assert look_through(work).seen == 1
    assert models(work, other).count("picture-copied") == 1


def test_a_fingerprint_of_another_kind_is_passed_over(work: PictureWork) -> None:
    offered(work, "1", WHOLE)
    look_through(work)
    with work.store.write() as c:
        c.execute(update(tables.pictures).values(fingerprint=OF_OLD))
    offered(work, "2", BARE, shop="店二")
    assert look_through(work).seen == 1


def picture_findings(work: PictureWork, listing_id: int) -> list[Finding]:
    """What pictures say in the listing's leads."""
    with work.store.read() as c:
        rows = c.execute(select(tables.leads.c.id).where(tables.leads.c.listing_id == listing_id)).scalars().all()
        every = [finding for lead_id in rows for finding in load_lead(c, lead_id).findings]
    return [finding for finding in every if finding.family == "picture"]


def reminders(work: PictureWork, listing_id: int) -> set[str]:
    """Models whose findings over the listing are guidance."""
    f = tables.findings.c
    with work.store.read() as c:
        return set(c.execute(select(f.model_id).where(f.listing_id == listing_id, f.reminder)).scalars())


NAMED = package("五常大米", "稻花香 5kg 当季新米")
STRANGE = package("五常大米", f"统一社会信用代码：{STRANGER}", "执行标准 GB/T 19266")


@pytest.mark.parametrize("picture", [BARE, NAMED], ids=["no GI named", "GI named"])
@pytest.mark.parametrize("shop", [{"uscc": CODE}, {"shop": "五常示例米业旗舰店"}], ids=["code", "name"])
def test_in_the_own_shop_of_an_authorised_user_what_is_missing_is_a_reminder(
    work: PictureWork, picture: bytes, shop: dict[str, str]
) -> None:
    own = offered(work, "1", picture, **shop)
    look_through(work)
    assert models(work, own) == ["M01"]
    assert "picture-uscc-absent" in reminders(work, own)


def test_goods_of_an_authorised_user_sold_by_others_lack_what_he_owes(work: PictureWork) -> None:
    resold = offered(work, "1", NAMED, brand="示例米香")
    strange = offered(work, "2", STRANGE, brand="示例米香", shop="店二")
    look_through(work)
    assert models(work, resold) == ["M01"]
    assert "picture-uscc-absent" in reminders(work, resold)
    (doubt,) = picture_findings(work, strange)
    assert doubt.model_id == "picture-uscc-unknown", "a stranger's code speaks against the brand"
    assert [one.code for one in doubt.considered] == ["N07"]


def test_who_sells_an_authorised_users_goods_may_show_his_picture(work: PictureWork) -> None:
    offered(work, "1", WHOLE, shop="五常示例米业旗舰店")
    other = offered(work, "2", WHOLE, shop="某某食品店", brand="示例米香", at=NIGHT + timedelta(days=2))
    look_through(work)
    assert models(work, other) == ["M01"]


def test_an_authorisation_out_of_its_time_was_considered(work: PictureWork) -> None:
    old = offered(work, "1", NAMED, shop="五常旧日米业旗舰店")
    plain = offered(work, "2", NAMED, shop="店二")
    look_through(work)
    assert not reminders(work, old)
    (was, *_), (other, *_) = picture_findings(work, old), picture_findings(work, plain)
    assert was.model_id == other.model_id == "picture-uscc-absent"
    assert "不在有效期内" in was.considered[0].reason
    assert was.confidence < other.confidence


@pytest.mark.parametrize(
    ("said", "origin"),
    [("黑龙江省哈尔滨市五常市", Origin.INSIDE), ("辽宁省沈阳市", Origin.OUTSIDE), ("", Origin.UNKNOWN)],
)
def test_what_pictures_show_is_judged_by_the_origin_that_the_page_states(
    work: PictureWork, said: str, origin: Origin
) -> None:
    listing = offered(work, "1", NAMED, origin=said)
    look_through(work)
    assert {finding.origin for finding in picture_findings(work, listing)} == {origin}


def test_a_shop_found_to_be_an_authorised_users_later_has_reminders_from_then_on(work: PictureWork) -> None:
    other = offered(work, "1", NAMED)
    look_through(work)
    found = picture_findings(work, other)
    clearing = Clearing(code="N20", reason="本人的店铺", decisive=True, gi_id="rice")
    own = Screening(stage=Stage.CLEARED, suspicions=(), clearings=(clearing,), on=NIGHT.date(), register_digest="r1")
    listing = Listing(platform="practice", item_id="1", title="五常大米")
    screening = with_added(own, listing, Added(found=tuple(found)))
    assert (screening.stage, screening.suspicions, screening.reminders) == (Stage.CLEARED, (), tuple(found))


def test_it_is_told_what_a_run_would_look_at(work: PictureWork) -> None:
    def told(version: int = VERSION) -> dict[PictureState, int]:
        with work.store.read() as c:
            return {state: count for state, count in pictures.count_queued(c, version).items() if count}

    assert told() == {}
    offered(work, "1", BARE, WHOLE)
    offered(work, "2", BARE, shop="店二")
    offered(work, "3", NAMED, title="山西小米")
    assert told() == {PictureState.WAITING: 2}, (
        "captured, not queued yet, each once, none that screening does not ask for"
    )
    look_through(work, limit=1)
    assert told() == {PictureState.WAITING: 1, PictureState.SEEN: 1}
    assert told(VERSION + 1) == {PictureState.WAITING: 2}, "those of an older look are looked at again"


def test_the_queue_stops_goes_on_and_reaches_the_lead_on_each_engine(store: Store, tmp_path: Path) -> None:
    work = PictureWork(store, tmp_path, Looker(REGISTER), NameScreener())
    listing = offered(work, "1", b"PK\x03\x04 not a picture", BARE)
    first, second = look_through(work, limit=1), look_through(work)
    assert (first.seen + second.seen, first.refused + second.refused) == (1, 1)
    assert look_through(work).run_id is None
    assert "picture-uscc-absent" in models(work, listing)
    with store.read() as c:
        seen = {p.state: p for p in pictures.pictures_of(c, listing)}
    assert "ZIP" in seen[PictureState.REFUSED].problem
    assert len(seen[PictureState.SEEN].look["marks"][0]["outline"]) >= 8


@pytest.mark.postgres
@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_two_workers_at_the_same_moment_take_different_pictures(store: Store, tmp_path: Path) -> None:
    work = PictureWork(store, tmp_path, Looker(REGISTER), NameScreener())
    offered(work, "1", b"one", b"two")
    with store.write() as c:
        pictures.queue_pictures(c, NIGHT, 1)
    with store.write() as one, store.write() as other:
        (first,) = pictures.lease_pictures(one, "host:1", NIGHT, 60, 1)
        (second,) = pictures.lease_pictures(other, "host:2", NIGHT, 60, 1)
    assert first.digest != second.digest
