"""One page, visited, photographed and written down by Chromium: the asynchronous half of a capture."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Page, Response

from gimonitor.errors import EvidenceError
from gimonitor.evidence import environment
from gimonitor.evidence.browser import Browser, bounded
from gimonitor.evidence.clock import NOT_CHECKED, ClockCheck
from gimonitor.evidence.covering import Covered, cover_buyers, cover_scripts
from gimonitor.evidence.door import Door, place_of
from gimonitor.evidence.files import put_json
from gimonitor.evidence.responses import Limits, Responses
from gimonitor.evidence.seal import WarcSeal
from gimonitor.evidence.window import PARTS_PAUSED, Look, Window, Windows

QUIET = 0.1  # seconds without a new element or a request after which a page is taken to be finished
_SETTLE, _SURVEY, _ELEMENT, _DRAWN = (
    (Path(__file__).parent / "scripts" / f"{name}.js").read_text("utf-8").strip()
    for name in ("settle", "survey", "element", "drawn")
)
_DOWNLOAD = "Download is starting"  # Chromium's words for an answer that is saved, not shown
_MEASURE = f"(asked) => {{\n{_ELEMENT}\nreturn ({_SURVEY})(asked);\n}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureRequest:
    """What to capture and the circumstances that only the caller knows.

    `access` is the path by which the page was reached (found in a search, then opened by its address), `purpose` why now
    (`flag`, `demand`, `before_sending`), `shows` which page of the offer it is (`item`, `shop`, `search`), `crops` texts
    whose places are cut out of the page, `item_id` the offer whose place among a page's links is looked for, `emptied`
    CSS selectors of parts with personal data of buyers, which are emptied before the page is photographed,
    `storage_state` a saved login of an officer's own account (Playwright's JSON), never somebody else's.
    """

    url: str
    purpose: str = "demand"
    shows: str = "item"
    who: str = ""
    machine: str = ""
    user_agent: str = ""
    access: tuple[str, ...] = ()
    crops: tuple[str, ...] = ()
    item_id: str = ""
    emptied: tuple[str, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()
    storage_state: Path | None = None
    viewport: tuple[int, int] = (1366, 900)
    limits: Limits = field(default_factory=Limits)
    clock: ClockCheck = NOT_CHECKED

    @property
    def look(self) -> Look:
        """The window it needs."""
        return Look(
            viewport=self.viewport,
            user_agent=self.user_agent,
            storage_state=self.storage_state,
            step=self.limits.step,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """The element around `words` on the page, with its margin, in dots of the full screenshot: left, top, width, height.
    `file` is its crop."""

    file: str
    words: str
    box: tuple[float, float, float, float]


@dataclass(slots=True)
class Shown:
    """What came out of the browser, before it is listed. `rank` is the offer's place among the offers linked."""

    status: int = 0
    final_url: str = ""
    title: str = ""
    ip: str = ""
    text: str = ""
    rank: int | None = None
    ranked: int = 0
    covered: list[Covered] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    spots: list[Spot] = field(default_factory=list)
    record: dict[str, object] = field(default_factory=dict)
    gaps: list[str] = field(default_factory=list)


async def shoot(
    browser: Browser,
    windows: Windows,
    request: CaptureRequest,
    part: Path,
    at: datetime,
    reserve: int,
    following: Look | None,
    door: Door,
) -> Shown:
    """Visit a page and write down everything it shows into `part`; `following` is the window that will be wanted next.
    `door` refuses addresses, those of redirects and of parts of the page too.

    Raises EvidenceError when it cannot be shown.
    """
    window = await windows.take(request.look)
    try:
        return await _visit(browser, windows, window, request, part, at, reserve, following, door)
    finally:
        windows.dismiss(window)


async def _visit(
    browser: Browser,
    windows: Windows,
    window: Window,
    request: CaptureRequest,
    part: Path,
    at: datetime,
    reserve: int,
    following: Look | None,
    door: Door,
) -> Shown:
    limits, page = request.limits, window.page
    shown = Shown()
    window.context.on("page", lambda other: asyncio.ensure_future(other.close()) if other is not page else None)
    host = urlsplit(request.url).hostname or ""
    resolving = asyncio.create_task(asyncio.to_thread(environment.network, host, browser.proxy))
    with WarcSeal(part, "archive", reserve=reserve) as seal:
        responses = Responses(seal, limits, door)
        responses.attach(window)
        try:
            answer = await _load(window, request, responses, shown)
            if following is not None:
                await windows.announce(following)
            document = await _show_or_end(browser, window, request, responses, part, shown)
            await bounded(responses.finish(), limits.body * 4, "sealing the responses")
        finally:
            await responses.stop()
        if document:
            seal.write_resource(f"urn:rendered:{page.url}", "text/html; charset=utf-8", document)
    shown.status, shown.final_url = answer.status, page.url
    shown.gaps += responses.gaps
    put_json(part / "responses.json", responses.index)
    found = await resolving
    if (final := urlsplit(page.url).hostname or "") != host:
        found = await asyncio.to_thread(environment.network, final, browser.proxy)
    shown.record = await _record(request, answer, responses, window, browser, part, shown, at, door)
    shown.record["network"] = {**found, "server_is_one_of_them": shown.ip in environment.answers(found)}
    shown.record["responses_sealed"] = len(responses.index)
    return shown


async def _load(window: Window, request: CaptureRequest, responses: Responses, shown: Shown) -> Response:
    """Open the page. Where it answers and is not loaded in time, what it shows by then is kept and the gap is said; one whose
    answer never ends is opened again without waiting for its end."""
    page, limits, seconds = window.page, request.limits, request.limits.load
    try:
        answer = await _open(page, request)
    except EvidenceError as error:
        if responses.refused:
            raise EvidenceError(f"{request.url}: {responses.refused[0]}") from error
        if _DOWNLOAD in str(error):
            raise EvidenceError(f"{request.url}: the address gives a file to download, no page to show") from error
        if not responses.is_endless:
            raise
        shown.gaps.append(f"the server did not end its answer within {limits.body:g} s; the page was opened again")
        await bounded(window.session.send("Fetch.enable", PARTS_PAUSED), limits.step, "listening to responses")
        answer = await _open(page, request)
    if answer is None:
        raise EvidenceError(f"{request.url}: the browser got no answer")
    try:
        await bounded(page.wait_for_load_state("load", timeout=seconds * 1000), seconds + 5, "loading")
    except EvidenceError:
        shown.gaps.append(f"the page was still loading {seconds:g} s after it was shown")
    return answer


async def _open(page: Page, request: CaptureRequest) -> Response | None:
    seconds = request.limits.load
    opening = page.goto(request.url, wait_until="commit", timeout=seconds * 1000)
    return await bounded(opening, seconds + 5, f"loading {request.url}")


async def _show_or_end(
    browser: Browser, window: Window, request: CaptureRequest, responses: Responses, part: Path, shown: Shown
) -> bytes:
    """The rendered document, once the page is shown and photographed. A page that does not answer, as one whose script runs
    for ever, has its scripts ended and is tried once more; where that does not help either, only what the server answered
    is kept, and b"" is returned. Raises EvidenceError where the browser itself is gone."""
    try:
        return await _show(window, request, responses, part, shown)
    except EvidenceError as error:
        if not browser.owns(window.context):
            raise
        shown.gaps.append(f"scripts ended: {error}")
    with suppress(EvidenceError):  # then the second try says what is the matter
        await bounded(window.session.send("Runtime.terminateExecution"), request.limits.step, "ending scripts")
    try:
        return await _show(window, request, responses, part, shown)
    except EvidenceError as error:
        if not browser.owns(window.context):
            raise
        shown.gaps.append(f"only answers kept: {error}")
        return b""


async def _show(window: Window, request: CaptureRequest, responses: Responses, part: Path, shown: Shown) -> bytes:
    """Wait for the page, and write down what it shows; returns the rendered document. Raises EvidenceError."""
    shown.spots.clear()
    await _settle(window.page, responses, request.limits, shown)
    await _draw(window.page, responses, request.limits, shown)
    height, document = await _survey(window.page, request, shown)
    saving = asyncio.create_task(_save_mhtml(window, part, request.limits, shown))
    try:
        await _photograph(window, request, height, part)
    finally:
        await saving  # it writes into the folder
    (part / "page.html").write_bytes(document)
    return document


async def _settle(page: Page, responses: Responses, limits: Limits, shown: Shown) -> None:
    """Scroll once through a page longer than the window, so that pictures loaded on sight are loaded, and wait until
    nothing is under way and no element was added for a moment."""
    loop = asyncio.get_running_loop()
    end = loop.time() + limits.settle
    asked = [limits.height, limits.settle * 1000, QUIET * 1000]
    quiet = await bounded(page.evaluate(_SETTLE, asked), limits.step, "scrolling through the page")
    if not quiet:
        shown.gaps.append("the page was not scrolled to its end within the time allowed")
    while not (quiet and responses.is_calm):
        if loop.time() >= end or not await responses.calm(end - loop.time()):
            shown.gaps.append(f"the page was still loading {limits.settle:g} s after it was shown")
            return
        left = [0, (end - loop.time()) * 1000, QUIET * 1000]
        quiet = await bounded(page.evaluate(_SETTLE, left), limits.step, "waiting for the page")


async def _draw(page: Page, responses: Responses, limits: Limits, shown: Shown) -> None:
    """Give a page that shows nothing yet the time to be drawn by its script before it is looked at as empty."""
    asked = page.evaluate(_DRAWN, limits.settle * 1000)
    took = await bounded(asked, limits.settle + limits.step, "waiting for the page to be drawn")
    if took < 0:
        shown.gaps.append(f"the page showed nothing for {limits.settle:g} s after it was loaded")
    elif took:
        await _settle(page, responses, limits, shown)


async def _survey(page: Page, request: CaptureRequest, shown: Shown) -> tuple[int, bytes]:
    """Empty what must not be kept, and measure the page and the places asked for. Returns the height that is
    photographed, and the rendered document."""
    seconds = request.limits.step
    covered, gaps, pictures = await cover_buyers(page, request.emptied, request.crops, seconds)
    shown.covered += covered  # tried a second time, a page has been covered before
    shown.pictures += pictures
    shown.gaps += gaps
    asked = [list(request.crops), request.item_id]
    seen: dict[str, Any] = await bounded(page.evaluate(_MEASURE, asked), seconds, "measuring the page")
    shown.title, shown.text = str(seen["title"]), str(seen["text"])
    shown.rank, shown.ranked = seen["rank"], int(seen["ranked"])
    wanted = [*request.crops, *([request.item_id] if request.item_id else [])]
    for number, (words, box) in enumerate(zip(wanted, seen["boxes"], strict=True), 1):
        name = f"crop-{number:02}.png"
        if box is None or box[1] >= request.limits.height:
            shown.gaps.append(f"crop {name}: the page shows no {words!r} as text")
        else:
            shown.spots.append(Spot(file=name, words=words, box=(box[0], box[1], box[2], box[3])))
    if seen["height"] > request.limits.height:
        shown.gaps.append(
            f"the page is {seen['height']} dots high; the full screenshot shows the first {request.limits.height}"
        )
    document, covered = cover_scripts(str(seen["html"]))
    shown.covered += covered
    return min(int(seen["height"]), request.limits.height), document.encode("utf-8", "replace")


async def _photograph(window: Window, request: CaptureRequest, height: int, part: Path) -> None:
    """The window as it opens, and the whole page; one picture where the page is no longer than the window."""
    first = await _picture(window, None, request.limits.step, "viewport screenshot")
    whole = first
    if height > request.viewport[1]:
        clip = {"x": 0, "y": 0, "width": request.viewport[0], "height": height, "scale": 1}
        whole = await _picture(window, clip, request.limits.step, "full-page screenshot")
    (part / "viewport.png").write_bytes(first)
    (part / "full.png").write_bytes(whole)


async def _picture(window: Window, clip: Mapping[str, float] | None, seconds: float, what: str) -> bytes:
    asked: dict[str, Any] = {"format": "png", "optimizeForSpeed": True}  # the same dots, packed a third larger
    if clip:
        asked |= {"clip": clip, "captureBeyondViewport": True}
    answer = await bounded(window.session.send("Page.captureScreenshot", asked), seconds, what)
    return base64.b64decode(answer["data"])


async def _save_mhtml(window: Window, part: Path, limits: Limits, shown: Shown) -> None:
    try:
        asked = window.session.send("Page.captureSnapshot", {"format": "mhtml"})
        snapshot = await bounded(asked, limits.step, "saving MHTML")
        (part / "page.mhtml").write_bytes(str(snapshot["data"]).encode("utf-8", "replace"))
    except EvidenceError as error:
        shown.gaps.append(f"page.mhtml: {error}")


async def _record(
    request: CaptureRequest,
    answer: Response,
    responses: Responses,
    window: Window,
    browser: Browser,
    part: Path,
    shown: Shown,
    at: datetime,
    door: Door,
) -> dict[str, object]:
    document = responses.documents.get(answer.url.split("#")[0], {})
    shown.ip = str(document.get("remoteIPAddress", "")).strip("[]")
    login = "saved login of the officer" if request.storage_state else "not logged in"
    settings: Mapping[str, object] = {
        **dict(request.settings),
        "limits": asdict(request.limits),
        "quiet": QUIET,
        "viewport": request.viewport,
        "browser_arguments": browser.arguments,
        "emptied": request.emptied,
    }
    return {
        "url": request.url,
        "final_url": shown.final_url,
        "redirects": _redirects(answer),
        "status": answer.status,
        "purpose": request.purpose,
        "shows": request.shows,
        "who": request.who,
        "access_path": list(request.access),
        "begun": environment.times(at),
        "ended": environment.times(datetime.now(UTC)),
        "clock_check": asdict(request.clock),
        "server": {"ip": shown.ip, "port": place_of(answer.url)[1], "pinned": bool(door.url)},
        "tls": await _tls(document, window, part, request.limits.step),
        "software": environment.software(window.chromium),
        "machine": environment.machine(request.machine),
        "cleanliness": environment.cleanliness(window.cookies, login),
        "settings": settings,
        "settings_sha256": environment.config_digest(settings),
        "viewport": list(request.viewport),
        "fonts": {"missing_glyphs": browser.missing_glyphs, "checked": "before the first page of this browser"},
        "buyers": {
            "covered": [asdict(each) for each in shown.covered],
            "pictures": shown.pictures,
            "selectors": list(request.emptied),
        },
        "gaps": shown.gaps,
    }


async def _tls(document: Mapping[str, Any], window: Window, part: Path, seconds: float) -> dict[str, object]:
    """Protocol and every certificate of the connection the page came over; the chain goes into `certificates.pem`."""
    details = document.get("securityDetails")
    if not details:
        return {}
    parts = urlsplit(document["url"])
    asked = window.session.send("Network.getCertificate", {"origin": f"{parts.scheme}://{parts.netloc}"})
    chain = (await bounded(asked, seconds, "reading the certificates"))["tableNames"]
    pem, listed = environment.certificates([base64.b64decode(each) for each in chain])
    (part / "certificates.pem").write_bytes(pem)
    told = {name: details[name] for name in ("protocol", "cipher", "keyExchangeGroup") if name in details}
    return {**told, "chain": listed}


def _redirects(answer: Response) -> list[str]:
    urls: list[str] = []
    request = answer.request.redirected_from
    while request:
        urls.append(request.url)
        request = request.redirected_from
    return urls[::-1]
