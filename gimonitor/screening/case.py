"""One listing seen from one GI: everything the families of models look at, worked out once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from gimonitor.model.finding import Clearing, History, Origin
from gimonitor.model.listing import Field
from gimonitor.model.register import Register
from gimonitor.screening.evidence import OriginVerdict
from gimonitor.screening.goods import Goods, Likeness, Shelf
from gimonitor.screening.mentions import Claim, How, Mention
from gimonitor.screening.names import Profile
from gimonitor.screening.sheet import Sheet
from gimonitor.screening.users import UserMatch, Users
from gimonitor.screening.vocabulary import Vocabulary

FIELD_WEIGHTS = {
    Field.TITLE: 1.0,
    Field.SUBTITLE: 0.9,
    Field.IMAGE_TEXT: 0.85,
    Field.BRAND: 0.8,
    Field.ATTRIBUTES: 0.8,
    Field.KEYWORDS: 0.7,
    Field.DESCRIPTION: 0.6,
    Field.SHOP: 0.5,
}

_MANY = frozenset({Field.KEYWORDS, Field.ATTRIBUTES})
_FORMS = {how: number for number, how in enumerate(How)}
_OURS = (Likeness.LIKE, Likeness.OPEN)
_INSIDE = Origin.INSIDE


class Case(NamedTuple):  # made for every GI named: a tuple is built, and changed, in a third of the time
    """The facts of one listing under one GI. `mentions` are those no legitimate reading removed; `all_mentions` all of them."""

    profile: Profile
    sheet: Sheet
    shelf: Shelf
    words: Vocabulary
    users: Users
    register: Register
    on: date
    history: History
    mentions: tuple[Mention, ...]
    all_mentions: tuple[Mention, ...]
    considered: tuple[Clearing, ...]
    origin: OriginVerdict
    goods: Goods
    user: UserMatch | None
    claims: tuple[Claim, ...] = ()
    is_sign: bool = False  # the profile stands for a sign that is claimed without any GI
    hows: frozenset[How] = frozenset()  # of the mentions

    @property
    def is_like(self) -> bool:
        """True unless the goods are known to be others."""
        return self.goods.likeness in _OURS

    @property
    def is_inside(self) -> bool:
        """True where the listing says the goods come from the area."""
        return self.origin.value is _INSIDE

    @property
    def names_next_year(self) -> bool:
        """True where the title holds the number of the year to come."""
        return str(self.on.year + 1) in self.shelf.title

    def best(self, hows: Collection[How], fields: Collection[Field] | None = None) -> Mention | None:
        """The weightiest mention of some kinds: by field, among keywords or attributes by strength, then by place."""
        best: Mention | None = None
        for mention in self.mentions:
            if mention.how not in hows or (fields is not None and mention.segment.field not in fields):
                continue
            if best is None or _rank(mention) < _rank(best):
                best = mention
        return best


_Rank = tuple[float, bool, bool, int, int]


def _rank(mention: Mention) -> _Rank:
    """Lower is weightier. Of keywords and of attributes there are many: a form nobody has checked, or farther from the name, is weaker."""
    field = mention.segment.field
    many = field in _MANY
    strength = (mention.unverified, _FORMS[mention.how]) if many else (False, 0)
    return (-FIELD_WEIGHTS[field], many, *strength, mention.start)


def traits_of(case: Case) -> frozenset[str]:
    """What there is for families to look at, so that most of them need not be asked."""
    gi, listing, history = case.profile.gi, case.sheet.listing, case.history
    found: list[str] = [case.origin.value]
    if case.claims:
        found.append("claims")
    if case.profile.conflicting or (gi.standards and _NATIONAL in case.sheet.text):
        found.append("standards")
    if case.goods.likeness is _PACKAGING:
        found.append("packaging")
    for mention in case.mentions:
        trait = _FIELD_TRAITS.get(mention.segment.field)
        if trait:
            found.append(trait)
    if _TRANSLATION in case.hows:
        found.append("translation")
    if gi.season is not None or case.names_next_year:
        found.append("season")
    if listing.price_fen is not None and gi.price_floors_fen:
        found.append("price")
    if listing.sales and gi.output_tonnes:
        found.append("output")
    if case.shelf.has("drop-ship") is not None:
        found.append("supply")
    if history.removals or history.confirmed or history.penalties:
        found.append("history")
    if case.shelf.labels.has_licence:
        found.append("licence")
    if len(case.origin.evidence) > 1 and case.origin.said >= _BOTH:
        found.append("two-origins")
    return frozenset(found)


_NATIONAL = "gb"
_TRANSLATION, _PACKAGING = How.TRANSLATION, Likeness.PACKAGING
_FIELD_TRAITS = {Field.KEYWORDS: "keywords", Field.SHOP: "shop"}
_BOTH = frozenset({Origin.INSIDE, Origin.OUTSIDE})
