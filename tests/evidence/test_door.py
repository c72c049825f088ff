"""The door of a guarded browser closes without a word."""

from __future__ import annotations

import asyncio
import socket
import struct

from gimonitor.evidence.door import Door


def test_closing_with_a_connection_under_way_prints_no_trace() -> None:
    said: list[object] = []

    async def close_half_way() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: said.append(context))
        door = Door(lambda url: "127.0.0.1")
        await door.open()
        reader, writer = await asyncio.open_connection("127.0.0.1", int(door.url.rpartition(":")[2]))
        writer.write(b"\5\1\0")
        await reader.read(2)
        await door.close()
        await asyncio.sleep(0)
        writer.close()
        await writer.wait_closed()

    asyncio.run(close_half_way())
    assert said == []


def test_what_the_browser_gives_up_is_closed_on_the_far_side_too() -> None:
    async def give_up() -> bytes:
        ended: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

        async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            ended.set_result(await reader.read())
            writer.close()

        far = await asyncio.start_server(listen, "127.0.0.1", 0)
        port = far.sockets[0].getsockname()[1]
        door = Door(lambda url: "127.0.0.1")
        door.ask(f"http://127.0.0.1:{port}/")
        await door.open()
        _, writer = await asyncio.open_connection("127.0.0.1", int(door.url.rpartition(":")[2]))
        writer.write(b"\5\1\0\5\1\0\1\x7f\0\0\1" + port.to_bytes(2))
        reset = struct.pack("ii", 1, 0)  # linger for no time: the other side sees a reset
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
        writer.transport.abort()
        try:
            return await asyncio.wait_for(ended, 5)
        finally:
            await door.close()
            far.close()

    assert asyncio.run(give_up()) == b""
