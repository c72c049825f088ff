"""Personal data in text: telephone, identity and card numbers, e-mail addresses, names and addresses with a label, and how
a kept text covers them.

Codes of firms (USCC) are not personal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

_MOBILE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)")
_IDENTITY = re.compile(
    r"(?<![0-9A-Za-z])\d{6}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![0-9A-Za-z])"
)
_NEXT = r"\s*(?:联系)?(?:电话|手机|邮编|邮箱|姓名|微信|订单|备注|身份证|[收寄][货件]人|地址)"
_ONE = r"[^\s，,。；;、|<>（）()\[\]【】]"
_BUYERS = "买家|客户|顾客|用户|会员|评价人|评论人|晒单人|评价者|订购人|订货人|购买人|提问者|回答者"
_LABELLED = re.compile(
    r"(?:[收寄][货件]|送货|配送|邮寄|家庭|买家|客户|顾客|用户)(?:详细)?(?:地址|住址)(?:\s*[:：]|\s)\s*"
    rf"(?P<where>(?:(?!{_NEXT})[^\n，。；;|<>]){{4,80}})"
    rf"|[收寄][货件](?:人|方|人姓名|姓名)\s*[:：]?\s*(?P<whom>{_ONE}{{2,60}})"
    rf"|(?:(?:{_BUYERS})(?:姓名|名称|名|昵称|账号|ID)?|姓名|联系人|昵称|旺旺号?)[^\S\n]*[:：]\s*(?P<who>{_ONE}{{2,20}})"
    r"|(?:微信|QQ)号?[^\S\n]*[:：]\s*(?P<account>[A-Za-z0-9_-]{5,20})"
    r"|身份证(?:号码?)?\s*[:：]?\s*(?P<number>\d{17}[\dXx])(?![0-9A-Za-z])"
)  # what a label says it is, whatever its check character; words that may stand for a firm's own need their colon
_LABELS = {"where": "地址", "whom": "收件人或地址", "who": "姓名或账号", "account": "姓名或账号", "number": "身份证号"}
_CARD = re.compile(r"(?<!\d)(?:\d[ -]?){15,18}\d(?!\d)")
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_UNIT = re.compile(r"[0-9A-Za-z一二三四五六七八九十]{1,4}(?:号楼|栋|幢|单元)[0-9A-Za-z单元层室号-]{0,12}")
_DIVISION = re.compile(r"[\u4e00-\u9fff]{2,8}?(?:省|自治区|市|区|县|旗|州)")
_ROAD = re.compile(r"(?:路|街|道|巷|弄|胡同|小区|花园|苑|里|村|镇)[^\d]{0,6}\d")
_FIRMS = re.compile(r"(?:住所|场所|厂址|地址|产地|公司|厂家|厂名|企业|生产商|委托方)[^\n]{0,6}$")
_CLAUSE = re.compile(r"[\n，,。；;|<>：:“”\"']")
_REACH = 60
_BUYER_KEY = re.compile(
    r"""(?P<quote>["'])(?:\w*(?:buyer|user|member|customer|reviewer|receiver|consignee|rater)\w*|nick(?:name)?|author)(?P=quote)"""
    r"""\s*:\s*(?:\{[^{}]{0,200}?"name"\s*:\s*)?"(?P<value>(?:[^"\\]|\\.){1,200})\"""",
    re.IGNORECASE,
)  # "buyerNick": "…", "author": {"@type": "Person", "name": "…"}
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_HINT = re.compile(
    r"\d{7}|1[3-9]\d[- ]\d{4}|@|[收寄][货件]|[地住]址|[人者名称昵号号户家客员称D][^\S\n]*[:：]|微信|QQ|身份证|号楼|单元|栋|幢"
)  # without one of these a text holds none of it


def find_personal(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield (kind, start, end) of personal data, none overlapping another."""
    if not may_hold_personal(text):
        return
    covered: list[tuple[int, int]] = []
    for hit in _LABELLED.finditer(text):
        group = hit.lastgroup
        assert group is not None
        covered.append(hit.span(group))
        yield _LABELS[group], *covered[-1]
    for start, end in _homes(text):
        if not any(a < end and start < b for a, b in covered):
            covered.append((start, end))
            yield "地址", start, end
    for kind, pattern, holds in (
        ("身份证号", _IDENTITY, _is_identity),
        ("银行卡号", _CARD, _is_card),
        ("电话号码", _MOBILE, lambda _: True),
        ("电子邮箱", _MAIL, lambda _: True),
    ):
        for hit in pattern.finditer(text):
            start, end = hit.span()
            if holds(hit[0]) and not any(a < end and start < b for a, b in covered):
                covered.append((start, end))
                yield kind, start, end


def may_hold_personal(text: str) -> bool:
    """False where a quick look already says that there is none."""
    return _HINT.search(text) is not None


def cover_personal(text: str) -> str:
    """The text with each of these replaced by as many `*`, so that offsets found in it stay true of the page."""
    for _, start, end in sorted(find_personal(text), key=lambda hit: -hit[1]):
        text = f"{text[:start]}{'*' * (end - start)}{text[end:]}"
    return text


def find_in_script(text: str) -> Iterator[tuple[str, int, int]]:
    """The same for data inside a script, whose keys may say that a value is a buyer's; none overlapping another."""
    named = [hit.span("value") for hit in _BUYER_KEY.finditer(text)]
    yield from (("姓名或账号", start, end) for start, end in named)
    for kind, start, end in find_personal(text):
        if not any(a < end and start < b for a, b in named):
            yield kind, start, end


def _homes(text: str) -> Iterator[tuple[int, int]]:
    """Addresses down to a unit of a building (division, road with number, unit) that no label says to be a firm's."""
    for unit in _UNIT.finditer(text):
        begin = max(0, unit.start() - _REACH)
        begin += max((hit.end() for hit in _CLAUSE.finditer(text[begin : unit.start()])), default=0)
        division = _DIVISION.search(text, begin, unit.start())
        if division and _ROAD.search(text, division.end(), unit.end()) and not _FIRMS.search(text[:begin][-20:]):
            yield division.start(), unit.end()


def _is_identity(text: str) -> bool:
    """GB 11643: a real date and the check character. No province's code begins with 9, as most firms' codes do."""
    try:
        date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    remainder = sum(int(digit) * weight for digit, weight in zip(text[:17], _WEIGHTS, strict=True)) % 11
    return text[17].upper() == "10X98765432"[remainder] and text[0] != "9"


def _is_card(text: str) -> bool:
    digits = [int(c) for c in text if c.isdigit()]
    doubled = [d if i % 2 == 0 else d * 2 - 9 * (d > 4) for i, d in enumerate(reversed(digits))]
    return text[0] in "3456" and sum(doubled) % 10 == 0 and len(set(digits)) > 1
