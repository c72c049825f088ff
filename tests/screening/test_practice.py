"""The labelled goods of the practice marketplace, written by others than the models: which raise something and which do not."""

from datetime import date

import pytest

from gimonitor.practice.catalogue import Good, load_catalogue
from gimonitor.screening import Screener

NEEDS_FACTS = {
    "g044": "no reference price of 西湖龙井 is in the register",
    "g050": "a flavour on other food; 龙井 alone needs a word for tea beside it",
    "g171": "the shop's name is a sub-name that is not listed",
    "g172": "no output of 五常大米 is in the register",
}


@pytest.mark.parametrize("good", [pytest.param(g, id=g.id) for g in load_catalogue().goods.values()])
def test_practice_goods(good: Good, screener: Screener, on: date, request: pytest.FixtureRequest) -> None:
    if good.id in NEEDS_FACTS:
        request.applymarker(pytest.mark.xfail(reason=NEEDS_FACTS[good.id], strict=True))
    screening = screener.screen(load_catalogue().listing(good), good.when or on)
    if good.expect == "flag":
        assert screening.suspicions, (good.why, screening.clearings)
    else:
        assert not screening.suspicions, (good.why, screening.suspicions)
    if good.expect == "remind":
        assert screening.reminders, good.why
