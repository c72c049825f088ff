"""Personal data in text: telephone, identity and card numbers, e-mail addresses, names and addresses with a label, and how
a kept text covers them.

Codes of firms (USCC) and lines that the text says are a firm's (客服电话) are not personal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from gimonitor.text.codes import uscc_is_valid
from gimonitor.text.homes import BUYERS, HINT, MOBILE, NAMED, NEXT, SURNAME, find_homes, names_firm

_DIGITS = range(0xFF10, 0xFF1A)
_HALF_WIDTH = {
    c: c - 0xFEE0 for c in (*_DIGITS, *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B), 0xFF0B, 0xFF0D, 0xFF20)
}
_WIDE = re.compile(r"[\uff0d\uff10-\uff19\uff20]")
_AREA = r"(?:10|2[0-57-9]|[3-9]\d{2})"  # of a city, behind the 0
_DAY = r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d)"
_LINE = r"[2-9]\d{2,3}[- ]?\d{4}(?!\d)"
_LANDLINE = re.compile(
    rf"(?<![\dA-Za-z./-])(?:(?:\+86[- ]?)?[(（]?0{_AREA}[)）]?[- ]?|\+86[- ]?{_AREA}[- ])"
    rf"(?!{_DAY}){_LINE}(?:(?:-|转)\d{{1,5}})?(?![0-9A-Za-z])"
)
_NOBODYS = re.compile(
    r"(?:批号|批次|编号|货号|条码|型号|证号|注册号|举报(?!人)|客服|投诉(?!人)|监督|服务|售后|咨询|热线|总机|传真|公司|厂家|厂商|企业|生产商|委托方|经销商)[^\n\d]{0,8}$"
)
_IDENTITY = re.compile(
    r"(?<![0-9A-Za-z])\d{6}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![0-9A-Za-z])"
)
_ONE = r"[^\s，,。；;、|<>（）()\[\]【】]"
_LABELLED = re.compile(
    r"(?:[收寄][货件]|送货|配送|邮寄|家庭|买家|客户|顾客|用户)(?:详细)?(?:地址|住址)(?:\s*[:：]|\s)\s*"
    rf"(?P<where>(?:(?!{NEXT})[^\n，。；;|<>]){{4,80}})"
    rf"|[收寄][货件](?:人|方|人姓名|姓名)\s*[:：]?\s*(?P<whom>{_ONE}{{2,60}})"
    rf"|(?:(?:{BUYERS})(?:姓名|名称|名|昵称|账号|ID)?|姓名|联系人|昵称|旺旺号?)[^\S\n]*[:：]\s*(?P<who>{_ONE}{{2,20}})"
    rf"|联系人[^\S\n]*(?P<bearer>{SURNAME}(?!式|便|法)[\u4e00-\u9fff]{{1,2}}?(?=先生|女士|小姐|经理|老师|{NEXT}|[^\u4e00-\u9fff]|$)|{SURNAME}(?!式|便|法)[\u4e00-\u9fff]{{2}})"
    rf"|(?:{BUYERS})[^\S\n]+(?P<buyer>{NAMED})"
    r"|(?:微信|[Qq]{2}|[Vv]信|加[Vv]|[Ww]e[Cc]hat)(?:号码?|账号|群号?)?[^\S\n]*(?:[:：]\s*(?P<account>[A-Za-z0-9_-]{5,20})"
    r"|(?P<bare>(?=[A-Za-z_-]*[\d_])[A-Za-z0-9_-]{6,20}))"
    r"|(?<![A-Za-z0-9])[VvWw][Xx][^\S\n]*[:：]\s*(?P<short>[A-Za-z0-9_-]{5,20})"
    rf"|(?:电话|固话|座机|手机|联系方式|[Tt][Ee][Ll])(?:号码?)?[^\S\n]*[:：.]?[^\S\n]*(?P<line>(?:[(（]?0{_AREA}[)）]?[- ]?)?{_LINE})"
    r"|身份证(?:号码?)?\s*[:：]?\s*(?P<number>\d{17}[\dXx]|\d{15})(?![0-9A-Za-z])"
)  # what a label says it is, whatever its check character; words that may stand for a firm's own need their colon
_LABELS = {"where": "地址", "whom": "收件人或地址", "line": "电话号码", "number": "身份证号"} | dict.fromkeys(
    ("who", "bearer", "buyer", "account", "bare", "short"), "姓名或账号"
)
_CARD = re.compile(r"(?<!\d)(?:\d[ -]?){15,18}\d(?!\d)")
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_BUYER_KEY = re.compile(
    r"""(?P<quote>["'])(?:\w*(?:buyer|user|member|customer|reviewer|receiver|consignee|rater)\w*|nick(?:name)?|author)(?P=quote)"""
    r"""\s*:\s*(?:\{[^{}]{0,200}?"name"\s*:\s*)?"(?P<value>(?:[^"\\]|\\.){1,200})\"""",
    re.IGNORECASE,
)  # "buyerNick": "…", "author": {"@type": "Person", "name": "…"}
_SAYS = r"(?:reviews?|comments?|evaluat\w*?|feedbacks?|apprais\w*?|pinglun|pingjia|(?<![a-z])rates?)"
_COLON = r"""["']?\s*:\s*"""
_STRING = r"""(?P<mark>["'])(?P<value>(?:(?!(?P=mark))[^\\\n]|\\.)*)(?P=mark)"""
_REVIEWS = re.compile(rf"{_SAYS}(?:_?(?:list|infos?|data|items))?{_COLON}(?=[\[{{])")
_WRITTEN = re.compile(rf"""(?:content|text|body|message|words|append\w*|{_SAYS}){_COLON}{_STRING}""")
_REVIEW_TEXT = re.compile(rf"{_SAYS}_?(?:content|body|text|words){_COLON}{_STRING}")  # all three of small letters
_MARK = re.compile(r"""\"(?:[^"\\]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|[\[\]{}]""")
_WORDS = re.compile(r"[^\W\d_]{2}|\\u[0-9a-fA-F]{4}")
_LONGEST = 500_000
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_PROVINCES = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")  # GB/T 2260
_HINT = re.compile(
    r"\d(?:\d{6}|[)）]?[-\uff0d. ]?\d{3,4}[-\uff0d. ]\d{4})|[@\uff20]|[收寄][货件]|[人者名称昵号号户家客员称D][^\S\n]*[:：]|微信|加[Vv]"
    rf"|[人者户家客员][^\S\n]{SURNAME}|{HINT}|[QqVvWw](?:[Qq]|信|[Xx]\s*[:：]|e[Cc]hat)|身份证|联系人"
)  # without one of these a text holds none of it


def find_personal(text: str, label: str = "") -> Iterator[tuple[str, int, int]]:
    """Yield (kind, start, end) of personal data, none overlapping another; `label` is what stands beside the text and may
    say that an address in it is a firm's."""
    if not may_hold_personal(text):
        return
    if _WIDE.search(text):
        text = text.translate(_HALF_WIDTH)
    covered: list[tuple[int, int]] = []
    for hit in _LABELLED.finditer(text):
        group = hit.lastgroup
        assert group is not None
        if group == "line" and _is_nobodys(text, hit.start()):
            continue
        covered.append(hit.span(group))
        yield _LABELS[group], *covered[-1]
    for start, end in () if names_firm(label) else find_homes(text):
        if not any(a < end and start < b for a, b in covered):
            covered.append((start, end))
            yield "地址", start, end
    for kind, pattern, holds in _NUMBERS:
        for hit in pattern.finditer(text):
            start, end = hit.span()
            if holds(hit) and not any(a < end and start < b for a, b in covered):
                covered.append((start, end))
                yield kind, start, end


def may_hold_personal(text: str) -> bool:
    """False where a quick look already says that there is none."""
    return _HINT.search(text) is not None


def cover_personal(text: str, label: str = "") -> str:
    """The text with each of these replaced by as many `*`, so that offsets found in it stay true of the page."""
    for _, start, end in sorted(find_personal(text, label), key=lambda hit: -hit[1]):
        text = f"{text[:start]}{'*' * (end - start)}{text[end:]}"
    return text


def find_in_script(text: str) -> Iterator[tuple[str, int, int]]:
    """The same for data inside a script, whose keys may say that a value is a buyer's; none overlapping another."""
    reviews = list(find_reviews(text))
    named = [span for _, *span in reviews]
    for hit in _BUYER_KEY.finditer(text):
        if not any(a < hit.end("value") and hit.start("value") < b for a, b in named):
            named.append([*hit.span("value")])
            reviews.append(("姓名或账号", *hit.span("value")))
    yield from reviews
    for kind, start, end in find_personal(text):
        if not any(a < end and start < b for a, b in named):
            yield kind, start, end


def find_reviews(text: str) -> Iterator[tuple[str, int, int]]:
    """What buyers wrote, by the keys of data: texts under a key of a review's text, and those inside a list or an object
    under a key that says reviews. None overlaps another; what is covered already is passed over."""
    small = text.lower()
    small = small if len(small) == len(text) else text
    spans = {hit.start("value"): hit.end("value") for hit in _REVIEW_TEXT.finditer(small)}
    end = 0
    for under in _REVIEWS.finditer(small):
        if under.start() >= end:
            end = _closed(text, under.end())
            spans |= {hit.start("value"): hit.end("value") for hit in _WRITTEN.finditer(small, under.end(), end)}
    for start, end in sorted(spans.items()):
        if _WORDS.search(text, start, end) and not text.startswith(("http:", "https:", "//"), start):
            yield "评价内容", start, end


def _closed(text: str, start: int) -> int:
    """Where the list or object that begins at `start` ends; the end of the text, or of `_LONGEST`, where it does not."""
    depth = 0
    for mark in _MARK.finditer(text, start, start + _LONGEST):
        depth += (mark[0] in "[{") - (mark[0] in "]}")
        if depth == 0 and mark[0] in "]}":
            return mark.end()
    return min(len(text), start + _LONGEST)


def _is_identity(hit: re.Match[str]) -> bool:
    """GB 11643: a province, a real day of birth that has been, and the check character, which a misprint may have spoilt.

    A firm's code whose check character holds (GB 32100) is none, unless the person's holds too.
    """
    text = hit[0].upper()
    try:
        born = date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    remainder = sum(int(digit) * weight for digit, weight in zip(text[:17], _WEIGHTS, strict=True)) % 11
    is_sure = text[17] == "10X98765432"[remainder]
    return _PROVINCES.match(text) is not None and born <= date.today() and (is_sure or not uscc_is_valid(text))


def _is_landline(hit: re.Match[str]) -> bool:
    """No line of a firm's, no number of goods, and no bar code of 12 digits (UPC) whose check digit holds."""
    digits = hit[0]
    is_bar_code = len(digits) == 12 and digits.isdigit() and _upc_holds(digits)
    return not is_bar_code and not _is_nobodys(hit.string, hit.start())


def _is_nobodys(text: str, start: int) -> bool:
    return _NOBODYS.search(text[max(0, start - 16) : start]) is not None


def _upc_holds(digits: str) -> bool:
    return sum(int(digit) * (3 - i % 2 * 2) for i, digit in enumerate(digits)) % 10 == 0


def _is_card(hit: re.Match[str]) -> bool:
    text = hit[0]
    digits = [int(c) for c in text if c.isdigit()]
    doubled = [d if i % 2 == 0 else d * 2 - 9 * (d > 4) for i, d in enumerate(reversed(digits))]
    return text[0] in "3456" and sum(doubled) % 10 == 0 and len(set(digits)) > 1


_NUMBERS = (
    ("身份证号", _IDENTITY, _is_identity),
    ("银行卡号", _CARD, _is_card),
    ("电话号码", MOBILE, lambda _: True),
    ("电话号码", _LANDLINE, _is_landline),
    ("电子邮箱", _MAIL, lambda _: True),
)
