"""Screening of a record as `gimonitor screen` reads it, for the tests."""

from datetime import date
from typing import Any

from gimonitor.model.finding import Screening
from gimonitor.screening import Screener
from gimonitor.screening.records import listing_of

OUTSIDE = {"origin": "安徽省合肥市"}


def screened(screener: Screener, record: dict[str, Any], on: date) -> Screening:
    """What comes of a record on a day."""
    return screener.screen(listing_of(record), on)
