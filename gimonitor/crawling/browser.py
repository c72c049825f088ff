"""Chromium for pages that are empty without JavaScript: how it is started, what it may load."""

from __future__ import annotations

import os
from typing import Any

from scrapy.http import Request

_CONTEXT = {"service_workers": "block", "accept_downloads": False}
_UNWANTED = frozenset({"image", "media", "font"})


def launch_options() -> dict[str, Any]:
    """Playwright launch options. The sandbox is switched off for root only, where Chromium has none; what is not sent through
    the proxy (WebRTC over UDP) is not sent."""
    arguments = ["--disable-background-networking", "--disable-component-update", "--no-first-run", "--disable-sync"]
    arguments.append("--force-webrtc-ip-handling-policy=disable_non_proxied_udp")
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    return {"args": arguments, "timeout": 30_000}


def abort_request(request: Any) -> bool:
    """True for what a rendering does not need: images, fonts, media, and everything that is not http(s)."""
    return request.resource_type in _UNWANTED or not request.url.startswith(("http://", "https://"))


def rendered(request: Request, wait_for: str = "h1") -> Request:
    """The request, to be answered with the document that Chromium makes of the page."""
    from scrapy_playwright.page import PageMethod  # type: ignore[import-untyped]  # no stubs

    methods = [PageMethod("wait_for_selector", wait_for, timeout=10_000, state="attached")]
    own = {"playwright": True, "playwright_page_methods": methods, "playwright_context_kwargs": dict(_CONTEXT)}
    return request.replace(meta={**request.meta, **own})
