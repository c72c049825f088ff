"""One page, visited, photographed and written down by Chromium: the asynchronous half of a capture."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, Page, Response
from playwright.async_api import Error as PlaywrightError

from gimonitor.errors import EvidenceError
from gimonitor.evidence import environment
from gimonitor.evidence.blank import share_of_one_colour
from gimonitor.evidence.browser import Browser, bounded
from gimonitor.evidence.files import put_json
from gimonitor.evidence.responses import Limits, Responses
from gimonitor.evidence.seal import WarcSeal

BLANK_SHARE = 0.998  # of all dots in one colour, together with no text: the page showed nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureRequest:
    """What to capture and the circumstances that only the caller knows.

    `access` is the path by which the page was reached (`搜索 五常大米 → 第 3 位 → 商品页`), `purpose` why now
    (`flag`, `demand`, `before_sending`), `crops` texts whose places are cut out of the page, `storage_state` a saved
    login of an officer's own account (Playwright's JSON), never somebody else's.
    """

    url: str
    purpose: str = "demand"
    who: str = ""
    machine: str = ""
    user_agent: str = ""
    access: tuple[str, ...] = ()
    crops: tuple[str, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()
    storage_state: Path | None = None
    viewport: tuple[int, int] = (1366, 900)
    limits: Limits = field(default_factory=Limits)


@dataclass(slots=True)
class Shown:
    """What came out of the browser, before it is listed."""

    status: int = 0
    final_url: str = ""
    title: str = ""
    ip: str = ""
    blank: bool = False
    missing_glyphs: str = ""
    record: dict[str, object] = field(default_factory=dict)
    gaps: list[str] = field(default_factory=list)


async def shoot(browser: Browser, request: CaptureRequest, part: Path, at: datetime, reserve: int) -> Shown:
    chromium = await browser.acquire()
    try:
        context = await bounded(
            chromium.new_context(
                locale="zh-CN",
                timezone_id="Asia/Shanghai",
                viewport={"width": request.viewport[0], "height": request.viewport[1]},
                user_agent=request.user_agent or None,
                storage_state=request.storage_state,
                service_workers="block",
                accept_downloads=False,
            ),
            request.limits.step,
            "opening a browser profile",
        )
        try:
            return await _visit(context, request, part, at, reserve, chromium.version, browser.missing_glyphs)
        finally:
            await _close(context, request.limits.step)
    finally:
        browser.release()


async def _close(context: BrowserContext, seconds: float) -> None:
    try:
        await bounded(context.close(), seconds, "closing the browser profile")
    except EvidenceError:
        return  # a hung page; the next capture gets its own profile


async def _visit(
    context: BrowserContext,
    request: CaptureRequest,
    part: Path,
    at: datetime,
    reserve: int,
    version: str,
    missing_glyphs: str,
) -> Shown:
    limits = request.limits
    shown = Shown(missing_glyphs=missing_glyphs)
    cookies = len(await bounded(context.cookies(), limits.step, "reading cookies"))
    page = await bounded(context.new_page(), limits.step, "opening a page")
    context.on("page", lambda other: asyncio.ensure_future(other.close()) if other is not page else None)
    with WarcSeal(part, "archive", reserve=reserve) as seal:
        responses = Responses(seal, limits)
        await bounded(responses.attach(page), limits.step, "listening to responses")
        answer = await bounded(
            page.goto(request.url, wait_until="load", timeout=limits.load * 1000),
            limits.load + 5,
            f"loading {request.url}",
        )
        if answer is None:
            raise EvidenceError(f"{request.url}: the browser got no answer")
        await _settle(page, limits, shown)
        await _photograph(page, request, part, shown)
        document = await _documents(page, part, limits, shown)
        await bounded(responses.finish(), limits.body * 4, "sealing the responses")
        seal.write_resource(f"urn:rendered:{page.url}", "text/html; charset=utf-8", document)
    shown.status, shown.final_url = answer.status, page.url
    shown.title = await bounded(page.title(), limits.step, "reading the title")
    shown.gaps += responses.gaps
    put_json(part / "responses.json", responses.index)
    shown.record = await _record(request, answer, responses, cookies, version, shown, at)
    return shown


async def _settle(page: Page, limits: Limits, shown: Shown) -> None:
    """Scroll once through the page, so that pictures loaded on sight are loaded, and wait for the network to calm."""
    script = """async ([limit, deadline]) => {
      const end = performance.now() + deadline; const step = window.innerHeight;
      for (let y = 0; y < Math.min(document.documentElement.scrollHeight, limit); y += step) {
        if (performance.now() > end) return false;
        window.scrollTo(0, y); await new Promise(done => setTimeout(done, 20)); }
      window.scrollTo(0, 0); await document.fonts.ready; return true; }"""
    if not await bounded(
        page.evaluate(script, [limits.height, limits.settle * 1000]), limits.step, "scrolling through the page"
    ):
        shown.gaps.append("the page was not scrolled to its end within the time allowed")
    try:
        await page.wait_for_load_state("networkidle", timeout=limits.settle * 1000)
    except PlaywrightError:
        shown.gaps.append(f"the page was still loading {limits.settle:g} s after it was shown")


async def _photograph(page: Page, request: CaptureRequest, part: Path, shown: Shown) -> None:
    limits = request.limits
    milliseconds = limits.step * 1000
    await bounded(
        page.screenshot(path=part / "viewport.png", timeout=milliseconds), limits.step + 5, "viewport screenshot"
    )
    size = await bounded(
        page.evaluate("() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight]"),
        limits.step,
        "measuring the page",
    )
    text = await bounded(
        page.evaluate("() => (document.body ? document.body.innerText : '').trim().length"),
        limits.step,
        "reading the page",
    )
    height = min(int(size[1]), limits.height)
    if size[1] > limits.height:
        shown.gaps.append(f"the page is {size[1]} dots high; the full screenshot shows the first {limits.height}")
    clip = {"x": 0.0, "y": 0.0, "width": float(request.viewport[0]), "height": float(max(height, 1))}
    await bounded(
        page.screenshot(path=part / "full.png", full_page=True, clip=clip, timeout=milliseconds),  # type: ignore[arg-type]  # a TypedDict
        limits.step + 5,
        "full-page screenshot",
    )
    shown.blank = text == 0 and share_of_one_colour(part / "full.png") >= BLANK_SHARE
    for number, words in enumerate(request.crops, 1):
        await _crop(page, words, part / f"crop-{number:02}.png", request, shown)


async def _crop(page: Page, words: str, path: Path, request: CaptureRequest, shown: Shown) -> None:
    """Cut the first place where `words` stand out of the page, with a margin around it."""
    script = """words => { const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      for (let node; (node = walker.nextNode());) { const at = node.data.indexOf(words); if (at < 0) continue;
        const range = document.createRange(); range.setStart(node, at); range.setEnd(node, at + words.length);
        const box = range.getBoundingClientRect(); if (!box.width || !box.height) continue;
        return [box.x + scrollX, box.y + scrollY, box.width, box.height]; }
      return null; }"""
    box = await bounded(page.evaluate(script, words), request.limits.step, "finding a place")
    if box is None or box[1] > request.limits.height:
        shown.gaps.append(f"crop {path.name}: the page shows no {words!r} as text")
        return
    left, top = max(0.0, box[0] - 24), max(0.0, box[1] - 24)
    clip = {"x": left, "y": top, "width": box[0] - left + box[2] + 24, "height": box[1] - top + box[3] + 24}
    await bounded(
        page.screenshot(path=path, full_page=True, clip=clip, timeout=request.limits.step * 1000),  # type: ignore[arg-type]  # a TypedDict
        request.limits.step + 5,
        f"screenshot {path.name}",
    )


async def _documents(page: Page, part: Path, limits: Limits, shown: Shown) -> bytes:
    """Save the rendered document and the MHTML; return the former as bytes."""
    document = (await bounded(page.content(), limits.step, "reading the rendered page")).encode("utf-8", "replace")
    (part / "page.html").write_bytes(document)
    try:
        session = await bounded(page.context.new_cdp_session(page), limits.step, "opening a session")
        snapshot = await bounded(session.send("Page.captureSnapshot", {"format": "mhtml"}), limits.step, "saving MHTML")
        (part / "page.mhtml").write_bytes(str(snapshot["data"]).encode("utf-8", "replace"))
    except EvidenceError as error:
        shown.gaps.append(f"page.mhtml: {error}")
    return document


async def _record(
    request: CaptureRequest,
    answer: Response,
    responses: Responses,
    cookies: int,
    version: str,
    shown: Shown,
    at: datetime,
) -> dict[str, object]:
    server = await bounded(answer.server_addr(), request.limits.step, "reading the server's address")
    security = await bounded(answer.security_details(), request.limits.step, "reading the certificate")
    shown.ip = server["ipAddress"] if server else ""
    login = "saved login of the officer" if request.storage_state else "not logged in"
    settings: Mapping[str, object] = {
        **dict(request.settings),
        "limits": asdict(request.limits),
        "viewport": request.viewport,
    }
    host = urlsplit(shown.final_url).hostname or ""
    return {
        "url": request.url,
        "final_url": shown.final_url,
        "redirects": _chain(answer),
        "status": answer.status,
        "purpose": request.purpose,
        "who": request.who,
        "access_path": list(request.access),
        "begun": environment.times(at),
        "ended": environment.times(datetime.now(UTC)),
        "clock_check": "not checked",
        "server": {"ip": shown.ip, "port": server["port"] if server else 0},
        "tls": dict(security) if security else {},
        "software": environment.software(version),
        "machine": environment.machine(request.machine),
        "network": environment.network(host, ""),
        "cleanliness": environment.cleanliness(cookies, login),
        "settings": settings,
        "settings_sha256": environment.config_digest(settings),
        "viewport": list(request.viewport),
        "fonts": {"missing_glyphs": shown.missing_glyphs, "checked": "before the first page of this browser"},
        "blank": shown.blank,
        "responses_sealed": len(responses.index),
        "gaps": shown.gaps,
    }


def _chain(answer: Response) -> list[str]:
    urls: list[str] = []
    request = answer.request.redirected_from
    while request:
        urls.append(request.url)
        request = request.redirected_from
    return urls[::-1]
