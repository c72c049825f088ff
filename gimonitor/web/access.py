"""Who is asking and what they may open: sessions kept in the store, roles per route, and the page they get."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import Depends, Request, Response
from starlette.responses import RedirectResponse

from gimonitor.errors import GimonitorError, PermissionDeniedError
from gimonitor.model.run import Coverage
from gimonitor.model.task import Task
from gimonitor.store import people
from gimonitor.store.leads import QueueFilter
from gimonitor.store.people import StoredPerson
from gimonitor.web.areas import require_area, require_whole
from gimonitor.web.english import in_english
from gimonitor.web.services import Services
from gimonitor.web.templating import is_english
from gimonitor.web.views import Flash, NavigationItem
from gimonitor.workflow.areas import Within, concerns, gis_within
from gimonitor.workflow.decisions import Actor
from gimonitor.workflow.roles import Role, roles_of

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
_TOUCH = timedelta(minutes=1)  # a session's last use is written at most this often

ALL = frozenset(Role)
READERS = ALL - {Role.OPERATOR}  # may open leads
DECIDERS = frozenset({Role.OFFICER, Role.APPROVER})
ACTORS = DECIDERS | {Role.LEADER}  # a leader may answer questions; the state machine says who may do what
OPERATORS = frozenset({Role.OPERATOR})
AUDITORS = frozenset({Role.AUDITOR})
EVIDENCE_READERS = DECIDERS | {Role.AUDITOR}

_SECTIONS: tuple[tuple[str, str, frozenset[Role]], ...] = (
    ("/", "今日", ALL),
    ("/leads", "审核", READERS),
    ("/groups", "群组", READERS),
    ("/clocks", "时限", READERS),
    ("/complaints", "投诉", READERS),
    ("/samples", "抽查", READERS),
    ("/listings", "商品", READERS),
    ("/register", "档案", ALL),
    ("/models", "规则台", READERS),
    ("/coverage", "采集", ALL),
    ("/reports", "报表", READERS),
    ("/audit", "审计", AUDITORS),
    ("/tokens", "接口", ALL),
    ("/people", "人员", OPERATORS),
)


class LoginNeeded(GimonitorError):
    """Raised where nobody is logged in; the browser is sent to the door and comes back afterwards."""

    exit_code = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A logged-in person. `within` are the GIs of their area, None for all."""

    login: str
    name: str
    roles: frozenset[Role]
    areas: tuple[str, ...] = ()
    within: Within = None

    @property
    def actor(self) -> Actor:
        """The same person as decisions know them."""
        return Actor(login=self.login, roles=self.roles, within=self.within)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A request by a person who may make it."""

    request: Request
    services: Services
    person: Person

    @property
    def now(self) -> datetime:
        """The time of the application's clock."""
        return self.services.clock()

    @property
    def within(self) -> Within:
        """The GIs of the person's area; None for all. Whatever reads more than one lead passes it on."""
        return self.person.within

    def area(self, wanted: QueueFilter) -> QueueFilter:
        """The filter narrowed to the person's area."""
        return replace(wanted, within=self.within)

    def covered(self, rows: Sequence[Coverage]) -> tuple[Coverage, ...]:
        """The queries of a run that concern the person's area."""
        return tuple(row for row in rows if concerns(self.services.register, self.within, row.query))

    def tasks(self, found: Sequence[Task]) -> list[Task]:
        """The tasks that concern the person's area, with those of their queries that do."""
        mine = [
            (task, tuple(q for q in task.queries if concerns(self.services.register, self.within, q))) for task in found
        ]
        return [replace(task, queries=queries) for task, queries in mine if queries or not task.queries]

    def render(self, template: str, section: str, *, flash: Flash | None = None, **values: object) -> Response:
        """The page `template` inside the frame with the section lit."""
        frame: dict[str, object] = {
            "person": self.person,
            "navigation": navigation(self.person),
            "section": section,
            "flash": _said(self.request, flash),
        }
        return self.services.screens.page(self.request, template, {**frame, **values})


def allow(roles: frozenset[Role], *, whole: bool = False) -> Callable[[Request], Page]:
    """A dependency: the page of a logged-in person with one of `roles`, or LoginNeeded / PermissionDeniedError.

    A lead, pack, batch, complaint or sample that the address names must lie within the person's area; `whole`: the route
    reaches over all GIs and is for nobody with an area.
    """

    def page(request: Request) -> Page:
        services: Services = request.app.state.services
        person = person_of(request, services)
        if not person.roles & roles:
            raise PermissionDeniedError("您的角色不能打开此页面")
        require_area(services.store, person.within, request.path_params)
        if whole:
            require_whole(person.within)
        return Page(request=request, services=services, person=person)

    return page


AnyPage = Annotated[Page, Depends(allow(ALL))]
ReaderPage = Annotated[Page, Depends(allow(READERS))]
ActorPage = Annotated[Page, Depends(allow(ACTORS))]
DeciderPage = Annotated[Page, Depends(allow(DECIDERS))]
OperatorPage = Annotated[Page, Depends(allow(OPERATORS))]
AuditPage = Annotated[Page, Depends(allow(AUDITORS))]
TaskPage = Annotated[Page, Depends(allow(DECIDERS | {Role.OPERATOR}))]
EvidencePage = Annotated[Page, Depends(allow(EVIDENCE_READERS))]


def navigation(person: Person) -> list[NavigationItem]:
    """The sections that a person may open."""
    return [NavigationItem(path=path, label=label) for path, label, roles in _SECTIONS if person.roles & roles]


# --- sessions ---------------------------------------------------------------------------------------------------------


def open_session(services: Services, person_id: int, now: datetime) -> str:
    """Begin a session and give its token, of which the store keeps only the digest."""
    token = secrets.token_urlsafe(32)
    with services.store.write() as c:
        most = services.configuration.session_limit
        people.open_session(c, token_digest(token), person_id, now=now, ends_at=now + ABSOLUTE, most=most)
    return token


def person_of(request: Request, services: Services) -> Person:
    """The person whose session cookie came along. Raises LoginNeeded when there is none, or it ended, or they are out."""
    token = request.cookies.get(cookie_name(request))
    if not token:
        raise LoginNeeded
    now, digest = services.clock(), token_digest(token)
    with services.store.read() as c:
        session = people.find_session(c, digest)
    if session is None or not session.person.active or now >= session.ends_at or now - session.seen_at >= IDLE:
        raise LoginNeeded
    if now - session.seen_at >= _TOUCH:
        with services.store.write() as c:
            people.touch_session(c, digest, now)
    return as_person(session.person, services)


def as_person(stored: StoredPerson, services: Services) -> Person:
    """A stored person with what their area holds today."""
    return Person(
        login=stored.login,
        name=stored.name,
        roles=roles_of(stored.role),
        areas=stored.areas,
        within=gis_within(services.register, stored.areas),
    )


def token_digest(token: str) -> str:
    """What the store knows of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def cookie_name(request: Request) -> str:
    """Over TLS the name that browsers bind to host and path; on loopback without TLS they would refuse it."""
    return "__Host-gimonitor" if request.url.scheme == "https" else "gimonitor"


def set_cookie(request: Request, response: Response, token: str) -> None:
    """Hand the token to the browser: for this host only, out of reach of scripts and of other sites."""
    response.set_cookie(
        cookie_name(request),
        token,
        max_age=int(ABSOLUTE.total_seconds()),
        path="/",
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )


# --- answers that are no page -----------------------------------------------------------------------------------------


_UNSAVED = {"/logout": ""}  # acts that lose nothing when the session is over already


def to_login(request: Request) -> Response:
    """To the door, which says why, and back to where the person wanted to go; after an act, to the lead that it was about."""
    is_look = request.method in ("GET", "HEAD")
    looked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    wanted = looked if is_look else _way_back(request.url.path)
    ended = (
        ("yes" if cookie_name(request) in request.cookies else "")
        if is_look
        else _UNSAVED.get(request.url.path, "unsaved")
    )
    asked = {"next": "" if wanted == "/" else wanted, "ended": ended}
    query = urlencode({name: value for name, value in asked.items() if value}, quote_via=quote, safe="/")
    return RedirectResponse(f"/login?{query}" if query else "/login", 303)


def error_page(request: Request, status: int, heading: str, text: str) -> Response:
    """An error inside the frame where somebody is logged in, else bare."""
    services: Services = request.app.state.services
    try:
        person: Person | None = person_of(request, services)
    except GimonitorError:
        person = None
    values: dict[str, object] = {
        "heading": heading,
        "text": in_english(text) if is_english(request) else text,
        "person": person,
        "navigation": navigation(person) if person else [],
        "section": "",
        "flash": None,
        "back": _way_back(request.url.path),
    }
    return services.screens.page(request, "message.html", values, status)


def _said(request: Request, flash: Flash | None) -> Flash | None:
    return replace(flash, text=in_english(flash.text)) if flash and is_english(request) else flash


def _way_back(path: str) -> str:
    """The lead that an act was about, else the morning page."""
    parts = path.split("/")
    is_act = len(parts) > 3 and parts[1] == "leads" and parts[2].isascii() and parts[2].isdigit()
    return f"/leads/{parts[2]}" if is_act else "/"


def local_path(path: str, default: str = "/") -> str:
    """`path` when it is one of ours, else `default`: no redirect leaves the house."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() and "\\" not in path
    return path if is_ours else default
