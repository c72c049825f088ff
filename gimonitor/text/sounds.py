"""How Chinese characters sound, without tones, for names that are written in pinyin or with characters of the same sound.

Source: the reading table of pypinyin (kMandarin, 现代汉语词典).
"""

from __future__ import annotations

import importlib.util
import json
import sys
import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import combinations, islice, product
from pathlib import Path

_SPECIAL = str.maketrans({"ü": "v", "ê": "e"})


@cache
def readings() -> dict[str, tuple[str, ...]]:
    """Toneless readings of each character of the basic plane, the usual one first: 长 → (zhang, chang)."""
    spec = importlib.util.find_spec("pypinyin")
    assert spec is not None and spec.submodule_search_locations
    path = Path(next(iter(spec.submodule_search_locations))) / "pinyin_dict.json"
    table = json.loads(path.read_text(encoding="utf-8"))
    found = {}
    for point, text in table.items():
        if int(point) < 0x10000:
            sounds = tuple(dict.fromkeys(sys.intern(_toneless(s)) for s in text.split(",")))
            found[chr(int(point))] = sounds[:3]
    return found


def usual(rank: int = 0) -> dict[str, str]:
    """One reading of each character: the usual one, or with `rank` 1 the second where there is one."""
    return {c: sounds[min(rank, len(sounds) - 1)] for c, sounds in readings().items()}


def spellings(text: str, limit: int = 8) -> tuple[tuple[str, ...], ...]:
    """Ways to read a text, one syllable a character, the usual one first; at most `limit`. What has no reading reads as itself.

    Ways that differ from the usual one in few characters come first.
    """
    table = readings()
    options = [table.get(c, (c,)) for c in text]
    several = [i for i, sounds in enumerate(options) if len(sounds) > 1]
    usual_way = [sounds[0] for sounds in options]
    return tuple(islice(_ways(usual_way, options, several), limit))


def _ways(usual_way: list[str], options: list[tuple[str, ...]], several: list[int]) -> Iterator[tuple[str, ...]]:
    for count in range(len(several) + 1):
        for changed in combinations(several, count):
            for sounds in product(*(options[i][1:] for i in changed)):
                way = list(usual_way)
                for i, sound in zip(changed, sounds, strict=True):
                    way[i] = sound
                yield tuple(way)


def initials(text: str) -> tuple[str, ...]:
    """First letters of the readings, the usual ones first: 阳澄湖 → ych; empty where a character has no reading."""
    if not all(c in readings() for c in text):
        return ()
    return tuple(dict.fromkeys("".join(s[0] for s in way) for way in spellings(text, 4)))


def sounds_alike(one: str, other: str) -> bool:
    """True where two characters share a toneless reading."""
    table = readings()
    return bool(set(table.get(one, (one,))) & set(table.get(other, (other,))))


def _toneless(syllable: str) -> str:
    bare = unicodedata.normalize("NFD", syllable.strip())
    kept = "".join(c for c in bare if not unicodedata.combining(c) or c == "\u0308")
    return unicodedata.normalize("NFC", kept).translate(_SPECIAL)
