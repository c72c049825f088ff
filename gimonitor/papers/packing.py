"""出包: build the evidence pack of a lead that a person has judged, and remember it once it is whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from gimonitor.configuration import Configuration
from gimonitor.errors import InputError
from gimonitor.evidence.files import discard, disk_errors, owned_part, sweep_parts
from gimonitor.evidence.pack import Pack, PackContents, build_pack
from gimonitor.evidence.stamping import make_stamper, write_digest
from gimonitor.model.lead import Resolution
from gimonitor.model.zone import BEIJING
from gimonitor.papers.case import Case, load_case
from gimonitor.papers.contents import lead_contents
from gimonitor.papers.looking import NOTHING_WAIVED, Waiver, not_ready
from gimonitor.papers.places import custody_log, stamp_queue, trusted_roots
from gimonitor.papers.rechecks import was_looked_again
from gimonitor.papers.values import UNADDRESSED, Addressing
from gimonitor.store import audit, captures
from gimonitor.store.captures import StoredPack
from gimonitor.store.database import Store
from gimonitor.store.leads import LeadRecord
from gimonitor.workflow.vocabulary import PackKind


def pack_lead(
    store: Store,
    configuration: Configuration,
    lead_id: int,
    *,
    who: str,
    now: datetime,
    kind: PackKind = PackKind.LEAD,
    addressing: Addressing = UNADDRESSED,
    waiver: Waiver = NOTHING_WAIVED,
    timeout: float = 15.0,
) -> tuple[Pack, StoredPack]:
    """Build the pack of a lead under the packs folder and store its row, with the audit entry, once it is whole.

    It is stamped by every configured authority; one that does not answer (within `timeout` seconds) is named in the
    pack, and the pack's digest is queued for it. A pack leaves the house only on a named person's judgement: the lead must stand resolved as 疑似成立.

    Raises:
        NotFoundError: no such lead.
        InputError: nobody has judged it so; or its page was not captured or not looked at lately, and `waiver` does not
            do without; or a record of rechecks is wanted and there was none.
        TamperedError, EvidenceError, DiskFullError: as `build_pack`; then nothing is stored.
    """
    [case] = ready_cases(store, configuration, [lead_id], kind, who=who, now=now, waiver=waiver)
    with workshop(configuration.packs_dir, now) as folder:
        contents = lead_contents(
            case,
            configuration,
            number=_number(case.record, configuration.packs_dir, now),
            who=who,
            made_at=now,
            log=custody_log(configuration),
            workshop=folder,
            kind=kind,
            addressing=addressing,
        )
        return seal_pack(store, configuration, contents, (lead_id,), kind, who=who, timeout=timeout)


def ready_cases(
    store: Store,
    configuration: Configuration,
    lead_ids: Sequence[int],
    kind: PackKind,
    *,
    who: str,
    now: datetime,
    waiver: Waiver = NOTHING_WAIVED,
) -> list[Case]:
    """The leads, each of which may go into a pack of this kind. Raises NotFoundError, or InputError naming all that any of
    them lacks."""
    cases = load_cases(store, lead_ids)
    records = [case.record for case in cases]
    lacks = [*unconfirmed(cases), *not_ready(records, kind, now, configuration.look_hours, waiver)]
    unseen = [str(record.lead.id) for record in records if kind is PackKind.RECHECK and not was_looked_again(record)]
    if unseen:
        lacks.append(f"线索 {'、'.join(unseen)} 还没有复看或者复核过，没有可以记录的")
    require_whole(lacks, who)
    return cases


def load_cases(store: Store, lead_ids: Sequence[int]) -> list[Case]:
    """The leads, each once. Raises NotFoundError."""
    with store.read() as c:
        return [load_case(c, lead_id) for lead_id in dict.fromkeys(lead_ids)]


def unconfirmed(cases: Sequence[Case]) -> list[str]:
    """In a sentence which leads no person has judged 疑似成立; empty where all were."""
    leads = [case.record.lead for case in cases]
    open_ones = [str(lead.id) for lead in leads if lead.resolution is not Resolution.CONFIRMED]
    return [f"线索 {'、'.join(open_ones)} 尚未由人员判定为“疑似成立”"] if open_ones else []


def require_whole(lacks: Sequence[str], who: str) -> None:
    """To be called before a pack is built. Raises InputError naming all that it lacks, in one list."""
    if missing := [*([] if who.strip() else ["出包须写明人员"]), *lacks]:
        raise InputError("不能出包：\n" + "\n".join(missing))


def seal_pack(
    store: Store,
    configuration: Configuration,
    contents: PackContents,
    lead_ids: tuple[int, ...],
    kind: PackKind,
    *,
    who: str,
    timeout: float = 15.0,
) -> tuple[Pack, StoredPack]:
    """Build a pack, stamp it or queue what could not be stamped, and remember it: custody log, row and audit entries."""
    now = contents.made_at
    stamper = make_stamper(configuration.timestamp_urls, trusted_roots(configuration), timeout=timeout)
    pack = build_pack(configuration.packs_dir, contents, stamper=stamper, reserve=configuration.disk_reserve_mb << 20)
    _queue_missing(pack, configuration, now)
    about = ",".join(f"lead:{lead_id}" for lead_id in lead_ids)
    custody_log(configuration).append(who, "packed", pack.path.name, sha256=pack.sha256, detail=about)
    row = StoredPack(
        kind=kind.value,
        file=pack.path.relative_to(configuration.packs_dir).as_posix(),
        sha256=pack.sha256,
        size=pack.size,
        at=now,
        who=who,
        lead_ids=lead_ids,
        detail={"manifest_sha256": pack.manifest_sha256, "stamps": pack.stamps, "unstamped": pack.unstamped},
    )
    with store.write() as c:
        captures.save_pack(c, row)
        for lead_id in lead_ids:
            detail = {"file": row.file, "sha256": row.sha256}
            audit.append_audit(c, who, "lead.pack", f"lead:{lead_id}", detail, at=now)
    return pack, row


@contextmanager
def workshop(packs_dir: Path, now: datetime) -> Iterator[Path]:
    """A folder for files made on the way to a pack, on the same disk, gone afterwards. What dead processes left is swept."""
    packs_dir.mkdir(parents=True, exist_ok=True)
    sweep_parts(packs_dir, now - timedelta(days=1))
    folder = owned_part(packs_dir, ".")
    try:
        with disk_errors(folder):
            folder.mkdir()
            yield folder
    finally:
        discard(folder)


def _queue_missing(pack: Pack, configuration: Configuration, now: datetime) -> None:
    digest = write_digest(pack.path)
    if missing := [url for url in configuration.timestamp_urls if url not in pack.stamps]:
        stamp_queue(configuration).add(digest, missing, now, pack.unstamped)


def _number(record: LeadRecord, folder: Path, now: datetime) -> str:
    """The next free number: day, lead, count. A pack whose row was lost keeps its number."""
    count = len(record.packs) + 1
    while True:
        number = f"GI-{now.astimezone(BEIJING):%Y%m%d}-{record.lead.id:06}-{count}"
        if not (folder / f"{number}.zip").exists():
            return number
        count += 1
