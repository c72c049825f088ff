"""What kind of goods an offer is, as far as it matters: the goods a GI protects, or a pot, a seedling, a book, an empty box."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple

from gimonitor.model.enums import quick
from gimonitor.model.finding import Place
from gimonitor.model.register import text_of
from gimonitor.screening.names import Profile, folded
from gimonitor.screening.sheet import Sheet
from gimonitor.screening.vocabulary import Labels, Spotted, Vocabulary
from gimonitor.text.lazy import lazy
from gimonitor.text.normalise import BREAK

_GIFT = re.compile(
    r"(?:送|赠|配|附|含|带|加|免费|可以?做|适合做|用于)[^，。]{0,5}$|(?:送|赠)\d{1,4}(?:g|克|ml)[^，。]{0,4}$|镂$"
)
_AFTER = re.compile(r"搭配|伴侣|茶叶")  # 五宝茶搭配伴侣, 小饼干茶叶: not what is sold
_DEGREES = re.compile(r"\d{2}(?:\.\d)?(?:度|°|º|%vol)")
_DRINK = re.compile(r"\d\s?(?:ml|毫升|l|cl|瓶|支)|酒|vsop|xo|brut", re.IGNORECASE)
_CODES = {
    "seeds": ("N10", "种子、种苗等，与地理标志保护的商品不同"),
    "utensils": ("N09", "器具、设备或用具，名称说明用途"),
    "publications": ("N12", "书籍、课程、旅游等，不是商品上的使用"),
    "dining": ("N05", "餐饮、菜品"),
    "packaging": ("P09", "包装、标签"),
    "other-goods": ("N09", "另一种商品，名称表示口味、颜色、香型或原料"),
}
_BY_THE_HUNDRED = re.compile(r"\d{3,}[个张枚条只]")  # so packaging is sold, and no food
_CRAFTS = "手工艺品"
_ORDER = ("packaging", "seeds", "utensils", "publications", "dining", "other-goods")


@quick
class Likeness(StrEnum):
    """How the goods offered stand to the goods protected."""

    LIKE = "like"  # something says they are of that kind
    OPEN = "open"  # nothing says what they are
    PACKAGING = "packaging"
    OTHER = "other"


class Goods(NamedTuple):  # made for every GI named: a tuple is built in a third of the time
    """The judgement with its reason: code of the catalogue, reason in Chinese, the words that decided."""

    likeness: Likeness
    code: str = ""
    reason: str = ""
    place: Place | None = None
    word: str = ""


class Shelf:
    """The words in a listing that tell what is sold, by title, subtitle and category, and where it comes from; looked up once a listing."""

    def __init__(self, sheet: Sheet, words: Vocabulary) -> None:
        self._sheet = sheet
        self._words = words
        self.title = sheet.title_text
        self.category = folded(sheet.listing.category) if sheet.listing.category else ""
        self.beside = sheet.beside
        self.in_title = words.spot(self.title)
        self._groups: dict[str, list[Spotted]] = {}
        for spotted in self.in_title:
            self._groups.setdefault(spotted.group, []).append(spotted)
        self.in_category = words.spot(self.category) if self.category else ()

    @lazy
    def labels(self) -> Labels:
        """What announces an origin, in any text of the listing."""
        return self._words.labels(self._sheet.folded.units)

    @lazy
    def _exceptions(self) -> list[tuple[int, int]]:
        return [m.span() for m in self._words.pattern("goods-exceptions").finditer(self.title)]

    def has(self, group: str, words: frozenset[str] | None = None) -> Spotted | None:
        """The first word of a group in the title, or the first that is one of `words` too."""
        found = self._groups.get(group, ())
        if words is not None:
            found = [spotted for spotted in found if spotted.word in words]
        return found[0] if found else None

    def judge(self, profile: Profile, spans: tuple[tuple[int, int], ...]) -> Goods:
        """What is sold, seen from a GI. `spans` are the folded spans of its mentions."""
        for word in profile.not_goods:
            if word in self.title and not _only_inside(word, self.title, profile):
                return Goods(Likeness.OTHER, "N09", f"所售为“{word}”，不是该地理标志的商品", self._place_of(word), word)
        by_category = self._by_category(profile)
        if by_category:
            return by_category
        by_title = self._by_title(profile, spans) if self.in_title else None
        if by_title:
            return by_title
        product = self.product(profile)
        return Goods(Likeness.LIKE, word=product) if product else Goods(Likeness.OPEN)

    def _by_title(self, profile: Profile, spans: tuple[tuple[int, int], ...]) -> Goods | None:
        """What a word in the title says is sold, where it is not the goods of the GI."""
        for group in _ORDER:
            for spotted in self._groups.get(group, ()):
                if self._counts(spotted, profile, spans):
                    code, reason = _CODES[group]
                    likeness = Likeness.PACKAGING if group == "packaging" else Likeness.OTHER
                    return Goods(likeness, code, f"{reason}（“{spotted.word}”）", self._place(spotted), spotted.word)
        weak = self.has("packaging-weak")
        joined = self._words.words("packaging-joined")
        named = weak and weak.word in joined and any(end == weak.start for _, end in spans)  # 洛川苹果包装箱
        traded = named or (weak and (self.has("packaging-trade") or _BY_THE_HUNDRED.search(self.title)))
        if weak and traded and self._counts(weak, profile, spans):
            return Goods(Likeness.PACKAGING, "P09", f"包装、标签（“{weak.word}”）", self._place(weak), weak.word)
        food = self.has("foodstuffs")
        if food and text_of(profile.gi.category) == _CRAFTS:
            return Goods(Likeness.OTHER, "N09", f"所售为“{food.word}”，名称说明容器", self._place(food), food.word)
        return None

    def product(self, profile: Profile) -> str:
        """A word for the goods of a GI, or like goods, in title, category, subtitle or picture; else an empty text.

        A short name like 香槟 tells no goods by itself: it takes another word, or a measure of drink beside it.
        """
        where = BREAK.join((self.title, self.category, self.beside))
        names = profile.names if profile.is_short else ()
        found = ""
        for product in profile.products:
            if product in where and len(product) >= 2 and product not in names:
                found = product
                break
        if found or not names or not any(p in names for p in profile.products):
            return found
        measure = _DRINK.search(self._sheet.listing.title[:400])
        return measure.group() if measure else ""

    def _by_category(self, profile: Profile) -> Goods | None:
        if not self.in_category or any(len(p) >= 2 and p in self.category for p in profile.products):
            return None
        for group in _ORDER:
            found = next((s for s in self.in_category if s.group == group), None)
            if found and not _is_own(found.word, profile):
                code, reason = _CODES[group]
                likeness = Likeness.PACKAGING if group == "packaging" else Likeness.OTHER
                return Goods(likeness, code, f"类目“{self._sheet.listing.category}”：{reason}", word=found.word)
        return None

    def _counts(self, spotted: Spotted, profile: Profile, spans: tuple[tuple[int, int], ...]) -> bool:
        if _is_own(spotted.word, profile) or any(a <= spotted.start and spotted.end <= b for a, b in spans):
            return False
        if any(a <= spotted.start and spotted.end <= b for a, b in self._exceptions) or self._is_bag(spotted):
            return False
        if self.title[spotted.end : spotted.end + 1] == "装" or _AFTER.match(self.title, spotted.end):
            return False
        if spotted.group in ("utensils", "publications") and self._is_vessel(profile, spotted.group):
            return False
        return not _GIFT.search(self.title[max(0, spotted.start - 8) : spotted.start])

    def _is_bag(self, spotted: Spotted) -> bool:
        """True for 外卖 in 外卖袋: what is sold is the bag."""
        return spotted.group == "dining" and any(
            s.start <= spotted.start and spotted.end <= s.end for s in self._groups.get("packaging-weak", ())
        )

    def _is_vessel(self, profile: Profile, group: str) -> bool:
        """True where pots are what the GI protects, or only what its liquor comes in: 53度 500ml, 送酒壶, 白酒大全."""
        if text_of(profile.gi.category) == _CRAFTS:
            return group == "utensils"
        return "酒" in profile.products and bool(_DEGREES.search(self._sheet.listing.title[:400]))

    def _place(self, spotted: Spotted) -> Place:
        assert self._sheet.title is not None
        start = self._sheet.title.start
        return self._sheet.place(start + spotted.start, start + spotted.end)

    def _place_of(self, word: str) -> Place | None:
        at = self.title.find(word)
        assert self._sheet.title is not None
        start = self._sheet.title.start
        return self._sheet.place(start + at, start + at + len(word)) if at >= 0 else None


def _is_own(word: str, profile: Profile) -> bool:
    return any(word in own for own in profile.own_words)


def _only_inside(word: str, title: str, profile: Profile) -> bool:
    """True where every occurrence of the word is part of the GI's own name."""
    rest = title
    for name in profile.names:
        if word in name:
            rest = rest.replace(name, BREAK)
    return word not in rest
