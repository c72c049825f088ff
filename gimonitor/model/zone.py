"""The one time zone officers live in. The store keeps aware UTC; screens, papers and days of the calendar are Beijing's."""

from __future__ import annotations

from typing import Final
from zoneinfo import ZoneInfo

BEIJING: Final = ZoneInfo("Asia/Shanghai")
