"""The clock against a time server and a time-stamp authority on loopback, and servers that tell nonsense."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from gimonitor.evidence.clock import NOT_CHECKED, check_clock

Answer = Callable[[bytes], bytes]
EPOCH = 2_208_988_800


def honest(request: bytes, ahead: float = 0.0, stratum: int = 2) -> bytes:
    now = time.time() + ahead + EPOCH
    stamp = struct.pack("!II", int(now), int(now % 1 * (1 << 32)))
    return struct.pack("!BB14x8x", 0b00_100_100, stratum) + request[40:48] + stamp + stamp


@contextmanager
def time_server(answer: Answer) -> Iterator[str]:
    wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    wire.bind(("127.0.0.1", 0))
    wire.settimeout(10)

    def work() -> None:
        try:
            request, sender = wire.recvfrom(512)
            wire.sendto(answer(request), sender)
        except OSError:
            return

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    yield f"127.0.0.1:{wire.getsockname()[1]}"
    wire.close()
    thread.join(11)


@pytest.mark.parametrize("ahead", [0.0, 3600.0, -90.5])
def test_offset_is_what_must_be_added(ahead: float) -> None:
    with time_server(lambda request: honest(request, ahead)) as server:
        check = check_clock(server)
    assert check.source == f"ntp://{server}"
    assert check.offset is not None
    assert check.uncertainty is not None
    assert abs(check.offset - ahead) <= check.uncertainty + 0.01
    assert check.error == ""


@pytest.mark.parametrize(
    "answer",
    [
        lambda _: b"short",
        lambda request: honest(request)[:24] + bytes(8) + honest(request)[32:],  # not the answer to what was asked
        lambda request: honest(request, stratum=0),  # a server that knows no time: "kiss of death"
        lambda request: request,
    ],
)
def test_nonsense_is_no_time(answer: Answer) -> None:
    with time_server(answer) as server:
        check = check_clock(server)
    assert (check.offset, check.uncertainty) == (None, None)
    assert "not that of a synchronised time server" in check.error


def test_authority_tells_the_time_where_no_server_does(tsa: str, closed_port: int) -> None:
    check = check_clock(f"127.0.0.1:{closed_port}", [tsa], timeout=5)
    assert check.source == tsa
    assert check.offset is not None
    assert abs(check.offset) <= 2


def test_nobody_to_ask_and_nobody_answering_are_said(closed_port: int) -> None:
    assert check_clock("") == NOT_CHECKED
    check = check_clock(f"127.0.0.1:{closed_port}", [f"http://127.0.0.1:{closed_port}/"], timeout=1)
    assert check.offset is None
    assert check.error.count("127.0.0.1") >= 2
    assert "no.such.host.invalid" in check_clock("no.such.host.invalid").error
