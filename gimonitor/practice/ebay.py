"""Practice API of eBay: OAuth client credentials and Browse item_summary/search."""

from __future__ import annotations

import base64
import secrets
import time

from gimonitor.practice.catalogue import Good
from gimonitor.practice.desk import KEY, ApiDesk, ApiFault, Form, Json, Refused, whole


def token(desk: ApiDesk, form: Form, headers: Form) -> Json:
    """Client credentials for an application token."""
    pair = base64.b64encode(f"{KEY}:{desk.signing_secret}".encode()).decode()
    if headers.get("authorization") != f"Basic {pair}" or form.get("grant_type") != "client_credentials":
        raise Refused({"error": "invalid_client", "error_description": "client authentication failed"}, 401)
    made = secrets.token_urlsafe(16)
    desk.tokens[made] = time.monotonic() + desk.token_seconds
    return {"access_token": made, "expires_in": 7200, "token_type": "Application Access Token"}


def search(desk: ApiDesk, form: Form, headers: Form) -> Json:
    """item_summary/search."""
    shown = headers.get("authorization", "").removeprefix("Bearer ")
    desk.uses[shown] += 1
    is_worn = desk.token_calls is not None and desk.uses[shown] > desk.token_calls
    if is_worn or desk.fault is ApiFault.TOKEN or desk.tokens.get(shown, 0) < time.monotonic():
        raise Refused({"errors": [{"errorId": 1001, "domain": "OAuth", "message": "Invalid access token"}]}, 401)
    desk.count("ebay", _refuse)
    wrong = Refused({"errors": [{"errorId": 12006, "domain": "API_BROWSE", "message": "invalid limit or offset"}]}, 400)
    size, offset = whole(form.get("limit", "50"), 1, 200, wrong), whole(form.get("offset", "0"), 0, 9_999, wrong)
    goods, total = desk.found(form.get("q", ""), offset // size + 1, size)
    rows = [_row(desk, good) for good in goods]
    href = f"https://api.ebay.com/buy/browse/v1/item_summary/search?q={form.get('q', '')}"
    return {"href": href, "total": total, "limit": size, "offset": offset, "itemSummaries": rows}


def _refuse(_: str) -> Refused:
    return Refused({"errors": [{"errorId": 2001, "domain": "ACCESS", "message": "Too many requests"}]}, 429)


def _row(desk: ApiDesk, good: Good) -> Json:
    shop = desk.catalogue.shops[good.shop]
    return {
        "itemId": f"v1|{good.id[1:]}|0",
        "legacyItemId": good.id[1:],
        desk.name_of("title"): good.title,
        "price": {"value": good.price if desk.fault is ApiFault.TYPES else f"{good.price:.2f}", "currency": "USD"},
        "seller": {"username": shop.name, "feedbackPercentage": "99.1", "feedbackScore": 10},
        "itemLocation": {"country": "CN", "postalCode": "100***"},
        "categories": [{"categoryId": "1", "categoryName": good.category}],
        "image": {"imageUrl": "https://i.ebayimg.com/practice.png"},
        "itemWebUrl": f"https://www.ebay.com/itm/{good.id[1:]}",
    }
