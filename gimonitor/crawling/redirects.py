"""Redirects that are not followed say so: to another scheme, to a private address, to another site, or one too many."""

from __future__ import annotations

from urllib.parse import urlsplit

from scrapy.downloadermiddlewares.offsite import OffsiteMiddleware
from scrapy.downloadermiddlewares.redirect import BaseRedirectMiddleware, MetaRefreshMiddleware, RedirectMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import HtmlResponse, Request, Response
from scrapy.utils.httpobj import urlparse_cached
from scrapy.utils.response import get_meta_refresh

from gimonitor.crawling.egress import ForbiddenAddressError, Gate
from gimonitor.crawling.hosts import PRIVATE

_OUT_OF_THE_WEB = frozenset({"file", "ftp", "data", "javascript"})
_STATUS = frozenset({301, 302, 303, 307, 308})


class RefusedRedirectError(IgnoreRequest):
    """A redirect that is not followed; its text says why, for the record."""


def refused_private(url: str) -> str:
    """The words for a redirect into a private network."""
    return f"redirect to a {PRIVATE}: {url}"


class _ToldRedirects(BaseRedirectMiddleware):
    """Refuses with words what Scrapy drops without any."""

    def _redirect(self, redirected: Request, request: Request, reason: object) -> Request:
        if request.meta.get("redirect_times", 0) >= self.max_redirect_times:
            raise RefusedRedirectError(f"more than {self.max_redirect_times} redirects: {request.url[:300]}")
        if not (request.dont_filter or request.meta.get("allow_offsite") or self._is_on_site(redirected)):
            host = urlparse_cached(redirected).hostname or ""
            words = refused_private if is_private(host) else "redirect to another site refused: {}".format
            raise RefusedRedirectError(words(redirected.url[:300]))
        return super()._redirect(redirected, request, reason)

    def _is_on_site(self, request: Request) -> bool:
        offsite = self.crawler.get_downloader_middleware(OffsiteMiddleware)
        assert self.crawler.spider is not None
        return offsite is None or offsite.should_follow(request, self.crawler.spider)


class ToldRedirectMiddleware(_ToldRedirects, RedirectMiddleware):
    """Redirects by status."""

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]  # the spider is not asked for
        """As Scrapy's; a redirect out of the web (`file:`, `data:`, `javascript:`) raises RefusedRedirectError."""
        if response.status in _STATUS and not request.meta.get("dont_redirect"):
            scheme = _scheme((response.headers.get("Location") or b"").decode("latin-1"))
            if scheme not in ("", "http", "https"):
                raise RefusedRedirectError(f"redirect to {scheme}: refused")
        followed: Request | Response = super().process_response(request, response)
        return followed


class ToldRefreshMiddleware(_ToldRedirects, MetaRefreshMiddleware):
    """Redirects by `<meta http-equiv=refresh>`."""

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]  # the spider is not asked for
        """As Scrapy's; one out of the web (`file:`, `data:`) raises RefusedRedirectError."""
        answer: Request | Response = super().process_response(request, response)
        if answer is response and isinstance(response, HtmlResponse) and not request.meta.get("dont_redirect"):
            _, target = get_meta_refresh(response, ignore_tags=self._ignore_tags)
            scheme = _scheme(target or "")
            if scheme in _OUT_OF_THE_WEB:
                raise RefusedRedirectError(f"refresh to {scheme}: refused")
        return answer


def is_private(host: str) -> bool:
    """True for a host that is an address inside somebody's own network, in whatever notation, or a name that can be nothing else;
    no name is resolved."""
    try:
        Gate().check_literal(host)
    except ForbiddenAddressError:
        return True
    return False


def _scheme(address: str) -> str:
    try:
        return urlsplit(address.strip()).scheme[:20]
    except ValueError:
        return ""
