"""Reads a bureau's tables of GI products, former AGI, marks and standards: what each row says of which GI."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import TypedDict

from gimonitor.errors import InputError
from gimonitor.model.register import Certainty, Kind
from gimonitor.register.cells import clean, clean_name, is_number, parse_day
from gimonitor.register.classes import class_of
from gimonitor.register.former import Former, former_divisions
from gimonitor.register.regions import Region, find_regions, region
from gimonitor.register.usertable import Reject, error_reasons
from gimonitor.tables import Row, Table


class TableKind(StrEnum):
    """The shapes that are known, told apart by their headings."""

    PRODUCTS = "products"
    AGI = "agi"
    MARKS = "marks"
    STANDARDS = "standards"
    ANNOUNCEMENTS = "announcements"


@dataclass(frozen=True, slots=True, kw_only=True)
class GIRow:
    """What one row says: about one name, one protection, one standard, or the day of one announcement (`name` is its title)."""

    number: int
    name: str
    kind: Kind | None = None
    numbers: tuple[str, ...] = ()
    note: str = ""  # what is told of the protection and is no number: a year of registration, an earlier step
    starts: date | None = None
    holder: str = ""
    standard: str = ""
    standard_starts: date | None = None
    standard_ended: bool = False
    adcodes: tuple[str, ...] = ()
    area_doubt: str = ""  # why the area of the row is not certain; then `adcodes` holds at most what is likely
    province: str = ""  # the first two digits of the code of where it lies
    area_text: str = ""
    goods: str = ""
    category: str = ""
    product_group: str = ""
    nice_class: int | None = None
    table: str = ""  # the name of the table, where several are read together

    @property
    def place(self) -> str:
        """Where the row stands, for messages."""
        return f"{self.table} row {self.number}".lstrip()


_NAMES = ("产品名称", "商标名称", "文件名称", "name", "product_name", "名称")
_MARKED: tuple[tuple[TableKind, frozenset[str]], ...] = (
    (TableKind.MARKS, frozenset({"商标类型", "注册号"})),
    (TableKind.STANDARDS, frozenset({"标准号", "产品名称"})),
    (TableKind.ANNOUNCEMENTS, frozenset({"文件名称", "文件类型", "公告时间"})),
    (TableKind.AGI, frozenset({"产品编号", "登记年份"})),
    (TableKind.PRODUCTS, frozenset({"产品名称", "批准公告(简称)"})),
    (TableKind.PRODUCTS, frozenset({"name", "approval_announcement_no", "adcode"})),
)
_POLICIES = frozenset({"文件名称", "文件类型", "时间"})
_USED: dict[TableKind, frozenset[str]] = {
    TableKind.PRODUCTS: frozenset({
        "产品名称", "类别", "申请机构", "受理年度", "受理公告(全称)", "批准年度", "批准公告(简称)", "省份名称", "地市县区名称",
        "保护范围", "界定保护范围文件", "技术规范", "name", "approval_announcement_no", "approval_year", "adcode", "province",
        "city", "classification_id",
    }),
    TableKind.AGI: frozenset({"产品名称", "市", "区县", "产品编号", "证书持有者", "登记年份", "类别"}),
    TableKind.MARKS: frozenset({"商标名称", "商标类型", "注册人中文名称", "注册号", "国际分类", "申请日期"}),
    TableKind.STANDARDS: frozenset({"产品名称", "标准号", "状态", "实施日期"}),
    TableKind.ANNOUNCEMENTS: frozenset({"文件名称", "文件类型", "公告时间"}),
}  # fmt: skip
_STANDARD = re.compile(r"(?:GB|DB\s?\d{2}|NY|SB|QB|LY|GH|T|Q)(?:\s?/\s?[A-Z]{1,8})?\s*\d[\d.]*\s*[-—]\s*\d{4}")
_UNREAD = re.compile(r"[\u4e00-\u9fff]+[县区市旗州盟]")
_ENDED = ("废止", "作废", "被代替")


def tell_kind(header: tuple[str, ...]) -> TableKind | None:
    """Which of the known shapes a table has, or None."""
    names = {clean(heading) for heading in header}
    return next((kind for kind, marks in _MARKED if marks <= names), None)


def unused_columns(header: tuple[str, ...]) -> tuple[str, ...]:
    """The headings of a known shape that nothing is taken from."""
    kind = tell_kind(header)
    return tuple(name for name in header if name and kind and clean(name) not in _USED[kind])


def read_gi_table(table: Table, kind: TableKind | None = None) -> tuple[list[GIRow], list[Reject]]:
    """Every row as what it says, or as a reject with its reasons. Raises InputError for a table of unknown shape."""
    kind = kind or tell_kind(table.header)
    if kind is None:
        raise InputError(f"{table.name}: {_unknown(table.header)}")
    rows: list[GIRow] = []
    rejects: list[Reject] = []
    for row in table.rows:
        used = [heading for heading in table.header if clean(heading) in _USED[kind]]
        reasons = [row.problem] if row.problem else error_reasons(row, used)
        found = None if reasons else _read(row, kind, reasons)
        if reasons or found is None:
            rejects.append(Reject(number=row.number, reasons=tuple(reasons), cells=row.cells))
        else:
            rows.append(found)
    return rows, rejects


def _unknown(header: tuple[str, ...]) -> str:
    """What a table is that is none of the known shapes, and what to do with it."""
    names = {clean(heading) for heading in header}
    if names >= _POLICIES:
        return (
            "a list of policy documents; nothing of it belongs into a GI file: leave it out (laws stand in rules/law)"
        )
    if {"enterprise", "企业名称"} & names:
        return "a table of authorised users, it seems; import it by: gimonitor register import-users"
    shapes = "; ".join(f"{kind}: {', '.join(sorted(marks))}" for kind, marks in _MARKED)
    return f"no table of a known shape. Its columns: {', '.join(header)}. The shapes, by the columns they must have: {shapes}"


def _class(text: str) -> _Class:
    found = class_of(text)
    if found is None:
        return _Class(goods=text, category="", product_group="")
    return _Class(goods=found.name, category=found.category, product_group=found.product_group)


def _notes(cells: Mapping[str, str], *headings: str) -> list[str]:
    """What is told under these headings and has no place of its own in a GI file."""
    return [f"{heading}：{cells[heading]}" for heading in headings if cells.get(heading)]


def _read(row: Row, kind: TableKind, reasons: list[str]) -> GIRow | None:
    cells = {clean(heading): clean(cell) for heading, cell in row.cells.items()}
    name = clean_name(next((cells[heading] for heading in _NAMES if cells.get(heading)), ""))
    if len(name) < 2:
        reasons.append("no name (merged cells?)")
        return None
    area_text = row.cells.get(
        "保护范围", ""
    ).strip()  # as it stands: degrees and minutes are written with marks of their own
    return _READERS[kind](GIRow(number=row.number, name=name, area_text=area_text), cells, reasons)


def _product(base: GIRow, cells: Mapping[str, str], reasons: list[str]) -> GIRow:
    number = cells.get("批准公告(简称)") or cells.get("approval_announcement_no", "")
    told = _numbers({"批准公告": number})
    day = cells.get("批准年度") or cells.get("approval_year", "")
    notes = _notes(cells, "受理年度", "受理公告(全称)", "界定保护范围文件")
    notes += [f"批准年度：{day}"] if re.fullmatch(r"\d{4}年?", day) else []
    standard = _STANDARD.search(cells.get("技术规范", ""))
    return replace(
        base,
        kind=Kind.GI_PRODUCT,
        numbers=told["numbers"],
        note="；".join((*([told["note"]] if told["note"] else []), *notes)),
        starts=_day(day, reasons),
        holder=clean_name(cells.get("申请机构", "")),
        standard=standard.group().replace("—", "-") if standard else "",
        **_area(cells, reasons),
        **_class(cells.get("类别") or cells.get("classification_id", "")),
    )


def _agi(base: GIRow, cells: Mapping[str, str], reasons: list[str]) -> GIRow:
    return replace(
        base,
        kind=Kind.AGI,
        **_numbers({"产品编号": cells.get("产品编号", ""), "登记年份": cells.get("登记年份", "")}),
        holder=clean_name(cells.get("证书持有者", "")),
        **_area(cells, reasons),
        **_class(cells.get("类别", "")),
    )


def _mark(base: GIRow, cells: Mapping[str, str], reasons: list[str]) -> GIRow:
    kinds = {"证明商标": Kind.CERTIFICATION_MARK, "集体商标": Kind.COLLECTIVE_MARK}
    kind = kinds.get(cells.get("商标类型", ""))
    if kind is None:
        reasons.append(f"商标类型: {cells.get('商标类型', '')!r} is neither 证明商标 nor 集体商标")
    number = cells.get("注册号", "")
    if not re.fullmatch(r"G?\d{5,8}[A-Z]?", number):
        reasons.append(f"注册号: {number!r} is no registration number")
    nice = cells.get("国际分类", "")
    if nice and not (nice.isdigit() and 1 <= int(nice) <= 45):
        reasons.append(f"国际分类: {nice!r} is no class from 1 to 45")
        nice = ""
    holder = clean_name(cells.get("注册人中文名称", ""))
    return replace(
        base,
        kind=kind,
        numbers=(number,),
        note="".join(_notes(cells, "申请日期")),
        holder=holder,
        nice_class=int(nice) if nice else None,
    )


def _standard(base: GIRow, cells: Mapping[str, str], reasons: list[str]) -> GIRow:
    code = cells["标准号"].replace("—", "-")
    if not _STANDARD.fullmatch(code):
        reasons.append(f"标准号: {code!r} is no standard number")
    return replace(
        base,
        standard=code,
        standard_starts=_day(cells.get("实施日期", ""), reasons),
        standard_ended=any(word in cells.get("状态", "") for word in _ENDED),
    )


def _announcement(base: GIRow, cells: Mapping[str, str], reasons: list[str]) -> GIRow:
    number = re.search(r"(?:\d{4}年)?第\d+号", base.name)
    if not number:
        reasons.append(f"文件名称: no announcement number in {base.name!r}")
    starts = _day(cells["公告时间"], reasons)
    return replace(base, numbers=(number.group(),) if number else (), starts=starts, goods=cells["文件类型"])


_READERS: dict[TableKind, Callable[[GIRow, Mapping[str, str], list[str]], GIRow]] = {
    TableKind.PRODUCTS: _product,
    TableKind.AGI: _agi,
    TableKind.MARKS: _mark,
    TableKind.STANDARDS: _standard,
    TableKind.ANNOUNCEMENTS: _announcement,
}


def _day(text: str, reasons: list[str]) -> date | None:
    if re.fullmatch(r"\d{4}年?", text):
        return None  # a year alone is no day
    try:
        return parse_day(text)
    except ValueError as error:
        reasons.append(str(error))
        return None


class _Class(TypedDict):
    goods: str
    category: str
    product_group: str


class _Numbers(TypedDict):
    numbers: tuple[str, ...]
    note: str


def _numbers(cells: Mapping[str, str]) -> _Numbers:
    """The numbers among these cells; what is none (公示, 受理, a year) becomes a note under its heading."""
    given = {heading: text for heading, text in cells.items() if text}
    others = [f"{heading}：{text}" for heading, text in given.items() if not is_number(text)]
    return _Numbers(numbers=tuple(text for text in given.values() if is_number(text)), note="；".join(others))


class _Area(TypedDict):
    adcodes: tuple[str, ...]
    area_doubt: str
    province: str


def _area(cells: Mapping[str, str], reasons: list[str]) -> _Area:
    """The code in the table, else what its words of place mean; an ambiguous place is a reason to refuse the row.

    Nothing is widened: a code or a name that is no division of today leaves the area open, with the doubt said.
    """
    code = cells.get("adcode", "")
    words = "".join(cells.get(name, "") for name in ("省份名称", "地市县区名称", "province", "city", "市", "区县"))
    if code and region(code):
        return _Area(adcodes=(code,), area_doubt="", province=code[:2])
    found = find_regions(words)
    if any(place.ambiguous for place in found):
        reasons.append(f"place {words!r} may mean {', '.join(f'{p.city}{p.county}' for p in found)}")
    codes = tuple(dict.fromkeys(place.adcode for place in found))
    province = (codes[0] if codes else code)[:2]
    if code:
        return _former(code, province)
    if unread := _UNREAD.search(_left(words, found)):
        doubt = f"{unread.group()!r} of {words!r} is no division of today; area left out"
        return _Area(adcodes=(), area_doubt=doubt, province=province)
    if old := next((f for f in former_divisions().values() if f.successor in codes and _is_meant(f, words)), None):
        return _Area(adcodes=codes, area_doubt=_successor(old), province=province)
    return _Area(adcodes=codes, area_doubt="", province=province)


def _is_meant(old: Former, words: str) -> bool:
    """True where the words hold the former name and not the name of today, and the successor is not certain."""
    today = region(old.successor)
    return old.certainty is not Certainty.FOUND and old.name in words and (today is None or today.name not in words)


def _former(code: str, province: str) -> _Area:
    old = former_divisions().get(code)
    if old is None or region(old.successor) is None:
        return _Area(adcodes=(), area_doubt=f"code {code} is no division of today; area left out", province=province)
    certain = old.certainty is Certainty.FOUND
    return _Area(adcodes=(old.successor,), area_doubt="" if certain else _successor(old), province=old.successor[:2])


def _successor(old: Former) -> str:
    place = region(old.successor)
    assert place is not None
    return f"{old.name} {old.code} is no division of today; {place.name} {old.successor} is taken for it, unverified"


def _left(words: str, found: Iterable[Region]) -> str:
    """What of the words was read as no place."""
    for place in sorted(found, key=lambda p: p.start, reverse=True):
        words = words[: place.start] + "、" + words[place.end :]
    return words
