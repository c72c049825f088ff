"""The responses of one page, sealed byte for byte as Chromium receives them, with their index and the gaps.

Playwright's `response.body()` gives text re-encoded as UTF-8; the bytes of a GBK page are only to be had by pausing
each response in the browser (CDP domain Fetch). What the pause does not see, such as frames of another site, is taken
from Playwright and marked `raw: false` in the index.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import CDPSession, Response
from playwright.async_api import Error as PlaywrightError

from gimonitor.evidence.door import Door
from gimonitor.evidence.seal import WarcSeal
from gimonitor.evidence.window import Window

_SECRET = frozenset({"cookie", "authorization", "proxy-authorization"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of one capture: seconds per step, pixels of a screenshot, bytes of one response and of all."""

    load: float = 30.0
    settle: float = 5.0
    step: float = 15.0
    body: float = 10.0
    height: int = 16_000
    response_bytes: int = 32 << 20
    total_bytes: int = 200 << 20
    responses: int = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Exchange:
    url: str
    status: int
    kind: str
    method: str
    asked: tuple[tuple[str, str], ...]
    posted: bytes
    answered: tuple[tuple[str, str], ...]
    body: bytes
    raw: bool = True


def _of(event: dict[str, Any]) -> dict[str, Any]:
    return {"requestId": event["requestId"]}


class Responses:
    """Seals every response of a page as it comes, and says which could not be sealed."""

    def __init__(self, seal: WarcSeal, limits: Limits, door: Door) -> None:
        self._seal = seal
        self._limits = limits
        self._door = door
        self._stopped = False
        self._doors: dict[str, asyncio.Task[str]] = {}  # by host and port: why it must not be asked, "" where it may
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting: dict[tuple[str, str], _Exchange] = {}  # body here, address of the server not yet known
        self._seen: list[Response] = []
        self._kept: set[str] = set()
        self._given_up: set[str] = set()
        self._bytes = 0
        self._error: BaseException | None = None
        self._under_way: set[str] = set()
        self._calm = asyncio.Event()
        self._calm.set()
        self.documents: dict[
            str, dict[str, Any]
        ] = {}  # address: what the browser says of the answer and its connection
        self.index: list[dict[str, object]] = []
        self.gaps: list[str] = []
        self.refused: list[str] = []
        self.is_endless = False  # the answer that is the page did not end within the time for it

    def attach(self, window: Window) -> None:
        """Begin to listen; to be called before the page is asked for."""
        session = window.session
        session.on("Fetch.requestPaused", lambda event: self._start(self._paused(session, event)))
        session.on("Network.requestWillBeSent", self._sent)
        session.on("Network.loadingFinished", self._ended_loading)
        session.on("Network.loadingFailed", self._ended_loading)
        session.on("Network.responseReceived", self._received)
        window.context.on("response", lambda response: self._seen.append(response))

    @property
    def is_calm(self) -> bool:
        """True while nothing is under way."""
        return self._calm.is_set()

    async def calm(self, seconds: float) -> bool:
        """Wait until nothing is under way, at most `seconds`; False when something still is."""
        try:
            await asyncio.wait_for(self._calm.wait(), seconds)
        except TimeoutError:
            return False
        return True

    async def finish(self) -> None:
        """Wait until every response seen so far is sealed or given up, no longer than allowed. Raises what sealing raised."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=self._limits.body)
            for task in late:
                task.cancel()
            if late:
                self.gaps.append(f"{len(late)} responses were still under way and were not sealed")
        for exchange in list(self._waiting.values()):
            self._keep(exchange, "")
        self._waiting.clear()
        for response in self._seen:
            if response.url not in self._kept | self._given_up and not response.url.startswith(("data:", "blob:")):
                await self._from_playwright(response)
        if self._error:
            raise self._error

    async def stop(self) -> None:
        """Take nothing more; to be called before the seal is closed, whatever has happened."""
        self._stopped = True
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=1)

    def _start(self, work: Any) -> None:
        if self._stopped:
            work.close()
            return
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) and not self._error:
            self._error = error

    async def _paused(self, session: CDPSession, event: dict[str, Any]) -> None:
        if "responseStatusCode" not in event and "responseErrorReason" not in event:
            await self._ask(session, event)
            return
        try:
            await self._take(session, event)
        except TimeoutError:
            self._give_up(event["request"]["url"], "too slow")
            if event["resourceType"] == "Document" and not self.documents:
                self.is_endless = True
                with suppress(PlaywrightError):  # what is being read is never let go: the page is asked for again
                    await session.send("Fetch.failRequest", {**_of(event), "errorReason": "Aborted"})
        except PlaywrightError as error:
            self._give_up(event["request"]["url"], str(error).splitlines()[0] if str(error) else "too slow")
        finally:
            with suppress(PlaywrightError):  # the page was closed, or the response is no longer wanted
                await session.send("Fetch.continueRequest", _of(event))

    async def _ask(self, session: CDPSession, event: dict[str, Any]) -> None:
        """Let a request go out, that of a redirect too, unless the guard refuses its address."""
        url, act = event["request"]["url"], "Fetch.continueRequest"
        asked = _of(event)
        if why := await self._why_not(url):
            act, asked["errorReason"] = "Fetch.failRequest", "BlockedByClient"
            self.refused.append(why)
            self._give_up(url, why)
        with suppress(PlaywrightError):  # the page was closed
            await session.send(act, asked)

    async def _why_not(self, url: str) -> str:
        door = urlsplit(url).netloc
        if door not in self._doors:
            self._doors[door] = asyncio.create_task(asyncio.to_thread(self._door.why_not, url))
        return await self._doors[door]

    async def _take(self, session: CDPSession, event: dict[str, Any]) -> None:
        status, request = event.get("responseStatusCode"), event["request"]
        if status is None:
            return None  # no response came; Chromium reports the failure to the page
        heads = tuple((h["name"], h["value"]) for h in event.get("responseHeaders", ()))
        announced = next((v for n, v in heads if n.lower() == "content-length"), "")
        if len(self.index) >= self._limits.responses:
            return self._give_up(request["url"], "too many responses")
        if event["resourceType"] == "Media":
            return self._give_up(request["url"], "sound and video are not kept")
        if announced.isdigit() and not self._has_room(int(announced)):
            return self._give_up(request["url"], f"{announced} bytes are over the limit")
        body = b""
        if not 300 <= status < 400:
            answer = await asyncio.wait_for(session.send("Fetch.getResponseBody", _of(event)), self._limits.body)
            body = base64.b64decode(answer["body"]) if answer["base64Encoded"] else answer["body"].encode()
        if not self._has_room(len(body)):
            return self._give_up(request["url"], f"{len(body)} bytes are over the limit")
        self._bytes += len(body)
        self._waiting[event.get("networkId", event["requestId"]), request["url"]] = _Exchange(
            url=request["url"],
            status=status,
            kind=event["resourceType"].lower(),
            method=request["method"],
            asked=tuple((n, v) for n, v in request["headers"].items() if n.lower() not in _SECRET),
            posted=request.get("postData", "").encode("utf-8", "replace"),
            answered=heads,
            body=body,
        )
        return None

    def _sent(self, event: dict[str, Any]) -> None:
        if not event["request"]["url"].startswith(("data:", "blob:")):
            self._under_way.add(event["requestId"])
            self._calm.clear()
        if moved := event.get("redirectResponse"):
            self._settle(event["requestId"], moved["url"], moved)

    def _received(self, event: dict[str, Any]) -> None:
        response = event["response"]
        if event["type"] == "Document":
            self.documents[response["url"]] = {**response, "remoteIPAddress": self._address(response)}
        self._settle(event["requestId"], response["url"], response)

    def _ended_loading(self, event: dict[str, Any]) -> None:
        self._under_way.discard(event["requestId"])
        if not self._under_way:
            self._calm.set()

    def _settle(self, network_id: str, url: str, response: dict[str, Any]) -> None:
        if exchange := self._waiting.pop((network_id, url.split("#")[0]), None):
            self._keep(exchange, self._address(response))

    def _address(self, response: Mapping[str, Any]) -> str:
        """Where an answer came from: behind the door's server the browser sees only that."""
        return self._door.address(response["url"]) or str(response.get("remoteIPAddress", ""))

    async def _from_playwright(self, response: Response) -> None:
        try:
            body = await asyncio.wait_for(response.body(), self._limits.body)
            sent = await asyncio.wait_for(response.request.all_headers(), self._limits.body)
            heads = await asyncio.wait_for(response.headers_array(), self._limits.body)
        except (PlaywrightError, TimeoutError) as error:
            return self._give_up(response.url, str(error).splitlines()[0] if str(error) else "too slow")
        if not self._has_room(len(body)):
            return self._give_up(response.url, f"{len(body)} bytes are over the limit")
        self._bytes += len(body)
        exchange = _Exchange(
            url=response.url,
            status=response.status,
            kind=response.request.resource_type,
            method=response.request.method,
            asked=tuple((n, v) for n, v in sent.items() if n.lower() not in _SECRET),
            posted=b"",
            answered=tuple((h["name"], h["value"]) for h in heads),
            body=body,
            raw=False,
        )
        return self._keep(exchange, "")

    def _has_room(self, size: int) -> bool:
        return size <= self._limits.response_bytes and self._bytes + size <= self._limits.total_bytes

    def _give_up(self, url: str, why: str) -> None:
        self._given_up.add(url)
        self.gaps.append(f"not sealed: {url}: {why}")

    def _keep(self, exchange: _Exchange, ip: str) -> None:
        if self._stopped:
            return
        try:
            sealed = self._seal.write(
                exchange.url,
                exchange.status,
                exchange.answered,
                exchange.body,
                method=exchange.method,
                request_headers=exchange.asked,
                request_body=exchange.posted,
                ip=ip.strip("[]"),
            )
        except Exception as error:  # noqa: BLE001  # an event handler has no caller; `finish` raises it
            self._error = self._error or error
            return
        self._kept.add(exchange.url)
        heads = {name.lower(): value for name, value in exchange.answered}
        self.index.append(
            {
                "url": exchange.url,
                "status": exchange.status,
                "type": exchange.kind,
                "content_type": heads.get("content-type", ""),
                "size": len(exchange.body),
                "raw": exchange.raw,
                "sha256": sealed.sha256,
                "file": sealed.file,
                "offset": sealed.offset,
                "length": sealed.length,
                "ip": ip,
            }
        )
