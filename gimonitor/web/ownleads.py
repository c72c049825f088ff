"""新增线索 as screen and interface make it: the GIs to choose from, what screens an offer, and the lead with its file."""

from __future__ import annotations

from datetime import date
from functools import partial

from gimonitor.errors import InputError
from gimonitor.model.finding import Screening
from gimonitor.model.listing import Listing
from gimonitor.store import complaints
from gimonitor.web.access import Page
from gimonitor.web.uploads import Kept, keep_for_lead
from gimonitor.workflow import ownleads
from gimonitor.workflow.ownleads import Made, Report, Screen


def make_lead(page: Page, report: Report, kept: Kept | None) -> Made:
    """Make the lead and keep the file as its evidence, in one transaction.

    Raises InputError where there is neither address nor file, or the complaint is of another area.
    """
    if not report.url.strip() and kept is None:
        raise InputError("须填写链接，或上传照片、录音录像")
    with page.services.store.write() as c:
        if report.complaint_id is not None:
            found = complaints.load_complaint(c, report.complaint_id)
            if page.within is not None and found.gi_id not in page.within:
                raise InputError("该投诉举报不在您的辖区内")
        made = ownleads.add_lead(c, page.person.actor, report, screen_for(page), now=page.now)
        if kept is not None:
            keep_for_lead(
                c, page.services.configuration, kept, made.listing_id, made.lead_id, page.person.login, page.now
            )
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
