"""报表文书: the work summary and the yearly report on the use of the special mark, as values of their papers and as tables.

What the register does not know for certain is a marked blank; no unverified fact is printed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from gimonitor.configuration import Configuration
from gimonitor.model.register import GI, AuthorisedUser, Basis, Certainty, Fact, Register
from gimonitor.papers.forms import blank, fill_form
from gimonitor.papers.values import KIND_WORDS, chinese_date
from gimonitor.register.cells import is_number
from gimonitor.register.gifile import gis_of_province
from gimonitor.workflow.areas import Within
from gimonitor.workflow.figures import Figures, Period
from gimonitor.workflow.summary import Line, Summary

_BASES = {Basis.ANNOUNCEMENT: "公告核准", Basis.MEMBER: "集体成员", Basis.LICENSEE: "被许可人", Basis.OTHER: "其他"}
_BY_HAND = (
    "用标产品数",
    "年产量",
    "年产值、销售额、出口额",
    "专用标志使用数量",
    "检验检测批次和合格率",
    "监督检查次数和抽查比例",
    "发现问题、整改和处罚",
    "标准制修订",
    "政策宣贯和宣传培训",
    "典型案例",
)
"""What no record of ours tells."""
_COUNTED = (("网络监测线索数", "found"), ("移送数", "transferred"), ("平台已处理数", "removed"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell of the yearly report; `measure` is the figure whose leads a number counts."""

    name: str
    value: str
    measure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkUse:
    """What the yearly report says of one GI."""

    gi_id: str
    name: str
    cells: tuple[Cell, ...]


def year_of(year: int) -> Period:
    """The days of a year."""
    return Period(first=date(year, 1, 1), last=date(year, 12, 31))


def mark_use(register: Register, counted: Figures, province: str = "", within: Within = None) -> tuple[MarkUse, ...]:
    """The yearly report over the GIs of a province, or of all, within somebody's area, at the end of the period."""
    on = counted.period.last
    gis = [gi for gi in gis_of_province(register, province) if gi.is_gi]
    users: dict[str, list[AuthorisedUser]] = {}
    for user in register.users:
        if user.certainty is not Certainty.PRACTICE:
            users.setdefault(user.gi_id, []).append(user)
    return tuple(_mark_use(gi, users.get(gi.id, []), counted, on) for gi in gis if within is None or gi.id in within)


def _mark_use(gi: GI, users: list[AuthorisedUser], counted: Figures, on: date) -> MarkUse:
    protections = gi.protections_on(on)
    kinds = [KIND_WORDS[p.kind.value] for p in protections if _found(p.kind) and p.kind.value in KIND_WORDS]
    numbers = [f.value for p in protections for f in p.numbers if _found(f) and is_number(f.value)]
    standards = [s.code.value for s in gi.standards if s.is_active(on) and _found(s.code)]
    holders = [p.holder.value for p in protections if p.holder is not None and _found(p.holder)]
    in_force = [u for u in users if u.is_active(on)]
    begun = [u for u in users if u.starts is not None and u.starts.year == on.year]
    ended = [u for u in users if u.ends is not None and u.ends.year == on.year]
    cells = [
        _cell("类型", kinds),
        _cell("公告号、注册号", numbers),
        _cell("标准号", standards),
        _cell("产地", [gi.province + gi.city] if gi.province and gi.place_certainty is Certainty.FOUND else []),
        _cell("申请人、注册人", holders),
        _cell("合法使用人数量（期末）", [_numbers_of(in_force)] if users else []),
        _cell("新增、注销数", [f"新增 {len(begun)}，注销 {len(ended)}（按登记的起止日期）"] if users else []),
    ]
    cells += [
        Cell(name=name, value=str(len(counted.leads(measure, gi.id))), measure=measure) for name, measure in _COUNTED
    ]
    cells += [Cell(name=name, value=blank(name)) for name in _BY_HAND]
    return MarkUse(gi_id=gi.id, name=gi.name, cells=tuple(cells))


def _found(fact: Fact[object]) -> bool:
    return fact.certainty is Certainty.FOUND


def _cell(name: str, known: Iterable[str]) -> Cell:
    told = "、".join(dict.fromkeys(known))
    return Cell(name=name, value=told or blank(name))


def _numbers_of(users: list[AuthorisedUser]) -> str:
    by_basis = [(word, sum(user.basis is basis for user in users)) for basis, word in _BASES.items()]
    parts = "，".join(f"{word} {count}" for word, count in by_basis if count)
    return f"{len(users)}" + (f"（{parts}）" if parts else "")


def print_mark_use(report: Iterable[MarkUse], counted: Figures, configuration: Configuration, now: datetime) -> bytes:
    """The yearly report as DOCX."""
    gis = [{"name": g.name, "cells": [{"name": c.name, "value": c.value} for c in g.cells]} for g in report]
    values = _paper(configuration, now) | {
        "report": {"year": str(counted.period.first.year), "gis": gis},
        "coverage": coverage_values(counted),
    }
    return fill_form("special-mark-report", values, configuration.data_dir / "templates")


def print_summary(made: Summary, configuration: Configuration, now: datetime) -> bytes:
    """The work summary as DOCX."""
    sections = [{"title": title, "lines": [_line(line) for line in lines]} for title, lines in made.sections]
    period = made.figures.period
    values = _paper(configuration, now) | {
        "period": _days(period),
        "before": _days(period.before),
        "coverage": coverage_values(made.figures),
        "sections": sections,
    }
    return fill_form("work-summary", values, configuration.data_dir / "templates")


def _line(line: Line) -> dict[str, str]:
    name = f"　{line.name}" if line.is_part else line.name
    value = blank(line.blank) if line.blank else line.value
    return {"name": name, "value": value, "before": line.before, "definition": line.definition}


def _days(period: Period) -> dict[str, str]:
    return {"first": period.first.isoformat(), "last": period.last.isoformat()}


def coverage_values(counted: Figures) -> dict[str, object]:
    """What was asked in a period and how much of it was answered in full, as text."""
    nights = counted.nights
    return {
        "asked": str(counted.asked),
        "complete": str(counted.complete),
        "blocked": str(sum(night.blocked for night in nights)),
        "cut_off": str(sum(night.cut_off for night in nights)),
    }


def _paper(configuration: Configuration, now: datetime) -> dict[str, object]:
    return {"paper": {"organisation": configuration.organisation, "date": chinese_date(now)}}
