"""角色: what a person may be in a bureau. One person may hold several roles."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """Roles of the officers' application; `gimonitor.workflow.states` says which acts each may do on a lead."""

    OFFICER = "officer"
    APPROVER = "approver"
    OPERATOR = "operator"
    AUDITOR = "auditor"
    LEADER = "leader"
    MODEL_AUTHOR = "model_author"


def roles_of(text: str) -> frozenset[Role]:
    """Read roles from a comma-separated list. Raises ValueError naming the first unknown one."""
    return frozenset(Role(part.strip()) for part in text.split(",") if part.strip())
