"""Names of attributes as pages write them: 产地, 产地/厂址, 原产地（省/市）."""

from __future__ import annotations

import re
from functools import lru_cache

from gimonitor.text.normalise import fold_text

_PARTS = re.compile(r"[/／|、，,;；:：()（）\[\]【】\s]+")


@lru_cache(maxsize=20_000)
def is_one_of(key: str, known: frozenset[str]) -> bool:
    """True where a key is one of the folded ones `known`, or its parts are, or the first of them."""
    if fold_text(key) in known:
        return True
    parts = [fold_text(part) for part in _PARTS.split(key) if part]
    return len(parts) > 1 and (parts[0] in known or known.issuperset(parts))
