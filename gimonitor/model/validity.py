"""What cannot be kept as a listing, and why: one check for every door, be it a crawl, a table, a saved page or a reparse."""

from __future__ import annotations

from collections.abc import Mapping

from gimonitor.model.listing import Listing

MAX_ID = 255
MAX_TITLE = 2_000


def why_invalid(listing: Listing) -> str:
    """The reason why a listing cannot be kept, such as `no_title`, or ""."""
    checks = {
        "no_item_id": not listing.item_id.strip(),
        "no_title": not listing.title.strip(),
        "no_platform": not listing.platform.strip(),
        "item_id_too_long": len(listing.item_id) > MAX_ID,
        "title_too_long": len(listing.title) > MAX_TITLE,
        "no_web_address": bool(listing.url) and not listing.url.startswith(("http://", "https://")),
        "negative_price": listing.price_fen is not None and listing.price_fen < 0,
    }
    return next((reason for reason, fails in checks.items() if fails), "")


def in_words(rejected: Mapping[str, int]) -> str:
    """How many were rejected, and for which reasons: `3 rejected (2 no_title, 1 negative_price)`; "" for none."""
    why = ", ".join(f"{count} {reason}" for reason, count in sorted(rejected.items()) if count)
    return f"{sum(rejected.values())} rejected ({why})" if why else ""
