"""反馈导入: the platform's own table of answers, matched row by row with what was sent; nothing is written before it was shown.

A row names its lead by number, link, item id or receipt. What cannot be matched, read in one way, or is there twice is
sent back with its reason; the rest is recorded in one transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

import yaml
from sqlalchemy import Connection

from gimonitor.errors import ConflictError, InputError, PermissionDeniedError
from gimonitor.model.zone import BEIJING
from gimonitor.register.schema import Form, Text
from gimonitor.store import audit, leads
from gimonitor.store.clocks import OpenNotice, open_notices
from gimonitor.tables import Row, Table
from gimonitor.workflow import following
from gimonitor.workflow.areas import Within
from gimonitor.workflow.decisions import Actor
from gimonitor.workflow.vocabulary import Answer
from gimonitor.workflow.words import ANSWERS

MOST = 2_000
LATER = timedelta(days=400)
"""For so long after its answer a notice may get another: a counter-notice, a link restored."""


class _Headings(Form):
    columns: Mapping[str, tuple[Text, ...]]
    results: Mapping[Answer, tuple[Text, ...]]
    asides: tuple[Text, ...]
    unsure: tuple[tuple[Text, ...], ...]


@cache
def _headings() -> _Headings:
    return _Headings.model_validate(yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """A row that can be recorded: the notice it answers, and what it says."""

    row: int
    notice: OpenNotice
    kind: Answer
    text: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A row that goes back, with why and its cells as they stand."""

    row: int
    why: str
    cells: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a table would do."""

    matched: tuple[Matched, ...]
    refused: tuple[Refused, ...]
    columns: tuple[tuple[str, str], ...]  # (what it is read as, its heading)


def read_answers(c: Connection, table: Table, *, now: datetime, within: Within = None) -> Preview:
    """Match a table with what was sent and not taken back. Raises InputError where headings or rows are no use."""
    columns = _columns(table.header)
    if "result" not in columns or not {"lead", "url", "item_id", "receipt"} & set(columns):
        raise InputError("表格须有“处理结果”一列，以及线索编号、商品链接、商品编号、受理编号之一")
    index = _index(open_notices(c, within, answered_since=now - LATER))
    matched: list[Matched] = []
    refused: list[Refused] = []
    taken: dict[int, int] = {}
    for row in table.rows:
        if len(matched) + len(refused) >= MOST:
            raise InputError(f"一次最多导入 {MOST} 行")
        found = _match(row, columns, index, now)
        if isinstance(found, Matched) and found.notice.notice_id in taken:
            found = f"与第 {taken[found.notice.notice_id]} 行是同一次报送"
        if isinstance(found, Matched):
            taken[found.notice.notice_id] = row.number
            matched.append(found)
        else:
            refused.append(Refused(row=row.number, why=found, cells=tuple(row.cells.items())))
    return Preview(matched=tuple(matched), refused=tuple(refused), columns=tuple(columns.items()))


def record_answers(
    c: Connection, actor: Actor, preview: Preview, *, now: datetime, file_sha256: str
) -> tuple[int, ...]:
    """Record every matched row; gives the leads. All or none: the caller's transaction is given up on any error, which
    names the row and the lead."""
    for one in preview.matched:
        try:
            _record(c, actor, one, now)
        except (InputError, ConflictError, PermissionDeniedError) as error:
            told = f"整份表格未登记。第 {one.row} 行（线索 {one.notice.lead_id}）：{error}"
            raise type(error)(told) from error
    lead_ids = tuple(one.notice.lead_id for one in preview.matched)
    detail: dict[str, object] = {"sha256": file_sha256, "leads": list(lead_ids), "refused": len(preview.refused)}
    audit.append_audit(c, actor.login, "answers.import", f"answers:{len(lead_ids)}", detail, at=now)
    return lead_ids


def _record(c: Connection, actor: Actor, one: Matched, now: datetime) -> None:
    """Record a row. The lead's version is read here: two notices of one lead may stand in a table."""
    following.answer(
        c,
        actor,
        one.notice.lead_id,
        leads.load_lead_row(c, one.notice.lead_id).version,
        now=now,
        notice_id=one.notice.notice_id,
        kind=one.kind,
        text=one.text,
        received=one.on,
    )


def read_result(text: str) -> Answer | str:
    """The kind of answer that a cell says, or why it has no single reading."""
    rest = "".join(text.casefold().split())
    found: set[Answer | None] = set()
    for phrase, kind in _phrases():
        if phrase in rest:
            rest = rest.replace(phrase, "\n")
            found.add(kind)
    kinds = sorted(kind for kind in found if kind is not None)
    shown = text[:40] or "（空）"
    if not kinds:
        return f"不认识的处理结果：{shown}"
    if len(kinds) > 1:
        return f"处理结果有不止一种读法（{'、'.join(ANSWERS[kind] for kind in kinds)}）：{shown}"
    unsure = next((word for words in _headings().unsure for word in words if word in rest), None)
    if unsure is not None:
        return f"处理结果中有“{unsure}”，不能确定是哪一种结果：{shown}"
    return kinds[0]


@cache
def _phrases() -> tuple[tuple[str, Answer | None], ...]:
    """Known phrases, the longest first, each with its kind; None for what is passed over."""
    return tuple(sorted(_each_phrase(), key=lambda one: (-len(one[0]), one[0])))


def _each_phrase() -> Iterator[tuple[str, Answer | None]]:
    told = _headings()
    for kind, phrases in told.results.items():
        yield from ((phrase.casefold(), kind) for phrase in phrases)
    yield from ((phrase, None) for phrase in told.asides)


def _columns(header: Iterable[str]) -> dict[str, str]:
    """Which heading holds what, the first that fits; {} where nothing is known."""
    folded = {heading.strip().casefold(): heading for heading in header}
    found: dict[str, str] = {}
    for name, headings in _headings().columns.items():
        heading = next((folded[h.casefold()] for h in headings if h.casefold() in folded), None)
        if heading is not None:
            found[name] = heading
    return found


_Index = dict[tuple[str, str], list[OpenNotice]]


def _index(sent: Iterable[OpenNotice]) -> _Index:
    found: _Index = defaultdict(list)
    for one in sent:
        keys = {("lead", str(one.lead_id)), ("url", one.url), ("item_id", one.item_id), ("receipt", one.receipt)}
        for key in keys:
            if key[1]:
                found[key].append(one)
    return found


def _match(row: Row, columns: Mapping[str, str], index: _Index, now: datetime) -> Matched | str:
    if row.problem:
        return "这一行读不出来：编码、引号或列数有误"
    cells = {name: row.cells.get(heading, "").strip() for name, heading in columns.items()}
    kind = read_result(cells["result"])
    if not isinstance(kind, Answer):
        return kind
    notice = _notice(cells, index)
    if isinstance(notice, str):
        return notice
    on = _day(cells.get("day", ""), now)
    if on is None:
        return f"不认识的日期：{cells['day'][:40]}"
    sent = notice.sent_at.astimezone(BEIJING).date()
    if not sent <= on <= now.astimezone(BEIJING).date():
        return f"反馈日期 {on} 不在报送（{sent}）之后、今日之前"
    if notice.detail.get("kind") == kind:
        return f"线索 {notice.lead_id} 的这次报送已登记过同样的反馈（{ANSWERS[kind]}）"
    return Matched(row=row.number, notice=notice, kind=kind, text=cells.get("reason", "")[:2000], on=on)


def _notice(cells: Mapping[str, str], index: _Index) -> OpenNotice | str:
    """The one notice that the row's keys agree on, or why there is none."""
    asked = [(name, cells[name]) for name in ("lead", "url", "item_id", "receipt") if cells.get(name)]
    if not asked:
        return "没有线索编号、链接、商品编号或受理编号"
    found: set[int] | None = None
    by_id: dict[int, OpenNotice] = {}
    for name, value in asked:
        here = {one.notice_id: one for one in index.get((name, value), [])}
        if here:
            by_id |= here
            found = set(here) if found is None else found & set(here)
    if found is None:
        return "没有对应的、等待反馈的报送"
    if waiting := {notice_id for notice_id in found if by_id[notice_id].answered_at is None}:
        found = waiting
    if len(found) != 1:
        return "各列指向不同的报送" if not found else f"对应 {len(found)} 次报送，不能确定是哪一次"
    return by_id[found.pop()]


def _day(text: str, now: datetime) -> date | None:
    if not text:
        return now.astimezone(BEIJING).date()
    said = text.split("T")[0].split(" ")[0].replace("/", "-").replace(".", "-").replace("年", "-").replace("月", "-")
    try:
        year, month, day = (int(part) for part in said.rstrip("日").split("-"))
        return date(year, month, day)
    except ValueError:
        return None
