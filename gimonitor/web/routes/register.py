"""档案: the register as officers read it, with how each fact is known."""

from __future__ import annotations

from fastapi import APIRouter, Response

from gimonitor.errors import NotFoundError
from gimonitor.model.register import GI, text_of
from gimonitor.model.zone import BEIJING
from gimonitor.register.gifile import build_gi_file
from gimonitor.register.signfile import build_sign_file
from gimonitor.store.reminders import Reminder, reminders_over
from gimonitor.web.access import READERS, AnyPage, Page

router = APIRouter()
MOST = 500  # names on one page


@router.get("/register")
def overview(page: AnyPage, q: str = "") -> Response:
    """All protected names, narrowed by a word; of very many the first ones, with how many are left out."""
    register = page.services.register
    found = [gi for gi in register.gis if _has(gi, q.strip())] if register else []
    gis = found[:MOST]
    on = page.now.astimezone(BEIJING).date()
    users = {gi.id: len(register.users_of(gi.id, on)) for gi in gis} if register else {}
    signs = [sign for sign in register.signs if q.strip() in sign.name] if register else []
    return page.render(
        "register.html", "/register", found=found, gis=gis, signs=signs, users=users, q=q, broken=register is None
    )


@router.get("/register/{gi_id}")
def one(page: AnyPage, gi_id: str) -> Response:
    """Everything known of one name or sign and what is missing: the page that `gimonitor register show` prints."""
    register, on = page.services.register, page.now.astimezone(BEIJING).date()
    gi = page.services.gi(gi_id)
    sign = next((s for s in register.signs if s.id == gi_id), None) if register else None
    reminders = _reminders(page, gi_id)
    if sign:
        sections = build_sign_file(sign, on)
        return page.render("gi.html", "/register", gi=None, name=sign.name, sections=sections, reminders=reminders)
    if gi is None or register is None:
        raise NotFoundError(f"档案中没有 {gi_id}")
    sections = build_gi_file(register, gi, on)
    return page.render("gi.html", "/register", gi=gi, name=gi.name, sections=sections, reminders=reminders)


def _reminders(page: Page, gi_id: str) -> tuple[Reminder, ...] | None:
    """Of the listings of authorised users, for whoever may read leads over it; None for others."""
    may_read = page.person.roles & READERS and (page.within is None or gi_id in page.within)
    if not may_read:
        return None
    with page.services.store.read() as c:
        return reminders_over(c, gi_id, MOST)


def _has(gi: GI, word: str) -> bool:
    texts = (
        gi.name,
        gi.province,
        gi.city,
        text_of(gi.category),
        gi.id,
        *(f.value for f in (*gi.aliases, *gi.translations)),
    )
    return not word or any(word.casefold() in text.casefold() for text in texts)
