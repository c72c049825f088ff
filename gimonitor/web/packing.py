"""固证 and 出包 as screen and interface make them: a lead whose page can be opened, and the packs over it."""

from __future__ import annotations

from gimonitor.errors import InputError, PermissionDeniedError
from gimonitor.papers.complaint import RightHolder, pack_complaint
from gimonitor.papers.jurisdiction import candidates
from gimonitor.papers.looking import Waiver
from gimonitor.papers.packing import pack_lead
from gimonitor.papers.platforms import load_profiles
from gimonitor.papers.values import Addressing
from gimonitor.store import leads
from gimonitor.store.leads import LeadRecord
from gimonitor.web.access import Page
from gimonitor.web.shown import web_address
from gimonitor.workflow.vocabulary import PackKind


def openable(page: Page, lead_id: int, *more: str) -> LeadRecord:
    """The lead. Raises InputError where its address, or one of some others, is none that a browser opens."""
    with page.services.store.read() as c:
        record = leads.load_lead(c, lead_id)
    if not all(web_address(url) for url in (record.suspected.url, *more) if url) or not record.suspected.url:
        raise InputError("链接不是 http(s) 地址，不能固证")
    return record


def make_pack(
    page: Page,
    lead_id: int,
    kind: PackKind,
    *,
    candidate: str = "",
    addressee: str = "",
    ground: str = "",
    copies: str = "",
    notary: str = "",
    deposit: str = "",
    waiver: Waiver,
) -> None:
    """Build an evidence pack of a lead for the addressee that was chosen; it is whole or it is not there."""
    if kind is PackKind.COMPLAINT:
        raise InputError("权利人投诉请在“投诉包”一栏办理")
    services = page.services
    with services.store.read() as c:
        record = leads.load_lead(c, lead_id)
    gi = services.gi(record.lead.gi_id)
    chosen = next((each for each in candidates(record.suspected, gi) if each.key == candidate), None)
    addressing = Addressing(
        addressee=addressee.strip() or (chosen.addressee if chosen else ""),
        ground=ground.strip() or (chosen.reason if chosen else ""),
        copies=copies.strip(),
        notary=notary.strip(),
        deposit=deposit.strip(),
        gi=gi,
    )
    pack_lead(
        services.store,
        services.configuration,
        lead_id,
        who=page.person.login,
        now=page.now,
        kind=kind,
        addressing=addressing,
        waiver=waiver,
    )


def make_complaint(
    page: Page,
    lead_ids: tuple[int, ...],
    *,
    profile: str,
    right_holder: RightHolder,
    with_account: bool,
    reason_code: str,
    reason: str,
    waiver: Waiver,
    countries: str = "",
) -> None:
    """Build the packs of a right holder's complaint over some leads of the person's area, as the platform takes them."""
    services, profiles = page.services, load_profiles()
    if profile not in profiles:
        raise InputError("没有这个投诉渠道")
    with services.store.read() as c:
        rows = [leads.load_lead_row(c, lead_id) for lead_id in lead_ids]
    if page.within is not None and any(row.gi_id not in page.within for row in rows):
        raise PermissionDeniedError("有的线索不在您的辖区内")
    pack_complaint(
        services.store,
        services.configuration,
        lead_ids,
        profile=profiles[profile],
        who=page.person.login,
        now=page.now,
        right_holder=right_holder,
        with_account=with_account,
        reason_code=reason_code.strip(),
        reason=reason.strip(),
        countries=countries.strip(),
        waiver=waiver,
    )
