"""线索来源: how a lead came to the house, as papers say it: by a report, by what an officer brought, or by monitoring."""

from __future__ import annotations

from sqlalchemy import Connection

from gimonitor.errors import NotFoundError
from gimonitor.model.zone import BEIJING
from gimonitor.store.complaints import complaints_of_lead
from gimonitor.store.leads import LeadRecord
from gimonitor.store.runs import load_run
from gimonitor.workflow.sharing import told_by
from gimonitor.workflow.words import COMPLAINT_SOURCES

_BROUGHT = {
    "tip": "举报的链接，由本单位打开查看",
    "table": "有关单位或者平台提供的商品表",
    "capture": "执法人员保存并交来的网页",
}
"""Runs by which somebody brought listings in. Every other run is monitoring."""


def origin_of(c: Connection, record: LeadRecord) -> str:
    """Where a lead came from: complaints it is linked to, the officer's own report, else the run that raised it."""
    reports = [
        f"{COMPLAINT_SOURCES[each.source]}{f' {each.number}' if each.number else ''}"
        f"（{each.received_at.astimezone(BEIJING):%Y-%m-%d} 收到）"
        for each in complaints_of_lead(c, record.lead.id)
    ]
    if reports:
        return f"投诉举报：{'、'.join(reports)}"
    for decision in record.decisions:
        if source := COMPLAINT_SOURCES.get(str(decision.detail.get("source", ""))):
            bureau = told_by(record.suspected)
            return f"线索提供：{source}{f'（{bureau}）' if bureau else ''}"
    kind = _kind_of_run(c, record)
    if said := next((words for name, words in _BROUGHT.items() if kind.startswith(name)), ""):
        return said
    listing = record.suspected
    if not listing.query or "://" in listing.query:
        return "网络监测"
    return f"网络监测：搜索“{listing.query}”{f'，第 {listing.rank} 位' if listing.rank else ''}"


def _kind_of_run(c: Connection, record: LeadRecord) -> str:
    if record.lead.run_id is None:
        return ""
    try:
        return load_run(c, record.lead.run_id).kind
    except NotFoundError:
        return ""
