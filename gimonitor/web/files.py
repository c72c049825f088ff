"""Evidence files: where they lie, how lists show them, and how they leave: as attachments that nothing can execute."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from starlette.responses import FileResponse, Response

from gimonitor.configuration import Configuration
from gimonitor.errors import NotFoundError
from gimonitor.store.captures import RESPONSE, StoredCapture
from gimonitor.store.leads import LeadRecord
from gimonitor.web.protection import SEALED_POLICY
from gimonitor.web.views import FileGroup, FileLine, ShotLine
from gimonitor.web.words import PACKS, word

KINDS = {
    RESPONSE: "采集时的原始响应",
    "screenshot": "整页截图",
    "viewport": "窗口截图",
    "crop": "疑点处截图",
    "html": "渲染后的网页",
    "mhtml": "网页单文件存档",
    "warc": "固证时的全部响应",
    "environment": "取证环境记录",
    "certificates": "服务器证书",
    "responses": "响应索引",
    "manifest": "固证清单",
    "image": "图片",
    "saved": "人工保存的原件",
    "recording": "录音录像",
    "paper": "文书",
}
UPLOADS = "uploads/"
"""Where files that officers bring lie, below the evidence folder."""
PICTURES = frozenset({"screenshot", "viewport", "crop", "image"})
_HEADERS = {"content-security-policy": SEALED_POLICY, "x-content-type-options": "nosniff"}


_ORDER = tuple(KINDS)


def capture_groups(record: LeadRecord) -> list[FileGroup]:
    """The captures of a lead by the moment they were taken, newest first, the pictures before the records."""
    moments: dict[tuple[datetime, str], list[StoredCapture]] = {}
    for capture in record.captures:
        moments.setdefault((capture.at, capture.who), []).append(capture)
    return [
        FileGroup(
            at=at,
            who=who,
            files=[_line(record.lead.id, one) for one in sorted(moments[at, who], key=_place)],
        )
        for at, who in sorted(moments, reverse=True)
    ]


def _place(capture: StoredCapture) -> tuple[int, int]:
    return (_ORDER.index(capture.kind) if capture.kind in KINDS else len(_ORDER), capture.id)


def _line(lead_id: int, capture: StoredCapture) -> FileLine:
    return FileLine(
        label=KINDS.get(capture.kind, capture.kind),
        at=capture.at,
        path=f"/leads/{lead_id}/evidence/{capture.id}",
        sha256=capture.sha256,
        size=_size(capture),
        who=capture.who,
    )


def _size(capture: StoredCapture) -> int | None:
    size = capture.detail.get("size")
    return capture.length if capture.length is not None else size if isinstance(size, int) else None


def screenshots(record: LeadRecord) -> list[ShotLine]:
    """Whole-page screenshots, newest first, as pictures made anew."""
    base = f"/leads/{record.lead.id}/evidence"
    return [
        ShotLine(path=f"{base}/{capture.id}/picture", thumbnail=f"{base}/{capture.id}/thumbnail", at=capture.at)
        for capture in reversed(record.captures)
        if capture.kind == "screenshot"
    ][:4]


def brought(record: LeadRecord) -> list[ShotLine]:
    """Photographs that officers brought, the first one first."""
    base = f"/leads/{record.lead.id}/evidence"
    return [
        ShotLine(path=f"{base}/{capture.id}/picture", thumbnail=f"{base}/{capture.id}/picture", at=capture.at)
        for capture in record.captures
        if capture.kind == "image" and capture.file.startswith(UPLOADS)
    ][:4]


def pack_lines(record: LeadRecord, names: dict[str, str]) -> list[FileLine]:
    """The packs that a lead is part of, newest first."""
    return [
        FileLine(
            label=Path(pack.file).name,
            title=word(PACKS, pack.kind),
            at=pack.at,
            path=f"/packs/{pack.id}",
            sha256=pack.sha256,
            size=pack.size,
            who=names.get(pack.who, pack.who),
        )
        for pack in reversed(record.packs)
    ]


def capture_path(configuration: Configuration, capture: StoredCapture) -> Path:
    """Where a capture's file lies. Raises NotFoundError when it is not there or not inside its folder."""
    folder = configuration.warc_dir if capture.kind == RESPONSE else configuration.evidence_dir
    return inside(folder, capture.file)


def inside(folder: Path, name: str) -> Path:
    """The existing file `name` below `folder`. Raises NotFoundError for anything else, links out of it included."""
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()) or not path.is_file():
        raise NotFoundError("文件不在存档中；请运维员核对数据目录")
    return path


def attachment(path: Path, name: str) -> Response:
    """The file as a download of unknown content."""
    return FileResponse(
        path,
        filename=name,
        media_type="application/octet-stream",
        headers=_HEADERS,
        content_disposition_type="attachment",
    )


def attached_bytes(content: bytes, name: str) -> Response:
    """The same for bytes; `name` is ours and plain ASCII."""
    headers = {**_HEADERS, "content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="application/octet-stream", headers=headers)


def picture(content: bytes) -> Response:
    """A picture that was encoded here; its address names its content, so the browser may keep it for a while."""
    return Response(content, media_type="image/jpeg", headers={**_HEADERS, "cache-control": "private, max-age=600"})
