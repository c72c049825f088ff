"""A standard that goods under the name do not follow: 五常大米 with GB/T 1354. P04; 局令第80号第三十条第四项.

Whose goods follow a standard of their own is asked about one of other goods: 龙口粉丝 with that of 粉条.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from gimonitor.model.finding import Finding, Place
from gimonitor.model.listing import Field
from gimonitor.model.register import Certainty, text_of
from gimonitor.screening.case import Case
from gimonitor.screening.explain import Law, Rule, finding, said
from gimonitor.screening.goods import Likeness
from gimonitor.screening.mentions import Mention
from gimonitor.text.codes import Code, find_standards, standard_key
from gimonitor.text.normalise import BREAK

_NATIONAL = re.compile(r"gb ?t? ?(\d{3,6})")  # in a folded text
_READ = (Field.ATTRIBUTES, Field.IMAGE_TEXT, Field.DESCRIPTION, Field.SUBTITLE, Field.TITLE)

_CLAUSE = 14  # characters to each side of a name in which it is told what bears it
_USED = (Field.TITLE, Field.SUBTITLE, Field.BRAND, Field.ATTRIBUTES, Field.IMAGE_TEXT)


def conflicting_standard(case: Case, rule: Rule, law: Law) -> Iterator[Finding]:
    """A standard listed as conflicting with the GI's own, or one of other goods, is stated, and the GI's own is not."""
    if not case.is_like or not _is_used(case):
        return
    listed = any(number in case.sheet.text for number in case.profile.conflicting_numbers)
    asked = _names_goods(case) and _names_others(case)
    if not listed and not asked:
        return
    found = find_standards(case.sheet.folded.raw)
    own = {standard_key(s.code.value) for s in case.profile.gi.standards}
    if any(standard_key(code.value) in own for code in found):
        return
    told = next(_listed(case, rule, law, found), None) if listed else None
    if told is None and asked:
        told = next(_of_other_goods(case, rule, law, found), None)
    yield from [told] if told else []


def _listed(case: Case, rule: Rule, law: Law, found: Sequence[Code]) -> Iterator[Finding]:
    gi, conflicting = case.profile.gi, case.profile.conflicting
    for code in found:
        key = standard_key(code.value)
        fact = conflicting.get(key) or conflicting.get(key.partition(".")[0])
        place = case.sheet.raw_place(code.start, code.end)
        if fact is None or place.field not in _READ:
            continue
        reason = f"{said(place)}是标示的执行标准，与使用“{gi.name}”名称所对应的{_expected(case)}不符。"
        open_fact = fact.certainty is Certainty.UNVERIFIED or any(
            s.code.certainty is Certainty.UNVERIFIED for s in gi.standards
        )
        yield finding(
            rule, case, law, place, reason, rule.number("confidence", 0.75), unverified=_open(case, open_fact)
        )


def _of_other_goods(case: Case, rule: Rule, law: Law, found: Sequence[Code]) -> Iterator[Finding]:
    """The first standard that is that of goods which the GI's are not, and the title does not name; only worth a question."""
    for place, goods in _known(case, found):
        if place.field in _READ and _is_of_others(case, goods):
            reason = (
                f"{said(place)}是“{goods[0]}”的标准，而“{case.profile.gi.name}”的标准是{_expected(case)}；"
                "标示有误，还是没有按照地理标志的标准生产，须核对。"
            )
            yield finding(rule, case, law, place, reason, rule.number("other_kind", 0.3), unverified=_open(case, True))


def _names_goods(case: Case) -> bool:
    """True where a GI whose own standard is known is named in the title, and goods of its kind are sold."""
    if not case.profile.gi.standards or case.goods.likeness is not Likeness.LIKE:
        return False
    return any(mention.segment.field is Field.TITLE for mention in case.all_mentions)


def _names_others(case: Case) -> bool:
    """True where a number stands that is that of a standard of other goods: most that do not are told without looking for codes."""
    known = case.words.standards
    numbers = dict.fromkeys(_NATIONAL.findall(case.sheet.text))
    return any(goods and _is_of_others(case, goods) for goods in (known.get(f"GB {n}") for n in numbers))


def _is_of_others(case: Case, goods: Sequence[str]) -> bool:
    """True for goods that neither the GI protects nor the title names."""
    profile, title = case.profile, case.sheet.title_text
    own = (*profile.names, *profile.own_products, *profile.generic, text_of(profile.gi.goods))
    return not any(word in title or any(word in one for one in own) for word in goods)


def _known(case: Case, found: Sequence[Code]) -> Iterator[tuple[Place, tuple[str, ...]]]:
    """Those standards of which it is known what they are of."""
    for code in found:
        key = standard_key(code.value)
        goods = case.words.standards.get(key) or case.words.standards.get(key.partition(".")[0])
        if goods:
            yield case.sheet.raw_place(code.start, code.end), goods


def _expected(case: Case) -> str:
    return "、".join(s.code.value for s in case.profile.gi.standards) or "该地理标志的专用标准"


def _open(case: Case, is_open: bool) -> tuple[str, ...]:
    return (f"“{case.profile.gi.name}”的标准对应关系尚未核实",) if is_open else ()


def _is_used(case: Case) -> bool:
    """True where the goods bear the name: it does not only stand in the description, unless what is sold is called so there."""
    return any(m.segment.field in _USED or _is_said_of_goods(case, m) for m in case.mentions)


def _is_said_of_goods(case: Case, mention: Mention) -> bool:
    """本品是|五常大米, 正宗|五常大米: true in a description where its clause speaks of what is offered."""
    if mention.segment.field is not Field.DESCRIPTION:
        return False
    around = case.sheet.before(mention.start, _CLAUSE) + BREAK + case.sheet.after(mention.end, _CLAUSE)
    return case.words.pattern("offers").search(around) is not None
