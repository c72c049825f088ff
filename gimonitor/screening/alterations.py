"""Names in titles that are written otherwise, told apart from words and places of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from gimonitor.model.register import Register
from gimonitor.screening.automaton import Finder
from gimonitor.screening.dictionary import enters, is_word
from gimonitor.screening.divisions import regions_in
from gimonitor.screening.mentions import How, Mention
from gimonitor.screening.names import Kind, Names, Profile
from gimonitor.screening.sheet import Sheet
from gimonitor.screening.variants import LONGEST_TITLE, Row, ShapeView, SoundView, Variant
from gimonitor.screening.vocabulary import Vocabulary
from gimonitor.text.normalise import fold
from gimonitor.text.readings import has_second_reading, second_reading
from gimonitor.text.sounds import usual

_LONG_PLACE = 4  # characters
_WIDTH = 6  # characters to each side of a name that are looked at
_ALTERED = (How.SOUND, How.SHAPE, How.MIXED, How.PINYIN)
_BY_PLACE = (How.INSERTED, How.INVERTED, How.APART)
_REREAD = frozenset({Kind.NAME, Kind.ALIAS})


class Alterations:
    """The views of titles by sound, by shape and in their second reading, and what of their variants counts as a mention."""

    def __init__(self, names: Names, find: Finder, register: Register, words: Vocabulary, engine: str = "") -> None:
        """`find` finds the patterns of `names`."""
        self._names = names
        self._find = find
        self._words = words
        self._sounds = SoundView(names.profiles, engine)
        self._shapes = ShapeView(
            names.profiles,
            (w.text for w in register.words if w.group == "look-alikes"),
            (w.text for w in register.words if w.group == "split-characters"),
            engine,
        )

    def look_through(self, titles: Sequence[str], raws: Sequence[str]) -> dict[int, list[Variant]]:
        """Variants in titles, folded and raw, by the number of the title; titles without variants are left out."""
        row = Row(titles)
        found = self._sounds.look_through(row)
        for number, variants in self._shapes.look_through(row).items():
            found[number] = [*found.get(number, ()), *variants]
        if has_second_reading("".join(raws)):
            for number, raw in enumerate(raws):
                if has_second_reading(raw):
                    found[number] = [*found.get(number, ()), *self._read_again(raw[:LONGEST_TITLE])]
        return found

    def _read_again(self, raw: str) -> Iterator[Variant]:
        """Names that stand only in the second reading of a title, with the folded spans of what they are written with."""
        reading, folded = second_reading(raw), fold(raw)
        for start, end, pattern in self._find(reading.folded.units):
            name = self._names.patterns[pattern]
            raw_start, raw_end = reading.raw_span(start, end)
            first, last = folded.folded_at(raw_start), folded.folded_at(raw_end)
            if name not in folded.text[first:last]:
                for entry in self._names.entries[pattern]:
                    if entry.kind in _REREAD:
                        yield Variant(entry.owner, How.SPLIT, first, last, name)

    def mentions_of(self, sheet: Sheet, variants: Sequence[Variant], mentions: Sequence[Mention]) -> list[Mention]:
        """Mentions in the title that are written otherwise, of GIs the title does not name plainly."""
        title, text = sheet.title, sheet.title_text
        if title is None:
            return []
        plain = [(m.start, m.end) for m in mentions if m.segment is title and m.how is not How.PLACE]
        named = {m.owner: m for m in mentions if m.segment is title and m.how is not How.PLACE}
        best: dict[int, Variant] = {}
        for variant in variants:
            start, end = title.start + variant.start, title.start + variant.end
            hidden = any(
                a < end and start < b and not (start <= a and b <= end and b - a < end - start) for a, b in plain
            )
            shown = named.get(variant.owner)
            elsewhere = shown is not None and (shown.how is How.NAME or not (start <= shown.start and shown.end <= end))
            if hidden or elsewhere or self._is_ordinary(text, variant) or _is_entered(sheet, start, end, variant):
                continue
            known = best.get(variant.owner)
            if (
                known is None
                or variant.end - variant.start > known.end - known.start
                or _is_truer(text, variant, known)
            ):
                best[variant.owner] = variant
        return [
            Mention(v.owner, v.how, title.start + v.start, title.start + v.end, title, detail=v.name)
            for v in best.values()
        ]

    def _is_ordinary(self, title: str, variant: Variant) -> bool:
        """True where the altered part is a word or a place of its own: 武昌大米 is no 五常大米."""
        if variant.how not in (How.SOUND, How.SHAPE):
            return False
        shown = title[variant.start : variant.end]
        if self._words.pattern("false-twins").search(title[max(0, variant.start - 2) : variant.end + 2]):
            return True
        profile = self._names.profiles[variant.owner]
        if any(twin in shown for twin in profile.twins):
            return True
        if len(shown) != len(variant.name):
            return False  # parts of characters: who types them means nothing else
        core = _length_of_place(profile, variant.name)
        place, goods = shown[:core], shown[core:]
        least = len(place) if len(place) >= _LONG_PLACE else 0
        return _is_another(place, variant.name[:core], least) or _is_another(goods, variant.name[core:])


def beside_altered(live: Sequence[Mention]) -> list[Mention]:
    """Mentions without those made of the place in a name that is written otherwise: 西湖…茶 in 西湖龍丼 明前茶, 阿胶…东阿 before ejiao."""
    altered = [m for m in live if m.how in _ALTERED and m.detail]
    return [m for m in live if not any(_is_place_in(m, a) for a in altered)]


def _is_place_in(mention: Mention, altered: Mention) -> bool:
    """True for a mention that rests on the place alone, where that place is part of an altered name."""
    if mention.how not in _BY_PLACE and (mention.how is not How.PINYIN or mention.detail):
        return False
    at = mention.end - 1 if mention.how is How.INVERTED else mention.start
    return altered.start <= at < altered.end


def _is_truer(title: str, variant: Variant, known: Variant) -> bool:
    """True for a look-alike that is seldom read like what is meant: 荼 for 茶."""
    if known.how is not How.SOUND or variant.how is not How.SHAPE or variant.start != known.start:
        return False
    pairs, usually = zip(title[known.start : known.end], known.name, strict=False), _usually()
    return any(usually.get(written) != usually.get(meant) for written, meant in pairs)


@cache
def _usually() -> dict[str, str]:
    """How each character is read most."""
    return usual(0)


def _is_entered(sheet: Sheet, start: int, end: int, variant: Variant) -> bool:
    """True where another word reaches into a folded span from before: 净山茶 in 梵净山茶; not into parts of characters."""
    if variant.how not in (How.SOUND, How.SHAPE) or end - start != len(variant.name):
        return False
    left, right = sheet.unparted(start, end, _WIDTH)
    return enters(sheet.text[left:right], start - left)


def _length_of_place(profile: Profile, name: str) -> int:
    """How much of a name comes before its goods: the place of the GI, or another form of it (阳澄大闸蟹); 0 where that is not known."""
    if name.startswith(profile.core):
        return len(profile.core)
    return next((len(name) - len(p) for p in profile.products if len(p) >= 2 and name.endswith(p)), 0)


def _is_another(written: str, meant: str, least: int = 0) -> bool:
    """True where an altered text is a word, or names a place by what was altered: 武昌, but not the 山东 in 贺岚山东麓.

    A place of less than `least` characters says nothing: 西林 in 西林郭勒.
    """
    if written == meant or len(written) < 2:
        return False
    if is_word(written):
        return True
    found = [r for r in regions_in(written) if r.end - r.start >= least]
    return any(written[r.start : r.end] != meant[r.start : r.end] for r in found)
