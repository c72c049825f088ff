"""Addresses in text: which are people's homes, and which are a firm's, that stay because they are evidence.

A firm's address stands behind a word of a firm (厂址, 生产商, 公司). A bare 地址 is whoever's the words around it speak of:
behind 收货人, a person's name or a telephone number it is a person's, and so is one with a stairwell (单元) where nothing says whose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

MOBILE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- .]?\d{4}[- .]?\d{4}(?!\d)")
NEXT = r"\s*(?:联系)?(?:电话|手机|邮编|邮箱|姓名|微信|订单|备注|身份证|[收寄][货件]人|地址)"
BUYERS = "买家|客户|顾客|用户|会员|评价人|评论人|晒单人|评价者|订购人|订货人|购买人|提问者|回答者"
SURNAME = (
    "[王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜"
    "范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易武乔贺赖龚文庞樊兰殷施陶洪翟颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂]"
)
NAMED = rf"{SURNAME}[\u4e00-\u9fff]{{1,2}}(?={NEXT})"
"""A person's name without a colon before it: only what is told next shows it to be none of goods (客户 龙井)."""
HINT = r"[地住]址|号楼|单元|栋|幢|\d弄|号\d+室"
"""Without one of these a text holds no address that is found here."""

_ROOM = r"[0-9A-Za-z单元层室号楼栋幢座-]{0,16}(?:[^\S\n]\d{1,4}[室号层])?"
_UNIT = re.compile(
    rf"(?:[0-9A-Za-z一二三四五六七八九十]{{1,4}}(?:号楼|栋|幢|单元)|\d{{1,5}}弄\d{{1,5}}号|\d{{1,5}}号(?=\d{{1,5}}室)){_ROOM}"
)
_DIVISION = re.compile(r"[\u4e00-\u9fff]{2,8}?(?:省|自治区|市|区|县|旗|州)")
_ROAD = re.compile(r"(?:路|街|道|巷|弄|胡同|小区|园|苑|里|村|镇|庄|城|大厦|广场|公寓)[^\d]{0,6}\d")
_CLAUSE = re.compile(r"[\n，,。；;|<>：:“”\"']")
_REACH = 60
_PLAIN = re.compile(rf"(?P<full>详细)?地址\s*[:：]\s*(?P<where>(?:(?!{NEXT})[^\n，。；;|<>]){{4,80}})")
_MAKERS = (
    r"厂址|厂名|厂家|厂商|工厂|产地|生产|制造|委托方|经销|销售商|卖家|商家|店铺|网店|店名|供应商|经营者|经营场所|注册"
)
_HOUSES = r"公司|企业|合作社|农场|米业|茶业|商行|经营部|批发部|法定代表人|统一社会信用代码"
_OWN = re.compile(rf"(?P<maker>{_MAKERS})|(?P<house>{_HOUSES})|(?P<bare>住所|场所|地址)")
_SIGNS = re.compile(
    rf"(?P<buyer>[收寄][货件](?:人|方|姓名)|(?:{BUYERS})(?:(?:姓名|名称|名|昵称|账号|ID)?[^\S\n]*[:：]|[^\S\n]+{NAMED})|身份证|订单号)"
    rf"|(?P<maker>{_MAKERS})|(?P<house>{_HOUSES})"
    rf"|(?P<person>联系人|姓名|手机|(?<!客服)(?<!服务)(?<!售后)(?<!举报)电话|(?<!\d)1[3-9]\d[- .]?\d{{4}}[- .]?\d{{4}}(?!\d))"
)
_LABEL = 12  # characters
_BEFORE, _BEHIND, _LINES = 100, 40, 4  # characters on the same line, and lines above it


def find_homes(text: str) -> Iterator[tuple[int, int]]:
    """Yield where people's addresses are: those behind 地址 beside a person's data or behind a bare 详细地址, and those down to
    a unit or a door that no word says to be a firm's. None overlaps another."""
    spans = sorted(chain(_labelled(text), _units(text)))
    last = (0, 0)
    for start, end in spans:
        if start >= last[1]:
            if last[1]:
                yield last
            last = start, end
        else:
            last = last[0], max(last[1], end)
    if last[1]:
        yield last


def names_firm(label: str) -> bool:
    """True where a label, such as the name of an attribute (厂址, 生产商地址), says of what follows that it is a firm's."""
    return _whose(label, 0, end=len(label)) is True


def _labelled(text: str) -> Iterator[tuple[int, int]]:
    for hit in _PLAIN.finditer(text):
        is_firms = _speaks_of(text, hit.start("where"), hit.end())
        if is_firms is False or (is_firms is None and hit["full"]):  # 详细地址 is a line of a form for deliveries
            yield hit.start("where"), hit.start("where") + len(hit["where"].rstrip())


def _units(text: str) -> Iterator[tuple[int, int]]:
    """Addresses with division, road with number, and unit or door."""
    for unit in _UNIT.finditer(text):
        begin = max(0, unit.start() - _REACH)
        begin += max((hit.end() for hit in _CLAUSE.finditer(text[begin : unit.start()])), default=0)
        division = _DIVISION.search(text, begin, unit.start())
        if not division or not _ROAD.search(text, division.end(), unit.end()):
            continue
        own = [hit for hit in _OWN.finditer(text, _label_before(text, begin), division.end()) if hit.end() > begin - 8]
        firms = _speaks_of(text, own[-1].end(), unit.end()) if own else False
        if not firms and (firms is False or "单元" in unit[0]):
            yield (max(division.start(), own[-1].end()) if own else division.start()), unit.end()


def _label_before(text: str, begin: int) -> int:
    """Where to look for the label of what begins at `begin`: on its line, or in the line above where that is as short as a
    label and nothing stands between, as a table's cells come."""
    lowest = max(0, begin - _LABEL)
    line = text.rfind("\n", lowest, begin) + 1
    if not line or text[line:begin].strip():
        return line or lowest
    above = text.rfind("\n", max(0, line - 1 - _LABEL), line - 1) + 1
    return above if above or line - 1 <= _LABEL else line


def _speaks_of(text: str, start: int, end: int) -> bool | None:
    """Whose the address is whose label ends at `start`: True a firm's, False a person's, None where nothing says it.

    A producer's or shop's own label, or one before it, settles it; a buyer before it outweighs the name of a firm. A person's
    name or number before it counts where no firm is named, then what follows, then the lines above."""
    reach = max(0, start - _BEFORE)
    line = text.rfind("\n", reach, start) + 1
    before = _whose(text, line or reach, end=start)
    if before is not None:
        return before
    stop = text.find("\n", end, end + _BEHIND)
    behind = {hit.lastgroup for hit in _SIGNS.finditer(text, end, stop if stop >= 0 else end + _BEHIND)}
    if behind & {"buyer", "person"}:
        return False
    above = text[max(0, line - _BEFORE) : line].splitlines(keepends=True)[-_LINES:]
    return _whose(text, line - sum(map(len, above)), end=line)


def _whose(text: str, start: int, *, end: int) -> bool | None:
    signs = [hit.lastgroup for hit in _SIGNS.finditer(text, start, end)]
    for sign in reversed(signs):
        if sign == "maker":
            return True
        if sign == "buyer":
            return False
    if "house" in signs:
        return True
    return False if signs else None
