"""The name where the goods do not bear it: only in keywords and tags, or in the shop's name. P10, P11 of the catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gimonitor.model.finding import Finding, Origin
from gimonitor.model.listing import Field
from gimonitor.screening.case import Case
from gimonitor.screening.explain import Law, Rule, finding, origin_words, said
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
    is_like = case.goods.likeness is Likeness.LIKE
    from_elsewhere = f"；{origin_words(case)}" if is_like and case.origin.value is Origin.OUTSIDE else ""
    share = _share(rule, from_elsewhere) if is_like else rule.number("other_goods", 0.4)
    pointing = f"{said(place)}指向地理标志“{case.profile.gi.name}”，而标题、属性和详情都没有这一名称"
    reason = f"{pointing}{from_elsewhere}。"
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
    from_elsewhere = f"，{origin_words(case)}" if case.origin.value is Origin.OUTSIDE else ""
    selling = f"{said(place)}含有地理标志“{case.profile.gi.name}”，店内所售为同类商品"
    reason = f"{selling}{from_elsewhere}；店名只说明经营品类或者店址的，属于正当使用，须核对。"
    yield finding(rule, case, law, place, reason, _share(rule, from_elsewhere), mention=mention)


def _share(rule: Rule, from_elsewhere: str) -> float:
    """How sure a name is that the goods do not bear; surer where they are said to come from outside the area."""
    return rule.number("outside", 0.8) if from_elsewhere else rule.number("confidence", 0.6)
