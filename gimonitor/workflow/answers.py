"""反馈导入: the platform's own table of answers, matched row by row with what was sent; nothing is written before it was shown.

A row names its lead by number, link, item id or receipt. What cannot be matched, read or is there twice is sent back
with its reason; the rest is recorded in one transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path

import yaml
from sqlalchemy import Connection

from gimonitor.errors import InputError
from gimonitor.model.zone import BEIJING
from gimonitor.register.schema import Form, Text
from gimonitor.store import audit
from gimonitor.store.clocks import OpenNotice, open_notices
from gimonitor.tables import Row, Table
from gimonitor.workflow import following
from gimonitor.workflow.areas import Within
from gimonitor.workflow.decisions import Actor
from gimonitor.workflow.vocabulary import Answer

MOST = 2_000


class _Headings(Form):
    columns: Mapping[str, tuple[Text, ...]]
    results: Mapping[Answer, tuple[Text, ...]]


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
    """Match a table with what was sent and has no final answer. Raises InputError where headings or rows are no use."""
    columns = _columns(table.header)
    if "result" not in columns or not {"lead", "url", "item_id", "receipt"} & set(columns):
        raise InputError("表格须有“处理结果”一列，以及线索编号、商品链接、商品编号、受理编号之一")
    index = _index(open_notices(c, within))
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
    """Record every matched row; gives the leads. All or none: the caller's transaction is given up on any error."""
    for one in preview.matched:
        following.answer(
            c,
            actor,
            one.notice.lead_id,
            one.notice.lead_version,
            now=now,
            notice_id=one.notice.notice_id,
            kind=one.kind,
            text=one.text,
            received=one.on,
        )
    leads = tuple(one.notice.lead_id for one in preview.matched)
    detail: dict[str, object] = {"sha256": file_sha256, "leads": list(leads), "refused": len(preview.refused)}
    audit.append_audit(c, actor.login, "answers.import", f"answers:{len(leads)}", detail, at=now)
    return leads


def kind_of(text: str) -> Answer | None:
    """The kind of answer that a cell says, by its longest known word."""
    said = text.casefold()
    found = [(len(word), kind) for kind, words in _headings().results.items() for word in words if word in said]
    return max(found)[1] if found else None


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
    kind = kind_of(cells["result"])
    if kind is None:
        return f"不认识的处理结果：{cells['result'][:40] or '（空）'}"
    notice = _notice(cells, index)
    if isinstance(notice, str):
        return notice
    on = _day(cells.get("day", ""), now)
    if on is None:
        return f"不认识的日期：{cells['day'][:40]}"
    sent = notice.sent_at.astimezone(BEIJING).date()
    if not sent <= on <= now.astimezone(BEIJING).date():
        return f"反馈日期 {on} 不在报送（{sent}）之后、今日之前"
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
