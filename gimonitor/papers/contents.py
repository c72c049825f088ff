"""What goes into the pack of a lead: its description for people and for programs, and everything sealed of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

from gimonitor.configuration import Configuration
from gimonitor.errors import EvidenceError
from gimonitor.evidence.pack import Obtained, PackContents, PackFile
from gimonitor.evidence.pages import render
from gimonitor.evidence.seal import read_member
from gimonitor.evidence.sealed import Sealed
from gimonitor.evidence.stamping import tokens_of
from gimonitor.evidence.wacz import ArchivedPage, build_wacz
from gimonitor.model.lead import Decision
from gimonitor.papers.findings import ShownFinding, show_findings
from gimonitor.papers.forms import FORMS, fill_form
from gimonitor.papers.kinds import PAPERS, PackKind
from gimonitor.papers.masking import OMITTED, Masker, mask_record
from gimonitor.papers.pdf import print_papers
from gimonitor.papers.values import UNADDRESSED, Addressing, Values, values_of
from gimonitor.papers.words import EVIDENCE, yuan
from gimonitor.store.captures import RESPONSE, StoredCapture
from gimonitor.store.leads import LeadRecord
from gimonitor.workflow.words import ACTIONS, RESOLUTIONS, STATES

TEMPLATES = Path(__file__).parent / "templates"
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def lead_contents(
    record: LeadRecord,
    configuration: Configuration,
    *,
    number: str,
    who: str,
    made_at: datetime,
    custody_head: tuple[int, str],
    workshop: Path,
    kind: PackKind = PackKind.LEAD,
    addressing: Addressing = UNADDRESSED,
) -> PackContents:
    """The contents of a lead's pack. Facts that nobody has checked are left out of everything in it.

    `workshop` is an empty folder for files made on the way (the replayable archive); it must outlive the packing.

    Raises:
        TamperedError: a sealed response is not what was sealed.
        EvidenceError: an archive is missing.
    """
    record, masker = mask_record(record, kind)
    described, evidence, limits = lead_files(record, masker, configuration, number, made_at, kind)
    values = values_of(record, configuration, evidence, number=number, who=who, made_at=made_at, addressing=addressing)
    papers, no_pdf = make_papers(kind, values, configuration)
    title = f"疑似涉及地理标志“{record.lead.gi_name}”的线索 {record.lead.id}"
    return PackContents(
        number=number,
        title=title,
        made_at=made_at,
        made_by=who,
        organisation=configuration.organisation,
        files=(*papers, *described, *evidence, *replay_of([record], evidence, workshop, title)),
        limits=(*limits, *no_pdf),
        custody_head=custody_head,
    )


def lead_files(
    record: LeadRecord,
    masker: Masker,
    configuration: Configuration,
    number: str,
    made_at: datetime,
    kind: PackKind,
    *,
    prefix: str = "",
) -> tuple[list[PackFile], list[PackFile], list[str]]:
    """A lead's description, its evidence, and in sentences what they do not show; paths begin with `prefix`.

    `record` was masked by `masker`; what that covered is said.
    """
    shown = show_findings(record.suspected, record.findings)
    evidence = [replace(file, path=prefix + file.path) for file in evidence_of(record, configuration)]
    summary = _summary(record, shown, number, made_at, configuration, len(evidence))
    described = [
        PackFile(path=f"{prefix}summary.html", content=summary, media_type="text/html"),
        PackFile(path=f"{prefix}listing.json", content=_json(_listing(record))),
        PackFile(path=f"{prefix}findings.json", content=_json([asdict(finding) for finding in shown])),
        PackFile(path=f"{prefix}clearings.json", content=_json(_clearings(record))),
    ]
    if "decisions" not in OMITTED[kind]:
        decisions = _json([_decision(d) for d in record.decisions])
        described.append(PackFile(path=f"{prefix}decisions.json", content=decisions))
    limits = _limits(record, shown)
    if masker.taken:
        described.append(PackFile(path=f"{prefix}masking.json", content=_json(masker.record())))
        limits.append("文字说明中的个人信息已经脱敏，见 masking.json；固证原件未作改动，可能仍含个人信息，请依法保管。")
    return described, evidence, limits


def make_papers(kind: PackKind, values: Values, configuration: Configuration) -> tuple[list[PackFile], list[str]]:
    """The papers of a kind of pack as DOCX and, where LibreOffice is there, PDF; and what to say where it is not."""
    made = {code: fill_form(code, values, configuration.data_dir / "templates") for code in PAPERS[kind]}
    files = [
        PackFile(path=f"papers/{number:02}-{code}.docx", content=data, title=FORMS[code].title, media_type=_DOCX)
        for number, (code, data) in enumerate(made.items(), 1)
    ]
    try:
        printed = print_papers(made)
    except EvidenceError as error:
        return files, [f"文书只有 DOCX，没有 PDF：{error}"]
    files += [
        PackFile(path=f"papers/{number:02}-{code}.pdf", content=data, media_type="application/pdf")
        for number, (code, data) in enumerate(printed.items(), 1)
    ]
    return files, []


def evidence_of(record: LeadRecord, configuration: Configuration) -> list[PackFile]:
    """Everything sealed and captured of a lead, as rows of the evidence list. Raises as `lead_contents` does."""
    return [*_responses(record, configuration), *_captures(record, configuration)]


def _limits(record: LeadRecord, shown: tuple[ShownFinding, ...]) -> list[str]:
    found = []
    if not any(capture.kind == "screenshot" for capture in record.captures):
        found.append("没有页面截图，只有采集时的响应或线索说明。")
    if any(finding.withheld for finding in shown):
        found.append("部分疑点的说明涉及尚未核实的事实，未列入。")
    if record.lead.listing_version != record.listing.version:
        found.append("商品页面在发现疑点之后有过变化；listing.json 是发现疑点时的内容。")
    if not record.lead.raised:
        found.append("最近一次筛查没有再提出此疑点。")
    if record.listing.gone_at:
        found.append("商品链接在制作本包之前已经失效。")
    if record.suspected.platform == "practice":
        found.append("数据来自演练平台，商品、店铺和主体均为虚构。")
    return found


def _summary(
    record: LeadRecord,
    shown: tuple[ShownFinding, ...],
    number: str,
    made_at: datetime,
    configuration: Configuration,
    pieces: int,
) -> bytes:
    return render(
        TEMPLATES,
        "lead-summary.html.j2",
        record=record,
        listing=record.suspected,
        findings=shown,
        number=number,
        made_at=made_at,
        organisation=configuration.organisation,
        price=yuan(record.suspected.price_fen),
        state=STATES[record.lead.state],
        resolution=RESOLUTIONS[record.lead.resolution] if record.lead.resolution else "（尚未判定）",
        actions=ACTIONS,
        resolutions=RESOLUTIONS,
        pieces=pieces,
    )


def _listing(record: LeadRecord) -> dict[str, object]:
    return {
        "first_seen": record.listing.first_seen,
        "last_seen": record.listing.last_seen,
        "gone_at": record.listing.gone_at,
        "version": record.lead.listing_version,
        "register_digest": record.listing.register_digest,
        **asdict(record.suspected),
    }


def _clearings(record: LeadRecord) -> list[dict[str, object]]:
    return [{"code": c.code, "reason": c.reason, "decisive": c.decisive} for c in record.clearings]


def _decision(decision: Decision) -> dict[str, object]:
    return {**asdict(decision), "act": ACTIONS.get(decision.action, decision.action)}


def _responses(record: LeadRecord, configuration: Configuration) -> list[PackFile]:
    files = []
    for number, capture in enumerate((c for c in record.captures if c.kind == RESPONSE), 1):
        if capture.offset is None or capture.length is None:
            raise EvidenceError(f"{capture.file}: the record's place in the archive is not known")
        sealed = Sealed(
            file=capture.file,
            offset=capture.offset,
            length=capture.length,
            sha256=capture.sha256,
            url=capture.url,
            at=capture.at,
        )
        member = read_member(configuration.warc_dir, sealed)
        path = f"responses/{number:02}-{capture.at:%Y%m%dT%H%M%SZ}.warc.gz"
        note = f"响应正文 SHA-256：{capture.sha256}"
        files.append(_evidence(capture, path, member, "", "自动采集，响应先封存后解析", note))
    return files


def _captures(record: LeadRecord, configuration: Configuration) -> list[PackFile]:
    files = []
    folders: dict[str, int] = {}
    for capture in record.captures:
        if capture.kind == RESPONSE:
            continue
        folder, _, name = capture.file.partition("/")
        number = folders.setdefault(folder, len(folders) + 1)
        source = configuration.evidence_dir / capture.file
        path = f"captures/{number:02}-{capture.at:%Y%m%dT%H%M%SZ}/{name}"
        files.append(_evidence(capture, path, source, capture.sha256, "网络在线提取（Chromium 浏览器）", ""))
        files += [_beside(path, source, token) for token in tokens_of(source)]
    return files


def replay_of(
    records: Sequence[LeadRecord], evidence: Sequence[PackFile], workshop: Path, title: str
) -> list[PackFile]:
    """All archives among the evidence as one WACZ, which ReplayWeb.page opens; nothing where there is none."""
    warcs = []
    for number, file in enumerate((f for f in evidence if f.media_type == "application/warc"), 1):
        if isinstance(file.content, bytes):
            path = workshop / f"{number:05}.warc.gz"
            path.write_bytes(file.content)
            warcs.append(path)
        else:
            warcs.append(file.content)
    if not warcs:
        return []
    pages = [
        ArchivedPage(url=url, at=at, title=record.suspected.title)
        for record in records
        for url, at in {c.url: c.at for c in record.captures if c.kind in (RESPONSE, "manifest")}.items()
    ]
    build_wacz(workshop / "replay.wacz", warcs, pages, title=title)
    return [PackFile(path="replay.wacz", content=workshop / "replay.wacz", media_type="application/wacz")]


def _beside(path: str, file: Path, token: Path) -> PackFile:
    """A time-stamp token of a file of a capture, placed beside it."""
    at = datetime.fromtimestamp(token.stat().st_mtime, UTC)
    return PackFile(
        path=path + token.name.removeprefix(file.name),
        content=token,
        title="时间戳",
        media_type="application/timestamp-reply",
        obtained=Obtained(
            at=at, method="RFC 3161 时间戳机构签发", carrier=file.name, proves="该文件在时间戳所载时间已经存在"
        ),
    )


def _evidence(
    capture: StoredCapture, path: str, content: bytes | Path, sha256: str, method: str, note: str
) -> PackFile:
    name, proves, media_type = EVIDENCE.get(capture.kind, (capture.kind, "", "application/octet-stream"))
    return PackFile(
        path=path,
        content=content,
        title=name,
        media_type=media_type,
        sha256=sha256,
        obtained=Obtained(at=capture.at, method=method, by=capture.who, carrier=capture.url, proves=proves, note=note),
    )


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, default=str) + "\n").encode("utf-8", "replace")
