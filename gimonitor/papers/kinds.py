"""The papers that each kind of pack carries: a right holder's complaint is not a bureau's transfer."""

from __future__ import annotations

from gimonitor.workflow.vocabulary import PackKind

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
