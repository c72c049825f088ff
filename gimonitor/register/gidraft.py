"""The text of a new GI file, and of parts of one, from what bureaus' tables say."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import yaml

from gimonitor.model.register import Kind
from gimonitor.register.gitable import GIRow
from gimonitor.register.regions import region, short_name
from gimonitor.register.verifying import quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Province:
    """How the files of a province are named: `short` begins the ids of its GIs, `folder` holds them under rules/gi/."""

    short: str
    folder: str


@lru_cache(maxsize=1)
def provinces() -> dict[str, Province]:
    """All provinces by the first two digits of their code, from `provinces.yml` beside this file."""
    text = resources.files("gimonitor.register").joinpath("provinces.yml").read_text(encoding="utf-8")
    return {code: Province(**names) for code, names in yaml.safe_load(text).items()}


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
