"""时钟核对: how far this machine's clock is from a time server (SNTP, RFC 4330) or a time-stamp authority (RFC 3161).

Asked once for many captures; what could not be asked is said. Source: https://www.rfc-editor.org/rfc/rfc4330
"""

from __future__ import annotations

import secrets
import socket
import struct
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from gimonitor.errors import EvidenceError
from gimonitor.evidence.timestamps import request_token

PORT = 123
_EPOCH = 2_208_988_800  # seconds from 1900, where NTP begins, to 1970
_CLIENT = 0b00_100_011  # no warning, version 4, client
_SERVER = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockCheck:
    """`offset` seconds are to be added to this clock to get the source's time; it is right within `uncertainty` seconds.

    Both are None, and `error` says why, where no source answered. `at` is this clock's time of the check in UTC.
    """

    source: str
    at: str = ""
    offset: float | None = None
    uncertainty: float | None = None
    error: str = ""


NOT_CHECKED = ClockCheck(source="", error="no time server and no time-stamp authority is set")


def check_clock(
    server: str, authorities: Sequence[str] = (), *, timeout: float = 5.0, clock: Callable[[], float] = time.time
) -> ClockCheck:
    """Compare the clock with the time server `HOST` or `HOST:PORT` and, where it does not answer, with the authorities
    in turn. Never raises: what was not to be had is said in `error`."""
    errors = []
    asked: list[tuple[str, Callable[[], tuple[float, float]]]] = []
    if server:
        asked.append((f"ntp://{server}", lambda: _ask_server(server, timeout, clock)))
    asked += [(url, lambda url=url: _ask_authority(url, timeout, clock)) for url in authorities]  # type: ignore[misc]
    for source, ask in asked:
        at = datetime.fromtimestamp(clock(), UTC).isoformat()
        try:
            offset, uncertainty = ask()
        except EvidenceError as error:
            errors.append(f"{source}: {error}")
            continue
        return ClockCheck(source=source, at=at, offset=round(offset, 3), uncertainty=round(uncertainty, 3))
    return ClockCheck(source="", error="; ".join(errors)) if errors else NOT_CHECKED


def _ask_server(server: str, timeout: float, clock: Callable[[], float]) -> tuple[float, float]:
    """The offset by SNTP and half of the time the answer took."""
    host, _, port = server.partition(":")
    token = secrets.token_bytes(8)  # stands where our time would; only who was asked can give it back
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.settimeout(timeout)
        try:
            wire.connect((host, int(port or PORT)))
            sent = clock()
            wire.send(struct.pack("!B39x8s", _CLIENT, token))
            answer = wire.recv(512)
            received = clock()
        except (OSError, ValueError) as error:
            raise EvidenceError(str(error) or "no answer") from error
    if len(answer) < 48 or answer[0] & 7 != _SERVER or answer[24:32] != token or not 0 < answer[1] < 16:
        raise EvidenceError("the answer is not that of a synchronised time server")
    theirs = [_seconds(answer[place : place + 8]) for place in (32, 40)]
    return (theirs[0] - sent + theirs[1] - received) / 2, (received - sent) / 2


def _seconds(field: bytes) -> float:
    return int.from_bytes(field, "big") / (1 << 32) - _EPOCH


def _ask_authority(url: str, timeout: float, clock: Callable[[], float]) -> tuple[float, float]:
    """The offset by a token over random bytes; its time is good to a second, plus half of the time it took."""
    sent = clock()
    token = request_token(url, secrets.token_bytes(32), timeout=timeout)
    received = clock()
    return token.at.timestamp() - (sent + received) / 2, (received - sent) / 2 + 1.0
