"""Leads: raised, decided, raised again; the queue, its filters, its search."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, select

from gimonitor.errors import ConflictError, NotFoundError, StoreError
from gimonitor.model.lead import Decision, Resolution, State
from gimonitor.model.listing import Shop, Subject
from gimonitor.store import tables
from gimonitor.store.captures import Notice, StoredCapture, StoredPack, packs_of, save_capture, save_notice, save_pack
from gimonitor.store.database import Store
from gimonitor.store.leads import (
    QueueFilter,
    append_decision,
    count_leads,
    decisions_of,
    load_lead,
    load_lead_row,
    queue_page,
)
from gimonitor.store.listings import Observation, Saved, mark_gone, save_listings
from gimonitor.store.loading import load_listing

DAY = timedelta(days=1)


def save(store: Store, *observations: Observation) -> Saved:
    with store.write() as c:
        return save_listings(c, observations, None)


def only_lead(store: Store) -> int:
    with store.read() as c:
        return c.execute(select(tables.leads.c.id)).scalar_one()


def decide(
    store: Store, lead_id: int, action: str, state: State, resolution: Resolution | None = None, who: str = "zhang"
) -> int:
    with store.write() as c:
        lead = load_lead_row(c, lead_id)
        made = Decision(
            lead_id=lead_id, at=lead.updated_at, who=who, action=action, state=state, resolution=resolution, why="看过"
        )
        return append_decision(c, lead_id, lead.version, made)


def settle(store: Store, resolution: Resolution = Resolution.FAIR_USE, state: State = State.JUDGED) -> int:
    lead_id = only_lead(store)
    decide(store, lead_id, "claim", State.CLAIMED)
    decide(store, lead_id, "judge", state, resolution)
    return lead_id


def state_of(store: Store, lead_id: int) -> tuple[State, Resolution | None]:
    with store.read() as c:
        lead = load_lead_row(c, lead_id)
        return lead.state, lead.resolution


def test_a_lead_carries_everything_about_it(store: Store, observe, night: datetime) -> None:
    save(store, observe("1", "wuchang", "panjin"))
    with store.write() as c:
        lead_id = c.execute(select(tables.leads.c.id).where(tables.leads.c.gi_id == "wuchang")).scalar_one()
        listing_id = load_listing(c, "practice", "1").id
        shot = StoredCapture(
            listing_id=listing_id, lead_id=lead_id, kind="screenshot", file="ab/cd.png", sha256="b" * 64, at=night
        )
        assert save_capture(c, shot) == save_capture(c, shot)
        pack = StoredPack(
            kind="complaint", file="p.zip", sha256="c" * 64, size=9, at=night, who="li", lead_ids=(lead_id,)
        )
        pack_id = save_pack(c, pack)
        assert save_pack(c, pack) == pack_id
        save_notice(
            c, Notice(lead_id=lead_id, pack_id=pack_id, channel="practice", sent_at=night, who="li", receipt="R-1")
        )
    with store.read() as c:
        record = load_lead(c, lead_id)
        assert packs_of(c, lead_id)[0].lead_ids == (lead_id,)
    assert [f.gi_id for f in record.findings] == ["wuchang"]
    assert record.findings[0].place.text == "五常大米"
    assert record.lead.score.terms[0].name == "severity"
    assert record.listing.listing == record.suspected
    assert [capture.kind for capture in record.captures] == ["response", "screenshot"]
    assert (record.lead.state, record.lead.resolution, record.lead.version) == (State.NEW, None, 1)
    assert record.notices[0].receipt == "R-1"


def test_decisions_are_appended_and_the_lead_follows(store: Store, observe) -> None:
    save(store, observe("1", "wuchang"))
    lead_id = settle(store, Resolution.CONFIRMED)
    with store.read() as c:
        assert [(d.action, d.state, d.resolution) for d in decisions_of(c, lead_id)] == [
            ("claim", State.CLAIMED, None),
            ("judge", State.JUDGED, Resolution.CONFIRMED),
        ]
        lead = load_lead_row(c, lead_id)
    assert (lead.claimed_by, lead.version) == ("zhang", 3)


def test_a_decision_on_an_older_state_is_refused_and_says_who_was_first(store: Store, observe, night: datetime) -> None:
    save(store, observe("1", "wuchang"))
    lead_id = only_lead(store)
    decide(store, lead_id, "claim", State.CLAIMED, who="wang")
    late = Decision(lead_id=lead_id, at=night, who="li", action="claim", state=State.CLAIMED, resolution=None)
    with pytest.raises(ConflictError, match="wang"), store.write() as c:
        append_decision(c, lead_id, 1, late)
    with pytest.raises(NotFoundError), store.write() as c:
        append_decision(c, 999, 1, late)
    with store.read() as c:
        assert len(decisions_of(c, lead_id)) == 1


@pytest.mark.parametrize("table", ["decisions", "audit"])
@pytest.mark.parametrize("change", ["UPDATE {} SET who = 'nobody'", "DELETE FROM {}"])
def test_what_is_append_only_refuses_changes(store: Store, observe, night: datetime, table: str, change: str) -> None:
    save(store, observe("1", "wuchang"))
    settle(store)
    with store.write() as c:
        c.execute(
            insert(tables.audit).values(
                id=1, at=night, who="x", action="y", object="z", detail={}, previous="", hash="h"
            )
        )
    with pytest.raises(StoreError, match="append-only"), store.write() as c:
        c.exec_driver_sql(change.format(table))


def test_a_settled_lead_comes_back_when_the_seller_changes_words(store: Store, observe, night: datetime) -> None:
    save(store, observe("1", "wuchang"))
    lead_id = settle(store)
    assert save(store, observe("1", "wuchang", title="五常大米 正宗", observed_at=night + DAY)).leads_updated == 1
    assert state_of(store, lead_id) == (State.NEW, None)
    with store.read() as c:
        last = decisions_of(c, lead_id)[-1]
        lead = load_lead(c, lead_id)
    assert (last.who, last.action, last.state) == ("system", "reopen", State.NEW)
    assert lead.lead.claimed_by == "" and lead.suspected.title == "五常大米 正宗"


def test_a_price_or_a_score_brings_no_lead_back(store: Store, observe, make_screening, night: datetime) -> None:
    save(store, observe("1", "wuchang"))
    lead_id = settle(store)
    dearer = observe("1", price_fen=9990, observed_at=night + DAY, screening=make_screening("wuchang", total=80.0))
    assert save(store, dearer) == Saved(changed=1)
    assert state_of(store, lead_id) == (State.JUDGED, Resolution.FAIR_USE)
    with store.read() as c:
        lead = load_lead_row(c, lead_id)
    assert lead.score.total == 80.0 and lead.version == 3, "the score follows; what a person saw did not move"


def test_other_findings_bring_a_settled_lead_back(store: Store, observe, make_screening, night: datetime) -> None:
    save(store, observe("1", "wuchang"))
    lead_id = settle(store)
    save(
        store,
        observe("1", screening=make_screening("wuchang", reason="新的理由", register="r2"), observed_at=night + DAY),
    )
    assert state_of(store, lead_id) == (State.NEW, None)


def test_a_sent_lead_stays_sent_and_is_told_of_the_change(store: Store, observe, night: datetime) -> None:
    save(store, observe("1", "wuchang"))
    lead_id = settle(store, Resolution.CONFIRMED, State.SENT)
    save(store, observe("1", "wuchang", title="改过的 五常大米", observed_at=night + DAY))
    assert state_of(store, lead_id) == (State.SENT, Resolution.CONFIRMED)
    with store.read() as c:
        assert load_lead_row(c, lead_id).version == 4


def test_a_new_lead_that_is_no_longer_raised_leaves_the_queue_and_comes_back(
    store: Store, observe, night: datetime
) -> None:
    save(store, observe("1", "wuchang"))
    lead_id = only_lead(store)
    save(store, observe("1", title="大米", observed_at=night + DAY))
    assert state_of(store, lead_id) == (State.CLOSED, None)
    save(store, observe("1", "wuchang", observed_at=night + 2 * DAY))
    assert state_of(store, lead_id) == (State.NEW, None)
    with store.read() as c:
        assert [d.action for d in decisions_of(c, lead_id)] == ["close", "reopen"]


def test_a_claimed_lead_stays_with_its_officer_when_the_suspicion_goes(store: Store, observe, night: datetime) -> None:
    save(store, observe("1", "wuchang"))
    lead_id = only_lead(store)
    decide(store, lead_id, "claim", State.CLAIMED)
    save(store, observe("1", title="大米", observed_at=night + DAY))
    with store.read() as c:
        record = load_lead(c, lead_id)
    assert record.lead.state is State.CLAIMED and not record.lead.raised
    assert record.suspected.title == "五常大米 5kg 东北大米" and record.listing.listing.title == "大米"


def test_a_gone_page_that_is_back_reopens_its_lead(store: Store, observe, night: datetime) -> None:
    save(store, observe("1", "wuchang"))
    lead_id = settle(store, Resolution.PAGE_GONE, State.CLOSED)
    with store.write() as c:
        mark_gone(c, load_listing(c, "practice", "1").id, night)
    save(store, observe("1", "wuchang", observed_at=night + DAY))
    assert state_of(store, lead_id) == (State.NEW, None)


# --- the queue ------------------------------------------------------------------------------------------------------


@pytest.fixture
def full_queue(store: Store, observe, make_screening) -> Store:
    """60 leads over three GIs, two platforms and two sellers, scores 0 … 59 with ties."""
    one = Shop(name="甲店", shop_id="1", subject=Subject(name="甲公司", uscc="91A"))
    two = Shop(name="阳澄湖大闸蟹乙店", shop_id="2")
    save(
        store,
        *(
            observe(
                str(i),
                title=f"第{i}号 {('五常大米', '陽澄湖大閘蟹', '金华火腿')[i % 3]}",
                platform=("practice", "other")[i % 2],
                shop=one if i < 20 else two,
                screening=make_screening(("wuchang", "yangcheng", "jinhua")[i % 3], total=float(i // 2 * 2)),
            )
            for i in range(60)
        ),
    )
    return store


def walk(store: Store, wanted: QueueFilter, limit: int = 7) -> list[tuple[float, int]]:
    seen: list[tuple[float, int]] = []
    after = None
    with store.read() as c:
        while True:
            page = queue_page(c, wanted, after, limit)
            seen += [(row.score, row.id) for row in page.rows]
            if page.next is None:
                return seen
            after = page.next


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (QueueFilter(), 60),
        (QueueFilter(states=(State.NEW,)), 60),
        (QueueFilter(states=(State.CLAIMED, State.JUDGED)), 0),
        (QueueFilter(states=(State.NEW, State.CLAIMED), gi_ids=("wuchang", "jinhua")), 40),
        (QueueFilter(gi_ids=("wuchang",), platforms=("other",)), 10),
        (QueueFilter(platforms=("practice",)), 30),
        (QueueFilter(claimed_by=""), 60),
        (QueueFilter(claimed_by="zhang"), 0),
        (QueueFilter(resolutions=(Resolution.CONFIRMED,)), 0),
        (QueueFilter(text="阳澄湖"), 47),  # 40 by the name of the shop, 7 more by the title
        (QueueFilter(text="大闸蟹 第1号"), 1),
        (QueueFilter(text="腿"), 20),
        (QueueFilter(text="常大"), 20),
        (QueueFilter(text="大常"), 0),
        (QueueFilter(text="'); DROP TABLE leads; -- \" * NEAR"), 0),
        (QueueFilter(text="“”"), 0),
        (QueueFilter(raised=True), 60),
        (QueueFilter(raised=False), 0),
    ],
)
def test_a_walk_through_the_queue_meets_each_lead_once_by_falling_score(
    full_queue: Store, wanted: QueueFilter, expected: int
) -> None:
    seen = walk(full_queue, wanted)
    assert len(seen) == len(set(seen)) == expected
    assert seen == sorted(seen, reverse=True)
    with full_queue.read() as c:
        assert count_leads(c, wanted) == expected
        assert count_leads(c, wanted, cap=5) == min(5, expected)


def test_the_queue_shows_what_a_list_needs(full_queue: Store) -> None:
    with full_queue.read() as c:
        row = queue_page(c, QueueFilter(), limit=1).rows[0]
        subject = c.execute(select(tables.subjects.c.id)).scalar_one()
        assert count_leads(c, QueueFilter(subject_id=subject)) == 20
        assert count_leads(c, QueueFilter(shop_id=row.shop_id)) == 20
    assert row.title in ("第58号 陽澄湖大閘蟹", "第59号 金华火腿")
    assert (row.shop_name, row.score) == ("阳澄湖大闸蟹乙店", 58.0)
    assert row.reason and row.state is State.NEW


def test_a_renamed_listing_is_found_by_its_new_name_only(store: Store, observe, night: datetime) -> None:
    save(store, observe("1", "wuchang"))
    save(store, observe("1", "wuchang", title="御贡香米", observed_at=night + DAY))
    with store.read() as c:
        assert count_leads(c, QueueFilter(text="御贡")) == 1
        assert count_leads(c, QueueFilter(text="五常")) == 0


def test_no_decision_is_lost_between_threads(store: Store, observe, night: datetime) -> None:
    """Eight officers decide at once, each on what it read in the same unit of work: every success is a row."""
    save(store, observe("1", "wuchang"))
    lead_id = only_lead(store)
    won, refused = [], []

    def officer(name: str) -> None:
        for _ in range(20):
            try:
                with store.read() as c:
                    seen = load_lead_row(c, lead_id).version
                made = Decision(
                    lead_id=lead_id, at=night, who=name, action="claim", state=State.CLAIMED, resolution=None
                )
                with store.write() as c:
                    won.append(append_decision(c, lead_id, seen, made))
            except ConflictError:
                refused.append(name)

    threads = [threading.Thread(target=officer, args=(f"o{i}",)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as c:
        made = decisions_of(c, lead_id)
        lead = load_lead_row(c, lead_id)
    assert len(won) + len(refused) == 160 and refused
    assert len(set(won)) == len(won) == len(made) == lead.version - 1
    assert lead.claimed_by == made[-1].who
