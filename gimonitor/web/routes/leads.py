"""审核: the queue, one lead a screen, and decisions by keys."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Header, Response
from sqlalchemy import Connection
from starlette.responses import RedirectResponse

from gimonitor.errors import InputError
from gimonitor.model.lead import Resolution, State
from gimonitor.store import audit, leads, views
from gimonitor.store.leads import Cursor, QueueFilter
from gimonitor.web import words
from gimonitor.web.access import DECIDERS, ActorPage, Page, ReaderPage
from gimonitor.web.leadview import lead_values
from gimonitor.web.names import names_of
from gimonitor.web.queue import LINES, VIEWS, Looking, LookingThrough, line, looking_back, parse_cursor
from gimonitor.web.views import Flash, UndoOffer, ViewTab
from gimonitor.workflow import decisions
from gimonitor.workflow.returned import came_back
from gimonitor.workflow.states import UNDOABLE, Action

router = APIRouter()
AHEAD_SECONDS = 30


@router.get("/leads")
def queue(page: ReaderPage, through: LookingThrough, after: str = "", did: str = "") -> Response:
    """A page of the queue."""
    wanted = through.wanted(page)
    with page.services.store.read() as c:
        found = leads.queue_page(c, wanted, parse_cursor(after), LINES)
        total = leads.count_leads(c, wanted, 10_000) if after or found.next else len(found.rows)
        back = came_back(c, found.rows)
        names = names_of(c)
        first = _free(page, [row.id for row in found.rows])
        own = views.views_of(c, page.person.login)
    more = f"{found.next[0]!r}_{found.next[1]}" if found.next else ""
    return page.render(
        "queue.html",
        "/leads",
        flash=_flash(did, through) or _misread(page, through, after),
        rows=[line(row, through, names, back.get(row.id)) for row in found.rows],
        first=first,
        names=names,
        total=total,
        capped=total >= 10_000,
        views=[
            ViewTab(path=Looking(view=key).path(), label=view.label, current=key == through.view)
            for key, view in VIEWS.items()
        ],
        own_views=[(one, looking_back(one.query).path(), one.query == through.query()) for one in own],
        query=through.query(),
        view=through.view,
        view_states=VIEWS[through.view].label,
        filter=through,
        filtered=through.is_filtered,
        may_decide=bool(page.person.roles & DECIDERS),
        choices=_choices(page),
        more_path=through.path(after=more) if more else "",
        first_path=through.path() if after else "",
    )


def _choices(page: Page) -> dict[str, object]:
    register = page.services.register
    return {
        "platforms": list(words.PLATFORMS),
        "gis": [(gi.id, gi.name) for gi in register.gis if page.within is None or gi.id in page.within]
        if register
        else [],
        "states": list(words.STATES),
        "resolutions": list(words.RESOLUTIONS),
    }


@router.post("/views")
def save_view(
    page: ReaderPage, name: Annotated[str, Form(max_length=100)], query: Annotated[str, Form(max_length=600)] = ""
) -> Response:
    """Keep what one looks through under a name of one's own."""
    through = looking_back(query)
    with page.services.store.write() as c:
        views.save_view(c, page.person.login, name, through.query(), page.now)
    return RedirectResponse(through.path(), 303)


@router.post("/views/{view_id}/drop")
def drop_view(page: ReaderPage, view_id: int) -> Response:
    """Forget a view of one's own."""
    with page.services.store.write() as c:
        views.drop_view(c, page.person.login, view_id)
    return RedirectResponse("/leads", 303)


@router.get("/leads/{lead_id}")
def one(
    page: ReaderPage,
    through: LookingThrough,
    lead_id: int,
    did: str = "",
    x_ahead: Annotated[str, Header()] = "",
) -> Response:
    """One lead with its reasons, the genuine sheet and what happened so far.

    With the header `x-ahead` the page is fetched before it is opened: it may be kept for a moment, and says when it is.
    """
    with page.services.store.read() as c:
        record = leads.load_lead(c, lead_id)
        values = lead_values(c, page, record, through)
        following = _next(c, page, through, (record.lead.score.total, lead_id))
    beside = page.services.presence.others(page.person.login, page.now).get(lead_id, "")
    if not x_ahead:
        page.services.presence.note(page.person.login, lead_id, page.now)
    _note(page, "lead.ahead" if x_ahead else "lead.view", lead_id)
    answer = page.render(
        "lead.html",
        "/leads",
        flash=_flash(did, through),
        next_path=through.path(following) if following else "",
        back_path=through.path(),
        back=through.query(),
        beside=beside,
        ahead=bool(x_ahead),
        **values,
    )
    if x_ahead:
        answer.headers["cache-control"] = f"private, max-age={AHEAD_SECONDS}"
        answer.headers["vary"] = "Cookie"  # another language, or another person, gets another page
    return answer


def _note(page: Page, action: str, lead_id: int) -> None:
    with page.services.store.write() as c:
        audit.append_audit(c, page.person.login, action, f"lead:{lead_id}", {}, at=page.now)


@router.post("/leads/{lead_id}/opened")
def opened(page: ReaderPage, lead_id: int, version: Annotated[int, Form()]) -> Response:
    """Say that a page fetched ahead is looked at now; 205 (show it anew) where the lead has changed since."""
    with page.services.store.read() as c:
        current = leads.load_lead_row(c, lead_id).version
    if current != version:
        return Response(status_code=205)
    page.services.presence.note(page.person.login, lead_id, page.now)
    _note(page, "lead.view", lead_id)
    return Response(status_code=204)


@router.post("/leads/{lead_id}/{action}")
def act(
    page: ActorPage,
    lead_id: int,
    action: Action,
    version: Annotated[int, Form()],
    resolution: Annotated[str, Form(max_length=30)] = "",
    why: Annotated[str, Form(max_length=2000)] = "",
    back: Annotated[str, Form(max_length=600)] = "",
) -> Response:
    """Do one act on a lead, then go on: after judging to the next lead, after undoing to the same one."""
    through = looking_back(back)
    with page.services.store.write() as c:
        before = leads.load_lead_row(c, lead_id)
        new = decisions.act(
            c,
            page.person.actor,
            lead_id,
            version,
            action,
            now=page.now,
            resolution=_resolution(resolution),
            why=why,
        )
        ahead = _candidates(c, page, through, (before.score.total, lead_id)) if action is Action.JUDGE else []
    following = page.services.presence.take(page.person.login, ahead, page.now)
    did = f"{action}.{lead_id}.{new}.{resolution}"
    if action is Action.JUDGE:
        return RedirectResponse(through.path(following, did=did), 303)
    return RedirectResponse(through.path(lead_id, did=did), 303)


def _resolution(text: str) -> Resolution | None:
    try:
        return Resolution(text) if text else None
    except ValueError:
        raise InputError(f"没有这种结论：{text[:30]}") from None


def _next(c: Connection, page: Page, through: Looking, after: Cursor | None) -> int | None:
    """The next lead that nobody else looks at; where others look at all that is left, the next."""
    return _free(page, _candidates(c, page, through, after))


def _free(page: Page, lead_ids: list[int]) -> int | None:
    """The first that nobody else looks at, else the first; None of none."""
    taken = page.services.presence.others(page.person.login, page.now)
    return next((lead_id for lead_id in lead_ids if lead_id not in taken), lead_ids[0] if lead_ids else None)


def _candidates(c: Connection, page: Page, through: Looking, after: Cursor | None) -> list[int]:
    """The next leads, one more than others look at."""
    taken = page.services.presence.others(page.person.login, page.now)
    return [row.id for row in leads.queue_page(c, through.wanted(page), after, len(taken) + 2).rows]


_DONE = words.ACTIONS | {
    "capture": "固证完成",
    "pack": "证据包已生成",
    "receipt": "回执编号已补录",
    "ignore": "已设免提示",
}


def _flash(did: str, through: Looking) -> Flash | None:
    """The sentence about what was just done, worked out from `action.lead.version.resolution`; odd text gives none."""
    action, lead_id, version, resolution = ([*did.split("."), "", "", "", ""])[:4]
    if action not in _DONE or not (lead_id.isascii() and lead_id.isdigit() and version.isdigit()):
        return None
    result = words.RESOLUTIONS.get(resolution, "")
    text = f"线索 {lead_id}：{_DONE[action]}{f'为“{result}”' if result else ''}，已记录"
    offers = action in {act.value for act in UNDOABLE}
    undo = UndoOffer(lead_id=int(lead_id), version=int(version), back=through.query()) if offers else None
    return Flash(text=text, undo=undo)


def _misread(page: Page, through: Looking, after: str) -> Flash | None:
    """What of the address was not understood, and what is shown instead."""
    view = page.request.query_params.get("view", "")
    said = [f"没有“{view[:20]}”这个视图，显示的是“{VIEWS['open'].label}”"] if view and view not in VIEWS else []
    said += [f"{word}“{given[:20]}”无法识别，未按{word}筛选" for word, given in through.unread.items()]
    said += ["翻页位置有误，从第一条开始显示"] if after and parse_cursor(after) is None else []
    return Flash(text="；".join(said), kind="warn") if said else None


def open_counts(c: Connection, page: Page) -> dict[str, int]:
    """How many leads stand in each view of the morning page."""
    wanted = {key: Looking(view=key).wanted(page) for key in ("open", "mine", "judged", "sent")}
    return {key: leads.count_leads(c, filter_, 10_000) for key, filter_ in wanted.items()}


def fresh_count(c: Connection, page: Page, run_id: int) -> int:
    """Leads that a run raised first and nobody took up yet."""
    return leads.count_leads(c, page.area(QueueFilter(states=(State.NEW,), run_id=run_id)), 10_000)
