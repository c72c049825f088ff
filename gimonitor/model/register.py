"""What is protected and who may use it: the values that rules/ and imports are loaded into."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Generic, TypeVar

from gimonitor.model.enums import quick

T_co = TypeVar("T_co", covariant=True)


@quick
class Certainty(StrEnum):
    """How a fact is known.

    `found`: a named public source was read. `unverified`: recalled, nobody has checked; it lowers confidence, is shown
    as unverified and never printed in a paper that leaves the house. `practice`: invented for the practice marketplace.
    """

    FOUND = "found"
    UNVERIFIED = "unverified"
    PRACTICE = "practice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact(Generic[T_co]):
    """A value with how it is known. `source` is a URL or a document with its number; empty only when unverified.

    `checked_by` and `checked_on` are set when a person marked the fact verified.
    """

    value: T_co
    certainty: Certainty
    source: str = ""
    checked_by: str = ""
    checked_on: date | None = None


def text_of(fact: Fact[str] | None) -> str:
    """The text of a fact, or nothing where there is no such fact."""
    return fact.value if fact else ""


def _covers(starts: Fact[date] | None, ends: Fact[date] | None, on: date) -> bool:
    return (starts is None or starts.value <= on) and (ends is None or on <= ends.value)


@quick
class Kind(StrEnum):
    """The legal kind of a protection. A GI may have several at a time, and others before."""

    GI_PRODUCT = "gi_product"  # 地理标志产品
    COLLECTIVE_MARK = "collective_mark"  # 集体商标
    CERTIFICATION_MARK = "certification_mark"  # 证明商标
    AGI = "agi"  # 农产品地理标志
    GI_MARK = "gi_mark"  # 集体商标或证明商标, which of the two is not known
    FOREIGN = "foreign"  # under an agreement
    UNKNOWN = "unknown"  # known to be a GI, of what kind is not
    ORDINARY_MARK = "ordinary_mark"  # 普通商标: kept as a negative control, no GI model applies


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """One legal basis of a GI. `numbers` are the announcement or registration numbers, as published.

    `converted_from` names the earlier kind that this one took over (农产品地理标志转为地理标志产品); that one is then former.
    `holder` is the registrant or applicant.
    """

    kind: Fact[Kind]
    numbers: tuple[Fact[str], ...] = ()
    starts: Fact[date] | None = None
    ends: Fact[date] | None = None
    converted_from: Fact[Kind] | None = None
    holder: Fact[str] | None = None
    note: str = ""

    def is_active(self, on: date) -> bool:
        """True when the protection covers the day `on`; an unknown bound is open, an unverified one counts."""
        return _covers(self.starts, self.ends, on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """A standard that goods under the name follow, e.g. GB/T 19266-2008."""

    code: Fact[str]
    starts: Fact[date] | None = None
    ends: Fact[date] | None = None

    def is_active(self, on: date) -> bool:
        """True when the standard is in force on the day `on`; an unknown bound is open, an unverified one counts."""
        return _covers(self.starts, self.ends, on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """The protected area: GB/T 2260 codes (2-, 4- or 6-digit prefixes count as the whole unit) and townships in words."""

    adcodes: Fact[tuple[str, ...]]
    townships: Fact[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    """When goods of a year can honestly be on sale: month-day bounds, or the opening date of a year.

    `harvest` says in words when they are harvested (8—11月); stored goods are sold beyond it.
    """

    opens: Fact[str] | None = None  # "MM-DD"
    closes: Fact[str] | None = None
    harvest: Fact[str] | None = None
    opening_dates: tuple[tuple[int, Fact[date]], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GI:
    """A protected geographical indication.

    `names` are lawful ways to write the name (the protected name first), `aliases` other ways it is called,
    `translations` Latin-letter and foreign names, `near` known evasions that are close to the name without being it.
    `product_words` are the goods it protects (大米, 米), `like_words` similar goods, `not_goods` words that make another good.
    `core` is the place part of the name (五常), `needs_near` words one of which must stand near the core for it to count,
    `twins` strings that look or sound alike and are something else, `company_words` words one of which must keep company with
    the name where it is written in Latin letters or by its sound alone, because a twin is written so too (Wuchang: 五常, 武昌).
    `generic_words` are parts that name a kind of goods and are free to use alone; where the protected name itself stands
    among them (哈密瓜), the bare name raises nothing. `category` is the class of the national classification of GIs,
    `product_group` the bureau's (初级农产品 …), `goods` the kind of goods in words. `tier` is that of 清单式监管, where a bureau
    has set it.
    """

    id: str
    name: str
    certainty: Certainty
    source: str
    province: str = ""
    city: str = ""
    protections: tuple[Protection, ...] = ()
    aliases: tuple[Fact[str], ...] = ()
    translations: tuple[Fact[str], ...] = ()
    near: tuple[Fact[str], ...] = ()
    core: str = ""
    product_words: tuple[str, ...] = ()
    like_words: tuple[str, ...] = ()
    generic_words: tuple[str, ...] = ()
    needs_near: tuple[str, ...] = ()
    twins: tuple[Fact[str], ...] = ()
    not_goods: tuple[str, ...] = ()
    company_words: tuple[Fact[str], ...] = ()
    brands: tuple[Fact[str], ...] = ()
    category: Fact[str] | None = None
    product_group: Fact[str] | None = None
    goods: Fact[str] | None = None
    nice_classes: tuple[int, ...] = ()
    sc_categories: tuple[str, ...] = ()
    area: Area | None = None
    standards: tuple[Standard, ...] = ()
    conflicting_standards: tuple[Fact[str], ...] = ()
    season: Season | None = None
    price_floors_fen: tuple[tuple[int, Fact[int]], ...] = ()  # (year, fen per 500 g)
    output_tonnes: tuple[tuple[int, Fact[float]], ...] = ()  # (year, tonnes)
    eu_list: Fact[str] | None = None
    eu_name: Fact[str] | None = None
    tier: Fact[int] | None = None
    notes: str = ""
    origin: str = ""  # the bureau this file was taken over from; empty: our own
    path: str = ""  # file:line it came from

    def protections_on(self, on: date) -> tuple[Protection, ...]:
        """The protections in force on a day: neither ended, nor not begun, nor taken over by one of another kind by then."""
        active = [p for p in self.protections if p.is_active(on)]
        former = {p.converted_from.value for p in active if p.converted_from}
        return tuple(p for p in active if p.kind.value not in former)

    def has_lapsed(self, on: date) -> bool:
        """True where all protections that are known have ended by a day."""
        for protection in self.protections:
            if protection.ends is None or protection.ends.value >= on:
                return False
        return bool(self.protections)

    @property
    def watch_tier(self) -> int:
        """The tier of 清单式监管, 1 … 3; 3 where no bureau has set one."""
        return self.tier.value if self.tier else 3

    @property
    def place_certainty(self) -> Certainty:
        """How province and city are known: no better than the area they lie in, nor than the GI."""
        return self._weakest(self.area.adcodes.certainty if self.area else self.certainty)

    @property
    def class_certainty(self) -> Certainty:
        """How trade-mark classes and licence categories are known: no better than the goods they follow from, nor than the GI."""
        return self._weakest(self.goods.certainty if self.goods else self.certainty)

    def _weakest(self, certainty: Certainty) -> Certainty:
        order = (Certainty.UNVERIFIED, Certainty.PRACTICE, Certainty.FOUND)
        return min(self.certainty, certainty, key=order.index)

    @property
    def is_gi(self) -> bool:
        """False for a negative control (an ordinary mark often mistaken for a GI)."""
        return not self.protections or any(p.kind.value is not Kind.ORDINARY_MARK for p in self.protections)


class Basis(StrEnum):
    """On what basis somebody may use the special mark. Source: CNIPA announcement 354 (2020), art. 5."""

    ANNOUNCEMENT = "announcement"
    MEMBER = "member"
    LICENSEE = "licensee"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorisedUser:
    """Who may use the special mark for a GI. `shops` are (platform, shop id or name) pairs known to be theirs."""

    gi_id: str
    name: str
    uscc: str
    basis: Basis
    certainty: Certainty
    source: str
    number: str = ""
    starts: date | None = None
    ends: date | None = None
    scope: str = ""
    brands: tuple[str, ...] = ()
    shops: tuple[tuple[str, str], ...] = ()
    origin: str = ""  # the bureau this record was taken over from; empty: our own
    checked_by: str = ""
    checked_on: date | None = None
    path: str = ""

    def is_active(self, on: date) -> bool:
        """True when the authorisation covers the day `on`; an unknown bound is open."""
        return (self.starts is None or self.starts <= on) and (self.ends is None or on <= self.ends)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """A protected sign: the GI special mark, an abolished mark, an Olympic, official or special sign."""

    id: str
    name: str
    kind: str
    certainty: Certainty
    source: str
    claims: tuple[str, ...] = ()  # words by which it is claimed in text
    numbers: tuple[Fact[str], ...] = ()  # of announcements or registrations
    duties: tuple[Fact[str], ...] = ()  # what must stand beside it
    starts: Fact[date] | None = None
    ends: Fact[date] | None = None
    holders: tuple[Fact[str], ...] = ()
    looks: Fact[str] | None = None  # how it looks, in words
    look_alikes: tuple[Fact[str], ...] = ()  # marks that may be taken for it, and what tells them apart
    not_this: tuple[str, ...] = ()  # other marks and words that are no claim of it
    checked_by: str = ""
    checked_on: date | None = None
    path: str = ""

    def is_active(self, on: date) -> bool:
        """True when the sign may be used on the day `on`; an unknown bound is open, an unverified one counts."""
        return _covers(self.starts, self.ends, on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """An article of a dated version of an instrument, in a paraphrase of ours."""

    key: str  # "trademark-law:infringement"
    instrument: str
    article: str
    text: str
    url: str
    starts: date
    certainty: Certainty
    ends: date | None = None
    version: str = ""
    source: str = ""
    new: bool = False  # has no predecessor: nothing is cited under this key before `starts`
    dropped: bool = False  # has no successor: nothing is cited under this key after `ends`
    goods_from: str = ""  # "inside" or "outside" where it speaks only of goods from there
    kinds: tuple[Kind, ...] = ()  # it protects only GIs of one of these kinds; of any where there are none
    checked_by: str = ""
    checked_on: date | None = None
    path: str = ""

    def protects(self, gi: GI | None, on: date) -> Certainty | None:
        """How it is known that this protects a GI on a day, by the kinds of its protections; None where it does not.

        What is bound to no kind protects all, and `gi` may then be None.
        """
        if not self.kinds:
            return Certainty.FOUND
        had = [p.kind.certainty for p in gi.protections_on(on) if p.kind.value in self.kinds] if gi else []
        return next((known for known in had if known is not Certainty.UNVERIFIED), had[0] if had else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word with a meaning for screening (claim, style, negation, exempt context …), from rules/words/."""

    text: str
    group: str
    reason: str = ""
    certainty: Certainty = Certainty.FOUND
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """监测模型: one detection rule as data. `family` names the function in `gimonitor.screening` that runs it.

    `parameters` are (name, value) pairs of text; numbers are parsed by the family. `law` holds article keys,
    resolved by the date of the act. `must_flag` and `must_not_flag` are titles run by the tests. `reader` is the second
    person who released it.
    """

    id: str
    version: int
    family: str
    title: str
    severity: float
    status: str
    law: tuple[str, ...]
    clears: str
    parameters: tuple[tuple[str, str], ...] = ()
    must_flag: tuple[str, ...] = ()
    must_not_flag: tuple[str, ...] = ()
    author: str = ""
    reader: str = ""
    released_on: date | None = None
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """保护档案: everything loaded from rules/. `digest` changes when any of it does."""

    gis: tuple[GI, ...]
    users: tuple[AuthorisedUser, ...]
    signs: tuple[Sign, ...]
    articles: tuple[Article, ...]
    words: tuple[Word, ...]
    models: tuple[Model, ...]
    digest: str
    _by_id: dict[str, GI] = field(default_factory=dict, compare=False, repr=False)
    _users: dict[str, list[AuthorisedUser]] = field(default_factory=dict, init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        self._by_id.update((gi.id, gi) for gi in self.gis)
        for user in self.users:
            self._users.setdefault(user.gi_id, []).append(user)

    def gi(self, gi_id: str) -> GI:
        """The GI with this id. Raises KeyError when there is none."""
        return self._by_id[gi_id]

    def find_gi(self, gi_id: str) -> GI | None:
        """The GI with this id; None where there is none, as of a sign's id."""
        return self._by_id.get(gi_id)

    def users_of(self, gi_id: str, on: date) -> tuple[AuthorisedUser, ...]:
        """Authorised users of a GI whose authorisation covers the day `on`."""
        return tuple(user for user in self.all_users_of(gi_id) if user.is_active(on))

    def all_users_of(self, gi_id: str) -> tuple[AuthorisedUser, ...]:
        """Everybody who is or was an authorised user of a GI, in the order of the files."""
        return tuple(self._users.get(gi_id, ()))

    def article(self, key: str, on: date) -> Article | None:
        """The article behind `key` in the version in force on `on`, or None."""
        for article in self.articles:
            if article.key == key and article.starts <= on and (article.ends is None or on <= article.ends):
                return article
        return None
