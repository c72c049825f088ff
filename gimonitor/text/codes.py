"""Numbers that say who made goods and to what standard: 统一社会信用代码, 食品生产许可证编号, standard and trade mark numbers.

A valid check digit proves little and a failed one nothing: it may be a misprint or a misread picture.
Source: GB 32100-2015 (USCC), ISO 7064 MOD 11,10 (SC number), GB/T 2260 (area codes).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from gimonitor.text.plain import plain

USCC_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_VALUES = {c: i for i, c in enumerate(USCC_CHARACTERS)}
_WEIGHTS = tuple(pow(3, i, 31) for i in range(17))
_REPAIRS = str.maketrans("OIZSV", "0125U")
_MISREAD_DIGITS = str.maketrans("OQDILZSBGT", "0001125867")

_USCC = re.compile(r"[0-9A-Za-z\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]{18,}")
_SC = re.compile(r"(?<![0-9A-Za-z])[Ss5][Cc]\s*[:]?\s*([0-9OoIlZzSsBb]{14})(?![0-9A-Za-z])")
_SLASH_T = r"\s?[/\\\u2215-]?\s?T"  # recommended; pictures and printers lose or change the slash
_STANDARD = re.compile(
    rf"(?<![A-Za-z0-9])(?P<prefix>GB(?:{_SLASH_T}|\s?/\s?Z)?|DBS\s?\d{{2}}\s?/?|DB\s?\d{{2}}(?:{_SLASH_T})?|(?:NY|SB|QB|LY|GH)(?:{_SLASH_T})?"
    r"|T\s?/\s?[A-Z]{2,8}|Q\s?/\s?[A-Z0-9]{2,10})\s*[·.\s-]?\s*(?P<number>\d[\d.·]*)(?P<enterprise>S?)"
    r"(?:\s*-\s*(?P<year>(?:19|20)?\d{2})(?!\d))?",
    re.IGNORECASE,
)
_NEEDS_LABEL = re.compile(r"^(?:NY|SB|QB|LY|GH)T?$")
_CHANGED_SLASH = re.compile(r"^(GB|DB\d\d|NY|SB|QB|LY|GH)[/\\\u2215-]?T$")
_LABEL = re.compile(r"(?:执行|标准|標準)\D{0,8}$")
_MARK_NUMBER = re.compile(
    r"(?:注册证?号?|商标|第)\s*[:#]?\s*第?\s*(\d{5,8})\s*号|第\s*(\d{5,8})\s*号|(?<!手)册号\s*[::]?\s*(\d{5,8})(?!\d)"
    r"|(?:商标|注册)[^\d,;。,;]{0,6}No\s?[.:]?\s*(\d{5,8})(?!\d)",
    re.IGNORECASE,
)


def _any_width(characters: str, more: str = "") -> str:
    """A character class of ASCII characters in both widths."""
    return f"[{characters}{''.join(chr(ord(c) + 0xFEE0) for c in characters)}{more}]"


# Where a number may begin, looked for in the raw text: one character class first, which `re` scans quickly.
_SC_START = re.compile(_any_width("Ss5") + _any_width("Cc"))
_STANDARD_START = re.compile(_any_width("GgDdNnSsQqLlTt") + _any_width("BbYyHh/", r"\s"))
_STANDARD_LIKELY = re.compile(
    _any_width("GgDdSsQq") + _any_width("Bb") + "|" + _any_width("NnLl") + _any_width("Yy") + "|"
    + _any_width("Gg") + _any_width("Hh") + "|" + _any_width("TtQq") + r"\s?" + _any_width("/")
)  # fmt: skip
_WINDOW = 64  # characters in which a number stands
_LABEL_WIDTH = 16


@dataclass(frozen=True, slots=True)
class Code:
    """A number found in a text: `raw[start:end]`, its canonical form, and whether its check digit holds (None: it has none)."""

    start: int
    end: int
    value: str
    valid: bool | None = None
    repaired: bool = False


def uscc_check(base: str) -> str:
    """Check character for the first 17 characters. Raises KeyError on a character outside the set."""
    total = sum(_VALUES[c] * w for c, w in zip(base, _WEIGHTS, strict=True))
    return USCC_CHARACTERS[(31 - total % 31) % 31]


def uscc_is_valid(code: str) -> bool:
    """True for 18 characters of the alphabet whose check character holds."""
    return len(code) == 18 and all(c in _VALUES for c in code) and uscc_check(code[:17]) == code[17]


def repair_uscc(code: str) -> str:
    """Undo misreadings that the code's alphabet makes certain (O, I, Z, S, V do not occur in it), in capitals."""
    return code.upper().translate(_REPAIRS)


@lru_cache(maxsize=16)
def find_uscc(text: str) -> tuple[Code, ...]:
    """18-character codes in a text, repaired where a picture was misread. Plain words of 18 letters are left out."""
    found = []
    for match in _USCC.finditer(text):
        shown = plain(match.group())
        if len(shown) != 18 or sum(c.isdigit() for c in shown) < 8:
            continue
        value, valid = _settled(shown)
        found.append(Code(match.start(), match.end(), value, valid, repaired=value != shown.upper()))
    return tuple(found)


def _matches(
    pattern: re.Pattern[str], start: re.Pattern[str], likely: re.Pattern[str], text: str
) -> Iterator[tuple[int, str, re.Match[str]]]:
    """Matches of a pattern in a text made plain: (offset of the window, the window, match), without making all of it plain."""
    at = 0
    for candidate in start.finditer(text):
        first = candidate.start()
        if first < at or not likely.match(text, first):
            continue
        left = max(0, first - _LABEL_WIDTH)
        window = plain(text[left : first + _WINDOW])
        match = pattern.match(window, first - left)
        if match:
            at = left + match.end()
            yield left, window, match


def _settled(shown: str) -> tuple[str, bool]:
    value = repair_uscc(shown)
    if uscc_is_valid(value):
        return value, True
    held = [candidate for candidate in _misreadings(value) if uscc_is_valid(candidate)]
    return (held[0], True) if len(held) == 1 else (value, False)


def _misreadings(value: str) -> list[str]:
    """The code with one of 8 and B exchanged: the only pair of which both belong to the alphabet."""
    swaps = {"8": "B", "B": "8"}
    return [value[:i] + swaps[c] + value[i + 1 :] for i, c in enumerate(value) if c in swaps]


def sc_check(base: str) -> str:
    """Check digit for the first 13 digits of a food production licence number, ISO 7064 MOD 11,10."""
    product = 10
    for digit in base:
        product = (product + int(digit)) % 10 or 10
        product = product * 2 % 11
    return str((11 - product) % 10)


def sc_is_valid(digits: str) -> bool:
    """True for 14 digits whose check digit holds."""
    return len(digits) == 14 and digits.isdigit() and sc_check(digits[:13]) == digits[13]


@lru_cache(maxsize=16)
def find_sc(text: str) -> tuple[Code, ...]:
    """Food production licence numbers; `value` is the 14 digits without `SC`."""
    found = []
    for left, _, match in _matches(_SC, _SC_START, _SC_START, text):
        digits = match.group(1).upper().translate(_MISREAD_DIGITS)
        valid, repaired = sc_is_valid(digits), digits != match.group(1)
        found.append(Code(left + match.start(), left + match.end(), digits, valid, repaired))
    return tuple(found)


def sc_category(digits: str) -> str:
    """Three-digit food category, e.g. 101 for grain, 114 for tea."""
    return digits[:3]


def sc_adcode(digits: str) -> str:
    """Area code of the county where the licence was given, which is where the goods were made or packed."""
    return digits[3:9]


@lru_cache(maxsize=16)
def find_standards(text: str) -> tuple[Code, ...]:
    """Codes of standards. NY, SB, QB, LY and GH without `/T` count only after a label, for `型号QB20` is none."""
    found = []
    for left, window, match in _matches(_STANDARD, _STANDARD_START, _STANDARD_LIKELY, text):
        shown = re.sub(r"\s", "", match["prefix"]).upper()
        prefix = _CHANGED_SLASH.sub(r"\1/T", shown)
        before = window[max(0, match.start() - _LABEL_WIDTH) : match.start()]
        if _NEEDS_LABEL.match(shown) and not _LABEL.search(before):
            continue
        number = match["number"].replace("·", ".").rstrip(".")
        value = f"{prefix} {number}{match['enterprise'].upper()}"
        year = match["year"]
        found.append(Code(left + match.start(), left + match.end(), f"{value}-{year}" if year else value))
    return tuple(found)


@lru_cache(maxsize=4096)
def standard_key(code: str) -> str:
    """What two citations of one standard share: prefix and number, without the year and without the `/T` of GB/T."""
    match = _STANDARD.search(plain(code))
    if match is None:
        return re.sub(r"\s", "", plain(code)).upper()
    prefix = _CHANGED_SLASH.sub(r"\1/T", re.sub(r"\s", "", match["prefix"]).upper())
    return f"{prefix.removesuffix('/T')} {match['number'].replace('·', '.').rstrip('.')}"


def find_marks(text: str) -> tuple[Code, ...]:
    """Trade mark registration numbers: five to eight digits in words that say so. There is no check digit."""
    found = []
    for match in _MARK_NUMBER.finditer(plain(text)):
        group = match.lastindex or 0
        found.append(Code(match.start(group), match.end(group), match.group(group)))
    return tuple(found)
