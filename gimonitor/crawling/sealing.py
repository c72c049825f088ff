"""Every response is sealed into the run's archive before a callback sees it. What cannot be sealed is not parsed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Headers, Response

from gimonitor.crawling.session import CrawlSession, session_of
from gimonitor.crawling.source import SEALED
from gimonitor.evidence.seal import WarcSeal
from gimonitor.evidence.sealed import Sealed

SECRET = "gimonitor_secret"  # noqa: S105  # the name of a mark, no secret itself
_TOKEN = re.compile(rb"\b(access_token=)[^&]*")  # a form's; the answers do not repeat it
_SECRET_HEADERS = frozenset({b"authorization", b"cookie", b"set-cookie", b"proxy-authorization"})


class SealMiddleware:
    """Scrapy spider middleware; it stands before all others, so that refusals are sealed too."""

    def __init__(self, session: CrawlSession) -> None:
        self._session = session

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Built for a recorded crawl only."""
        session = session_of(crawler)
        if session is None:
            raise NotConfigured
        return cls(session)

    def process_spider_input(self, response: Response) -> None:
        """Seal the response, unless it is a secret (an access token). Raises EvidenceError or DiskFullError, which go to the
        request's errback."""
        if self._session.seal is not None and not response.meta.get(SECRET):
            response.meta[SEALED] = _seal(self._session.seal, response)


def _seal(seal: WarcSeal, response: Response) -> Sealed:
    if response.meta.get("playwright"):
        return seal.write_resource(response.url, "text/html; charset=utf-8; rendered=chromium", response.body)
    request = response.request
    assert request is not None
    return seal.write(
        response.url,
        response.status,
        _pairs(response.headers),
        response.body,
        method=request.method,
        request_headers=_pairs(request.headers),
        request_body=_TOKEN.sub(rb"\1***", request.body),
        ip=str(response.ip_address or ""),
    )


def _pairs(headers: Headers) -> Iterable[tuple[str, str]]:
    return [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in headers.items()
        if name.lower() not in _SECRET_HEADERS
        for value in values or ()
    ]
