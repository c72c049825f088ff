"""A model comes into force by a draft, a back-test of exactly it, and a second person; and goes back the same way."""

from __future__ import annotations

import json
import re
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from gimonitor.cli.models import app
from gimonitor.errors import ConflictError, InputError, NotFoundError, PermissionDeniedError, RulesError
from gimonitor.model.lead import Decision, Resolution, State
from gimonitor.model.listing import Listing, Shop
from gimonitor.model.register import Register
from gimonitor.register import load_register, rules_dir
from gimonitor.register.modelfile import model_digest, read_model
from gimonitor.screening import Screener
from gimonitor.store import people, tables
from gimonitor.store.audit import latest_audit
from gimonitor.store.database import Store
from gimonitor.store.leads import append_decision, load_lead_row
from gimonitor.store.models import StoredBacktest, VersionState, model_versions_of
from gimonitor.store.registers import remember_register
from gimonitor.workflow import backtesting, releasing
from gimonitor.workflow.backtesting import report_of, run_backtest
from gimonitor.workflow.intake import take_in
from gimonitor.workflow.releasing import (
    candidate_of,
    changed_under_number,
    keep_draft,
    release,
    roll_back,
    save_draft,
    text_in_force,
    withdraw,
)

NIGHT = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)
ON = date(2026, 3, 2)
MODEL = "name-unknown"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Rules with three GIs, to be changed."""
    target = tmp_path / "rules"
    shutil.copytree(rules_dir(), target, ignore=shutil.ignore_patterns("gi", "users", ".*"))
    for name in ("hlj-wuchang-dami", "zj-xihu-longjing"):
        source = next((rules_dir() / "gi").rglob(f"{name}.yml"))
        (target / "gi").mkdir(exist_ok=True)
        shutil.copyfile(source, target / "gi" / source.name)
    for path in (target / "models").glob("*.yml"):  # their examples name other GIs
        plain = re.sub(r"must(_not)?_flag:\n(  - .*\n)+", "", path.read_text(encoding="utf-8"))
        path.write_text(
            plain.replace("author:", 'must_flag:\n  - "五常大米 10斤"\nauthor:') if path.stem == MODEL else plain
        )
    return target


@pytest.fixture
def register(folder: Path) -> Register:
    return load_register(folder)


@pytest.fixture
def filled(sqlite_store: Store, register: Register) -> Store:
    """Six listings; the lead of one was refuted, of another upheld."""
    titles = ("五常大米 10斤", "五常大米 5斤", "西湖龙井 250g", "连衣裙", "五常大米 1斤", "卷尺")
    offers = [
        Listing(platform="p", item_id=str(i), title=t, shop=Shop(name=f"店{i}", shop_id=str(i)), observed_at=NIGHT)
        for i, t in enumerate(titles)
    ]
    take_in(sqlite_store, Screener(register), [(one, None) for one in offers], None, ON)
    with sqlite_store.write() as c:
        for item_id, resolution in (("0", Resolution.FAIR_USE), ("1", Resolution.CONFIRMED)):
            query = select(tables.leads.c.id).join(tables.listings).where(tables.listings.c.item_id == item_id)
            lead = load_lead_row(c, int(c.execute(query).scalar_one()))
            decision = Decision(
                lead_id=lead.id, at=NIGHT, who="wang", action="judge", state=State.JUDGED, resolution=resolution
            )
            append_decision(c, lead.id, lead.version, decision)
    return sqlite_store


def changed(folder: Path, old: str = "severity: ", new: str = "severity: 0.01 # was ") -> str:
    text = text_in_force(folder, MODEL)
    assert old in text
    return text.replace(old, new, 1)


def try_out(store: Store, folder: Path, text: str, who: str = "wang") -> StoredBacktest:
    digest = model_digest(read_model(text))
    candidate = candidate_of(folder, text)
    return run_backtest(store, load_register(folder), candidate, name=MODEL, digest=digest, who=who)


def test_a_model_comes_into_force_by_two_people_and_goes_back(filled: Store, folder: Path) -> None:
    before = text_in_force(folder, MODEL)
    text = "# why it is so\n" + changed(folder)
    draft_id = save_draft(filled, folder, text, author="wang", now=NIGHT)
    with pytest.raises(ConflictError, match="回测"):
        release(filled, folder, draft_id, reader="li", now=NIGHT, on=ON)
    done = try_out(filled, folder, text)
    with pytest.raises(PermissionDeniedError, match="另一人"):
        release(filled, folder, draft_id, reader=" WANG", now=NIGHT, on=ON)
    assert text_in_force(folder, MODEL) == before, "nothing was changed so far"
    made = release(filled, folder, draft_id, reader="li", now=NIGHT, on=ON)
    model = read_model(text_in_force(folder, MODEL))
    assert (made.version, made.backtest_id, made.state) == (2, done.id, VersionState.RELEASED)
    assert (model.version, model.status, model.author, model.reader) == (2, "active", "wang", "li")
    assert (model.released_on, model.severity) == (ON, 0.01)
    assert "# why it is so" in text_in_force(folder, MODEL) and "# was " in text_in_force(folder, MODEL)
    with pytest.raises(ConflictError, match="已经发布"):
        release(filled, folder, draft_id, reader="li", now=NIGHT, on=ON)
    back = roll_back(filled, folder, MODEL, who="zhao", why="误报太多", now=NIGHT)
    assert back.version == 1 and text_in_force(folder, MODEL) == before
    with pytest.raises(ConflictError, match="没有更早"):
        roll_back(filled, folder, MODEL, who="zhao", why="x", now=NIGHT)
    with filled.read() as c:
        acts = [(a.who, a.action) for a in latest_audit(c, obj=f"model:{MODEL}")]
    assert acts == [("zhao", "model.rollback"), ("li", "model.release"), ("wang", "model.draft")]
    third = changed(folder, "severity: ", "severity: 0.02 # ")
    draft_id = save_draft(filled, folder, third, author="li", now=NIGHT)
    try_out(filled, folder, third, who="li")
    assert release(filled, folder, draft_id, reader="wang", now=NIGHT, on=ON).version == 3, "no number is used twice"


def released_again(store: Store, folder: Path, severity: str, who: str = "wang", reader: str = "li") -> int:
    """Another severity, drafted, tried and released; the number of the version."""
    text = re.sub(r"severity: .*", f"severity: {severity}", text_in_force(folder, MODEL))
    draft_id = save_draft(store, folder, text, author=who, now=NIGHT)
    try_out(store, folder, text)
    return release(store, folder, draft_id, reader=reader, now=NIGHT, on=ON).version


def back(store: Store, folder: Path) -> int:
    return roll_back(store, folder, MODEL, who="zhao", why="误报太多", now=NIGHT).version


def test_what_was_rolled_back_never_comes_into_force_again(filled: Store, folder: Path) -> None:
    first = text_in_force(folder, MODEL)
    assert released_again(filled, folder, "0.02") == 2
    assert back(filled, folder) == 1
    assert released_again(filled, folder, "0.03") == 3
    assert back(filled, folder) == 1 and text_in_force(folder, MODEL) == first, "version 2 was rolled back itself"
    assert [released_again(filled, folder, one) for one in ("0.04", "0.05")] == [4, 5]
    assert [back(filled, folder), back(filled, folder)] == [4, 1]
    with pytest.raises(ConflictError, match="没有更早"):
        back(filled, folder)


def test_a_store_that_did_not_note_what_was_rolled_back_is_mended_by_the_next_release(
    filled: Store, folder: Path
) -> None:
    first = text_in_force(folder, MODEL)
    released_again(filled, folder, "0.02")
    (folder / "models" / f"{MODEL}.yml").write_text(first, encoding="utf-8")  # as a roll-back used to leave it
    assert released_again(filled, folder, "0.03") == 3
    assert back(filled, folder) == 1


def test_a_model_is_retired_by_a_draft_and_comes_back(filled: Store, folder: Path) -> None:
    before = text_in_force(folder, MODEL)
    text = changed(folder, "status: active", "status: retired")
    assert model_digest(read_model(text)) != model_digest(read_model(before)), (
        "a back-test of the one is none of the other"
    )
    draft_id = save_draft(filled, folder, text, author="wang", now=NIGHT)
    found = report_of(try_out(filled, folder, text))
    assert found.lost == {MODEL: 4} and found.leads_lost == 4, "it is tried as what it is"
    assert release(filled, folder, draft_id, reader="li", now=NIGHT, on=ON).version == 2
    assert {m.status for m in load_register(folder).models if m.id == MODEL} == {"retired"}
    assert back(filled, folder) == 1 and text_in_force(folder, MODEL) == before


@pytest.fixture
def known(filled: Store) -> Store:
    """The store with people, two of whom have one name."""
    with filled.write() as c:
        for login, name, role, areas in (
            ("wang", "王一", "officer,approver", ()),
            ("zhao", "赵批", "approver", ()),
            ("qian", "钱批", "approver", ()),
            ("qian2", "钱批", "approver", ()),
            ("city", "市批", "approver", ("3205",)),
            ("yun", "云维", "operator", ()),
            ("gone", "离职", "officer,approver", ()),
        ):
            people.add_person(c, login, name, role, "x", areas=areas, now=NIGHT)
        people.change_person(c, people.active_person(c, "gone").id, active=False)
    return filled


@pytest.mark.parametrize(
    ("reader", "error", "said"),
    [
        ("wang", PermissionDeniedError, "另一人"),
        ("王一", PermissionDeniedError, "另一人"),
        ("王 一", PermissionDeniedError, "另一人"),
        ("ＷＡＮＧ", PermissionDeniedError, "另一人"),
        ("yun", PermissionDeniedError, "没有所需的角色.*approver"),
        ("gone", PermissionDeniedError, "停用.*approver"),
        ("离职", PermissionDeniedError, "停用"),
        ("nobody", PermissionDeniedError, "user list.*nobody.*approver"),
        ("city", PermissionDeniedError, "不限辖区"),
        ("钱批", InputError, "qian、qian2"),
        (" ", InputError, "who you are"),
    ],
)
@pytest.mark.parametrize("author", ["wang", "王一"])
def test_who_releases_is_another_known_person_who_may(
    known: Store, folder: Path, author: str, reader: str, error: type[Exception], said: str
) -> None:
    text = changed(folder)
    draft_id = save_draft(known, folder, text, author=author, now=NIGHT)
    try_out(known, folder, text)
    with pytest.raises(error, match=said):
        release(known, folder, draft_id, reader=reader, now=NIGHT, on=ON)
    if reader != "wang" and reader not in ("王一", "王 一", "ＷＡＮＧ"):
        with pytest.raises(error, match=said):
            roll_back(known, folder, MODEL, who=reader, why="x", now=NIGHT)
    assert read_model(text_in_force(folder, MODEL)).version == 1
    assert release(known, folder, draft_id, reader="赵批", now=NIGHT, on=ON).reader == "zhao"
    assert read_model(text_in_force(folder, MODEL)).author == "wang"


@pytest.mark.parametrize(("author", "said"), [("yun", "没有所需的角色"), ("nobody", "user list"), ("gone", "停用")])
def test_who_drafts_is_known_too(known: Store, folder: Path, author: str, said: str) -> None:
    with pytest.raises(PermissionDeniedError, match=said):
        save_draft(known, folder, changed(folder), author=author, now=NIGHT)


def test_an_author_stored_by_a_display_name_is_that_person(known: Store, folder: Path) -> None:
    text = changed(folder)
    draft_id = keep_draft(known, folder, text, author="王一", now=NIGHT)
    try_out(known, folder, text)
    with pytest.raises(PermissionDeniedError, match="另一人"):
        release(known, folder, draft_id, reader="wang", now=NIGHT, on=ON)


def test_a_model_changed_under_its_old_number_is_told(filled: Store, folder: Path, register: Register) -> None:
    with filled.write() as c:
        remember_register(c, register)
        assert changed_under_number(c, register.models) == ()
    path = folder / "models" / f"{MODEL}.yml"
    path.write_text(changed(folder), encoding="utf-8")
    with filled.read() as c:
        assert [m.id for m in changed_under_number(c, load_register(folder).models)] == [MODEL]
    with pytest.raises(ConflictError, match="版本号仍为1"):
        save_draft(filled, folder, changed(folder, "title: ", "title: 又改"), author="wang", now=NIGHT)
    path.write_text(changed(folder, "version: 1", "version: 2"), encoding="utf-8")
    with filled.read() as c:
        assert changed_under_number(c, load_register(folder).models) == ()
    assert released_again(filled, folder, "0.5") == 3


def test_a_release_broken_off_after_the_file_was_written_is_finished(
    filled: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = changed(folder)
    draft_id = save_draft(filled, folder, text, author="wang", now=NIGHT)
    try_out(filled, folder, text)

    def cut(folder: Path, files: dict[str, bytes]) -> None:
        for name, content in files.items():
            (folder / name).write_bytes(content)
        raise KeyboardInterrupt

    monkeypatch.setattr(releasing, "change_rules", cut)
    with pytest.raises(KeyboardInterrupt):
        release(filled, folder, draft_id, reader="li", now=NIGHT, on=ON)
    monkeypatch.undo()
    assert release(filled, folder, draft_id, reader="li", now=NIGHT, on=ON).version == 2
    assert read_model(text_in_force(folder, MODEL)).version == 2


def test_a_draft_changes_nothing_until_it_is_released(filled: Store, folder: Path, register: Register) -> None:
    draft_id = save_draft(filled, folder, changed(folder), author="wang", now=NIGHT)
    assert load_register(folder) == register
    again = save_draft(filled, folder, changed(folder, "severity: ", "severity: 0.03 # "), author="wang", now=NIGHT)
    with filled.read() as c:
        assert [(v.id, v.state) for v in model_versions_of(c, MODEL)] == [
            (again, VersionState.DRAFT),
            (draft_id, VersionState.WITHDRAWN),
        ]
    withdraw(filled, again, who="wang", now=NIGHT)
    with pytest.raises(ConflictError):
        withdraw(filled, again, who="wang", now=NIGHT)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("severity: ", "severity: 7 # ", r"model.yml:6:11: error bad-value"),
        ("status: ", "colour: red\nstatus: ", "unknown-key"),
        ("law: [", "law: [no-such:article, ", "unknown-article"),
        (
            "confidence: ",
            "confidense: ",
            r"models/name-unknown.yml:\d+:\d+: error bad-parameter: .*confidense.*known: confidence",
        ),
        ('confidence: "0.4"', 'confidence: "nan"', r"bad-parameter: .*confidence: 'nan' is no decimal number"),
        (
            "family: name-unknown",
            "family: stile",
            r"models/name-unknown.yml:4:\d+: error unknown-family: .*stile.*known: .*style",
        ),
        ("author: gimonitor", "# nobody", "author: must stand here"),
        (
            "must_flag:\n",
            'must_flag:\n  - "{\\"title\\": \\"x\\""\n',
            r"models/name-unknown.yml:\d+:\d+: error bad-example",
        ),
        ("id: ", "id: [", "bad-yaml"),
    ],
)
def test_a_bad_draft_is_refused_with_the_line(filled: Store, folder: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(RulesError, match=said):
        save_draft(filled, folder, changed(folder, old, new), author="wang", now=NIGHT)


def test_a_draft_whose_examples_fail_is_not_released(filled: Store, folder: Path) -> None:
    text = changed(folder, "must_flag:\n", 'must_flag:\n  - "连衣裙"\n')
    draft_id = save_draft(filled, folder, text, author="wang", now=NIGHT)
    try_out(filled, folder, text)
    with pytest.raises(RulesError, match=r"models/name-unknown.yml:\d+: .*应当提示而未提示：连衣裙"):
        release(filled, folder, draft_id, reader="li", now=NIGHT, on=ON)


def test_a_new_model_is_first_in_force_as_version_1(filled: Store, folder: Path) -> None:
    text = (
        text_in_force(folder, "style")
        .replace("id: style", "id: style-new", 1)
        .replace("status: active", "status: draft")
    )
    draft_id = save_draft(filled, folder, text, author="wang", now=NIGHT)
    try_out(filled, folder, text)
    assert release(filled, folder, draft_id, reader="li", now=NIGHT, on=ON).version == 1
    with pytest.raises(ConflictError):
        roll_back(filled, folder, "style-new", who="li", why="x", now=NIGHT)


@pytest.mark.parametrize("model_id", ["nothing", "../law/x", "a/b"])
def test_a_model_that_is_not_there(filled: Store, folder: Path, model_id: str) -> None:
    with pytest.raises(NotFoundError):
        roll_back(filled, folder, model_id, who="li", why="x", now=NIGHT)


def test_a_backtest_counts_against_what_was_decided_and_goes_on_where_it_was(
    filled: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backtesting, "BATCH", 2)
    text = changed(folder, "status: active", "status: retired")
    current, candidate = load_register(folder), load_register(folder)
    candidate = candidate_without(candidate)
    steps = 0

    def stop_after(total: int) -> object:
        def told(done: int) -> None:
            nonlocal steps
            steps += 1
            if steps == 2:
                raise KeyboardInterrupt

        return told

    digest = model_digest(read_model(text))
    with pytest.raises(KeyboardInterrupt):
        run_backtest(filled, current, candidate, name=MODEL, digest=digest, who="wang", start=stop_after)  # type: ignore[arg-type]
    left: list[int] = []
    done = run_backtest(
        filled,
        current,
        candidate,
        name=MODEL,
        digest=digest,
        who="wang",
        start=lambda n: left.append(n) or (lambda d: None),  # type: ignore[func-returns-value]
    )
    assert left == [2] and done.ended_at is not None and done.total == 6
    found = report_of(done)
    assert (found.screened, found.changed, found.leads_lost) == (6, 4, 4)
    assert (found.missed, found.spared, found.precision_now, found.precision) == (1, 1, 0.5, None)
    assert found.lost == {MODEL: 4} and {c.title for c in found.changes} >= {"五常大米 10斤"}


def candidate_without(register: Register) -> Register:
    from dataclasses import replace

    models = tuple(m for m in register.models if m.id != MODEL)
    return replace(register, models=models, digest="c" * 64, _by_id={})


def test_the_commands(filled: Store, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIMONITOR_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("GIMONITOR_DATABASE_URL", f"sqlite:///{tmp_path / 'store.sqlite'}")
    monkeypatch.setenv("GIMONITOR_RULES_DIR", str(folder))
    path = tmp_path / "changed.yml"
    path.write_text(changed(folder), encoding="utf-8")

    def run(*words: str) -> str:
        return CliRunner().invoke(app, list(words), catch_exceptions=False).stdout

    said = run("draft", str(path), "--by", "wang")
    assert "draft 1; next:" in said and "example" not in said
    said = run("backtest", "1", "--by", "wang")
    assert "findings new or lost: 0; same findings, other confidence, severity or score: 4" in said
    assert "precision by decisions: 50.0% (now 50.0%)" in said
    assert json.loads(run("backtest", str(path), "--by", "wang", "--json"))["screened"] == 6
    assert "draft 1: name-unknown by wang" in run("list")
    assert "v2 is in force; next: gimonitor rescreen" in run("release", MODEL, "--by", "li")
    assert "released by li" in run("list") and "v2" in run("show", MODEL)
    shown = run("show", MODEL)
    assert re.search(r"v1 +replaced", shown) and re.search(r"v2 +in force", shown)
    assert "v1 is in force again" in run("rollback", MODEL, "--by", "li", "--why", "误报")
    assert re.search(r"v1 +in force", run("show", MODEL)) and re.search(r"v2 +rolled back", run("show", MODEL))
    with pytest.raises(NotFoundError, match="no draft"):
        run("release", MODEL, "--by", "li")
    path.write_text(changed(folder, "must_flag:\n", 'must_flag:\n  - "连衣裙"\n').replace("active", "draft", 1))
    failing = r"example fails.*models/name-unknown.yml:\d+: .*must flag: 连衣裙"
    assert re.search(failing, run("draft", str(path), "--by", "wang"))
    assert re.search(failing, run("backtest", "3", "--by", "wang"))
    path.write_text(changed(folder, "status: active", "status: retired"), encoding="utf-8")
    run("draft", str(path), "--by", "li")
    said = run("backtest", "4", "--by", "li", "--limit", "1")
    assert "findings new or lost: 4; same" in said and "and 3 more such listings (--limit 4 shows all)" in said
    assert "is retired and raises nothing any more" in run("release", MODEL, "--by", "wang")
