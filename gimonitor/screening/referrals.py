"""Words after a name that send the buyer to another seller, or leave the name to others: 请到福建商家处购买, 市面上五常大米很多，我家没有.

What sends him to the seller's own shop does not, nor what the seller does not have where that is a fake.
"""

from __future__ import annotations

from typing import NamedTuple

from gimonitor.screening.divisions import regions_in
from gimonitor.screening.mentions import Mention
from gimonitor.screening.names import Profile
from gimonitor.screening.sheet import Sheet
from gimonitor.screening.vocabulary import Vocabulary

_FAR = 24  # characters after a name
_SIGNS = frozenset(
    ("没", "不", "非", "只", "请", "去", "到", "往", "绕", "另")
)  # one of them stands in every word that is looked for
_BEFORE = 10  # characters of the same clause before a name
_WHERE = 14  # characters after a word that sends, in which it is said where


class Referral(NamedTuple):
    """Why a name is left to others; it is not sure where the title names it, and may sell by it."""

    reason: str
    is_sure: bool = True


def may_refer(sheet: Sheet, mention: Mention) -> bool:
    """True where a character of such words stands after the name: after most names none does."""
    return not _SIGNS.isdisjoint(_after(sheet, mention))


def referral(profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary) -> Referral | None:
    """Whether the name is left to others by what follows it."""
    after = _after(sheet, mention)
    return _sent_away(mention, sheet, words, after) or _left_to_others(profile, mention, sheet, words, after)


def says_lacking(sheet: Sheet, mention: Mention, words: Vocabulary) -> bool:
    """True where the seller says after a name that he does not have it, or has only something else: 可以去买和田大枣，我家只有油枣."""
    after = _after(sheet, mention)
    lacks = words.pattern("referral-lacks").search(after)
    if lacks:
        return _is_whole(sheet, mention.end + lacks.end())
    only = words.pattern("referral-onlys").search(after)
    return only is not None and words.pattern("negation-fillers").match(after, only.end()) is None


def _after(sheet: Sheet, mention: Mention) -> str:
    return sheet.text[mention.end : min(mention.segment.end, mention.end + _FAR)]


def _sent_away(mention: Mention, sheet: Sheet, words: Vocabulary, after: str) -> Referral | None:
    """福州茉莉花茶请到福建商家处购买; not 五常大米请到本店购买."""
    buyers = words.pattern("referral-buyers").match(after)
    start = buyers.end() if buyers else 0
    if not _is_wished(mention, sheet, words):
        return None
    for group in ("referral-detours", "referrals"):
        found = words.pattern(group).match(after, start)
        if found is None:
            continue
        where = sheet.after(mention.end + found.end(), _WHERE)
        if words.pattern("referral-own").search(where):
            return None
        if group == "referral-detours" or words.pattern("referral-places").search(where) or regions_in(where):
            sure = group == "referral-detours" or mention.segment is not sheet.title
            return Referral(f"名称之后有“{found.group()}”，是请买家到别处购买的说法", sure)
    return None


def _is_wished(mention: Mention, sheet: Sheet, words: Vocabulary) -> bool:
    """True where the name is all that is wished for: 想买正宗|五常大米, but not 想买便宜|五常大米."""
    before = sheet.before(mention.start, _BEFORE)
    filler = words.ending("negation-fillers").search(before)
    before = before[: filler.start()] if filler else before
    parted = mention.start == mention.segment.start or sheet.is_parted(mention.start)
    return not before or parted or words.ending("referral-wishes").search(before) is not None


def _left_to_others(profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary, after: str) -> Referral | None:
    """市面上五常大米很多，我家没有五常大米; not 市面上假五常大米很多，我家没有."""
    lacks = words.pattern("referral-lacks").search(after)
    if lacks is None:
        return None
    between = after[: lacks.start()]
    market = _market(sheet.before(mention.start, _BEFORE), words)
    if not market or words.pattern("referral-fakes").search(between):
        return None
    end = mention.end + lacks.end()
    spread = not between or words.pattern("referral-spread").fullmatch(between)
    if sheet.text.startswith(profile.names, end) or (spread and _is_whole(sheet, end)):
        return Referral(f"名称之前说“{market}”，之后说“{lacks.group()}”，说的不是所售的商品")
    return None


def _market(before: str, words: Vocabulary) -> str:
    """Who else offers what is named right after: 市面上, 别家|都叫; an empty text where nobody does, or something else is named."""
    market = words.pattern("referral-markets").search(before)
    if market is None:
        return ""
    between = before[market.end() :]
    return market.group() if not between or words.pattern("referral-offers").fullmatch(between) else ""


def _is_whole(sheet: Sheet, end: int) -> bool:
    """True where a clause ends."""
    return not sheet.after(end, 1)
