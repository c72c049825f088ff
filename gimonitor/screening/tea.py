"""What says that tea is meant where a name has other meanings: 明前龙井, 特级龙井, 龙井 250g; not 龙井大米 特级, nor 龙井村."""

from __future__ import annotations

import re

from gimonitor.screening.mentions import Mention
from gimonitor.screening.names import Profile
from gimonitor.screening.sheet import Sheet
from gimonitor.screening.vocabulary import Vocabulary

_BESIDE = 12  # characters to each side
_SOLD = re.compile(
    r"\s*(?:20\d\d年?\s*)?(?:[散罐袋盒桶听瓶]装|礼盒|铁罐|\d+(?:\.\d+)?\s?(?:kg|g\b|克|千克|公斤|斤|两)|[半一二两三五]斤)"
)
_END = re.compile(r"\s*(?:[\da-z]|$)")


def says_tea(profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary) -> bool:
    """True where a word of the tea trade stands beside the name, or it ends what is sold: before a weight, or with a grade."""
    if "茶" not in profile.products:
        return False
    segment = mention.segment
    left, right = max(segment.start, mention.start - _BESIDE), min(segment.end, mention.end + _BESIDE)
    if words.pattern("tea-words").search(sheet.text, left, right):
        return True
    after = sheet.text[mention.end : segment.end]
    if _SOLD.match(after):
        return True
    grade = words.pattern("tea-grades")
    follows = grade.match(after)
    ends = _END.match(after, follows.end() if follows else 0)
    return ends is not None and (follows is not None or grade.search(sheet.text, left, mention.start) is not None)
