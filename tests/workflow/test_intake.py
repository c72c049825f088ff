"""Taking a batch in: screened with what is known of the seller, stored once, tried again when the store is lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Connection, insert, select

from gimonitor.errors import StoreUnreachableError
from gimonitor.evidence.sealed import Sealed
from gimonitor.model.finding import Finding, History, Place, Score, Screening, Stage, Suspicion
from gimonitor.model.lead import Decision, Resolution, State
from gimonitor.model.listing import Field, Listing, Shop, Subject
from gimonitor.store import tables
from gimonitor.store.captures import captures_of
from gimonitor.store.database import Store
from gimonitor.store.leads import append_decision
from gimonitor.store.listings import mark_gone
from gimonitor.store.loading import load_listing
from gimonitor.store.runs import start_run
from gimonitor.workflow.intake import take_in, take_screened
from gimonitor.workflow.vocabulary import Answer

NIGHT = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)


class NameScreener:
    """Suspects every title that holds 五常, and remembers what it was told of each seller."""

    def __init__(self) -> None:
        self.told: dict[str, History | None] = {}

    def screen_all(
        self, listings: Sequence[Listing], on: date, histories: Sequence[History | None] = ()
    ) -> list[Screening]:
        return [self.screen(one, on, history) for one, history in zip(listings, histories, strict=True)]

    def screen(self, listing: Listing, on: date, history: History | None = None) -> Screening:
        self.told[listing.item_id] = history
        at = listing.title.find("五常")
        if at < 0:
            return Screening(stage=Stage.NO_NAME, suspicions=(), clearings=(), on=on, register_digest="r1")
        finding = Finding(
            model_id="M01",
            model_version=1,
            family="name",
            gi_id="wuchang",
            gi_name="五常大米",
            place=Place(field=Field.TITLE, start=at, end=at + 2, text="五常"),
            reason="标题使用“五常”",
            clears="核准文件",
            severity=0.5,
            confidence=0.5,
        )
        score = Score(total=25.0 + (history.confirmed if history else 0), terms=())
        suspicion = Suspicion(gi_id="wuchang", gi_name="五常大米", findings=(finding,), score=score)
        return Screening(stage=Stage.FLAGGED, suspicions=(suspicion,), clearings=(), on=on, register_digest="r1")


def offer(item_id: str, title: str = "五常大米", shop_id: str = "1", uscc: str = "") -> Listing:
    subject = Subject(name="公司", uscc=uscc) if uscc else None
    shop = Shop(name=f"店{shop_id}", shop_id=shop_id, subject=subject)
    return Listing(platform="practice", item_id=item_id, title=title, shop=shop, observed_at=NIGHT)


def take(store: Store, *listings: Listing, screener: NameScreener | None = None) -> NameScreener:
    screener = screener or NameScreener()
    take_in(store, screener, [(one, None) for one in listings], None, NIGHT.date())
    return screener


def test_a_batch_is_screened_sealed_and_stored(store: Store) -> None:
    sealed = Sealed(file="a.warc.gz", offset=1, length=2, sha256="a" * 64, url="http://127.0.0.1/1", at=NIGHT)
    with store.write() as c:
        run_id = start_run(c, "nightly", {})
    pairs = [(offer(str(i), "五常大米" if i % 2 else "苹果"), sealed) for i in range(1_100)]
    saved = take_in(store, NameScreener(), pairs, run_id, NIGHT.date())
    assert (saved.new, saved.leads_new, saved.unchanged) == (1_100, 550, 0)
    again = take_in(store, NameScreener(), pairs, run_id, NIGHT.date())
    assert (again.new, again.changed, again.unchanged, again.leads_new, again.leads_updated) == (0, 0, 1_100, 0, 0)
    with store.read() as c:
        assert captures_of(c, load_listing(c, "practice", "7").id)[0].run_id == run_id


def test_the_screener_is_told_of_the_sellers_other_leads(store: Store) -> None:
    take(store, offer("1", uscc="91A"), offer("2", shop_id="2", uscc="91A"), offer("3", shop_id="3"))
    with store.write() as c:
        for lead in c.execute(select(tables.leads)).all():
            made = Decision(
                lead_id=lead.id,
                at=NIGHT,
                who="zhang",
                action="judge",
                state=State.JUDGED,
                resolution=Resolution.CONFIRMED,
            )
            append_decision(c, lead.id, 1, made)
        gone = load_listing(c, "practice", "2").id
        mark_gone(c, gone, NIGHT)
        penalised = c.execute(select(tables.leads.c.id).where(tables.leads.c.listing_id == gone)).scalar_one()
        sent = {"channel": "post", "sent_at": NIGHT, "who": "zhang", "receipt": "", "detail": {}}
        c.execute(insert(tables.notices).values(lead_id=penalised, answer=Answer.PENALTY, **sent))
    told = take(
        store, offer("1", uscc="91A"), offer("9", shop_id="2"), offer("3", shop_id="3"), offer("4", shop_id="4")
    ).told
    assert told["1"] == History(leads=1, confirmed=1, removals=1, penalties=1), "its own lead does not count"
    assert told["9"] == History(leads=2, confirmed=2, removals=1, penalties=1), "another shop of the same legal person"
    assert told["3"] == told["4"] == History()


def test_what_is_known_moves_the_score_and_settles_down(store: Store) -> None:
    take(store, offer("1"), offer("2"))
    with store.write() as c:
        lead = c.execute(select(tables.leads).limit(1)).one()
        made = Decision(
            lead_id=lead.id, at=NIGHT, who="z", action="judge", state=State.JUDGED, resolution=Resolution.CONFIRMED
        )
        append_decision(c, lead.id, 1, made)
    take(store, offer("1"), offer("2"))
    with store.read() as c:
        assert sorted(c.execute(select(tables.leads.c.score)).scalars()) == [25.0, 26.0]
        assert len(c.execute(select(tables.screenings)).all()) == 2, "a score alone is no new screening"


def test_rows_screened_before_are_screened_again_where_what_is_known_weighs(store: Store) -> None:
    take(store, offer("1"), offer("2"))
    with store.write() as c:
        lead = c.execute(select(tables.leads).limit(1)).one()
        made = Decision(
            lead_id=lead.id, at=NIGHT, who="z", action="judge", state=State.JUDGED, resolution=Resolution.CONFIRMED
        )
        append_decision(c, lead.id, 1, made)
    offers, again = [offer("1"), offer("2"), offer("3", "苹果")], NameScreener()
    blind = NameScreener()
    take_screened(store, again, [(one, blind.screen(one, NIGHT.date())) for one in offers], None, NIGHT.date())
    assert list(again.told) == ["2"], "neither the confirmed one itself nor what nobody suspects"
    with store.read() as c:
        assert sorted(c.execute(select(tables.leads.c.score)).scalars()) == [25.0, 26.0]


def test_a_store_lost_in_the_middle_gets_the_batch_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    failures = iter((True, True, False))
    write = store.write

    @contextmanager
    def shaky(_self: Store) -> Iterator[Connection]:
        with write() as c:
            yield c
            if next(failures):
                raise StoreUnreachableError("lost before the commit")

    monkeypatch.setattr(Store, "write", shaky)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    saved = take_in(store, NameScreener(), [(offer("1"), None)], None, NIGHT.date())
    assert (saved.new, saved.leads_new) == (1, 1)


def test_a_store_that_stays_away_is_said_so(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def gone(_self: Store) -> Iterator[Connection]:
        raise StoreUnreachableError("gone")
        yield

    monkeypatch.setattr(Store, "write", gone)
    monkeypatch.setattr("gimonitor.store.database.WORK_TRIES", 1)
    with pytest.raises(StoreUnreachableError):
        take_in(store, NameScreener(), [(offer("1"), None)], None, NIGHT.date())
