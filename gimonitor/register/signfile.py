"""标志页: all that is known of one protected sign, and what is not, as sections of lines; the twin of `gifile`."""

from __future__ import annotations

from datetime import date

from gimonitor.model.register import Register, Sign
from gimonitor.register.gifile import MARKS, Section, checked, mark, sourced, term, unchecked

SIGN_KINDS = {
    "gi_special": "地理标志专用标志",
    "gi_abolished": "已废止的地理标志专用标志",
    "agi": "农产品地理标志公共标识",
    "olympic": "奥林匹克标志",
    "official": "官方标志",
    "special": "特殊标志",
}


def find_sign(register: Register, wanted: str) -> Sign | None:
    """The sign of that id or name, or None."""
    return next((sign for sign in register.signs if wanted in (sign.id, sign.name)), None)


def build_sign_file(sign: Sign, on: date) -> tuple[Section, ...]:
    """The page of a sign as it stands on a day. The last section lists what is missing or unverified."""
    state = "" if sign.is_active(on) else "；不在有效期"
    known = term(sign.starts, sign.ends)
    sections = [
        Section(
            "基本",
            (
                f"名称：{sign.name}{MARKS[sign.certainty]}",
                f"编号：{sign.id}",
                f"种类：{SIGN_KINDS[sign.kind]}",
                f"有效期：{'；'.join(known) or '未录入'}{state}",
                f"来源：{sign.source or '无'}",
                f"文件：{sign.path}",
            ),
            labelled=True,
        ),
        Section("公告、登记号", tuple(map(mark, sign.numbers))),
        Section("权利人、管理人", tuple(map(mark, sign.holders))),
        Section("图样", (mark(sign.looks),) if sign.looks else ()),
        Section("使用要求", tuple(map(mark, sign.duties))),
        Section("易与之混淆的标志", tuple(map(mark, sign.look_alikes))),
        Section("宣称用语", ("、".join(sign.claims),) if sign.claims else ()),
        Section("不算宣称", ("、".join(sign.not_this),) if sign.not_this else ()),
        Section("单独注明的出处", tuple(sourced(sign)), labelled=True),
        Section("核实记录", tuple(checked(sign)), labelled=True),
        Section("缺项", tuple(_gaps(sign))),
    ]
    return tuple(s for s in sections if s.lines or s.title == "缺项")


def _gaps(sign: Sign) -> list[str]:
    missing = (
        ("没有公告、登记号", not sign.numbers),
        ("没有起始日期", sign.starts is None),
        ("没有权利人、管理人", not sign.holders),
        ("没有图样说明", sign.looks is None),
        ("没有易混淆的标志", not sign.look_alikes),
    )
    return [*(text for text, is_missing in missing if is_missing), *unchecked(sign)]
