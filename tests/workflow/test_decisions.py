"""Decisions in a real store: history, audit and state move together or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from gimonitor.errors import ConflictError, GimonitorError, InputError, NotFoundError
from gimonitor.model.finding import Finding, Place, Score, ScoreTerm, Screening, Stage, Suspicion
from gimonitor.model.lead import Resolution, State
from gimonitor.model.listing import Field, Listing
from gimonitor.store import audit, leads
from gimonitor.store.database import Store, open_store
from gimonitor.store.listings import Observation, save_listings
from gimonitor.workflow import decisions
from gimonitor.workflow.decisions import Actor
from gimonitor.workflow.roles import Role

NOW = datetime(2026, 9, 9, 1, 0, tzinfo=UTC)
WANG = Actor(login="wang", roles=frozenset({Role.OFFICER}))
LI = Actor(login="li", roles=frozenset({Role.OFFICER}))
ZHAO = Actor(login="zhao", roles=frozenset({Role.APPROVER}))


def listing(title: str = "五常大米 10kg", price: int = 4990) -> Listing:
    return Listing(platform="practice", item_id="g003", title=title, price_fen=price, observed_at=NOW)


def screened(offer: Listing) -> Screening:
    finding = Finding(
        model_id="m", model_version=1, family="N1a", gi_id="wuchang", gi_name="五常大米",
        place=Place(field=Field.TITLE, start=0, end=4, text=offer.title[:4]),
        reason="产区外使用名称", clears="产地证明", severity=0.9, confidence=0.8,
    )  # fmt: skip
    score = Score(total=50.0, terms=(ScoreTerm(name="severity", value=0.9, inputs=""),))
    suspicion = Suspicion(gi_id="wuchang", gi_name="五常大米", findings=(finding,), score=score)
    return Screening(
        stage=Stage.FLAGGED, suspicions=(suspicion,), clearings=(), on=date(2026, 9, 9), register_digest="r"
    )


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    with open_store(store_url) as opened:
        with opened.write() as c:
            save_listings(c, [Observation(listing=listing(), screening=screened(listing()))], None)
        yield opened


def test_the_whole_way_is_kept(store: Store) -> None:
    with store.write() as c:
        v = decisions.claim(c, WANG, 1, 1, now=NOW)
        v = decisions.judge(c, WANG, 1, v, Resolution.CONFIRMED, now=NOW, why="产地沈阳")
        v = decisions.approve(c, ZHAO, 1, v, now=NOW)
        v = decisions.send(c, WANG, 1, v, now=NOW, why="平台投诉 P2026-001")
        v = decisions.recheck(c, WANG, 1, v, now=NOW, why="已下架")
        v = decisions.close(c, WANG, 1, v, now=NOW, why="已下架")
    with store.read() as c:
        record = leads.load_lead(c, 1)
        assert (record.lead.state, record.lead.resolution, record.lead.version) == (
            State.CLOSED,
            Resolution.CONFIRMED,
            v,
        )
        assert [d.action for d in record.decisions] == ["claim", "judge", "approve", "send", "recheck", "close"]
        entries = audit.latest_audit(c, 10, obj="lead:1")
        assert [e.action for e in reversed(entries)] == [f"lead.{d.action}" for d in record.decisions]
        assert audit.verify_audit(c) is None


def test_the_loser_learns_who_was_first_and_changes_nothing(store: Store) -> None:
    with store.write() as c:
        decisions.judge(c, WANG, 1, 1, Resolution.FAIR_USE, now=NOW)
    with pytest.raises(ConflictError, match="wang"), store.write() as c:
        decisions.claim(c, LI, 1, 1, now=NOW)
    with store.read() as c:
        assert len(leads.decisions_of(c, 1)) == 2 and audit.audit_head(c)[0] == 2


def test_a_refused_judgement_leaves_no_claim_behind(store: Store) -> None:
    with pytest.raises(InputError), store.write() as c:
        decisions.act(c, WANG, 1, 1, decisions.Action.JUDGE, now=NOW)
    with store.read() as c:
        assert leads.decisions_of(c, 1) == () and leads.load_lead_row(c, 1).claimed_by == ""
        assert audit.audit_head(c)[0] == 0


def test_undo_keeps_both_and_takes_the_claim_on_the_way_back_too(store: Store) -> None:
    with store.write() as c:
        v = decisions.judge(c, WANG, 1, 1, Resolution.CONFIRMED, now=NOW)
        v = decisions.undo(c, WANG, 1, v, now=NOW)
        lead = leads.load_lead_row(c, 1)
        assert (lead.state, lead.resolution, lead.claimed_by) == (State.NEW, None, "")
        assert [d.action for d in leads.decisions_of(c, 1)] == ["claim", "judge", "undo"]
        v = decisions.judge(c, WANG, 1, v, Resolution.CONFIRMED, now=NOW)
        v = decisions.judge(c, WANG, 1, v, Resolution.NEEDS_TEST_PURCHASE, now=NOW)
        v = decisions.undo(c, WANG, 1, v, now=NOW)
        assert leads.load_lead_row(c, 1).resolution is Resolution.CONFIRMED  # the first judgement stands, and its claim


def test_a_claim_of_ones_own_stays_when_the_judgement_is_undone(store: Store) -> None:
    with store.write() as c:
        v = decisions.claim(c, WANG, 1, 1, now=NOW)
        v = decisions.judge(c, WANG, 1, v, Resolution.CONFIRMED, now=NOW)
        v = decisions.undo(c, WANG, 1, v, now=NOW)
        assert leads.load_lead_row(c, 1).claimed_by == "wang"
        decisions.undo(c, WANG, 1, v, now=NOW)
        assert leads.load_lead_row(c, 1).state is State.NEW


def test_a_returned_lead_goes_back_to_who_judged_it(store: Store) -> None:
    with store.write() as c:
        v = decisions.judge(c, WANG, 1, 1, Resolution.CONFIRMED, now=NOW)
        v = decisions.act(c, ZHAO, 1, v, decisions.Action.RETURN, now=NOW, why="请补产地截图")
        lead = leads.load_lead_row(c, 1)
        assert (lead.state, lead.resolution, lead.claimed_by) == (State.CLAIMED, None, "wang")
        decisions.judge(c, WANG, 1, v, Resolution.CONFIRMED, now=NOW, why="已补")


def test_a_listing_that_changes_reopens_a_decided_lead(store: Store) -> None:
    with store.write() as c:
        v = decisions.judge(c, WANG, 1, 1, Resolution.FAIR_USE, now=NOW)
    changed = listing("五常大米 10kg 官方授权")
    with store.write() as c:
        save_listings(c, [Observation(listing=changed, screening=screened(changed))], None)
    with store.read() as c:
        lead = leads.load_lead_row(c, 1)
        assert lead.state is State.NEW and lead.version > v
    with pytest.raises(ConflictError), store.write() as c:
        decisions.undo(c, WANG, 1, lead.version, now=NOW)


def test_many_in_one_transaction_stand_or_fall_together(store: Store) -> None:
    with pytest.raises(GimonitorError), store.write() as c:
        decisions.claim(c, WANG, 1, 1, now=NOW)
        decisions.claim(c, WANG, 2, 1, now=NOW)
    with store.read() as c:
        assert leads.load_lead_row(c, 1).state is State.NEW
        with pytest.raises(NotFoundError):
            leads.load_lead_row(c, 2)
