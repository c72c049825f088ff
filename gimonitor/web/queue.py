"""The queue as an address: which view and filter a person looks through, kept while walking from lead to lead."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Annotated
from urllib.parse import parse_qs, urlencode

from fastapi import Depends, Query

from gimonitor.model.lead import Decision, Resolution, State
from gimonitor.store.leads import Cursor, QueueFilter, QueueRow
from gimonitor.web.access import Page
from gimonitor.web.views import QueueLine

LINES = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A saved view: states, with `mine` only what the person claimed, with `awake` without what is put aside."""

    label: str
    states: tuple[State, ...]
    resolutions: tuple[Resolution, ...] = ()
    mine: bool = False
    awake: bool = False
    held: bool = False


VIEWS: dict[str, View] = {
    "open": View(label="待审核", states=(State.NEW,), awake=True),
    "mine": View(label="我认领的", states=(State.CLAIMED,), mine=True, awake=True),
    "judged": View(label="待审批", states=(State.JUDGED,), resolutions=(Resolution.CONFIRMED,)),
    "waiting": View(
        label="待补充",
        states=(State.JUDGED,),
        resolutions=(Resolution.NOT_ENOUGH_PROOF, Resolution.NEEDS_TEST_PURCHASE),
    ),
    "held": View(label="已搁置", states=(State.NEW, State.CLAIMED, State.JUDGED, State.APPROVED), held=True),
    "approved": View(label="待报送", states=(State.APPROVED,)),
    "sent": View(label="已报送", states=(State.SENT, State.ANSWERED, State.RECHECKED)),
    "closed": View(label="已结案", states=(State.CLOSED,)),
    "all": View(label="全部", states=()),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    """What a person looks through. Unknown values count as not given (`unread` tells them)."""

    view: str = "open"
    q: str = ""
    platform: str = ""
    gi: str = ""
    state: str = ""
    resolution: str = ""
    shop: str = ""

    def wanted(self, page: Page) -> QueueFilter:
        """The store's filter for it, within the person's area. The open views leave out what is put aside or ignored."""
        view = VIEWS.get(self.view, VIEWS["open"])
        unread = self.unread
        return QueueFilter(
            states=(State(self.state),) if self.state and "状态" not in unread else view.states,
            resolutions=(Resolution(self.resolution),)
            if self.resolution and "结论" not in unread
            else view.resolutions,
            claimed_by=page.person.login if view.mine else None,
            gi_ids=(self.gi,) if self.gi else (),
            platforms=(self.platform,) if self.platform else (),
            shop_id=int(self.shop) if self.shop and "店铺" not in unread else None,
            text=self.q,
            within=page.within,
            awake_at=page.now if view.awake else None,
            held_at=page.now if view.held else None,
        )

    @property
    def unread(self) -> dict[str, str]:
        """What was given and is no value, by the word for its field."""
        is_number = self.shop.isascii() and self.shop.isdigit() and len(self.shop) < 18
        known = {
            "状态": (self.state, self.state in set(State)),
            "结论": (self.resolution, self.resolution in set(Resolution)),
            "店铺": (self.shop, is_number),
        }
        return {word: given for word, (given, is_known) in known.items() if given and not is_known}

    @property
    def is_filtered(self) -> bool:
        """True where more than the view narrows it."""
        return any(getattr(self, f.name) for f in fields(self) if f.name != "view")

    def query(self, **more: str) -> str:
        """The query string, without what is at its default; `more` is appended."""
        kept = {f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name) != f.default}
        return urlencode({**kept, **{k: v for k, v in more.items() if v}}, errors="replace")

    def path(self, lead_id: int | None = None, **more: str) -> str:
        """The queue's address, or that of one lead seen through it."""
        base = "/leads" if lead_id is None else f"/leads/{lead_id}"
        query = self.query(**more)
        return f"{base}?{query}" if query else base


def looking(
    view: Annotated[str, Query(max_length=20)] = "open",
    q: Annotated[str, Query(max_length=100)] = "",
    platform: Annotated[str, Query(max_length=60)] = "",
    gi: Annotated[str, Query(max_length=100)] = "",
    state: Annotated[str, Query(max_length=20)] = "",
    resolution: Annotated[str, Query(max_length=30)] = "",
    shop: Annotated[str, Query(max_length=20)] = "",
) -> Looking:
    """Dependency: what the address asks for."""
    known = view if view in VIEWS else "open"
    return Looking(view=known, q=q.strip(), platform=platform, gi=gi, state=state, resolution=resolution, shop=shop)


LookingThrough = Annotated[Looking, Depends(looking)]


def looking_back(text: str) -> Looking:
    """Read a query string that a form carried along; anything odd in it is left out."""
    given = {k: v[0] for k, v in parse_qs(text[:600]).items()}
    known = {f.name: given[f.name][:100] for f in fields(Looking) if f.name in given}
    if known.get("view", "open") not in VIEWS:
        del known["view"]
    return Looking(**known)


def parse_cursor(text: str) -> Cursor | None:
    """`score_id` of the last lead of a page; anything else is the beginning."""
    score, _, lead_id = text.partition("_")
    try:
        return float(score), int(lead_id)
    except ValueError:
        return None


def line(row: QueueRow, through: Looking, names: dict[str, str], back: Decision | None = None) -> QueueLine:
    """A row of the store as a list shows it, with the act that gave the lead back where one did."""
    return QueueLine(
        id=row.id,
        version=row.version,
        path=through.path(row.id),
        score=row.score,
        gi_name=row.gi_name,
        title=row.title,
        reason=row.reason,
        platform=row.platform,
        shop=row.shop_name,
        price_fen=row.price_fen,
        currency=row.currency,
        state=row.state,
        resolution=row.resolution,
        holder=names.get(row.claimed_by, row.claimed_by),
        first_seen=row.created_at,
        back=back,
    )
