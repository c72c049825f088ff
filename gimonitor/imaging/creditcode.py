"""The credit code beside a mark: absent, invalid, unknown, of another GI's user, or of one whose authorisation has ended."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from gimonitor.imaging.beside import Spot
from gimonitor.imaging.sayings import Said, Saying, is_surely_read
from gimonitor.imaging.sight import Fault, FaultKind, Sight

_BLURRED = 2  # characters in which a code not read surely may differ from one that is known
_APART = 0.6  # how much a code counts that does not stand beside the mark
_WHERE = {
    Spot.BESIDE: "标志旁的",
    Spot.APART: "同一图片其他位置的",
    Spot.OTHER_PICTURE: "该商品其他图片中的",
}
_CODE_DUTY = "统一社会信用代码"
_ELSEWHERE = re.compile(r"信用代码\W*(?:详?见|另见|标注于|印于)")


def credit_code(sight: Sight) -> Iterator[Fault]:
    """A user's credit code beside the mark: missing, wrong or nobody's; other codes there."""
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


def _others(sight: Sight) -> Iterator[Fault]:
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


def _another(sight: Sight, code: Said) -> Fault:
    """A code that does not hold where one of a user stands in the picture, too: that of a distributor, or whoever."""
    reason = f"图中另有代码“{code.value}”，没有通过校验位核对，与标志的关系需要补充证据。"
    return sight.fault(FaultKind.PROOF, reason, 0.4, _CODE_DUTY, code)


def _is_surely_wrong(code: Said) -> bool:
    return not code.valid and is_surely_read(code.text, code.box, code.confidence)


def _is_blurred_user(sight: Sight, code: Said) -> bool:
    """True for a code not read surely that is, but for two characters, that of the user who is shown elsewhere."""
    pairs = (zip(code.value, user.uscc, strict=False) for user in sight.users)
    return not _is_surely_wrong(code) and any(sum(a != b for a, b in pair) <= _BLURRED for pair in pairs)


def _misread(sight: Sight, code: Said) -> Fault:
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


def _unknown(sight: Sight, code: Said) -> Iterator[Fault]:
    gis = sight.gis
    if sight.is_foreign:
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


def _none_beside(sight: Sight) -> Iterator[Fault]:
    """No code beside the mark. One of somebody else, elsewhere, is told with its place; it is not the mark's."""
    code = next(iter(sight.codes), None)
    if code and sight.is_foreign:
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


def authorisation(sight: Sight) -> Iterator[Fault]:
    """Whether the users whose codes are shown may use the mark, of this GI and now."""
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
