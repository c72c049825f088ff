"""Short keys: a hash of what identifies a row, so that no index holds seller text of any length."""

from __future__ import annotations

import hashlib

from gimonitor.model.listing import Listing, Shop, Subject
from gimonitor.store.columns import clean_text


def key_of(*parts: object) -> str:
    """32 hex digits over the parts, each cleaned and told apart from its neighbours."""
    packed = "\x00".join(clean_text(str(part)) for part in parts)
    return hashlib.sha256(packed.encode()).hexdigest()[:32]


def listing_key(platform: str, item_id: str) -> str:
    """Key of a listing; it stays over all its versions."""
    return key_of(platform, item_id)


def listing_keys(listings: list[Listing]) -> list[str]:
    """Keys of several listings, in their order."""
    return [key_of(listing.platform, listing.item_id) for listing in listings]


def shop_key(platform: str, shop: Shop) -> str:
    """Key of a shop: by the platform's id, by name only where the page shows none."""
    return key_of(platform, "id", shop.shop_id) if shop.shop_id else key_of(platform, "name", shop.name)


def subject_key(subject: Subject) -> str:
    """Key of a legal person: by the USCC, by name only where none is shown."""
    return key_of("uscc", subject.uscc.strip().upper()) if subject.uscc.strip() else key_of("name", subject.name)
