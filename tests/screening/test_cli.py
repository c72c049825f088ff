"""`gimonitor screen` and `gimonitor models` as an operator uses them."""

import json
import re
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner

from gimonitor.cli.models import app as models
from gimonitor.cli.screen import app as screen
from gimonitor.errors import InputError, PartialError


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
    import shutil

    from gimonitor.register import rules_dir

    changed = tmp_path / "rules"
    shutil.copytree(rules_dir(), changed)
    model = changed / "models" / "name-unknown.yml"
    model.write_text(model.read_text(encoding="utf-8").replace("status: active", "status: retired"), encoding="utf-8")
    listings = tmp_path / "listings.jsonl"
    listings.write_text('{"title": "五常大米 10斤"}\n{"title": "连衣裙"}\n', encoding="utf-8")
    result = CliRunner().invoke(models, ["backtest", str(changed), "--listings", str(listings)])
    assert result.exit_code == 0, result.exception
    assert "2 listings, 1 changed" in result.output
    assert re.search(r"name-unknown +0 +1\n", result.output)
