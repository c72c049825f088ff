"""What figures and bundles are read from, on both engines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from gimonitor.model.lead import Decision, Resolution, State
from gimonitor.model.run import BlockKind, Coverage, RunState
from gimonitor.store import bundles, captures, complaints, figures, identities, leads, listings, people, runs, samples
from gimonitor.store.bundles import SharedLead
from gimonitor.store.captures import Notice, StoredPack
from gimonitor.store.complaints import Complaint
from gimonitor.store.database import Store
from gimonitor.store.listings import Observation
from gimonitor.store.samples import StoredSample, Unit

Observe = Callable[..., Observation]
NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
SPAN = NOW - timedelta(days=1), NOW + timedelta(days=1)
PANJIN = frozenset({"panjin"})


def filled(store: Store, observe: Observe) -> list[int]:
    """Two leads of two GIs; the first confirmed and sent with a pack; a run with a gap."""
    with store.write() as c:
        run_id = runs.start_run(c, "nightly", {}, now=NOW)
        for query, blocked in (("大米", None), ("五常", BlockKind.LOGIN)):
            asked = Coverage(run_id=run_id, source="practice", query=query, seen=3, stored=3, blocked=blocked)
            runs.save_coverage(c, asked, now=NOW)
        runs.finish_run(c, run_id, RunState.PARTIAL, "", now=NOW)
        made = [observe(str(n), gi, observed_at=NOW) for n, gi in enumerate(("wuchang", "panjin"))]
        listings.save_listings(c, made, run_id, now=NOW)
        found = sorted(cell.lead_id for cell, _ in figures.found_between(c, *SPAN))
        first = leads.load_lead_row(c, found[0])
        judged = Decision(
            lead_id=first.id, at=NOW, who="wang", action="judge", state=State.JUDGED, resolution=Resolution.CONFIRMED
        )
        leads.append_decision(c, first.id, first.version, judged)
        pack = StoredPack(kind="push", file="p", sha256="a" * 64, size=1, at=NOW, who="w", lead_ids=(first.id,))
        notice = Notice(lead_id=first.id, channel="platform", sent_at=NOW, who="w", pack_id=captures.save_pack(c, pack))
        captures.save_notice(c, notice)
    return found


def test_what_happened(store: Store, observe: Observe) -> None:
    first, second = filled(store, observe)
    with store.read() as c:
        assert [cell.lead_id for cell, _ in figures.found_between(c, *SPAN, PANJIN)] == [second]
        histories = [(cell.lead_id, len(h)) for cell, h in figures.decided_between(c, *SPAN, ("judge",))]
        assert histories == [(first, 1)] and list(figures.decided_between(c, *SPAN, ("judge",), PANJIN)) == []
        assert [cell.lead_id for cell, _ in figures.decided_on(c, {first, second}, SPAN[1])] == [first]
        sent = figures.reports_between(c, *SPAN)
        assert [(cell.lead_id, kind) for _, cell, kind in sent] == [(first, "push")]
        assert figures.reports_between(c, *SPAN, PANJIN) == []
        assert len(figures.licensed(c, *SPAN)) == 2


def test_what_was_collected(store: Store, observe: Observe) -> None:
    filled(store, observe)
    with store.read() as c:
        night = figures.nights(c, *SPAN)[0]
        assert (night.asked, night.complete, night.blocked, night.cut_off, night.seen) == (2, 1, 1, 0, 6)
        assert [gap.query for gap in figures.gaps(c, *SPAN)] == ["五常"]
        watched = figures.watched(c, *SPAN)
        assert (watched.platforms, watched.listings, watched.complaints, watched.samples_checked) == (1, 2, 0, 0)
        assert figures.nights(c, SPAN[1], SPAN[1] + timedelta(days=1)) == ()


def test_what_comes_later_changes_no_figure_of_before(store: Store, observe: Observe) -> None:
    filled(store, observe)
    came = Complaint(
        kind="complaint", source="citizen", number="", gi_id="wuchang", gi_name="五常大米", text="米不对", url="",
        received_at=NOW, due_on=None, who="wang",
    )  # fmt: skip
    with store.write() as c:
        complaint = complaints.add_complaint(c, came)
        sample = StoredSample(
            kind="listings", name="抽查", plan={}, gi_id="panjin", seed="s", population=1, strata={}, digest="d" * 64,
            previous_id=None, who="wang", at=NOW,
        )  # fmt: skip
        sample_id = samples.add_sample(c, sample, [(Unit(id=1, key="1", stratum="practice"), "")])
        samples.save_result(c, sample_id, 1, result="clean", note="", who="wang", at=NOW)
        told = figures.watched(c, *SPAN)
        later = SPAN[1] + timedelta(days=3)
        complaints.answer_complaint(c, complaint, "wang", "已答复", later)
        listings.save_listings(c, [observe("0", "wuchang", observed_at=later)], None, now=later)
        assert figures.watched(c, *SPAN) == told
        assert (told.complaints, told.complaints_answered, told.samples_checked) == (1, 0, 1)
        rice = figures.watched(c, *SPAN, frozenset({"wuchang"}))
        assert (rice.complaints, rice.samples_checked) == (1, 0), "the sample is another area's"
        assert figures.watched(c, *SPAN, PANJIN).samples_checked == 1


def test_what_others_said_is_kept_once(store: Store, observe: Observe) -> None:
    first, _ = filled(store, observe)
    key = bundles.shared_key("f" * 64, "practice", "0", "wuchang")
    with store.write() as c:
        assert bundles.confirmed_since(c, SPAN[0], (), 9) == [first]
        assert bundles.confirmed_since(c, SPAN[0], (), 9, PANJIN) == []
        assert bundles.lead_over(c, "practice", "0", "wuchang") == first
        for hours in (0, 1):
            said = SharedLead(
                sender="f" * 64, origin="乙局", number=7, lead_id=first, made=NOW + timedelta(hours=hours),
                received_at=NOW, who="wang", bundle="b" * 64, content={"state": "sent"},
            )  # fmt: skip
            bundles.save_shared(c, key, said)
        assert bundles.shared_of(c, first) == (said,) and bundles.said_before(c, key) == said
        assert [one.number for one, _ in bundles.latest_shared(c, 9)] == [7]
        assert bundles.latest_shared(c, 9, PANJIN) == ()


def test_an_identity_is_one_persons(store: Store) -> None:
    with store.write() as c:
        person = people.add_person(c, "chen", "陈", "officer", "", now=NOW)
        identities.add_identity(c, "https://idp.example", "u-1", person, NOW)
        assert identities.login_of(c, "https://idp.example", "u-1") == "chen"
        assert identities.login_of(c, "https://other.example", "u-1") is None
