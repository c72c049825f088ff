"""The screens in English: no text of a template, no word of a vocabulary and no message of the application lacks its English."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import MISSING, fields, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml
from starlette.testclient import TestClient

import gimonitor
from gimonitor.model.register import (
    GI,
    Area,
    AuthorisedUser,
    Basis,
    Certainty,
    Fact,
    Kind,
    Protection,
    Register,
    Season,
    Sign,
    Standard,
)
from gimonitor.papers.jurisdiction import GROUNDS
from gimonitor.papers.origins import Account
from gimonitor.papers.platforms import load_profiles
from gimonitor.papers.purchases import ACTS
from gimonitor.papers.values import KIND_WORDS
from gimonitor.parsing.parsers import PARSERS
from gimonitor.register import load_register
from gimonitor.register.calendar import key_periods
from gimonitor.register.gifile import build_gi_file
from gimonitor.register.signfile import SIGN_KINDS, build_sign_file
from gimonitor.screening import Screener
from gimonitor.screening.lab import all_findings
from gimonitor.screening.records import example_of
from gimonitor.web import english, words
from gimonitor.workflow.figures import definitions

ROOT = Path(gimonitor.__file__).parent
WHOLE = ("papers/kinds.py", "papers/worksheet.py", "papers/reports.py", "workflow/rechecks.py")
"""Modules outside the web room whose every text is on a screen."""
SPEAKING = ("workflow", "papers", "evidence", "imaging", "store")
"""Rooms whose errors officers read."""
NOT_SHOWN = {
    "web/english.py",  # speaks of characters
    "web/issues.py",  # stands before lines that are English themselves, which the English screens show alone
    "web/problems.py:一",
    "web/problems.py:鿿",
}
NOT_SAID = {
    r"\d{3,}[个张枚条只]",  # patterns, and what only the command line says
    "%Y年%m月%d日",
    "%Y年%m月",
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
    for name in WHOLE:
        yield from ((name, text) for text in in_code(ROOT / name, only_errors=False))
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
    for gi in register.gis:
        vocabularies = (gi.category, gi.product_group, gi.eu_list)
        yield from ((f"gi {gi.id}", fact.value) for fact in vocabularies if fact)
    for profile in load_profiles().values():
        about = (profile.who, *profile.reason_codes, *(a.about for a in profile.attachments))
        yield from ((f"complaints {profile.id}", text) for text in (profile.name, *(said.value for said in about)))
    for period in key_periods(2026):
        yield from (("key periods", text) for text in (period.name, period.why))
    for table in (GROUNDS, ACTS, KIND_WORDS):
        yield from (("desk", text) for text in table.values())
    grounds = in_code(ROOT / "papers/jurisdiction.py", only_errors=False)
    yield from (("desk", text) for text in (*(text for text in grounds if "所示" in text), *Account))
    sources = yaml.safe_load((ROOT / "crawling/apis.yml").read_text("utf-8"))
    yield from (("sources", source["bias"]) for source in sources.values() if "bias" in source)
    for name in (
        "workflow/breakdowns",
        "workflow/bundles",
        "workflow/platformscore",
        "workflow/quality",
        "workflow/summary",
        "imaging/faults",
        "register/places",
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


def plain_fact(value: Any) -> Fact[Any]:
    return Fact(value=value, certainty=Certainty.UNVERIFIED, source="S", checked_by="")


def plain_gi(**changes: Any) -> GI:
    """A GI all of whose facts are known and none of them Chinese, so that what is Chinese on its page is ours."""
    day, text = plain_fact(date(2020, 1, 1)), plain_fact("T")
    kinds = [
        Protection(
            kind=plain_fact(kind), numbers=(text,), starts=day, ends=day, holder=text, converted_from=plain_fact(kind)
        )
        for kind in Kind
    ]
    known: dict[str, Any] = {
        "protections": tuple(kinds),
        "area": Area(adcodes=plain_fact(("999999",)), townships=text),
        "season": Season(opens=text, closes=text, harvest=text, opening_dates=((2026, day),)),
        "standards": (Standard(code=text, starts=day, ends=day),),
        "price_floors_fen": ((2026, plain_fact(100)),),
        "output_tonnes": ((2026, plain_fact(2.0)),),
        "nice_classes": (31,),
        "sc_categories": ("1",),
    }
    for name in ("aliases", "translations", "near", "twins", "company_words", "brands", "conflicting_standards"):
        known[name] = (
            text,
            Fact(value="T", certainty=Certainty.FOUND, source="S", checked_by="A", checked_on=date(2026, 1, 1)),
        )
    for name in ("product_words", "like_words", "generic_words", "needs_near", "not_goods"):
        known[name] = ("T",)
    for name in ("category", "product_group", "goods", "eu_list", "eu_name"):
        known[name] = text
    known |= {"core": "C", "notes": "N", "origin": "O"} | changes
    return GI(id="x", name="N", certainty=Certainty.UNVERIFIED, source="R", **known)


def test_no_word_of_a_register_page_lacks_its_english() -> None:
    users = tuple(
        AuthorisedUser(
            gi_id="x", name="U", uscc="9", basis=basis, certainty=Certainty.FOUND, source="S", shops=(("s", "S"),)
        )
        for basis in Basis
    )
    bare = plain_gi(**{f.name: f.default for f in fields(GI) if f.default is not MISSING})
    signs = [Sign(id="s", name="N", kind=kind, certainty=Certainty.UNVERIFIED, source="") for kind in SIGN_KINDS]
    on = date(2026, 9, 9)
    pages = [build_gi_file(replace(rules(), gis=(gi,), users=users), gi, on) for gi in (plain_gi(), bare)]
    said = set()
    for section in (section for page in (*pages, *(build_sign_file(sign, on) for sign in signs)) for section in page):
        said |= {english.in_english(section.title)}
        said |= {english.filed(text) for entry in section.entries for text in entry}
    assert len(said) > 60
    assert [text for text in said if english.has_chinese(text)] == []
    assert english.filed("某湖（未核实）；不在有效期") == "某湖(unverified); not in force"


def test_every_part_that_a_parser_looks_for_has_a_word() -> None:
    assert {part for parser in PARSERS for part in parser.gives.split()} <= words.PARTS.keys()


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
    inspector = [ROOT / "imaging" / f"{name}.py" for name in ("abolished", "creditcode", "inspector", "numbers")]
    paths = [*sorted((ROOT / "screening").rglob("*.py")), *inspector]
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
    said = "Please check: receipt number (at most 200 characters), Reason"
    assert english.in_english("请检查：回执编号（最多 200 个字）、理由").casefold() == said.casefold()


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
