"""The door of a guarded browser closes without a word."""

from __future__ import annotations

import asyncio

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
