"""档案页: all that is known of one GI, and what is not, as sections of lines for the screen and the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from gimonitor.errors import InputError
from gimonitor.model.register import (
    GI,
    AuthorisedUser,
    Basis,
    Certainty,
    Fact,
    Kind,
    Protection,
    Register,
    Season,
    Sign,
)
from gimonitor.register.cells import fold_name
from gimonitor.register.facts import facts_of
from gimonitor.register.places import place_words
from gimonitor.register.regions import region, short_name

KINDS = {
    Kind.GI_PRODUCT: "地理标志产品",
    Kind.COLLECTIVE_MARK: "集体商标",
    Kind.CERTIFICATION_MARK: "证明商标",
    Kind.AGI: "农产品地理标志",
    Kind.GI_MARK: "地理标志商标（集体或证明，类型待核）",
    Kind.FOREIGN: "国外地理标志",
    Kind.UNKNOWN: "地理标志（类型待核）",
    Kind.ORDINARY_MARK: "普通商标（不是地理标志）",
}
BASES = {Basis.ANNOUNCEMENT: "公告核准", Basis.MEMBER: "集体成员", Basis.LICENSEE: "被许可人", Basis.OTHER: "其他"}
MARKS = {Certainty.FOUND: "", Certainty.UNVERIFIED: "（未核实）", Certainty.PRACTICE: "（演示）"}


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the page: a heading and its lines; those of a `labelled` one read 别称：五常米."""

    title: str
    lines: tuple[str, ...]
    labelled: bool = False

    @property
    def entries(self) -> tuple[tuple[str, str], ...]:
        """Each line as label and text; the label is empty where there is none."""
        return tuple(_split(line) if self.labelled else ("", line) for line in self.lines)


def _split(line: str) -> tuple[str, str]:
    label, colon, text = line.partition("：")
    return (label, text) if colon else ("", line)


def find_gi(register: Register, wanted: str) -> GI:
    """The GI of that id or name, else of that alias or translation, listed variant, generic part, or part of a name.

    Raises InputError naming them when there are several of the first kind that fits, or near ones when there is none.
    """
    word = fold_name(wanted)
    for found in _readings(register, word) if word else ():
        if len(found) == 1:
            return found[0]
        if found:
            raise InputError(f"{wanted}: several GIs: {_listed(found)}")
    near = [gi for gi in register.gis if gi.core and gi.core in wanted]
    raise InputError(f"{wanted}: no GI of this id or name{f'; near: {_listed(near)}' if near else ''}")


def gis_of_province(register: Register, province: str) -> list[GI]:
    """The GIs of a province, named in full (山西省) or in short (山西); all where it is empty.

    Raises InputError that names the provinces of the register where none is meant.
    """
    wanted = short_name(province.strip())
    found = [gi for gi in register.gis if not wanted or short_name(gi.province) == wanted]
    if wanted and not found:
        known = "、".join(dict.fromkeys(gi.province for gi in register.gis if gi.province))
        raise InputError(f"no GI of the province {province!r} in the register; provinces: {known or 'none'}")
    return found


def _readings(register: Register, word: str) -> Iterator[list[GI]]:
    """The GIs that a folded word may mean, the plainest reading first."""
    readings: tuple[Callable[[GI], Iterable[str]], ...] = (
        lambda gi: (gi.id, gi.name),
        lambda gi: [f.value for f in (*gi.aliases, *gi.translations, *([gi.eu_name] if gi.eu_name else []))],
        lambda gi: [f.value for f in gi.near],
        lambda gi: gi.generic_words,
    )
    for texts in readings:
        yield [gi for gi in register.gis if word in map(fold_name, texts(gi))]
    yield [gi for gi in register.gis if word in fold_name(gi.name)]


def _listed(gis: Sequence[GI]) -> str:
    shown = ", ".join(f"{gi.name} ({gi.id})" for gi in gis[:8])
    return f"{shown} and {len(gis) - 8} more" if len(gis) > 8 else shown


def build_gi_file(register: Register, gi: GI, on: date) -> tuple[Section, ...]:
    """The page of a GI as it stands on a day. The last section lists what is missing or unverified."""
    sections = [
        Section("基本", _basic(gi), labelled=True),
        Section("保护", tuple(_protection(p, gi, on) for p in gi.protections)),
        Section("产地", _area(gi), labelled=True),
        Section("标准", _standards(gi, on), labelled=True),
        Section("名称与写法", _names(gi), labelled=True),
        Section("季节、价格、产量", _season(gi), labelled=True),
        Section("合法使用人", tuple(_user(u, on) for u in register.all_users_of(gi.id))),
        Section("单独注明的出处", tuple(sourced(gi)), labelled=True),
        Section("核实记录", tuple(checked(gi)), labelled=True),
        Section("缺项", tuple(find_gaps(register, gi, on))),
    ]
    return tuple(s for s in sections if s.lines or s.title == "缺项")


def mark(fact: Fact[str] | Fact[date]) -> str:
    """A fact's text with （未核实） where nobody has checked it."""
    return f"{fact.value}{MARKS[fact.certainty]}"


def term(starts: Fact[date] | None, ends: Fact[date] | None) -> list[str]:
    """The bounds of a term that are known, each in words."""
    return ([f"{mark(starts)} 起"] if starts else []) + ([f"至 {mark(ends)}"] if ends else [])


def sourced(item: GI | Sign) -> Iterator[str]:
    """A line for each fact that was read elsewhere than in the file's own source."""
    for place, fact in facts_of(item):
        if fact.source and fact.source != item.source and not fact.checked_by:
            yield f"{place_words(place)}：{_value(fact)}，{fact.source}"


def _value(fact: Fact[object]) -> str:
    return "、".join(map(str, fact.value)) if isinstance(fact.value, tuple) else str(fact.value)


def checked(item: GI | Sign) -> Iterator[str]:
    """A line for each fact that a person has verified: who, when, by what source."""
    for place, fact in facts_of(item):
        if fact.checked_by:
            yield f"{place_words(place)}：{_value(fact)}，{fact.checked_by} 于 {fact.checked_on} 核实，依据：{fact.source or '未写'}"


def _basic(gi: GI) -> tuple[str, ...]:
    tier = f"{gi.tier.value}{MARKS[gi.tier.certainty]}" if gi.tier else f"未定（按 {gi.watch_tier} 级）"
    kinds = (mark(fact) if fact else "未分类" for fact in (gi.category, gi.product_group, gi.goods))
    whole, of_goods = MARKS[gi.certainty], MARKS[gi.class_certainty]
    rows = (
        ("名称", f"{gi.name}{whole}"),
        ("编号", gi.id),
        ("监管层级", tier),
        ("地区", f"{gi.province}{gi.city}{MARKS[gi.place_certainty]}"),
        ("类别", "／".join(kinds)),
        ("来源", gi.source or "无"),
        ("文件", gi.path),
        ("中欧协定", mark(gi.eu_list) if gi.eu_list else ""),
        ("协定登记名", mark(gi.eu_name) if gi.eu_name else ""),
        ("商标国际分类", f"第 {'、'.join(map(str, gi.nice_classes))} 类{of_goods}" if gi.nice_classes else ""),
        ("食品生产许可类别", f"{'、'.join(gi.sc_categories)}{of_goods}" if gi.sc_categories else ""),
        ("来自", gi.origin),
        ("说明", f"{gi.notes}{whole}" if gi.notes else ""),
    )
    return tuple(f"{title}：{text}" for title, text in rows if text)


def _protection(protection: Protection, gi: GI, on: date) -> str:
    parts = [f"{KINDS[protection.kind.value]}{MARKS[protection.kind.certainty]}"]
    if protection.numbers:
        parts.append("号：" + "、".join(mark(number) for number in protection.numbers))
    parts += term(protection.starts, protection.ends)
    if former := protection.converted_from:
        parts.append(f"由{KINDS[former.value]}转换{MARKS[former.certainty]}")
    if any(p.converted_from and p.converted_from.value is protection.kind.value for p in gi.protections):
        parts.append("原登记，已转换")
    elif not protection.is_active(on):
        parts.append("不在有效期")
    if protection.holder:
        parts.append(f"持有人：{mark(protection.holder)}")
    if protection.note:
        parts.append(protection.note)
    return "；".join(parts)


def _area(gi: GI) -> tuple[str, ...]:
    if gi.area is None:
        return ()
    places = []
    for code in gi.area.adcodes.value:
        found = region(code)
        places.append(f"{found.city}{found.county} {code}" if found else f"{code}（无此区划）")
    lines = [f"行政区划：{'、'.join(places)}{MARKS[gi.area.adcodes.certainty]}"]
    if gi.area.townships:
        lines.append(f"乡镇：{mark(gi.area.townships)}")
    return tuple(lines)


def _standards(gi: GI, on: date) -> tuple[str, ...]:
    lines = []
    for standard in gi.standards:
        ended = ["已废止"] if standard.ends and standard.ends.value < on else []
        lines.append(f"执行标准：{'；'.join((mark(standard.code), *term(standard.starts, standard.ends), *ended))}")
    if gi.conflicting_standards:
        lines.append("不相符的标准：" + "、".join(mark(code) for code in gi.conflicting_standards))
    return tuple(lines)


def _names(gi: GI) -> tuple[str, ...]:
    rows = (
        ("别称", [mark(f) for f in gi.aliases]),
        ("译名", [mark(f) for f in gi.translations]),
        ("近似写法", [mark(f) for f in gi.near]),
        ("地名部分", [gi.core] if gi.core else []),
        ("受保护商品", list(gi.product_words)),
        ("类似商品", list(gi.like_words)),
        ("表明是别的商品", list(gi.not_goods)),
        ("单独使用不算", list(gi.generic_words)),
        ("须同时出现", list(gi.needs_near)),
        ("形近音近的别物", [mark(f) for f in gi.twins]),
        ("只见读音时须同时出现", [mark(f) for f in gi.company_words]),
        ("品牌", [mark(f) for f in gi.brands]),
    )
    return tuple(f"{title}：{'、'.join(values)}" for title, values in rows if values)


def _season(gi: GI) -> tuple[str, ...]:
    lines = list(season_lines(gi.season)) if gi.season else []
    for year, floor in gi.price_floors_fen:
        lines.append(f"{year} 年价格下限：{floor.value / 100:.2f} 元/500克{MARKS[floor.certainty]}")
    for year, output in gi.output_tonnes:
        lines.append(f"{year} 年产量：{output.value:g} 吨{MARKS[output.certainty]}")
    return tuple(lines)


def season_lines(season: Season, year: int | None = None) -> tuple[str, ...]:
    """A season in words, with the opening dates of all years or of one."""
    bounds = (("上市不早于", season.opens), ("下市", season.closes), ("采收", season.harvest))
    lines = [f"{title}：{mark(bound)}" for title, bound in bounds if bound]
    dates = [(y, day) for y, day in season.opening_dates if year in (None, y)]
    return (*lines, *(f"{y} 年开捕开采：{day.value}{MARKS[day.certainty]}" for y, day in dates)) or (
        "该年开捕开采日期未录入",
    )


def _user(user: AuthorisedUser, on: date) -> str:
    state = "" if user.is_active(on) else "（不在有效期）"
    term = f"{user.starts or '起始不详'} 至 {user.ends or '未定'}"
    shops = "；店铺：" + "、".join(name for _, name in user.shops) if user.shops else ""
    number = f" {user.number}" if user.number else ""
    return f"{user.name} {user.uscc} {BASES[user.basis]}{number} {term}{shops}{MARKS[user.certainty]}{state}"


def find_gaps(register: Register, gi: GI, on: date) -> list[str]:
    """What is missing or unverified in the file of a GI, each as a short line."""
    numbers = [n for p in gi.protections for n in p.numbers]
    missing = (
        ("没有保护依据", not gi.protections),
        ("没有公告号或注册号", not numbers),
        ("没有产地区划", gi.area is None and bool(gi.province)),
        ("没有类别", gi.category is None),
        ("没有受保护商品的用词", gi.is_gi and not gi.product_words),
        ("监管层级未由主管局确定", gi.tier is None),
        ("没有乡镇范围", gi.area is not None and gi.area.townships is None),
        ("没有执行标准", not gi.standards),
        ("没有开采、上市时间", gi.season is None),
        ("没有价格下限", not gi.price_floors_fen),
        ("没有产量", not gi.output_tonnes),
        ("没有合法使用人名单", not register.users_of(gi.id, on)),
    )
    gaps = [text for text, is_missing in missing if is_missing]
    return [*gaps, *unchecked(gi)]


def unchecked(item: GI | Sign) -> list[str]:
    """The line of facts that nobody has checked, each in words and with the place that `rules verify-fact` takes; or none."""
    places = [place for place, fact in facts_of(item) if fact.certainty is Certainty.UNVERIFIED]
    told = "、".join(f"{place_words(place)}（{place}）" for place in places)
    return [f"{len(places)} 项事实未核实：{told}"] if places else []
