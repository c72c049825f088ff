"""Every model's own examples against the real register, and what a rule file must say."""

from datetime import date

import pytest

from gimonitor.model.register import Model, Register
from gimonitor.register import load_register
from gimonitor.screening import Screener
from gimonitor.screening.families import DEPENDENT, FAMILIES, MIRRORED
from gimonitor.screening.lab import all_findings
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
    screening = screener.screen(example_of(text), on)
    fired = {f.model_id for f in all_findings(screening)}
    assert (model.id in fired) is must_flag, (fired, screening.clearings)


def test_every_family_has_a_model() -> None:
    assert {m.family for m in REGISTER.models} == set(FAMILIES)
    assert set(FAMILIES) >= DEPENDENT
    assert set(FAMILIES) >= MIRRORED


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
