"""Which stored listings a change of some GIs can touch: what is indexed of a listing, and what is asked of the index.

A listing is indexed by its grams, numbers of 32 bits: every pair of neighbouring units of its folded text (all fields,
exactly as matching sees it, and the title in its second reading too), and every four letters of its title as it sounds.
Whatever names a GI is found by units that stand side by side, so a listing that lacks one of a pattern's pairs cannot
hold the pattern; characters of a like shape and misread codes are asked for with all their other ways to be written. So
nothing is missed; a few listings come along that hold the pairs apart from each other, and the screen itself tells them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray

from gimonitor.model.listing import Listing
from gimonitor.model.register import Register
from gimonitor.screening.names import CLAIMS, build_names
from gimonitor.screening.variants import pairs_of, toneless
from gimonitor.text.codes import USCC_CHARACTERS
from gimonitor.text.normalise import BREAK, fold, fold_text
from gimonitor.text.readings import has_second_reading, second_reading
from gimonitor.text.sounds import spellings, usual

Gram = int
Grams = NDArray[np.uint32]
Pattern = tuple[frozenset[Gram], ...]

_LETTERS = 4
_SOUND = 0x80808080  # sets four letters apart from two characters
_MISREAD = {"0": "oqd", "1": "il", "2": "z", "5": "s", "8": "b", "6": "g", "7": "t", "U": "v"}


@dataclass(frozen=True, slots=True)
class Lookup:
    """What to ask the index: a listing may be touched when it holds, for one pattern, one gram of each of its sets.

    `everything` is True where a pattern is too short to be asked for: then every listing may be touched.
    """

    patterns: frozenset[Pattern]
    everything: bool = False

    def __or__(self, other: Lookup) -> Lookup:
        return Lookup(self.patterns | other.patterns, self.everything or other.everything)


NOTHING = Lookup(frozenset())


def grams_of(listing: Listing) -> Grams:
    """What is indexed of a listing, in order, each gram once."""
    title = fold_text(listing.title)
    again = [second_reading(listing.title).folded.units] if has_second_reading(listing.title) else []
    spoken = toneless(title)
    sounds = [_sound_grams("".join(map(table.get, spoken, spoken))) for table in _sounds()]
    pairs = map(_pair_grams, (fold(BREAK.join(text for _, _, text in listing.texts())).units, *again))
    return np.unique(np.concatenate((*pairs, *sounds)))


def _pair_grams(folded: bytes) -> Grams:
    units = np.frombuffer(folded, np.uint16).astype(np.uint32)
    return units[:-1] | (units[1:] << np.uint32(16))


def lookup_of(register: Register, gi_ids: Iterable[str]) -> Lookup:
    """What finds every listing over which these GIs have a say: their names in every form, and their users' codes."""
    wanted = frozenset(gi_ids)
    some = replace(register, gis=tuple(gi for gi in register.gis if gi.id in wanted))
    names = build_names(some)
    plain = {
        pattern
        for pattern, entries in zip(names.patterns, names.entries, strict=True)
        if any(entry.kind not in CLAIMS for entry in entries)
    }
    whole = {name for profile in names.profiles if profile.gi.is_gi for name in profile.altered}
    sounded = {"".join(way) for name in whole for way in spellings(name)}
    altered = _altered(register)
    codes = {user.uscc.upper() for user in register.users if user.gi_id in wanted and user.uscc}
    found = [*(_plain(p) for p in plain), *(_sounded(s) for s in sounded if s.isascii())]
    found += [_shaped(name, altered) for name in whole] + [_code(code) for code in codes]
    short = any(len(p) < 2 for p in plain) or any(len(s) < _LETTERS for s in sounded)
    return Lookup(frozenset(p for p in found if p), everything=short)


def _plain(text: str) -> Pattern:
    return tuple(frozenset({_pair(a, b)}) for a, b in pairwise(text))


def _pair(a: str, b: str) -> Gram:
    return ord(a) | ord(b) << 16


@cache
def _sounds() -> tuple[dict[str, str], ...]:
    """Characters to sounds, blanks to nothing: by the usual reading of each, and by the second."""
    return tuple(usual(rank) | {" ": ""} for rank in (0, 1))


def _sound_grams(sounded: str) -> Grams:
    """Every four letters in a row, as one number; what is not ASCII has no part in it."""
    letters = np.frombuffer(sounded.encode("latin-1", "replace"), np.uint8).astype(np.uint32)
    if len(letters) < _LETTERS:
        return np.empty(0, np.uint32)
    size = len(letters) - _LETTERS + 1
    parts = [letters[i : i + size] << np.uint32(8 * i) for i in range(_LETTERS)]
    grams: Grams = np.bitwise_or.reduce([*parts, np.full(size, _SOUND, np.uint32)])
    return grams


def _sounded(sounded: str) -> Pattern:
    return tuple(frozenset({int(gram)}) for gram in _sound_grams(sounded))


def _shaped(name: str, altered: dict[str, tuple[str, ...]]) -> Pattern:
    """A name of which any character may be written as one that looks like it, or as its parts."""
    ways = [altered.get(c, (c,)) for c in name]
    if all(len(way) == 1 for way in ways):
        return ()
    return tuple(frozenset(_pair(a[-1], b[0]) for a, b in product(one, other)) for one, other in pairwise(ways))


def _altered(register: Register) -> dict[str, tuple[str, ...]]:
    """Each character to all that it may be written as: its look-alikes, and their parts."""
    alike: dict[str, set[str]] = defaultdict(set)
    for one, other in (pair for word in register.words if word.group == "look-alikes" for pair in pairs_of(word.text)):
        alike[one].add(other)
        alike[other].add(one)
    parts: dict[str, list[str]] = defaultdict(list)
    for word in register.words:
        if word.group == "split-characters":
            split, _, whole = word.text.partition("=")
            if split and len(whole) == 1:
                parts[whole].append(split)
    found = {}
    for c in alike.keys() | parts.keys():
        kin = sorted({c, *alike.get(c, ())})
        found[c] = tuple(dict.fromkeys([c, *kin, *(split for one in kin for split in parts.get(one, ()))]))
    return found


def _code(uscc: str) -> Pattern:
    """A credit code as it stands, or with the misreadings that screening undoes."""
    if any(c not in USCC_CHARACTERS for c in uscc):
        return ()
    ways = [tuple(_misread(c)) for c in uscc]
    return tuple(frozenset(_pair(a, b) for a, b in product(one, other)) for one, other in pairwise(ways))


def _misread(character: str) -> Iterator[str]:
    yield character.lower()
    yield from _MISREAD.get(character, "")
