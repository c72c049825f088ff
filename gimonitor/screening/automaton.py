"""All patterns in one automaton behind one function: daachorse where it is installed, else ahocorasick-rs.

Patterns and texts are UTF-16 little-endian bytes as `text.normalise` folds them; positions are in folded characters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

Hit = tuple[int, int, int]
Finder = Callable[[bytes], list[Hit]]


_SAMPLED = 16  # of so many patterns one tells how often states are passed; all of them tell no more and take longer
WIDE, NARROW = "utf-16-le", "latin-1"
"""Two bytes a character for any text; one for texts of Latin letters, with half the states."""


def build_finder(patterns: Sequence[str], engine: str = "", encoding: str = WIDE) -> Finder:
    """Compile patterns; the result maps folded bytes to (start, end, pattern number), overlaps included, ordered by end.

    `engine` is a name of ENGINES; empty: the quicker one at hand. No pattern may be empty. Texts come in `encoding`.
    """
    if not patterns:
        return lambda _: []
    if engine:
        return ENGINES[engine](patterns, encoding)
    try:
        return _daachorse(patterns, encoding)
    except ImportError:
        return _ahocorasick(patterns, encoding)


def _daachorse(patterns: Sequence[str], encoding: str) -> Finder:
    import daachorse

    encoded = [p.encode(encoding) for p in patterns]
    sample = b"".join(encoded[::_SAMPLED])  # by it states that are passed often come to lie side by side
    find = daachorse.DoubleArrayAhoCorasick(encoded, corpus=[sample]).find_overlapping
    if encoding == NARROW:
        return find
    return lambda units: [(a >> 1, b >> 1, p) for a, b, p in find(units) if not a & 1]


def _ahocorasick(patterns: Sequence[str], encoding: str) -> Finder:
    import ahocorasick_rs

    find = ahocorasick_rs.BytesAhoCorasick([p.encode(encoding) for p in patterns]).find_matches_as_indexes
    odd = 0 if encoding == NARROW else 1
    return lambda units: sorted(
        ((a >> odd, b >> odd, p) for p, a, b in find(units, overlapping=True) if not a & odd),
        key=lambda hit: (hit[1], hit[0]),
    )


ENGINES: dict[str, Callable[[Sequence[str], str], Finder]] = {"daachorse": _daachorse, "ahocorasick-rs": _ahocorasick}
"""Engines by name; a measurement may add its own."""
