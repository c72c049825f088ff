"""What goes wrong on purpose, and how often: read from data, counted per address while the server runs."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault of one query. `times` 0 means always."""

    query: str
    kind: str
    times: int = 0
    seconds: float = 0.0


FLAVOURS = {
    "slow": Fault(query="", kind="slow", seconds=1.0),
    "login": Fault(query="", kind="login"),
    "challenge": Fault(query="", kind="challenge"),
    "busy": Fault(query="", kind="busy", times=1),
    "limit": Fault(query="", kind="limit", times=1),
}


@cache
def load_faults() -> dict[str, Fault]:
    """Faults by query."""
    rows = yaml.safe_load((Path(__file__).parent / "faults.yml").read_text(encoding="utf-8"))
    return {row["query"]: Fault(**row) for row in rows}


class FaultCounter:
    """Says whether a fault strikes this time. Safe to use from several threads."""

    def __init__(self) -> None:
        self._struck: Counter[str] = Counter()
        self._lock = threading.Lock()

    def strikes(self, fault: Fault, address: str) -> bool:
        """True when the fault strikes at `address` now; a fault with `times` strikes that often and then no more."""
        with self._lock:
            self._struck[address] += 1
            return fault.times == 0 or self._struck[address] <= fault.times

    def reset(self) -> None:
        """Forget what was counted."""
        with self._lock:
            self._struck.clear()
