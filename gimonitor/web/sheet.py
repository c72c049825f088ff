"""The protected area of a GI in words."""

from __future__ import annotations

from gimonitor.model.register import GI
from gimonitor.register.regions import region


def area_text(gi: GI) -> str:
    """Names of the area's divisions with their province, joined; a code without a name is shown as the code."""
    if gi.area is None:
        return ""
    return "、".join(_name(code) for code in gi.area.adcodes.value)


def _name(code: str) -> str:
    found = region(code)
    if found is None:
        return code
    parts = [found.province, found.city, found.county]
    return "".join(part for index, part in enumerate(parts) if part and part not in parts[:index])
