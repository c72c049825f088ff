"""What will break next: authorisations, standards, documents, root certificates and calendars that end soon."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, timedelta

from gimonitor.errors import RulesError
from gimonitor.model.register import Register
from gimonitor.model.zone import BEIJING
from gimonitor.operations.checkup import Examination, Line, fine, warn
from gimonitor.papers.documents import DocumentStore
from gimonitor.papers.places import trusted_roots
from gimonitor.register import load_register
from gimonitor.register.calendar import is_provisional

SOON = timedelta(days=60)
SHOWN = 5


def outlook(x: Examination) -> Iterator[Line]:
    """Everything with an end within 60 days, or past it, the register's first."""
    today = x.now.astimezone(BEIJING).date()
    lines = [*_register(x, today), *_documents(x, today), *_roots(x), *_calendar(today)]
    yield from lines or [fine("展望", "60 天内没有到期的授权、标准、材料、证书或日历")]


def _register(x: Examination, today: date) -> Iterator[Line]:
    try:
        register = load_register(x.configuration.rules_dir, cache_dir=x.configuration.cache_dir)
    except RulesError:
        return  # told by the check of the rules
    for what, todo, ends in (
        ("授权", "向主管部门核实续期，更新用户名单（gimonitor register）", _users(register)),
        ("标准", "核实替代标准，更新规则", _standards(register)),
        ("保护", "核实保护期限和续展，更新规则", _protections(register)),
    ):
        yield from _ending(what, todo, ends, today)


def _users(register: Register) -> list[tuple[date, str]]:
    return [(user.ends, f"{user.name}（{user.gi_id}）") for user in register.users if user.ends]


def _standards(register: Register) -> list[tuple[date, str]]:
    return [(s.ends.value, f"{gi.name} {s.code.value}") for gi in register.gis for s in gi.standards if s.ends]


def _protections(register: Register) -> list[tuple[date, str]]:
    """The last protection of each GI; one that another has taken over is no matter."""
    found = []
    for gi in register.gis:
        if gi.protections and all(p.ends for p in gi.protections):
            found.append((max(p.ends.value for p in gi.protections if p.ends), gi.name))
    return found


def _ending(what: str, todo: str, ends: list[tuple[date, str]], today: date) -> Iterator[Line]:
    over = sorted(item for item in ends if item[0] < today)
    soon = sorted(item for item in ends if today <= item[0] <= today + SOON)
    if over:
        yield warn("展望", f"{what}已到期 {len(over)} 项：{_listed(over[::-1])}", todo)
    if soon:
        yield warn("展望", f"{what} 60 天内到期 {len(soon)} 项：{_listed(soon)}", todo)


def _listed(ends: list[tuple[date, str]]) -> str:
    shown = "、".join(f"{name} {day}" for day, name in ends[:SHOWN])
    return shown + (" 等" if len(ends) > SHOWN else "")


def _documents(x: Examination, today: date) -> Iterator[Line]:
    kept = DocumentStore(x.configuration.data_dir / "documents").documents()
    ends = [(d.ends, f"{d.title}（{d.holder}）") for d in kept if d.ends]
    yield from _ending("材料", "补充新的有效材料：gimonitor evidence document", ends, today)


def _roots(x: Examination) -> Iterator[Line]:
    ends = [(r.not_valid_after_utc.date(), r.subject.rfc4514_string()) for r in trusted_roots(x.configuration)]
    today = x.now.astimezone(UTC).date()
    yield from _ending("时间戳根证书", "向时间戳机构索取新的根证书", ends, today)


def _calendar(today: date) -> Iterator[Line]:
    todo = "国务院办公厅公布放假安排后，升级 chinesecalendar"
    for year in sorted({today.year, (today + SOON).year}):
        if is_provisional(date(year, 1, 1)):
            said = f"{year} 年没有国务院放假安排，工作日时限为暂算"
            yield warn("展望", said, todo)
