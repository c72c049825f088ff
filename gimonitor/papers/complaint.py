"""投诉包 (A): a right holder's complaint over many links of one platform, in packs no larger than the platform takes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from gimonitor.configuration import Configuration
from gimonitor.evidence.custody import CustodyLog
from gimonitor.evidence.pack import Pack, PackContents, PackFile
from gimonitor.model.zone import BEIJING
from gimonitor.papers.addressees import policy_of
from gimonitor.papers.case import Case, case_values
from gimonitor.papers.contents import custody_objects, lead_files, left_out, make_papers
from gimonitor.papers.covers import Batch, cover_values, of_links
from gimonitor.papers.documents import KINDS, Document, DocumentKind, states_seat
from gimonitor.papers.exhibits import Gathering, replay_of
from gimonitor.papers.findings import show_findings
from gimonitor.papers.forms import blank
from gimonitor.papers.jurisdiction import operator_of
from gimonitor.papers.looking import NOTHING_WAIVED, Waiver, done_without, not_ready
from gimonitor.papers.masking import Masker, mask_record
from gimonitor.papers.packing import load_cases, require_whole, seal_pack, unconfirmed, workshop
from gimonitor.papers.places import custody_log, document_store
from gimonitor.papers.platforms import Link, Profile, batches, validate
from gimonitor.papers.sheets import make_sheet
from gimonitor.papers.values import Addressing, Values, law_of, link_values, values_of
from gimonitor.store.captures import StoredPack
from gimonitor.store.database import Store
from gimonitor.store.leads import LeadRecord
from gimonitor.workflow.vocabulary import PackKind

MAX_LISTED = 200  # rows of the evidence list on paper; the page and the JSON in the pack list them all
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True, kw_only=True)
class RightHolder:
    """Who complains, as the notice prints it. Empty fields stay marked blanks."""

    name: str = ""
    contact: str = ""
    by_agent: bool = False


NOBODY_NAMED = RightHolder()


def link_of(record: LeadRecord, reason_code: str = "", reason: str = "", countries: str = "") -> Link:
    """A lead as a row of a platform's sheet: its reason is the officer's, else what those findings say that rest on no
    unverified fact; where none is left the link names the facts to be checked."""
    listing = record.suspected
    shown = show_findings(listing, record.findings)
    sure = [f for f in shown if not f.open_facts]
    waiting = dict.fromkeys(fact for f in shown for fact in f.open_facts)
    return Link(
        lead_id=record.lead.id,
        url=listing.url,
        item_id=listing.item_id,
        platform=listing.platform,
        shop=listing.shop.name if listing.shop else "",
        title=listing.title,
        gi=record.lead.gi_name,
        reason=reason or ("疑似：" + "；".join(f.reason.rstrip("。") for f in sure) if sure else ""),
        open_facts=() if sure else tuple(waiting),
        reason_code=reason_code,
        countries=countries,
    )


def pack_complaint(
    store: Store,
    configuration: Configuration,
    lead_ids: Sequence[int],
    *,
    profile: Profile,
    who: str,
    now: datetime,
    right_holder: RightHolder = NOBODY_NAMED,
    with_account: bool = True,
    reason_code: str = "",
    reason: str = "",
    countries: str = "",
    waiver: Waiver = NOTHING_WAIVED,
    timeout: float = 15.0,
) -> list[tuple[Pack, StoredPack]]:
    """Build the packs of a complaint, one for each batch; nothing is built before everything needed is there.

    `reason` is the officer's own sentence for every link; empty: what the findings say. `countries` are those that the
    reason's code asks for.

    Raises:
        InputError: a lead nobody confirmed, or whose page was not captured or not looked at lately (unless `waiver` does
            without), a document missing or expired, or a field the platform would refuse; names all of them.
        and as `build_pack` does; packs already whole stay.
    """
    policy = policy_of(PackKind.COMPLAINT)
    masked: dict[int, tuple[Case, Masker]] = {}
    cases = load_cases(store, lead_ids)
    hours, found = configuration.look_hours, [case.record for case in cases]
    missing = [*unconfirmed(cases), *not_ready(found, PackKind.COMPLAINT, now, hours, waiver)]
    for case in cases:
        record, masker = mask_record(case.record, policy)
        masked[record.lead.id] = replace(case, record=record), masker
    records = {lead_id: case.record for lead_id, (case, _) in masked.items()}
    links = [link_of(record, reason_code, reason, countries) for record in records.values()]
    documents, lacking = _documents(configuration, profile, records, right_holder, now)
    at_hand = {a.kind for a in profile.attachments}  # which of them are not is said with why
    lacks = validate(profile, links, at_hand, by_agent=right_holder.by_agent)
    wrong = [*missing, *lacking, *(f"线索 {x.lead_id}：{x.what}" if x.lead_id else x.what for x in lacks)]
    require_whole(wrong, who)
    parts = batches(profile, links, with_account=with_account)
    numbers = _numbers(configuration.packs_dir, profile, now, len(parts))
    batch = Batch(channel=profile.name, numbers=numbers, sizes=tuple(map(len, parts)))
    made = []
    for number, part in zip(numbers, parts, strict=True):
        with workshop(configuration.packs_dir, now) as folder:
            contents = _contents(
                [masked[link.lead_id] for link in part],
                part,
                reason,
                configuration,
                profile,
                documents,
                right_holder,
                batch=batch,
                number=number,
                who=who,
                now=now,
                folder=folder,
                log=custody_log(configuration),
            )
            ids = tuple(link.lead_id for link in part)
            made.append(seal_pack(store, configuration, contents, ids, PackKind.COMPLAINT, who=who, timeout=timeout))
    return made


def _documents(
    configuration: Configuration,
    profile: Profile,
    records: dict[int, LeadRecord],
    right_holder: RightHolder,
    now: datetime,
) -> tuple[tuple[Document, ...], list[str]]:
    """The documents that go along, all of the right holder's own, and in words what is missing: whoever complains for
    another shows that he may; over several GIs at once each has a certificate that is on record as its own."""
    wanted = [DocumentKind(a.kind) for a in profile.attachments if a.is_needed(right_holder.by_agent)]
    wanted += [DocumentKind.POWER_OF_ATTORNEY] if right_holder.by_agent else []
    usable = {*wanted, *(DocumentKind(a.kind) for a in profile.attachments if a.advised)}
    day = now.astimezone(BEIJING).date()
    store = document_store(configuration)
    found: dict[tuple[str, str], Document] = {}
    lacking: dict[str, None] = {}
    unnamed: list[str] = []
    is_of_others = False  # a kind of which there is none of the right holder at all, but somebody else's
    names = {record.lead.gi_id: record.lead.gi_name for record in records.values()}
    for gi_id, name in names.items():
        lacking |= dict.fromkeys(store.lacking(wanted, day, gi_id, right_holder.name))
        at_hand = [d for d in store.valid(day, gi_id) if d.kind in usable]
        valid = [d for d in at_hand if d.is_of(right_holder.name)]
        own = store.kinds_of(right_holder.name, gi_id)
        is_of_others |= any(d.kind in wanted and d.kind not in own for d in at_hand)
        found.update({(d.sha256, d.kind): d for d in valid})
        if not any(d.kind is DocumentKind.RIGHTS and d.gi_id == gi_id for d in valid):
            unnamed.append(name)
    said = [f"缺少有效材料：{'；'.join(lacking)}"] if lacking else []
    if len(names) > 1 and DocumentKind.RIGHTS in wanted and unnamed:
        said.append(
            f"一份投诉涉及 {len(names)} 个地理标志（{'、'.join(names.values())}），其中“{'”“'.join(unnamed)}”没有登记为"
            "属于它的权利证明：请按地理标志分别投诉，或者在材料库登记权利证明时写明属于哪个地理标志"
        )
    if lacking and is_of_others:
        said.append(
            f"投诉只能用权利人自己的材料：请登记“{right_holder.name}”的材料；权利人写错了的请改正；已经更名或者由他人承继的，"
            "更正登记，把持有人写作“现名（原旧名）”"
        )
    if not right_holder.name and len(holders := _holders(found.values())) > 1:
        said.append(f"材料属于不同的人（{'、'.join(holders)}）：请写明权利人，只放入权利人自己的材料")
    return tuple(found.values()), said


def _holders(documents: Iterable[Document]) -> list[str]:
    """Whose documents these are, each once by one of its names."""
    holders: list[str] = []
    for document in documents:
        if document.is_own and not any(document.is_of(holder) for holder in holders):
            holders.append(document.holder)
    return holders


def _contents(
    masked: Sequence[tuple[Case, Masker]],
    links: Sequence[Link],
    reason: str,
    configuration: Configuration,
    profile: Profile,
    documents: Sequence[Document],
    right_holder: RightHolder,
    *,
    batch: Batch,
    number: str,
    who: str,
    now: datetime,
    folder: Path,
    log: CustodyLog,
) -> PackContents:
    files: list[PackFile] = []
    evidence: list[PackFile] = []
    said: list[list[str]] = []
    cases = [case for case, _ in masked]
    records = [case.record for case in cases]
    for place, (case, masker) in enumerate(masked, 1):
        prefix = f"links/{place:03}/"
        gathering = Gathering(configuration=configuration, masker=masker, workshop=folder, prefix=prefix)
        made, sealed, told = lead_files(case, gathering, number, now)
        files += made
        evidence += sealed
        said.append(told)
    limits = of_links(said)
    listed = evidence[:MAX_LISTED]
    if len(listed) < len(evidence):
        limits.append(f"纸面证据清单只列前 {MAX_LISTED} 件，全部 {len(evidence)} 件见 evidence-list.html。")
    hours = configuration.look_hours
    undone = of_links([done_without(record, PackKind.COMPLAINT, now, hours) for record in records])
    values = values_of(
        records[0],
        configuration,
        listed,
        number=number,
        who=cases[0].names.get(who, who),
        made_at=now,
        addressing=_addressing(links),
        without=undone,
        learnt=cases[0].learnt,
    )
    values |= {
        "right_holder": _holder(values, right_holder, documents),
        "gi": _gis(values, records),
        "links": link_values([(case.record, case.learnt) for case in cases], reason),
        "law": law_of(records),
        "lead": _leads(values, records),
        "batch": cover_values(batch, number, _listed(documents)),
    }
    if undated := [f"“{d.title}”" for d in documents if d.ends is None]:
        limits.append(f"材料{'、'.join(undated)}未注明有效期。")
    if unnumbered := [f"“{d.title}”" for d in documents if d.lacks_number]:
        limits.append(f"材料{'、'.join(unnumbered)}没有登记编号，文书中标为待填。")
    limits += shared_files(documents)
    without = left_out(policy_of(PackKind.COMPLAINT), cases)
    papers, no_pdf = make_papers(PackKind.COMPLAINT, values | case_values(cases), configuration, without)
    sheet = PackFile(path=f"sheets/{number}.xlsx", content=make_sheet(profile, links).content, media_type=_XLSX)
    store = document_store(configuration)
    attached = [
        PackFile(path=f"documents/{d.kind}-{d.file}", content=store.path_of(d), title=d.title, sha256=d.sha256)
        for d in documents
    ]
    title = f"向{profile.name}投诉疑似链接 {len(records)} 条"
    return PackContents(
        number=number,
        title=title,
        made_at=now,
        made_by=cases[0].names.get(who, who),
        organisation=configuration.organisation,
        files=(*papers, sheet, *attached, *files, *evidence, *replay_of(records, evidence, folder, title)),
        limits=(*undone, *limits, *no_pdf),
        custody=log.extract(custody_objects(cases, policy_of(PackKind.COMPLAINT))),
    )


def shared_files(documents: Sequence[Document]) -> list[str]:
    """A warning for each file that stands for documents of several kinds."""
    by_file: dict[str, dict[str, None]] = {}
    for document in documents:
        by_file.setdefault(document.sha256, {})[KINDS[document.kind]] = None
    return [f"同一份文件同时作为{'、'.join(kinds)}提交，请核对。" for kinds in by_file.values() if len(kinds) > 1]


def _addressing(links: Sequence[Link]) -> Addressing:
    """To whoever runs the platform; a blank where the links are of more than one."""
    platforms = {link.platform for link in links}
    return Addressing(addressee=operator_of(platforms.pop() if len(platforms) == 1 else ""))


def _holder(values: Values, holder: RightHolder, documents: Sequence[Document]) -> Values:
    blanks = values["right_holder"]
    assert isinstance(blanks, dict)
    listed = _listed(documents)
    rights = [text for text, d in zip(listed, documents, strict=True) if d.kind is not DocumentKind.POWER_OF_ATTORNEY]
    powers = [text for text, d in zip(listed, documents, strict=True) if d.kind is DocumentKind.POWER_OF_ATTORNEY]
    return {
        "name": holder.name or blanks["name"],
        "seat": f"，{blank('住所')}" if holder.name and not states_seat(holder.name) else "",
        "contact": holder.contact or blanks["contact"],
        "documents": "；".join(rights) or blanks["documents"],
        "power_of_attorney": "；".join(powers) or ("无" if not holder.by_agent else blanks["power_of_attorney"]),
    }


def _gis(values: Values, records: Sequence[LeadRecord]) -> Values:
    """The GIs of a complaint, all by name."""
    first = values["gi"]
    assert isinstance(first, dict)
    return first | {"name": "”“".join(dict.fromkeys(record.lead.gi_name for record in records))}


def _leads(values: Values, records: Sequence[LeadRecord]) -> Values:
    """The first lead's values under the numbers of all leads of a complaint."""
    first = values["lead"]
    assert isinstance(first, dict)
    return first | {"id": "、".join(str(record.lead.id) for record in records)}


def _listed(documents: Sequence[Document]) -> list[str]:
    return [f"{KINDS[d.kind]}：{d.title}{_numbered(d)}（持有人：{d.holder}；{d.validity}）" for d in documents]


def _numbered(document: Document) -> str:
    number = document.number or (blank("编号") if document.lacks_number else "")
    return f"（{number}）" if number else ""


def _numbers(folder: Path, profile: Profile, now: datetime, parts: int) -> tuple[str, ...]:
    """The numbers of a complaint's packs: day, channel, count, part; the first count of which no part is there."""
    count = 1
    while True:
        head = f"GI-{now.astimezone(BEIJING):%Y%m%d}-{profile.id}-{count}"
        numbers = tuple(f"{head}-{part:02}-of-{parts:02}" for part in range(1, parts + 1))
        if not any(folder.glob(f"{head}-*.zip")):
            return numbers
        count += 1
