"""`gimonitor screen` and `gimonitor models` as an operator uses them."""

import gzip
import json
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from gimonitor.cli.models import app as models
from gimonitor.cli.screen import app as screen
from gimonitor.errors import InputError, PartialError
from gimonitor.register import rules_dir
from gimonitor.screening.records import told_listing_of


def run(lines: bytes, *arguments: str):
    return CliRunner().invoke(screen, [*arguments, "-"], input=lines)


def test_one_line_out_for_each_line_in_and_in_order() -> None:
    titles = ["五常大米 10斤", "连衣裙", "四川龙井茶 绿茶 250g"]
    result = run("".join(json.dumps({"title": t}) + "\n" for t in titles).encode())
    assert result.exit_code == 0
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [r["line"] for r in rows] == [1, 2, 3]
    assert [r["stage"] for r in rows] == ["flagged", "no_name", "flagged"]
    assert rows[1]["score"] == 0
    found = rows[0]["findings"][0]
    assert {"model", "gi", "field", "start", "end", "text", "reason", "legal_basis", "confidence"} <= set(found)
    assert titles[0][found["start"] : found["end"]] == found["text"] == "五常大米"


def test_bad_lines_are_named_and_the_rest_screened() -> None:
    lines = b'{"title": "\xe4\xba\x94\xe5\xb8\xb8\xe5\xa4\xa7\xe7\xb1\xb3"}\nno json\n{"title": 3}\n[1]\n\xff\xfe\n\n{"title": 1.5}\n{"title": "\\ud800"}\n'
    result = run(lines)
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [("error" in r) for r in rows] == [False, True, True, True, True, False, True, False]
    assert [r["line"] for r in rows] == [1, 2, 3, 4, 5, 6, 7, 8] and rows[5]["stage"] == "blank"
    assert rows[1]["error"].endswith("line 1 column 1 (char 0)")
    assert isinstance(result.exception, PartialError)
    assert result.exception.exit_code == 5


def test_what_was_passed_over_is_said() -> None:
    rows = [
        json.loads(line)
        for line in run(
            b'{"title": "a", "price": "soon", "colour": "red"}\n{"title": "a", "price": "\xc2\xa59.9", "sales": "x"}\n{"title": "a", "price": 3}\n'
        ).stdout.splitlines()
    ]
    assert rows[0]["warnings"] == ["colour: not read", "price: not understood, passed over: 'soon'"]
    assert rows[1]["warnings"] == ["sales: not understood, passed over: 'x'"]
    assert "warnings" not in rows[2]


def test_an_odd_field_beside_the_title_loses_nothing_else() -> None:
    odd = {
        "price": True,
        "attrs": 3,
        "keywords": 7,
        "shop": {"name": [1], "region": "合肥"},
        "observed_at": "today",
        "sales": -1,
    }
    odd |= {"subtitle": ["a"], "origin": "安徽"}
    (row,) = map(json.loads, run(json.dumps({"title": "五常大米 10斤", **odd}).encode()).stdout.splitlines())
    passed_over = {warning.partition(":")[0] for warning in row["warnings"]}
    assert passed_over == {"price", "attrs", "keywords", "shop.name", "observed_at", "sales", "subtitle"}
    assert row["findings"][0]["model"] == "name-outside", "the origin was read"


def test_lines_screened_together_come_out_as_they_do_alone(tmp_path: Path) -> None:
    titles = ["五常大米 10斤", "连衣裙", "⑩斤 伍常大米", "", "㎏ 西胡龙井 绿茶", "a" * 3000, "【wuchang】大米"] * 12
    lines = [json.dumps({"title": t, "keywords": ["五常"], "description": "国家地理标志。" + t}) for t in titles]
    file = tmp_path / "listings.jsonl"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    together = CliRunner().invoke(screen, [str(file)]).stdout.splitlines()
    alone = run("".join(line + "\n" for line in lines).encode()).stdout.splitlines()
    assert len(together) == len(titles)
    assert together == alone


def test_a_file_that_is_not_there() -> None:
    result = CliRunner().invoke(screen, ["no-such-file.jsonl"])
    assert isinstance(result.exception, InputError)


def test_it_streams() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "gimonitor", "screen", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin and process.stdout
    with process:
        process.stdin.write('{"title": "五常大米"}\n'.encode())
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["stage"] == "flagged"
        process.stdin.close()
        assert process.wait(60) == 0


def test_models_test_reports_what_fired_and_what_cleared() -> None:
    result = CliRunner().invoke(models, ["test", "伍常大米 10斤", "五常大米专用电饭煲"])
    assert result.exit_code == 0
    assert "near-listed" in result.output
    assert "cleared by N09" in result.output


def test_models_test_runs_all_examples() -> None:
    result = CliRunner().invoke(models, ["test"])
    assert result.exit_code == 0, result.exception
    assert "come out as they should" in result.output


def test_backtest_says_what_a_changed_model_gains_and_loses(tmp_path: Path) -> None:
    changed = tmp_path / "rules"
    shutil.copytree(rules_dir(), changed)
    model = changed / "models" / "name-unknown.yml"
    model.write_text(model.read_text(encoding="utf-8").replace("status: active", "status: retired"), encoding="utf-8")
    listings = tmp_path / "listings.jsonl"
    listings.write_text('{"title": "五常大米 10斤"}\n{"title": "连衣裙"}\n', encoding="utf-8")
    result = CliRunner().invoke(models, ["backtest", str(changed), "--listings", str(listings)])
    assert result.exit_code == 0, result.exception
    assert "2 listings; findings new or lost: 1; same findings, other confidence, severity or score: 0" in result.output
    assert re.search(r"name-unknown +0 +1\n", result.output)


def test_a_backtest_over_a_file_leaves_out_what_it_cannot_read(tmp_path: Path) -> None:
    listings = tmp_path / "listings.jsonl"
    listings.write_text('{"title": "五常大米 10斤"}\nno json\n\n{"title": "连衣裙", "price": "x"}\n', encoding="utf-8")
    style = str(rules_dir() / "models" / "style.yml")
    result = CliRunner().invoke(models, ["backtest", style, "--listings", str(listings)])
    assert "2 listings; findings new or lost: 0;" in result.output
    assert isinstance(result.exception, PartialError)
    assert str(result.exception).startswith("1 lines could not be read") and f"{listings}:2: no JSON" in str(
        result.exception
    )
    listings.write_text("标题,价格\n", encoding="utf-8")
    result = CliRunner().invoke(models, ["backtest", style, "--listings", str(listings)])
    assert isinstance(result.exception, InputError) and "import table" in str(result.exception)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (gzip.compress(b'{"title": "a"}\n', mtime=0), "zcat"),
        ('{"title": "五常大米"}\n'.encode("utf-16"), "iconv -f UTF-16"),
        ('{"title": "五常大米"}\n'.encode("utf-16-le"), "iconv -f UTF-16LE"),
        ('{"title": "五常大米"}\n'.encode("gbk"), "iconv -f GB18030"),
        ("标题,价格\n五常大米,3\n".encode(), "import table"),
        ("标题,价格\n五常大米,3\n".encode("gbk"), "import table"),
        (b'[{"title": "a"}]\n', "jq -c '.[]'"),
        (b'{\n  "title": "a"\n}\n', "jq -c ."),
        (b'{"title": "a",\n "price": 3}\n', "jq -c ."),
        (b'{"data": [\n{"title": "a"}]}\n', "jq -c '.\"data\"[]'"),
        ('{"title": "五常大米"}\n'.encode("utf-16-be"), "iconv -f UTF-16BE"),
        (b"<!DOCTYPE html>\n<html>\n", "import pages"),
        (b"\x89PNG\r\n", "signs find"),
        ("五常大米 10斤\n".encode(), "jq -R '{title: .}'"),
        ("五常大米 10斤\n".encode("gbk"), "iconv -f GB18030"),
        ('"五常大米 10斤"\n'.encode(), "jq -c '{title: .}'"),
        (b"{'title': 'a'}\n", "ast.literal_eval"),
    ],
)
def test_what_is_no_json_lines_is_told_once_with_what_to_do(content: bytes, told: str, tmp_path: Path) -> None:
    file = tmp_path / "in put"
    file.write_bytes(content * 3)
    for result in (CliRunner().invoke(screen, [str(file)]), run(content)):
        assert isinstance(result.exception, InputError) and told in str(result.exception)
        assert result.stdout == ""
    assert "'" + str(file) + "'" in str(CliRunner().invoke(screen, [str(file)]).exception)


@pytest.mark.parametrize(("content", "told"), [(b"%PDF-1.7\n", "a PDF"), (b"\xff\xf0\n", "nor text in UTF-8")])
def test_what_no_command_makes_json_lines_of_is_told_too(content: bytes, told: str) -> None:
    result = run(content)
    assert isinstance(result.exception, InputError) and told in str(result.exception) and result.stdout == ""


def test_a_first_line_that_is_only_broken_is_a_line_with_an_error() -> None:
    for line in (b'{"title": ', b'{"title": "a" "b"}', b"", b"3", b"null"):
        result = run(line + b'\n{"title": "a"}\n')
        assert len(result.stdout.splitlines()) == 2, line


def test_a_keyword_that_is_no_text_takes_none_of_the_others_along() -> None:
    line = {"title": "大米", "keywords": ["香米", 3, None, ["a"], "五常大米"]}
    (row,) = map(json.loads, run(json.dumps(line).encode()).stdout.splitlines())
    assert row["warnings"] == [
        "keywords.2: no text, passed over: 'None'",
        "keywords.3: no text, passed over: \"['a']\"",
    ]
    assert [(f["model"], f["key"]) for f in row["findings"]] == [("keywords", "4")], "each keeps its number"
    assert told_listing_of({"title": "a", "keywords": ["x", 3]}) == told_listing_of({"title": "a", "keywords": "x,3"})


CRAB = {"title": "阳澄湖大闸蟹 现货现捞 8只", "origin": "江苏苏州阳澄湖"}


def test_a_line_is_screened_as_of_the_day_on_which_it_was_seen() -> None:
    days = ["2026-08-10T10:00:00+08:00", "2026-11-20T10:00:00+08:00", "2026-08-09T16:30:00Z", "2026-08-10T10:00:00"]
    lines = "\n".join(json.dumps({**CRAB, "observed_at": day}) for day in days).encode()
    rows = [json.loads(line) for line in run(lines).stdout.splitlines()]
    assert [(r["line"], r["on"], r["stage"]) for r in rows[:3]] == [
        (1, "2026-08-10", "flagged"),
        (2, "2026-11-20", "cleared"),
        (3, "2026-08-10", "flagged"),
    ]
    assert rows[3]["on"] == run(json.dumps(CRAB).encode()).stdout.partition('"on": "')[2][:10], "no zone, no day"
    given = [json.loads(line) for line in run(lines, "--on", "2026-11-20").stdout.splitlines()]
    assert {(r["on"], r["stage"]) for r in given} == {("2026-11-20", "cleared")}


def test_models_without_law_on_the_day_of_a_line_are_named_once() -> None:
    days = ("2018-05-01", "2019-05-01", "2018-06-01", "2026-05-01")
    lines = "\n".join(json.dumps({**CRAB, "observed_at": f"{day}T10:00:00+08:00"}) for day in days).encode()
    assert run(lines).stderr.count("no article was in force") == 1


def test_a_number_too_long_to_be_one_is_passed_over() -> None:
    (row,) = map(
        json.loads,
        run(b'{"title": "a", "price": ' + b"9" * 5000 + b', "sales": -' + b"9" * 5000 + b"}").stdout.splitlines(),
    )
    assert [warning.partition(":")[0] for warning in row["warnings"]] == ["price", "sales"]
    assert len(str(row["warnings"])) < 300


def test_of_many_unknown_fields_a_few_are_named() -> None:
    many = {"title": "a", "shop": {"nmae": "b", "name": "c"}, "source": "d", **{f"x{i}" * 20: i for i in range(1000)}}
    (row,) = map(json.loads, run(json.dumps(many).encode()).stdout.splitlines())
    assert len(row["warnings"]) == 12 and len(str(row["warnings"])) < 1000
    assert "shop.nmae: not read" in row["warnings"] and "…: 990 more fields not read" in row["warnings"]


@pytest.mark.parametrize(
    ("told", "sales"),
    [
        ("1.2万+", 12000),
        ("10000+人付款", 10000),
        ("已售 1,500+", 1500),
        (7, 7),
        ("2千", 2000),
        ("-1", None),
        ("x", None),
        ("1-2", None),
    ],
)
def test_sales_as_marketplaces_show_them(told: object, sales: int | None) -> None:
    assert told_listing_of({"title": "a", "sales": told})[0].sales == sales


def test_a_day_before_the_articles_is_said_once() -> None:
    line = '{"title": "五常大米 10斤"}\n'.encode() * 3
    early = run(line, "--on", "2019-05-01")
    assert early.stderr.count("no article was in force") == 1 and "name-unknown" in early.stderr
    assert run(line, "--on", "2026-05-01").stderr == ""


def test_a_full_disk_a_reader_that_has_gone_and_an_end_by_signal(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "gimonitor", "screen"]
    file = tmp_path / "listings.jsonl"
    file.write_bytes(b'{"title": "a"}\n' * 2000)
    with open("/dev/full", "wb") as full:
        done = subprocess.run([*command, str(file)], stdout=full, stderr=subprocess.PIPE, check=False, timeout=60)
    assert done.returncode == 8 and done.stderr.count(b"\n") == 1 and b"No space left" in done.stderr
    with subprocess.Popen([*command, str(file)], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout and process.stderr
        process.stdout.close()
        assert process.wait(60) == 141 and process.stderr.read() == b""
    with subprocess.Popen(
        [*command, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin and process.stdout and process.stderr
        process.stdin.write(b'{"title": "a"}\n')
        process.stdin.flush()
        process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 5 and b"stopped after 1 lines" in process.stderr.read()
