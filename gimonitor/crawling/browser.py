"""Chromium for pages that are empty without JavaScript: how it is started, what it may load."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any

from scrapy.http import Request

from gimonitor.parsing.classify import SHELL_CHARACTERS

if TYPE_CHECKING:
    from playwright.async_api import Page

_CONTEXT = {"service_workers": "block", "accept_downloads": False}
SETTLE_SECONDS = 10.0
_SHOWS = """few => document.querySelector("h1, [itemtype*='Product']") !== null || document.links.length > 2
    || [...document.querySelectorAll("script[type='application/ld+json']")].some(data => data.text.includes('"Product'))
    || (document.body?.innerText ?? "").trim().length > few"""
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


def rendered(request: Request) -> Request:
    """The request, to be answered with the document that Chromium makes of the page."""
    from scrapy_playwright.page import PageMethod  # type: ignore[import-untyped]  # no stubs

    own = {
        "playwright": True,
        "playwright_page_methods": [PageMethod(settle)],
        "playwright_context_kwargs": dict(_CONTEXT),
    }
    return request.replace(meta={**request.meta, **own})


async def settle(page: Page) -> None:
    """Wait until scripts have made something of a page, whatever its mark-up is: the network is quiet, and something can be read.

    A page that makes nothing in SETTLE_SECONDS is taken as it is: what it is worth is for its reader to say.
    """
    from playwright.async_api import TimeoutError as PlaywrightTimeoutError

    end = monotonic() + SETTLE_SECONDS
    with suppress(PlaywrightTimeoutError):
        await page.wait_for_load_state("networkidle", timeout=SETTLE_SECONDS * 500)
    while monotonic() < end and not await page.evaluate(_SHOWS, SHELL_CHARACTERS):
        await asyncio.sleep(0.2)
