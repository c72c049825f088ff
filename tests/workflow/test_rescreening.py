"""Stored listings screened again: only those a change can touch, their leads by the usual way, through any kill."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from gimonitor.cli.rescreen import app
from gimonitor.errors import ConflictError, PartialError
from gimonitor.model.lead import Decision, Resolution, State
from gimonitor.model.listing import Listing, Shop
from gimonitor.model.register import AuthorisedUser, Basis, Certainty, Fact, Register
from gimonitor.model.run import RunState
from gimonitor.register import load_register
from gimonitor.screening import Screener
from gimonitor.store import runs, tables
from gimonitor.store.database import Store
from gimonitor.store.grams import count_unindexed
from gimonitor.store.leads import append_decision, load_lead_row
from gimonitor.store.registers import remember_register, standing_of
from gimonitor.store.rescreened import RULES_CHANGED, ChangeKind, GITally, load_changes
from gimonitor.workflow import rescreen_plan, rescreening
from gimonitor.workflow.intake import take_in
from gimonitor.workflow.rescreening import leads_changed, newest_standing, rescreen

NIGHT = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)
GIS = ("hlj-wuchang-dami", "zj-xihu-longjing", "js-yangchenghu-dazhaxie")
RICE = GIS[0]
TITLES = (
    "五常大米 10斤 安徽直发",  # 0
    "伍常大米 10斤",
    "西湖龙井 明前绿茶 250g",
    "阳澄湖大闸蟹 8只",
    "连衣裙 夏季新款",
    "五常大米专用电饭煲",
    "wuchang大米 5kg",
    "卷尺 5米",
)


@pytest.fixture(scope="module")
def whole() -> Register:
    return load_register()


@pytest.fixture(scope="module")
def register(whole: Register) -> Register:
    return replace(whole, gis=tuple(gi for gi in whole.gis if gi.id in GIS), users=(), digest="a" * 64, _by_id={})


def listing(number: int, title: str, **values: object) -> Listing:
    shop = Shop(name=f"店{number}", shop_id=str(number))
    given = {"platform": "practice", "item_id": str(number), "title": title, "shop": shop, "observed_at": NIGHT}
    return Listing(**(given | values))  # type: ignore[arg-type]


def store_listings(store: Store, register: Register, offers: list[Listing]) -> None:
    with store.write() as c:
        remember_register(c, register)
    take_in(store, Screener(register), [(one, None) for one in offers], None, NIGHT.date())


@pytest.fixture
def filled(store: Store, register: Register) -> Store:
    store_listings(store, register, [listing(i, title) for i, title in enumerate(TITLES)])
    return store


def changed_gi(register: Register, gi_id: str = RICE, digest: str = "b" * 64, **values: object) -> Register:
    gis = tuple(replace(gi, **values) if gi.id == gi_id else gi for gi in register.gis)  # type: ignore[arg-type]
    return replace(register, gis=gis, digest=digest, _by_id={})


def digests(store: Store) -> dict[str, str]:
    with store.read() as c:
        return {row.item_id: row.register_digest[0] for row in c.execute(select(tables.listings))}


def leads_of(store: Store) -> dict[tuple[str, str], tuple[bool, float]]:
    joined = tables.leads.join(tables.listings)
    columns = (tables.listings.c.item_id, tables.leads.c.gi_id, tables.leads.c.raised, tables.leads.c.score)
    with store.read() as c:
        return {(r.item_id, r.gi_id): (r.raised, r.score) for r in c.execute(select(*columns).select_from(joined))}


def fresh_leads(
    register: Register, offers: list[Listing], make: Callable[[], Store]
) -> dict[tuple[str, str], tuple[bool, float]]:
    store = make()
    store_listings(store, register, offers)
    return {key: value for key, value in leads_of(store).items() if value[0]}


def test_one_changed_gi_touches_only_what_names_it(filled: Store, register: Register) -> None:
    outcome = rescreen(filled, changed_gi(register, notes="other"))
    assert outcome.looked_at == 4 and outcome.changes == (f"gi {RICE}",) and outcome.tallies == ()
    assert digests(filled) == {str(i): "b" if i in (0, 1, 5, 6) else "a" for i in range(len(TITLES))}
    with filled.read() as c:
        assert standing_of(c, "a" * 64) == "b" * 64
        assert outcome.run_id is not None and runs.load_run(c, outcome.run_id).state is RunState.OK
        assert runs.latest_runs(c) == (), "it collected nothing: no coverage speaks of it"
    assert rescreen(filled, changed_gi(register, notes="other")).run_id is None, "nothing is left to do"


def test_a_change_after_a_change_looks_at_what_was_not_touched_before(filled: Store, register: Register) -> None:
    second = changed_gi(register, notes="other")
    rescreen(filled, second)
    third = changed_gi(second, "zj-xihu-longjing", "c" * 64, notes="other")
    assert rescreen(filled, third).looked_at == 1
    assert digests(filled)["2"] == "c" and digests(filled)["0"] == "b" and digests(filled)["4"] == "a"


def test_leads_are_raised_lowered_and_withdrawn_with_why(filled: Store, register: Register) -> None:
    """A name that is added raises; a name that is taken away withdraws, though no index knows the new names of it."""
    rice = register.gi(RICE)
    named = Fact(value="卷尺", certainty=Certainty.FOUND, source="x")
    raised = changed_gi(register, aliases=(*rice.aliases, named))
    outcome = rescreen(filled, raised)
    assert leads_of(filled)["7", RICE][0]
    tally = next(t for t in outcome.tallies if t.gi_id == RICE)
    assert tally.counts == {ChangeKind.RAISED: 1}
    with filled.read() as c:
        change = next(k for k in load_changes(c, outcome.run_id or 0) if k.kind is ChangeKind.RAISED)
    assert change.before is None and change.after and change.why.startswith("+name-unknown@")
    back = replace(register, digest="d" * 64)
    outcome = rescreen(filled, back)
    assert not leads_of(filled)["7", RICE][0]
    assert outcome.tallies[0].counts == {ChangeKind.WITHDRAWN: 1} and outcome.looked_at == 5


def settle(store: Store, item_id: str) -> int:
    with store.write() as c:
        query = select(tables.leads.c.id).join(tables.listings).where(tables.listings.c.item_id == item_id)
        lead_id = int(c.execute(query).scalar_one())
        lead = load_lead_row(c, lead_id)
        decision = Decision(
            lead_id=lead_id, at=NIGHT, who="wang", action="judge", state=State.JUDGED, resolution=Resolution.FAIR_USE
        )
        append_decision(c, lead_id, lead.version, decision)
    return lead_id


def with_model(register: Register, model_id: str, digest: str, **values: object) -> Register:
    models = tuple(replace(m, **values) if m.id == model_id else m for m in register.models)  # type: ignore[arg-type]
    return replace(register, models=models, digest=digest, _by_id={})


def test_a_decided_lead_comes_back_only_when_what_is_suspected_changed(filled: Store, register: Register) -> None:
    lead_id = settle(filled, "0")
    severer = with_model(register, "name-outside", "b" * 64, version=9, severity=0.5)
    severer = with_model(severer, "name-unknown", "b" * 64, version=9, severity=0.1)
    outcome = rescreen(filled, severer)
    assert outcome.changes == ("model name-outside 1->9", "model name-unknown 1->9")
    assert {k for t in outcome.tallies for k in t.counts} == {ChangeKind.LOWER}
    with filled.read() as c:
        assert load_lead_row(c, lead_id).state is State.JUDGED, "another score is no other suspicion"
        assert load_lead_row(c, lead_id).score.total < 50
    rice = register.gi(RICE)
    renamed = changed_gi(severer, digest="c" * 64, name="五常香米", aliases=(*rice.aliases, fact("五常大米")))
    outcome = rescreen(filled, renamed)
    with filled.read() as c:
        lead = load_lead_row(c, lead_id)
        last = c.execute(select(tables.decisions.c.why).order_by(tables.decisions.c.id.desc())).scalars().first()
    assert (lead.state, lead.raised, last) == (State.NEW, True, RULES_CHANGED)
    assert outcome.tallies[0].reopened == 1


def test_a_decided_lead_that_is_no_longer_suspected_comes_back_to_be_seen(filled: Store, register: Register) -> None:
    lead_id = settle(filled, "0")
    outcome = rescreen(filled, replace(register, gis=register.gis[1:], digest="b" * 64, _by_id={}))
    with filled.read() as c:
        lead = load_lead_row(c, lead_id)
    assert (lead.state, lead.raised) == (State.NEW, False)
    assert all(t.counts.keys() == {ChangeKind.WITHDRAWN} for t in outcome.tallies)


@pytest.mark.parametrize("asked", [{}, {"everything": True}, {"gi_ids": (RICE,)}])
def test_a_model_changed_under_its_number_is_the_reason(
    filled: Store, register: Register, asked: dict[str, object]
) -> None:
    severer = with_model(register, "name-unknown", "b" * 64, severity=0.1)
    outcome = rescreen(filled, severer, **asked)  # type: ignore[arg-type]
    assert outcome.tallies and not any(t.same_models for t in outcome.tallies)
    if not asked:
        assert outcome.changes == ("model name-unknown 1->1 under the same number",)
    with filled.read() as c:
        whys = {change.why for change in load_changes(c, outcome.run_id or 0)}
    assert all("name-unknown@1" in why and why.startswith("models: ") for why in whys) and whys


def test_a_changed_model_leaves_out_what_names_nothing(filled: Store, register: Register) -> None:
    assert rescreen(filled, with_model(register, "style", "b" * 64, version=2)).looked_at == len(TITLES) - 2
    draft = with_model(register, "style", "c" * 64, version=2, parameters=(("confidence", "0.1"),), status="draft")
    before = rescreen(filled, draft)
    assert before.changes == ("model style 2->none",)


def test_a_user_added_clears_by_code_wherever_it_stands(store: Store, register: Register) -> None:
    code = "91230184MA1YEXA50H"
    offers = [listing(1, "五常大米 10斤", image_text=f"地理标志专用标志 统一社会信用代码 {code}"), listing(2, "卷尺")]
    store_listings(store, register, offers)
    user = AuthorisedUser(
        gi_id=RICE, name="五常某米业有限公司", uscc=code, basis=Basis.MEMBER, certainty=Certainty.FOUND, source="x"
    )
    outcome = rescreen(store, replace(register, users=(user,), digest="b" * 64, _by_id={}))
    assert outcome.looked_at == 1 and digests(store) == {"1": "b", "2": "a"}


def test_a_change_ends_where_a_fresh_screening_ends(
    store: Store, whole: Register, register: Register, fresh: Callable[[], Store]
) -> None:
    """Whatever changed, re-screening leaves the leads that taking everything in anew would raise."""
    rice = register.gi(RICE)
    offers = [
        listing(i, title, description=other) for i, title in enumerate(TITLES) for other in TITLES[i % 3 : i % 3 + 1]
    ]
    store_listings(store, register, offers)
    extra = next(gi for gi in whole.gis if gi.name == "黄山毛峰")
    steps: list[Callable[[Register], Register]] = [
        lambda r: changed_gi(r, digest="1" * 64, core="", near=()),
        lambda r: replace(
            r, gis=(*r.gis, replace(extra, aliases=(fact("卷尺 5米"), fact("连衣裙")))), digest="2" * 64, _by_id={}
        ),
        lambda r: with_model(r, "name-unknown", "3" * 64, status="retired"),
        lambda r: replace(r, gis=tuple(gi for gi in r.gis if gi.id != extra.id), digest="4" * 64, _by_id={}),
        lambda r: changed_gi(
            with_model(r, "name-unknown", "5" * 64, status="active"), digest="5" * 64, core=rice.core, near=rice.near
        ),
        lambda r: replace(r, words=tuple(w for w in r.words if w.group != "look-alikes"), digest="6" * 64, _by_id={}),
    ]
    for step in steps:
        register = step(register)
        rescreen(store, register)
        now = {key: value for key, value in leads_of(store).items() if value[0]}
        assert now.keys() == fresh_leads(register, offers, fresh).keys(), register.digest[0]


def fact(text: str) -> Fact[str]:
    return Fact(value=text, certainty=Certainty.FOUND, source="x")


@pytest.fixture
def fresh(sqlite_template: Path, tmp_path: Path) -> Iterator[Callable[[], Store]]:
    import shutil

    from gimonitor.store.database import open_store

    made: list[Store] = []

    def make() -> Store:
        path = tmp_path / f"fresh{len(made)}.sqlite"
        shutil.copyfile(sqlite_template, path)
        made.append(open_store(f"sqlite:///{path}"))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_listings_of_an_old_crawl_open_the_register_again(filled: Store, register: Register) -> None:
    second = changed_gi(register, notes="other")
    rescreen(filled, second)
    store_listings(filled, register, [listing(20, "五常大米 20斤"), listing(21, "锤子")])
    assert rescreen(filled, second).looked_at == 1
    assert digests(filled)["20"] == "b" and digests(filled)["21"] == "a"


def test_an_unknown_register_means_everything(filled: Store, register: Register) -> None:
    with filled.write() as c:
        c.execute(tables.registers.delete())
    assert rescreen(filled, changed_gi(register, notes="other")).looked_at == len(TITLES)
    assert set(digests(filled).values()) == {"b"}


def test_asked_for_one_gi_or_for_all(filled: Store, register: Register) -> None:
    assert rescreen(filled, register, gi_ids=(RICE,)).looked_at == 4
    assert rescreen(filled, register, everything=True).looked_at == len(TITLES)


def test_two_processes_share_the_slices(
    filled: Store, store_url: str, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rescreening, "BATCH", 1)
    monkeypatch.setattr(rescreen_plan, "SLICE", 1)
    told: list[int] = []
    outcome = rescreen(
        filled, register, everything=True, processes=2, url=store_url, start=lambda total, plan: told.append
    )
    with filled.read() as c:
        slices = runs.load_slices(c, outcome.run_id or 0)
    assert outcome.looked_at == sum(told) == len(TITLES) == len(slices)
    assert {s.state.value for s in slices} == {"done"} and {s.attempts for s in slices} == {1}


def test_a_re_screening_at_work_is_left_alone(filled: Store, register: Register) -> None:
    with filled.write() as c:
        run_id = runs.start_run(c, rescreening.KIND, {"target": "x", "parts": [], "changes": []})
        runs.plan_slices(c, run_id, [(rescreening.KIND, ("0", "9", "9"))])
        runs.lease_slice(c, run_id, None, "elsewhere:1", 600, datetime.now(UTC))
    with pytest.raises(ConflictError, match="elsewhere"):
        rescreen(filled, changed_gi(register, notes="other"))


def test_a_failed_slice_is_said_and_done_the_next_time(
    filled: Store, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rescreening, "work", lambda *given: None)
    with pytest.raises(PartialError, match="1 slices and 4 listings are left"):
        rescreen(filled, changed_gi(register, notes="other"))
    monkeypatch.undo()
    assert rescreen(filled, changed_gi(register, notes="other")).looked_at == 4


def test_stopped_in_mid_slice_it_keeps_what_is_done_and_goes_on_there(
    filled: Store, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rescreening, "BATCH", 3)

    def stop(done: int) -> None:
        raise KeyboardInterrupt

    stopped = rescreen(filled, register, everything=True, start=lambda total, plan: stop)
    assert (stopped.is_whole, stopped.left) == (False, len(TITLES) - 3)
    with filled.read() as c:
        standing = newest_standing(c)
    assert standing is not None and not standing.is_held
    assert (standing.done, standing.planned, standing.run.state) == (3, len(TITLES), RunState.INTERRUPTED)
    told: list[int] = []
    gone_on = rescreen(filled, register, everything=True, start=lambda total, plan: told.append)
    assert (gone_on.is_whole, gone_on.run_id, gone_on.looked_at) == (True, stopped.run_id, len(TITLES) - 3)
    assert sum(told) == len(TITLES) - 3


def test_the_command_says_what_is_left_of_a_stopped_one(
    filled: Store, store_url: str, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIMONITOR_DATABASE_URL", store_url)
    monkeypatch.setattr("gimonitor.register.load_register", lambda *given, **values: register)
    monkeypatch.setattr(rescreening, "BATCH", 3)
    screen_again, calls = rescreening.screen_again, []

    def stop_at_the_second(*given: object, **values: object) -> None:
        calls.append(given)
        if len(calls) == 2:
            raise KeyboardInterrupt
        screen_again(*given, **values)  # type: ignore[arg-type]

    monkeypatch.setattr(rescreening, "screen_again", stop_at_the_second)
    stopped = CliRunner().invoke(app, ["--all"])
    assert isinstance(stopped.exception, PartialError) and "5 listings are left" in str(stopped.exception)
    assert "interrupted, 3 of 8 listings done" in CliRunner().invoke(app, ["--status"]).output
    for given in (["--dry-run"], ["--all", "--dry-run"]):
        ahead = CliRunner().invoke(app, given).output
        assert "3 of 8 listings are done" in ahead and "5 listings would be screened again" in ahead
    assert CliRunner().invoke(app, ["--all"]).exit_code == 0
    assert "ok, 8 of 8 listings done" in CliRunner().invoke(app, ["--status"]).output


def test_the_index_follows_what_is_stored(filled: Store, register: Register) -> None:
    with filled.read() as c:
        assert count_unindexed(c) == len(TITLES)
    assert rescreening.index_listings(filled, lambda done: None) == len(TITLES)
    later = replace(listing(4, TITLES[4]), price_fen=900, observed_at=NIGHT.replace(day=2))
    store_listings(filled, register, [later, replace(listing(7, "五常大米 5米"), observed_at=NIGHT.replace(day=2))])
    assert rescreening.index_listings(filled, lambda done: None) == 2
    assert rescreen(filled, changed_gi(register, notes="other")).looked_at == 5


def test_killed_at_random_points_it_ends_as_if_it_had_not_been(store_url: str) -> None:
    script = Path(__file__).parent / "killed_rescreener.py"
    seed = int.from_bytes(os.urandom(2))
    made = subprocess.run(
        [sys.executable, script, store_url, "6", str(seed)], capture_output=True, text=True, timeout=300, check=False
    )
    assert made.returncode == 0, f"seed {seed}: {made.stderr[-2000:]}"
    outcome = json.loads(made.stdout)
    assert outcome["kills"] == 6 and outcome["same"], outcome


def test_the_command(sqlite_store: Store, register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store_listings(sqlite_store, replace(register, digest="0" * 64), [listing(i, t) for i, t in enumerate(TITLES)])
    monkeypatch.setenv("GIMONITOR_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("GIMONITOR_DATABASE_URL", f"sqlite:///{tmp_path / 'store.sqlite'}")
    run = CliRunner()
    dry = run.invoke(app, ["--dry-run", "--json"], catch_exceptions=False)
    assert json.loads(dry.stdout)["listings"] == len(TITLES) - 2 or json.loads(dry.stdout)["listings"] == len(TITLES)
    assert set(digests(sqlite_store).values()) == {"0"}
    done = run.invoke(app, ["--processes", "1"], catch_exceptions=False)
    assert "listings screened again" in done.stdout
    assert "nothing changed" in run.invoke(app, [], catch_exceptions=False).stdout
    assert run.invoke(app, ["--gi", "无此标志"]).exit_code != 0


def test_leads_that_no_model_changed_are_told_apart() -> None:
    tally = GITally(gi_id="a", gi_name="甲", counts=dict.fromkeys(ChangeKind, 2), reopened=0, same_models=0)
    count = 2 * len(ChangeKind)
    assert leads_changed([tally]) == f"{count} leads changed"
    assert leads_changed([tally, replace(tally, same_models=3)]).startswith(
        f"{2 * count - 3} leads changed; 3 more weigh otherwise"
    )
