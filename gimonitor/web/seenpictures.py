"""Pictures of a listing with what was seen in them: the box on each mark, the text read, or why a picture was refused."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from gimonitor.imaging.look import Look
from gimonitor.imaging.marks import FoundMark, Mark
from gimonitor.model.picture import PictureState
from gimonitor.store.codec import decode
from gimonitor.store.pictures import SeenPicture, pictures_of

MARK_NAMES = {
    Mark.GI_2019: "地理标志专用标志",
    Mark.AQSIQ: "原地理标志保护产品标志（已停用）",
    Mark.SAIC: "原中国地理标志（已停用）",
    Mark.AGI: "农产品地理标志公共标识",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownMark:
    """A mark on the screen: its outline as an SVG list of points, a label, and the confidence in percent."""

    points: str
    label: str
    percent: int
    similar: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPicture:
    """A picture on the screen, in its own pixels. `problem` is why it was refused; `waiting`: nobody has looked yet."""

    path: str
    width: int
    height: int
    marks: tuple[ShownMark, ...] = ()
    lines: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    problem: str = ""
    waiting: bool = False


def shown_pictures(c: Connection, listing_id: int, lead_id: int) -> list[ShownPicture]:
    """The queued pictures of a listing, those with marks first."""
    shown = [_shown(seen, lead_id) for seen in pictures_of(c, listing_id)]
    return sorted(shown, key=lambda one: (not one.marks, not one.lines))


def _shown(seen: SeenPicture, lead_id: int) -> ShownPicture:
    path = f"/leads/{lead_id}/seen/{seen.digest}"
    if seen.state is not PictureState.SEEN or not seen.look:
        waiting = seen.state is PictureState.WAITING
        return ShownPicture(path=path, width=0, height=0, problem=seen.problem, waiting=waiting)
    look = decode(Look, seen.look)
    return ShownPicture(
        path=path,
        width=look.width,
        height=look.height,
        marks=tuple(_mark(mark) for mark in look.marks),
        lines=tuple(line.text for line in look.lines),
        codes=tuple(code.text for code in look.codes),
    )


def _mark(mark: FoundMark) -> ShownMark:
    label = f"与“{MARK_NAMES[mark.mark]}”相似" if mark.similar else MARK_NAMES[mark.mark]
    points = " ".join(f"{x},{y}" for x, y in mark.outline)
    return ShownMark(points=points, label=label, percent=round(100 * mark.confidence), similar=mark.similar)
