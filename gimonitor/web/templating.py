"""Jinja set up once: autoescape, Chinese words as filters, Beijing time, and no hidden character on any screen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path

import jinja2
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.templating import Jinja2Templates

from gimonitor.model.zone import BEIJING
from gimonitor.web import english, words
from gimonitor.web.issues import issue_told
from gimonitor.web.shown import plain, visible, web_address

LANGUAGE_COOKIE = "language"
_TABLES = {
    "state": words.STATES,
    "resolution": words.RESOLUTIONS,
    "action": words.ACTIONS,
    "role": words.ROLES,
    "field": words.FIELDS,
    "part": words.PARTS,
    "origin": words.ORIGINS,
    "stage": words.STAGES,
    "certainty": words.CERTAINTIES,
    "kind": words.KINDS,
    "basis": words.BASES,
    "run_state": words.RUN_STATES,
    "slice_state": words.SLICE_STATES,
    "block": words.BLOCKS,
    "term": words.TERMS,
    "platform": words.PLATFORMS,
    "asked": words.ASKED,
    "detail": words.DETAILS,
    "channel": words.CHANNELS,
    "pack_kind": words.PACKS,
    "answer": words.ANSWERS,
    "seen": words.SEEN,
    "clock": words.CLOCKS,
    "topic": words.TOPICS,
    "complaint_kind": words.COMPLAINT_KINDS,
    "complaint_source": words.COMPLAINT_SOURCES,
    "sample_result": words.SAMPLE_RESULTS,
    "same": words.SAME,
    "shared_part": words.SHARED_PARTS,
}


@dataclass(frozen=True, slots=True)
class Screens:
    """The same templates in Chinese and in English; the person's own switch, kept in a cookie, says which."""

    chinese: Jinja2Templates
    english: Jinja2Templates

    def page(self, request: Request, template: str, values: dict[str, object], status: int = 200) -> Response:
        """The page in the language that the request asks for."""
        chosen = self.english if is_english(request) else self.chinese
        return chosen.TemplateResponse(request, template, {"is_english": is_english(request), **values}, status)


def is_english(request: Request) -> bool:
    """True where the person has switched to English."""
    return request.cookies.get(LANGUAGE_COOKIE) == "en"


def build_screens() -> Screens:
    """The templates in both languages."""
    environment = build_environment()
    return Screens(
        chinese=Jinja2Templates(env=environment), english=Jinja2Templates(env=english.environment(environment, _TABLES))
    )


def build_environment() -> jinja2.Environment:
    """Templates of this package with every filter the pages use; an undefined name is an error, not an empty string."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        finalize=plain,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update({name: partial(words.word, table) for name, table in _TABLES.items()})
    environment.filters.update(yuan=yuan, moment=moment, day=day, seller=visible, weblink=weblink, size=size)
    environment.filters.update(
        dict.fromkeys(("composed", "listed", "article", "filed"), str)
    )  # words of ours, in English otherwise
    environment.filters["issue"] = issue_told
    environment.globals["KEYS"] = words.KEYS
    return environment


def yuan(fen: int | None, currency: str = "CNY") -> str:
    """`12.50` with its sign from integer fen; a dash where there is no price."""
    if fen is None:
        return "—"
    sign = "¥" if currency == "CNY" else f"{currency} "
    return f"{sign}{fen // 100:,}.{fen % 100:02d}"


def moment(at: datetime | None) -> str:
    """Beijing time to the minute."""
    return at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M") if at else "—"


def day(on: date | None) -> str:
    """A day in ISO form; of a moment, the day in Beijing."""
    if on is None:
        return "—"
    return (on.astimezone(BEIJING).date() if isinstance(on, datetime) else on).isoformat()


def weblink(url: str) -> Markup:
    """The address as text, and a link only where it is http(s)."""
    if web_address(url):
        return Markup('<a href="{0}" rel="noopener noreferrer nofollow" target="_blank">{0}</a>').format(url)
    return visible(url)


def size(count: int | None) -> str:
    """Bytes for people."""
    if count is None:
        return "—"
    return f"{count / 1024:,.0f} KB" if count < 1024 * 1024 else f"{count / 1024 / 1024:,.1f} MB"
