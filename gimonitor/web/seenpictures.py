"""Pictures of a listing with what was seen in them: the box on each mark, the text read, or why a picture was refused."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Connection

from gimonitor.imaging.faults import picture_key
from gimonitor.imaging.look import Look, inspected
from gimonitor.imaging.marks import FoundMark, Mark
from gimonitor.imaging.sight import FaultKind
from gimonitor.model.finding import Finding
from gimonitor.model.listing import Listing
from gimonitor.model.picture import PictureState
from gimonitor.model.register import Register
from gimonitor.store.codec import decode
from gimonitor.store.pictures import COPIED_MODEL, SeenPicture, Use, first_use, pictures_of
from gimonitor.store.wanted import Lacking, lacking_pictures
from gimonitor.workflow.picturefindings import last_seen

MARK_NAMES = {
    Mark.GI_2019: "地理标志专用标志",
    Mark.AQSIQ: "原地理标志保护产品标志（已停用）",
    Mark.SAIC: "原中国地理标志（已停用）",
    Mark.AGI: "农产品地理标志公共标识",
}
_REFUSED = (
    ("damaged or cut off", "文件损坏或者不完整"),
    ("too large", "图片像素过多"),
    ("too small", "图片过小"),
    ("larger than", "文件过大"),
    ("scans", "文件分层过多"),
    ("empty", "文件为空"),
    ("not those that were captured", "文件与采集时不一致"),
    ("outside the evidence folder", "文件不在证据文件夹内"),
    ("after three tries", "三次识别均中断"),
    ("not a picture", "不是可以识别的图片格式"),
    ("cannot be read", "文件无法读取"),
)  # what the refusal says in English, in the officer's words
_REFUSED_OTHERWISE = "不能识别"
_LACKING = (
    ("gone", "网址已失效"),
    ("no picture", "取回的不是图片"),
    ("bytes", "文件过大"),
    ("login", "网站要求登录"),
    ("forbidden", "网站拒绝访问"),
    ("rate_limit", "网站限制访问次数"),
    ("unavailable", "网站暂时无法访问"),
    ("status", "网站返回错误"),
)  # what the run that asked for a picture remarked
_LACKING_OTHERWISE = "没有收到"
_NOT_ASKED = "尚未采集"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownMark:
    """A mark on the screen: its outline as an SVG list of points, a label, and the confidence in percent."""

    points: str
    label: str
    percent: int
    similar: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPicture:
    """A picture on the screen, in its own pixels. `problem` is why it was refused; `waiting`: nobody has looked yet.

    `number` counts from 1; `key` is how findings name the picture; `wanted` says what the picture alone cannot tell. `lacking`
    is why it could not be had: then there is its address alone. `original` is the use that a picture is called a copy of; it is shown
    at `path`/first.
    """

    path: str
    key: str
    width: int
    height: int
    marks: tuple[ShownMark, ...] = ()
    lines: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    wanted: tuple[str, ...] = ()
    problem: str = ""
    waiting: bool = False
    number: int = 0
    lacking: str = ""
    url: str = ""
    original: Use | None = None


def shown_pictures(
    c: Connection,
    listing_id: int,
    listing: Listing,
    lead_id: int,
    findings: Sequence[Finding],
    register: Register | None,
    on: date,
) -> list[ShownPicture]:
    """The pictures of a listing: those queued, those with marks first, then those that could not be had.

    Without a register nothing is said to be wanted. `findings` tell which are called copies.
    """
    seen = pictures_of(c, listing_id)
    seen_on = last_seen(seen)
    looks = {s.digest: decode(Look, s.look) for s in seen if s.state is PictureState.SEEN and s.look}
    copies = copied_keys(findings)
    shown = [
        replace(
            _shown(one, looks, lead_id, register, on, seen_on),
            original=first_use(c, one.digest) if picture_key(one.digest) in copies else None,
        )
        for one in seen
    ]
    first = sorted(shown, key=lambda one: (not one.marks, not one.lines))
    first += [_not_had(one) for one in lacking_pictures(c, listing_id, listing)]
    return [replace(one, number=number) for number, one in enumerate(first, 1)]


def copied_keys(findings: Sequence[Finding]) -> Collection[str]:
    """How findings name the pictures that they call copies."""
    return {key for finding in findings if finding.model_id == COPIED_MODEL for key in finding.place.key.split()}


def _not_had(one: Lacking) -> ShownPicture:
    why = next((told for said, told in _LACKING if said in one.why), _LACKING_OTHERWISE) if one.asked else _NOT_ASKED
    return ShownPicture(path="", key="", width=0, height=0, lacking=why, url=one.url)


def _shown(
    seen: SeenPicture,
    looks: Mapping[str, Look],
    lead_id: int,
    register: Register | None,
    on: date,
    seen_on: date | None,
) -> ShownPicture:
    path, key = f"/leads/{lead_id}/seen/{seen.digest}", picture_key(seen.digest)
    look = looks.get(seen.digest)
    if look is None:
        waiting = seen.state is PictureState.WAITING
        return ShownPicture(path=path, key=key, width=0, height=0, problem=refused(seen.problem), waiting=waiting)
    others = [other for digest, other in looks.items() if digest != seen.digest]
    return ShownPicture(
        path=path,
        key=key,
        wanted=_wanted(look, others, register, on, seen_on) if register else (),
        width=look.width,
        height=look.height,
        marks=tuple(_mark(mark) for mark in look.marks),
        lines=tuple(line.text for line in look.lines),
        codes=tuple(code.text for code in look.codes),
    )


def _wanted(look: Look, others: Sequence[Look], register: Register, on: date, seen_on: date | None) -> tuple[str, ...]:
    """What needs proof because this picture, with the others of the goods, cannot tell it."""
    elsewhere = [said for other in others for said in other.said]
    faults = inspected(look, register, on, elsewhere, seen_on).faults
    return tuple(dict.fromkeys(fault.reason for fault in faults if fault.kind is FaultKind.PROOF))


def refused(problem: str) -> str:
    """Why a picture was refused, in the officer's words; "" for no reason."""
    if not problem:
        return ""
    return next((told for said, told in _REFUSED if said in problem), _REFUSED_OTHERWISE)


def _mark(mark: FoundMark) -> ShownMark:
    label = f"与“{MARK_NAMES[mark.mark]}”相似" if mark.similar else MARK_NAMES[mark.mark]
    points = " ".join(f"{x},{y}" for x, y in mark.outline)
    return ShownMark(points=points, label=label, percent=round(100 * mark.confidence), similar=mark.similar)
