"""种、型、式、类、风格 and their kin beside a protected name: they do not save the use. P02; 局令第80号第三十条第三项."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gimonitor.model.finding import Finding
from gimonitor.model.listing import Field
from gimonitor.screening.case import Case
from gimonitor.screening.explain import Law, Rule, finding, origin_words, said
from gimonitor.screening.mentions import How, Mention

_NAMING = (
    How.NAME, How.ALIAS, How.SPLIT, How.NEAR, How.SOUND, How.SHAPE, How.TRANSLATION, How.PLACE, How.INSERTED, How.SUFFIXED,
    How.ADDRESSED,
)  # fmt: skip
_DESCRIPTION = Field.DESCRIPTION  # a look-up each time costs a call
_BESIDE = 8  # characters after a name in which a style word stands beside it
_SEED = "种"  # a kind, or what is sown
_FILLER = re.compile(r"^(?:的|之|茶|酒|正宗|传统|老|同)")


def style_words(case: Case, rule: Rule, law: Law) -> Iterator[Finding]:
    """A style word right after the name, or 仿, 类, 平替 right before it, on like goods not known to come from the area."""
    if case.is_inside or not case.is_like:
        return
    for mention in case.mentions:
        if mention.how not in _NAMING:
            continue
        span = _styled(case, mention) if _may_be_styled(case, mention) else None
        if span is None:
            continue
        start, end, word = span
        place = case.sheet.place(start, end)
        reason = f"{said(place)}在地理标志“{case.profile.gi.name}”的名称旁使用“{word}”字样；{origin_words(case)}。"
        yield finding(rule, case, law, place, reason, rule.number("confidence", 0.7), mention=mention)
        return


def _may_be_styled(case: Case, mention: Mention) -> bool:
    """True where a style word stands in or close after the mention, or a prefix close before: most names have none."""
    text, words = case.sheet.text, case.words
    return (
        words.pattern("style-words").search(text, mention.start, mention.end + 8) is not None
        or words.pattern("style-prefixes").search(text, max(0, mention.start - 4), mention.start) is not None
    )


def _styled(case: Case, mention: Mention) -> tuple[int, int, str] | None:
    """Folded span of name and style word together, and the word."""
    if word := style_within(case, mention):
        return mention.start, mention.end, word
    at, limit = mention.end, mention.segment.end
    if mention.segment.field is _DESCRIPTION:  # prose: 两勺绍兴酒，味道一绝 speaks of the dish
        limit = at + len(case.sheet.after(at, _BESIDE))
    filler = _FILLER.match(case.sheet.text[at:limit])
    for start in (at, at + filler.end() if filler else at):
        rest = case.sheet.text[start : min(limit, start + 6)]
        found = case.words.pattern("style-words").match(rest)
        if found and found.group() == _SEED and case.shelf.has("seeds"):
            return None  # 昭通天麻种 零代种: the seed, not the kind
        if found and not _is_exception(case, rest) and not _is_exception(case, case.sheet.text[start - 1 : limit]):
            return mention.start, start + found.end(), found.group()
    left = max(mention.segment.start, mention.start - 4)
    before = case.words.ending("style-prefixes").search(case.sheet.text[left : mention.start])
    return (left + before.start(), mention.end, before.group()) if before else None


def style_within(case: Case, mention: Mention) -> str:
    """The style word that stands between place and goods, or after the place: 同款 in 阳澄湖同款大闸蟹; empty where none does."""
    if mention.how not in (How.INSERTED, How.SUFFIXED):
        return ""
    found = case.words.pattern("style-words").match(mention.detail)
    return found.group() if found and not _is_exception(case, mention.detail) else ""


def _is_exception(case: Case, rest: str) -> bool:
    return bool(case.words.pattern("style-exceptions").match(rest))
