"""What goes into the pack of a lead: its description for people and for programs, and everything sealed of it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from gimonitor.configuration import Configuration
from gimonitor.errors import EvidenceError
from gimonitor.evidence.custody import CustodyLog
from gimonitor.evidence.pack import PackContents, PackFile
from gimonitor.evidence.pages import render
from gimonitor.model.lead import Decision
from gimonitor.papers.addressees import Part, Policy, policy_of
from gimonitor.papers.case import Case, case_values
from gimonitor.papers.exhibits import Gathering, exhibits_of, replay_of
from gimonitor.papers.findings import RESULTS, ShownFinding, say_clearing, show_findings
from gimonitor.papers.forms import FORMS, fill_form
from gimonitor.papers.kinds import EXTRACTION, PAPERS
from gimonitor.papers.looking import done_without, last_shown, was_opened
from gimonitor.papers.masking import mask_record
from gimonitor.papers.origins import account_of, first_time, lack_of, last_time, say_origin
from gimonitor.papers.pdf import print_papers
from gimonitor.papers.platforms import platform_name
from gimonitor.papers.rechecks import was_looked_again
from gimonitor.papers.registration import say_price
from gimonitor.papers.values import UNADDRESSED, Addressing, Values, values_of
from gimonitor.store.leads import LeadRecord
from gimonitor.workflow.vocabulary import PackKind
from gimonitor.workflow.words import ACTIONS, RESOLUTIONS, STATES

log = logging.getLogger(__name__)

TEMPLATES = Path(__file__).parent / "templates"
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def lead_contents(
    case: Case,
    configuration: Configuration,
    *,
    number: str,
    who: str,
    made_at: datetime,
    log: CustodyLog,
    workshop: Path,
    kind: PackKind = PackKind.LEAD,
    addressing: Addressing = UNADDRESSED,
) -> PackContents:
    """The contents of a lead's pack. Facts that nobody has checked are left out of everything in it.

    `workshop` is an empty folder for files made on the way (the replayable archive); it must outlive the packing.

    Raises:
        TamperedError: a sealed response is not what was sealed, or the custody log is broken.
        EvidenceError: an archive is missing.
    """
    policy = policy_of(kind)
    record, masker = mask_record(case.record, policy)
    gathering = Gathering(configuration=configuration, masker=masker, workshop=workshop)
    described, evidence, limits = lead_files(replace(case, record=record), gathering, number, made_at)
    without = done_without(record, kind, made_at, configuration.look_hours)
    values = values_of(
        record,
        configuration,
        evidence,
        number=number,
        who=case.names.get(who, who),
        made_at=made_at,
        addressing=addressing,
        without=without,
        learnt=case.learnt,
    )
    told = replace(case, record=record)
    papers, no_pdf = make_papers(kind, values | case_values([told]), configuration, left_out(policy, [told]))
    title = f"疑似涉及地理标志“{record.lead.gi_name}”的线索 {record.lead.id}"
    return PackContents(
        number=number,
        title=title,
        made_at=made_at,
        made_by=case.names.get(who, who),
        organisation=configuration.organisation,
        files=(*papers, *described, *evidence, *replay_of([record], evidence, workshop, title)),
        limits=(*without, *limits, *no_pdf),
        custody=log.extract(custody_objects([case], policy)),
    )


def lead_files(
    case: Case, gathering: Gathering, number: str, made_at: datetime
) -> tuple[list[PackFile], list[PackFile], list[str]]:
    """A lead's description, its evidence, and in sentences what they do not show; paths begin with the gathering's prefix.

    The record was masked by the gathering's masker; what that covered and kept back is said.
    """
    record, masker, prefix = case.record, gathering.masker, gathering.prefix
    shown = show_findings(record.suspected, record.findings)
    evidence = exhibits_of(record, gathering)
    omitted = masker.policy.omit
    summary = _summary(case, shown, number, made_at, gathering.configuration, len(evidence), omitted)
    described = [
        PackFile(path=f"{prefix}summary.html", content=summary, media_type="text/html"),
        PackFile(path=f"{prefix}listing.json", content=_json(_listing(record))),
        PackFile(path=f"{prefix}findings.json", content=_json([asdict(finding) for finding in shown])),
        PackFile(path=f"{prefix}masking.json", content=_json(masker.record())),
    ]
    for part, content in (
        (Part.CLEARINGS, _clearings(record)),
        (Part.DECISIONS, [_decision(d) for d in record.decisions]),
        (Part.TURNOVER, asdict(case.turnover)),
        (Part.PURCHASES, [asdict(each) for each in case.purchases]),
    ):
        if part not in omitted and (content or part is not Part.PURCHASES):
            described.append(PackFile(path=f"{prefix}{part}.json", content=_json(content)))
    limits = _limits(record, shown)
    if masker.taken:
        limits.append("文字说明中的个人信息已经脱敏，见 masking.json。")
    if any(page["covered"] for page in masker.pages):
        limits.append("固证时页面上买家所写的部分和个人信息在截图之前已经遮盖，逐处列于 masking.json。")
    if masker.copies:
        limits.append(
            f"由人员保存后交来的网页文件，原件留存本单位，包中是由软件制作的遮盖副本 {len(masker.copies)} 件；遮盖了什么、原件的摘要列于 "
            "masking.json。副本只有网页的文字和结构；软件不能识别的个人信息可能仍在其中。"
        )
    if masker.unseen:
        limits.append(
            f"由人员交来的图片、录像 {len(masker.unseen)} 件没有用软件查看其中是否含有个人信息；逐件列于 masking.json。"
        )
    if masker.kept_back:
        limits.append(
            f"有 {len(masker.kept_back)} 件封存文件或者其中的记录没有放入，留存本单位；逐件的摘要和存放位置列于 masking.json。"
        )
    return described, evidence, limits


def custody_objects(cases: Iterable[Case], policy: Policy) -> set[str]:
    """What the custody log calls the things whose files and records are in a pack of these cases."""
    captures = [capture.file for case in cases for capture in case.record.captures]
    bought = () if Part.PURCHASES in policy.omit else [each for case in cases for each in case.purchases]
    steps = {f"purchase:{each.id}.{step.number}" for each in bought for step in each.steps}
    return steps.union(captures, (file.rpartition("/")[0] for file in captures))


def left_out(policy: Policy, cases: Sequence[Case]) -> frozenset[str]:
    """Codes of papers that this pack does not carry; the cases are as the addressee gets them."""
    codes = set()
    if Part.TURNOVER in policy.omit:
        codes.add("turnover")
    if Part.PURCHASES in policy.omit or not any(case.purchases for case in cases):
        codes.add("test-purchase")
    if not any(was_looked_again(case.record) for case in cases):
        codes.add("recheck")
    if not any(was_opened(case.record) for case in cases):
        codes.add(EXTRACTION)
    return frozenset(codes)


def make_papers(
    kind: PackKind, values: Values, configuration: Configuration, without: frozenset[str] = frozenset()
) -> tuple[list[PackFile], list[str]]:
    """The papers of a kind of pack as DOCX and, where LibreOffice is there, PDF; and what to say where it is not."""
    own = configuration.data_dir / "templates"
    made = {code: fill_form(code, values, own) for code in PAPERS[kind] if code not in without}
    files = [
        PackFile(path=f"papers/{number:02}-{code}.docx", content=data, title=FORMS[code].title, media_type=_DOCX)
        for number, (code, data) in enumerate(made.items(), 1)
    ]
    try:
        printed = print_papers(made)
    except EvidenceError as error:
        log.warning("no PDF: %s", error)
        return files, ["文书只有 DOCX，没有 PDF：制作时没有能用的 LibreOffice，详情见运行日志。"]
    files += [
        PackFile(path=f"papers/{number:02}-{code}.pdf", content=data, media_type="application/pdf")
        for number, (code, data) in enumerate(printed.items(), 1)
    ]
    return files, []


def _limits(record: LeadRecord, shown: tuple[ShownFinding, ...]) -> list[str]:
    found = []
    if facts := dict.fromkeys(fact for finding in shown for fact in finding.open_facts):
        found.append(f"{'；'.join(facts)}：不作为事实写入，文书中标为“待核实”，由办理人员核实后填写。")
    if record.lead.listing_version != record.listing.version:
        found.append("商品的内容在提出疑点之后有过变化；listing.json 是提出疑点时的内容。")
    if not record.lead.raised:
        found.append("最近一次筛查没有再提出此疑点。")
    if record.listing.gone_at:
        found.append("商品链接在制作本包之前已经失效。")
    if record.suspected.platform == "practice":
        found.append("数据来自演练平台，商品、店铺和主体均为虚构。")
    return found


def _summary(
    case: Case,
    shown: tuple[ShownFinding, ...],
    number: str,
    made_at: datetime,
    configuration: Configuration,
    pieces: int,
    omitted: Sequence[Part],
) -> bytes:
    record = case.record
    return render(
        TEMPLATES,
        "lead-summary.html.j2",
        record=record,
        learnt=case.learnt,
        account=account_of(record.suspected),
        origin=say_origin(record.suspected),
        no=lambda field: f"（{lack_of(record.suspected, field)}）",
        say_clearing=partial(say_clearing, record.suspected),
        results=RESULTS,
        first_seen=first_time(record, case.learnt),
        last_seen=last_time(record, case.learnt),
        listing=record.suspected,
        findings=shown,
        number=number,
        made_at=made_at,
        organisation=configuration.organisation,
        platform=platform_name(record.suspected.platform),
        price=say_price(record.suspected),
        state=STATES[record.lead.state],
        resolution=RESOLUTIONS[record.lead.resolution] if record.lead.resolution else "（尚未判定）",
        actions=ACTIONS,
        resolutions=RESOLUTIONS,
        pieces=pieces,
        omitted=frozenset(omitted),
    )


def _listing(record: LeadRecord) -> dict[str, object]:
    return {
        "first_seen": record.listing.first_seen,
        "last_seen": last_shown(record),
        "gone_at": record.listing.gone_at,
        "version": record.lead.listing_version,
        "register_digest": record.listing.register_digest,
        **asdict(record.suspected),
    }


def _clearings(record: LeadRecord) -> list[dict[str, object]]:
    said = [(c, say_clearing(record.suspected, c)) for c in record.clearings]
    return [{"code": c.code, "reason": told, "decisive": c.decisive, "result": RESULTS[c.decisive]} for c, told in said]


def _decision(decision: Decision) -> dict[str, object]:
    return {**asdict(decision), "act": ACTIONS.get(decision.action, decision.action)}


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, default=str) + "\n").encode("utf-8", "replace")
