"""Every model's own examples against the real register, and what a rule file must say."""

import inspect
import re
from datetime import date
from pathlib import Path

import pytest

from gimonitor.model.register import Model, Register
from gimonitor.register import load_register, rules_dir
from gimonitor.register.families import KNOWN, Words, parameters_of
from gimonitor.screening import Screener
from gimonitor.screening.families import DEPENDENT, FAMILIES, MIRRORED
from gimonitor.screening.lab import all_findings, screen_example
from gimonitor.screening.mentions import How
from gimonitor.screening.records import example_of

REGISTER = load_register()
EXAMPLES = [
    pytest.param(model, text, flag, id=f"{model.id}-{'flag' if flag else 'clear'}-{i}")
    for model in REGISTER.models
    for flag, texts in ((True, model.must_flag), (False, model.must_not_flag))
    for i, text in enumerate(texts)
]


@pytest.mark.parametrize(("model", "text", "must_flag"), EXAMPLES)
def test_examples(model: Model, text: str, must_flag: bool, screener: Screener, on: date) -> None:
    screening = screen_example(screener, text, on)
    fired = {f.model_id for f in all_findings(screening)}
    assert (model.id in fired) is must_flag, (fired, screening.clearings)


def test_every_family_has_a_model() -> None:
    assert {m.family for m in REGISTER.models} == set(FAMILIES) == KNOWN
    assert set(FAMILIES) >= DEPENDENT
    assert set(FAMILIES) >= MIRRORED


def test_the_forms_that_a_model_may_name_are_those_there_are() -> None:
    kinds = parameters_of("near-name")["kinds"]
    assert isinstance(kinds, Words) and {How(kind) for kind in kinds.choices} | {How.PLACE, How.ADDRESSED} <= set(How)
    assert kinds.fault(" ".join(kinds.choices)) == ""


@pytest.mark.parametrize("family", sorted(KNOWN))
def test_a_family_asks_for_the_parameters_that_are_declared(family: str) -> None:
    """Names that a family's code asks for by text are those of `gimonitor.register.families`."""
    module = Path(inspect.getfile(FAMILIES[family])).read_text(encoding="utf-8")
    asked = set(re.findall(r"rule\.(?:number|words)\(\"(\w+)\"", module)) | {"kinds"}
    assert set(parameters_of(family)) <= asked
    declared = {
        name
        for f, run in FAMILIES.items()
        if run.__module__ == FAMILIES[family].__module__
        for name in parameters_of(f)
    }
    assert asked - {"kinds"} <= declared


@pytest.mark.parametrize("model", [pytest.param(m, id=m.id) for m in REGISTER.models])
def test_every_model_has_examples_or_says_why_not(model: Model) -> None:
    text = (rules_dir() / model.path.rpartition(":")[0]).read_text(encoding="utf-8")
    assert model.must_not_flag
    assert model.must_flag or "\nnotes: " in text


@pytest.mark.parametrize("model", [pytest.param(m, id=m.id) for m in REGISTER.models])
def test_every_cited_key_exists(model: Model, register: Register) -> None:
    known = {article.key for article in register.articles}
    assert set(model.law) <= known
    assert model.clears
    assert 0 <= model.severity <= 1


def test_law_follows_the_day_of_the_act(screener: Screener) -> None:
    listing = example_of('{"title": "五常大米 10斤", "origin": "安徽"}')
    for day, article in ((date(2026, 12, 31), "第十六条"), (date(2027, 1, 1), "第二十三条")):
        (suspicion,) = screener.screen(listing, day).suspicions
        cited = {c.key: c.article for c in suspicion.findings[0].law}
        assert cited["trademark-law:gi-clause"] == article
