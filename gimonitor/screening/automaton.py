"""All patterns in one automaton behind one function: daachorse where it is installed, else ahocorasick-rs.

Patterns and texts are UTF-16 little-endian bytes as `text.normalise` folds them; positions are in folded characters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

Hit = tuple[int, int, int]
Finder = Callable[[bytes], list[Hit]]


def build_finder(patterns: Sequence[str], engine: str = "") -> Finder:
    """Compile patterns; the result maps folded bytes to (start, end, pattern number), overlaps included, ordered by end.

    `engine` is a name of ENGINES; empty: the quicker one at hand. No pattern may be empty.
    """
    if not patterns:
        return lambda _: []
    if engine:
        return ENGINES[engine](patterns)
    try:
        return _daachorse(patterns)
    except ImportError:
        return _ahocorasick(patterns)


def _daachorse(patterns: Sequence[str]) -> Finder:
    import daachorse

    find = daachorse.DoubleArrayAhoCorasick([p.encode("utf-16-le") for p in patterns]).find_overlapping
    return lambda units: [(a >> 1, b >> 1, p) for a, b, p in find(units) if not a & 1]


def _ahocorasick(patterns: Sequence[str]) -> Finder:
    import ahocorasick_rs

    encoded = [p.encode("utf-16-le") for p in patterns]
    find = ahocorasick_rs.BytesAhoCorasick(encoded).find_matches_as_indexes
    return lambda units: sorted(
        ((a >> 1, b >> 1, p) for p, a, b in find(units, overlapping=True) if not a & 1),
        key=lambda hit: (hit[1], hit[0]),
    )


ENGINES: dict[str, Callable[[Sequence[str]], Finder]] = {"daachorse": _daachorse, "ahocorasick-rs": _ahocorasick}
"""Engines by name; a measurement may add its own."""
