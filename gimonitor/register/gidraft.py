"""The text of a new GI file, and of parts of one, from what bureaus' tables say."""

from __future__ import annotations

import json

from gimonitor.model.register import Kind
from gimonitor.register.gitable import GIRow
from gimonitor.register.regions import region, short_name
from gimonitor.register.verifying import quote

# GB/T 2260 code of a province: its short form in ids, its folder
PROVINCES = {
    "11": ("bj", "beijing"),
    "12": ("tj", "tianjin"),
    "13": ("he", "hebei"),
    "14": ("sx", "shanxi"),
    "15": ("nm", "neimenggu"),
    "21": ("ln", "liaoning"),
    "22": ("jl", "jilin"),
    "23": ("hlj", "heilongjiang"),
    "31": ("sh", "shanghai"),
    "32": ("js", "jiangsu"),
    "33": ("zj", "zhejiang"),
    "34": ("ah", "anhui"),
    "35": ("fj", "fujian"),
    "36": ("jx", "jiangxi"),
    "37": ("sd", "shandong"),
    "41": ("ha", "henan"),
    "42": ("hb", "hubei"),
    "43": ("hn", "hunan"),
    "44": ("gd", "guangdong"),
    "45": ("gx", "guangxi"),
    "46": ("hi", "hainan"),
    "50": ("cq", "chongqing"),
    "51": ("sc", "sichuan"),
    "52": ("gz", "guizhou"),
    "53": ("yn", "yunnan"),
    "54": ("xz", "xizang"),
    "61": ("sn", "shaanxi"),
    "62": ("gs", "gansu"),
    "63": ("qh", "qinghai"),
    "64": ("nx", "ningxia"),
    "65": ("xj", "xinjiang"),
}


def draft_text(identity: str, rows: list[GIRow], codes: tuple[str, ...], source: str) -> str:
    """The text of the file of a new GI, from all rows that name it and the codes that they agree on."""
    lines = [
        "# yaml-language-server: $schema=../../schema/gi.json",
        f"id: {identity}",
        f"name: {quote(rows[0].name)}",
        f"source: {json.dumps(source, ensure_ascii=False)}",
    ]
    place = region(codes[0] if codes else next(row.province for row in rows if row.province))
    assert place is not None
    lines.append(f"province: {short_name(place.province)}")
    lines += [f"city: {short_name(place.city)}"] if place.city else []
    protections = [line for row in rows if row.kind for line in protection_lines(row, row.kind, "")]
    lines += ["protections:", *protections] if protections else []
    goods = next((row.goods for row in rows if row.goods), "")
    lines += [f"goods: {found(goods, '')}"] if goods else []
    for key in ("category", "product_group"):
        lines += [f"{key}: {text}" for row in rows if (text := getattr(row, key))][:1]
    classes = sorted({row.nice_class for row in rows if row.nice_class})
    lines += [f"nice_classes: [{', '.join(str(c) for c in classes)}]"] if classes else []
    lines += _area_lines(rows, codes)
    standards = [line for row in rows if row.standard and not row.standard_ended for line in standard_lines(row, "")]
    lines += ["standards:", *standards] if standards else []
    note = "由表导入，受保护商品、别称等待补"
    words = next((row.area_text for row in rows if row.area_text), "")
    note += f"；产地区划待核，表中所写范围：{words}" if words and not codes else "" if codes else "；产地区划待核"
    return "\n".join([*lines, f"notes: {json.dumps(note, ensure_ascii=False)}", ""])


def _area_lines(rows: list[GIRow], codes: tuple[str, ...]) -> list[str]:
    """The area as found; unverified where a row is in doubt. Without codes there is no area, and the words become a note."""
    if not codes:
        return []
    quoted = f"[{', '.join(json.dumps(code) for code in codes)}]"
    doubted = any(row.area_doubt for row in rows)
    lines = ["area:", f"  adcodes: {quoted if doubted else f'{{value: {quoted}, certainty: found}}'}"]
    words = next((row.area_text for row in rows if row.area_text), "")
    return (
        [*lines, f"  townships: {{value: {json.dumps(words, ensure_ascii=False)}, certainty: found}}"]
        if words
        else lines
    )


def found(value: str, source: str) -> str:
    """A found fact as YAML; without a source of its own it takes that of the file."""
    how = f"source: {json.dumps(source, ensure_ascii=False)}" if source else "certainty: found"
    return f"{{value: {quote(value)}, {how}}}"


def protection_lines(row: GIRow, kind: Kind, source: str) -> list[str]:
    """One item of `protections`, line by line."""
    lines = [f"  - kind: {found(kind, source)}"]
    if row.numbers:
        lines.append(f"    numbers: [{', '.join(found(number, source) for number in row.numbers)}]")
    if row.starts:
        lines.append(f"    starts: {found(row.starts.isoformat(), source)}")
    if row.note:
        lines.append(f"    note: {json.dumps(row.note, ensure_ascii=False)}")
    if row.holder:
        lines.append(f"    holder: {found(row.holder, source)}")
    return lines


def standard_lines(row: GIRow, source: str) -> list[str]:
    """One item of `standards`, line by line."""
    lines = [f"  - code: {found(row.standard, source)}"]
    return [*lines, f"    starts: {found(row.standard_starts.isoformat(), source)}"] if row.standard_starts else lines
