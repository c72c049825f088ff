"""What was erased on request, asked again: responses that are still archived must not bring it back.

Nothing tells who or what it was: of a seller stands a slow, salted digest (in the audit), of each of their listings a keyed
one of its platform and item number. An answer that came after the erasure is a new sight, and counts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection

from gimonitor.model.listing import Listing, Shop
from gimonitor.store.audit import ERASURE, audited
from gimonitor.store.shared import read_record

ITEMS = "erased-items"
"""The shared record of the listings that were erased: per erasure the salt, the time and a digest of each."""

SELLER = "seller"


def identity_of(platform: str, shop: Shop) -> str:
    """A seller: by the platform's id of the shop, by its name where the platform shows none."""
    return "\n".join((platform, shop.shop_id, "" if shop.shop_id else shop.name))


@lru_cache(maxsize=10_000)  # a reparse asks after the same sellers again and again
def digest_of(identity: str, salt: str) -> str:
    """A slow, salted digest in hex: some 50 ms."""
    return hashlib.scrypt(
        identity.encode("utf-8", "replace"), salt=bytes.fromhex(salt), n=2**14, r=8, p=1, dklen=32
    ).hex()


def _digest_of_item(platform: str, item_id: str, salt: str) -> str:
    """A quick keyed digest in hex, for a seller may have many thousands of listings."""
    named = f"{platform}\n{item_id}".encode("utf-8", "replace")
    return hashlib.blake2b(named, key=bytes.fromhex(salt), digest_size=12).hexdigest()


def remembered(items: Iterable[tuple[str, str]], salt: str, at: datetime) -> dict[str, Any]:
    """What the shared record keeps of an erasure's (platform, item id)."""
    digests = sorted(_digest_of_item(*item, salt) for item in items)
    return {"salt": salt, "at": at.astimezone(UTC).isoformat(), "items": digests}


@dataclass(frozen=True, slots=True)
class Erased:
    """The erasures of sellers: (salt, when, digest of the seller), and (salt, when, digests of the listings)."""

    sellers: tuple[tuple[str, datetime, str], ...]
    items: tuple[tuple[str, datetime, frozenset[str]], ...]

    def holds(self, listing: Listing, at: datetime) -> bool:
        """True where a response that came at a time shows a listing that was erased later, or whose seller was."""
        if any(at <= when and _digest_of_item(*listing.key, salt) in digests for salt, when, digests in self.items):
            return True
        if listing.shop is None:
            return False
        identity = identity_of(listing.platform, listing.shop)
        return any(at <= when and digest_of(identity, salt) == digest for salt, when, digest in self.sellers)


def load_erased(c: Connection) -> Erased:
    """All erasures of sellers."""
    told = [(one.at, one.detail) for one in audited(c, ERASURE) if one.detail.get("noun") == SELLER]
    gone = json.loads(read_record(c, ITEMS) or "[]")
    return Erased(
        sellers=tuple((detail["salt"], at, detail["subject"]) for at, detail in told),
        items=tuple((one["salt"], datetime.fromisoformat(one["at"]), frozenset(one["items"])) for one in gone),
    )
