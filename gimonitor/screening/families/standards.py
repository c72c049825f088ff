"""A standard that goods under the name do not follow: 五常大米 with GB/T 1354. P04; 局令第80号第三十条第四项."""

from __future__ import annotations

from collections.abc import Iterator

from gimonitor.model.finding import Finding
from gimonitor.model.listing import Field
from gimonitor.model.register import Certainty
from gimonitor.screening.case import Case
from gimonitor.screening.explain import Law, Rule, finding, said
from gimonitor.screening.mentions import Mention
from gimonitor.text.codes import find_standards, standard_key
from gimonitor.text.normalise import BREAK

_READ = (Field.ATTRIBUTES, Field.IMAGE_TEXT, Field.DESCRIPTION, Field.SUBTITLE, Field.TITLE)

_CLAUSE = 14  # characters to each side of a name in which it is told what bears it
_USED = (Field.TITLE, Field.SUBTITLE, Field.BRAND, Field.ATTRIBUTES, Field.IMAGE_TEXT)


def conflicting_standard(case: Case, rule: Rule, law: Law) -> Iterator[Finding]:
    """A standard listed as conflicting with the GI's own is stated, and the GI's own is not."""
    gi, conflicting = case.profile.gi, case.profile.conflicting
    if not conflicting or not case.is_like or not _is_used(case):
        return
    if not any(number in case.sheet.text for number in case.profile.conflicting_numbers):
        return
    found = find_standards(case.sheet.folded.raw)
    own = {standard_key(s.code.value) for s in gi.standards}
    if any(standard_key(code.value) in own for code in found):
        return
    for code in found:
        key = standard_key(code.value)
        fact = conflicting.get(key) or conflicting.get(key.partition(".")[0])
        place = case.sheet.raw_place(code.start, code.end)
        if fact is None or place.field not in _READ:
            continue
        expected = "、".join(s.code.value for s in gi.standards) or "该地理标志的专用标准"
        reason = f"{said(place)}是标示的执行标准，与使用“{gi.name}”名称所对应的{expected}不符。"
        open_fact = fact.certainty is Certainty.UNVERIFIED or any(
            s.code.certainty is Certainty.UNVERIFIED for s in gi.standards
        )
        notes = (f"“{gi.name}”的标准对应关系尚未核实",) if open_fact else ()
        yield finding(rule, case, law, place, reason, rule.number("confidence", 0.75), unverified=notes)
        return


def _is_used(case: Case) -> bool:
    """True where the goods bear the name: it does not only stand in the description, unless what is sold is called so there."""
    return any(m.segment.field in _USED or _is_said_of_goods(case, m) for m in case.mentions)


def _is_said_of_goods(case: Case, mention: Mention) -> bool:
    """本品是|五常大米, 正宗|五常大米: true in a description where its clause speaks of what is offered."""
    if mention.segment.field is not Field.DESCRIPTION:
        return False
    around = case.sheet.before(mention.start, _CLAUSE) + BREAK + case.sheet.after(mention.end, _CLAUSE)
    return case.words.pattern("offers").search(around) is not None
