"""robots.txt as RFC 9309 says, and stricter: a file that cannot be had means that nothing may be asked."""

from __future__ import annotations

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response
from scrapy.robotstxt import RobotParser
from scrapy.utils.httpobj import urlparse_cached
from twisted.internet.defer import Deferred

from gimonitor.crawling.egress import ForbiddenAddressError
from gimonitor.crawling.turns import NotAskedError

_REFUSED = frozenset({401, 403, 429})
_NOTHING = b"User-agent: *\nDisallow: /\n"
_ANYTHING = b""


class NoRobotsError(IgnoreRequest):
    """Raised for each request to a site whose robots.txt nobody gave; the message says why: it forbids nothing, it is not known."""


class StrictRobotsMiddleware(RobotsTxtMiddleware):
    """5xx, 401, 403, 429 and no answer: disallowed altogether (RFC 9309 section 2.3.1.4 asks it of 5xx). 404, 410: free."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._unknown: dict[str, str] = {}

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        """Raises NoRobotsError where the site gives no robots.txt, IgnoreRequest where its robots.txt forbids."""
        if why := self._unknown.get(urlparse_cached(request).netloc):
            raise NoRobotsError(why)
        super().process_request_2(rp, request)

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if response.status >= 500 or response.status in _REFUSED:
            self._unknown[netloc] = f"robots.txt could not be had (answered {response.status}), so nothing is asked"
            response = response.replace(body=_NOTHING)
        elif response.status != 200:
            response = response.replace(body=_ANYTHING)
        await super()._parse_robots(response, netloc, request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        held_back = isinstance(
            exc, NotAskedError | ForbiddenAddressError
        )  # by ourselves: what waits is held back as well, for the same reason
        parser = self._parserimpl.from_crawler(self.crawler, _ANYTHING if held_back else _NOTHING)
        if not held_back and not isinstance(exc, IgnoreRequest):
            self._unknown[netloc] = f"nobody answered ({type(exc).__name__}), not even for robots.txt"
        waiting = self._parsers[netloc]
        assert isinstance(waiting, Deferred)
        self._parsers[netloc] = parser
        self._stats.inc_value("robotstxt/unreachable")
        self.crawler.signals.send_catch_log(
            signals.robots_parsed, robotparser=parser, request=Request(f"http://{netloc}/")
        )
        waiting.callback(parser)
