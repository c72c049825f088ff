"""Small PNG pictures made by code: a coloured tile per good, a ring where the good shows a seal. No artwork of anybody."""

from __future__ import annotations

import struct
import zlib
from functools import lru_cache

SIZE = 96
_RED, _GOLD = (196, 30, 40), (200, 150, 40)


@lru_cache(maxsize=512)
def draw_png(name: str, seal: str = "") -> bytes:
    """A PNG whose colour follows from `name`; `seal` is "", "seal" (round) or "old_seal" (ellipse)."""
    seed = zlib.crc32(name.encode())
    ground = (120 + seed % 120, 120 + seed // 120 % 120, 120 + seed // 14400 % 120)
    rows = bytearray()
    for y in range(SIZE):
        rows.append(0)
        for x in range(SIZE):
            rows += bytes(_pixel(x, y, seed, ground, seal))
    return _encode(bytes(rows))


def _pixel(x: int, y: int, seed: int, ground: tuple[int, int, int], seal: str) -> tuple[int, int, int]:
    if seal:
        squash = 1.0 if seal == "seal" else 1.6
        distance = ((x - SIZE / 2) ** 2 + ((y - SIZE / 2) * squash) ** 2) ** 0.5
        if 30 <= distance <= 36:
            return _RED
        if distance < 30:
            return _GOLD if seal == "seal" else (240, 240, 240)
    if (seed >> ((x // 12 + y // 12 * 8) % 32)) & 1:
        return (ground[0] // 2, ground[1] // 2, ground[2] // 2)
    return ground


def _encode(rows: bytes) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", SIZE, SIZE, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body
