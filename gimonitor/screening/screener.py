"""The screen: a listing and a day in, explained findings out. Pure; nothing a seller can write makes it raise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from functools import lru_cache

from gimonitor.errors import RulesError
from gimonitor.model.enums import quick
from gimonitor.model.finding import Clearing, Finding, History, Origin, Screening, Stage, Suspicion
from gimonitor.model.listing import Field, Listing
from gimonitor.model.register import GI, Register, Sign
from gimonitor.register.families import faults_in
from gimonitor.screening.alterations import Alterations, beside_altered
from gimonitor.screening.automaton import Hit, build_finder
from gimonitor.screening.case import Case, traits_of
from gimonitor.screening.contexts import clearings_of
from gimonitor.screening.explain import Law, Rule
from gimonitor.screening.families import DEPENDENT, MIRRORED, ask_about_name, ready
from gimonitor.screening.goods import Likeness, Shelf
from gimonitor.screening.houses import one_sign
from gimonitor.screening.mentions import Claim, How, Mention, sort_hits, telling_hits
from gimonitor.screening.names import Profile, build_names, profile_of
from gimonitor.screening.origin import is_origin_key, judge_origin
from gimonitor.screening.passing import without_passing_names
from gimonitor.screening.places import is_apart, resolve
from gimonitor.screening.sets import with_doubts
from gimonitor.screening.sheet import Pile, Sheet, pile_up
from gimonitor.screening.transition import OLD, agi_clearing, transition_clearing, with_old_marks
from gimonitor.screening.users import Users
from gimonitor.screening.variants import Variant
from gimonitor.screening.verdicts import (
    Verdict,
    abroad_clearing,
    address_clearing,
    doubtful_clearing,
    goods_clearing,
    inside_clearing,
    is_named,
    payment_clearing,
    silent_clearing,
    stage_of,
    suspicions_of,
    user_clearing,
    without_wider_names,
)
from gimonitor.screening.vocabulary import Vocabulary
from gimonitor.text.keys import is_one_of

NO_HISTORY = History()
_STATUSES = frozenset({"active"})


@quick
class _Turn(StrEnum):
    """When a rule is asked: by itself, once others have spoken, or about an authorised user."""

    LEADING = "leading"
    DEPENDENT = "dependent"
    MIRRORED = "mirrored"


RELIED_ON = frozenset({"claims", "abolished-claims", "style-words", "negations", "packaging", "seeds", "utensils"})
"""Groups of words without which whole families fall silent, or honest sellers are flagged."""


def missing_parts(register: Register, statuses: frozenset[str] = _STATUSES) -> list[str]:
    """What is not there without which screening would find nothing and say nothing; one sentence each."""
    if not any(model.status in statuses for model in register.models):
        return [f"models: none with status {', '.join(sorted(statuses))}: nothing would be screened"]
    groups = {word.group for word in register.words}
    lost = [f"words: no group {name!r}; was its file removed?" for name in sorted(RELIED_ON - groups)]
    return lost if register.signs else [*lost, "signs: none; claims of the special mark would not be seen"]


class Screener:
    """A register compiled for screening. Build once, use for any number of listings; holds no state between them."""

    def __init__(self, register: Register, *, engine: str = "", statuses: frozenset[str] = _STATUSES) -> None:
        """`statuses`: which models run.

        Raises RulesError where a model asks of its family what is not there, and where something is missing without which
        everything would come out clean in silence: an active model, a sign, a group of words that the models rely on.
        """
        problems = [*faults_in(register.models), *missing_parts(register, statuses)]
        if problems:
            raise RulesError(problems)
        self.register = register
        self._names = build_names(register)
        self._find_names = build_finder(self._names.patterns[: self._names.places], engine)
        self._find_places = build_finder(self._names.patterns[self._names.places :], engine)
        self._words = Vocabulary(register, engine)
        self._alterations = Alterations(self._names, self._find_names, register, self._words, engine)
        self._users = Users(register)
        self._law = Law(register)
        models = sorted((m for m in register.models if m.status in statuses), key=lambda m: m.id)
        rules = [ready(m) for m in models]
        self._rules = {
            _Turn.LEADING: tuple(r for r in rules if r.model.family not in DEPENDENT),
            _Turn.DEPENDENT: tuple(r for r in rules if r.model.family in DEPENDENT),
            _Turn.MIRRORED: tuple(r for r in rules if r.model.family in MIRRORED),
        }
        self._asked = lru_cache(maxsize=4096)(self._with_something)
        self._signs = tuple(_sign_profile(i, sign) for i, sign in enumerate(register.signs))

    @property
    def pattern_count(self) -> int:
        """How many patterns one pass looks for."""
        return len(self._names.patterns)

    def screen(self, listing: Listing, on: date, history: History | None = None) -> Screening:
        """Screen one listing as of a day. Same input, same output; never raises on odd text."""
        return self.screen_all((listing,), on, (history,))[0]

    def screen_all(
        self, listings: Sequence[Listing], on: date, histories: Sequence[History | None] = ()
    ) -> list[Screening]:
        """Screen some listings, in their order: each comes out as it does alone, in less time. Some dozens are best."""
        if not listings:
            return []
        pile = pile_up(listings)
        hits = self._hits(pile)
        titles = [pile.title(number) for number in range(len(listings))]
        altered = self._alterations.look_through(titles, [listing.title for listing in listings])
        results: list[Screening] = []
        nothing = self._result(Stage.NO_NAME, (), on)
        for number, found in enumerate(hits):
            variants = altered.get(number, ())
            if found:
                found = telling_hits(self._names, found, pile, number, self._words.styles)
            if not variants and not found:
                results.append(nothing)
                continue
            history = (histories[number] if histories else None) or NO_HISTORY
            results.append(self._screen_sheet(pile.sheet(number), found, variants, on, history))
        return results

    def _hits(self, pile: Pile) -> list[list[Hit]]:
        """For each listing its hits, with positions in its own folded text. Places are looked for in the loud texts: in others they say nothing."""
        hits: list[list[Hit]] = [[] for _ in pile.listings]
        _share_out(self._find_names(pile.folded.units), pile.begins(), hits, 0)
        loud, begins = pile.loud()  # a listing begins with its loud texts
        _share_out(self._find_places(loud), begins, hits, self._names.places)
        return hits

    def _screen_sheet(
        self,
        sheet: Sheet,
        hits: Sequence[Hit],
        variants: Sequence[Variant],
        on: date,
        history: History,
    ) -> Screening:
        mentions, claims = sort_hits(self._names, hits, sheet)
        if variants:
            mentions += self._alterations.mentions_of(sheet, variants, mentions)
        if not mentions and not claims:
            return self._result(Stage.NO_NAME, (), on)
        shelf = Shelf(sheet, self._words)
        groups = _by_owner(mentions)
        names = _names_of(groups) if len(mentions) > 1 else []
        claims = claims[:_REPEATED]
        verdicts = [
            self._judge(self._names.profiles[owner], group, names, claims, sheet, shelf, on, history)
            for owner, group in groups.items()
        ]
        if claims and not any(map(is_named, verdicts)):
            verdicts += self._judge_signs(claims, sheet, shelf, on, history)
        if len(verdicts) > 1:
            verdicts = with_doubts(without_wider_names(verdicts), sheet, self._words)
        verdicts = without_passing_names(verdicts, sheet.listing, self._words)
        clearings = tuple([c for v in verdicts for c in v.clearings])
        reminders = tuple([r for v in verdicts for r in v.reminders])
        suspicions = suspicions_of(verdicts, sheet.listing, history)
        return self._result(stage_of(verdicts), suspicions, on, tuple(dict.fromkeys(clearings)), reminders)

    def _judge(
        self,
        profile: Profile,
        group: Sequence[Mention],
        names: Sequence[tuple[int, int, int]],
        claims: Sequence[Claim],
        sheet: Sheet,
        shelf: Shelf,
        on: date,
        history: History,
    ) -> Verdict:
        """Everything one GI has to say about the listing."""
        taken = _taken(profile, names, sheet.text) if names else ()
        live, places, clearings = self._read(profile, group, sheet, taken)
        if not live and not clearings:
            return Verdict(profile.gi, Stage.NO_NAME)
        if not live:
            return Verdict(profile.gi, Stage.CLEARED, clearings=tuple(clearings))
        spans = tuple([_in_title(sheet, m) for m in (*live, *places) if m.segment is sheet.title])
        goods = shelf.judge(profile, spans)
        if goods.likeness is Likeness.OPEN and all(self._is_brand(m) for m in live):
            goods = shelf.beside_brand(profile)
        beside = [self._names.profiles[owner] for _, _, owner in names if owner != profile.index]
        origin = judge_origin(profile, sheet, self._words, tuple([_told_at(m) for m in live]), shelf.labels, beside)
        if not goods.is_sure and (origin.value is _OUTSIDE or not goods.clears):
            clearings.append(doubtful_clearing(profile.gi, goods))
            goods = shelf.kind(profile)
        if origin.value is _UNKNOWN and all(m.how is How.ADDRESSED for m in live):
            clearings.append(address_clearing(profile.gi, live[0], sheet))
        if abroad := abroad_clearing(profile.gi, sheet, self._words):
            clearings.append(abroad)
        user = self._users.match(profile.gi.id, sheet, on)
        said = () if beside and all(m.how in _LOOSE for m in live) else claims  # of the GI that is named
        own, old = self._own_claims(profile.gi, said, sheet)
        case = Case(
            profile, sheet, shelf, self._words, self._users, self.register, on, history, tuple(live), tuple(group),
            (*clearings, *old), origin, goods, user, own,
            hows=frozenset([m.how for m in live]),
        )  # fmt: skip
        return self._decide(case)

    def _read(
        self, profile: Profile, group: Sequence[Mention], sheet: Sheet, taken: tuple[tuple[int, int], ...]
    ) -> tuple[list[Mention], list[Mention], list[Clearing]]:
        """Mentions that count, bare places, and the clearings considered."""
        live: list[Mention] = []
        places: list[Mention] = []
        clearings: dict[Clearing, None] = {}  # in order, each once
        lowered: dict[Mention, tuple[Clearing, ...]] = {}  # what is considered of each that counts
        shown = False
        for mention in group:
            if self._says_origin(mention) or (shown and mention.segment.field in _REPEATING):
                continue
            resolved = mention
            if mention.how is _PLACE:
                near = resolve(profile, mention, sheet, self._words, taken)
                if near is None:
                    continue
                resolved = (is_apart(profile, near, sheet, taken) or near) if near.how is _PLACE else near
            found = clearings_of(profile, resolved, sheet, self._words)
            if resolved.how in _BARE:
                if not found:
                    places.append(resolved)
                continue
            if found and found[-1].decisive:  # the first that decides is the last one sought
                clearings.update(dict.fromkeys(found))
                continue
            live.append(resolved)
            lowered[resolved] = found
            shown = shown or resolved.segment.field is _TITLE
        if len(live) > 1 or (live and live[0].how in _SPELT):
            live, repeated = one_sign(profile, beside_altered(live), sheet, self._words)
            clearings.update(dict.fromkeys(repeated))
        for mention in live:
            clearings.update(dict.fromkeys(lowered[mention]))
        if not live:
            live = [m for m in places if m.how is How.APART][:1]
            live += [m for m in places if m.segment.field is Field.KEYWORDS]
        return live, places, [*clearings]

    def _says_origin(self, mention: Mention) -> bool:
        """True for a mention in an attribute that states the origin: that is judged as origin, not as use of the name."""
        segment = mention.segment
        return segment.field is _ATTRIBUTES and is_origin_key(segment.key, self._words)

    def _is_brand(self, mention: Mention) -> bool:
        """True for a mention that only names the maker: a brand, or the shop."""
        segment = mention.segment
        return segment.field in _MAKER or (
            segment.field is _ATTRIBUTES and is_one_of(segment.key, self._words.words("brand-keys"))
        )

    def _decide(self, case: Case) -> Verdict:
        """Run the models, or for an authorised user the mirrored ones as reminders."""
        traits = traits_of(case)
        may_bear = agi_clearing(case) if case.claims else None
        if may_bear:
            case = case._replace(considered=(*case.considered, may_bear))
        clearings = list(case.considered)
        user = case.user
        if user and user.active and user.certain and (user.own or case.origin.value.value != "outside"):
            clearings.append(user_clearing(case, user))
            reminders = self._run(_Turn.MIRRORED, case, traits) if user.own else ()
            return Verdict(case.profile.gi, Stage.CLEARED, clearings=tuple(clearings), reminders=reminders)
        if user:
            case = case._replace(considered=(*case.considered, user_clearing(case, user)))
            clearings = list(case.considered)
        paid = payment_clearing(case)
        if paid:
            return Verdict(case.profile.gi, Stage.NOT_GOODS, clearings=(*clearings, paid))
        if case.goods.likeness is _OTHER:
            kept = tuple(f for f in self._run(_Turn.LEADING, case, traits) if f.family == "keywords")
            if kept:
                return Verdict(
                    case.profile.gi, Stage.FLAGGED, (*kept, *self._run(_Turn.DEPENDENT, case, traits)), tuple(clearings)
                )
            return Verdict(case.profile.gi, Stage.NOT_GOODS, clearings=(*clearings, goods_clearing(case)))
        findings = self._run(_Turn.LEADING, case, traits)
        if not findings and case.is_inside:
            findings = tuple(f for f in self._run(_Turn.DEPENDENT, case, traits) if f.family in _INSIDE)
        elif findings:
            findings += self._run(_Turn.DEPENDENT, case, traits)
        if case.is_inside:
            clearings.append(inside_clearing(case, findings))
        stage = _FLAGGED if findings else _CLEARED
        if not findings and not any(c.decisive for c in clearings):
            is_asked = ask_about_name(self._asked(_Turn.LEADING, case.hows, traits), case)
            clearings.append(silent_clearing(case, is_asked=is_asked))
            stage = _CLEARED if clearings[-1].decisive else Stage.UNASKED
        return Verdict(case.profile.gi, stage, findings, tuple(clearings), origin=case.origin.value)

    def _run(self, turn: _Turn, case: Case, traits: frozenset[str]) -> tuple[Finding, ...]:
        law = self._law
        return tuple([f for rule in self._asked(turn, case.hows, traits) for f in rule.family(case, rule, law)])

    def _with_something(self, turn: _Turn, hows: frozenset[How], traits: frozenset[str]) -> tuple[Rule, ...]:
        """The rules of a turn that have something to look at."""
        return tuple(
            rule
            for rule in self._rules[turn]
            if (not rule.needs or rule.needs in traits) and (not rule.kinds or not rule.kinds.isdisjoint(hows))
        )

    def _own_claims(
        self, gi: GI, claims: Sequence[Claim], sheet: Sheet
    ) -> tuple[tuple[Claim, ...], tuple[Clearing, ...]]:
        """Claims that the seller makes, not part of the name of a rule or an association; what clears the abolished ones."""
        if not claims:
            return (), ()
        own = tuple([claim for claim in claims if not self._is_quoted(claim, sheet)])
        own = with_old_marks(own, sheet, self._words)
        old = transition_clearing(gi, own, sheet) if own else None
        return (tuple(c for c in own if c.kind not in OLD), (old,)) if old else (own, ())

    def _is_quoted(self, claim: Claim, sheet: Sheet) -> bool:
        around = sheet.text[max(0, claim.start - 3) : claim.end + 8]
        return self._words.pattern("claim-exceptions").search(around) is not None

    def _judge_signs(
        self, claims: Sequence[Claim], sheet: Sheet, shelf: Shelf, on: date, history: History
    ) -> list[Verdict]:
        """A claim of protection in a listing that names no GI of the register: judged as use of the sign itself."""
        said = [claim for claim in claims if not self._is_quoted(claim, sheet)]
        if not said or not self._signs:
            return []
        special = next((i for i, sign in enumerate(self.register.signs) if sign.kind == "gi_special"), 0)
        profile = self._signs[next((c.owner for c in said if c.owner >= 0), special)]
        own, old = self._own_claims(profile.gi, said, sheet)
        if not own:
            return [Verdict(profile.gi, Stage.CLEARED, clearings=old)]
        goods = shelf.judge(profile, ())
        origin = judge_origin(profile, sheet, self._words, (), shelf.labels._replace(words=(), tails=(), brought=()))
        case = Case(
            profile, sheet, shelf, self._words, self._users, self.register, on, history, (), (), old, origin, goods, None, own,
            is_sign=True,
        )  # fmt: skip
        if goods.likeness is Likeness.OTHER and goods.code not in _GOODS:
            return [Verdict(profile.gi, Stage.NOT_GOODS, clearings=(goods_clearing(case),))]
        findings = self._run(_Turn.LEADING, case, traits_of(case))
        return [Verdict(profile.gi, Stage.FLAGGED if findings else Stage.CLEARED, findings, old)]

    def _result(
        self,
        stage: Stage,
        suspicions: tuple[Suspicion, ...],
        on: date,
        clearings: tuple[Clearing, ...] = (),
        reminders: tuple[Finding, ...] = (),
    ) -> Screening:
        return Screening(
            stage=stage,
            suspicions=suspicions,
            clearings=clearings,
            on=on,
            register_digest=self.register.digest,
            reminders=reminders,
        )


_REPEATING = frozenset({Field.DESCRIPTION, Field.ATTRIBUTES})
"""Fields that need not be looked at where the title names the GI already."""

_PLACE, _TITLE, _ATTRIBUTES, _OTHER = How.PLACE, Field.TITLE, Field.ATTRIBUTES, Likeness.OTHER  # a look-up costs a call
_FLAGGED, _CLEARED, _OUTSIDE, _UNKNOWN = Stage.FLAGGED, Stage.CLEARED, Origin.OUTSIDE, Origin.UNKNOWN
_MAKER = (Field.BRAND, Field.SHOP)
_BARE, _LOOSE = (How.PLACE, How.APART), (How.INVERTED, How.APART)
_GOODS = ("N09",)  # readings that say that other goods are sold: a claim without a name is no truer of them
_SPELT = (How.TRANSLATION, How.PINYIN, How.MIXED)
_REPEATED, _MOST = 12, 100
_INSIDE = frozenset({"season", "contradiction", "sc-region", "price", "volume"})
"""Dependent families that speak alone about goods said to come from the area."""


def _share_out(found: Sequence[Hit], begins: Sequence[int], hits: Sequence[list[Hit]], patterns: int) -> None:
    """Put what was found, in order, to the hits of the listing it lies in. `begins`: where each listing begins; `patterns`: the number of the first."""
    number, begin, next_begin = -1, 0, 0
    for first, last, pattern in found:
        while first >= next_begin:
            number += 1
            begin, next_begin = next_begin, begins[number + 1]
        hits[number].append((first - begin, last - begin, patterns + pattern))


def _by_owner(mentions: Sequence[Mention]) -> dict[int, list[Mention]]:
    """Mentions of each GI; of a name repeated over and over only the first few in one text are looked at, and some dozens in all."""
    groups: dict[int, list[Mention]] = {}
    if len(mentions) == 1:
        return {mentions[0].owner: [*mentions]}
    if len(mentions) <= _REPEATED:
        for mention in mentions:
            groups.setdefault(mention.owner, []).append(mention)
        return dict(sorted(groups.items())) if len(groups) > 1 else groups
    seen: dict[tuple[int, int], int] = {}
    for mention in mentions:
        place = (mention.owner, mention.segment.start)
        seen[place] = seen.get(place, 0) + 1
        group = groups.setdefault(mention.owner, [])
        if seen[place] <= _REPEATED and len(group) < _MOST:
            group.append(mention)
    return dict(sorted(groups.items()))


def _names_of(groups: Mapping[int, Sequence[Mention]]) -> list[tuple[int, int, int]]:
    """Folded span and GI of every name of some GIs, by which one GI's goods are told from another's."""
    return [
        (m.start, m.end, m.owner)
        for group in groups.values()
        for m in group
        if m.how is not How.PLACE and m.how is not How.INITIALS
    ]


def _taken(profile: Profile, names: Sequence[tuple[int, int, int]], text: str) -> tuple[tuple[int, int], ...]:
    """Spans of this GI's names, and of those of other GIs that are no part of them."""
    return tuple(
        (a, b) for a, b, owner in names if owner == profile.index or not any(text[a:b] in n for n in profile.names)
    )


def _told_at(mention: Mention) -> int:
    """Up to where a place tells the origin of what is named: past the address in 烟台栖霞苹果."""
    return mention.start if mention.how is not How.ADDRESSED else mention.end - 1


def _in_title(sheet: Sheet, mention: Mention) -> tuple[int, int]:
    start = sheet.title.start if sheet.title else 0
    return mention.start - start, mention.end - start


def _sign_profile(index: int, sign: Sign) -> Profile:
    return profile_of(index, GI(id=sign.id, name=sign.name, certainty=sign.certainty, source=sign.source))
