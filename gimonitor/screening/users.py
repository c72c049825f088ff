"""Whether a listing is an authorised user's own, or resells an authorised user's goods."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from gimonitor.model.listing import Listing
from gimonitor.model.register import AuthorisedUser, Register
from gimonitor.screening.names import folded
from gimonitor.screening.sheet import Sheet
from gimonitor.text.codes import find_uscc
from gimonitor.text.keys import is_one_of

_BETWEEN = re.compile(r"[/／|、，,;；()（）]+")
_LABELLED = 40  # characters after 生产商 in which its name stands
_ADDRESS = "址"
_FEW = 3  # places looked at of one label


@dataclass(frozen=True, slots=True)
class UserMatch:
    """An authorised user recognised in a listing. `own`: the shop is theirs; else their goods are sold by somebody.

    `certain` is False where only words in a text say so, or a maker is named who is another, beside a code too. `active` is False for an authorisation out of its time.
    """

    user: AuthorisedUser
    by: str
    own: bool
    certain: bool
    active: bool


class Users:
    """Authorised users of a register, ready for look-up by GI."""

    def __init__(self, register: Register) -> None:
        self._by_gi: dict[str, list[AuthorisedUser]] = {}
        self.by_uscc: dict[str, list[AuthorisedUser]] = {}
        self._maker_keys, self._brand_keys = _words(register, "producer-keys"), _words(register, "brand-keys")
        self._firm_ends = _words(register, "company-suffixes")
        for user in register.users:
            self._by_gi.setdefault(user.gi_id, []).append(user)
            if user.uscc:
                self.by_uscc.setdefault(user.uscc, []).append(user)

    def has_any(self, gi_id: str) -> bool:
        """True where users of a GI are known, so that one can be missing among them."""
        return gi_id in self._by_gi

    def match(self, gi_id: str, sheet: Sheet, on: date) -> UserMatch | None:
        """The best match of a listing with the users of a GI: own shop before resale, certain before claimed, active before expired."""
        users = self._by_gi.get(gi_id)
        if not users:
            return None
        told = self._told(sheet)
        found = [m for user in users for m in _matches(user, sheet, told, on)]
        return max(found, key=lambda m: (m.active, m.own, m.certain), default=None)

    def _told(self, sheet: Sheet) -> _Told:
        """Who is named as maker and brand in attributes, and after a label of the maker in a text."""
        makers, brands = dict[str, str](), dict[str, str]()
        if sheet.listing.brand:
            brands |= names_in(sheet.listing.brand)
        for _, key, text in sheet.parts[sheet.attributes :]:
            if is_one_of(key, self._maker_keys):
                makers |= names_in(text)
                if _ADDRESS in key:  # 厂名厂址: a name, a blank, an address
                    makers |= names_in(text.partition(" ")[0])
            elif is_one_of(key, self._brand_keys):
                brands |= names_in(text)
        labelled = [rest[:_LABELLED] for label in self._maker_keys for rest in sheet.text.split(label, _FEW)[1:]]
        firms = tuple(shown for maker, shown in makers.items() if any(end in maker for end in self._firm_ends))
        return _Told(frozenset(makers), frozenset(brands), tuple(labelled), firms)

    def maker_beside(self, user: AuthorisedUser, sheet: Sheet) -> str:
        """The firm that a listing names as maker where it names nobody like a user: his code stands beside another; else an empty text."""
        return _maker_beside(user, self._told(sheet))

    def owner(self, listing: Listing, on: date) -> UserMatch | None:
        """The user of whatever GI whose own shop it is, active before expired."""
        owned = [(user, by) for users in self._by_gi.values() for user in users if (by := _owner(user, listing))]
        found = [UserMatch(user, by, own=True, certain=True, active=user.is_active(on)) for user, by in owned]
        return max(found, key=lambda m: m.active, default=None)


def codes_shown(sheet: Sheet) -> tuple[str, ...]:
    """USCCs that hold their check character, in the texts and pictures of a listing."""
    if not any(c.isdigit() for c in sheet.text):
        return ()
    return tuple(dict.fromkeys(c.value for c in find_uscc(sheet.folded.raw) if c.valid))


class _Told(NamedTuple):
    """Folded names that a listing states: makers and brands in fields of their own, and what follows a label of the maker.

    `firms` are the makers that are firms by their name, as they stand.
    """

    makers: frozenset[str]
    brands: frozenset[str]
    labelled: tuple[str, ...]
    firms: tuple[str, ...]


def _words(register: Register, group: str) -> frozenset[str]:
    return frozenset(folded(word.text) for word in register.words if word.group == group)


def names_in(text: str) -> dict[str, str]:
    """A name, and those that it is written beside (稻香源/DAOXIANGYUAN), by their folded forms."""
    return {folded(name): name.strip() for name in (text, *_BETWEEN.split(text)) if name.strip()}


def _maker_beside(user: AuthorisedUser, told: _Told) -> str:
    name, brands = folded(user.name), [*map(folded, user.brands)]
    if any(maker in name or name in maker or any(brand in maker for brand in brands) for maker in told.makers):
        return ""
    if any(text.startswith(name) for text in told.labelled) or not told.brands.isdisjoint(brands):
        return ""
    return told.firms[0] if told.firms else ""


def _matches(user: AuthorisedUser, sheet: Sheet, told: _Told, on: date) -> Iterator[UserMatch]:
    listing = sheet.listing
    active = user.is_active(on)
    own = _owner(user, listing)
    if own:
        yield UserMatch(user, own, own=True, certain=True, active=active)
    elif user.uscc and user.uscc in sheet.folded.raw.upper() and user.uscc in codes_shown(sheet):
        certain = not _maker_beside(user, told)
        yield UserMatch(user, "标示的统一社会信用代码", own=False, certain=certain, active=active)
    elif folded(user.name) in told.makers:
        yield UserMatch(user, "商品属性写明的生产者", own=False, certain=True, active=active)
    else:
        if told.labelled and any(text.startswith(folded(user.name)) for text in told.labelled):
            yield UserMatch(user, "文字标明的生产者", own=False, certain=False, active=active)
        yield from _by_brand(user, sheet, told, active)


def _owner(user: AuthorisedUser, listing: Listing) -> str:
    shop = listing.shop
    if shop is None:
        return ""
    subject = shop.subject
    if subject and user.uscc and subject.uscc.strip().upper() == user.uscc:
        return "店铺主体的统一社会信用代码"
    if subject and subject.name and folded(subject.name) == folded(user.name):
        return "店铺主体名称"
    if any(platform == listing.platform and known in (shop.shop_id, shop.name) for platform, known in user.shops):
        return "已登记的店铺"
    return "店铺名称" if folded(user.name) in folded(shop.name) else ""


def _by_brand(user: AuthorisedUser, sheet: Sheet, told: _Told, active: bool) -> Iterable[UserMatch]:
    for brand in map(folded, user.brands):
        if len(brand) < 2:
            continue
        if brand in told.brands:
            certain = not told.makers or any(brand in maker or maker in folded(user.name) for maker in told.makers)
            yield UserMatch(user, f"品牌“{brand}”", own=False, certain=certain, active=active)
        elif sheet.title and brand in sheet.text[sheet.title.start : sheet.title.end]:
            yield UserMatch(user, f"标题中的品牌“{brand}”", own=False, certain=False, active=active)
