"""Names of the kinds of packs and the papers each carries: a right holder's complaint is not a bureau's transfer."""

from __future__ import annotations

from gimonitor.workflow.vocabulary import PackKind

KINDS: dict[PackKind, str] = {
    PackKind.LEAD: "线索材料（留存本单位）",
    PackKind.COMPLAINT: "权利人向平台投诉",
    PackKind.TRANSFER: "移送有管辖权的部门",
    PackKind.PUSH: "推送平台核查处置",
    PackKind.ASSISTANCE: "请其他部门协查",
    PackKind.REMINDER: "向经营者提醒",
    PackKind.RECHECK: "复核记录（留存本单位）",
}

EXTRACTION = "extraction-record"
"""The form that tells how pages were opened and what was kept of them."""

PAPERS: dict[PackKind, tuple[str, ...]] = {
    PackKind.LEAD: ("lead-registration", "turnover", "test-purchase", "recheck", "evidence-list"),
    PackKind.COMPLAINT: ("batch-cover", "platform-notice", "test-purchase", "recheck", "evidence-list"),
    PackKind.TRANSFER: (
        "transfer-letter",
        "case-source",
        "lead-registration",
        EXTRACTION,
        "turnover",
        "test-purchase",
        "recheck",
        "evidence-list",
    ),
    PackKind.PUSH: ("platform-push", EXTRACTION, "test-purchase", "recheck", "evidence-list"),
    PackKind.ASSISTANCE: ("assistance-letter", EXTRACTION, "test-purchase", "recheck", "evidence-list"),
    PackKind.REMINDER: ("reminder", "rectification", "evidence-list"),
    PackKind.RECHECK: ("recheck", EXTRACTION, "evidence-list"),
}
"""Codes of the forms in a pack, in the order in which they are read. Of a lead without test purchases, that nobody
looked at again, or whose page nobody opened, there is no paper about them."""
