"""Base of spiders that ask an open API with the user's own key: signing, budget, paging by number."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import urlencode

from scrapy.http import Request, Response
from scrapy.settings.default_settings import RETRY_HTTP_CODES

from gimonitor.configuration import load_configuration
from gimonitor.crawling.hosts import domain_of, site_of
from gimonitor.crawling.keys import ApiKey, Budget, load_key, open_budget
from gimonitor.crawling.ledger import Count
from gimonitor.crawling.openapi import load_apis, signed_parameters
from gimonitor.crawling.politeness import MAX_PAUSE, open_turns, slow_down
from gimonitor.crawling.source import SourceSpider, Trip
from gimonitor.crawling.turns import TurnBook
from gimonitor.errors import BlockedError
from gimonitor.model.run import BlockKind
from gimonitor.model.zone import BEIJING
from gimonitor.parsing import ParsedPage

TOO_FAST = "gimonitor_too_fast"  # how often a request was told that calls came too fast
TRIES = 4  # of a page; the gap doubles with each


class ApiSpider(SourceSpider):
    """An API with pages by number. A subclass says how a page is asked (`call`), how large pages are, and the daily calls.

    Where the platform says that the quota is used up, it is not asked again on that day. Where it says that calls came too
    fast, a page is asked again after a while, a few times; then the slice ends.
    """

    page_size: int = 100
    daily_calls: int = 5000
    is_page = False
    ends_it = SourceSpider.ends_it | {BlockKind.RATE_LIMIT}
    custom_settings: ClassVar[dict[str, Any]] = {  # type: ignore[misc]  # Scrapy's is optional
        "RETRY_HTTP_CODES": [code for code in RETRY_HTTP_CODES if code != 429]
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._key: ApiKey | None = None
        self._budget: Budget | None = None
        self._turns: TurnBook | None = None

    @property
    def key(self) -> ApiKey:
        """The user's key. Only after `check_ready`."""
        assert self._key is not None
        return self._key

    @property
    @abstractmethod
    def endpoint(self) -> str:
        """Where the API is asked."""

    @property
    def named_hosts(self) -> list[str]:
        """What it was started with."""
        return list(self.allowed_domains)

    @abstractmethod
    def call(self, query: str, page: int) -> dict[str, Any]:
        """Hook: `url`, `method`, `headers`, `body` of the request for a page."""

    def pause_of(self, said: str) -> float | None:
        """Hook: the seconds to wait where the platform says that calls came too fast, 0 where it tells no time; else None."""
        return None

    def check_ready(self, contact: str, is_loopback: Callable[[str], bool]) -> None:
        """Also raises ConfigurationError when there is no key."""
        configuration = load_configuration()
        self._key = load_key(configuration.data_dir, self.name)
        self._budget = open_budget(configuration, self.name, self._key, self.daily_calls)
        self._turns = open_turns(configuration)
        self.allowed_domains = [domain_of(self.endpoint)]
        super().check_ready(contact, is_loopback)

    def ask(self, query: str) -> Iterator[Request]:
        """The first page."""
        yield from self._page(query, 1)

    def _page(self, query: str, page: int, again: bool = False, too_fast: int = 0) -> Iterator[Request]:
        assert self._budget is not None
        if not self._budget.spend(datetime.now(BEIJING).date()):
            self.ledger[query].cut_off = True
            self.ledger[query].over_budget += 1
            self.ledger[query].note(f"page {page} skipped: the key's calls of this day are used up")
            self._stat("over_budget")
            return
        call = self.call(query, page)
        meta = {"dont_obey_robotstxt": True, "dont_redirect": True, TOO_FAST: too_fast}
        yield self.request_page(call.pop("url"), query, page, again=again, meta=meta, **call)

    def _blocked(self, response: Response, trip: Trip, count: Count, error: BlockedError) -> Iterator[Request]:
        """A pace that was too fast is mended and the page asked again; a quota that is used up ends the day of the key."""
        if error.kind == BlockKind.RATE_LIMIT:
            pause, told = self.pause_of(error.detail), response.meta.get(TOO_FAST, 0) + 1
            if pause is None:
                assert self._budget is not None
                self._budget.end(datetime.now(BEIJING).date())
            elif pause <= MAX_PAUSE and told < TRIES:
                self._slow_down(response, pause, error.detail)
                yield from self._page(trip.query, trip.page, again=True, too_fast=told)
                return
        yield from super()._blocked(response, trip, count, error)

    def _slow_down(self, response: Response, pause: float, said: str) -> None:
        assert self._turns is not None
        host, now = domain_of(response.url), datetime.now(UTC)
        gap = slow_down(self._turns, host, now)
        self._turns.pause(site_of(host), pause, now)
        self._stat("too_fast")
        self.logger.info(
            "%s says that calls came too fast, asked again in %.1f s: %s", host, max(gap, pause), said[:250]
        )

    def _follow(self, parsed: ParsedPage, trip: Trip, count: Count) -> Iterator[Request]:
        if parsed.announced or (parsed.announced == 0 and trip.page == 1):  # behind the end some APIs announce nothing
            count.announced = parsed.announced
        asked_for = trip.page * self.page_size
        more = len(parsed.listings) + parsed.repeated >= self.page_size and (
            count.announced is None or asked_for < count.announced
        )
        if more and trip.page < self.max_pages:
            yield from self._page(trip.query, trip.page + 1)
        elif more or (count.announced is not None and count.seen + count.repeated < count.announced):
            count.cut_off = True


class SignedApiSpider(ApiSpider):
    """An API of the family in `apis.yml`; the spider's name is the API's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.api = load_apis()[self.name]
        self.platform = self.api.platform
        self.page_size, self.max_pages = self.api.page_size, self.api.max_pages
        self.daily_calls = self.api.daily_calls

    @property
    def endpoint(self) -> str:
        """The platform's address, or the one in the key file."""
        base = (self.key.endpoint or self.api.endpoint).rstrip("/")
        return f"{base}/{self.api.path_for(self.key)}".rstrip("/")

    def check_ready(self, contact: str, is_loopback: Callable[[str], bool]) -> None:
        """Also raises ConfigurationError when the key file lacks what this API needs."""
        super().check_ready(contact, is_loopback)
        self.api.check_key(self.name, self.key)

    def pause_of(self, said: str) -> float | None:
        """By the words in the data file."""
        return self.api.pause_of(said)

    def read(self, response: Response) -> ParsedPage:
        """As its parser reads it; where a token no longer holds, it is said what to do, since renewing needs a person."""
        try:
            return super().read(response)
        except BlockedError as error:
            if not self.api.token or error.kind != BlockKind.LOGIN.value:
                raise
            advice = (
                "the access token has expired or was withdrawn: renew it on the platform, then: gimonitor secrets edit"
            )
            said = f"{error.detail} ({advice})" if error.detail else advice
            raise BlockedError(error.kind, error.url, said) from error

    def call(self, query: str, page: int) -> dict[str, Any]:
        """A signed form; the secret itself is never sent, and the sealed copy of the form hides the token."""
        parameters = signed_parameters(self.api, self.key, query, page, datetime.now(UTC))
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
        return {"url": self.endpoint, "method": "POST", "headers": headers, "body": urlencode(parameters)}
