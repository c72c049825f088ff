"""A server on a free port of this machine, for a browser's ways out: what it serves ends when it is stopped."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
AHEAD = 64 << 10  # bytes read ahead of a connection


class LoopbackServer:
    """Gives each connection to `serve`, which bounds its own time and does not raise. All on the loop that starts it."""

    def __init__(self, serve: Serve) -> None:
        self._serve = serve
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        """Where it listens; 0 while it does not."""
        return int(self._server.sockets[0].getsockname()[1]) if self._server else 0

    async def start(self) -> None:
        """Listen on a free port."""
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0, limit=AHEAD)

    async def stop(self) -> None:
        """Stop listening, and end what is under way."""
        if self._server is not None:
            self._server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        try:
            await self._serve(reader, writer)
        except asyncio.CancelledError:
            return  # it is stopped; a task that ends as cancelled makes asyncio print a trace
        finally:
            self._serving.discard(task)
            await close(writer)


@asynccontextmanager
async def connected(address: str, port: int) -> AsyncIterator[Ends]:
    """A connection to where a browser wants to go, closed whatever comes. Raises OSError."""
    reader, writer = await asyncio.open_connection(address, port, limit=AHEAD)
    try:
        yield reader, writer
    finally:
        await close(writer)


async def both_ways(near: Ends, far: Ends, most: float) -> None:
    """Pass bytes on between two connections until one ends, or more than `most` bytes went one way."""
    ways = [
        asyncio.ensure_future(pass_on(near[0], far[1], most)),
        asyncio.ensure_future(pass_on(far[0], near[1], most)),
    ]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)


async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, most: float) -> None:
    """Pass bytes on until the end, or until there were more than `most`."""
    passed = 0
    while passed <= most and (piece := await reader.read(AHEAD)):
        passed += len(piece)
        writer.write(piece)
        await writer.drain()


async def close(writer: asyncio.StreamWriter) -> None:
    """Close a connection, whatever its state."""
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
