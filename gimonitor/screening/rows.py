"""Names in a row in a description: what else the shop sells, what everybody knows of, what the goods are for: 店内还有西湖龙井、安吉白茶;
名茶有…; 适用洛川苹果、烟台苹果等. N15 and N09 of the catalogue."""

from __future__ import annotations

import re
from functools import lru_cache

from gimonitor.model.finding import Clearing
from gimonitor.model.listing import Field
from gimonitor.screening.clearings import clear
from gimonitor.screening.mentions import Mention
from gimonitor.screening.names import Profile, folded
from gimonitor.screening.sheet import Sheet
from gimonitor.screening.vocabulary import Vocabulary

_DESCRIPTION = Field.DESCRIPTION  # a look-up each time costs a call
_SENTENCES = re.compile(r"[。！？!?；;\n\uffff]")
_SEPARATORS = "、/|·\uff5c \u3000“”「」《》" + "和与及"
_REACH = 80  # characters to each side of a name in which a row is looked for
_LEAD, _LINK = 24, 16  # characters before and after a row in which it is said what it is
_SHORTEST, _LONGEST = 3, 12  # characters of a name
_MANY = 3  # names that make a row


def in_a_row(profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary) -> Clearing | None:
    """A name in the description that stands among the shop's other offers, in general knowledge, or among what the goods are for.

    A row that says nothing of what it is, and words that recommend one or two names, which may be what is sold, only lower.
    """
    if mention.segment.field is not _DESCRIPTION:
        return None
    before, after = _around(mention, sheet)
    earlier, lead = _without_names(before, words, from_end=True)
    later, rest = _without_names(after, words, from_end=False)
    number = earlier + 1 + later
    place = sheet.place(mention.start, mention.end)
    link = words.pattern("row-links").search(rest[:_LINK])
    offered, told = (_led_by(words, group).search(lead[-_LEAD:]) for group in ("row-offers", "row-topics"))
    if words.ending("row-uses").search(lead[-_LEAD:]):
        return clear("N09", profile, "名称说明用途或者适用对象", sheet, mention.start, mention.end)
    if offered or link:
        word = offered[1] if offered else link[0] if link else ""
        reason = f"与“{word}”连在一起，说的是店里的其他商品，不是这一链接所售"
    elif told:
        reason = f"“{told[1]}”之后说的是常识或者推荐，不一定是所售的商品"
    elif number >= _MANY:
        reason = f"“{place.text[:40]}”与另外几种地理标志的名称并列，可能只是列举"
    else:
        return None
    decisive = bool(offered or link or (told and number >= _MANY))
    return Clearing(code="N15", reason=reason, decisive=decisive, place=place, gi_id=profile.gi.id)


def _around(mention: Mention, sheet: Sheet) -> tuple[str, str]:
    """What stands as shown before and after a mention in its sentence."""
    raw, begins = sheet.folded.raw, mention.segment.raw_start
    first, last = sheet.folded.place(mention.start, mention.end)
    before = _SENTENCES.split(raw[max(begins, first - _REACH) : first])[-1]
    return before, _SENTENCES.split(raw[last : last + _REACH], maxsplit=1)[0]


def _without_names(text: str, words: Vocabulary, *, from_end: bool) -> tuple[int, str]:
    """How many names of GIs go on a row at the end of a text, or at its beginning, and the text without them."""
    number = 0
    while True:
        bare = text.rstrip(_SEPARATORS) if from_end else text.lstrip(_SEPARATORS)
        length = _name_in(bare, words, from_end=from_end) if bare != text else 0
        if not length:
            return number, text
        text = bare[:-length] if from_end else bare[length:]
        number += 1


def _name_in(text: str, words: Vocabulary, *, from_end: bool) -> int:
    """The length of the name of a GI with which a text ends, or begins; 0 for none."""
    for length in range(min(len(text), _LONGEST), _SHORTEST - 1, -1):
        name = text[-length:] if from_end else text[:length]
        if name[0].isalnum() and name[-1].isalnum() and folded(name) in words.homes:
            return length
    return 0


@lru_cache(maxsize=16)
def _led_by(words: Vocabulary, group: str) -> re.Pattern[str]:
    """Matches the end of a text from a word of a group on, which is group 1: 店内还有|正宗."""
    return re.compile(rf"({words.pattern(group).pattern})[^，,。]{{0,8}}$")
