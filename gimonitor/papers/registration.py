"""What the 线索登记表 tells of a lead beside its text: how heavy it is, the other leads of its seller, the numbers of licences
that the page shows, the price by weight, and the places cut out of the screenshot."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from gimonitor.evidence.digest import digest_file
from gimonitor.evidence.pack import PackFile
from gimonitor.model.finding import Finding, History, Score
from gimonitor.model.listing import Listing
from gimonitor.papers.origins import account_of, lack_of
from gimonitor.papers.platforms import platform_name
from gimonitor.papers.words import yuan
from gimonitor.store.groups import subject_of
from gimonitor.store.histories import load_histories
from gimonitor.store.leads import LeadRecord
from gimonitor.store.queue import QueueFilter, QueueRow, queue_page
from gimonitor.text.codes import find_sc
from gimonitor.text.prices import STATED
from gimonitor.text.quantities import grams
from gimonitor.workflow.words import RESOLUTIONS, STATES, TERMS, risk

MOST_RELATED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """Other leads of the same seller, the highest score first, and what became of them. `by_subject`: of the same legal
    person; else of the same shop, or of nobody known."""

    rows: tuple[QueueRow, ...] = ()
    history: History = History()  # noqa: RUF009  # it is frozen
    by_subject: bool = False


def related_of(c: Connection, record: LeadRecord) -> Related:
    """The other leads of a lead's seller, at most `MOST_RELATED` of them."""
    shop_id = record.lead.shop_id
    if shop_id is None:
        return Related()
    subject = subject_of(c, shop_id)
    same = QueueFilter(shop_id=shop_id) if subject is None else QueueFilter(subject_id=subject)
    rows = [row for row in queue_page(c, same, None, MOST_RELATED + 1).rows if row.id != record.lead.id]
    [history] = load_histories(c, [record.listing.listing])
    return Related(rows=tuple(rows[:MOST_RELATED]), history=history, by_subject=subject is not None)


def say_related(related: Related) -> str:
    """The other leads in words, without the sellers' own, which may hold personal data."""
    if not related.rows:
        return "没有发现同一主体、同一店铺的其他线索"
    listed = "；".join(
        f"线索 {row.id}（{row.gi_name}，{platform_name(row.platform)}商品 {row.item_id}，"
        f"{RESOLUTIONS[row.resolution] if row.resolution else STATES[row.state]}）"
        for row in related.rows
    )
    past = related.history
    counts = f"此前疑似成立 {past.confirmed} 件、其中链接已失效 {past.removals} 件，作出处罚 {past.penalties} 件"
    return f"{'同一主体' if related.by_subject else '同一店铺'}的其他线索：{listed}。{counts}"


def say_risk(score: Score, findings: Sequence[Finding]) -> str:
    """The level that the screens show by colour, and what the score is made of; for ids of models stand the findings' numbers."""
    weight = {f.model_id: n for n, f in sorted(enumerate(findings, 1), key=lambda each: (each[1].confidence, -each[0]))}
    ids = re.compile("|".join(map(re.escape, sorted(weight, key=len, reverse=True))) or "(?!)")
    terms = "；".join(
        f"{TERMS[term.name]} {term.value:g}（{ids.sub(lambda hit: f'疑点 {weight[hit.group()]}', term.inputs)}）"
        for term in score.terms
    )
    return f"{risk(score.total)}（疑似度 {score.total:.1f}，满分 100）。{terms}。疑似度只用于排序，不是对违法程度的认定"


def say_licences(listing: Listing) -> str:
    """Food production licence numbers anywhere in the listing, with what their check digit says; "" where there is none."""
    found = {code.value: code.valid for _, _, text in listing.texts() for code in find_sc(text)}
    account = account_of(listing)
    return "；".join(
        f"{account}载有 SC{number}（校验位{'相符' if good else '不符'}）" for number, good in found.items()
    )


def say_price(listing: Listing) -> str:
    """The price, what stands in its place (面议), or that there is none."""
    if listing.price_fen is not None:
        return f"{yuan(listing.price_fen)}{'元' if listing.currency == 'CNY' else listing.currency}"
    stated = dict(listing.attributes).get(STATED)
    return f"{account_of(listing)}载明标价“{stated}”" if stated else lack_of(listing, "price")


def say_unit_price(listing: Listing) -> str:
    """The price per 500 g where specification or title tell the weight."""
    weight = grams(listing.specification) or grams(listing.title)
    if not weight or listing.price_fen is None or listing.currency != "CNY":
        return "单位价未能折算"
    return f"折合每500克{yuan(listing.price_fen * 500 // weight)}元"


def crops_of(evidence: Sequence[PackFile]) -> dict[str, Path]:
    """{words: picture of the place where they stand}, of the newest capture of each among the pieces that go into a pack.

    A picture that is not what was captured is left out here; it stops the pack itself.
    """
    found: dict[str, Path] = {}
    for file in evidence:
        path = file.content
        if isinstance(path, Path) and path.name.startswith("crop-") and digest_file(path).sha256 == file.sha256:
            spots = json.loads((path.parent / "capture.json").read_text("utf-8"))["spots"]
            found |= {spot["words"]: path for spot in spots if spot["file"] == path.name}
    return found
