"""What the text in a picture says: GI names, claims, credit codes, licence, standard, registration and announcement numbers, origin, dates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import combinations

from gimonitor.imaging.marks import Box
from gimonitor.imaging.names import Names
from gimonitor.imaging.reading import Line, letter_size
from gimonitor.text.codes import Code, find_marks, find_sc, find_standards, find_uscc, repair_uscc, uscc_is_valid


class Saying(StrEnum):
    """What kind of thing a piece of text says."""

    GI_NAME = "gi_name"
    DOUBTFUL_NAME = "doubtful_name"  # of two characters within a longer word: whether it is named nobody can say
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

    `confidence` is the recogniser's for the line; `repaired`: characters that a recogniser confuses were put right, and `shown` is a
    credit code as it was read.
    """

    kind: Saying
    value: str
    text: str
    box: Box
    confidence: float
    key: str = ""
    valid: bool | None = None
    repaired: bool = False
    shown: str = ""


_YEAR_NUMBER = re.compile(r"(?:公告)?\D{0,3}((?:19|20)\d{2})\s*年?\s*\W?\s*第?\s*(\d{1,4})\s*号")
_BARE_NUMBER = re.compile(r"第\s*(\d{1,4})\s*号\s*公告|公告\s*[(（]?\s*第\s*(\d{1,4})\s*号")
_ORIGIN = re.compile(
    r"(?:原?产地(?![直发货批现优正溯证认好严基保标])|出产地|产自)(?:信息)?\s*[:：]?\s*(?![见如详])([\u4e00-\u9fff]{2,24}?)(?=直供|直发|直销|直营|[^\u4e00-\u9fff]|$)"
)
_PRODUCTION = ("生产日期", "制造日期")
_DATE_WORDS = "生产日期|制造日期|生产批号|包装日期|分装日期|采收日期|采摘日期|采制日期|灌装日期|装瓶日期|出厂日期"
_BATCH = r"(?:\s*[/／、(（&及和与或]\s*(?:生产)?批号)?"  # one number for the day and the batch
# no other word for a date, a term or a batch stands between a word for a date and the date
_STOP = r"[0-9见期至限截到止迄效质佳赏验检售]|批号|EXP|BB|BEST|USE"
_DATE = re.compile(
    rf"({_DATE_WORDS}){_BATCH}(?:(?!{_STOP}).){{0,12}}(20\d{{2}})\s*[-./年]?\s*(\d{{1,2}})\s*[-./月]?\s*(\d{{1,2}})(?!\d)"
    r"(?!\s*日?\s*(?:之前|以前|前|到期|止))",
    re.IGNORECASE,
)
_DATE_LABEL = re.compile(rf"(?:{_DATE_WORDS}){_BATCH}\s*[)）]?\s*[:：]?\s*$")
LEGIBLE_PRINT = 18  # px of a character (capitals of 13 px) below which a code is a guess
SURE_READING = 0.9
_ROW_GAP = 4  # heights of a line between a label and its date in a row
_HOTLINE = re.compile(r"热线|电话|客服|投诉|举报")
# what looks like a credit code of which characters were lost or doubled: head, province and area with as many characters as a code has
# or with letters; its middle; or whatever stands after its name. A telephone or order number is none
_AREA = r"(?:1[0-5]|2[123]|3[1-7]|4[1-6]|5[0-4]|6[1-5])\d{4}"
_HEAD = rf"(?<![0-9A-Za-z])(?:9[123]|5[1239]|N[1239]){_AREA}"
_BEGINNING = re.compile(rf"(?:[159N][1239]|[2-4678AY]1){_AREA}")  # GB 32100: who registers, of what kind, where
_PERSON = re.compile(
    r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5])\d{4}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX]"
)  # an identity number
_PART = re.compile(
    rf"{_HEAD}(?:[0-9A-Za-z]{{7,12}}|(?=\d*[A-Za-z])[0-9A-Za-z]{{2,6}})(?![0-9A-Za-z])"
    r"|(?<![0-9A-Za-z])\d{4,8}MA[0-9A-Za-z]{3,}(?![0-9A-Za-z])|(?<=信用代码)[:：]?[0-9A-Za-z]{8,}(?![0-9A-Za-z])"
)
_BEGUN = re.compile(r"(?<![0-9A-Za-z])(?:9[123]|5[1239]|N[1239])[0-9A-Za-z]{6,}(?![0-9A-Za-z])")
_PART_DIGITS = 5
_OTHER_LABEL = re.compile(
    r"(?:[Qq]{2}|微信|电话|手机|热线|订单|编号|编码|单号|追溯|防伪|受理|批号|批次|货号|条码)[^0-9A-Za-z]{0,6}$"
)
_TOKEN = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z]{18}(?![0-9A-Za-z])")
_BLANKS = re.compile(r"(?<=[0-9A-Za-z])[ \u3000·.](?=[0-9A-Za-z])")
_AREA_DIGITS = str.maketrans("OQDCILTZSGBA", "000011725684")
# characters that recognisers take for each other where both belong to the code's alphabet
_CONFUSED = {"8": "B", "B": "8", "0": "DQ", "D": "0", "Q": "0", "6": "G", "G": "6", "1": "LT7", "L": "1", "7": "T1", "T": "7", "2": "7", "4": "A", "A": "4", "5": "6", "U": "0", "3": "8", "9": "8"}  # fmt: skip
_MOST_SWAPS = (
    2  # to the code of a listed user; to any other code only one, for a guess finds a code where there is none
)


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


def _of_line(line: Line, names: Names) -> Iterator[Said]:
    def said(kind: Saying, value: str, **more: object) -> Said:
        return Said(kind=kind, value=value, text=line.text, box=line.box, confidence=line.confidence, **more)  # type: ignore[arg-type]  # key, valid, repaired

    named = names.find_names(line.text)
    yield from (said(Saying.GI_NAME, name, key=key) for key, name in named)
    doubtful = (name for name in names.find_doubtful(line.text) if name not in named)
    yield from (said(Saying.DOUBTFUL_NAME, name, key=key) for key, name in doubtful)
    for key, claim in names.find_claims(line.text):
        yield said(Saying.CLAIM, claim, key=key)
    codes = find_credit_codes(line.text, names.codes, is_sure=is_surely_read(line.text, line.box, line.confidence))
    for code in codes:
        shown = _joined(line.text)[code.start : code.end].upper()
        yield said(Saying.USCC, code.value, valid=code.valid, repaired=code.repaired, shown=shown)
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


def is_surely_read(text: str, box: Box, confidence: float) -> bool:
    """True for a line read so well, in print so large, that what fails a check is no misreading."""
    return confidence >= SURE_READING and letter_size(text, box) >= LEGIBLE_PRINT


def find_credit_codes(text: str, known: frozenset[str] = frozenset(), *, is_sure: bool = False) -> tuple[Code, ...]:
    """Credit codes in a text read from a picture, put right where exactly one way of putting right holds its check character:
    one of the `known` codes, of listed users, else 8 for B or B for 8, else, unless `is_sure` that the text was read well,
    another code that differs in a single place.

    What neither holds nor begins as a code does, such as a batch or an identity number, is none unless the text calls it one.
    """
    joined = _joined(text)
    straight = _TOKEN.sub(_with_area_digits, joined)
    found = (
        _settled(code, repair_uscc(straight[code.start : code.end]), known, is_sure) for code in find_uscc(straight)
    )
    return tuple(
        replace(code, repaired=code.value != joined[code.start : code.end].upper())
        for code in found
        if _is_like_a_code(code.value, code.valid) or "信用代码" in joined
    )


def _joined(text: str) -> str:
    """A text without the blanks within its codes."""
    return _BLANKS.sub("", text)


def _is_like_a_code(value: str, holds: bool | None = False) -> bool:
    return bool(holds or _BEGINNING.match(value)) and not _PERSON.fullmatch(value)


def _with_area_digits(match: re.Match[str]) -> str:
    """The third to eighth characters of a code are an area code, which is digits."""
    shown = match.group()
    return shown[:2] + shown[2:8].upper().translate(_AREA_DIGITS) + shown[8:] if shown[0].isdigit() else shown


def _settled(code: Code, shown: str, known: frozenset[str], is_sure: bool) -> Code:
    """Characters that recognisers confuse are exchanged; two answers are none."""
    if uscc_is_valid(shown):
        return replace(code, value=shown, valid=True)
    near = [candidate for swaps in range(1, _MOST_SWAPS + 1) for candidate in _swapped(shown, swaps)]
    single = (c for c in _swapped(shown, 0 if is_sure else 1) if _is_like_a_code(c))
    likely = {code.value} if code.valid else set()  # 8 and B, the pair that is taken for each other most
    held = set(known.intersection(near)) or likely or {candidate for candidate in single if uscc_is_valid(candidate)}
    valid = len(held) == 1
    return replace(code, value=held.pop() if valid else shown, valid=valid)


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
    joined = _joined(text)
    for match in _PART.finditer(joined):
        value = match.group().strip(":：")
        if sum(c.isdigit() for c in value) >= _PART_DIGITS and not _OTHER_LABEL.search(joined[: match.start()]):
            yield value


def begins_like_a_code(text: str) -> bool:
    """True where something begins as a credit code does: worth a second reading, and no more."""
    return bool(_BEGUN.search(_joined(text)))


def _dates(text: str) -> Iterator[tuple[str, str]]:
    """(word for the date, day in ISO 8601) of each date that is a day."""
    for match in _DATE.finditer(text):
        word, *parts = match.groups()
        try:
            yield word, date(*(int(part) for part in parts)).isoformat()
        except ValueError:
            continue
