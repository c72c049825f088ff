"""What officers keep beside leads, on both engines: holds, ignores, areas, complaints, samples, pictures, looks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from gimonitor.errors import ConflictError, NotFoundError
from gimonitor.model.lead import Decision, Resolution, State
from gimonitor.model.listing import Shop
from gimonitor.model.picture import PictureState
from gimonitor.store import (
    captures,
    clocks,
    complaints,
    groups,
    ignores,
    leads,
    listings,
    relisting,
    samples,
    sellers,
    tables,
)
from gimonitor.store.complaints import Complaint
from gimonitor.store.database import Store
from gimonitor.store.listings import Observation
from gimonitor.store.queue import QueueFilter
from gimonitor.store.samples import StoredSample

Observe = Callable[..., Observation]
NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
MORNING = timedelta(days=1)


@pytest.fixture
def filled(store: Store, observe: Observe) -> Store:
    """Four offers of one person over two GIs, one offer of another shop with the title of the first."""
    with store.write() as c:
        listings.save_listings(c, [observe(str(n), "wuchang" if n < 3 else "panjin") for n in range(4)], None)
        other = Shop(name="新店", shop_id="s2")
        listings.save_listings(c, [observe("9", "wuchang", shop=other, observed_at=NOW)], None)
    return store


def decide(store: Store, lead_id: int, version: int, action: str, state: State, **detail: object) -> None:
    decision = Decision(
        lead_id=lead_id, at=NOW, who="wang", action=action, state=state, resolution=None, why="", detail=detail
    )
    with store.write() as c:
        leads.append_decision(c, lead_id, version, decision)


def count(store: Store, **wanted: object) -> int:
    with store.read() as c:
        asked = QueueFilter(**wanted)  # type: ignore[arg-type]
        assert len(leads.queue_page(c, asked).rows) == leads.count_leads(c, asked)
        return leads.count_leads(c, asked)


def test_an_area_bounds_every_question(filled: Store) -> None:
    assert count(filled) == 5
    assert count(filled, within=frozenset({"panjin"})) == 1
    assert count(filled, within=frozenset({"panjin"}), gi_ids=("wuchang",)) == 0
    assert count(filled, within=frozenset(), states=(State.NEW,)) == 0
    assert count(filled, within=frozenset({"panjin", "wuchang"}), states=(State.NEW,), platforms=("practice",)) == 5
    with filled.read() as c:
        assert groups.load_groups(c, (State.NEW,), 9, awake_at=NOW, within=frozenset({"panjin"})) == ()
        assert [g.leads for g in groups.load_groups(c, (State.NEW,), 9, awake_at=NOW)] == [4]


def test_a_hold_ends_with_its_day_or_with_an_act(filled: Store) -> None:
    decide(filled, 1, 1, "hold", State.NEW, until=(NOW + MORNING).isoformat())
    decide(filled, 2, 1, "hold", State.NEW, until="9999-12-31T00:00:00+00:00")
    assert (count(filled, awake_at=NOW), count(filled, held_at=NOW)) == (3, 2)
    assert count(filled, awake_at=NOW + 2 * MORNING) == 4
    decide(filled, 2, 2, "ask", State.NEW)
    assert count(filled, held_at=NOW) == 2
    decide(filled, 2, 3, "reply", State.NEW)
    assert count(filled, held_at=NOW) == 1


def test_what_is_suspected_anew_is_no_longer_held(filled: Store, observe: Observe) -> None:
    decide(filled, 1, 1, "hold", State.NEW, until="9999-12-31T00:00:00+00:00")
    with filled.write() as c:
        changed = observe("0", "wuchang", title="正宗五常大米 新米", observed_at=NOW)
        listings.save_listings(c, [changed], None)
    assert count(filled, held_at=NOW) == 0


def test_ignores_by_person_and_by_shop(filled: Store) -> None:
    with filled.write() as c:
        lead, other = leads.load_lead_row(c, 1), leads.load_lead_row(c, 5)
        assert lead.shop_id and other.shop_id
        subject = groups.subject_of(c, lead.shop_id)
        assert groups.subject_of(c, other.shop_id) is None
        rule = {"gi_id": "wuchang", "gi_name": "五常大米", "owner": "wang", "why": "核实", "now": NOW}
        one = ignores.add_ignore(c, subject_id=subject, shop_id=None, until=date(2026, 3, 5), **rule)  # type: ignore[arg-type]
        ignores.add_ignore(c, subject_id=None, shop_id=other.shop_id, until=date(2026, 3, 2), **rule)  # type: ignore[arg-type]
    assert count(filled, awake_at=NOW) == 1  # the person's rice of another GI
    assert count(filled, awake_at=NOW + MORNING) == 2  # the second rule was over at midnight in Beijing
    with filled.write() as c:
        assert [r.seller for r in ignores.list_ignores(c, running_on=date(2026, 3, 2))] == ["新店", "示例商贸有限公司"]
        assert ignores.list_ignores(c, within=frozenset({"panjin"})) == []
        assert len(ignores.ignores_of(c, lead.shop_id, "wuchang", date(2026, 3, 2))) == 1
        ignores.end_ignore(c, one, "li", NOW)
        with pytest.raises(NotFoundError):
            ignores.end_ignore(c, one, "li", NOW)
    assert count(filled, awake_at=NOW + MORNING) == 5


def test_complaints_and_their_leads(filled: Store) -> None:
    given = Complaint(
        kind="report", source="hotline", number="1", gi_id="wuchang", gi_name="五常大米", text="假\x00米", url="",
        received_at=NOW, due_on=date(2026, 3, 9), who="wang",
    )  # fmt: skip
    with filled.write() as c:
        made = complaints.add_complaint(c, given)
        complaints.link_lead(c, made, 1)
        complaints.link_lead(c, made, 1)
        assert [lead.id for lead in complaints.leads_of_complaint(c, made)] == [1]
        assert [one.text for one in complaints.complaints_of_lead(c, 1)] == ["假\ufffd米"]
        assert len(complaints.list_complaints(c, is_open=True, within=frozenset({"wuchang"}))) == 1
        assert complaints.list_complaints(c, is_open=True, within=frozenset({"panjin"})) == []
        complaints.answer_complaint(c, made, "li", "已处理", NOW)
        with pytest.raises(ConflictError):
            complaints.answer_complaint(c, made, "wang", "再答", NOW)


def test_samples_and_their_items(filled: Store) -> None:
    day = timedelta(days=9)
    with filled.write() as c:
        units = list(
            samples.listing_units(c, text="五常大米", platforms=("practice",), since=NOW - day, until=NOW + day)
        )
        assert len(units) == 5
        sellers_ = samples.seller_units(
            c, platforms=(), since=NOW - day, until=NOW + day, within=frozenset({"wuchang"})
        )
        assert len(list(sellers_)) == 2
        sample = StoredSample(
            kind="listings", name="抽", plan={"size": 5}, gi_id="wuchang", seed="s", population=5,
            strata={"practice": 5}, digest="d" * 64, previous_id=None, who="wang", at=NOW,
        )  # fmt: skip
        made = samples.add_sample(c, sample, [(unit, "") for unit in units])
        samples.save_result(c, made, 1, result="clean", note="", who="wang", at=NOW)
        assert [(drawn, done) for _, drawn, done in samples.list_samples(c)] == [(5, 1)]
        assert samples.list_samples(c, frozenset({"panjin"})) == []
        assert samples.items_of(c, made)[0].result == "clean"
        with pytest.raises(NotFoundError):
            samples.save_result(c, made, 6, result="clean", note="", who="wang", at=NOW)


def test_pages_to_look_at_and_answers_that_are_waited_for(filled: Store) -> None:
    for lead_id in range(1, 6):
        decide(filled, lead_id, 1, "send", State.SENT, look_on=f"2026-03-0{lead_id + 2}")
        with filled.write() as c:
            notice = captures.Notice(lead_id=lead_id, channel="transfer", sent_at=NOW, who="wang", due_at=NOW + MORNING)
            captures.save_notice(c, notice)
    with filled.write() as c:
        assert [one.lead_id for one in clocks.looks_due(c, (State.SENT,), date(2026, 3, 5), 9)] == [1, 2, 3]
        assert len(clocks.looks_due(c, (State.SENT,), date(2026, 3, 9), 9, frozenset({"panjin"}))) == 1
        assert len(clocks.notices_without_receipt(c, "transfer", NOW + MORNING, 9)) == 5
        clocks.change_notice(c, 1, receipt="R-1")
        clocks.change_notice(c, 2, withdrawn_at=NOW)
        assert len(clocks.notices_without_receipt(c, "transfer", NOW + MORNING, 9)) == 3
        assert [one.notice_id for one in clocks.open_notices(c)] == [1, 3, 4, 5]
        rice = {row.id for row in leads.queue_page(c, QueueFilter(gi_ids=("wuchang",))).rows}
        due = clocks.unanswered_notices(c, NOW + 9 * MORNING, 9, frozenset({"wuchang"}))
        assert {notice.lead_id for notice, _ in due} == rice - {2}
        assert len(clocks.all_notices(c, NOW, "transfer")) == 5
        assert len(clocks.looks_between(c, NOW, NOW + MORNING, "send")) == 5
    decide(filled, 1, 2, "close", State.CLOSED)
    with filled.read() as c:
        assert leads.load_lead_row(c, 1).look_on is None


def test_one_picture_of_two_sellers(filled: Store) -> None:
    with filled.write() as c:
        picture = {"file": "x", "state": PictureState.SEEN, "attempts": 1, "owner": "", "look_version": 1, "look": {}}
        picture |= {"fingerprint": {}, "problem": "", "queued_at": NOW}
        c.execute(tables.pictures.insert().values(digest="a" * 64, **picture))
        for lead_id in (1, 5):
            listing_id = leads.load_lead_row(c, lead_id).listing_id
            c.execute(tables.picture_uses.insert().values(listing_id=listing_id, digest="a" * 64, url="u", at=NOW))
    with filled.read() as c:
        found = groups.load_picture_groups(c, (State.NEW,), 9, awake_at=NOW)
        assert [(g.leads, g.shops) for g in found] == [(2, 2)]
        assert [r.same for r in relisting.relisted_as(c, leads.load_lead(c, 1))] == [("title", "picture")]
    assert count(filled, picture="a" * 64) == 2


def test_the_profile_of_a_seller(filled: Store) -> None:
    with filled.write() as c:
        judged = Decision(
            lead_id=1, at=NOW, who="w", action="judge", state=State.JUDGED, resolution=Resolution.CONFIRMED, why="x"
        )
        leads.append_decision(c, 1, 1, judged)
        profile = sellers.load_profile(c, groups.GroupKind.SUBJECT, 1)
        bounded = sellers.load_profile(c, groups.GroupKind.SUBJECT, 1, frozenset({"panjin"}))
    assert (profile.uscc, [s.leads for s in profile.shops], len(profile.events)) == ("91230184MA1XXXXXX0", [4], 1)
    assert ([s.leads for s in bounded.shops], bounded.events) == ([1], ())
