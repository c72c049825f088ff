"""Full-width ASCII to ASCII, one character for one, so that patterns over codes and numbers keep raw offsets."""

from __future__ import annotations

_HALF_WIDTH = {0xFF01 + i: 0x21 + i for i in range(94)} | {
    0x3000: 0x20,
    0xA0: 0x20,
    0x2014: 0x2D,
    0x2013: 0x2D,
    0x2212: 0x2D,
    0xD7: 0x2A,
    0x2715: 0x2A,
    0xFFE5: 0xA5,
}


def plain(raw: str) -> str:
    """The text with full-width letters, digits and signs as ASCII; `×` becomes `*`, dashes `-`. Same length as `raw`."""
    return raw if raw.isascii() else raw.translate(_HALF_WIDTH)
