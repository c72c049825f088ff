"""The name where the goods do not bear it: only in keywords and tags, or in the shop's name. P10, P11 of the catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gimonitor.model.finding import Finding
from gimonitor.model.listing import Field
from gimonitor.screening.case import Case
from gimonitor.screening.explain import Law, Rule, finding, said
from gimonitor.screening.goods import Likeness
from gimonitor.screening.mentions import How

_NAMING = frozenset(How) - {How.PLACE, How.APART}
_TAGGED = _NAMING | {How.PLACE}
_ELSEWHERE = (Field.TITLE, Field.SUBTITLE, Field.IMAGE_TEXT, Field.BRAND, Field.ATTRIBUTES, Field.DESCRIPTION)


def keywords_only(case: Case, rule: Rule, law: Law) -> Iterator[Finding]:
    """A name set as keyword or tag for goods that do not bear it anywhere else."""
    if not any(m.segment.field is Field.KEYWORDS for m in case.mentions):
        return
    if case.is_inside or any(m.segment.field in _ELSEWHERE and m.how in _NAMING for m in case.all_mentions):
        return
    mention = case.best(_TAGGED, (Field.KEYWORDS,))
    if mention is None or (mention.how is How.PLACE and not _may_be_goods(case)):
        return
    place = case.sheet.place(mention.start, mention.end)
    share = rule.number("confidence", 0.6) if case.goods.likeness is Likeness.LIKE else rule.number("other_goods", 0.4)
    reason = f"{said(place)}指向地理标志“{case.profile.gi.name}”，而标题、属性和详情都没有这一名称。"
    yield finding(rule, case, law, place, reason, share / 0.7, mention=mention)


def _may_be_goods(case: Case) -> bool:
    """True for goods of the GI's kind, or with a name of their own that ends as its goods do: 小芽米 tagged 五常."""
    if case.goods.likeness is not Likeness.OPEN:
        return case.goods.likeness is Likeness.LIKE
    ends = {product[-1] for product in case.profile.strong}
    return any(word[-1] in ends for word in re.findall(r"[\u4e00-\u9fff]+", case.shelf.title))


def shop_name(case: Case, rule: Rule, law: Law) -> Iterator[Finding]:
    """A protected name as part of a shop's or account's name, where the goods are of that kind and not from the area."""
    if case.is_inside or case.goods.likeness is not Likeness.LIKE:
        return
    mention = case.best((How.NAME, How.ALIAS, How.SPLIT, How.NEAR), (Field.SHOP,))
    if mention is None:
        return
    place = case.sheet.place(mention.start, mention.end)
    reason = f"{said(place)}含有地理标志“{case.profile.gi.name}”，店内所售为同类商品；店名只说明经营品类或者店址的，属于正当使用，须核对。"
    yield finding(rule, case, law, place, reason, rule.number("confidence", 0.6), mention=mention)
