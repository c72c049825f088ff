"""线索来源: how a lead came to the house and who looked at the offer's page, as every paper says it. Nothing is said to have
been monitored, opened or seen that was not: rows of a table and tips of others are told of by where they stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from pathlib import Path

from sqlalchemy import Connection

from gimonitor.configuration import load_configuration
from gimonitor.errors import NotFoundError
from gimonitor.evidence.pages import beijing
from gimonitor.model.listing import Listing
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
from gimonitor.text.normalise import fold_text
from gimonitor.workflow.sharing import BUNDLE, told_by
from gimonitor.workflow.words import COMPLAINT_SOURCES, SEEN


class Account(StrEnum):
    """What told of an offer: its page, or something else that nobody here compared with the page."""

    PAGE = "页面"
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
    the offer first and last."""

    source: str = blank("线索来源")
    opening: str = f"根据{blank('线索来源')}"
    first: Account = Account.PAGE
    last: Account = Account.PAGE


NOT_SAID = Learnt()
_PARSERS = {"table": Account.TABLE, BUNDLE: Account.BUNDLE, "officer": Account.OFFICER} | {
    parser.name: Account.API for parser in (*openapis.PARSERS, *storefront.PARSERS)
}
_TIP, _CAPTURE = "tip", "capture"


def account_of(listing: Listing) -> Account:
    """What told of an offer as it stands in this value."""
    return _PARSERS.get(listing.parser.partition("@")[0], Account.PAGE)


def say_origin(listing: Listing) -> str:
    """The stated origin as a cell of a paper; "" where none is stated apart from the text."""
    return "；".join(text if label == "产地" else f"{label}：{text}" for label, text in stated_origins(listing))


def lacks(listing: Listing) -> str:
    """How a field without content is said: only of a page can it be said that it shows none."""
    return "未单独标示" if account_of(listing) is Account.PAGE else "没有单独载明"


def stated_origins(listing: Listing) -> tuple[tuple[str, str], ...]:
    """What is stated as the origin, as (label, text): the origin itself, else the attributes that screening takes for it."""
    if listing.origin:
        return (("产地", listing.origin),)
    folder = load_configuration().rules_dir or rules_dir()
    keys = _origin_keys(folder / "words" / "origin-keys.yml")
    return tuple((key, text) for key, text in listing.attributes if text.strip() and fold_text(key) in keys)


@cache
def _origin_keys(path: Path) -> frozenset[str]:
    found = validate(parse_document(path.read_bytes(), str(path)), WordsFile) if path.is_file() else None
    return frozenset(fold_text(word.text) for word in found.words) if found else frozenset()


def learnt_of(c: Connection, record: LeadRecord) -> Learnt:
    """How a lead was learnt: from complaints it is linked to, an officer's own report, what was brought, or monitoring."""
    first = last = account_of(record.listing.listing)
    if record.listing.version > 1:
        first = account_of(history(c, record.listing.id)[0].listing)
    if _kind_of_run(c, record.listing.run_id) == "table":
        last = Account.TABLE
    source, opening = _come(c, record)
    return Learnt(source=source, opening=opening, first=first, last=last)


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
            return "有关单位或者平台提供的商品表", "根据所收的商品表"
        case Account.BUNDLE:
            return f"其他单位提供的线索（{told_by(listing)}）", "根据其他单位提供的线索"
        case Account.OFFICER:
            return "人工登记", "根据人工登记的内容"
        case Account.PAGE | Account.API:
            return _collected(c, record)


def _collected(c: Connection, record: LeadRecord) -> tuple[str, str]:
    listing = record.suspected
    if listing.source == _CAPTURE:
        return "执法人员保存并交来的网页", "根据执法人员保存并交来的网页"
    if _kind_of_run(c, record.lead.run_id) == _TIP:
        return "举报的链接，由本单位打开查看", "根据举报，我单位打开链接查看"
    if not listing.query or "://" in listing.query:
        return "网络监测", "我单位监测发现"
    found = f"网络监测：搜索“{listing.query}”{f'，第 {listing.rank} 位' if listing.rank else ''}"
    return found, "我单位监测发现"


def _kind_of_run(c: Connection, run_id: int | None) -> str:
    try:
        return load_run(c, run_id).kind if run_id is not None else ""
    except NotFoundError:
        return ""


def first_time(record: LeadRecord, learnt: Learnt) -> str:
    """When the offer was first seen, or told of and by what."""
    return _at(record.listing.first_seen, learnt.first)


def last_time(record: LeadRecord, learnt: Learnt) -> str:
    """When it was last seen, by a look at its page too, or told of and by what."""
    shown = last_shown(record)
    return beijing(shown) if shown > record.listing.last_seen else _at(shown, learnt.last)


def _at(at: datetime, account: Account) -> str:
    return beijing(at) if account.is_seen else f"{beijing(at)}（{account}所载或者收到的时间）"


def standing(record: LeadRecord, learnt: Learnt) -> str:
    """How the offer stands now, as far as anybody looked."""
    gone, shown = record.listing.gone_at, last_shown(record)
    if gone and gone >= shown:
        return f"{beijing(gone)}起不再出现"
    if shown > record.listing.last_seen:
        return f"{beijing(shown)}打开页面查看时仍在"
    if learnt.last.is_seen:
        return f"{beijing(shown)}仍见于{learnt.last}"
    look = last_look(record)
    return f"{beijing(look[0])}打开页面查看：{SEEN[look[1].seen]}" if look else "本单位没有打开页面查看"


def say_times(record: LeadRecord, learnt: Learnt) -> str:
    """The sentence of a letter about when the offer was seen, or by what it was told of."""
    times = f"首次：{first_time(record, learnt)}；最近一次：{last_time(record, learnt)}"
    return f"该链接见于{'、'.join(dict.fromkeys((learnt.first, learnt.last)))}（{times}）；{standing(record, learnt)}。"
