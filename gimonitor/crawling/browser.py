"""Chromium for pages that are empty without JavaScript: where it is, how it is started, what it may load."""

from __future__ import annotations

import os
import shutil
from typing import Any

from scrapy.http import Request

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_CONTEXT = {"service_workers": "block", "accept_downloads": False}
_UNWANTED = frozenset({"image", "media", "font"})


def find_chromium(configured: str = "") -> str:
    """The browser to start: the configured one, else the system's; "" leaves it to Playwright."""
    return configured or next((path for name in _NAMES if (path := shutil.which(name))), "")


def launch_options(configured: str = "") -> dict[str, Any]:
    """Playwright launch options. The sandbox is switched off for root only, where Chromium has none."""
    arguments = ["--disable-background-networking", "--disable-component-update", "--no-first-run", "--disable-sync"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    path = find_chromium(configured)
    return {"args": arguments, "timeout": 30_000, **({"executable_path": path} if path else {})}


def abort_request(request: Any) -> bool:
    """True for what a rendering does not need: images, fonts, media, and everything that is not http(s)."""
    return request.resource_type in _UNWANTED or not request.url.startswith(("http://", "https://"))


def rendered(request: Request, wait_for: str = "h1") -> Request:
    """The request, to be answered with the document that Chromium makes of the page."""
    from scrapy_playwright.page import PageMethod  # type: ignore[import-untyped]  # no stubs

    methods = [PageMethod("wait_for_selector", wait_for, timeout=10_000, state="attached")]
    own = {"playwright": True, "playwright_page_methods": methods, "playwright_context_kwargs": dict(_CONTEXT)}
    return request.replace(meta={**request.meta, **own})
