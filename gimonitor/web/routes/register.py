"""档案: the register as officers read it, with how each fact is known."""

from __future__ import annotations

from fastapi import APIRouter, Response

from gimonitor.errors import NotFoundError
from gimonitor.model.register import GI
from gimonitor.register.gifile import build_gi_file
from gimonitor.web.access import AnyPage
from gimonitor.web.templating import BEIJING

router = APIRouter()


@router.get("/register")
def overview(page: AnyPage, q: str = "") -> Response:
    """All protected names, narrowed by a word."""
    register = page.services.register
    gis = [gi for gi in register.gis if _has(gi, q.strip())] if register else []
    on = page.now.astimezone(BEIJING).date()
    users = {gi.id: len(register.users_of(gi.id, on)) for gi in gis} if register else {}
    return page.render("register.html", "/register", gis=gis, users=users, q=q, broken=register is None)


@router.get("/register/{gi_id}")
def one(page: AnyPage, gi_id: str) -> Response:
    """Everything known of one name and what is missing: the page that `gimonitor register show` prints."""
    gi = page.services.gi(gi_id)
    if gi is None or page.services.register is None:
        raise NotFoundError(f"档案中没有 {gi_id}")
    sections = build_gi_file(page.services.register, gi, page.now.astimezone(BEIJING).date())
    return page.render("gi.html", "/register", gi=gi, sections=sections)


def _has(gi: GI, word: str) -> bool:
    texts = (gi.name, gi.province, gi.city, gi.category, *(a.value for a in gi.aliases))
    return not word or any(word in text for text in texts)
