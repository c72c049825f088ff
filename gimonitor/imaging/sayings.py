"""What the text in a picture says: GI names, claims, credit codes, licence, standard, registration and announcement numbers, origin, dates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import combinations

from gimonitor.imaging.marks import Box
from gimonitor.imaging.reading import Line
from gimonitor.model.register import Register
from gimonitor.text.codes import Code, find_marks, find_sc, find_standards, find_uscc, uscc_is_valid
from gimonitor.text.normalise import fold_text


class Saying(StrEnum):
    """What kind of thing a piece of text says."""

    GI_NAME = "gi_name"
    CLAIM = "claim"
    USCC = "uscc"
    USCC_PART = "uscc_part"  # some characters of what looks like one
    SC = "sc"
    STANDARD = "standard"
    REGISTRATION = "registration"  # of a trade mark
    ANNOUNCEMENT = "announcement"
    ORIGIN = "origin"
    MADE_ON = "made_on"
    OTHER_DATE = "other_date"  # of packing, harvest, filling …: `key` is the word for it; never the day of production


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One thing said. `value` is canonical, `key` the id of the GI or sign meant, or the word for a date; `valid` is the check digit's word, None: it has none.

    `confidence` is the recogniser's for the line; `repaired`: characters that a recogniser confuses were put right.
    """

    kind: Saying
    value: str
    text: str
    box: Box
    confidence: float
    key: str = ""
    valid: bool | None = None
    repaired: bool = False


_YEAR_NUMBER = re.compile(r"(?:公告)?\D{0,3}((?:19|20)\d{2})\s*年?\s*\W?\s*第?\s*(\d{1,4})\s*号")
_BARE_NUMBER = re.compile(r"第\s*(\d{1,4})\s*号\s*公告|公告\s*[(（]?\s*第\s*(\d{1,4})\s*号")
_ORIGIN = re.compile(r"(?:原?产地(?!直|发|货|批|现|优)|出产地|产自)(?:信息)?\s*[:：]?\s*([\u4e00-\u9fff]{2,24})")
_PRODUCTION = ("生产日期", "制造日期")
_DATE_WORDS = "生产日期|制造日期|生产批号|包装日期|分装日期|采收日期|采摘日期|采制日期|灌装日期|装瓶日期|出厂日期"
_DATE = re.compile(
    rf"({_DATE_WORDS})(?:(?!日期|批号)[^0-9]){{0,12}}(20\d{{2}})\s*[-./年]?\s*(\d{{1,2}})\s*[-./月]?\s*(\d{{1,2}})(?!\d)"
)
_DATE_LABEL = re.compile(rf"(?:{_DATE_WORDS})\s*[:：]?\s*$")
_ROW_GAP = 4  # heights of a line between a label and its date in a row
_HOTLINE = re.compile(r"热线|电话|客服|投诉|举报")
# what looks like a credit code of which characters were lost: its beginning, its middle, or whatever stands after its name
_PART = re.compile(
    r"(?<![0-9A-Za-z])(?:9[123]|5[1239]|N[1239])[0-9A-Za-z]{6,}(?![0-9A-Za-z])|(?<![0-9A-Za-z])\d{2,8}MA[0-9A-Za-z]{3,}(?![0-9A-Za-z])"
    r"|(?<=信用代码)[:：]?[0-9A-Za-z]{8,}(?![0-9A-Za-z])"
)
_PART_DIGITS = 5
_OTHER_NUMBER = re.compile(r"1[3-9]\d{9}|(?:19|20)\d{6}")  # a mobile phone, a day
_TOKEN = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z]{18}(?![0-9A-Za-z])")
_BLANKS = re.compile(r"(?<=[0-9A-Za-z])[ \u3000·.](?=[0-9A-Za-z])")
_AREA_DIGITS = str.maketrans("OQDCILTZSGBA", "000011725684")
# characters that recognisers take for each other where both belong to the code's alphabet
_CONFUSED = {"8": "B", "B": "8", "0": "DQ", "D": "0", "Q": "0", "6": "G", "G": "6", "1": "LT7", "L": "1", "7": "T1", "T": "7", "2": "7", "4": "A", "A": "4", "5": "6", "U": "0", "3": "8", "9": "8"}  # fmt: skip
_MOST_SWAPS = 2


def in_rows(lines: Sequence[Line]) -> tuple[Line, ...]:
    """The lines, with a date put to the label that stands before it in its row: in tables of labels they are two lines."""
    joined: dict[int, Line] = {}
    for index, label in enumerate(lines):
        if _DATE_LABEL.search(label.text):
            beside = [(n, line) for n, line in enumerate(lines) if n != index and _follows(line.box, label.box)]
            if beside:
                at, line = min(beside, key=lambda one: one[1].box.x)
                sure = min(line.confidence, label.confidence)
                joined[at] = replace(line, text=f"{label.text} {line.text}", confidence=sure)
    return tuple(joined.get(index, line) for index, line in enumerate(lines))


def _follows(box: Box, label: Box) -> bool:
    """True for what stands in the row of a label, to the right of it and not far."""
    apart = box.x - label.x - label.width
    level = abs(box.y + box.height / 2 - label.y - label.height / 2)
    return -label.height / 2 < apart < _ROW_GAP * label.height and level < label.height / 2


def what_is_said(lines: Iterable[Line], names: Names) -> tuple[Said, ...]:
    """Everything that lines say, in their order."""
    return tuple(said for line in lines for said in _of_line(line, names))


class Names:
    """Names of GIs and claims of marks, folded, ready to be looked for in short texts."""

    def __init__(self, register: Register) -> None:
        self.names: dict[str, tuple[str, str]] = {}
        self.short: dict[str, tuple[str, str]] = {}  # of two characters: by accident in many a word
        self.claims: dict[str, tuple[str, str]] = {}
        for gi in register.gis:
            if gi.is_gi:
                for name in (gi.name, *(alias.value for alias in gi.aliases)):
                    names = self.names if len(name) >= 3 else self.short
                    names.setdefault(fold_text(name), (gi.id, gi.name))
        for sign in register.signs:
            for claim in sign.claims:
                self.claims.setdefault(fold_text(claim), (sign.id, claim))
        self._pattern = _any_of(self.names)
        self._claiming = _any_of(self.claims)

    def find_names(self, folded: str) -> Iterator[tuple[str, str]]:
        """(GI id, name) of each name in a folded text; of two characters where the line is the name alone or says 地理标志."""
        yield from (self.names[m.group()] for m in self._pattern.finditer(folded))
        alone = self.short.get(_BESIDE_NAMES.sub("", folded))
        if alone:
            yield alone

    def find_claims(self, folded: str) -> Iterator[tuple[str, str]]:
        """(sign id, claim) of each claim in a folded text, the longest at each place."""
        return (self.claims[m.group()] for m in self._claiming.finditer(folded))


_BESIDE_NAMES = re.compile(
    r"[^\u3400-\u9fff]|中华人民共和国|中国|国家|农产品|地理标志|保护|产品名称|商品名称|产品|专用标志|证明商标|集体商标|品名"
)  # what may stand on a line with a short name


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile("|".join(re.escape(w) for w in longest_first) or r"(?!)")


def _of_line(line: Line, names: Names) -> Iterator[Said]:
    def said(kind: Saying, value: str, **more: object) -> Said:
        return Said(kind=kind, value=value, text=line.text, box=line.box, confidence=line.confidence, **more)  # type: ignore[arg-type]  # key, valid, repaired

    folded = fold_text(line.text)
    for key, name in names.find_names(folded):
        yield said(Saying.GI_NAME, name, key=key)
    for key, claim in names.find_claims(folded):
        yield said(Saying.CLAIM, claim, key=key)
    codes = find_credit_codes(line.text)
    yield from (said(Saying.USCC, code.value, valid=code.valid, repaired=code.repaired) for code in codes)
    if not codes:
        yield from (said(Saying.USCC_PART, value) for value in _parts_of_codes(line.text))
    for code in find_sc(line.text):
        yield said(Saying.SC, code.value, valid=code.valid, repaired=code.repaired)
    yield from (said(Saying.STANDARD, code.value) for code in find_standards(line.text))
    announced = list(_announcements(line.text))
    yield from (said(Saying.ANNOUNCEMENT, value) for value in announced)
    if not announced and not _HOTLINE.search(line.text):
        yield from (said(Saying.REGISTRATION, code.value) for code in find_marks(line.text))
    yield from (said(Saying.ORIGIN, value) for value in _origins(line.text))
    for word, day in _dates(line.text):
        made = word in _PRODUCTION
        yield said(Saying.MADE_ON, day) if made else said(Saying.OTHER_DATE, day, key=word)


def find_credit_codes(text: str) -> tuple[Code, ...]:
    """Credit codes in a text read from a picture, put right where exactly one way of putting right holds its check character."""
    joined = _BLANKS.sub("", text)
    straight = _TOKEN.sub(_with_area_digits, joined)
    found = (code if code.valid else _settled(code) for code in find_uscc(straight))
    return tuple(replace(code, repaired=code.value != joined[code.start : code.end].upper()) for code in found)


def _with_area_digits(match: re.Match[str]) -> str:
    """The third to eighth characters of a code are an area code, which is digits."""
    shown = match.group()
    return shown[:2] + shown[2:8].upper().translate(_AREA_DIGITS) + shown[8:] if shown[0].isdigit() else shown


def _settled(code: Code) -> Code:
    """Up to two characters that recognisers confuse are exchanged; two answers are none."""
    for swaps in range(1, _MOST_SWAPS + 1):
        held = {candidate for candidate in _swapped(code.value, swaps) if uscc_is_valid(candidate)}
        if held:
            return replace(code, value=held.pop(), valid=True) if len(held) == 1 else code
    return code


def _swapped(value: str, swaps: int) -> Iterator[str]:
    open_places = [i for i, c in enumerate(value) if c in _CONFUSED and not 2 <= i < 8]
    for places in combinations(open_places, swaps):
        for chosen in _choices([_CONFUSED[value[i]] for i in places]):
            changed = list(value)
            for place, character in zip(places, chosen, strict=True):
                changed[place] = character
            yield "".join(changed)


def _choices(options: list[str]) -> Iterator[tuple[str, ...]]:
    if not options:
        yield ()
        return
    for first in options[0]:
        for rest in _choices(options[1:]):
            yield (first, *rest)


def _announcements(text: str) -> Iterator[str]:
    for match in _YEAR_NUMBER.finditer(text):
        yield f"{match[1]}年第{match[2]}号"
    for match in _BARE_NUMBER.finditer(text):
        yield f"第{match[1] or match[2]}号"


def _origins(text: str) -> Iterator[str]:
    return (match[1] for match in _ORIGIN.finditer(text))


def _parts_of_codes(text: str) -> Iterator[str]:
    for match in _PART.finditer(_BLANKS.sub("", text)):
        value = match.group().strip(":：")
        if sum(c.isdigit() for c in value) >= _PART_DIGITS and not _OTHER_NUMBER.fullmatch(value):
            yield value


def _dates(text: str) -> Iterator[tuple[str, str]]:
    """(word for the date, day in ISO 8601) of each date that is a day."""
    for match in _DATE.finditer(text):
        word, *parts = match.groups()
        try:
            yield word, date(*(int(part) for part in parts)).isoformat()
        except ValueError:
            continue
