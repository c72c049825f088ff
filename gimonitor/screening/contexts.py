"""Legitimate readings of a mention: each function looks at one and gives a clearing, or None where it does not hold.

A decisive clearing removes the mention; another one lowers confidence and is shown beside the finding. The codes are
those of the catalogue of what must not be flagged.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from gimonitor.model.finding import Clearing
from gimonitor.model.listing import Field
from gimonitor.screening.clearings import FIRM, clear
from gimonitor.screening.compounds import made_after, other_goods
from gimonitor.screening.dictionary import LONGEST_WORD, cuts_through, goes_on
from gimonitor.screening.heads import is_begun
from gimonitor.screening.houses import brand_reading, firm_end, is_house_name, is_liquor, series
from gimonitor.screening.ingredients import ingredient
from gimonitor.screening.mentions import How, Mention
from gimonitor.screening.names import Profile, folded, spells_out, spelt
from gimonitor.screening.negation import negated
from gimonitor.screening.pairings import advised
from gimonitor.screening.rows import in_a_row
from gimonitor.screening.sheet import Sheet
from gimonitor.screening.tea import says_tea
from gimonitor.screening.uses import held, purpose
from gimonitor.screening.vocabulary import Vocabulary

Context = Callable[[Profile, Mention, Sheet, Vocabulary], Clearing | None]

_BY_SOUND = frozenset({How.PINYIN, How.SOUND, How.TRANSLATION, How.INITIALS})
_IN_LETTERS = frozenset({How.PINYIN, How.TRANSLATION, How.MIXED})
_PLACE, _SHOP, _ATTRIBUTES = How.PLACE, Field.SHOP, Field.ATTRIBUTES  # a look-up each costs a call
_COMPANY = 40  # characters to each side in which a word keeps a name company
_BRED = re.compile(
    r"(?:[与和×x]?[\u4e00-\u9fff]{1,8}?)?(?:人工)?(?:杂交|选育|育成|培育而成)|(?:作|做)?为[母父亲]本|的?(?:后代|血统|基因)(?!好)"
)
_PARENT = re.compile(r"[母父亲]本(?:分别)?(?:是|为|系)?$")
_PARENT_WORDS = 5  # characters of the longest of them
_TAIL = 3  # characters of a name with which a longer word begins
_LONGEST_INSERTION = 5  # characters; what stands farther apart is no name
_FIRMS = frozenset(
    ("厂", "业", "店", "行", "庄", "楼", "社", "馆", "坊", "吧", "房")
)  # which the names of firms end with
_SENDING = ("仓", "发", "直发", "现货")  # so that a place is where goods lie
_LETTERS = re.compile(r"[ a-z]*")  # the name spelt beside it: 洛川苹果（luochuanapple）旗舰店


def twin(profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary) -> Clearing | None:
    """Another place, person or thing that holds the same characters."""
    for other in profile.twins:
        if any(other in name for name in profile.names):
            continue  # 和田玉 in the GI's own 和田玉枣
        reach = len(other)
        left = max(mention.segment.start, mention.start - reach)
        at = sheet.text.find(other, left, min(mention.segment.end, mention.end + reach))
        if at >= 0 and at < mention.end and at + reach > mention.start:
            return clear("N16", profile, f"“{other}”另有所指，不是“{profile.gi.name}”", sheet, at, at + reach)
    return None


def variety(profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary) -> Clearing | None:
    """Part of the name of a variety, which is free to use: 龙井 in 龙井43."""
    for free in profile.generic:
        left = max(mention.segment.start, mention.end - len(free))
        at = sheet.text.find(free, left, min(mention.segment.end, mention.start + len(free)))
        if at >= 0:
            reason = f"“{free}”是品种名或者通用名，单独使用不指“{profile.gi.name}”"
            return clear("N18", profile, reason, sheet, at, at + len(free))
    return None


def parentage(profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary) -> Clearing | None:
    """What another variety was bred from: 母本是库尔勒香梨, 库尔勒香梨与雪花梨杂交, 库尔勒香梨的后代."""
    if mention.segment.field is not Field.DESCRIPTION:
        return None
    before = sheet.text[max(mention.segment.start, mention.start - _PARENT_WORDS) : mention.start]
    if _BRED.match(sheet.text, mention.end, mention.segment.end) or _PARENT.search(before):
        return clear("N18", profile, "说的是育种用的亲本，不是所售的商品", sheet, mention.start, mention.end)
    return None


def part_of_a_word(profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary) -> Clearing | None:
    """A short name that is only part of longer words."""
    if mention.end - mention.start > 3:
        return None
    if mention.how is How.NAME and any(len(p) >= 2 and profile.gi.name.endswith(p) for p in profile.products):
        return None  # 怀山药 says what it is, also before 粉
    following = sheet.text[mention.end : mention.end + 1]
    if following and any(product[-1] == following for product in profile.products):
        return None
    style = words.pattern("style-words").match(sheet.text, mention.end, mention.segment.end)
    if style and sheet.text.startswith(profile.strong, style.end()):
        return None  # 沁州黄|种|小米
    left, right = sheet.unparted(mention.start, mention.end, LONGEST_WORD)
    text, start, end = sheet.text[left:right], mention.start - left, mention.end - left
    if text[end - 1] in profile.products and not text.startswith(profile.core, end - 1) and is_liquor(profile, words):
        text = text[:end]  # 泸州酒|精品: firms and vessels are told by `overrun`
    if cuts_through(text, start, end) or goes_on(text, start, end):
        return clear("N16", profile, "只是其他词语的一部分", sheet, mention.start, mention.end)
    return None


def needs_company(profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary) -> Clearing | None:
    """A name with other meanings counts only beside a word the register asks for."""
    name = sheet.text[mention.start : mention.end]
    if any(word in name for word in profile.needs_near):
        return None
    left = max(mention.segment.start, mention.start - 12)
    near = sheet.text[left : min(mention.segment.end, mention.end + 12)]
    category = folded(sheet.listing.category) if sheet.listing.category else ""
    if any(word in near or word in category for word in profile.needs_near):
        return None
    if mention.how is not _PLACE and says_tea(profile, mention, sheet, words):
        return None
    reason = f"附近没有说明商品的“{'、'.join(profile.needs_near)}”等词，可能另有含义"
    return clear("N16", profile, reason, sheet, mention.start, mention.end)


def twin_by_sound(profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary) -> Clearing | None:
    """A name in Latin letters or by its sound, which a twin has too (Wuchang: 五常, 武昌), without a word that tells them apart."""
    if mention.how is not How.SOUND and spells_out(profile, sheet.text[mention.start : mention.end]):
        return None
    category = folded(sheet.listing.category) if sheet.listing.category else ""
    left = max(mention.segment.start, mention.start - _COMPANY)
    around = sheet.text[left : min(mention.segment.end, mention.end + _COMPANY)]
    if any(word in around or word in category for word in profile.company_words):
        return None
    about = f"只见读音，没有同时出现“{'、'.join(profile.company_words)}”等词"
    if profile.twins:
        about += f"，可能指“{'、'.join(profile.twins)}”"
    return clear("N16", profile, about, sheet, mention.start, mention.end)


def twin_beside(profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary) -> Clearing | None:
    """Letters that spell a twin as well, which the listing writes in Chinese: wuchang大米 武昌本地米; elsewhere than beside, lowers only."""
    shown = sheet.text[mention.start : mention.end]
    letters = "".join(c for c in shown if c.isascii() and c.isalpha())
    ways = ((twin, way) for twin in profile.twins for way in spelt(twin) if way in letters)
    other, way = next(ways, ("", ""))
    if not other or profile.core in sheet.text:
        return None
    at = sheet.text.find(other, mention.segment.start, mention.segment.end)
    if at >= 0 and not sheet.text.startswith(_SENDING, at + len(other)):
        reason = f"同一处写有“{other}”，“{way}”按“{other}”理解，不是“{profile.gi.name}”"
        return clear("N16", profile, reason, sheet, mention.start, mention.end)
    if other not in sheet.text and other not in sheet.listing.origin:
        return None
    reason = f"页面写有“{other}”，“{way}”也可能指“{other}”"
    return clear("N16", profile, reason, sheet, mention.start, mention.end, decisive=False)


def company(profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary) -> Clearing | None:
    """Part of a firm's name or of a registered brand."""
    is_place, segment = mention.how is _PLACE, mention.segment
    if not is_place and segment.field is not _SHOP:
        return None
    spelt = _LETTERS.match(sheet.text, mention.end, segment.end)
    found = words.soon("company-suffixes").match(sheet.text, spelt.end() if spelt else mention.end, segment.end)
    if found and not (is_place and segment.field is Field.TITLE and found.group(1)):
        reason = "企业名称或者店铺名称"
        return clear(FIRM, profile, reason, sheet, mention.start, mention.end, decisive=is_place)
    left = max(segment.start, mention.start - 10)
    around = sheet.text[left : min(segment.end, mention.end + 12)]
    for brand in profile.brands if is_place else ():
        at = around.find(brand)
        if at >= 0 and left + at <= mention.start and left + at + len(brand) >= mention.end:
            return clear("N17", profile, f"“{brand}”是注册商标或者品牌", sheet, mention.start, mention.end)
    return None


def overrun(profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary) -> Clearing | None:
    """The last character begins another word: 贵州茅台|酒厂, 含汾|酒器."""
    last = mention.end - 1
    found = words.pattern("overrunning-words").match(sheet.text, last, mention.segment.end)
    if not found or sheet.text[mention.start : last] in profile.names:
        return None
    if sheet.folded.raw_at(last) + 1 != sheet.folded.raw_at(min(mention.end, len(sheet.text) - 1)):
        return None
    if is_begun(sheet.text, mention.end, min(found.end(), mention.segment.end)):
        return None  # 西凤酒|店里
    if sheet.text.startswith("之", found.end()) and not sheet.is_parted(found.end()):
        return None  # 泸州窖酒|窖之柔
    goods = (product for product in profile.own_products if len(product) > 1)
    style = words.pattern("style-words").match(sheet.text, mention.end, mention.segment.end)
    if style and sheet.text.endswith(tuple(goods), mention.start, mention.end):
        return None  # 五常稻花香|型
    code = "N01" if found.group()[-1] in _FIRMS else "N16"
    return clear(code, profile, f"末字属于“{found.group()}”，不是完整的名称", sheet, mention.start, found.end())


def longer_word(profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary) -> Clearing | None:
    """What stands right after it makes another thing of it: 大连|海参崴, 左权|核桃木, 平遥牛肉|色."""
    end, limit = mention.end, mention.segment.end
    if end >= limit or sheet.text[end] not in _goes_on_with(words) or sheet.is_parted(end):
        return None
    found = _turned(sheet.text, max(mention.start, end - _TAIL), end, limit, words)
    if found is None or any(found.group() in own for own in profile.own_words):
        return None
    last = found.end()
    if last < limit and not sheet.is_parted(last) and is_begun(sheet.text, end, last):
        return None  # 樱桃|红灯
    reason = f"“{found.group()}”另有所指，名称只是其中的字"
    return clear("N16", profile, reason, sheet, mention.start, last)


def _turned(text: str, left: int, end: int, limit: int, words: Vocabulary) -> re.Match[str] | None:
    """A longer word that begins from `left` on and goes on past the name's end, or one that turns it, right after it."""
    for found in words.pattern("longer-words").finditer(text, left, min(limit, end + LONGEST_WORD)):
        if found.start() < end < found.end():
            return found
    turned = words.pattern("turning-endings").match(text, end, limit)
    return None if turned and words.pattern("turning-exceptions").match(text, end) else turned


@lru_cache(maxsize=16)
def _goes_on_with(words: Vocabulary) -> frozenset[str]:
    """Characters that may stand after a name in a longer word: one look-up spares most names the search."""
    return frozenset(c for word in words.words("longer-words") for c in word[1:]) | {
        w[0] for w in words.words("turning-endings")
    }


def house(profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary) -> Clearing | None:
    """The name is a firm's brand too, and the listing speaks of the firm, its shop, or gives it or part of it as brand: lowers only."""
    segment = mention.segment
    whole = sheet.text[segment.start : segment.end] == sheet.text[mention.start : mention.end]
    if segment.field is Field.BRAND or (segment.key in words.words("brand-keys") and whole):
        return clear(
            "N17", profile, "名称也是企业的商标，这里写作品牌", sheet, mention.start, mention.end, decisive=False
        )
    name, endings = sheet.text[mention.start : mention.end], words.pattern("house-endings")
    found = endings.match(sheet.text, mention.end, segment.end) or endings.match(sheet.text, mention.start, segment.end)
    if found is None and sheet.text[mention.start : mention.end - 1] in profile.names:
        found = endings.match(sheet.text, mention.end - 1, segment.end)  # 五粮液|酒厂
    if found:
        end = firm_end(found.end(), sheet)
        reason = f"名称之后有“{sheet.text[found.start() : end].removeprefix(name)}”，可能指企业"
        return clear(FIRM, profile, reason, sheet, mention.start, end, decisive=False)
    shop = words.pattern("house-shops").search(sheet.text, segment.start, segment.end)
    if shop:
        return clear(
            "N07", profile, f"自称“{shop.group()}”，可能是企业自营", sheet, shop.start(), shop.end(), decisive=False
        )
    return brand_reading(profile, sheet, words)


def derived(profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary) -> Clearing | None:
    """Goods made of it, or that taste of it, named right after it: 长白山人参酒, 枸杞叶茶, 豆瓣味鸭脖."""
    word = other_goods(profile, mention, sheet, words)
    if word:
        return clear("N09", profile, f"名称之后有“{word}”，所售是另一种商品", sheet, mention.start, mention.end)
    joined = made_after(profile, mention, sheet, words)
    if not joined:
        return None
    reason = f"名称之后连写“{joined}”，所售可能是另一种商品"
    return clear("N09", profile, reason, sheet, mention.start, mention.end + len(joined), decisive=False)


def inserted(profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary) -> Clearing | None:
    """Place and goods with other goods between; too much between them lowers only."""
    if mention.how is How.INSERTED:
        beside = mention.detail
    else:
        beside = sheet.text[mention.end : min(mention.segment.end, mention.end + 4)]
    other = "" if is_liquor(profile, words) else _other_goods(profile, beside, words)
    other = "" if other and _is_in_goods(profile, mention, sheet, other) else other
    if not other and mention.how is not How.INSERTED:
        other = _other_kind(profile, mention, sheet, words)
    if other:
        return clear("N16", profile, f"地名所指的是“{other}”", sheet, mention.start, mention.end)
    brand = folded(sheet.listing.brand) if mention.how is How.INSERTED and sheet.listing.brand else ""
    if len(brand) > len(profile.core) and sheet.text.startswith(brand, mention.start):
        reason = f"“{brand}”是商品的品牌，地名是它的一部分"
        return clear("N17", profile, reason, sheet, mention.start, mention.end, decisive=False)
    if mention.how is How.INSERTED and len(words.pattern("variety-words").sub("", beside)) > _LONGEST_INSERTION:
        reason = f"地名与商品之间隔着“{beside}”，未必是一个名称"
        return clear("N03", profile, reason, sheet, mention.start, mention.end, decisive=False)
    return None


def _other_goods(profile: Profile, text: str, words: Vocabulary) -> str:
    """Goods of the place that are not those of the GI, in a text beside its place; else an empty text."""
    found = (f.group() for f in words.pattern("place-goods").finditer(text))
    return next((word for word in found if not any(word in own for own in profile.own_words)), "")


def _is_in_goods(profile: Profile, mention: Mention, sheet: Sheet, other: str) -> bool:
    """True for goods that only tell of what sort those of the name are, right before them: 人参 in 东阿人参阿胶."""
    if mention.how is not How.INSERTED or not mention.detail.endswith(other):
        return False
    start = mention.start + len(profile.core) + len(mention.detail)
    goods = sheet.text[start : mention.end]
    return profile.core + goods in profile.names and goods[-1] != other[-1] and not sheet.is_parted(start)


def _other_kind(profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary) -> str:
    """Another kind of the same goods anywhere before: 西洋参片 … 长白山参段."""
    ends = {product[-1] for product in profile.strong}
    before = sheet.text[max(mention.segment.start, mention.start - 60) : mention.start]
    other = _other_goods(profile, before, words)
    return other if other and other[-1] in ends else ""


CONTEXTS: tuple[Context, ...] = (
    series, twin, variety, longer_word, overrun, inserted, needs_company, twin_by_sound, twin_beside, negated, derived, ingredient, parentage, advised, in_a_row, company, house, held, purpose, part_of_a_word,
)  # fmt: skip


def clearings_of(profile: Profile, mention: Mention, sheet: Sheet, words: Vocabulary) -> tuple[Clearing, ...]:
    """Every legitimate reading that holds for a mention, up to the first decisive one."""
    found = []
    for context in _asked(profile, mention.how, words):
        clearing = context(profile, mention, sheet, words)
        if clearing:
            found.append(clearing)
            if clearing.decisive:
                break
    return tuple(found)


@lru_cache(maxsize=50_000)
def _asked(profile: Profile, how: How, words: Vocabulary) -> tuple[Context, ...]:
    """The readings that can hold at all for a form of a GI's name; asking costs more than looking here."""
    never: set[Context] = set()
    if how is not How.SHORT:
        never.add(series)
    if not profile.twins:
        never.add(twin)
    if how not in (How.NAME, How.ALIAS) or not any(
        name in free and name != free for name in profile.names for free in profile.generic
    ):
        never.add(variety)
    if not profile.needs_near or how not in (How.NAME, How.ALIAS, How.PLACE):
        never.add(needs_company)
    if not profile.company_words or how not in _BY_SOUND:
        never.add(twin_by_sound)
    if not profile.twins or how not in _IN_LETTERS:
        never.add(twin_beside)
    if how not in (How.NAME, How.ALIAS, How.NEAR, How.SHORT) or not is_house_name(profile, words):
        never.add(house)
    if how not in (How.INSERTED, How.INVERTED, How.APART):
        never.add(inserted)
    if how not in (How.NAME, How.ALIAS, How.NEAR):
        never.add(part_of_a_word)
    if how not in (How.NAME, How.ALIAS, How.NEAR, How.INSERTED, How.SUFFIXED, How.ADDRESSED):
        never.add(overrun)
    if how in (How.APART, How.PLACE, How.INVERTED):
        never |= {derived, longer_word}
    return tuple(context for context in CONTEXTS if context not in never)
