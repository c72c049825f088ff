"""The screens in English: no text of a template, no word of a vocabulary and no message of the application lacks its English."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from pathlib import Path

import jinja2
import pytest
import yaml
from starlette.testclient import TestClient

import gimonitor
from gimonitor.model.register import Register
from gimonitor.register import load_register
from gimonitor.screening import Screener
from gimonitor.screening.lab import all_findings
from gimonitor.screening.records import example_of
from gimonitor.web import english, words
from gimonitor.workflow.figures import definitions

ROOT = Path(gimonitor.__file__).parent
SPEAKING = ("workflow", "papers", "evidence", "imaging", "store")
"""Rooms whose errors officers read."""
NOT_SHOWN = {
    "web/english.py",  # speaks of characters
    "web/problems.py:一",
    "web/problems.py:鿿",
}
NOT_SAID = {
    r"\d{3,}[个张枚条只]",  # patterns, and what only the command line says
    "搭配|伴侣|茶叶",
    "手工艺品",
    "%Y年%m月%d日",
    "（待核）",
    "指向{}{}，按{}考虑",  # known with the words before it
    "确认{}、下架重上{}、处罚",  # said piece by piece
}


def in_templates() -> Iterator[tuple[str, str]]:
    """(template, text) of every Chinese text, as the exchange finds it."""
    environment = jinja2.Environment(trim_blocks=True, lstrip_blocks=True)
    for path in sorted((ROOT / "web" / "templates").glob("*.html")):
        for _, kind, value in environment.lex(path.read_text("utf-8")):
            if kind == "data":
                yield from ((path.name, text) for text in english.runs(value))
            elif kind == "string" and english.has_chinese(value):
                yield path.name, ast.literal_eval(value).strip()


def in_code(path: Path, *, only_errors: bool) -> Iterator[str]:
    """Every Chinese text of a module, `{}` where something is filled in; docstrings are left out."""
    tree = ast.parse(path.read_text("utf-8"))
    tops: list[ast.AST] = [tree]
    if only_errors:
        tops = [node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise) and node.exc is not None]
    silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for top in tops:
        parts: set[int] = set()
        for node in ast.walk(top):
            if isinstance(node, ast.JoinedStr):
                parts |= {id(value) for value in node.values}
                yield "".join(v.value if isinstance(v, ast.Constant) else "{}" for v in node.values)  # type: ignore[misc]
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts | silent:
                yield node.value


def said() -> Iterator[tuple[str, str]]:
    """(module, text) of every Chinese text that a screen may show."""
    for path in sorted((ROOT / "web").rglob("*.py")):
        yield from ((path.relative_to(ROOT).as_posix(), text) for text in in_code(path, only_errors=False))
    for room in SPEAKING:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield from ((path.relative_to(ROOT).as_posix(), text) for text in in_code(path, only_errors=True))


def lacking(found: Iterator[tuple[str, str]]) -> list[str]:
    known = english.catalogue()
    return sorted(
        f"{where}: {text}"
        for where, text in set(found)
        if english.has_chinese(text) and text.strip() not in known and not {where, f"{where}:{text}"} & NOT_SHOWN
    )


def test_no_text_of_a_template_lacks_its_english() -> None:
    found = list(in_templates())
    assert len(found) > 800  # the reading itself works
    assert lacking(iter(found)) == []


def test_no_message_lacks_its_english() -> None:
    found = list(said())
    assert len(found) > 300
    assert lacking(iter(found)) == []


def test_no_word_of_a_vocabulary_lacks_its_english() -> None:
    tables = {name: table for name, table in vars(words).items() if name.isupper() and isinstance(table, dict)}
    assert len(tables) > 20
    spoken = ((name, text) for name, table in tables.items() for text in table.values() if isinstance(text, str))
    assert lacking(spoken) == []


def test_no_figure_of_the_reports_lacks_its_english() -> None:
    figures = definitions()
    named = {("measure", w) for m in figures.measures for w in (m.name, m.definition)} | {
        ("ratio", w) for r in figures.ratios for w in (r.name, r.definition)
    }
    assert lacking(iter(named)) == []


@cache
def rules() -> Register:
    return load_register()


def in_data() -> Iterator[tuple[str, str]]:
    """(where, text) of all that the rules and the tables of definitions put on a screen."""
    register = rules()
    for model in register.models:
        yield from ((f"model {model.id}", text) for text in (model.title, model.clears))
    yield from (("law", article.instrument) for article in register.articles)
    for name in (
        "workflow/bundles",
        "workflow/platformscore",
        "workflow/quality",
        "workflow/summary",
        "imaging/faults",
    ):
        table = yaml.safe_load((ROOT / f"{name}.yml").read_text("utf-8"))
        yield from ((name, text) for text in texts_of(table))


def texts_of(value: object) -> Iterator[str]:
    """Every text in a table of YAML."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from texts_of(inner)


def test_no_name_of_a_model_a_law_a_policy_or_a_report_lacks_its_english() -> None:
    found = list(in_data())
    assert len(found) > 200
    assert lacking(iter(found)) == []


def test_every_article_has_its_english() -> None:
    articles = {article.article for article in rules().articles}
    assert [text for text in articles if english.has_chinese(english.article(text))] == []
    assert english.article("第一百二十五条第一款第二项") == "Article 125, paragraph 1, item 2"
    assert english.article("第二十四条、第二十八条至第三十四条") == "Article 24, 28–34"
    assert english.article("附件四之二") == "附件四之二"


def unspoken(text: str) -> str:
    """What is Chinese in the English of a reason, without what it quotes."""
    return "".join(re.findall(f"[{english.HAN}]+", re.sub(r"“[^”]*”", "", english.in_english(text))))


def test_every_reason_is_said_in_english() -> None:
    """What the models say of their own examples: reasons, what was considered, and what is unverified."""
    register = rules()
    screener = Screener(register)
    said = set()
    for model in register.models:
        for title in (*model.must_flag[:1], *model.must_not_flag[:1]):
            screening = screener.screen(example_of(title), date(2026, 9, 9))
            said |= {c.reason for c in screening.clearings}
            for finding in all_findings(screening):
                said |= {finding.reason, finding.clears, *finding.unverified, *(c.reason for c in finding.considered)}
    assert len(said) > 50
    assert {text: unspoken(text) for text in said if unspoken(text)} == {}
    shown = english.in_english("标题中的“其他大米”与“五常大米”读音相同而用字不同；标示产地为“辽宁”，不在保护范围内。")
    assert shown == "“其他大米” in the Title sounds like “五常大米” in other characters; stated origin: “辽宁”, outside the protected area."  # fmt: skip
    assert english.listed("确认1、下架重上0、处罚2") == "upheld 1, back after removal 0, penalised 2"
    assert english.listed("销量30、金额约800元") == "sales 30, about 800 yuan"


def test_no_sentence_of_screening_is_unknown_to_the_english() -> None:
    known = "\n".join(english.catalogue())
    paths = [*sorted((ROOT / "screening").rglob("*.py")), ROOT / "imaging" / "inspector.py"]
    pieces = {piece for path in paths for piece in in_code(path, only_errors=False) if english.has_chinese(piece)}
    plain = {re.sub(r"\{\w+\}", "{}", piece).strip("{}") for piece in pieces if len(piece) > 3 and "?" not in piece}
    assert len(plain) > 100
    assert {piece for piece in plain if piece not in known} == NOT_SAID


def test_a_message_fills_in_what_differs_in_its_language() -> None:
    assert (
        english.in_english("本线索已由 王一 认领；需要时请先接手") == "王一 has claimed this lead; take it over first"
    )
    assert (
        english.in_english("当前状态（已结案）不能执行此操作（判定）") == "Not possible in this state (Closed): Judge"
    )
    assert english.in_english("线索 7：判定为“疑似成立”，已记录") == 'Lead 7: Judge as "Suspicion upheld"; recorded'
    assert english.in_english("别人写的话") == "别人写的话"


def test_the_switch(enter: Callable[[str], TestClient]) -> None:
    client = enter("wang")
    assert client.post("/language", data={"to": "en", "back": "//evil.example"}).headers["location"] == "/"
    assert client.post("/language", data={"to": "en", "back": "/clocks"}).headers["location"] == "/clocks"
    page = client.get("/leads").text
    assert '<html lang="en">' in page and "Not enough proof" in page and ">Review<" in page
    assert "阳澄湖大闸蟹 鲜活现货" in page  # what sellers wrote stays
    refused = client.post("/leads/1/approve", data={"version": "1"})
    assert refused.status_code == 403 and "Your role may not do this" in refused.text
    client.post("/language", data={"to": "zh", "back": "/"})
    assert '<html lang="zh-CN">' in client.get("/leads").text


@pytest.mark.parametrize("path", ["/login", "/tokens", "/documents", "/quality", "/samples"])
def test_no_chinese_is_left_on_a_screen_without_sellers(enter: Callable[[str], TestClient], path: str) -> None:
    client = enter("wang")
    client.post("/language", data={"to": "en", "back": "/"})
    page = client.get(path).text
    for kept in ("王一", "李二", "演练市知识产权局", "中文", "阳澄湖大闸蟹", "线索) of suspected"):
        page = page.replace(kept, "")
    assert re.findall(f"[{english.HAN}]+", page) == []
