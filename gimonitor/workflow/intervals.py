"""How sure a share is that was counted in a sample: score intervals of Wilson, and Newcombe's for a difference.

Source: E. B. Wilson, JASA 22 (1927) 209; R. G. Newcombe, Statistics in Medicine 17 (1998) 873, method 10.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

from gimonitor.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """`count` of `of` with the bounds between which the share lies at the confidence asked for, all in 0 … 1."""

    count: int
    of: int
    value: float
    low: float
    high: float


def wilson(count: int, of: int, confidence: float = 0.95) -> Share:
    """The share with its interval. Raises InputError where nothing was counted."""
    if not 0 <= count <= of or of == 0:
        raise InputError("没有可供计算的结果")
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    value = count / of
    middle = (value + z * z / (2 * of)) / (1 + z * z / of)
    half = z * sqrt(value * (1 - value) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return Share(count=count, of=of, value=value, low=max(0.0, middle - half), high=min(1.0, middle + half))


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How much a share grew since another one, with its bounds."""

    value: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """True when no difference at all lies outside the bounds."""
        return self.low > 0 or self.high < 0


def difference(now: Share, before: Share) -> Difference:
    """now minus before, for two samples that know nothing of each other."""
    value = now.value - before.value
    down = sqrt((now.value - now.low) ** 2 + (before.high - before.value) ** 2)
    up = sqrt((now.high - now.value) ** 2 + (before.value - before.low) ** 2)
    return Difference(value=value, low=max(-1.0, value - down), high=min(1.0, value + up))
