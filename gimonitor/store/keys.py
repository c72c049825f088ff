"""Short keys: a hash of what identifies a row, so that no index holds seller text of any length."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from gimonitor.model.listing import Shop, Subject
from gimonitor.store.columns import clean_text


def key_of(*parts: object) -> str:
    """32 hex digits over the cleaned parts. Of parts that a seller chooses, the last one only may hold the separator."""
    packed = clean_text("\x1f".join(map(str, parts)))
    return hashlib.sha256(packed.encode()).hexdigest()[:32]


def listing_key(platform: str, item_id: str) -> str:
    """Key of a listing; it stays over all its versions."""
    return key_of(platform, item_id)


def shop_key(platform: str, shop: Shop) -> str:
    """Key of a shop: by the platform's id, by name only where the page shows none."""
    return _seller_key(platform, "id", shop.shop_id) if shop.shop_id else _seller_key(platform, "name", shop.name)


def subject_key(subject: Subject) -> str:
    """Key of a legal person: by the USCC, by name only where none is shown."""
    uscc = subject.uscc.strip().upper()
    return _seller_key("", "uscc", uscc) if uscc else _seller_key("", "name", subject.name)


_seller_key = lru_cache(maxsize=20_000)(key_of)  # sellers come again and again, listings do not
