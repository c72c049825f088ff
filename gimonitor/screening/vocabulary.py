"""Words with a meaning for screening, by group, compiled: found anywhere in a short text, or right beside a place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from gimonitor.model.register import Register, text_of
from gimonitor.screening.automaton import Finder, build_finder
from gimonitor.screening.names import Profile
from gimonitor.text.codes import standard_key
from gimonitor.text.lazy import lazy
from gimonitor.text.normalise import fold_text

NEVER = re.compile(r"(?!)")
_KIND = re.compile(r"[^（）()/、;；]+")  # of several in one text
_ANY = "品"  # ends kinds of every sort
_FOUND_ANYWHERE = (
    "utensils", "seeds", "publications", "dining", "dishes", "packaging", "packaging-trade", "packaging-weak", "foodstuffs", "other-goods", "seasonings", "wares", "growers", "services", "presale", "in-season",
    "drop-ship", "resale-words", "payments", "coupons", "accessory-heads", "accessory-besides", "accessory-after", "accessory-before", "accessory-imitations",
)  # fmt: skip


_THINGS = (
    "origin-others", "utensils", "packaging", "packaging-weak", "packaging-compounds", "wares", "other-goods", "foodstuffs", "publications",
)  # fmt: skip
_COMPOUNDS = {"utensil-heads": "utensils", "seed-heads": "seeds", "publication-heads": "publications"}
_USE_BEFORE = (("use-before", r"[\u4e00-\u9fff]{0,2}$"), ("use-right-before", "$"))
_MADE_BEFORE = (("made-before", r"[\u4e00-\u9fff]{0,2}$"),)


class Spotted(NamedTuple):
    """A word of a group at a folded position."""

    group: str
    word: str
    start: int
    end: int

    def lies_in(self, other: Spotted) -> bool:
        """True for a part of another word that is less than all of it."""
        return other.start <= self.start and self.end <= other.end and self.end - self.start < other.end - other.start


class Labels(NamedTuple):
    """What tells of an origin, spans ordered by end: words after which one is stated, whether SC stands anywhere, as before the
    number of a licence, words before which a place may stand (新昌|原料), and words for what is brought from elsewhere (外地蟹)."""

    words: Sequence[tuple[int, int]]
    has_licence: bool
    tails: Sequence[tuple[int, int]] = ()
    brought: Sequence[tuple[int, int]] = ()


_STRONG, _WEAK, _TRADE = "packaging", "packaging-weak", "packaging-trade"
_PACKAGING = (_STRONG, _WEAK)
_LICENCE = "sc"
_LABELS = ("origin-labels", "origin-tails", "origin-brought")
_NO_LABELS = Labels((), has_licence=False)


class Vocabulary:
    """The words of a register. Groups that a register lacks are empty."""

    def __init__(self, register: Register, engine: str = "") -> None:
        self._sold = [word.text for word in register.words if word.group == "sold-goods"]
        self._standards = [word.text for word in register.words if word.group == "product-standards"]
        self._latin = [word.text for word in register.words if word.group == "countries-latin"]
        self._gis = register.gis
        groups: dict[str, list[str]] = {}
        for word in register.words:
            text = fold_text(word.text)
            if text:
                groups.setdefault(word.group, []).append(text)
        self.groups: Mapping[str, frozenset[str]] = MappingProxyType({g: frozenset(w) for g, w in groups.items()})
        pairs = [(word, group) for group in _FOUND_ANYWHERE for word in groups.get(group, ())]
        self._pairs = pairs
        self._find: Finder = build_finder([word for word, _ in pairs], engine)
        labels = [*((word, group) for group in _LABELS for word in sorted(self.words(group)))]
        self._find_labels: Finder = build_finder([_LICENCE, *(word for word, _ in labels)], engine)
        self._label_kinds = (0, *(1 + _LABELS.index(group) for _, group in labels))
        self._patterns = {group: _alternation(words) for group, words in groups.items()}
        self._soon = {group: _alternation(words, before=r"(.{0,6}?)") for group, words in groups.items()}
        self._at_end = {group: _alternation(words, after="$") for group, words in groups.items()}
        self.compounds: Mapping[str, str] = {
            word: group for heads, group in _COMPOUNDS.items() for word in groups.get(heads, ())
        }
        self.compound_heads = _alternation(self.compounds)
        self.styles = _alternation(word for word in self.words("style-words") if len(word) > 1)
        self.use_before = self._before(_USE_BEFORE)
        self.made_before = self._before(_MADE_BEFORE)

    def _before(self, groups: Iterable[tuple[str, str]]) -> re.Pattern[str]:
        """Matches a word of some groups at the end of a text, each with what may stand after it, or as group `no` another word."""
        words = "|".join(_alternation(self.words(group), after=after).pattern for group, after in groups)
        parts = _alternation(self.words("use-exceptions")).pattern
        return re.compile(rf"(?P<no>{parts})|{words}")

    @lazy
    def _kinds(self) -> dict[str, set[str]]:
        """What goods are called, each with the kinds that it is of."""
        found: dict[str, set[str]] = {}
        for word, _, kind in (text.partition("=") for text in self._sold):
            found.setdefault(fold_text(word), set()).add(kind or word)
        return found

    @lazy
    def sold(self) -> re.Pattern[str]:
        """Matches what goods are called."""
        return _alternation(self._kinds)

    @lazy
    def standards(self) -> dict[str, tuple[str, ...]]:
        """Standards of one kind of goods by key, each with what these goods are called."""
        return {
            standard_key(code): tuple(goods.split()) for code, _, goods in (t.partition("=") for t in self._standards)
        }

    @lazy
    def countries(self) -> dict[str, str]:
        """Names and codes of countries in Latin letters with their Chinese names."""
        return {name: chinese for name, _, chinese in (text.partition("=") for text in self._latin)}

    @lazy
    def homes(self) -> dict[str, tuple[str, ...]]:
        """Chinese names of GIs with the codes of their areas; those of which no area is known are left out."""
        return {
            fold_text(name): gi.area.adcodes.value
            for gi in self._gis
            if gi.area is not None
            for name in (gi.name, *(alias.value for alias in gi.aliases))
        }

    @lazy
    def things(self) -> frozenset[str]:
        """Everything that a text may say a place of: goods of every kind, what they come in, and those who grow and sell them."""
        return self._products.union(self._kinds, *map(self.words, _THINGS))

    @lazy
    def _products(self) -> frozenset[str]:
        return frozenset(fold_text(word) for gi in self._gis for word in gi.product_words)

    def is_of_goods(self, thing: str, profile: Profile) -> bool:
        """True for a word for what a GI protects: its name, its product, or what no other GI does, of its kind and ending alike: 油粘米 for 大米."""
        own = profile.own_products
        if thing in own or thing in profile.names or thing in self.words("origin-own"):
            return True
        if thing in self._products or text_of(profile.gi.goods) not in self._kinds.get(thing, ()):
            return False
        return thing[-1:] in {word[-1] for word in own}

    def is_kindred(self, word: str, profile: Profile) -> bool:
        """True where goods called so are, or may be, of a GI's own kind: 绿茶 and 岩茶 end alike, unlike 工艺品 and 肉制品."""
        own = [*_KIND.findall(text_of(profile.gi.goods)), *profile.products]
        return any(
            kind in one or one in kind or kind[-1] == one[-1] != _ANY
            for kind in (word, *self._kinds.get(word, ()))
            for one in own
        )

    def is_sold_as(self, word: str, profile: Profile) -> bool:
        """True where a kind that such goods are sold as is a GI's own: not 茶叶蛋 for a tea."""
        return any(self.is_kindred(kind, profile) for kind in self._kinds[word])

    def words(self, group: str) -> frozenset[str]:
        """Folded words of a group."""
        return self.groups.get(group, frozenset())

    def spot(self, text: str) -> tuple[Spotted, ...]:
        """All words of the groups that count wherever they stand, longest first at each end."""
        hits = self._find(text.encode("utf-16-le", "surrogatepass"))
        pairs = self._pairs
        return tuple([Spotted(pairs[p][1], pairs[p][0], start, end) for start, end, p in hits])

    def settled(self, found: Iterable[Spotted], text: str) -> dict[str, list[Spotted]]:
        """What was spotted in a text by group, without words that are only part of another of their group: 冰箱 in 冰箱贴.

        Words of packaging are settled among their groups, too: 真空袋 holds no 空袋, 航空箱 no 空箱, and 空瓶盖 is one word.
        """
        groups: dict[str, list[Spotted]] = {}
        for spotted in found:
            groups.setdefault(spotted.group, []).append(spotted)
        for group, same in groups.items():
            if len(same) > 1:
                groups[group] = without_parts(same)
        return groups if groups.keys().isdisjoint(_PACKAGING) else self._with_whole_packaging(groups, text)

    def _with_whole_packaging(self, groups: dict[str, list[Spotted]], text: str) -> dict[str, list[Spotted]]:
        """The groups, with words of packaging, and of its trade, that are cut from longer words left out, and those that overlap joined."""
        cutters = [m.span() for m in self.pattern("packaging-exceptions").finditer(text)]
        weak = groups.get(_WEAK, [])
        longer = [s for s in weak if s.word not in self.words(_STRONG)]
        kept = {
            group: [s for s in same if not _is_cut(s, cutters) and not any(s.lies_in(other) for other in longer)]
            for group, same in groups.items()
            if group in (_STRONG, _TRADE)
        }
        ends = kept.get(_STRONG, []) + weak
        if len(ends) > 1:
            whole = _joined(ends, text)
            kept |= {group: [s for s in whole if s.group == group] for group in _PACKAGING}
        return {group: same for group, same in (groups | kept).items() if same}

    def labels(self, units: bytes) -> Labels:
        """What announces an origin in a folded text."""
        hits = self._find_labels(units)
        if not hits:
            return _NO_LABELS
        spans: tuple[list[tuple[int, int]], ...] = ([], [], [], [])  # of licences, and of each of _LABELS
        kinds = self._label_kinds
        for start, end, pattern in hits:
            spans[kinds[pattern]].append((start, end))
        licence, words, tails, brought = spans
        return Labels(words, bool(licence), tails, brought)

    def pattern(self, group: str) -> re.Pattern[str]:
        """Matches any word of a group, the longest first."""
        return self._patterns.get(group, NEVER)

    def soon(self, group: str) -> re.Pattern[str]:
        """Matches any word of a group after at most six other characters, which are group 1."""
        return self._soon.get(group, NEVER)

    def ending(self, group: str) -> re.Pattern[str]:
        """Matches any word of a group at the end of a text."""
        return self._at_end.get(group, NEVER)


def without_parts(found: Sequence[Spotted]) -> list[Spotted]:
    """Words without those that are only part of another: 冰箱 in 冰箱贴."""
    kept: list[Spotted] = []
    for spotted in sorted(found, key=lambda one: (one.start, -one.end)):
        if not kept or spotted.end > kept[-1].end:
            kept.append(spotted)
    return kept


def _alternation(words: Iterable[str], before: str = "", after: str = "") -> re.Pattern[str]:
    ordered = sorted(set(words), key=lambda w: (-len(w), w))
    return re.compile(before + "(?:" + "|".join(map(re.escape, ordered)) + ")" + after) if ordered else NEVER


def _is_cut(spotted: Spotted, spans: Iterable[tuple[int, int]]) -> bool:
    """True for what begins within one of some words: 空袋 in 真空袋, 空 in 空运."""
    start, end = spotted.start, spotted.end
    return any(first < start < last or (first == start and end <= last) for first, last in spans)


def _joined(found: Iterable[Spotted], text: str) -> list[Spotted]:
    """Words of packaging, those of which one begins within the other as one word: 空瓶|瓶盖. It is of the stronger group."""
    kept: list[Spotted] = []
    for spotted in sorted(found, key=lambda one: (one.start, one.end)):
        last = kept[-1] if kept else spotted
        whole = Spotted(spotted.group, text[last.start : spotted.end], last.start, spotted.end)
        if last.start < spotted.start < last.end < spotted.end:
            parts = [spotted, *(one for one in kept if one.lies_in(whole))]
            kept = [one for one in kept if not one.lies_in(whole)]
            spotted = whole._replace(group=min(part.group for part in parts))
        kept.append(spotted)
    return kept
