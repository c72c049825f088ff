"""A listing's picture on its way through the finder."""

from __future__ import annotations

from enum import StrEnum


class PictureState(StrEnum):
    """Where a picture stands in the queue."""

    WAITING = "waiting"
    SEEN = "seen"
    REFUSED = "refused"  # no picture, damaged, or beyond the bounds; the reason is kept
