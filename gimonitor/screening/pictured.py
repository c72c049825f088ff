"""Goods shown by a picture beside their place: 丹东🍓, 阳澄湖🦀. Folding drops pictures, so these are read from the raw title."""

from __future__ import annotations

from gimonitor.screening.mentions import How, Mention
from gimonitor.screening.names import Profile
from gimonitor.screening.sheet import Sheet
from gimonitor.screening.vocabulary import Vocabulary

_REACH = 8  # characters, blanks among them


def pictured(profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary) -> Mention | None:
    """A bare place in the title with a picture of the goods right behind or before it, or behind the name of a variety."""
    if not profile.pictures or mention.segment is not sheet.title:
        return None
    raw, folded = sheet.listing.title, sheet.folded
    first = folded.raw_at(mention.start) - mention.segment.raw_start
    last = folded.raw_at(mention.end - 1) - mention.segment.raw_start + 1
    found = min(((raw.find(picture, last, last + _REACH), picture) for picture in profile.pictures if picture in raw),
                key=lambda f: (f[0] < 0, f[0]), default=(-1, ""))  # fmt: skip
    if found[0] >= 0 and not words.pattern("variety-words").sub("", raw[last : found[0]]).strip():
        return mention._replace(how=How.PICTURED, detail=found[1])
    before = raw[:first].rstrip("\ufe0e\ufe0f \u3000")
    for picture in profile.pictures:
        if before.endswith(picture):
            return mention._replace(how=How.PICTURED, detail=picture)
    return None
