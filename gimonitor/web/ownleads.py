"""新增线索 as screen and interface make it: the GIs to choose from, what screens an offer, and the lead with its file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Annotated

from fastapi import Depends, File, Form, UploadFile

from gimonitor.errors import InputError
from gimonitor.model.finding import Screening
from gimonitor.model.listing import Listing
from gimonitor.store import complaints
from gimonitor.web.access import Page
from gimonitor.web.uploads import keep_for_lead, keep_upload
from gimonitor.workflow import ownleads
from gimonitor.workflow.ownleads import Made, Report, Screen
from gimonitor.workflow.vocabulary import ComplaintSource

Line = Annotated[str, Form(max_length=300)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The form of an own lead as it was filled in, and the file that came with it."""

    report: Report
    file: UploadFile | None


def own_lead(
    gi: Line,
    source: Annotated[ComplaintSource, Form()] = ComplaintSource.OFFICER,
    title: Line = "",
    url: Annotated[str, Form(max_length=2000)] = "",
    shop: Line = "",
    origin: Line = "",
    text: Annotated[str, Form(max_length=4000)] = "",
    complaint: Annotated[int, Form(ge=0, lt=1 << 62)] = 0,
    file: Annotated[UploadFile | None, File()] = None,
) -> Told:
    """What screen and interface are told of an own lead; without an address a file, and always a title."""
    report = Report(
        gi_id=gi,
        gi_name="",
        source=source,
        title=title,
        url=url,
        shop=shop,
        origin=origin,
        text=text,
        complaint_id=complaint or None,
    )
    return Told(report=report, file=file if file is not None and file.filename else None)


OwnLead = Annotated[Told, Depends(own_lead)]


def make_lead(page: Page, told: Told) -> Made:
    """Make the lead and keep the file as its evidence, in one transaction.

    Raises InputError where there is neither address nor file, or the complaint is of another area.
    """
    services = page.services
    kept = keep_upload(services.configuration, told.file) if told.file is not None else None
    report = replace(
        told.report, gi_name=gi_name(page, told.report.gi_id), file_sha256=kept.sha256 if kept is not None else ""
    )
    if not report.url.strip() and kept is None:
        raise InputError("须填写链接，或上传照片、录音录像")
    with services.store.write() as c:
        if report.complaint_id is not None:
            found = complaints.load_complaint(c, report.complaint_id)
            if page.within is not None and found.gi_id not in page.within:
                raise InputError("该投诉举报不在您的辖区内")
        made = ownleads.add_lead(c, page.person.actor, report, screen_for(page), now=page.now)
        if kept is not None:
            keep_for_lead(c, services.configuration, kept, made.listing_id, made.lead_id, page.person.login, page.now)
    return made


def screen_for(page: Page) -> Screen:
    """What screens a listing for somebody."""
    return partial(_screen, page)


def _screen(page: Page, listing: Listing, on: date) -> Screening | None:
    """What the models say; broken rules stop nobody from registering what was seen."""
    try:
        return page.services.lab.screen(listing, on)
    except InputError:
        return None


def gi_choices(page: Page) -> list[tuple[str, str]]:
    """Id and name of the GIs that the person may see."""
    register = page.services.register
    if register is None:
        return []
    return [(gi.id, gi.name) for gi in register.gis if page.within is None or gi.id in page.within]


def gi_name(page: Page, gi_id: str) -> str:
    """The name of a GI of the register. Raises InputError."""
    found = page.services.gi(gi_id)
    if found is None:
        raise InputError("请选择档案中的地理标志")
    return found.name
