"""固证: capture a lead's page now, hand out evidence files, build and hand out packs."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Form, Response
from starlette.responses import RedirectResponse

from gimonitor.errors import InputError, NotFoundError
from gimonitor.model.lead import Resolution
from gimonitor.model.zone import BEIJING
from gimonitor.papers.case import load_case, turnover_values
from gimonitor.papers.complaint import RightHolder, link_of
from gimonitor.papers.jurisdiction import GROUNDS, candidates
from gimonitor.papers.looking import (
    Waiver,
    has_capture,
    lacking_look,
    last_look,
    look_before_sending,
    waits_for_approval,
)
from gimonitor.papers.places import document_store, stamp_queue
from gimonitor.papers.platforms import Profile, load_profiles, validate
from gimonitor.papers.purchases import ACTS, Act, purchase_values, record_purchase, record_step
from gimonitor.papers.rechecks import was_looked_again
from gimonitor.papers.sites import load_site
from gimonitor.papers.taking import take_for_lead
from gimonitor.store import audit, captures, leads, purchases
from gimonitor.store.captures import RESPONSE, StoredCapture
from gimonitor.store.leads import LeadRecord
from gimonitor.web.access import DeciderPage, EvidencePage, Page
from gimonitor.web.files import PICTURES, attached_bytes, attachment, capture_path, inside, pack_lines, picture
from gimonitor.web.names import names_of
from gimonitor.web.packing import make_complaint, make_pack, openable
from gimonitor.web.pictures import reencode
from gimonitor.web.queue import looking_back
from gimonitor.web.views import Flash
from gimonitor.web.words import PACKS
from gimonitor.workflow.vocabulary import PackKind

router = APIRouter()
Back = Annotated[str, Form(max_length=600)]
Short = Annotated[str, Form(max_length=200)]
Address = Annotated[str, Form(max_length=2000)]
Text = Annotated[str, Form(max_length=2000)]
Moment = Annotated[str, Form(max_length=30)]
Flag = Annotated[bool, Form()]


@router.post("/leads/{lead_id}/capture")
def capture(
    page: DeciderPage,
    lead_id: int,
    shop: Address = "",
    search: Address = "",
    desk: Flag = False,
    back: Back = "",
) -> Response:
    """Open the pages of the lead's offer, its shop and its place in the search in Chromium and keep what they show. Asked
    for on the `desk`, one is put back there."""
    services = page.services
    take_for_lead(
        services.store,
        openable(page, lead_id, shop, search),
        services.configuration,
        who=page.person.login,
        now=page.now,
        shop=shop.strip(),
        search=search.strip(),
    )
    if desk:
        return _to_desk(lead_id, "capture")
    return RedirectResponse(looking_back(back).path(lead_id, did=f"capture.{lead_id}.0."), 303)


@router.post("/leads/{lead_id}/before-sending")
def before_sending(page: DeciderPage, lead_id: int) -> Response:
    """Look whether the page still shows what was suspected, and keep what it shows; sending asks for it."""
    services = page.services
    record = openable(page, lead_id)
    look_before_sending(services.store, record, services.configuration, who=page.person.login, now=page.now)
    return _to_desk(lead_id, "look")


@router.post("/leads/{lead_id}/pack")
def pack(
    page: DeciderPage,
    lead_id: int,
    kind: Annotated[PackKind, Form()] = PackKind.LEAD,
    candidate: Short = "",
    addressee: Short = "",
    ground: Text = "",
    copies: Short = "",
    notary: Short = "",
    deposit: Short = "",
    without_capture: Flag = False,
    without_look: Flag = False,
    desk: Flag = False,
    back: Back = "",
) -> Response:
    """Build an evidence pack of the lead, for the addressee that the officer chose; it is whole or it is not there. Asked
    for on the `desk`, one is put back there."""
    make_pack(
        page,
        lead_id,
        kind,
        candidate=candidate,
        addressee=addressee,
        ground=ground,
        copies=copies,
        notary=notary,
        deposit=deposit,
        waiver=Waiver(without_capture=without_capture, without_look=without_look),
    )
    if desk:
        return _to_desk(lead_id, "pack")
    return RedirectResponse(looking_back(back).path(lead_id, did=f"pack.{lead_id}.0."), 303)


@router.post("/leads/{lead_id}/complaint")
def complaint(
    page: DeciderPage,
    lead_id: int,
    profile: Short,
    right_holder: Short = "",
    contact: Short = "",
    also: Text = "",
    agent: Flag = False,
    no_account: Flag = False,
    reason_code: Short = "",
    countries: Short = "",
    reason: Text = "",
    without_capture: Flag = False,
    without_look: Flag = False,
) -> Response:
    """Build the packs of a right holder's complaint over this lead and others, as the platform takes them."""
    make_complaint(
        page,
        (lead_id, *_others(also)),
        profile=profile,
        right_holder=RightHolder(name=right_holder.strip(), contact=contact.strip(), by_agent=agent),
        with_account=not no_account,
        reason_code=reason_code,
        countries=countries,
        reason=reason,
        waiver=Waiver(without_capture=without_capture, without_look=without_look),
    )
    return _to_desk(lead_id, "complaint")


def _others(text: str) -> tuple[int, ...]:
    """Further leads by number."""
    numbers = [part for part in re.split(r"[\s,，、;；]+", text) if part]
    if wrong := [part for part in numbers if not (part.isascii() and part.isdigit() and len(part) < 16)]:
        raise InputError(f"不是线索编号：{'、'.join(wrong)[:80]}")
    return tuple(int(part) for part in numbers)


@router.post("/leads/{lead_id}/purchases")
def purchase(
    page: DeciderPage,
    lead_id: int,
    account: Short,
    order_number: Short,
    goods: Short,
    at: Moment,
    paid: Short = "",
) -> Response:
    """Record a test purchase."""
    services = page.services
    record_purchase(
        services.store,
        services.configuration,
        lead_id,
        who=page.person.login,
        account=account,
        order_number=order_number,
        goods=goods,
        paid_fen=_fen(paid),
        at=_moment(at),
        now=page.now,
    )
    return _to_desk(lead_id, "purchase")


@router.post("/leads/{lead_id}/purchases/{purchase_id}")
def step(
    page: DeciderPage,
    lead_id: int,
    purchase_id: int,
    act: Annotated[Act, Form()],
    at: Moment,
    holder: Short = "",
    place: Short = "",
    seal: Short = "",
    note: Text = "",
) -> Response:
    """Record what was done with the goods."""
    services = page.services
    require_purchase(page, lead_id, purchase_id)
    record_step(
        services.store,
        services.configuration,
        purchase_id,
        act,
        who=page.person.login,
        at=_moment(at),
        now=page.now,
        holder=holder,
        place=place,
        seal=seal,
        note=note,
    )
    return _to_desk(lead_id, "purchase")


def require_purchase(page: Page, lead_id: int, purchase_id: int) -> None:
    """Raise NotFoundError unless the purchase is one of this lead."""
    with page.services.store.read() as c:
        if purchases.load_purchase(c, purchase_id).lead_id != lead_id:
            raise NotFoundError(f"线索 {lead_id} 没有购样 {purchase_id}")


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=BEIJING)
    except ValueError:
        raise InputError(f"时间写法应如 2026-11-20T09:30：{text[:30]}") from None


def _fen(text: str) -> int | None:
    if not text.strip():
        return None
    try:
        return int(Decimal(text.strip()).quantize(Decimal("0.01")) * 100)
    except (InvalidOperation, ValueError):
        raise InputError(f"金额写法应如 59.80：{text[:30]}") from None


@router.get("/leads/{lead_id}/desk")
def desk(page: DeciderPage, lead_id: int, did: str = "") -> Response:
    """取证出包: everything that leaves the house over one lead is made here."""
    services = page.services
    with services.store.read() as c:
        case = load_case(c, lead_id)
        names = names_of(c)
    record = case.record
    gi = services.gi(record.lead.gi_id)
    return page.render(
        "desk.html",
        "/leads",
        flash=_flash(record, did),
        lead=record.lead,
        listing=record.suspected,
        confirmed=record.lead.resolution is Resolution.CONFIRMED,
        packs=pack_lines(record, names),
        unapproved=waits_for_approval(record),
        kinds=_kinds(record),
        candidates=candidates(record.suspected, gi),
        grounds=GROUNDS,
        channels=[(each, _lacking(page, record, each)) for each in _profiles(record.suspected.platform)],
        look=last_look(record),
        lacking_look=lacking_look(record, page.now, services.configuration.look_hours),
        look_hours=f"{services.configuration.look_hours:g}",
        has_capture=has_capture(record),
        looked_again=was_looked_again(record),
        site=load_site(record.suspected.platform).search_url(record.suspected),
        turnover=turnover_values(case.turnover),
        purchases=purchase_values(case.purchases),
        acts={act: text for act, text in ACTS.items() if act is not Act.ORDERED},
        waiting=stamp_queue(services.configuration).waiting(),
        has_authority=bool(services.configuration.timestamp_urls),
        today=page.now.astimezone(BEIJING).strftime("%Y-%m-%dT%H:%M"),
    )


def _kinds(record: LeadRecord) -> dict[PackKind, str]:
    """The packs that may be made now, but for a right holder's complaint; before the approval those that stay in the house."""
    waits = waits_for_approval(record)
    return {k: PACKS[k] for k in PackKind if k is not PackKind.COMPLAINT and not (waits and k.leaves)}


def _profiles(platform: str) -> list[Profile]:
    return [each for each in load_profiles().values() if not each.platforms or platform in each.platforms]


def _lacking(page: Page, record: LeadRecord, profile: Profile) -> list[str]:
    """What a complaint of this lead alone would still lack there, or should be looked at."""
    store = document_store(page.services.configuration)
    valid = store.valid(page.now.astimezone(BEIJING).date(), record.lead.gi_id)
    lacks = [lack.what for lack in validate(profile, [link_of(record)], {each.kind.value for each in valid})]
    wanted = {attachment.kind for attachment in profile.attachments}
    used = [d for d in valid if d.kind.value in wanted]
    lacks += [f"“{d.title}”未注明有效期" for d in used if d.ends is None]
    return lacks + [f"“{d.title}”没有登记编号" for d in used if d.lacks_number]


_DONE = {
    "look": "页面已复看，结果在下面",
    "capture": "固证完成，已记录",
    "pack": "证据包已生成",
    "complaint": "投诉包已生成",
    "purchase": "购样已登记",
}


def _flash(record: LeadRecord, did: str) -> Flash | None:
    """The sentence about what was just done on the desk, with the newest pack where one was made."""
    of_pack = did in ("pack", "complaint")
    if did not in _DONE or (of_pack and not record.packs):
        return None
    newest = max(record.packs, key=lambda pack: pack.id) if of_pack else None
    path, label = (f"/packs/{newest.id}", Path(newest.file).name) if newest else ("", "")
    return Flash(text=f"线索 {record.lead.id}：{_DONE[did]}", path=path, label=label)


def _to_desk(lead_id: int, did: str) -> Response:
    return RedirectResponse(f"/leads/{lead_id}/desk?did={did}", 303)


@router.get("/packs/{pack_id}")
def download_pack(page: EvidencePage, pack_id: int) -> Response:
    """The pack as a file."""
    with page.services.store.read() as c:
        stored = captures.load_pack(c, pack_id)
    path = inside(page.services.configuration.packs_dir, stored.file)
    _note(page, "pack.download", f"pack:{pack_id}", stored.sha256)
    return attachment(path, path.name)


@router.get("/leads/{lead_id}/evidence/{capture_id}")
def download(page: EvidencePage, lead_id: int, capture_id: int) -> Response:
    """An evidence file as it lies; of a response in a WARC file, its record alone (a WARC file by itself)."""
    stored = _capture(page, lead_id, capture_id)
    path = capture_path(page.services.configuration, stored)
    _note(page, "evidence.download", f"capture:{capture_id}", stored.sha256)
    if stored.kind == RESPONSE and stored.offset is not None and stored.length is not None:
        with path.open("rb") as file:
            file.seek(stored.offset)
            return attached_bytes(file.read(stored.length), f"response-{capture_id}.warc.gz")
    return attachment(path, f"{lead_id}-{path.name}")


@router.get("/leads/{lead_id}/evidence/{capture_id}/thumbnail")
def thumbnail(page: EvidencePage, lead_id: int, capture_id: int) -> Response:
    """The top of a screenshot, small."""
    return _picture(page, lead_id, capture_id, width=240, height=240)


@router.get("/leads/{lead_id}/evidence/{capture_id}/picture")
def large(page: EvidencePage, lead_id: int, capture_id: int) -> Response:
    """A screenshot to look at; the untouched file is the download."""
    return _picture(page, lead_id, capture_id, width=1600)


def _picture(page: Page, lead_id: int, capture_id: int, *, width: int, height: int | None = None) -> Response:
    stored = _capture(page, lead_id, capture_id)
    if stored.kind not in PICTURES:
        raise NotFoundError("这份证据不是图片")
    return picture(reencode(capture_path(page.services.configuration, stored), width=width, height=height))


def _capture(page: Page, lead_id: int, capture_id: int) -> StoredCapture:
    with page.services.store.read() as c:
        lead = leads.load_lead_row(c, lead_id)
        for stored in captures.captures_of(c, lead.listing_id, lead_id):
            if stored.id == capture_id:
                return stored
    raise NotFoundError(f"线索 {lead_id} 没有证据 {capture_id}")


def _note(page: Page, action: str, obj: str, sha256: str) -> None:
    with page.services.store.write() as c:
        audit.append_audit(c, page.person.login, action, obj, {"sha256": sha256}, at=page.now)
