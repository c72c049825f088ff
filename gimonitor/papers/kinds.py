"""Kinds of packs and the papers each carries: a right holder's complaint is not a bureau's transfer."""

from __future__ import annotations

from enum import StrEnum


class PackKind(StrEnum):
    """What a pack is for. `LEAD` stays in the house, the others leave it."""

    LEAD = "lead"  # 线索材料
    COMPLAINT = "complaint"  # (A) 权利人向平台投诉
    TRANSFER = "transfer"  # (B) 向有管辖权的部门移送
    ASSISTANCE = "assistance"  # (B) 请其他部门协查
    REMINDER = "reminder"  # 向经营者提醒


PAPERS: dict[PackKind, tuple[str, ...]] = {
    PackKind.LEAD: ("lead-registration", "evidence-list"),
    PackKind.COMPLAINT: ("platform-notice", "evidence-list"),
    PackKind.TRANSFER: ("transfer-letter", "case-source", "lead-registration", "extraction-record", "evidence-list"),
    PackKind.ASSISTANCE: ("assistance-letter", "extraction-record", "evidence-list"),
    PackKind.REMINDER: ("reminder", "rectification", "evidence-list"),
}
"""Codes of the forms in a pack, in the order in which they are read."""
