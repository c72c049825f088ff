"""Each thing the doctor looks at, broken for real, and what it says then."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from sqlalchemy.exc import DBAPIError

from gimonitor.cli.main import main
from gimonitor.configuration import Configuration
from gimonitor.errors import EvidenceError
from gimonitor.model.run import Coverage, RunState
from gimonitor.operations import doctor, machine, outlook, standing
from gimonitor.operations.checkup import Examination, Level, Line, fail, fine
from gimonitor.operations.deadman import mark_sent
from gimonitor.operations.digest import make_digest
from gimonitor.operations.doctor import Check, examine, exit_code
from gimonitor.papers.documents import DocumentKind, DocumentStore
from gimonitor.papers.places import custody_log, stamp_queue
from gimonitor.register import load_register
from gimonitor.store import runs
from gimonitor.store.audit import append_audit
from gimonitor.store.database import Store, open_store, parse_url, translated
from gimonitor.vault import FILE_VARIABLE, KEY_VARIABLE, make_key, write_vault

NOW = datetime(2026, 11, 20, 1, 30, tzinfo=UTC)


@pytest.fixture
def configuration(tmp_path: Path, sqlite_template: Path) -> Configuration:
    tmp_path.chmod(0o700)
    shutil.copyfile(sqlite_template, tmp_path / "gimonitor.sqlite")
    return Configuration(data_dir=tmp_path, disk_reserve_mb=0)


def look(configuration: Configuration, check: Check, *, thorough: bool = True, now: datetime = NOW) -> list[Line]:
    return examine(Examination(configuration=configuration, now=now, thorough=thorough), [("x", check)])


def worst(lines: list[Line], name: str = "") -> Line:
    order = [Level.OK, Level.WARN, Level.FAIL]
    return max((line for line in lines if name in ("", line.name)), key=lambda line: order.index(line.level))


def levels(lines: list[Line]) -> set[Level]:
    return {line.level for line in lines}


# --- the doctor itself ----------------------------------------------------------------------------------------------


def test_a_check_that_breaks_is_a_failed_line_and_the_others_go_on() -> None:
    def broken(_: Examination) -> Iterator[Line]:
        yield fine("a", "begun")
        raise RuntimeError("half-way")

    def evidence(_: Examination) -> Iterator[Line]:
        raise EvidenceError("no browser")
        yield

    x = Examination(configuration=Configuration(), now=NOW)
    lines = examine(x, [("a", broken), ("b", evidence), ("c", lambda _: iter([fine("c", "ok")]))])
    assert [(line.name, line.level, line.code) for line in lines] == [
        ("a", Level.OK, 5),
        ("a", Level.FAIL, 5),
        ("b", Level.FAIL, 7),
        ("c", Level.OK, 5),
    ]
    assert "half-way" in lines[1].said


def test_a_check_that_waits_for_ever_is_told_and_the_others_run_beside_it(
    configuration: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "WAIT_SECONDS", 0.2)
    answered = threading.Event()

    def waits(_: Examination) -> Iterator[Line]:
        yield fine("浏览器", "begun")
        answered.wait(30)

    def answers(_: Examination) -> Iterator[Line]:
        yield fine("磁盘", "there")

    lines = examine(Examination(configuration=configuration, now=NOW), [("浏览器", waits), ("磁盘", answers)])
    answered.set()
    assert [line.level for line in lines] == [Level.OK, Level.WARN, Level.OK]
    assert "没有应答" in lines[1].said


def test_the_exit_code_is_the_failures_own_or_5_where_they_differ() -> None:
    assert exit_code([fine("a", "")]) == 0
    assert exit_code([fail("a", "", "", 8), fail("b", "", "", 8)]) == 8
    assert exit_code([fail("a", "", "", 8), fail("b", "", "", 6)]) == 5


def test_every_line_that_is_not_ok_says_what_to_do(configuration: Configuration) -> None:
    for line in examine(Examination(configuration=configuration, now=NOW, thorough=False)):
        assert line.todo or line.level is Level.OK, line


# --- this machine ---------------------------------------------------------------------------------------------------


def test_a_disk_below_its_reserve_fails_with_the_code_of_a_full_disk(configuration: Configuration) -> None:
    needed = shutil.disk_usage(configuration.data_dir).free // 1_000_000 + 1_000_000
    [line] = look(configuration.model_copy(update={"disk_reserve_mb": needed}), machine.disk)
    assert (line.level, line.code) == (Level.FAIL, 8)


def test_a_data_folder_that_is_not_there_yet_is_measured_where_it_will_be(tmp_path: Path) -> None:
    [line] = look(Configuration(data_dir=tmp_path / "a" / "b", disk_reserve_mb=0), machine.disk)
    assert line.level is Level.OK


def test_growth_counts_two_weeks_and_foretells_when_the_disk_is_full(
    configuration: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    (configuration.data_dir / "gimonitor.sqlite").unlink()
    for days, size in ((100, 9_000_000), (10, 7_000_000), (1, 7_000_000)):
        path = configuration.data_dir / "warc" / f"{days}.warc.gz"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"\0" * size)
        moment = (NOW - timedelta(days=days)).timestamp()
        os.utime(path, (moment, moment))
    assert machine.daily_growth(configuration.data_dir, NOW) == pytest.approx(1_000_000)
    usage = shutil.disk_usage(configuration.data_dir)._replace(free=30_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    [line] = look(configuration, machine.disk)
    assert line.level is Level.WARN
    assert "约 30 天后写满" in line.said


def test_the_kernel_is_asked_whether_the_clock_is_kept_right(configuration: Configuration) -> None:
    assert machine.is_synchronised() in (True, False, None)
    [line] = look(configuration, machine.clock)
    assert line.level is (Level.OK if machine.is_synchronised() else Level.WARN)


def test_a_browser_that_is_not_there_fails_and_says_what_to_install(configuration: Configuration) -> None:
    for thorough in (True, False):
        lines = look(configuration.model_copy(update={"chromium": "/no/such"}), machine.chromium, thorough=thorough)
        line = worst(lines, "浏览器")
        assert (line.level, line.code) == (Level.FAIL, 7)
        assert "/no/such" in line.said


@pytest.mark.browser
def test_the_browser_that_is_there_is_started(configuration: Configuration) -> None:
    lines = look(configuration, machine.chromium)
    if "no Chromium found" in lines[0].said:
        pytest.skip("no Chromium here")
    assert [line.name for line in lines] == ["浏览器", "字体"]
    assert lines[0].level is Level.OK


def test_programs_that_are_missing_are_warnings(configuration: Configuration, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(configuration.data_dir))
    assert [line.level for line in look(configuration, machine.office)] == [Level.WARN]
    assert worst(look(configuration, machine.openssl)).level is Level.WARN
    assert worst(look(configuration, machine.chromium, thorough=False), "字体").level is Level.WARN


def test_a_key_that_lacks_something_fails_and_is_never_printed(configuration: Configuration) -> None:
    write_vault(configuration.data_dir, '[ebay]\nkey = "k"\nsecret = "SECRETKEY"\n', os.environ)
    [line] = look(configuration, machine.keys)
    assert (line.level, "ebay" in line.said) == (Level.OK, True)
    write_vault(configuration.data_dir, '[ebay]\nsecret = "SECRETKEY"\n', os.environ)
    line = worst(look(configuration, machine.keys))
    assert (line.level, line.code) == (Level.FAIL, 2)
    assert "gimonitor secrets edit" in line.todo
    assert "SECRETKEY" not in str(look(configuration, machine.keys))


def test_a_signing_key_or_settings_with_a_password_that_others_can_read_fail(
    configuration: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = configuration.data_dir / "keys"
    folder.mkdir()
    (folder / "register-signing.pem").write_text("x")
    (folder / "register-signing.pem").chmod(0o640)
    assert worst(look(configuration, machine.keys)).level is Level.FAIL
    (folder / "register-signing.pem").chmod(0o600)
    settings = configuration.data_dir / "gimonitor.toml"
    settings.write_text("port = 8600\n")
    settings.chmod(0o644)
    monkeypatch.setenv("GIMONITOR_CONFIG", str(settings))
    assert worst(look(configuration, machine.keys)).level is Level.OK
    settings.write_text('database_url = "postgresql+psycopg://gi:SECRETKEY@db/gi"\n')
    assert str(settings) in worst(look(configuration, machine.keys)).said


def test_a_vault_key_within_the_data_folder_is_a_warning(
    configuration: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(KEY_VARIABLE)
    key = configuration.data_dir / ".config/vault.key"
    monkeypatch.setenv(FILE_VARIABLE, str(key))
    assert worst(look(configuration, machine.keys)).level is Level.OK
    make_key(key)
    line = worst(look(configuration, machine.keys))
    assert line.level is Level.WARN and "数据目录之内" in line.said and FILE_VARIABLE in line.todo


def test_a_data_folder_open_to_all_is_a_warning(configuration: Configuration) -> None:
    configuration.data_dir.chmod(0o755)
    assert worst(look(configuration, machine.keys)).level is Level.WARN


# --- the installation -----------------------------------------------------------------------------------------------


def test_a_store_that_is_missing_or_empty_or_damaged_fails_with_6(configuration: Configuration) -> None:
    path = configuration.data_dir / "gimonitor.sqlite"
    found = []
    path.unlink()
    found.append(worst(look(configuration, standing.store)))
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("CREATE TABLE a (b)")
    found.append(worst(look(configuration, standing.store)))
    path.write_bytes(b"no database at all" * 500)
    found.append(worst(look(configuration, standing.store)))
    assert [(line.level, line.code) for line in found] == [(Level.FAIL, 6)] * 3
    assert "store upgrade" in found[1].todo


def test_an_audit_entry_that_was_changed_is_found_by_the_thorough_look(configuration: Configuration) -> None:
    with open_store(configuration.store_url) as store, store.write() as c:
        append_audit(c, "zhang", "login", "person:zhang", {}, at=NOW)
        append_audit(c, "zhang", "logout", "person:zhang", {}, at=NOW)
    assert worst(look(configuration, standing.store), "数据库").level is Level.OK
    with closing(sqlite3.connect(configuration.data_dir / "gimonitor.sqlite")) as raw:
        for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            raw.execute(f"DROP TRIGGER {name}")
        raw.execute("UPDATE audit SET who = 'li' WHERE id = 1")
        raw.commit()
    line = worst(look(configuration, standing.store), "数据库")
    assert (line.level, line.code) == (Level.FAIL, 6)
    assert "entry 1" in line.said


def night(configuration: Configuration, began: datetime, state: RunState = RunState.OK, kept: int = 5) -> None:
    with open_store(configuration.store_url) as store, store.write() as c:
        run_id = runs.start_run(c, "nightly", {}, now=began)
        record = Coverage(run_id=run_id, source="shop", query="a", seen=5, stored=kept, rejected=5 - kept, at=began)
        runs.save_coverage(c, record)
        runs.finish_run(c, run_id, state, "", now=began)


def test_a_clock_behind_the_newest_record_fails(configuration: Configuration) -> None:
    night(configuration, NOW)
    line = worst(look(configuration, standing.store, now=NOW - timedelta(hours=2)), "时钟")
    assert line.level is Level.FAIL
    assert "时钟曾被拨动" in line.said
    assert not [ln for ln in look(configuration, standing.store, now=NOW + timedelta(hours=2)) if ln.name == "时钟"]


@pytest.mark.parametrize(
    ("hours", "state", "level"),
    [
        (5, RunState.OK, Level.OK),
        (5, RunState.PARTIAL, Level.OK),
        (5, RunState.INTERRUPTED, Level.WARN),
        (5, RunState.FAILED, Level.WARN),
        (27, RunState.OK, Level.FAIL),
    ],
)
def test_the_last_night_is_judged_by_its_age_and_end(
    configuration: Configuration, hours: int, state: RunState, level: Level
) -> None:
    night(configuration, NOW - timedelta(hours=hours), state)
    assert worst(look(configuration, standing.store), "夜间采集").level is level


def test_a_source_tells_when_it_gave_listings_last(configuration: Configuration) -> None:
    settings = configuration.model_copy(
        update={"shop_urls": ("https://a.example/",), "practice_url": "http://127.0.0.1:9"}
    )
    night(configuration, NOW - timedelta(days=3))
    night(configuration, NOW - timedelta(hours=2), kept=0)
    said = {line.said.partition("：")[0]: line for line in look(settings, standing.store) if line.name == "来源"}
    assert "2026-11-17" in said["shop"].said
    assert said["shop"].level is Level.WARN
    assert "从未" in said["practice"].said


def test_broken_rules_fail_with_2_and_name_the_place(configuration: Configuration, tmp_path: Path) -> None:
    rules = tmp_path / "rules" / "gi" / "shanxi"
    rules.mkdir(parents=True)
    (rules / "a.yml").write_text("id: a\nname: 甲\ncolour: red\n", encoding="utf-8")
    [line] = look(configuration.model_copy(update={"rules_dir": tmp_path / "rules"}), standing.rules)
    assert (line.level, line.code) == (Level.FAIL, 2)
    assert "a.yml" in line.said


def test_the_digest_is_silent_after_26_hours(configuration: Configuration) -> None:
    assert worst(look(configuration, standing.digest)).level is Level.WARN
    mark_sent(configuration, NOW - timedelta(hours=25))
    assert worst(look(configuration, standing.digest)).level is Level.OK
    mark_sent(configuration, NOW - timedelta(hours=27))
    line = worst(look(configuration, standing.digest))
    assert (line.level, "26 小时" in line.said) == (Level.FAIL, True)
    mark_sent(configuration, NOW + timedelta(hours=3))
    assert worst(look(configuration, standing.digest)).level is Level.FAIL


def test_time_stamps_not_set_unreachable_and_waiting_are_told(configuration: Configuration) -> None:
    assert worst(look(configuration, standing.timestamps)).level is Level.WARN
    dead = configuration.model_copy(update={"timestamp_urls": ("http://127.0.0.1:9/",)})
    line = worst(look(dead, standing.timestamps))
    assert (line.level, line.code) == (Level.FAIL, 7)
    assert look(dead, standing.timestamps, thorough=False) == []
    stamp_queue(dead).add(configuration.data_dir / "x", dead.timestamp_urls, NOW - timedelta(hours=30), "no answer")
    assert "1 个文件等待" in worst(look(dead, standing.timestamps, thorough=False)).said


def test_an_authority_that_answers_nonsense_fails(configuration: Configuration) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>welcome</html>")

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        settings = configuration.model_copy(
            update={"timestamp_urls": (f"http://127.0.0.1:{server.server_address[1]}/",)}
        )
        line = worst(look(settings, standing.timestamps))
        server.shutdown()
        thread.join()
    assert line.level is Level.FAIL


def test_a_custody_log_that_was_edited_fails(configuration: Configuration) -> None:
    log = custody_log(configuration)
    for name in ("a", "b"):
        log.append("zhang", "captured", name)
    path = configuration.evidence_dir / "custody.jsonl"
    path.write_text(path.read_text("utf-8").replace("zhang", "li"), "utf-8")
    assert worst(look(configuration, standing.timestamps), "保管记录").code == 7


# --- what will break next -------------------------------------------------------------------------------------------


def test_authorisations_that_end_soon_or_ended_are_named(
    configuration: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = load_register()
    today = date(2026, 11, 20)
    ends = [today - timedelta(days=1), today, today + timedelta(days=60), today + timedelta(days=61)]
    users = tuple(replace(real.users[0], name=f"演练社{n}", ends=day) for n, day in enumerate(ends))
    gi = replace(real.gis[0], standards=(), protections=())
    monkeypatch.setattr(outlook, "load_register", lambda *_, **__: replace(real, users=users, gis=(gi,)))
    said = [line.said for line in look(configuration, outlook.outlook) if "授权" in line.said]
    assert len(said) == 2
    assert ("演练社0" in said[0], "演练社1" in said[1], "演练社2" in said[1], "演练社3" in str(said)) == (
        True,
        True,
        True,
        False,
    )


def test_documents_and_root_certificates_that_end_soon_are_named(configuration: Configuration, tmp_path: Path) -> None:
    paper = tmp_path / "licence.pdf"
    paper.write_bytes(b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\nstartxref\n9\n%%EOF\n")
    store = DocumentStore(configuration.data_dir / "documents")
    store.add(paper, DocumentKind.IDENTITY, title="营业执照", holder="某协会", ends=date(2026, 12, 1))
    roots = configuration.data_dir / "timestamp-roots"
    roots.mkdir()
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=practice root"]
    subprocess.run([*command, "-keyout", os.devnull, "-out", roots / "a.pem"], check=True, capture_output=True)
    said = " ".join(line.said for line in look(configuration, outlook.outlook, now=datetime.now(UTC)))
    assert "practice root" in said
    assert "营业执照（某协会） 2026-12-01" in " ".join(line.said for line in look(configuration, outlook.outlook))


def test_a_year_without_the_state_councils_list_is_told_two_months_before(configuration: Configuration) -> None:
    far = datetime(2035, 12, 1, tzinfo=UTC)
    said = [line.said for line in look(configuration, outlook.outlook, now=far) if "放假安排" in line.said]
    assert [year in " ".join(said) for year in ("2035", "2036", "2037")] == [True, True, False]
    middle = datetime(2025, 6, 1, tzinfo=UTC)
    assert not [line for line in look(configuration, outlook.outlook, now=middle) if "放假安排" in line.said]


# --- the command ----------------------------------------------------------------------------------------------------


def test_the_command_ends_with_the_code_of_what_failed(
    configuration: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [n for n in os.environ if n.startswith("GIMONITOR_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIMONITOR_DATA_DIR", str(configuration.data_dir))
    good = CliRunner().invoke(main, ["doctor", "--quick"])
    expected = [line for line in good.output.splitlines() if line.startswith("fail")]
    assert (good.exit_code == 0) is not bool(expected)
    (configuration.data_dir / "gimonitor.sqlite").unlink()
    told = CliRunner().invoke(main, ["doctor", "--quick", "--problems"])
    assert "fail  数据库" in told.output
    assert "→" in told.output
    assert not [line for line in told.output.splitlines() if line.startswith("ok")]
    assert told.exit_code == (6 if not expected else 5)


def test_a_full_disk_asks_for_room_and_for_no_backup(
    configuration: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = DBAPIError("SELECT 1", None, sqlite3.OperationalError("disk I/O error"))
    url = parse_url(configuration.store_url)

    def fail(_url: str) -> Store:
        with translated(url):
            raise broken

    monkeypatch.setattr(standing, "open_store", fail)
    [line] = look(configuration, standing.store)
    assert "从备份恢复" in line.todo, "with room on the disk it may be damaged"
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=4096))
    [line] = look(configuration, standing.store)
    assert (line.code, "store upgrade" in line.todo) == (8, False) and "腾出空间" in line.todo
    [line] = look(configuration.model_copy(update={"disk_reserve_mb": 0}), machine.disk)
    assert line.level is Level.FAIL and "剩余 0.0 MB" in line.said
    assert make_digest(configuration, NOW).is_blind is False
    monkeypatch.setattr("gimonitor.operations.digest.open_store", fail)
    assert make_digest(configuration, NOW).is_blind
