"""The models tried on a text: compiled at the first use, because that takes seconds, and kept."""

from __future__ import annotations

import threading
from datetime import date

from gimonitor.errors import InputError, RulesError
from gimonitor.model.finding import Screening
from gimonitor.model.listing import Listing
from gimonitor.model.register import Register
from gimonitor.screening.screener import Screener


class Lab:
    """Screens listings that are stored nowhere. Safe to share between threads."""

    def __init__(self, register: Register | None) -> None:
        self._register = register
        self._lock = threading.Lock()
        self._screener: Screener | None = None

    def screen(self, listing: Listing, on: date) -> Screening:
        """What the active models say of a listing. Raises InputError where the rules are broken."""
        if self._register is None:
            raise InputError("档案文件有错误，暂不能试跑")
        with self._lock:
            if self._screener is None:
                try:
                    self._screener = Screener(self._register)
                except RulesError as error:
                    raise InputError("规则文件不完整，暂不能试跑；请运维员运行 gimonitor rules check") from error
            return self._screener.screen(listing, on)
