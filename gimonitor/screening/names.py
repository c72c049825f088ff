"""Every pattern that the automaton looks for, and which GI or sign each stands for.

Names, aliases, translations, listed near names, the place part of a name, and initials with a product word come from
the GIs; claims from the signs and from the words `claims` and `abolished-claims`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from gimonitor.model.enums import quick
from gimonitor.model.register import GI, Certainty, Fact, Register
from gimonitor.model.register import Kind as ProtectionKind
from gimonitor.register.regions import find_regions
from gimonitor.text.codes import standard_key
from gimonitor.text.normalise import BREAK, fold_text
from gimonitor.text.sounds import initials, spellings

folded = lru_cache(maxsize=16_384)(fold_text)


@quick
class Kind(StrEnum):
    """How a text names a GI."""

    NAME = "name"
    ALIAS = "alias"
    TRANSLATION = "translation"
    NEAR = "near"
    TAG = "tag"  # what hangs on the goods and tells their place: 阳澄湖防伪扣
    CORE = "core"  # the place alone; judged by what stands around it
    SPELT = "spelt"  # the place alone, in Latin letters by its sound
    INITIALS = "initials"
    CLAIM = "claim"
    ABOLISHED = "abolished"  # one of the two marks whose transition has ended
    FORMER = "former"  # a name that is no longer used
    AGI = "agi"  # the mark of the agriculture ministry, whose registration has stopped


_APART_INITIALS, _LONG_INITIALS = 3, 4  # letters: before a blank and the goods; of a whole name, which stands alone
_MEASURES = ("ml", "毫升", "l", "度")  # with which the short name of a liquor is its goods too: 茅台500ml
_SHORTEST_ALTERED, _SHORT_NEAR = 3, 4  # characters; shorter ones altered are not told from other words
FULL = frozenset({Kind.NAME, Kind.ALIAS, Kind.TRANSLATION, Kind.NEAR, Kind.TAG, Kind.INITIALS, Kind.SPELT})
CLAIMS = frozenset({Kind.CLAIM, Kind.ABOLISHED, Kind.FORMER, Kind.AGI})
_CLAIMED = {"gi_special": Kind.CLAIM, "gi_abolished": Kind.ABOLISHED, "agi": Kind.AGI}  # by kind of sign


@dataclass(frozen=True, slots=True)
class Entry:
    """One meaning of a pattern. `owner` is the index of the GI in the register, or of the sign for claims, or -1."""

    owner: int
    kind: Kind
    unverified: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """A GI with its words folded once. `products` are its own and like goods, longest first."""

    index: int
    gi: GI
    names: tuple[str, ...]
    altered: tuple[str, ...]  # names long enough to be told from others when they are written otherwise
    core: str
    products: tuple[str, ...]
    strong: tuple[str, ...]  # goods that with the place make the name: what follows the place in it, and its kin
    own_words: tuple[str, ...]
    needs_near: tuple[str, ...]
    twins: tuple[str, ...]
    not_goods: tuple[str, ...]
    company_words: tuple[str, ...]
    brands: tuple[str, ...]
    conflicting: Mapping[str, Fact[str]]  # standards that its goods do not follow, by key
    conflicting_numbers: tuple[str, ...]  # what a text that states one of them holds: 1354 of GB/T 1354
    generic: frozenset[str]
    foreign: bool
    area: tuple[str, ...]
    pictures: tuple[str, ...] = ()  # of its goods: 🍓
    own_products: frozenset[str] = frozenset()  # without like goods

    @property
    def is_short(self) -> bool:
        """True where the name has two characters and says no product: it needs other words beside it."""
        name = self.gi.name
        return len(name) <= 2 and (self.foreign or not any(p in name for p in self.products))


@dataclass(frozen=True, slots=True)
class Names:
    """Patterns in folded form, each with its entries; `profiles` by GI index.

    From `places` on patterns are nothing but the place in a name.
    """

    patterns: tuple[str, ...]
    entries: tuple[tuple[Entry, ...], ...]
    places: int
    profiles: tuple[Profile, ...]
    goods: tuple[tuple[str, ...], ...]  # of each pattern from `places` on: words for the goods of its GIs
    pictures: tuple[tuple[str, ...], ...]  # the same: pictures of them


def build_names(register: Register) -> Names:
    """Collect the patterns of a register; the same text from several GIs is one pattern with several entries."""
    shown = [word.text.partition("=") for word in register.words if word.group == "goods-pictures"]
    profiles = tuple(profile_of(i, gi, [(p, folded(g)) for p, _, g in shown]) for i, gi in enumerate(register.gis))
    collected: dict[str, dict[tuple[int, Kind], Entry]] = {}
    for pattern, entry in _all_patterns(register, profiles):
        if pattern:
            known = collected.setdefault(pattern, {})
            known.setdefault((entry.owner, entry.kind), entry)
    ordered = sorted(collected, key=lambda pattern: _is_place(collected[pattern].values()))
    entries = tuple(tuple(collected[pattern].values()) for pattern in ordered)
    places = bisect_left(entries, True, key=_is_place)
    short = {folded(word.text) for word in register.words if word.group == "house-short"}
    goods = tuple(
        tuple([word for e in meant for word in profiles[e.owner].strong]) + (_MEASURES if pattern in short else ())
        for pattern, meant in zip(ordered[places:], entries[places:], strict=True)
    )
    pictures = tuple(tuple([p for e in meant for p in profiles[e.owner].pictures]) for meant in entries[places:])
    return Names(tuple(ordered), entries, places, profiles, goods, pictures)


def _is_place(meant: Iterable[Entry]) -> bool:
    """True for a pattern that means nothing but the place in a name."""
    return all(entry.kind is Kind.CORE for entry in meant)


def _all_patterns(register: Register, profiles: Iterable[Profile]) -> Iterator[tuple[str, Entry]]:
    tags = tuple(folded(word.text) for word in register.words if word.group == "origin-tags")
    for profile in profiles:
        if profile.gi.is_gi:
            yield from _patterns_of(profile, tags)
    for i, sign in enumerate(register.signs):
        if sign.kind in _CLAIMED:
            yield from ((folded(claim), Entry(i, _CLAIMED[sign.kind])) for claim in sign.claims)
    kinds = {"claims": Kind.CLAIM, "mark-words": Kind.CLAIM, "abolished-claims": Kind.FORMER}
    for word in register.words:
        if word.group in kinds:
            yield folded(word.text), Entry(-1, kinds[word.group])


def _patterns_of(profile: Profile, tags: tuple[str, ...]) -> Iterator[tuple[str, Entry]]:
    gi, i = profile.gi, profile.index
    for name in profile.names[:1]:
        yield name, Entry(i, Kind.NAME, gi.certainty is Certainty.UNVERIFIED)
    for kind, facts in ((Kind.ALIAS, gi.aliases), (Kind.TRANSLATION, _translations(gi)), (Kind.NEAR, gi.near)):
        for fact in facts:
            text = folded(fact.value)
            if len(text) < 2 or text in profile.generic:
                continue
            if kind is Kind.ALIAS and text.isascii():
                yield from ((t, Entry(i, Kind.TRANSLATION, _is_open(fact))) for t in _spellings(text))
            elif kind is Kind.TRANSLATION:
                yield from ((t, Entry(i, kind, _is_open(fact))) for t in _spellings(text))
            else:
                is_tag = kind is Kind.NEAR and text.endswith(tags)
                yield text, Entry(i, Kind.TAG if is_tag else kind, _is_open(fact))
    if len(profile.core) >= 2:
        yield from ((place, Entry(i, Kind.CORE)) for place in (profile.core, *_other_places(profile)))
        if profile.company_words:  # its sound alone counts where one of them keeps it company
            yield "".join(spellings(profile.core, 1)[0]), Entry(i, Kind.SPELT)
        for short in initials(profile.core):
            yield from ((text, Entry(i, Kind.INITIALS)) for text in _shortened(short, profile.strong[:6]))
    for name in profile.names[:1]:
        yield from ((short, Entry(i, Kind.INITIALS)) for short in initials(name) if len(short) >= _LONG_INITIALS)


def _other_places(profile: Profile) -> Iterator[str]:
    """The place as an alias writes it with one character for another: 帕尔马 in 帕尔马火腿. Shorter ones are other places: 赵州."""
    name, core = profile.names[0] if profile.names else "", profile.core
    goods = name.removeprefix(core)
    for alias in profile.names[1:]:
        place = alias.removesuffix(goods)
        if len(place) == len(core) > 2 and place != core and place + goods == alias and _differs_little(place, core):
            yield place


def _shortened(short: str, products: Iterable[str]) -> Iterator[str]:
    """The initials of a place before its goods, and apart from them where there are enough to tell: YCH大闸蟹, YCH 大闸蟹."""
    for product in products:
        if len(short) >= 2:
            yield short + product
        if len(short) >= _APART_INITIALS:
            yield f"{short} {product}"


@lru_cache(maxsize=16_384)
def spelt(name: str) -> frozenset[str]:
    """Every way to spell a Chinese name in Latin letters by its sound."""
    return frozenset("".join(way) for way in spellings(name))


def spells_out(profile: Profile, text: str) -> bool:
    """True for Latin letters that spell the whole of a name, its goods among them: Wuchang Da Mi, panjindami."""
    letters = "".join(filter(str.isalpha, text))
    return any(len(letters) > 2 * len(name) and letters in spelt(name) for name in profile.names)


def _spellings(text: str) -> set[str]:
    """A Latin name as written and, where it is long enough to be told apart, without its spaces."""
    together = text.replace(" ", "")
    return {text, together} if len(together) >= 6 else {text}


def _translations(gi: GI) -> tuple[Fact[str], ...]:
    return (*gi.translations, gi.eu_name) if gi.eu_name else gi.translations


def _is_open(fact: Fact[str]) -> bool:
    return fact.certainty is Certainty.UNVERIFIED


def profile_of(index: int, gi: GI, pictures: Iterable[tuple[str, str]] = ()) -> Profile:
    """Fold the words of a GI once. `pictures` are those of any goods, each with the word for them."""
    conflicting = {standard_key(f.value): f for f in gi.conflicting_standards}
    generic = frozenset(_all(gi.generic_words))
    name = folded(gi.name)
    names = (name, *(a for a in _all(f.value for f in gi.aliases) if a not in generic and not a.isascii()))
    core = folded(gi.core) if gi.core else ""
    products = sorted({p for p in _all((*gi.product_words, *gi.like_words)) if p}, key=lambda p: (-len(p), p))
    return Profile(
        index=index,
        gi=gi,
        names=() if name in generic else names,
        altered=_altered(gi, () if name in generic else names, generic),
        core=core,
        products=tuple(products),
        strong=_strong(core, names, _all(gi.product_words)),
        own_words=tuple(dict.fromkeys((*names, *products, *sorted(generic)))),
        needs_near=_all(gi.needs_near),
        twins=_all(f.value for f in gi.twins),
        not_goods=_all(gi.not_goods),
        company_words=_all(f.value for f in gi.company_words),
        brands=_all(f.value for f in gi.brands),
        conflicting=conflicting,
        conflicting_numbers=tuple({key.rpartition(" ")[2].partition(".")[0]: None for key in conflicting}),
        generic=generic,
        foreign=any(p.kind.value is ProtectionKind.FOREIGN for p in gi.protections),
        area=_area(gi),
        own_products=frozenset(_all(gi.product_words)),
        pictures=tuple(dict.fromkeys(p for p, goods in pictures if any(word.endswith(goods) for word in products))),
    )


def _altered(gi: GI, names: Collection[str], generic: Collection[str]) -> tuple[str, ...]:
    """Chinese names of three characters and more, and longer listed near ones that are no altered names themselves: 五常稻花香."""
    near = [n for n in _all(f.value for f in gi.near) if len(n) > _SHORT_NEAR and n not in generic]
    near = [n for n in near if not any(_differs_little(n, name) for name in names)]
    return tuple(n for n in dict.fromkeys((*names, *near)) if len(n) >= _SHORTEST_ALTERED and not n.isascii())


def _differs_little(one: str, other: str) -> bool:
    return len(one) == len(other) and 2 * sum(a != b for a, b in zip(one, other, strict=True)) <= len(one)


def _strong(core: str, names: Iterable[str], products: Iterable[str]) -> tuple[str, ...]:
    """大米 and 香米 for 五常大米; 毛峰 but not 绿茶 for 黄山毛峰."""
    rests = {n.removeprefix(core) for n in names if core and n.startswith(core) and n != core}
    ends = {r[-1] for r in rests if r}
    kin = {p for p in products if len(p) >= 2 and p[-1] in ends}
    return tuple(sorted((r for r in rests | kin if r), key=lambda w: (-len(w), w)))


def _area(gi: GI) -> tuple[str, ...]:
    """Codes of the protected area; where the register has none, those of the city or province it names."""
    if gi.area:
        return gi.area.adcodes.value
    return tuple(r.adcode for r in find_regions(gi.province + gi.city))


def _all(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(t for t in map(folded, texts) if t)


def only_inside(word: str, title: str, profile: Profile) -> bool:
    """True where every occurrence of the word is part of the GI's own name."""
    rest = title
    for name in profile.names:
        if word in name:
            rest = rest.replace(name, BREAK)
    return word not in rest
