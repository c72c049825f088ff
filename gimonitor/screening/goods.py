"""What kind of goods an offer is, as far as it matters: the goods a GI protects, or a pot, a seedling, a book, an empty box."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple

from gimonitor.model.enums import quick
from gimonitor.model.finding import Place
from gimonitor.model.register import text_of
from gimonitor.screening.accessories import CRAFTS, SIGNS, Title, is_made_into_anything, is_vessel_craft, told_by_signs
from gimonitor.screening.heads import Heads, Role, Span
from gimonitor.screening.latin import goods_in_latin
from gimonitor.screening.names import Profile, folded, only_inside
from gimonitor.screening.parcels import has_measure, is_added, is_beside
from gimonitor.screening.sheet import Sheet
from gimonitor.screening.vocabulary import Labels, Spotted, Vocabulary
from gimonitor.text.lazy import lazy
from gimonitor.text.normalise import BREAK

_GIFT = re.compile(
    r"(?:送|赠|配|附|含|带|加(?![工厚大热湿固长深盟])|免费|可以?做|适合做|用于)[^，。]{0,5}$|(?:送|赠)\d{1,4}(?:g|克|ml)[^，。]{0,4}$|镂$"
)
_DEGREES = re.compile(r"\d{2}(?:\.\d)?(?:度|°|º|%vol)")
_DRINK = re.compile(r"\d\s?(?:ml|毫升|l|cl|瓶|支)|酒|vsop|xo|brut", re.IGNORECASE)
_CODES = {
    "seeds": ("N10", "种子、种苗等，与地理标志保护的商品不同"),
    "utensils": ("N09", "器具、设备或用具，名称说明用途"),
    "publications": ("N12", "书籍、课程、旅游等，不是商品上的使用"),
    "dining": ("N05", "餐饮、菜品"),
    "dishes": ("N05", "餐饮、菜品"),
    "packaging": ("P09", "包装、标签"),
    "pages": ("N14", "资讯、问答等页面，不是商品"),
    "other-goods": ("N09", "另一种商品，名称表示口味、颜色、香型或原料"),
    "english-goods": ("N09", "另一种商品，名称表示口味、香型或原料"),
    "seasonings": ("N09", "另一种商品，名称表示口味，或者配它吃的菜"),
    "wares": ("N09", "另一种商品，名称表示颜色、香型或原料"),
    "growers": ("N10", "农资，与地理标志保护的商品不同"),
    "services": ("N12", "工程、仓储等服务，不是商品上的使用"),
    "antiques": ("N12", "旧物、藏品，不是装货用的包装"),
}
_BY_THE_HUNDRED = re.compile(r"\d{3,}[个张枚条只]")  # so packaging is sold, and no food
_MANY_KINDS = 4  # of bags and boxes in one title; goods come in fewer
_PRINTED = frozenset(("标", "贴", "扣", "牌", "卡", "纸", "胶", "封", "计", "签", "证", "带"))
_FILLED = ("packaging-printed", "packaging-filled")
_ORDER = (
    "packaging", "seeds", "growers", "utensils", "publications", "services", "dining", "dishes", "wares", "seasonings",
    "other-goods",
)  # fmt: skip
_ONLY_AS_HEAD = frozenset({"growers", "seasonings"})  # else said of the goods themselves, or what comes with them
_SEASONING = "调味"
_BY_THE_HEAD = re.compile(r"\d\s?[只头条尾枚个对]|公\d")  # how birds, crabs and fruit are sold
_WEIGHED = re.compile(r"[\d一二两三四五六七八九十半]\s?公?斤|\d\s?(?:kg|枚)")  # as no bags or seasonings are
_TITLE = 400  # characters of a title that are read; what comes after is none
_STEPS, _PACKED = re.compile(r"[/>|,，、]"), re.compile("装(?![裱修饰订])")  # of a category; that goods are packed
_BETWEEN = 40  # characters before a seasoning in which food is looked for
_LONGEST_EXCEPTION, _SHOWN = 4, 3  # characters: of an exception, of what ends with the head of a compound


@quick
class Likeness(StrEnum):
    """How the goods offered stand to the goods protected."""

    LIKE = "like"  # something says they are of that kind
    OPEN = "open"  # nothing says what they are
    PACKAGING = "packaging"
    OTHER = "other"


class Goods(NamedTuple):  # made for every GI named: a tuple is built in a third of the time
    """The judgement with its reason: code of the catalogue, reason in Chinese, the words that decided.

    `is_sure` is False where other goods are named, and may be what these are used for or served with; `clears` is False
    where that does not excuse a name of which nobody knows where the goods come from.
    """

    likeness: Likeness
    code: str = ""
    reason: str = ""
    place: Place | None = None
    word: str = ""
    is_sure: bool = True
    clears: bool = True


class Shelf:
    """The words in a listing that tell what is sold, by title, subtitle and category, and where it comes from; looked up once a listing."""

    def __init__(self, sheet: Sheet, words: Vocabulary) -> None:
        self._sheet = sheet
        self._words = words
        self.title = sheet.title_text
        self.category = folded(sheet.listing.category) if sheet.listing.category else ""
        self.beside = sheet.beside
        read = self.title[:_TITLE]
        self.in_title = words.spot(read)
        self._groups = words.settled(self.in_title, read)
        self.in_category = words.spot(self.category) if self.category else ()

    @lazy
    def _shown(self) -> str:
        """The title as shown, as far as it is read."""
        return self._sheet.listing.title[:_TITLE]

    @lazy
    def _is_by_piece(self) -> bool:
        """True where the title sells by weight or piece, as goods are sold and no services."""
        return bool(_WEIGHED.search(self._shown) or _BY_THE_HEAD.search(self._shown))

    @lazy
    def labels(self) -> Labels:
        """What announces an origin, in any text of the listing."""
        return self._words.labels(self._sheet.folded.units)

    @lazy
    def _heads(self) -> Heads:
        return Heads(self._sheet, self._words)

    @lazy
    def _exceptions(self) -> list[tuple[int, int]]:
        return [m.span() for m in self._words.pattern("goods-exceptions").finditer(self.title)]

    def has(self, group: str, words: frozenset[str] | None = None) -> Spotted | None:
        """The first word of a group in the title, or the first that is one of `words` too."""
        found = self._groups.get(group, ())
        if words is not None:
            found = [spotted for spotted in found if spotted.word in words]
        return found[0] if found else None

    def judge(self, profile: Profile, spans: tuple[Span, ...]) -> Goods:
        """What is sold, seen from a GI. `spans` are the folded spans of its mentions."""
        for word in profile.not_goods:
            if word in self.title and not only_inside(word, self.title, profile):
                return Goods(Likeness.OTHER, "N09", f"所售为“{word}”，不是该地理标志的商品", self._place_of(word), word)
        by_category = self._by_category(profile)
        if by_category:
            return by_category
        by_title = self._by_title(profile, spans)
        return by_title or self.kind(profile)

    def kind(self, profile: Profile) -> Goods:
        """What the words for the goods of the GI itself say."""
        product = self.product(profile)
        return Goods(Likeness.LIKE, word=product) if product else Goods(Likeness.OPEN)

    def beside_brand(self, profile: Profile) -> Goods:
        """What is sold under a brand or in a shop that bears the GI's name: other goods only where the title says nothing else."""
        other: Spotted | None = None
        for found in self._words.sold.finditer(self.title):
            if self._words.is_kindred(found.group(), profile):
                return Goods(Likeness.OPEN)
            if other is None and self._heads.is_end(found.end()):
                other = Spotted("sold", found.group(), *found.span())
        if other is None:
            return Goods(Likeness.OPEN)
        reason = f"名称写作品牌或者店名，标题写明所售是另一种商品（“{other.word}”）"
        return Goods(Likeness.OTHER, "N09", reason, self._place(other), other.word)

    def _by_title(self, profile: Profile, spans: tuple[Span, ...]) -> Goods | None:
        """What a word in the title says is sold, where it is not the goods of the GI."""
        named = self._by_word(profile, spans) if self.in_title else None
        if named and named.is_sure:
            return named
        is_latin = spans and self.title[spans[0][1] - 1].isascii()
        latin = goods_in_latin(self.title, spans, self._words) if is_latin else None
        found = self._by_compound(profile, spans) or (self._other(latin) if latin else None)
        return found or self._by_signs(profile, spans, named) or named

    def _by_signs(self, profile: Profile, spans: tuple[Span, ...], named: Goods | None) -> Goods | None:
        """What signs tell beside a name of goods that no list names, unless the title measures what the GI protects."""
        if not spans or (named is None and SIGNS.isdisjoint(self._groups)) or self._is_measured_food(profile):
            return None

        def plays(spotted: Spotted) -> Role:
            return self._role(spotted, profile, spans) if self._counts(spotted, profile, spans) else Role.NONE

        listed = next((s for s in self.in_title if named and s.word == named.word), None)
        title = Title(self._sheet, self._words, self._heads, self._groups, plays)
        told = told_by_signs(profile, spans, title, listed)
        if told is None:
            return None
        reason = f"{told.reason}；所售是另一种商品" if told.is_sure else f"{told.reason}；所售可能是另一种商品"
        place, word = self._place(told.spotted), told.spotted.word
        return Goods(Likeness.OTHER, "N09", reason, place, word, is_sure=told.is_sure, clears=told.is_sure)

    def _is_measured_food(self, profile: Profile) -> bool:
        """True where the title sells goods such as a GI's, that are no handicraft, by weight, volume or head."""
        measured = self._is_by_piece or has_measure(self.title, len(self.title), (), is_drink="酒" in profile.products)
        return measured and text_of(profile.gi.category) != CRAFTS

    def _by_word(self, profile: Profile, spans: tuple[Span, ...]) -> Goods | None:
        """What a word for other goods says, by the part it plays."""
        perhaps: Goods | None = None
        for group in _ORDER:
            for spotted in self._groups.get(group, ()):
                if not self._counts(spotted, profile, spans):
                    continue
                role = self._role(spotted, profile, spans)
                if role is Role.HEAD or (role is Role.OPEN and group == "packaging"):
                    return self._other(spotted)
                if role is Role.OPEN and (perhaps is None or perhaps.word in spotted.word):
                    perhaps = self._other(spotted)._replace(is_sure=False)
        return self._weak_packaging(profile, spans) or self._held(profile) or perhaps

    def _role(self, spotted: Spotted, profile: Profile, spans: tuple[Span, ...]) -> Role:
        """The part that a word plays beside the goods of a GI, which may be weighed in the same title."""
        role = self._heads.role(spotted, spans)
        if role is Role.NONE or self._is_in_parcel(spotted, profile, spans):
            return Role.NONE
        if spotted.group == "growers" and _WEIGHED.search(self._shown):
            return Role.NONE
        if self._describes(spotted, profile):
            return Role.NONE
        if spotted.group == "services" and not self._is_measured:
            return Role.HEAD  # 西湖龙井 产品拍摄 白底图: no goods are sold by measure
        if role is Role.HEAD or spotted.group not in _ONLY_AS_HEAD:
            return role
        ends = self._heads.is_end(spotted.end) and not _WEIGHED.search(self._shown)
        if spotted.group == "seasonings":
            ends = ends and self._is_seasoning(spotted, profile, spans)
        return Role.HEAD if ends else Role.NONE

    def _describes(self, spotted: Spotted, profile: Profile) -> bool:
        """True for a word that says of what sort goods sold by weight or piece are: 牛奶 in 牛奶草莓, 同款种子 beside 大米."""
        goods = [product for product in profile.own_products if len(product) > 1] if self._is_by_piece else []
        if spotted.group == "seeds":
            return self.title.endswith("同款", 0, spotted.start) and any(product in self.title for product in goods)
        at = spotted.end
        joined = [p for p in goods if self.title.startswith(p, at)] if self._heads.is_joined(at) else []
        return spotted.group == "other-goods" and any(self._heads.is_end(at + len(product)) for product in joined)

    def _is_in_parcel(self, spotted: Spotted, profile: Profile, spans: tuple[Span, ...]) -> bool:
        """True for what comes with goods of the GI that the title measures."""
        is_drink = "酒" in profile.products
        if is_added(self._sheet, spotted.start, [last for _, last in spans], self._vessels, is_drink):
            return True
        if spotted.group != "utensils":
            return False
        goods = (*profile.names, *(product for product in profile.products if len(product) > 1))
        return is_beside(self._sheet, spotted.start, goods, is_drink)

    @lazy
    def _is_measured(self) -> bool:
        """True where the title sells by any measure."""
        return self._is_by_piece or has_measure(self.title, len(self.title), (), is_drink=True)

    @lazy
    def _vessels(self) -> frozenset[int]:
        """Where words for vessels end."""
        return frozenset(spotted.end for spotted in self._groups.get("utensils", ()))

    def _is_seasoning(self, spotted: Spotted, profile: Profile, spans: tuple[Span, ...]) -> bool:
        """True for a seasoning that is no gift with food nor a use of it: food is neither measured before it, nor named but by the GI."""
        if _SEASONING in text_of(profile.gi.goods) or _BY_THE_HEAD.search(self._shown):
            return False
        if spotted.word in self._words.words("soup-bases") or has_measure(
            self.title, spotted.start, (), is_drink=False
        ):
            return False
        first = max((last for _, last in spans if last <= spotted.start), default=0)
        between = self.title[max(first, spotted.start - _BETWEEN) : spotted.start]
        return not any(product in between for product in profile.products)

    def _weak_packaging(self, profile: Profile, spans: tuple[Span, ...]) -> Goods | None:
        weak = self.has("packaging-weak")
        if weak is None or not self._counts(weak, profile, spans):
            return None
        if self._words.pattern("packaging-guards").match(self.title, weak.end):
            return None
        if not (self._is_joined(weak, spans) or self.has("packaging-trade") or self._sells_bags):
            return None
        return self._unprinted(weak) or Goods(
            Likeness.PACKAGING, "P09", f"包装、标签（“{weak.word}”）", self._place(weak), weak.word
        )

    @lazy
    def _sells_bags(self) -> bool:
        """True where packaging is printed, counted by the hundred or of so many kinds that it is what is sold; bags for anything are not."""
        if self._words.pattern("packaging-printed").search(self.title):
            return True
        kinds = {spotted.word for spotted in self._groups.get("packaging-weak", ())}
        counted = len(kinds) >= _MANY_KINDS or _BY_THE_HUNDRED.search(self.title) is not None
        return counted and not self._words.pattern("packaging-universal").search(self.title)

    def _unprinted(self, spotted: Spotted) -> Goods | None:
        """Empty packaging of which it is said that nothing is printed on it; labels and tags are printed by nature."""
        told = self._words.pattern("packaging-unprinted")
        found = told.search(self._sheet.text) if spotted.word[-1] not in _PRINTED else None
        if found is None:
            return None
        rest = told.sub(BREAK, self._sheet.text)
        if "印" in rest or any(self._words.pattern(group).search(rest) for group in _FILLED):
            return None
        reason = f"包装写明“{found.group()}”，没有印名称，名称说明用途"
        return Goods(Likeness.OTHER, "N09", f"{reason}（“{spotted.word}”）", self._place(spotted), spotted.word)

    def _is_joined(self, weak: Spotted, spans: tuple[Span, ...]) -> bool:
        """True for packaging named right after the GI: 洛川苹果包装箱."""
        if all(end != weak.start for _, end in spans):
            return False
        if weak.word in self._words.words("packaging-joined"):
            return True
        compounds = self._words.words("packaging-compounds")
        return weak.word in compounds and self._heads.is_joined(weak.start) and self._heads.is_end(weak.end)

    def _by_compound(self, profile: Profile, spans: tuple[Span, ...]) -> Goods | None:
        """What ends with the head of a compound: 切丝机, 储茶罐, 花椒苗, 平装书."""
        for found in self._words.compound_heads.finditer(self.title, 0, _TITLE):
            word, (start, end) = found.group(), found.span()
            if not self._heads.is_end(end):
                continue
            run = self._heads.run_before(end, _SHOWN, spans)
            if self._words.ending("compound-exceptions").search(self.title[max(0, end - _LONGEST_EXCEPTION) : end]):
                continue
            if len(word) == 1:
                start = end - len(run[-2:])
                if len(run) == 1 and end < len(self.title) and all(last != start for _, last in spans):
                    continue
            spotted = Spotted(self._words.compounds[word], self.title[start:end], start, end)
            if self._counts(spotted, profile, spans) and self._role(spotted, profile, spans) is Role.HEAD:
                start = min(start, end - len(self._heads.shown(end, spans)))
                return self._other(spotted._replace(word=self.title[start:end], start=start))
        return None

    def _held(self, profile: Profile) -> Goods | None:
        """Food in a vessel that bears the name; not what a vessel is called after: 茶叶|罐."""
        if text_of(profile.gi.category) != CRAFTS:
            return None
        vessels = self._words.pattern("vessels")
        foods = (f for f in self._groups.get("foodstuffs", ()) if not vessels.match(self.title, f.end))
        food = next(foods, None)
        if food is None:
            return None
        return Goods(Likeness.OTHER, "N09", f"所售为“{food.word}”，名称说明容器", self._place(food), food.word)

    def _other(self, spotted: Spotted) -> Goods:
        unprinted = self._unprinted(spotted) if spotted.group == "packaging" else None
        if unprinted:
            return unprinted
        group = "antiques" if self._is_antique(spotted) else spotted.group
        code, reason = _CODES[group]
        likeness = Likeness.PACKAGING if group == "packaging" else Likeness.OTHER
        return Goods(likeness, code, f"{reason}（“{spotted.word}”）", self._place(spotted), spotted.word)

    def _is_antique(self, spotted: Spotted) -> bool:
        """True for a jar sold as a collector's piece, and not by the hundred."""
        if spotted.group != "packaging" or spotted.word not in self._words.words("antique-vessels"):
            return False
        return bool(self._words.pattern("antiques").search(self.title)) and not _BY_THE_HUNDRED.search(self.title)

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
        measure = _DRINK.search(self._shown)
        return measure.group() if measure else ""

    def _by_category(self, profile: Profile) -> Goods | None:
        if self.category and (page := self._words.pattern("pages").search(self.category)):
            code, reason = _CODES["pages"]
            return Goods(Likeness.OTHER, code, f"类目“{self._sheet.listing.category}”：{reason}", word=page.group())
        if not (self.in_category or self._meal) or any(len(p) >= 2 and p in self.category for p in profile.products):
            return None
        if self._meal:
            code, reason = _CODES["dining"]
            return Goods(Likeness.OTHER, code, f"类目“{self._sheet.listing.category}”：{reason}", word=self._meal)
        for group in _ORDER:
            found = next((s for s in self.in_category if s.group == group), None)
            if found and not _is_own(found.word, profile):
                code, reason = _CODES[group]
                likeness = Likeness.PACKAGING if group == "packaging" else Likeness.OTHER
                return Goods(likeness, code, f"类目“{self._sheet.listing.category}”：{reason}", word=found.word)
        return None

    @lazy
    def _meal(self) -> str:
        """The part of the category that says a meal is sold, where the title sells nothing by weight or piece; else an empty text."""
        meals = self._words.words("dining-categories")
        if not self.category or not self._words.pattern("dining-categories").search(self.category):
            return ""
        if self._is_by_piece:
            return ""
        return next(
            (step for part in _STEPS.split(self._sheet.listing.category) if (step := folded(part)) in meals), ""
        )

    def _counts(self, spotted: Spotted, profile: Profile, spans: tuple[Span, ...]) -> bool:
        if _is_own(spotted.word, profile) or self._is_part(spotted, spans):
            return False
        if any(a <= spotted.start and spotted.end <= b for a, b in self._exceptions) or self._is_bag(spotted):
            return False
        if _PACKED.match(self.title, spotted.end) and self._heads.is_joined(spotted.end):
            return False
        if spotted.group == "utensils" and spotted.word in self._words.words("packaging-weak") and self._sells_bags:
            return False  # 密封袋 彩印 is packaging
        if spotted.word in self._words.words("packaging-vessels") and is_vessel_craft(profile, self._words):
            return False
        if spotted.group in ("utensils", "publications") and self._is_vessel(profile, spotted.group, spotted.word):
            return False
        return not _GIFT.search(self.title[max(0, spotted.start - 8) : spotted.start])

    def _is_part(self, spotted: Spotted, spans: tuple[Span, ...]) -> bool:
        """True for a word within a name, unless it ends a clause there: 苹果手机 国行 洛川; or is sold by the hundred: 阳澄湖防伪扣 1000个."""
        if spotted.group == "packaging" and _BY_THE_HUNDRED.search(self.title):
            return False
        return any(
            a <= spotted.start and (spotted.end == b or (spotted.end < b and self._heads.is_joined(spotted.end)))
            for a, b in spans
        )

    def _is_bag(self, spotted: Spotted) -> bool:
        """True for 外卖 in 外卖袋: what is sold is the bag."""
        return spotted.group == "dining" and any(
            s.start <= spotted.start and spotted.end <= s.end for s in self._groups.get("packaging-weak", ())
        )

    def _is_vessel(self, profile: Profile, group: str, word: str) -> bool:
        """True where pots or cushions are what the GI protects, or only what its liquor comes in: 53度 500ml, 送酒壶, 白酒大全."""
        if text_of(profile.gi.category) == CRAFTS:
            if group != "utensils" or len(word) == 1:
                return group == "utensils"
            if is_vessel_craft(profile, self._words):
                return self._words.ending("vessels").search(word) is not None
            return is_made_into_anything(profile, self._words)
        return "酒" in profile.products and bool(_DEGREES.search(self._shown))

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
