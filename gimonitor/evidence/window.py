"""A window of Chromium with a profile of its own, opened ahead of its use so that nobody waits for it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import BrowserContext, CDPSession, Page

from gimonitor.errors import EvidenceError
from gimonitor.evidence.browser import Browser, bounded
from gimonitor.model.zone import BEIJING

_ASKED = {"urlPattern": "http*", "requestStage": "Request"}
_PARTS = ("Stylesheet", "Image", "Font", "Script", "XHR", "Fetch", "Other")
PAUSED: dict[str, Any] = {"patterns": [_ASKED, {"urlPattern": "*", "requestStage": "Response"}]}
"""What the browser holds until it was looked at, as CDP's Fetch.enable takes it."""
PARTS_PAUSED: dict[str, Any] = {
    "patterns": [_ASKED, *({"urlPattern": "*", "resourceType": part, "requestStage": "Response"} for part in _PARTS)]
}
"""The same without the answers that are pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a window presents itself. `storage_state` is a saved login; `step` bounds each wait, in seconds."""

    viewport: tuple[int, int] = (1366, 900)
    user_agent: str = ""
    storage_state: Path | None = None
    step: float = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """An empty page in a new profile, whose responses wait for whoever listens. `cookies` were there from the start."""

    context: BrowserContext
    page: Page
    session: CDPSession
    cookies: int
    chromium: str


class Windows:
    """Windows of one browser, all behind `proxy` where one is given. At most one stands ready for a next visit that was
    announced."""

    def __init__(self, browser: Browser, proxy: str = "") -> None:
        self._browser = browser
        self._proxy = proxy
        self._ready: tuple[Look, asyncio.Task[Window]] | None = None
        self._closing: set[asyncio.Task[None]] = set()

    async def announce(self, look: Look) -> None:
        """Begin to open a window of this look; done before it is asked for, with luck."""
        if self._ready is None and not self._browser.is_worn:
            self._ready = look, asyncio.create_task(self._open(look))

    async def take(self, look: Look) -> Window:
        """A window of this look, for one visit. Raises EvidenceError when the browser cannot give one."""
        ready, self._ready = self._ready, None
        if ready is not None:
            with suppress(EvidenceError):  # the browser died since: a new one opens a new window
                window = await ready[1]
                if ready[0] == look and self._browser.owns(window.context):
                    return window
                self.dismiss(window)
        return await self._open(look)

    def dismiss(self, window: Window) -> None:
        """Close a window without waiting for it."""
        task = asyncio.create_task(self._close(window))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """Close the window that was announced and never used, and wait for those being closed."""
        ready, self._ready = self._ready, None
        if ready is not None:
            with suppress(EvidenceError):
                self.dismiss(await ready[1])
        if self._closing:
            await asyncio.wait(self._closing, timeout=10)

    async def _open(self, look: Look) -> Window:
        chromium = await self._browser.acquire()
        try:
            context = await bounded(
                chromium.new_context(
                    locale="zh-CN",
                    timezone_id=BEIJING.key,
                    viewport={"width": look.viewport[0], "height": look.viewport[1]},
                    user_agent=look.user_agent or None,
                    storage_state=look.storage_state,
                    service_workers="block",
                    accept_downloads=False,
                    proxy={"server": self._proxy} if self._proxy else None,
                ),
                look.step,
                "opening a browser profile",
            )
            cookies = len(await bounded(context.cookies(), look.step, "reading cookies"))
            page = await bounded(context.new_page(), look.step, "opening a page")
            session = await bounded(context.new_cdp_session(page), look.step, "opening a session")
            asked = (
                session.send("Network.enable"),
                session.send("Fetch.enable", PAUSED),
            )
            await bounded(asyncio.gather(*asked), look.step, "listening to responses")
        except BaseException:
            self._browser.release()
            raise
        return Window(context=context, page=page, session=session, cookies=cookies, chromium=chromium.version)

    async def _close(self, window: Window) -> None:
        try:
            await bounded(window.context.close(), 15, "closing the browser profile")
        except EvidenceError:
            return  # a hung page; the next visit gets its own profile
        finally:
            self._browser.release()
