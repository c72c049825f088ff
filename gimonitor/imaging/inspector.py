"""What is missing or wrong beside a mark, from marks, what the text says, and the register. Pure; never more than a suspicion.

Source: 国家知识产权局公告第354号 art. 6 (what must stand beside the mark), art. 10; the transition of the abolished marks ended
on 2020-12-31. Each fault quotes the duty as the register holds it. What a picture is too poor to tell is said to need proof:
nothing is called absent where print beside the mark could not have been read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import islice

from gimonitor.imaging.beside import Spot, is_in_row, is_next_to, stands_beside, why_unreadable
from gimonitor.imaging.marks import Box, FoundMark, Mark
from gimonitor.imaging.reading import Line
from gimonitor.imaging.sayings import Said, Saying, is_surely_read
from gimonitor.model.finding import Origin
from gimonitor.model.register import GI, AuthorisedUser, Kind, Register
from gimonitor.register.regions import find_regions, origin_of
from gimonitor.text.codes import standard_key
from gimonitor.text.plain import plain

TRANSITION_END = date(2020, 12, 31)
_BLURRED = 2  # characters in which a code not read surely may differ from one that is known
_APART = 0.6  # how much a code counts that does not stand beside the mark
_WHERE = {
    Spot.BESIDE: "标志旁的",
    Spot.APART: "同一图片其他位置的",
    Spot.OTHER_PICTURE: "该商品其他图片中的",
}
_PRINTERS, _DISTRIBUTORS = "printers", "distributors"  # groups of words for whose codes stand on a package, too
_COUNTRIES, _STYLES = (
    "countries",
    ("style-words", "flavour-words"),
)  # groups of words of other origins, and after a name
_NUMBERS = (Saying.STANDARD, Saying.ANNOUNCEMENT, Saying.REGISTRATION)
_BARE = re.compile(r"(?<![\d.])(?P<number>\d+(?:\.\d+)?)(?P<year>\s?-\s?(?:19|20)\d\d)?(?![\d-])")
_DIGITS, _YEAR, _REGISTERED = re.compile(r"\d+"), re.compile(r"-\d+$"), re.compile(r"\d{5,}")
_LEAST_DIGITS, _TELLING = 4, 6  # digits of what may be cut from a number, and of one that is no other by chance
_NUMBERED = (Kind.COLLECTIVE_MARK, Kind.CERTIFICATION_MARK, Kind.GI_MARK)


class Verdict(StrEnum):
    """What a picture comes to. `faults` and `abolished` are suspicions for a person to judge."""

    NO_MARK = "no_mark"
    SIMILAR = "similar"  # only something alike
    IN_ORDER = "in_order"
    FAULTS = "faults"
    NEED_PROOF = "need_proof"


class FaultKind(StrEnum):
    """What may be missing or wrong beside a mark."""

    USCC_ABSENT = "uscc_absent"
    USCC_INVALID = "uscc_invalid"
    USCC_UNKNOWN = "uscc_unknown"
    USCC_OTHER_GI = "uscc_other_gi"
    EXPIRED = "expired"
    NAME_ABSENT = "name_absent"
    NUMBER_ABSENT = "number_absent"
    NUMBER_OTHER = "number_other"
    ABOLISHED = "abolished"
    PROOF = "proof"  # nothing wrong is seen, but the picture cannot tell
    SIMILAR = "similar"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing missing or wrong: a Chinese sentence for the officer, where in the picture, how sure; `duty` as the register holds it."""

    kind: FaultKind
    mark: Mark
    reason: str
    box: Box
    confidence: float
    gi_id: str = ""
    duty: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """The verdict on a picture with every fault, and the GIs that it names or whose user it shows."""

    verdict: Verdict
    faults: tuple[Fault, ...] = ()
    gi_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Sight:
    """A mark with all that is known around it."""

    mark: FoundMark
    here: tuple[Said, ...]
    elsewhere: tuple[Said, ...]
    register: Register
    on: date
    seen_on: date
    lines: tuple[Line, ...]
    unreadable: str  # why nobody can say what is missing beside the mark; "" where it could have been read
    has_current: bool  # the picture shows the mark of today, too

    def saying(self, *kinds: Saying) -> tuple[Said, ...]:
        return tuple(s for s in (*self.here, *self.elsewhere) if s.kind in kinds)

    def spot(self, said: Said) -> Spot:
        if said not in self.here:
            return Spot.OTHER_PICTURE
        return Spot.BESIDE if stands_beside(said.box, self.mark.box) else Spot.APART

    @property
    def made_on(self) -> tuple[date, ...]:
        """The days of production that are said, none after the day on which the goods were seen."""
        days = (date.fromisoformat(said.value) for said in self.saying(Saying.MADE_ON))
        return tuple(day for day in days if day <= self.seen_on)

    @property
    def codes(self) -> tuple[Said, ...]:
        """The credit codes that hold, of the nearest spot with one of a user, else of the nearest; no printer's."""
        held = [s for s in self.saying(Saying.USCC) if self.holds(s) and not self.is_printers(s)]
        spots = [at for spot in Spot if (at := tuple(s for s in held if self.spot(s) is spot))]
        listed = (at for at in spots if any(self.users_with(s.value) for s in at))
        return next(listed, spots[0] if spots else ())

    def holds(self, code: Said) -> bool:
        """True for a code as it was read, or put right to that of a listed user; put right to any other it is a guess."""
        return bool(code.valid) and (not code.repaired or bool(self.users_with(code.value)))

    def is_printers(self, code: Said) -> bool:
        """True for a code in a line that names whoever printed the package, who is no user of the mark."""
        return self._names(_PRINTERS, code.text) and not self.users_with(code.value)

    def may_be_printers(self, code: Said) -> bool:
        """True too where such a word stands in the line before, after, above or below: whose code it is nobody can say then."""
        if self.is_printers(code):
            return True
        if code not in self.here or self.users_with(code.value):
            return False
        return any(self._names(_PRINTERS, line.text) for line in self.lines if is_next_to(code.box, line.box))

    def is_distributors(self, code: Said) -> bool:
        """True for a code in a line that names who sells the goods; it needs no word where that of a user stands beside the mark."""
        return self._names(_DISTRIBUTORS, code.text)

    def parts(self, part: Saying, *whole: Saying) -> tuple[Said, ...]:
        """Print that could be a part of something; no label beside which the whole was read."""
        there = [s.box for s in self.here if s.kind in whole]
        parts = (s for s in self.here if s.kind is part)
        return tuple(
            s for s in parts if s.value or not any(is_next_to(s.box, box) or is_in_row(s.box, box) for box in there)
        )

    def _names(self, group: str, text: str) -> bool:
        return any(word.text in text for word in self.register.words if word.group == group)

    def users_with(self, code: str) -> tuple[AuthorisedUser, ...]:
        return tuple(u for u in self.register.users if u.uscc and u.uscc == code)

    @property
    def users(self) -> tuple[AuthorisedUser, ...]:
        codes = {s.value for s in self.codes}
        return tuple(u for u in self.register.users if u.uscc and u.uscc in codes)

    @property
    def gis(self) -> tuple[GI, ...]:
        """The GIs named in the picture, else those of the users shown."""
        named = [s.key for s in self.saying(Saying.GI_NAME)] or [u.gi_id for u in self.users]
        return tuple(self.register.gi(key) for key in dict.fromkeys(named))

    def fault(self, kind: FaultKind, reason: str, share: float, duty: str = "", at: Said | None = None) -> Fault:
        gis = self.gis
        return Fault(
            kind=kind,
            mark=self.mark.mark,
            reason=reason,
            box=at.box if at in self.here else self.mark.box,
            confidence=round(self.mark.confidence * share, 3),
            gi_id=gis[0].id if len(gis) == 1 else "",
            duty=self._duty(duty),
            text=at.text if at else "",
        )

    def _duty(self, word: str) -> str:
        sign = next((s for s in self.register.signs if s.id == self.mark.mark), None)
        return next((d.value for d in sign.duties if word in d.value), "") if sign and word else ""


def inspect(
    marks: Sequence[FoundMark],
    said: Sequence[Said],
    register: Register,
    on: date,
    *,
    lines: Sequence[Line],
    size: tuple[int, int],
    unread: Sequence[Box] = (),
    elsewhere: Sequence[Said] = (),
    seen_on: date | None = None,
) -> Inspection:
    """Judge one picture on a day. `lines` are those read in it, `size` is its width and height in pixels, `unread` are places with
    print that was not read.

    `elsewhere` is said in the listing's other pictures: what stands there of an authorised user is not missing in this one.
    No day of production lies after `seen_on`, on which the last picture of the goods was first seen; None: it is the day `on`.
    """
    true = [m for m in marks if not m.similar]
    here, others, read = tuple(said), tuple(elsewhere), tuple(lines)
    seen = min(on, seen_on or on)
    poor = [why_unreadable(m.box, read, size, unread) or _half_read(m, here) for m in true]
    current = any(mark.mark is Mark.GI_2019 for mark in true)
    sights = [
        _Sight(m, here, others, register, on, seen, read, why, current) for m, why in zip(true, poor, strict=True)
    ]
    faults = [fault for sight in sights for fault in [*_faults(sight)] or _left_open(sight)]
    faults += [_alike(mark) for mark in marks if mark.similar and not true]
    gi_ids = tuple(dict.fromkeys(gi.id for sight in sights for gi in sight.gis))
    return Inspection(verdict=_verdict(true, faults), faults=tuple(faults), gi_ids=gi_ids)


def _half_read(mark: FoundMark, here: Sequence[Said]) -> str:
    """Why nothing is absent beside a mark where pieces of a code or number stand, in Chinese; "" where none does."""
    pieces = (s for s in here if s.kind in (Saying.USCC_PART, Saying.NUMBER_PART) and s.value)
    return next((f"标志旁的“{s.text}”没有读全" for s in pieces if stands_beside(s.box, mark.box)), "")


def _left_open(sight: _Sight) -> Iterator[Fault]:
    """What is not known to be in order beside a mark that nothing is said against: a name or number that could not be read, another
    origin, a name that only tells the style.
    """
    yield from _other_origin(sight)
    yield from _styled(sight)
    missing = [] if sight.saying(Saying.GI_NAME, Saying.DOUBTFUL_NAME) else ["地理标志名称"]
    if not _shows_number(sight) and not _may_be_foreign(sight):
        missing.append(_wanted(sight))
    if sight.mark.mark is Mark.GI_2019 and sight.unreadable and missing:
        reason = f"图中有地理标志专用标志，{sight.unreadable}，没有读到{'、'.join(missing)}，是否标注需要补充证据。"
        yield sight.fault(FaultKind.PROOF, reason, 0.4)


def _other_origin(sight: _Sight) -> Iterator[Fault]:
    for gi in sight.gis if len(sight.gis) == 1 and not _is_foreign(sight) else ():
        area = gi.area.adcodes.value if gi.area else ()
        for said in sight.saying(Saying.ORIGIN):
            is_abroad = any(word.text in said.value for word in sight.register.words if word.group == _COUNTRIES)
            if is_abroad or (area and origin_of(find_regions(said.value), area) is Origin.OUTSIDE):
                reason = f"图中标示的产地“{said.value}”不在“{gi.name}”的保护范围内，需要补充证据。"
                yield sight.fault(FaultKind.PROOF, reason, 0.4, "", said)
                return


def _styled(sight: _Sight) -> Iterator[Fault]:
    for said in sight.saying(Saying.GI_NAME):
        after = said.text.partition(said.value)[2]
        styles = (w.text for w in sight.register.words if w.group in _STYLES and len(w.text) > 1)  # no 种 of 种植
        if any(map(after.startswith, styles)):
            reason = f"图中写的是“{said.text}”，是否为“{said.value}”本身，需要补充证据。"
            yield sight.fault(FaultKind.PROOF, reason, 0.4, "名称", said)
            return


def _verdict(true: list[FoundMark], faults: list[Fault]) -> Verdict:
    kinds = {fault.kind for fault in faults}
    if not true:
        return Verdict.SIMILAR if kinds else Verdict.NO_MARK
    if kinds - {FaultKind.PROOF, FaultKind.SIMILAR}:
        return Verdict.FAULTS
    return Verdict.NEED_PROOF if kinds else Verdict.IN_ORDER


def _alike(mark: FoundMark) -> Fault:
    reason = "图中有与地理标志专用标志相似的图形，是否为该标志需要人工辨认。"
    return Fault(
        kind=FaultKind.SIMILAR,
        mark=mark.mark,
        reason=reason,
        box=mark.box,
        confidence=round(0.3 * mark.confidence, 3),
    )


def _faults(sight: _Sight) -> Iterator[Fault]:
    if sight.mark.mark.is_abolished:
        yield from _abolished(sight)
    elif sight.mark.mark is Mark.AGI:
        reason = "图中有农产品地理标志公共标识；登记已停止，可否继续使用须核对登记证书和持有人授权。"
        yield sight.fault(FaultKind.PROOF, reason, 0.5, "授权")
    else:
        for check in _CHECKS:
            yield from check(sight)


_MAY_BE_SOLD = "2020年12月31日以前生产的商品可以继续流通，需要补充证据。"


def _abolished(sight: _Sight) -> Iterator[Fault]:
    said = sight.saying(Saying.MADE_ON, Saying.MADE_IN)
    dates = [s for s in said if date.fromisoformat(s.value) <= sight.seen_on]
    late = [s for s in dates if date.fromisoformat(s.value) > TRANSITION_END]
    own = next((s for s in dates if s in sight.here), None)
    if not dates:
        yield _undated(sight, next(iter(said), None))
    elif late:
        yield _late(sight, max(late, key=lambda said: (said in sight.here, said.value)), own)


def _late(sight: _Sight, at: Said, own: Said | None) -> Fault:
    """A day of production after the transition; where the picture with the mark shows another, or the mark of today, too, a person has
    to see which counts.
    """
    if sight.has_current:
        reason = f"图中同时有已停用的和现行的地理标志专用标志，标示的生产日期{_day(at)}不一定是带旧标志的商品的；{_MAY_BE_SOLD}"
        return sight.fault(FaultKind.PROOF, reason, 0.4, "2020-12-31", at)
    if at in sight.here:
        reason = f"图中有已停用的地理标志专用标志，标示的生产日期为{_day(at)}，在过渡期届满（2020年12月31日）之后。"
    elif own:
        reason = f"图中有已停用的地理标志专用标志，标示的生产日期为{_day(own)}，该商品其他图片标示的生产日期为{_day(at)}；{_MAY_BE_SOLD}"
        return sight.fault(FaultKind.PROOF, reason, 0.4, "2020-12-31", own)
    else:
        reason = f"图中有已停用的地理标志专用标志，该商品其他图片标示的生产日期为{_day(at)}，在过渡期届满（2020年12月31日）之后。"
    return sight.fault(FaultKind.ABOLISHED, reason, 0.95 * at.confidence, "2020-12-31", at)


def _undated(sight: _Sight, later: Said | None) -> Fault:
    """Only the day of production tells; a day of packing or harvest is said as what it is, a day still to come as no such day."""
    other = next(iter(sight.saying(Saying.OTHER_DATE)), None)
    if later:
        reason = f"图中有已停用的地理标志专用标志，读作生产日期的{_day(later)}晚于发现图片之日，不能作为生产日期；{_MAY_BE_SOLD}"
    elif other:
        reason = (
            f"图中有已停用的地理标志专用标志，没有读到完整的生产日期，只有{other.key}（{_day(other)}）；{_MAY_BE_SOLD}"
        )
    else:
        reason = f"图中有已停用的地理标志专用标志，没有读到完整的生产日期；{_MAY_BE_SOLD}"
    return sight.fault(FaultKind.PROOF, reason, 0.4, "2020-12-31", later or other)


def _day(said: Said) -> str:
    shown = "%Y年%m月" if said.kind is Saying.MADE_IN else "%Y年%m月%d日"
    return f"{date.fromisoformat(said.value):{shown}}"


_CODE_DUTY = "统一社会信用代码"
_ELSEWHERE = re.compile(r"信用代码\W*(?:详?见|另见|标注于|印于)")


def _credit_code(sight: _Sight) -> Iterator[Fault]:
    codes = [code for code in sight.saying(Saying.USCC) if not sight.is_printers(code)]
    beside = [code for code in codes if sight.spot(code) is Spot.BESIDE]
    own = [code for code in beside if not sight.may_be_printers(code)]
    guessed = [code for code in codes if not sight.holds(code) and not sight.may_be_printers(code)]
    held = next((code for code in own if sight.holds(code)), None)
    part = next((s for s in sight.parts(Saying.USCC_PART) if s.value), None)
    if sight.users:
        wrong = (code for code in own if not sight.holds(code) and not _is_blurred_user(sight, code))
        is_shown = any(code in sight.here and sight.users_with(code.value) for code in codes)
        if is_shown:
            wrong = (code for code in wrong if not sight.is_distributors(code))
        yield from (_another(sight, code) if is_shown else _misread(sight, code) for code in islice(wrong, 1))
        yield from _others(sight)
    elif held:
        yield from _unknown(sight, held)
    elif unsure := own or guessed:
        yield _misread(sight, unsure[0])
    elif beside:
        reason = f"标志旁的代码“{beside[0].value}”不是档案所列使用人的代码，相邻文字写有印刷、包装或者设计企业，可能是其代码；无法判断使用人是否标注统一社会信用代码，需要补充证据。"
        yield sight.fault(FaultKind.PROOF, reason, 0.4, _CODE_DUTY, beside[0])
    elif part:
        reason = f"图中有地理标志专用标志，读到的代码“{part.value}”不完整，无法核对统一社会信用代码，需要补充证据。"
        yield sight.fault(FaultKind.PROOF, reason, 0.4, _CODE_DUTY, part)
    else:
        yield from _none_beside(sight)


def _others(sight: _Sight) -> Iterator[Fault]:
    """Codes in the picture beside that of the user: whose they are a person has to see. A user of what is named needs no word."""
    named = {gi.id for gi in sight.gis}
    fitting = [user for user in sight.users if user.gi_id in named]
    own = {user.uscc for user in fitting or sight.users}
    codes = {s.value: s for s in sight.here if s.kind is Saying.USCC and sight.holds(s) and s.value not in own}
    for code in codes.values():
        users = sight.users_with(code.value)
        if sight.may_be_printers(code) or (fitting and any(u.gi_id in named for u in users)):
            continue
        if fitting and not users and sight.is_distributors(code):
            continue
        if users:
            gis = "、".join(sight.register.gi(key).name for key in dict.fromkeys(u.gi_id for u in users))
            reason = f"图中另有统一社会信用代码“{code.value}”，属于档案所列“{gis}”的使用人“{users[0].name}”，与标志的关系需要补充证据。"
        else:
            reason = f"图中另有统一社会信用代码“{code.value}”，不是档案所列使用人的代码，与标志的关系需要补充证据。"
        yield sight.fault(FaultKind.PROOF, reason, 0.4, _CODE_DUTY, code)


def _another(sight: _Sight, code: Said) -> Fault:
    """A code that does not hold where one of a user stands in the picture, too: that of a distributor, or whoever."""
    reason = f"图中另有代码“{code.value}”，没有通过校验位核对，与标志的关系需要补充证据。"
    return sight.fault(FaultKind.PROOF, reason, 0.4, _CODE_DUTY, code)


def _is_surely_wrong(code: Said) -> bool:
    return not code.valid and is_surely_read(code.text, code.box, code.confidence)


def _is_blurred_user(sight: _Sight, code: Said) -> bool:
    """True for a code not read surely that is, but for two characters, that of the user who is shown elsewhere."""
    pairs = (zip(code.value, user.uscc, strict=False) for user in sight.users)
    return not _is_surely_wrong(code) and any(sum(a != b for a, b in pair) <= _BLURRED for pair in pairs)


def _misread(sight: _Sight, code: Said) -> Fault:
    spot = sight.spot(code)
    where = _WHERE[spot]
    if _is_surely_wrong(code) and (spot is Spot.BESIDE or (spot is Spot.APART and _CODE_DUTY in code.text)):
        reason = f"{where}统一社会信用代码“{code.value}”校验位不符。"
        return sight.fault(FaultKind.USCC_INVALID, reason, 0.5 * code.confidence, _CODE_DUTY, code)
    if code.repaired:
        reason = f"{where}代码读作“{code.shown or code.value}”，校验位不符；其中有易混淆的字符，也可能是“{code.value}”，该代码校验位相符，但不在档案中；无法核对，需要补充证据。"
    else:
        reason = f"{where}代码读作“{code.value}”，没有通过校验位核对，也可能没有读准，需要补充证据。"
    return sight.fault(FaultKind.PROOF, reason, 0.4, _CODE_DUTY, code)


def _unknown(sight: _Sight, code: Said) -> Iterator[Fault]:
    gis = sight.gis
    if _is_foreign(sight):
        return  # the distributor's code stands beside the mark of a foreign GI
    if not gis:
        reason = f"标志旁的统一社会信用代码“{code.value}”不在档案中；图中没有读到地理标志名称，无法核对，需要补充证据。"
        yield sight.fault(FaultKind.PROOF, reason, 0.4, _CODE_DUTY, code)
        return
    listed = {u.gi_id for u in sight.register.users}
    if not all(gi.id in listed for gi in gis):
        reason = f"标志旁的统一社会信用代码“{code.value}”不在档案中；档案未收录该地理标志的全部使用人，需要补充证据。"
        yield sight.fault(FaultKind.PROOF, reason, 0.4, _CODE_DUTY, code)
        return
    reason = f"标志旁的统一社会信用代码“{code.value}”不是档案所列“{gis[0].name}”专用标志合法使用人的代码。"
    yield sight.fault(FaultKind.USCC_UNKNOWN, reason, 0.75 * code.confidence, _CODE_DUTY, code)


def _is_foreign(sight: _Sight) -> bool:
    return _any_foreign(sight, sight.gis)


def _may_be_foreign(sight: _Sight) -> bool:
    """True too where only a doubtful name is of a foreign GI (干邑白兰地)."""
    doubtful = [sight.register.gi(said.key) for said in sight.saying(Saying.DOUBTFUL_NAME)]
    return _any_foreign(sight, sight.gis or doubtful)


def _any_foreign(sight: _Sight, gis: Sequence[GI]) -> bool:
    return any(p.kind.value is Kind.FOREIGN for gi in gis for p in gi.protections_on(sight.on))


def _none_beside(sight: _Sight) -> Iterator[Fault]:
    """No code beside the mark. One of somebody else, elsewhere, is told with its place; it is not the mark's."""
    code = next(iter(sight.codes), None)
    if code and _is_foreign(sight):
        return
    if away := next((line for line in sight.lines if _ELSEWHERE.search(line.text)), None):
        reason = f"图中写有“{away.text}”，统一社会信用代码标在别处；无法判断是否标注，需要补充证据。"
        yield sight.fault(FaultKind.PROOF, reason, 0.4, _CODE_DUTY)
    elif label := next(iter(sight.parts(Saying.USCC_PART, Saying.USCC)), None):
        reason = f"图中读到“{label.text}”，没有读到完整的统一社会信用代码，无法核对，需要补充证据。"
        yield sight.fault(FaultKind.PROOF, reason, 0.4, _CODE_DUTY, label)
    elif sight.unreadable:
        told = f"；{_WHERE[sight.spot(code)]}代码“{code.value}”不是档案所列使用人的代码" if code else ""
        reason = f"图中有地理标志专用标志，{sight.unreadable}，无法判断是否标注统一社会信用代码，需要补充证据{told}。"
        yield sight.fault(FaultKind.PROOF, reason, 0.4, _CODE_DUTY)
    elif code:
        reason = (
            f"标志旁没有读到统一社会信用代码；{_WHERE[sight.spot(code)]}代码“{code.value}”不是档案所列使用人的代码。"
        )
        yield sight.fault(FaultKind.USCC_ABSENT, reason, 0.5, _CODE_DUTY)
    else:
        reason = "图中有地理标志专用标志，标志旁的文字里没有读到使用人的统一社会信用代码。"
        yield sight.fault(FaultKind.USCC_ABSENT, reason, 0.5, _CODE_DUTY)


def _authorisation(sight: _Sight) -> Iterator[Fault]:
    users = sight.users
    if not users:
        return
    code = next(s for s in sight.codes if s.value == users[0].uscc)
    where, share = _WHERE[sight.spot(code)], code.confidence * (1 if sight.spot(code) is Spot.BESIDE else _APART)
    named = {s.key for s in sight.saying(Saying.GI_NAME)}
    fitting = [u for u in users if not named or u.gi_id in named]
    if not fitting:
        own = "、".join(sight.register.gi(key).name for key in dict.fromkeys(u.gi_id for u in users))
        reason = f"{where}统一社会信用代码属于“{users[0].name}”，档案中该使用人的地理标志为“{own}”，与图中名称不符。"
        yield sight.fault(FaultKind.USCC_OTHER_GI, reason, 0.7 * share, _CODE_DUTY, code)
    elif not any(u.is_active(day) for u in fitting for day in (sight.on, *sight.made_on)):
        ended = max((u.ends for u in fitting if u.ends), default=None)
        when = f"，有效期至{ended:%Y年%m月%d日}" if ended else ""
        undated = not sight.made_on
        when += "；没有读到生产日期，需要核对是否在有效期内生产" if undated else ""
        reason = f"{where}统一社会信用代码属于“{fitting[0].name}”，档案中其专用标志使用资格不在有效期内{when}。"
        yield sight.fault(FaultKind.EXPIRED, reason, (0.5 if undated else 0.8) * share, _CODE_DUTY, code)


def _name(sight: _Sight) -> Iterator[Fault]:
    if not sight.unreadable and not sight.saying(Saying.GI_NAME, Saying.DOUBTFUL_NAME):
        reason = "图中有地理标志专用标志，图中文字里没有读到档案所列的地理标志名称。"
        yield sight.fault(FaultKind.NAME_ABSENT, reason, 0.35, "名称")


def _numbers(sight: _Sight) -> Iterator[Fault]:
    """A standard or announcement number for a GI product, the registration number for a mark; either where the GI is not known."""
    shown = sight.saying(*_NUMBERS)
    gis = sight.gis
    if _shows_bare(sight):
        return
    if not shown and _may_be_foreign(sight):
        return  # a foreign GI shows its distributor's code only
    words = _wanted(sight)
    part = _part_of_number(sight)
    if not shown and part:
        reason = f"图中读到“{part}”，没有读到完整的{words}，是否标注需要补充证据。"
        yield sight.fault(FaultKind.PROOF, reason, 0.4, "标准代号")
    elif not shown and not sight.unreadable:
        reason = f"图中有地理标志专用标志，图中文字里没有读到{words}。"
        yield sight.fault(FaultKind.NUMBER_ABSENT, reason, 0.4, "注册号" if words == "商标注册号" else "标准代号")
    elif shown and len(gis) == 1 and _holds_some(gis[0]) and not any(_belongs(s, gis[0]) for s in shown):
        reason = f"图中标示的“{shown[0].value}”不是档案所列“{gis[0].name}”的标准代号、批准公告号或者商标注册号"
        doubt = sight.unreadable or (f"图中读到“{part}”，可能没有读全" if part else "")
        doubt = doubt or ("" if _known(gis[0]) else "档案没有收录该地理标志的全部编号")
        if doubt:
            reason += f"；{doubt}，是否另有标注，需要补充证据。"
            yield sight.fault(FaultKind.PROOF, reason, 0.4, "标准代号", shown[0])
        else:
            yield sight.fault(FaultKind.NUMBER_OTHER, f"{reason}。", 0.45 * shown[0].confidence, "标准代号", shown[0])


def _own_numbers(gi: GI) -> Iterator[str]:
    """The digits of a GI's standards and of its registrations."""
    yield from (standard_key(s.code.value).split()[-1] for s in gi.standards)
    for protection in gi.protections:
        for number in protection.numbers:
            yield from _REGISTERED.findall(number.value)


def _shows_number(sight: _Sight) -> bool:
    return bool(sight.saying(*_NUMBERS)) or _shows_bare(sight)


def _shows_bare(sight: _Sight) -> bool:
    """True for a GI's own number without the letters or words before it: with a year, after the word for standards, or long."""
    return any(_is_bare(line.text, gi) for line in sight.lines for gi in sight.gis)


def _is_bare(text: str, gi: GI) -> bool:
    for run in _BARE.finditer(plain(text)):
        if run["number"] in _own_numbers(gi):
            return bool(run["year"]) or "标准" in text[: run.start()] or len(run["number"]) >= _TELLING
    return False


def _part_of_number(sight: _Sight) -> str:
    """Print that could be a part of a number: of its form, its label, or a number of the GI but for a digit at either end; "" for none."""
    parts = sight.parts(Saying.NUMBER_PART, *_NUMBERS)
    own = {number for gi in sight.gis for number in _own_numbers(gi)}
    texts = [s.text for s in parts]
    texts += (s.text for s in sight.here if s.kind is Saying.STANDARD and _may_be_cut(s, own))
    texts += (line.text for line in sight.lines if _holds_nearly(line.text, own))
    return next(iter(texts), "")


def _may_be_cut(said: Said, own: set[str]) -> bool:
    """True for a standard shown without a year with whose digits a number of the GI begins."""
    shown = standard_key(said.value).split()[-1]
    return not _YEAR.search(said.value) and any(number.startswith(shown) for number in own - {shown})


def _holds_nearly(text: str, own: set[str]) -> bool:
    """True for a text with digits that are those of a number but for one at an end."""
    runs = [run for run in _DIGITS.findall(text) if len(run) >= _LEAST_DIGITS]
    return any(abs(len(run) - len(number)) <= 1 and (run in number or number in run) for run in runs for number in own)


def _wanted(sight: _Sight) -> str:
    """Which number goods of the GIs in the picture have to show, in Chinese."""
    kinds = {p.kind.value for gi in sight.gis for p in gi.protections_on(sight.on)}
    if kinds and kinds <= set(_NUMBERED):
        return "商标注册号"
    return "执行标准代号或者批准公告号" if kinds == {Kind.GI_PRODUCT} else "执行标准代号、批准公告号或者商标注册号"


def _known(gi: GI) -> bool:
    return bool(gi.standards) and any(p.numbers for p in gi.protections)


def _holds_some(gi: GI) -> bool:
    """True where the register has a number of a GI to compare with."""
    return bool(gi.standards) or any(p.numbers for p in gi.protections)


def _belongs(said: Said, gi: GI) -> bool:
    if said.kind is Saying.STANDARD:
        return standard_key(said.value) in {standard_key(s.code.value) for s in gi.standards}
    numbers = {number.value for p in gi.protections for number in p.numbers}
    return any(said.value in number or number in said.value for number in numbers)


_CHECKS: tuple[Callable[[_Sight], Iterator[Fault]], ...] = (_credit_code, _authorisation, _name, _numbers)
