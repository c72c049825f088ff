"""典型案例: a closed or handled lead as a text for publication, without the names, links and numbers of anybody in it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from gimonitor.configuration import Configuration
from gimonitor.errors import InputError
from gimonitor.model.lead import Decision, Resolution
from gimonitor.model.zone import BEIJING
from gimonitor.papers.findings import show_findings
from gimonitor.papers.forms import blank, fill_form
from gimonitor.papers.hiding import Hider
from gimonitor.papers.origins import NOT_SAID, Learnt, account_of, lack_of, say_origin
from gimonitor.papers.values import chinese_date
from gimonitor.store.leads import LeadRecord
from gimonitor.store.shops import area_of
from gimonitor.workflow.states import Action, effective
from gimonitor.workflow.vocabulary import Answer, Seen
from gimonitor.workflow.words import ANSWERS, RESOLUTIONS, SEEN

_TOLD = {
    Action.JUDGE: "审核人员判定",
    Action.APPROVE: "经第二人审批",
    Action.SEND: "报送有关单位",
    Action.ANSWER: "收到反馈",
    Action.RECHECK: "复核",
    Action.CLOSE: "结案",
}


def print_case(record: LeadRecord, configuration: Configuration, now: datetime, learnt: Learnt = NOT_SAID) -> bytes:
    """The case as DOCX. Raises InputError where nobody confirmed the lead: nothing else is a case to publish."""
    if record.lead.resolution is not Resolution.CONFIRMED:
        raise InputError("只有判定为“疑似成立”的线索可以导出典型案例")
    hide = Hider(record.suspected, {record.lead.gi_name, *(finding.gi_name for finding in record.findings)})
    findings = show_findings(record.suspected, record.findings)
    laws = {c.key: c for f in findings for c in f.law}.values()
    values: dict[str, object] = {
        "paper": {"organisation": configuration.organisation, "date": chinese_date(now)},
        "case": {
            "name": f"某经营者在网络销售中涉嫌不规范使用“{record.lead.gi_name}”线索",
            "facts": _facts(record, learnt),
            "findings": [
                {"field": hide(f.field), "words": hide(f.words), "reason": hide(f.reason).rstrip("。") + "。"}
                for f in findings
            ],
            "law": [{"instrument": c.instrument, "article": c.article} for c in laws],
            "steps": list(_steps(effective(record.decisions))),
            "outcome": _outcome(record),
        },
    }
    return fill_form("typical-case", values, configuration.data_dir / "templates")


def _facts(record: LeadRecord, learnt: Learnt) -> str:
    """When and where, as far as it names nobody: month, kind of place, price."""
    listing = record.suspected
    subject = listing.shop.subject if listing.shop else None
    place = area_of(subject.address) if subject else ""
    month = record.lead.created_at.astimezone(BEIJING)
    seller = f"住所在{place}的某经营者" if place else "某经营者"
    stated = say_origin(listing)
    told = area_of(stated)
    by = account_of(listing)
    origin = f"{by}所示产地为{told}" if told else f"{by}示有产地" if stated else lack_of(listing, "origin")
    return (
        f"{month.year}年{month.month}月，{learnt.opening}，"
        f"{seller}在某电子商务平台销售的商品涉及地理标志“{record.lead.gi_name}”，{origin}。"
    )


def _steps(held: Iterable[Decision]) -> Iterable[dict[str, object]]:
    """What was done, by month and day, without who did it or whom it went to."""
    for decision in held:
        what = _TOLD.get(Action(decision.action)) if decision.action in set(Action) else None
        if what is None:
            continue
        kind, seen = str(decision.detail.get("kind", "")), str(decision.detail.get("seen", ""))
        told = ANSWERS[Answer(kind)] if kind in set(Answer) else SEEN[Seen(seen)] if seen in set(Seen) else ""
        if decision.action == Action.JUDGE and decision.resolution:
            told = RESOLUTIONS[decision.resolution]
        yield {"on": chinese_date(decision.at), "what": what + (f"：{told}" if told else "") + "。"}


def _outcome(record: LeadRecord) -> str:
    answers = [n.detail.get("kind") for n in record.notices if n.answered_at]
    told = "；".join(dict.fromkeys(ANSWERS[Answer(str(kind))] for kind in answers if str(kind) in set(Answer)))
    gone = "复核时页面已失效" if record.listing.gone_at else ""
    return "；".join(part for part in (told, gone) if part) + "。" if told or gone else blank("处理结果")
