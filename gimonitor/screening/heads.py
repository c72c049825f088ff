"""What part a word of other goods plays in a title: a Chinese title names what is sold as the head of the words before it.

茶具 tells what is sold in 龙井茶具 and at the end of 西湖龙井 玻璃茶具; it does not in 茶具店同款, 送茶具, nor across the end of
the name itself, where it is two other words (西凤酒|店里).
"""

from __future__ import annotations

import re
from enum import StrEnum

from gimonitor.model.enums import quick
from gimonitor.screening.dictionary import is_word, last_word
from gimonitor.screening.sheet import Sheet
from gimonitor.screening.vocabulary import Spotted, Vocabulary

Span = tuple[int, int]

FOODS = frozenset({"dishes", "other-goods", "seasonings"})
"""Groups whose words name what is eaten and drunk: the goods of a GI are made into it, served with it, sold beside it."""

_TOOLS = frozenset({"utensils", "seeds", "growers"})  # no goods of a GI become these, whatever is said of them after
_MEASURE = re.compile(
    r" ?装?约?(?:净重|净含量)?(?:\d+(?:\.\d+)?|[一二两三四五六七八九十半])"
    r"(?:kg|g|ml|l\b|克|千克|公斤|斤|两|毫升|升|只|个|枚|颗|头|条|罐|瓶|盒|袋|箱|包|件|份|套|张|本|册|把|台|株|棵|粒)"
)
_LONGEST_WORD = 4  # characters that a word after the name may have
_LONGEST_SHOWN = 5  # characters of a word that is shown
_JOINED = 8  # characters between a name and the head of what it qualifies
_BEFORE = 6  # characters looked at before a word
_TEA = "茶"
_HAN = re.compile(r"[\u4e00-\u9fff]")


@quick
class Role(StrEnum):
    """Whether a word tells what is sold."""

    HEAD = "head"
    OPEN = "open"  # it may
    NONE = "none"  # a use, a venue, a way of cooking, or no word at all


class Heads:
    """The title of a listing, asked for the part that a word plays in it. Positions are those in the folded title."""

    def __init__(self, sheet: Sheet, words: Vocabulary) -> None:
        self._sheet = sheet
        self._words = words
        self._text = sheet.title_text
        self._start = sheet.title.start if sheet.title else 0

    def role(self, spotted: Spotted, spans: tuple[Span, ...]) -> Role:
        """The part of a word beside a GI that the title names at `spans`."""
        start, end = spotted.start, spotted.end
        if self._is_no_word(start, end, spans) or self._is_used(spotted):
            return Role.NONE
        if any(first < start and end < last for first, last in spans):
            return Role.OPEN  # 大闸蟹 公仔 阳澄湖: a clause of its own between goods and place
        if spotted.word in self._words.words("venues") or self._goes_on(start, end):
            return Role.OPEN
        is_end = self.is_end(end)
        if (is_end or spotted.group in _TOOLS) and any(
            first <= start and (start < last or (start == last and not self._is_parted(last))) for first, last in spans
        ):
            return Role.HEAD
        if not is_end:
            return Role.OPEN
        if any(last <= start <= last + _JOINED and self._is_unparted(last, start) for _, last in spans):
            return Role.HEAD
        return self._apart(spotted, spans)

    def is_end(self, at: int) -> bool:
        """True where a clause ends, a measure stands, or a word of trade that follows what is sold: 茶具 | 套装批发."""
        text = self._text
        if self._is_parted(at) or not _HAN.match(text, at):
            return True
        return bool(self._words.pattern("goods-tails").match(text, at))

    def run_before(self, end: int, longest: int, spans: tuple[Span, ...]) -> str:
        """The last characters up to a place, without a sign or a blank between them, and without those of a name."""
        start = end - 1
        while end - start < longest and not self._is_parted(start) and all(last != start for _, last in spans):
            start -= 1
        return self._text[start:end]

    def shown(self, end: int, spans: tuple[Span, ...]) -> str:
        """The word that ends at a place as a reader would cut it: all that stands there where it is short, else its last word."""
        run = self.run_before(end, _LONGEST_SHOWN, spans)
        return run if len(run) < _LONGEST_SHOWN else last_word(run)

    def _apart(self, spotted: Spotted, spans: tuple[Span, ...]) -> Role:
        """A word that ends a clause the GI does not stand in: where the GI ends one too, it is as much the head."""
        if any(self._is_weighed(last) for _, last in spans):
            return Role.OPEN
        if spotted.group in FOODS:
            return Role.OPEN if any(self._is_parted(last) for _, last in spans) else Role.HEAD
        tail = self._words.pattern("goods-tails").match(self._text, spotted.end)
        end = tail.end() if tail else spotted.end
        is_outermost = end == len(self._text) or _MEASURE.match(self._text, end) or self._is_unparted(1, spotted.start)
        return Role.HEAD if is_outermost else Role.OPEN

    def _is_no_word(self, start: int, end: int, spans: tuple[Span, ...]) -> bool:
        """True for characters of which some belong to the name or to a variety, and the others to another word."""
        for first, last in spans:
            if start < first < end and not self._text[start].isascii():
                return True
            if (
                first < start < last < end
                and not self._text[start].isascii()
                and (self._is_parted(last) or is_begun(self._text, last, end))
            ):
                return True
        if self._text[end - 1] == _TEA and not self._is_parted(end) and is_begun(self._text, end - 1, end):
            return True  # 盖碗|茶杯
        varieties = self._words.pattern("variety-words")
        found = (varieties.match(self._text, at) for at in range(start + 1, end))
        return any(variety and variety.end() > end for variety in found)  # 口红 in 壶口红富士

    def _goes_on(self, start: int, end: int) -> bool:
        """True where it only begins a longer word: 机器|人."""
        return not self._is_parted(end) and any(is_word(self._text[start:last]) for last in (end + 1, end + 2))

    def _is_used(self, spotted: Spotted) -> bool:
        """True where it is what the goods are used for or with, or comes on top."""
        start, end = spotted.start, spotted.end
        if not self._is_parted(end) and self._words.pattern("use-after").match(self._text, end):
            return True
        before = self._text[max(0, start - _BEFORE) : start]
        patterns = (self._words.use_before, self._words.made_before)[: 1 + (spotted.group in FOODS)]
        return any(
            found["no"] is None and self._is_unparted(start - len(before) + found.start() + 1, start)
            for pattern in patterns
            for found in pattern.finditer(before)
        )

    def _is_weighed(self, at: int) -> bool:
        """True where a measure stands right after a name: 五常大米5斤."""
        return _MEASURE.match(self._text, at) is not None

    def is_joined(self, at: int) -> bool:
        """True where nothing stands before a character but the one before it."""
        return not self._is_parted(at)

    def _is_parted(self, at: int) -> bool:
        """True where a sign or a blank stands before a character, or the title begins or ends."""
        text = self._text
        if at <= 0 or at >= len(text) or text[at] == " " or text[at - 1] == " ":
            return True
        return self._sheet.is_parted(self._start + at)

    def _is_unparted(self, first: int, last: int) -> bool:
        """True where nothing stands before any character of a span, that at `last` among them."""
        return not any(map(self._is_parted, range(first, last + 1)))


def is_begun(text: str, start: int, end: int) -> bool:
    """True where a word of the dictionary begins at `start` and goes on past `end`: 店里 after 西凤酒, for 酒店."""
    return any(is_word(text[start:last]) for last in range(end + 1, min(len(text), start + _LONGEST_WORD) + 1))
