"""eBay Browse API, item_summary/search: client credentials, 5,000 calls a day by default.

scrapy crawl ebay -a query="Longjing tea,Wuchang rice"
"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Iterator
from typing import Any, NoReturn
from urllib.parse import urlencode

from scrapy.http import Request, Response
from twisted.python.failure import Failure

from gimonitor.crawling.apisource import ApiSpider
from gimonitor.crawling.ledger import Count
from gimonitor.crawling.sealing import SECRET
from gimonitor.crawling.source import Trip
from gimonitor.errors import BlockedError
from gimonitor.model.run import BlockKind
from gimonitor.parsing.state import dig
from gimonitor.parsing.values import clean

SCOPE = "https://api.ebay.com/oauth/api_scope"
_NO_TOKEN = {
    400: BlockKind.LOGIN,
    401: BlockKind.LOGIN,
    403: BlockKind.FORBIDDEN,
    429: BlockKind.RATE_LIMIT,
}
"""What a status of the token's address means; any other answer without a token: not to be had now."""


class EbaySpider(ApiSpider):
    """Gets an access token first; the token is never sealed, logged or stored."""

    name = "ebay"
    platform = "ebay"
    page_size = 100
    max_pages = 20
    daily_calls = 5000

    def __init__(self, *args: Any, marketplace: str = "EBAY_US", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._marketplace = marketplace
        self._token = ""

    @property
    def endpoint(self) -> str:
        """The platform's address, or the one in the key file."""
        return (self.key.endpoint or "https://api.ebay.com").rstrip("/")

    async def start(self) -> AsyncIterator[Any]:
        """The token first; the queries follow when it has come."""
        yield self._ask_token(None)

    def _ask_token(self, then: Trip | None) -> Request:
        """A request for a token, to go on with `then`, or with all queries."""
        pair = f"{self.key.key}:{self.key.secret.get_secret_value()}".encode()
        headers = {
            "Authorization": "Basic " + base64.b64encode(pair).decode(),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        return Request(
            f"{self.endpoint}/identity/v1/oauth2/token",
            callback=self.receive_token,
            errback=self.lose_token,
            method="POST",
            headers=headers,
            body=urlencode({"grant_type": "client_credentials", "scope": SCOPE}),
            meta={"dont_obey_robotstxt": True, SECRET: True},
            cb_kwargs={"then": then},
            priority=20,
            dont_filter=True,
        )

    def receive_token(self, response: Response, then: Trip | None) -> Any:
        """Keep the token and go on. Without a token every query is recorded as refused."""
        try:
            answer = response.json()  # type: ignore[attr-defined]  # text responses have json()
        except (ValueError, AttributeError):
            answer = None
        token = dig(answer, "access_token")
        if response.status != 200 or not isinstance(token, str):
            said = clean(dig(answer, "error_description"))[:150] or "no token in the answer"
            kind = _NO_TOKEN.get(response.status, BlockKind.UNAVAILABLE)
            self._refuse(kind, f"no access token, status {response.status}: {said}")
        self._token = token
        if then is not None:
            self.ledger[then.query].waiting -= 1
            yield from self._page(then.query, then.page, again=True)
            return
        for query in self.queries:
            yield from self.ask(query)

    def lose_token(self, failure: Failure) -> Any:
        """No token, no queries."""
        self._refuse(BlockKind.UNAVAILABLE, f"no access token: {type(failure.value).__name__}: {failure.value}"[:200])

    def _refuse(self, kind: BlockKind, why: str) -> NoReturn:
        self.logger.warning("%s", why)
        self.refused_why = why
        self._stop(kind)

    def _blocked(self, response: Response, trip: Trip, count: Count, error: BlockedError) -> Iterator[Request]:
        """A token that has expired in the middle of a run is renewed, once for each page."""
        if error.kind == BlockKind.LOGIN and not trip.again:
            self._stat("token_renewed")
            count.waiting += 1
            yield self._ask_token(trip)
            return
        yield from super()._blocked(response, trip, count, error)

    def call(self, query: str, page: int) -> dict[str, Any]:
        """A search with the token."""
        parameters = {"q": query, "limit": self.page_size, "offset": (page - 1) * self.page_size}
        headers = {"Authorization": f"Bearer {self._token}", "X-EBAY-C-MARKETPLACE-ID": self._marketplace}
        return {"url": f"{self.endpoint}/buy/browse/v1/item_summary/search?{urlencode(parameters)}", "headers": headers}
