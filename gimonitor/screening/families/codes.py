"""Numbers in words and pictures that do not fit: credit codes beside the mark, production licences of another place. P06, P15."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from gimonitor.model.finding import Clearing, Finding, Origin
from gimonitor.model.listing import Field
from gimonitor.screening.areas import says_of
from gimonitor.screening.case import Case
from gimonitor.screening.divisions import regions_in
from gimonitor.screening.explain import Law, Rule, clip, finding
from gimonitor.screening.names import Kind, folded
from gimonitor.text.codes import find_sc, find_uscc

_PACKED, _NO = re.compile("分装"), frozenset(("不", "非", "无", "没", "拒", "禁"))
_PLACE, _NO_BEFORE = 14, 4  # characters beside a word in which a place, or a denial, stands
_FEW, _MANY = 16, 60  # words, and attributes, looked at


def credit_code(case: Case, rule: Rule, law: Law) -> Iterator[Finding]:
    """A credit code shown with a claim of the mark that is invalid, of nobody in the register, of another GI's user, or of
    another firm than the one named as maker."""
    if not any(c.kind is Kind.CLAIM for c in case.claims):
        return
    for code in find_uscc(case.sheet.folded.raw):
        place = case.sheet.raw_place(code.start, code.end)
        if place.field not in (Field.IMAGE_TEXT, Field.TITLE, Field.SUBTITLE, Field.DESCRIPTION, Field.ATTRIBUTES):
            continue
        shown = f"与专用标志同时出现的统一社会信用代码“{clip(place.text)}”"
        holders = case.users.by_uscc.get(code.value, [])
        if not code.valid:
            yield finding(
                rule,
                case,
                law,
                place,
                f"{shown}校验码不符，可能是识别错误、误印或者编造。",
                rule.number("invalid", 0.3),
            )
        elif not holders and (case.is_sign or case.users.has_any(case.profile.gi.id)):
            yield finding(rule, case, law, place, f"{shown}不在档案的合法使用人名单中。", rule.number("unknown", 0.55))
        elif not holders:
            reason = f"{shown}无法核对：档案中还没有“{case.profile.gi.name}”的合法使用人名单。"
            yield finding(rule, case, law, place, reason, rule.number("no_list", 0.25))
        elif not case.is_sign and all(u.gi_id != case.profile.gi.id for u in holders):
            reason = f"{shown}属于另一地理标志的合法使用人“{holders[0].name}”，不是“{case.profile.gi.name}”的使用人。"
            yield finding(rule, case, law, place, reason, rule.number("other", 0.65))
        elif not case.is_sign and not any(u.is_active(case.on) for u in holders if u.gi_id == case.profile.gi.id):
            yield finding(rule, case, law, place, f"{shown}对应的使用资格已经到期。", rule.number("expired", 0.6))
        elif case.user and case.user.user.uscc == code.value and not case.user.certain:
            maker = case.users.maker_beside(case.user.user, case.sheet)
            reason = f"{shown}属于合法使用人“{case.user.user.name}”，而标示的生产者为“{clip(maker)}”；受其委托生产的，须提供委托凭证。"
            yield finding(rule, case, law, place, reason, rule.number("other_maker", 0.45))
        else:
            continue
        return


def licence_region(case: Case, rule: Rule, law: Law) -> Iterator[Finding]:
    """A production licence of a place outside the area, or one whose check digit fails, on goods under the name."""
    for evidence in case.origin.evidence:
        if evidence.label.startswith("食品生产许可证") and evidence.says is Origin.OUTSIDE and evidence.place:
            number, _, home = evidence.text.removesuffix("）").partition("（")
            reason = (
                f"食品生产许可证编号“{number}”中的地区代码为{home}，不在“{case.profile.gi.name}”的保护范围内；"
                "编号只说明生产者在哪里登记，产品可能在区外生产或者分装，区外分装不一定违法。"
            )
            told = _packed_elsewhere(case)
            told_case = case._replace(considered=(*case.considered, told)) if told else case
            yield finding(rule, told_case, law, evidence.place, reason, rule.number("outside", 0.55))
            return
    for code in find_sc(case.sheet.folded.raw):
        if not code.valid:
            reason = f"食品生产许可证编号SC{code.value}的校验位不符，可能是误印、误识或者编造。"
            yield finding(
                rule, case, law, case.sheet.raw_place(code.start, code.end), reason, rule.number("invalid", 0.15)
            )
            return


def _packed_elsewhere(case: Case) -> Clearing | None:
    """What the listing says of packing or making on commission, or of raw goods from the area: lowers only, for it may be untrue."""
    sheet = case.sheet
    span = next((s for s in _packing(case) if _NO.isdisjoint(sheet.before(s[0], _NO_BEFORE))), None)
    if span is None:
        return None
    place = sheet.place(*span)
    stated = next((text for key, text in sheet.listing.attributes if key == place.key), "")
    shown = f"{place.key}：{stated}" if place.key else place.text
    reason = f"链接写有“{clip(shown)}”，可能只在区外分装或者受托加工，原料来自保护范围内"
    return Clearing(code="N02", reason=reason, decisive=False, place=place, gi_id=case.profile.gi.id)


def _packing(case: Case) -> Iterator[tuple[int, int]]:
    """Folded spans that say it: 委托加工, 浙江安吉分装, 原粮产自黑龙江五常, and attributes with such a name."""
    sheet, words = case.sheet, case.words
    packed, raw = words.pattern("packed-elsewhere"), words.pattern("origin-raw")
    for segment in islice((s for s in sheet.segments if s.field is Field.ATTRIBUTES), _MANY):
        key, value = folded(segment.key), sheet.text[segment.start : segment.end]
        if packed.search(key) or (raw.search(key) and says_of(case.profile, value) is Origin.INSIDE):
            yield segment.start, segment.end
    for found in islice(raw.finditer(sheet.text), _FEW):
        after = sheet.after(found.end(), _PLACE)
        if says_of(case.profile, after) is Origin.INSIDE:
            yield found.start(), found.end() + max(place.end for place in regions_in(after))
    for found in islice(_PACKED.finditer(sheet.text), _FEW):
        before = sheet.before(found.start(), _PLACE)
        places = regions_in(before)
        if places and places[-1].end == len(before):
            yield found.start() - len(before) + places[-1].start, found.end()
    yield from (found.span() for found in islice(packed.finditer(sheet.text), _FEW))
