"""The door for personal data: what buyers wrote or are called never becomes part of a listing, and numbers of people are
covered in what sellers wrote. The sealed response keeps the page as it was; it is kept as long as its evidence is needed.
"""

from __future__ import annotations

import re
from dataclasses import replace

from gimonitor.model.listing import Listing
from gimonitor.text.personal import cover_personal, may_hold_personal

_BUYERS = re.compile(
    r"买家|评价|评论|晒单|追评|问大家|收货人|收件人|联系人|会员名|用户名|昵称|身份证|"
    r"\b(?:buyers?|reviews?|reviewer|customer|consignee|recipient|feedback)\b",
    re.IGNORECASE,
)
"""Names of attributes that tell of people who bought, not of goods."""

_KEPT = re.compile(r"(?:数|量|率|分|count|rating|score)$", re.IGNORECASE)  # 评价数, review count: a number, no person


def without_people(listing: Listing) -> Listing:
    """The listing as it may be stored: attributes about buyers left out, telephone, identity and card numbers and e-mail
    addresses covered by `*` of the same length. A listing without any of it is returned as it is."""
    told = (listing.title, listing.subtitle, listing.description, listing.image_text, *listing.keywords)
    if not listing.attributes and not may_hold_personal("\n".join(told)):
        return listing
    attributes = tuple(
        (name, cover_personal(value, name))
        for name, value in listing.attributes
        if not _BUYERS.search(name) or _KEPT.search(name)
    )
    texts = {
        name: cover_personal(getattr(listing, name)) for name in ("title", "subtitle", "description", "image_text")
    }
    changed = {name: text for name, text in texts.items() if text != getattr(listing, name)}
    keywords = tuple(map(cover_personal, listing.keywords))
    if attributes != listing.attributes:
        changed["attributes"] = attributes  # type: ignore[assignment]  # a tuple where the others are texts
    if keywords != listing.keywords:
        changed["keywords"] = keywords  # type: ignore[assignment]  # as above
    return replace(listing, **changed) if changed else listing  # type: ignore[arg-type]  # as above
