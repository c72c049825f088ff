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
from gimonitor.text.codes import (
    USCC_CHARACTERS,
    Code,
    find_marks,
    find_sc,
    find_standards,
    find_uscc,
    repair_uscc,
    uscc_is_valid,
)
from gimonitor.text.plain import plain


class Saying(StrEnum):
    """What kind of thing a piece of text says."""

    GI_NAME = "gi_name"
    DOUBTFUL_NAME = "doubtful_name"  # of two characters within a longer word: whether it is named nobody can say
    CLAIM = "claim"
    USCC = "uscc"
    USCC_PART = "uscc_part"  # some characters of what looks like one, "" for its label alone
    SC = "sc"
    STANDARD = "standard"
    REGISTRATION = "registration"  # of a trade mark
    NUMBER_PART = "number_part"  # what looks like a piece of a standard or registration number, "" for its label alone
    ANNOUNCEMENT = "announcement"
    ORIGIN = "origin"
    MADE_ON = "made_on"
    MADE_IN = "made_in"  # a month of production, as its first day
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
_PRODUCTION = r"生产日期|制造日期|\b(?:MFG|MFD)(?:\s?DATE)?|PRODUCTION\s?DATE|DATE\s?OF\s?(?:PRODUCTION|MANUFACTURE)"
_DATE_WORDS = rf"{_PRODUCTION}|生产批号|包装日期|分装日期|采收日期|采摘日期|采制日期|灌装日期|装瓶日期|出厂日期"
_BATCH = r"(?:\s*[/／、(（&及和与或]\s*(?:生产)?批号)?"  # one number for the day and the batch
# no other word for a date, a term or a batch stands between a word for a date and the date
_STOP = r"[0-9见期至限截到止迄效质佳赏验检售]|批号|EXP|BB|BEST|USE"
_NO_TERM = r"(?!\s*[日月]?\s*(?:之前|以前|前|到期|止))"
_DATE = re.compile(
    rf"({_DATE_WORDS}){_BATCH}(?:(?!{_STOP}).){{0,12}}(20\d{{2}})\s*[-./年]?\s*(\d{{1,2}})\s*[-./月]?\s*(\d{{1,2}})(?!\d){_NO_TERM}",
    re.IGNORECASE,
)
_MONTH = re.compile(
    rf"(?:{_PRODUCTION}){_BATCH}(?:(?!{_STOP}).){{0,12}}(20\d{{2}})(?:\s*[-./年]\s*)?(0[1-9]|1[0-2]|(?<=\D)[1-9])(?!\d)(?!\s*[-./月]\s*\d){_NO_TERM}",
    re.IGNORECASE,
)
_DATE_LABEL = re.compile(rf"(?:{_DATE_WORDS}){_BATCH}\s*[)）]?\s*[:：]?\s*$", re.IGNORECASE)
_ORIGIN_LABEL = re.compile(r"(?:原?产地|出产地)\s*[:：]?\s*$")
LEGIBLE_PRINT = 18  # px of a character (capitals of 13 px) below which a code is a guess
SURE_READING = 0.9
_ROW_GAP = 6  # heights of a line between a label and what it says in a row
_LINE_GAP = 1.5  # heights of a line between two lines below each other
_LIKE = 1.6  # ratio of the heights of lines in print of one size
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
_CODE_LABEL = re.compile(r"统一社会|社会信用|信用代|USCC", re.IGNORECASE)
_RUN = re.compile(r"[0-9A-Za-z]+")
_RUN_LENGTH = 5  # characters from which a run of the code's alphabet may be a piece of one
_MIXED = re.compile(r"\d[A-Z]+\d")  # letters among digits, as in little else on a label
_UNITS = re.compile(r"(?<=\d)(?:KJ|KCAL|K?G|ML|L|MM|CM|X)(?=\d|X|$)")  # 2X500G, 1472KJ17
_NUMBER_LABEL = re.compile(r"执行标准(?!化)|标准代?号|册号|(?<=批准)公告号")
_NUMBER_PART = re.compile(
    r"(?<![\d.-])(?!(?:19|20)\d\d-)\d{2,5}(?:\.\d{1,2})?\s?-\s?(?:19|20)\d\d(?![\d./年-])"  # 57-2005 of 19957-2005
    r"|[A-Z]?[A-Z0-9]/\s?T\s?\d{3,}|(?<![0-9A-Za-z])(?:GB?|B)\s?/?[T1]?\s?\d{3,}"  # 3/T19503, GR/T18830
)
_BEGUN = re.compile(r"(?<![0-9A-Za-z])(?:9[123]|5[1239]|N[1239])[0-9A-Za-z]{6,}(?![0-9A-Za-z])")
_PART_DIGITS = 5
_OTHER_LABEL = re.compile(
    r"(?:[Qq]{2}|微信|电话|手机|热线|订单|编号|编码|单号|追溯|防伪|受理|批号|批次|货号|型号|条码)[^0-9A-Za-z]{0,6}$"
)
_TOKEN = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z]{18}(?![0-9A-Za-z])")
_BLANKS = re.compile(r"(?<=[0-9A-Za-z])[ \u3000·.](?=[0-9A-Za-z])")
_GLUED = re.compile(
    r"(?<=USCC)\s*(?=[0-9A-Z])|(?<=(?<![0-9A-Z])[0-9A-Z]{18})\s?(?=(?:GB|DB\d\d|NY|SB|QB|LY|GH|T|Q)\s?[/T]|SC\d{10})",
    re.IGNORECASE,
)  # between a code and what it is printed in one run with: its label, a standard, a licence
_HYPHENED = re.compile(r"(?<![0-9A-Za-z])(?:[0-9A-Za-z]-?){17}[0-9A-Za-z](?![0-9A-Za-z])")
_HYPHENS = re.compile(r"[-\s]")
_PIECE = re.compile(r"[0-9A-Z]{1,17}", re.IGNORECASE)
_BEGINS_WITH = re.compile(r"(?:USCC)?([0-9A-Z]{1,17})$", re.IGNORECASE)
_CODE_LENGTH = 18
_BEGUN_STANDARD = re.compile(
    r"(?<![0-9A-Za-z])(?:GB|DB\s?\d\d|NY|SB|QB|LY|GH)(?:\s?[/\\\u2215-]?\s?T)?\s*[/-]?$", re.IGNORECASE
)
_STANDARD_NUMBER = re.compile(r"\d{2,5}(?:\.\d+)?(?:\s?-\s?(?:19|20)\d\d)?(?!\d)")
_AREA_DIGITS = str.maketrans("OQDCILTZSGBA", "000011725684")
# characters that recognisers take for each other where both belong to the code's alphabet
_CONFUSED = {"8": "B", "B": "8", "0": "DQ", "D": "0", "Q": "0", "6": "G", "G": "6", "1": "LT7", "L": "1", "7": "T1", "T": "7", "2": "7", "4": "A", "A": "4", "5": "6", "U": "0", "3": "8", "9": "8"}  # fmt: skip
_MOST_SWAPS = (
    2  # to the code of a listed user; to any other code only one, for a guess finds a code where there is none
)


def put_together(lines: Sequence[Line], known: frozenset[str] = frozenset()) -> tuple[Line, ...]:
    """The lines, with what is printed in pieces put together: a date or batch to the label before it in its row, a standard's number to its
    letters, the pieces of a credit code that together hold, or make one of the `known` codes, of listed users.
    """
    joined: dict[int, Line] = {}
    used: set[int] = set()
    for index, first in enumerate(lines):
        others = [(n, line) for n, line in enumerate(lines) if n != index and n not in used]
        if index in used:
            continue
        if any(label.search(first.text) for label in (_DATE_LABEL, _OTHER_LABEL, _ORIGIN_LABEL)):
            beside = [(n, line) for n, line in others if _follows(line.box, first.box)]
            if beside:
                at, line = min(beside, key=lambda one: one[1].box.x)
                sure = min(line.confidence, first.confidence)
                joined[at] = replace(line, text=f"{first.text} {line.text}", confidence=sure)
        elif rest := _rest_of_code(first, others, known) or _rest_of_standard(first, others):
            joined[index] = _one_line(first, [line for _, line in rest])
            used.update(n for n, _ in rest)
    return tuple(joined.get(index, line) for index, line in enumerate(lines) if index not in used)


_Placed = tuple[int, Line]  # a line and its place among all


def _rest_of_code(first: Line, others: Sequence[_Placed], known: frozenset[str]) -> list[_Placed]:
    """The lines that go on with a credit code which a line begins, in the row or below; none where no 18 characters hold."""
    begun = _BEGINS_WITH.search(_bare(first.text))
    pieces = [(n, line) for n, line in others if _PIECE.fullmatch(_bare(line.text))]
    return _completed(begun[1], first.box, pieces, known) if begun else []


def _completed(begun: str, last: Box, pieces: Sequence[_Placed], known: frozenset[str]) -> list[_Placed]:
    for n, line in pieces:
        code = begun + _bare(line.text)
        if len(code) > _CODE_LENGTH or not (_follows(line.box, last) or _stands_below(line.box, last)):
            continue
        if len(code) == _CODE_LENGTH:
            found = find_credit_codes(code, known, is_sure=True)
            if any(c.valid and _BEGINNING.match(c.value) and (not c.repaired or c.value in known) for c in found):
                return [(n, line)]
        elif rest := _completed(code, line.box, pieces, known):
            return [(n, line), *rest]
    return []


def _rest_of_standard(first: Line, others: Sequence[_Placed]) -> list[_Placed]:
    """The number of a standard of which a line ends in the letters."""
    if not _BEGUN_STANDARD.search(plain(first.text)):
        return []
    near = [(n, line) for n, line in others if _STANDARD_NUMBER.match(plain(line.text))]
    return [(n, line) for n, line in near if _follows(line.box, first.box) or _stands_below(line.box, first.box)][:1]


def _one_line(first: Line, rest: Sequence[Line]) -> Line:
    boxes = [line.box for line in (first, *rest)]
    left, top = min(b.x for b in boxes), min(b.y for b in boxes)
    right, bottom = max(b.x + b.width for b in boxes), max(b.y + b.height for b in boxes)
    return Line(
        text="".join((first.text, *(line.text for line in rest))),
        raw="".join((first.raw, *(line.raw for line in rest))),
        box=Box(x=left, y=top, width=right - left, height=bottom - top),
        confidence=min(line.confidence for line in (first, *rest)),
    )


def _bare(text: str) -> str:
    """A text without blanks and hyphens."""
    return _HYPHENS.sub("", plain(text))


def _stands_below(box: Box, first: Box) -> bool:
    """True for print of the same size right under a line, for half of the narrower's width at least."""
    apart = box.y - first.y - first.height
    shared = min(box.x + box.width, first.x + first.width) - max(box.x, first.x)
    letters, other = sorted((box.height, first.height))
    return (
        other <= _LIKE * letters
        and -letters / 2 < apart < _LINE_GAP * letters
        and 2 * shared >= min(box.width, first.width)
    )


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
        yield from (said(Saying.USCC_PART, value) for value in _parts_of_codes(line.text, names.codes))
    for code in find_sc(line.text):
        yield said(Saying.SC, code.value, valid=code.valid, repaired=code.repaired)
    standards, announced = find_standards(line.text), list(_announcements(line.text))
    yield from (said(Saying.STANDARD, code.value) for code in standards)
    yield from (said(Saying.ANNOUNCEMENT, value) for value in announced)
    is_mark = not announced and not _HOTLINE.search(line.text)
    registered = find_marks(line.text) if is_mark else ()
    yield from (said(Saying.REGISTRATION, code.value) for code in registered)
    if not (standards or announced or registered):
        yield from (said(Saying.NUMBER_PART, value) for value in _parts_of_numbers(line.text))
    yield from (said(Saying.ORIGIN, value) for value in _origins(line.text))
    dates = list(_dates(line.text))
    yield from (said(Saying.MADE_IN, day) for day in (() if dates else _months(line.text)))
    for word, day in dates:
        made = re.fullmatch(_PRODUCTION, word, re.IGNORECASE)
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
    """A text without the blanks and hyphens within its codes."""
    return _HYPHENED.sub(_without_hyphens, _BLANKS.sub("", _GLUED.sub(";", plain(text))))


def _without_hyphens(match: re.Match[str]) -> str:
    bare = _bare(match.group())
    return bare if _BEGINNING.match(bare) else match.group()


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


def _parts_of_codes(text: str, known: frozenset[str]) -> Iterator[str]:
    """What looks like a part of a credit code: of its form, of a known code, mixed of letters and digits as no other number, or "" for
    its label.
    """
    joined = _joined(text)
    found = [m.group().strip(":：") for m in _PART.finditer(joined) if _is_unlabelled(joined, m)]
    found = [value for value in found if sum(c.isdigit() for c in value) >= _PART_DIGITS]
    label = _CODE_LABEL.search(joined)
    runs = _RUN.finditer(joined, label.end()) if label else _RUN.finditer(plain(text))
    found = found or [
        run.group().upper()
        for run in runs
        if len(run.group()) >= _RUN_LENGTH and (label or (_is_unlabelled(text, run) and _is_piece(run.group(), known)))
    ]
    yield from found or ([""] if label else [])


def _is_unlabelled(text: str, match: re.Match[str]) -> bool:
    return not _OTHER_LABEL.search(text[: match.start()])


def _is_piece(run: str, known: frozenset[str]) -> bool:
    """True for a run of characters that stands in a known code, or mixes letters and digits of the code's alphabet as one does."""
    mixed = set(run) <= set(USCC_CHARACTERS) and _MIXED.search(_UNITS.sub("", run))
    return bool(mixed) or any(run.upper() in code for code in known)


def _parts_of_numbers(text: str) -> Iterator[str]:
    """What looks like a part of a standard number, or "" for the label of one or of a registration number."""
    found = [m.group() for m in _NUMBER_PART.finditer(plain(text))]
    yield from found or ([""] if _NUMBER_LABEL.search(text) else [])


def begins_like_a_code(text: str) -> bool:
    """True where something begins as a credit code does: worth a second reading, and no more."""
    return bool(_BEGUN.search(_joined(text)))


def _months(text: str) -> Iterator[str]:
    """The first day of each month of production, in ISO 8601."""
    return (date(int(match[1]), int(match[2]), 1).isoformat() for match in _MONTH.finditer(text))


def _dates(text: str) -> Iterator[tuple[str, str]]:
    """(word for the date, day in ISO 8601) of each date that is a day."""
    for match in _DATE.finditer(text):
        word, *parts = match.groups()
        try:
            yield word, date(*(int(part) for part in parts)).isoformat()
        except ValueError:
            continue
