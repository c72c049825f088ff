"""Which HTTP status, and which Chinese heading, an error of ours gets."""

from __future__ import annotations

from gimonitor.errors import (
    ConflictError,
    DiskFullError,
    EvidenceError,
    GimonitorError,
    InputError,
    NotFoundError,
    PermissionDeniedError,
    StoreUnreachableError,
)

STATUS: tuple[tuple[type[GimonitorError], int, str], ...] = (
    (NotFoundError, 404, "没有找到"),
    (ConflictError, 409, "已有变化"),
    (PermissionDeniedError, 403, "没有权限"),
    (InputError, 422, "填写有误"),
    (DiskFullError, 507, "磁盘空间不足"),
    (StoreUnreachableError, 503, "数据库无法访问"),
    (EvidenceError, 502, "固证或打包未完成"),
)


def status_of(error: GimonitorError) -> int:
    """The HTTP status of an error; 500 for one that should not come this far."""
    return next((status for kind, status, _ in STATUS if isinstance(error, kind)), 500)
