"""Each fact that nobody has checked lowers what a finding rests on it for."""

from dataclasses import replace
from datetime import date

from gimonitor.model.register import GI, Certainty, Register
from gimonitor.screening import Screener
from gimonitor.screening.lab import all_findings
from gimonitor.screening.records import listing_of


def found(register: Register, gi: GI, on: date) -> tuple[float, tuple[str, ...]]:
    gis = tuple(gi if one.id == gi.id else one for one in register.gis)
    listing = listing_of({"title": f"{gi.name} 500g", "origin": "江苏宜兴"})
    (finding,) = all_findings(Screener(replace(register, gis=gis)).screen(listing, on))
    return finding.confidence, finding.unverified


def test_confidence_falls_with_each_open_fact(register: Register, on: date) -> None:
    gi = next(gi for gi in register.gis if gi.name == "兰州百合")
    assert gi.area is not None
    checked = replace(gi.area, adcodes=replace(gi.area.adcodes, certainty=Certainty.FOUND))
    guessed = replace(gi.area, adcodes=replace(gi.area.adcodes, certainty=Certainty.UNVERIFIED))
    sure = found(register, replace(gi, certainty=Certainty.FOUND, area=checked), on)
    area = found(register, replace(gi, certainty=Certainty.FOUND, area=guessed), on)
    both = found(register, replace(gi, certainty=Certainty.UNVERIFIED, area=guessed), on)
    none = found(register, replace(gi, certainty=Certainty.FOUND, area=None), on)
    assert sure[0] > area[0] > both[0] and area[0] == none[0]
    assert [len(notes) for _, notes in (sure, area, both, none)] == [0, 1, 2, 1]
    assert "尚未录入" in none[1][0]
