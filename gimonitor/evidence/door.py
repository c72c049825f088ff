"""The way out of a guarded browser: a SOCKS5 server (RFC 1928) on loopback that connects to a host only at the address at
which it was checked. A name that leads outside when it is looked up, and inside a moment later, leads nowhere."""

from __future__ import annotations

import asyncio
import ipaddress
import math
from collections.abc import Callable
from urllib.parse import urlsplit

from gimonitor.errors import GimonitorError
from gimonitor.evidence.loopback import LoopbackServer, both_ways, connected

Guard = Callable[[str], str]
"""Gives the address at which a URL's host may be asked, or raises a GimonitorError where it must not be."""

_SECONDS = 30
_DONE, _REFUSED = b"\5\0\0\1\0\0\0\0\0\0", b"\5\2\0\1\0\0\0\0\0\0"


class Door:
    """Lets a browser out to what `guard` allows, each host at the one address that it gave; without a guard it stands open
    and no server runs. `open` and `close` belong on the browser's loop, `ask` on any thread.
    """

    def __init__(self, guard: Guard | None = None) -> None:
        self._guard = guard
        self._pins: dict[tuple[str, int], str] = {}
        self._server = LoopbackServer(self._serve)

    @property
    def url(self) -> str:
        """Where the server listens; "" while none runs."""
        return f"socks5://127.0.0.1:{self._server.port}" if self._server.port else ""

    def ask(self, url: str) -> None:
        """Check a URL, and remember its host's address. Raises what the guard raises."""
        if self._guard:
            self._pins[place_of(url)] = self._guard(url)

    def why_not(self, url: str) -> str:
        """Why a URL must not be asked; "" where it may."""
        try:
            self.ask(url)
        except GimonitorError as error:
            return str(error)
        return ""

    def address(self, url: str) -> str:
        """The address at which a URL's host is asked; "" where the browser itself looks it up."""
        return self._pins.get(place_of(url), "")

    async def open(self) -> None:
        """Start the server, where there is a guard."""
        if self._guard:
            await self._server.start()

    async def close(self) -> None:
        """Stop the server, and end what goes through it."""
        await self._server.stop()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_SECONDS) as limit:
                host, port = await _asked(reader, writer)
                address = self._pins.get((host, port))
                if not address:
                    writer.write(_REFUSED)
                    return
                async with connected(address, port) as far:
                    writer.write(_DONE)
                    await writer.drain()
                    limit.reschedule(None)
                    await both_ways((reader, writer), far, math.inf)
        except (OSError, ValueError, TimeoutError, asyncio.IncompleteReadError):
            return  # the browser says what it did not get


def place_of(url: str) -> tuple[str, int]:
    """Host and port of a URL."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme in ("https", "wss") else 80)
    return (parts.hostname or "").lower(), port


async def _asked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[str, int]:
    """The host and port that the browser wants. Raises ValueError for anything but a connection asked for."""
    _, methods = await reader.readexactly(2)
    await reader.readexactly(methods)
    writer.write(b"\5\0")
    _, command, _, kind = await reader.readexactly(4)
    if command != 1 or kind not in (1, 3, 4):
        raise ValueError("no connection was asked for")
    if kind == 3:
        host = (await reader.readexactly((await reader.readexactly(1))[0])).decode("ascii").lower()
    else:
        host = str(ipaddress.ip_address(await reader.readexactly(4 if kind == 1 else 16)))
    return host.strip("[]"), int.from_bytes(await reader.readexactly(2))
