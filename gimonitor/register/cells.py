"""What bureaus write into cells, read strictly: names of firms, days in all their spellings, kinds of basis."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta

from gimonitor.model.register import Basis
from gimonitor.tables import Limits

REGISTER_LIMITS = Limits(text_bytes=30_000_000)
"""Of a bureau's table: all authorised users of the country are about 26,000 rows."""

_INVISIBLE = re.compile(r"[\u200b-\u200f\u2060\ufeff\u00ad]")
_HAN_SPACE = re.compile(r"(?<=[\u3400-\u9fff（）])\s+(?=[\u3400-\u9fff（）])")
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]00:00(?::00)?)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SERIAL = re.compile(r"\d{5}(?:\.0+)?")
_NO_NUMBER = re.compile(r"公示|评审|受理|初审|初步|征求意见|第.{1,3}批|^\d{4}\s*年?度?$")
_EPOCH = date(1899, 12, 30)  # day 0 of the serial numbers of Excel for Windows
_OPEN = frozenset({"", "长期", "无", "-", "—", "/", "至今", "永久"})
_BASES = (
    (Basis.MEMBER, ("member", "成员", "会员", "集体商标")),
    (Basis.LICENSEE, ("licensee", "许可", "证明商标")),
    (Basis.ANNOUNCEMENT, ("announcement", "公告", "核准", "地理标志产品")),
    (Basis.OTHER, ("other", "其他", "备案")),
)


def clean(text: str) -> str:
    """A cell without invisible characters, full-width letters and digits made plain, spaces run together."""
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    return re.sub(r"\s+", " ", text).strip()


def clean_name(text: str) -> str:
    """The name of a firm or a GI as it is printed: no spaces between Han characters, round brackets in full width."""
    text = clean(text).replace("(", "（").replace(")", "）").replace("[", "（").replace("]", "）")
    return _HAN_SPACE.sub("", text)


def fold_name(text: str) -> str:
    """The form of a name that is compared: no spaces, brackets or dots, in small letters."""
    return re.sub(r"[\s（）()·・.\-—]", "", clean_name(text)).casefold()


def parse_day(text: str) -> date | None:
    """A day written as 2015-03-01, 2015/3/1, 2015年3月1日, 20150301 or an Excel serial number; None for open ends.

    Raises ValueError for anything else, and for days before 1950 or after 2100.
    """
    text = clean(text)
    if text in _OPEN:
        return None
    if _SERIAL.fullmatch(text):
        day = _EPOCH + timedelta(days=int(float(text)))
    elif match := _DAY.fullmatch(text) or _COMPACT.fullmatch(text):
        day = date(*(int(part) for part in match.groups()))
    else:
        raise ValueError(f"not a day: {text!r}")
    if not 1950 <= day.year <= 2100:
        raise ValueError(f"{text!r} would be the day {day}")
    return day


def is_number(text: str) -> bool:
    """True for the number of an approval or a registration: 2003年第75号, 公告第640号, AGI00054, 1607996.

    False for what only tells of a step before it (公示, 评审, 受理, 初步认定), for a batch and for a year alone.
    """
    folded = clean(text)
    return bool(re.search(r"\d|第[一二三四五六七八九十百〇零]+号", folded)) and not _NO_NUMBER.search(folded)


def parse_basis(text: str) -> Basis:
    """The basis that a cell names, in Chinese or in the words of the rule files. Raises ValueError for anything else."""
    folded = clean(text).casefold()
    for basis, words in _BASES:
        if any(word in folded for word in words):
            return basis
    raise ValueError(f"not a basis: {text!r}")
