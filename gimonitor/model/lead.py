"""线索: a listing suspected over one GI, on its way to being closed. State and resolution are two things."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """Where a lead stands in its handling."""

    NEW = "new"
    CLAIMED = "claimed"
    JUDGED = "judged"
    APPROVED = "approved"
    SENT = "sent"
    ANSWERED = "answered"
    RECHECKED = "rechecked"
    CLOSED = "closed"


class Resolution(StrEnum):
    """What a person decided about a lead."""

    CONFIRMED = "confirmed"  # 确认疑似, to be acted on
    AUTHORISED = "authorised"
    FAIR_USE = "fair_use"
    WRONG_CATEGORY = "wrong_category"
    NOT_ENOUGH_PROOF = "not_enough_proof"
    DUPLICATE = "duplicate"
    PAGE_GONE = "page_gone"
    NEEDS_TEST_PURCHASE = "needs_test_purchase"
    NOT_OURS = "not_ours"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """An entry in a lead's history: appended, never overwritten. `why` is the officer's reason.

    `detail` holds what the action needs beyond words: the end of a hold, to whom a question goes, what a recheck saw.
    """

    lead_id: int
    at: datetime
    who: str
    action: str
    state: State
    resolution: Resolution | None
    why: str = ""
    detail: dict[str, object] = field(default_factory=dict)
