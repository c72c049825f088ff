"""Two small ASGI middlewares: response headers that keep page content from executing, and refusal of cross-site requests."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SEALED_POLICY = "sandbox; default-src 'none'"
"""For evidence files: nothing in them may run or load anything, even where a browser shows them."""

HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class SecurityHeaders:
    """Adds the headers; a response that set its own policy keeps it. Pages are never cached, static files are."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("content-security-policy", POLICY)
                is_static = scope["path"].startswith("/static/")
                headers.setdefault("cache-control", "max-age=3600" if is_static else "no-store")
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_guarded)


class SameOriginOnly:
    """Refuses (403) a request that changes something unless the browser says that it comes from our own pages.

    `Sec-Fetch-Site` decides where it is sent, else `Origin` must equal our own; a request with neither is refused
    unless it carries a bearer token, which no browser sends by itself.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in _SAFE_METHODS:
            headers = Headers(scope=scope)
            if not _is_ours(headers, scope["scheme"]):
                await PlainTextResponse("跨站请求被拒绝", status_code=403)(scope, receive, send)
                return
        await self.app(scope, receive, send)


def _is_ours(headers: Headers, scheme: str) -> bool:
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = headers.get("origin")
    if origin is not None:
        parts = urlsplit(origin)
        return (parts.scheme, parts.netloc) == (scheme, headers.get("host", ""))
    return headers.get("authorization", "").startswith("Bearer ")


def loopback_hosts(host: str) -> Iterable[str]:
    """Names under which the application answers; others are refused (DNS rebinding)."""
    return sorted({"localhost", "127.0.0.1", "[::1]", host})
