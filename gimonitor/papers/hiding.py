"""Covering what names somebody in words for publication: seller, shop, firm, brand, codes, links and personal data.

Names of GIs, standards of the state, of a place or of an association, and places stay: they name nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

import yaml

from gimonitor.model.listing import Listing
from gimonitor.register.regions import find_regions
from gimonitor.register.schema import Form, Text
from gimonitor.text.codes import Code, find_marks, find_sc, find_standards, find_uscc
from gimonitor.text.personal import cover_personal

BRAND, FIRM, SHOP = "某品牌", "某经营者", "某店铺"
CODE, NUMBER, LINK, ADDRESS = "（代码略）", "（编号略）", "（链接略）", "（地址略）"
_URL = re.compile(r"https?://[!-~]+|(?<![\w.-])www\.[!-~]+")
_LICENCE = re.compile(r"(?<![0-9A-Za-z])(?:[SsJj][CcYyZz]|QS)\s*[:：]?\s*\d(?:[ -]?\d){7,}")
_NUMBER = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z]{8,}")
_HOUSE = re.compile(r"[\u4e00-\u9fff]{1,8}?(?:路|街|大道|巷|弄)\d+(?:-\d+)?号[0-9A-Za-z\u4e00-\u9fff-]{0,10}")
_PARTS = re.compile(r"[/／|（）()\[\]【】、,，;；·]+")
_RUN = r"[\u4e00-\u9fffA-Za-z0-9（）()·&]"
_DIGITS = 6  # a run of letters and digits with fewer digits is a word


class _Words(Form):
    firm_endings: tuple[Text, ...]
    firm_tails: tuple[Text, ...]
    labels: tuple[Text, ...]
    naming_keys: Mapping[str, Text]
    nobody: tuple[Text, ...]
    stem_endings: tuple[Text, ...]
    general: tuple[Text, ...]


@cache
def _words() -> _Words:
    return _Words.model_validate(yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8")))


@cache
def _firm() -> re.Pattern[str]:
    words = _words()
    labels, endings, tails = (_either(found) for found in (words.labels, words.firm_endings, words.firm_tails))
    return re.compile(
        rf"(?P<label>(?:{labels})(?:为|是|[:：])?)?{_RUN}{{2,40}}(?:{endings})(?:{_RUN}{{0,12}}(?:{tails}))?"
    )


class Hider:
    """Covers what names somebody in the words of a listing and of findings about it; `gi_names` stay as they are."""

    def __init__(self, listing: Listing, gi_names: Iterable[str]) -> None:
        self._gis = tuple(sorted({name for name in gi_names if name}, key=len, reverse=True))
        named = {_tight(name): word for name, word in _named(listing) if self._tells(_tight(name))}
        self._named = {name: self._instead(name, word) for name, word in named.items()}
        self._names = _spelled(self._named)
        self._kept = _spelled(self._gis)

    def __call__(self, text: str) -> str:
        """The text with all of these covered."""
        text = _URL.sub(LINK, cover_personal(text))
        text = self._cover_names(text)
        return "".join(part if stays else _cover(part) for part, stays in self._parts(text))

    def _tells(self, name: str) -> bool:
        """False for what is part of a GI's name, a place, or too general to be anybody's."""
        words = _words()
        is_general = name in map(_tight, (*words.nobody, *words.general)) or (name.isdigit() and len(name) < _DIGITS)
        return (
            len(name) > 1 and not is_general and not any(name in gi for gi in self._gis) and _without_place(name) != ""
        )

    def _instead(self, name: str, word: str) -> str:
        held = next((gi for gi in self._gis if gi in name), "")
        return f"{word}（名称含{held}）" if held else word

    def _cover_names(self, text: str) -> str:
        return self._names.sub(lambda hit: self._named[_tight(hit[0])], text) if self._named else text

    def _parts(self, text: str) -> Iterator[tuple[str, bool]]:
        """The text in pieces, each with whether it stays as it is."""
        stays = [(code.start, code.end) for code in find_standards(text) if not code.value.startswith("Q/")]
        stays += [hit.span() for hit in self._kept.finditer(text)] if self._gis else []
        at = 0
        for start, end in sorted(stays):
            if start >= at:
                yield text[at:start], False
                yield text[start:end], True
                at = end
        yield text[at:], False


def _cover(text: str) -> str:
    """The firms, addresses and numbers of a piece in which nothing has to stay."""
    for found, word in ((find_uscc, CODE), (find_sc, NUMBER), (find_standards, NUMBER), (find_marks, NUMBER)):
        text = _without(text, found(text), word)
    text = _HOUSE.sub(ADDRESS, _LICENCE.sub(NUMBER, text))
    text = _NUMBER.sub(lambda hit: NUMBER if sum(map(str.isdigit, hit[0])) >= _DIGITS else hit[0], text)
    return _firm().sub(lambda hit: (hit["label"] or "") + FIRM, text)


def _without(text: str, codes: Iterable[Code], word: str) -> str:
    for code in sorted(codes, key=lambda code: -code.start):
        text = f"{text[: code.start]}{word}{text[code.end :]}"
    return text


def _named(listing: Listing) -> Iterator[tuple[str, str]]:
    """Every name in a listing with what stands instead of it; the last of two of one name counts."""
    shop = listing.shop
    subject = shop.subject if shop else None
    brands = [listing.brand]
    for key, value in listing.attributes:
        word = next((word for part, word in _words().naming_keys.items() if part in key), "")
        if word == BRAND:
            brands.append(value)
        elif word:
            yield from ((name, word) for name in _stems(value))
    yield from ((name, SHOP) for name in (_stems(shop.name) if shop else ()))
    yield from ((name, FIRM) for name in (_stems(subject.name) if subject else ()))
    yield from ((name, BRAND) for brand in brands for name in (brand.strip(), *_PARTS.split(brand)))
    yield subject.uscc if subject else "", CODE
    yield subject.address if subject else "", ADDRESS
    yield shop.shop_id if shop else "", NUMBER
    yield listing.item_id, NUMBER


def _stems(name: str) -> Iterator[str]:
    """A name, and what is left of it without the words that say what kind of firm or shop it is, and without its place."""
    endings = (*_words().firm_endings, *_words().stem_endings)
    left = name.strip()
    while left:
        yield left
        yield _without_place(left)
        ending = max((e for e in endings if left.endswith(e) and left != e), key=len, default="")
        left = left.removesuffix(ending) if ending else ""


def _without_place(name: str) -> str:
    """A name without the place that it begins with."""
    found = next((place for place in find_regions(name) if place.start == 0), None)
    return name[found.end :] if found else name


def _tight(name: str) -> str:
    """A name as names are compared: without spaces, in small letters."""
    return "".join(name.split()).casefold()


def _either(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


def _spelled(names: Iterable[str]) -> re.Pattern[str]:
    """Any of some names, the longest first, whatever its case and with spaces between its characters."""
    spelled = (r"\s*".join(map(re.escape, _tight(name))) for name in sorted(names, key=len, reverse=True))
    return re.compile("|".join(spelled), re.IGNORECASE)
