"""线索来源: how a lead came to the house and who looked at the offer's page, as every paper says it. Nothing is said to have
been monitored, opened or seen that was not: rows of a table and tips of others are told of by where they stand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from functools import cache
from pathlib import Path

from sqlalchemy import Connection

from gimonitor.configuration import load_configuration
from gimonitor.errors import NotFoundError
from gimonitor.evidence.pages import beijing
from gimonitor.model.listing import Listing
from gimonitor.model.outside import Outside
from gimonitor.model.zone import BEIJING
from gimonitor.papers.forms import blank
from gimonitor.papers.looking import last_look, last_shown
from gimonitor.parsing import openapis, storefront
from gimonitor.register.files import rules_dir
from gimonitor.register.loader import validate
from gimonitor.register.nodes import parse_document
from gimonitor.register.schema import WordsFile
from gimonitor.store.complaints import complaints_of_lead
from gimonitor.store.leads import LeadRecord
from gimonitor.store.loading import history
from gimonitor.store.runs import load_run
from gimonitor.text.keys import is_one_of
from gimonitor.text.normalise import fold_text
from gimonitor.workflow.sharing import BUNDLE, told_by
from gimonitor.workflow.vocabulary import Seen
from gimonitor.workflow.words import COMPLAINT_SOURCES, SEEN


class Account(StrEnum):
    """What told of an offer: its page, or something else that nobody here compared with the page."""

    PAGE = "页面"
    SAVED = "交来的网页"  # a page that an officer saved and brought
    API = "平台接口返回的数据"
    TABLE = "所收的商品表"
    BUNDLE = "其他单位提供的线索"
    OFFICER = "人工登记的内容"

    @property
    def is_seen(self) -> bool:
        """True where our own software was shown the offer."""
        return self in (Account.PAGE, Account.API)


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """How a lead was learnt. `source` fills 线索来源, `opening` begins a letter's sentence, `first` and `last` are what told of
    the offer first and last, `first_taken` and `last_taken` when a table or the like was taken in that told of it."""

    source: str = blank("线索来源")
    opening: str = f"根据{blank('线索来源')}"
    first: Account = Account.PAGE
    last: Account = Account.PAGE
    first_taken: datetime | None = None
    last_taken: datetime | None = None


NOT_SAID = Learnt()
_PARSERS = {"table": Account.TABLE, BUNDLE: Account.BUNDLE, "officer": Account.OFFICER} | {
    parser.name: Account.API for parser in (*openapis.PARSERS, *storefront.PARSERS)
}
_TIP, _CAPTURE = "tip", "capture"
_TABLES: dict[str, str] = {
    Outside.REPORT_12315: "12315（投诉举报）",
    Outside.ASSOCIATION: "行业协会",
    Outside.CONTRACTOR: "受托采集单位",
    Outside.EXHIBITION: "展会",
}
"""Who brought a table or links, where it was said."""
_NUMBER = re.compile(
    r"(?:编号|单号|文号|受理号|登记号|工单号?)\s*(?:为|是|[:：])?\s*([0-9A-Za-z][0-9A-Za-z\u3014\u3015\[\]-]{2,39})"
)
_LACKED = {
    "price": "标价",
    "specification": "规格",
    "sales": "销量",
    "origin": "产地",
    "ship_from": "发货地",
    "shop": "店铺",
    "uscc": "统一社会信用代码",
    "address": "住所",
}
"""Fields as `Listing.missing` names them, and what papers call them; the last two are never in it alone."""


def account_of(listing: Listing) -> Account:
    """What told of an offer as it stands in this value."""
    read = _PARSERS.get(listing.parser.partition("@")[0], Account.PAGE)
    return Account.SAVED if read is Account.PAGE and listing.source == _CAPTURE else read


def say_origin(listing: Listing) -> str:
    """The stated origin as a cell of a paper; "" where none is stated apart from the text."""
    return "；".join(text if label == "产地" else f"{label}：{text}" for label, text in stated_origins(listing))


def lack_of(listing: Listing, field: str) -> str:
    """How a field without content is said: that it is not stated, only where what read the offer looked for it in vain; else
    that it was not collected. `field` is one of the names in `_LACKED`."""
    name = _LACKED[field]
    if field not in listing.missing:
        return f"没有采集{name}"
    account = account_of(listing)
    return f"{account}{'未单独标示' if account in (Account.PAGE, Account.SAVED) else '没有载明'}{name}"


def stated_origins(listing: Listing) -> tuple[tuple[str, str], ...]:
    """What is stated as the origin, as (label, text): the origin itself, else the attributes that screening takes for it."""
    if listing.origin:
        return (("产地", listing.origin),)
    folder = load_configuration().rules_dir or rules_dir()
    keys = _origin_keys(folder / "words" / "origin-keys.yml")
    return tuple((key, text) for key, text in listing.attributes if text.strip() and is_one_of(key, keys))


@cache
def _origin_keys(path: Path) -> frozenset[str]:
    found = validate(parse_document(path.read_bytes(), str(path)), WordsFile) if path.is_file() else None
    return frozenset(fold_text(word.text) for word in found.words) if found else frozenset()


def learnt_of(c: Connection, record: LeadRecord) -> Learnt:
    """How a lead was learnt: from complaints it is linked to, an officer's own report, what was brought, or monitoring."""
    first = last = account_of(record.listing.listing)
    first_run = last_run = record.listing.run_id
    if record.listing.version > 1:
        oldest = history(c, record.listing.id)[0]
        first, first_run = account_of(oldest.listing), oldest.run_id
    if _kind_of_run(c, last_run) == "table":
        last = Account.TABLE
    source, opening = _come(c, record)
    return Learnt(
        source=source,
        opening=opening,
        first=first,
        last=last,
        first_taken=_begun(c, first_run),
        last_taken=_begun(c, last_run),
    )


def _come(c: Connection, record: LeadRecord) -> tuple[str, str]:
    """线索来源, and the beginning of a sentence that says as much."""
    reports = [
        f"{COMPLAINT_SOURCES[each.source]}{f' {each.number}' if each.number else ''}"
        f"（{each.received_at.astimezone(BEIJING):%Y-%m-%d} 收到）"
        for each in complaints_of_lead(c, record.lead.id)
    ]
    if reports:
        return f"投诉举报：{'、'.join(reports)}", "根据收到的投诉举报"
    for decision in record.decisions:
        if source := COMPLAINT_SOURCES.get(str(decision.detail.get("source", ""))):
            bureau = told_by(record.suspected)
            return f"线索提供：{source}{f'（{bureau}）' if bureau else ''}", f"根据{source}的线索"
    listing = record.suspected
    match account_of(listing):
        case Account.TABLE:
            told = _TABLES.get(listing.source.partition(":")[0], "有关单位或者平台")
            return f"{told}提供的商品表", f"根据{told}提供的商品表"
        case Account.BUNDLE:
            return f"其他单位提供的线索（{told_by(listing)}）", "根据其他单位提供的线索"
        case Account.OFFICER:
            return "人工登记", "根据人工登记的内容"
        case Account.SAVED:
            return "执法人员保存并交来的网页", "根据执法人员保存并交来的网页"
        case Account.PAGE | Account.API:
            return _collected(c, record)


def _collected(c: Connection, record: LeadRecord) -> tuple[str, str]:
    listing = record.suspected
    if _kind_of_run(c, record.lead.run_id) == _TIP and record.lead.run_id is not None:
        return _reported(load_run(c, record.lead.run_id).config)
    if not listing.query or "://" in listing.query:
        return "网络监测", "我单位监测发现"
    found = f"网络监测：搜索“{listing.query}”{f'，第 {listing.rank} 位' if listing.rank else ''}"
    return found, "我单位监测发现"


def _reported(told: Mapping[str, object]) -> tuple[str, str]:
    """A link that came from outside: from whom, and the number that was written down with it. Nothing else of what the
    officer noted leaves the house: it may name who reported."""
    whose = _TABLES.get(str(told.get("from", "")), "")
    numbers = dict.fromkeys(_NUMBER.findall(str(told.get("note", ""))))
    written = f"（本单位登记时所记编号：{'、'.join(numbers)}）" if numbers else ""
    link = f"{whose}提供的链接" if whose else "举报的链接"
    opening = f"根据{link}" if whose else "根据举报"
    return f"{link}{written}，由本单位打开查看", f"{opening}{written}，我单位打开链接查看"


def _kind_of_run(c: Connection, run_id: int | None) -> str:
    try:
        return load_run(c, run_id).kind if run_id is not None else ""
    except NotFoundError:
        return ""


def _begun(c: Connection, run_id: int | None) -> datetime | None:
    try:
        return load_run(c, run_id).started_at if run_id is not None else None
    except NotFoundError:
        return None


def first_time(record: LeadRecord, learnt: Learnt) -> str:
    """When the offer was first seen, or told of and by what."""
    return _at(record.listing.first_seen, learnt.first, learnt.first_taken)


def last_time(record: LeadRecord, learnt: Learnt) -> str:
    """When it was last seen, by a look at its page too, or told of and by what."""
    shown = last_shown(record)
    return beijing(shown) if shown > record.listing.last_seen else _at(shown, learnt.last, learnt.last_taken)


def _at(at: datetime, account: Account, taken: datetime | None) -> str:
    """A time with what it is of: a look, what a table says (which may be a day alone), or when that came in."""
    if account.is_seen:
        return beijing(at)
    if taken and at >= taken:
        return f"{beijing(at)}（收到的时间，{account}没有载明时间）"
    local = at.astimezone(BEIJING)
    said = f"{local:%Y-%m-%d}" if local.time() == time.min else beijing(at)
    return f"{said}（{account}{'所载' if taken else '所载或者收到'}的时间）"


def standing(record: LeadRecord, learnt: Learnt) -> str:
    """How the offer stands now, as far as anybody looked."""
    gone, shown = record.listing.gone_at, last_shown(record)
    if gone and gone >= shown:
        return f"{beijing(gone)}起不再出现"
    look = last_look(record)
    if look and shown > record.listing.last_seen and (look[1].seen is Seen.CHANGED or look[1].unsettled):
        return f"{beijing(look[0])}打开页面查看时页面仍在，但已有变化（{look[1].changed or look[1].text}），本文所列为发现时的内容"
    if shown > record.listing.last_seen:
        return f"{beijing(shown)}打开页面查看时仍在"
    if learnt.last.is_seen:
        return f"{beijing(shown)}仍见于{learnt.last}"
    return f"{beijing(look[0])}打开页面查看：{SEEN[look[1].seen]}" if look else "本单位没有打开页面查看"


def say_times(record: LeadRecord, learnt: Learnt) -> str:
    """The sentence of a letter about when the offer was seen, or by what it was told of."""
    times = f"首次：{first_time(record, learnt)}；最近一次：{last_time(record, learnt)}"
    return f"该链接的内容来自{'、'.join(dict.fromkeys((learnt.first, learnt.last)))}（{times}）；{standing(record, learnt)}。"
