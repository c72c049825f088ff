"""What an abolished mark comes to, by the day of production: goods made up to the end of the transition may still be sold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from gimonitor.imaging.sayings import Said, Saying
from gimonitor.imaging.sight import Fault, FaultKind, Sight

TRANSITION_END = date(2020, 12, 31)
_MAY_BE_SOLD = "2020年12月31日以前生产的商品可以继续流通，需要补充证据。"


def made_late(sight: Sight) -> Iterator[Fault]:
    """What the days and months of production say of goods with an abolished mark."""
    said = sight.saying(Saying.MADE_ON, Saying.MADE_IN)
    dates = [s for s in said if date.fromisoformat(s.value) <= sight.seen_on]
    late = [s for s in dates if date.fromisoformat(s.value) > TRANSITION_END]
    own = next((s for s in dates if s in sight.here), None)
    if not dates:
        yield _undated(sight, next(iter(said), None))
    elif late:
        yield _late(sight, max(late, key=lambda said: (said in sight.here, said.value)), own)


def _late(sight: Sight, at: Said, own: Said | None) -> Fault:
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


def _undated(sight: Sight, later: Said | None) -> Fault:
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
