"""Names of GIs, claims of marks and codes of users in the short texts that stand in pictures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from gimonitor.model.register import GI, Register
from gimonitor.register.regions import region
from gimonitor.text.normalise import fold_text

_RUN = re.compile(r"[\u3400-\u9fff·•・]+")  # what stands between blanks, signs, letters and digits
_DOTS = re.compile(r"[·•・]")
_UNITS = "省市县区"
_AROUND = re.compile(
    r"中华人民共和国|中国|国家|农产品|地理标志|保护|产品名称|商品名称|产品|专用标志|证明商标|集体商标|品名"
)  # what may stand in one word with a short name


class Names:
    """Names of GIs and claims of marks, folded, ready to be looked for in short texts, and the credit codes of users.

    A name of two characters stands by accident in many a word: it counts where it is a word by itself, or the end of one that
    begins with nothing but places of its GI.
    """

    def __init__(self, register: Register) -> None:
        self.names: dict[str, tuple[str, str]] = {}
        self.short: dict[str, tuple[tuple[str, str], re.Pattern[str]]] = {}
        self.translations: dict[str, tuple[str, str]] = {}
        self.claims: dict[str, tuple[str, str]] = {}
        for gi in register.gis:
            if gi.is_gi:
                for name in (gi.name, *(alias.value for alias in gi.aliases)):
                    self._add(fold_text(name), gi)
                for translation in gi.translations:
                    self.translations.setdefault(_run_on(fold_text(translation.value)), (gi.id, gi.name))
        for sign in register.signs:
            for claim in sign.claims:
                self.claims.setdefault(fold_text(claim), (sign.id, claim))
        self.codes = frozenset(user.uscc for user in register.users if user.uscc)
        self._pattern = _any_of(self.names)
        self._claiming = _any_of(self.claims)

    def _add(self, name: str, gi: GI) -> None:
        if len(name) >= 3:
            self.names.setdefault(name, (gi.id, gi.name))
        else:
            placed = re.compile(f"(?:{'|'.join(map(re.escape, _places(gi)))})*{re.escape(name)}")
            self.short.setdefault(name, ((gi.id, gi.name), placed))

    def find_names(self, text: str) -> tuple[tuple[str, str], ...]:
        """(GI id, name) of each name in a text."""
        folded = fold_text(text)
        found = [self.names[m.group()] for m in self._pattern.finditer(folded)]
        words = [folded, *(_DOTS.sub("", m.group()) for m in _RUN.finditer(text))]
        bare = {_AROUND.sub("", word) for word in words}
        known = {word for word in bare if not self._pattern.fullmatch(word)}  # 西湖龙井 names no 龙井 of another GI
        short = (known_as for known_as, placed in self.short.values() if any(map(placed.fullmatch, known)))
        return (*found, *(name for name in short if name not in found))

    def find_doubtful(self, text: str) -> tuple[tuple[str, str], ...]:
        """(GI id, name) of each name of two characters and each translation that stands anywhere: it may be the name (青花汾酒,
        WUCHANG RICE), or not (仿宣纸).
        """
        folded = fold_text(text)
        short = (known_as for name, (known_as, _) in self.short.items() if name in folded)
        translated = (known_as for name, known_as in self.translations.items() if name in _run_on(folded))
        return tuple(dict.fromkeys((*short, *translated)))

    def find_claims(self, text: str) -> Iterator[tuple[str, str]]:
        """(sign id, claim) of each claim in a text, the longest at each place."""
        return (self.claims[m.group()] for m in self._claiming.finditer(fold_text(text)))


def _run_on(folded: str) -> str:
    """Without blanks: those between Latin words are often not read."""
    return folded.replace(" ", "")


def _places(gi: GI) -> tuple[str, ...]:
    """Places that may stand before a GI's name, longest first: its province, its city or country, the divisions of its area."""
    full = [gi.province, gi.city, *(gi.city[:end] for end in range(2, len(gi.city)))]
    for code in gi.area.adcodes.value if gi.area else ():
        if at := region(code):
            full += [at.province, at.city, at.county]
    short = [name[:-1] for name in full if len(name) > 2 and name[-1] in _UNITS]
    units = [name + unit for name in (gi.province, gi.city) if name for unit in _UNITS]
    return tuple(sorted({name for name in (*full, *short, *units) if name}, key=len, reverse=True))


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile("|".join(re.escape(w) for w in longest_first) or r"(?!)")
