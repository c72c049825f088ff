"""The screen: a listing and a day in, explained findings out. Pure; nothing a seller can write makes it raise."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from gimonitor.errors import RulesError
from gimonitor.model.finding import Clearing, Finding, History, Origin, Screening, Stage, Suspicion
from gimonitor.model.listing import Field, Listing
from gimonitor.model.register import GI, Register, Sign
from gimonitor.screening.automaton import build_finder
from gimonitor.screening.case import Case, traits_of
from gimonitor.screening.contexts import clearings_of
from gimonitor.screening.dictionary import is_word
from gimonitor.screening.explain import Law, Rule, rule_of
from gimonitor.screening.families import DEPENDENT, FAMILIES, MIRRORED, NEEDS
from gimonitor.screening.goods import Likeness, Shelf
from gimonitor.screening.mentions import Claim, How, Mention, sort_hits
from gimonitor.screening.names import Profile, build_names, profile_of
from gimonitor.screening.origin import Spans, judge_origin, regions_in
from gimonitor.screening.places import is_apart, resolve
from gimonitor.screening.score import score_of
from gimonitor.screening.sheet import Sheet, lay_out
from gimonitor.screening.users import UserMatch, Users
from gimonitor.screening.variants import ShapeView, SoundView, Variant
from gimonitor.screening.vocabulary import Vocabulary

NO_HISTORY = History()
_STATUSES = frozenset({"active"})


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What came of one GI: findings, what cleared, reminders, and how far it came."""

    gi: GI
    stage: Stage
    findings: tuple[Finding, ...] = ()
    clearings: tuple[Clearing, ...] = ()
    reminders: tuple[Finding, ...] = ()
    origin: Origin = Origin.UNKNOWN


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

        Raises RulesError where a model names an unknown family, and where something is missing without which everything
        would come out clean in silence: an active model, a sign, a group of words that the models rely on.
        """
        problems = [f"{m.path or m.id}: unknown family {m.family}" for m in register.models if m.family not in FAMILIES]
        problems += missing_parts(register, statuses)
        if problems:
            raise RulesError(problems)
        self.register = register
        self._names = build_names(register)
        self._find = build_finder(self._names.patterns, engine)
        self._words = Vocabulary(register, engine)
        self._sounds = SoundView(self._names.profiles, engine)
        self._shapes = ShapeView(
            self._names.profiles,
            (w.text for w in register.words if w.group == "look-alikes"),
            (w.text for w in register.words if w.group == "split-characters"),
            engine,
        )
        self._users = Users(register)
        self._law = Law(register)
        models = sorted((m for m in register.models if m.status in statuses), key=lambda m: m.id)
        rules = [rule_of(m, FAMILIES[m.family], NEEDS.get(m.family, "")) for m in models]
        self._leading = tuple(r for r in rules if r.model.family not in DEPENDENT)
        self._dependent = tuple(r for r in rules if r.model.family in DEPENDENT)
        self._mirrored = tuple(r for r in rules if r.model.family in MIRRORED)
        self._signs = tuple(_sign_profile(i, sign) for i, sign in enumerate(register.signs))

    @property
    def pattern_count(self) -> int:
        """How many patterns one pass looks for."""
        return len(self._names.patterns)

    def screen(self, listing: Listing, on: date, history: History | None = None) -> Screening:
        """Screen one listing as of a day. Same input, same output; never raises on odd text."""
        sheet = lay_out(listing)
        mentions, claims, labels = sort_hits(self._names, self._find(sheet.folded.units), sheet)
        mentions += self._altered(sheet, mentions)
        if not mentions and not claims:
            return self._result(Stage.NO_NAME, (), on)
        shelf = Shelf(sheet, self._words)
        history = history or NO_HISTORY
        groups = _by_owner(mentions)
        names = [
            (m.start, m.end, m.owner)
            for group in groups.values()
            for m in group
            if m.how is not How.PLACE and m.how is not How.INITIALS
        ]
        claims = claims[:_REPEATED]
        verdicts = [
            self._judge(self._names.profiles[owner], group, names, claims, labels, sheet, shelf, on, history)
            for owner, group in groups.items()
        ]
        if claims and not any(v.stage in (Stage.FLAGGED, Stage.CLEARED) for v in verdicts):
            verdicts += self._judge_signs(claims, sheet, shelf, on, history)
        return self._conclude(verdicts, listing, history, on)

    def _altered(self, sheet: Sheet, mentions: Sequence[Mention]) -> list[Mention]:
        """Mentions in the title that are written otherwise, of GIs the title does not name plainly."""
        title = sheet.title
        if title is None or title.end - title.start < 3:
            return []
        text = sheet.text[title.start : title.end]
        variants = [*self._sounds.look(text), *self._shapes.look(text)]
        if not variants:
            return []
        plain = [(m.start, m.end) for m in mentions if m.segment is title and m.how is not How.PLACE]
        named = {m.owner: m for m in mentions if m.segment is title and m.how is not How.PLACE}
        best: dict[int, Variant] = {}
        for variant in variants:
            start, end = title.start + variant.start, title.start + variant.end
            hidden = any(
                a < end and start < b and not (start <= a and b <= end and b - a < end - start) for a, b in plain
            )
            shown = named.get(variant.owner)
            elsewhere = shown is not None and (shown.how is How.NAME or not (start <= shown.start and shown.end <= end))
            if hidden or elsewhere or self._is_ordinary(text, variant):
                continue
            known = best.get(variant.owner)
            if known is None or variant.end - variant.start > known.end - known.start:
                best[variant.owner] = variant
        return [
            Mention(v.owner, v.how, title.start + v.start, title.start + v.end, title, detail=v.name)
            for v in best.values()
        ]

    def _is_ordinary(self, title: str, variant: Variant) -> bool:
        """True where the altered part is a word or a place of its own: 武昌大米 is no 五常大米."""
        if variant.how not in (How.SOUND, How.SHAPE):
            return False
        shown = title[variant.start : variant.end]
        if self._words.pattern("false-twins").search(title[max(0, variant.start - 2) : variant.end + 2]):
            return True
        profile = self._names.profiles[variant.owner]
        if any(twin in shown for twin in profile.twins):
            return True
        core = len(profile.core) if variant.name.startswith(profile.core) else 0
        parts = ((shown[:core], variant.name[:core]), (shown[core:], variant.name[core:]))
        for part, meant in parts:
            if part != meant and (is_word(part) or (len(part) >= 2 and bool(regions_in(part)))):
                return True
        return False

    def _judge(
        self,
        profile: Profile,
        group: Sequence[Mention],
        names: Sequence[tuple[int, int, int]],
        claims: Sequence[Claim],
        labels: Spans,
        sheet: Sheet,
        shelf: Shelf,
        on: date,
        history: History,
    ) -> _Verdict:
        """Everything one GI has to say about the listing."""
        text = sheet.text
        taken = tuple(
            (a, b) for a, b, owner in names if owner != profile.index and not any(text[a:b] in n for n in profile.names)
        )
        live, places, clearings = self._read(profile, group, sheet, taken)
        if not live and not clearings:
            return _Verdict(profile.gi, Stage.NO_NAME)
        if not live:
            return _Verdict(profile.gi, Stage.CLEARED, clearings=tuple(clearings))
        spans = tuple([_in_title(sheet, m) for m in (*live, *places) if m.segment is sheet.title])
        goods = shelf.judge(profile, spans)
        origin = judge_origin(profile, sheet, self._words, tuple(m.start for m in live), labels)
        user = self._users.match(profile.gi.id, sheet, on)
        case = Case(
            profile, sheet, shelf, self._words, self._users, self.register, on, history, tuple(live), tuple(group),
            tuple(clearings), origin, goods, user, tuple(self._own_claims(claims, sheet)),
            hows=frozenset(m.how for m in live),
        )  # fmt: skip
        return self._decide(case._replace(traits=traits_of(case)))

    def _read(
        self, profile: Profile, group: Sequence[Mention], sheet: Sheet, taken: tuple[tuple[int, int], ...]
    ) -> tuple[list[Mention], list[Mention], list[Clearing]]:
        """Mentions that count, bare places, and the clearings considered."""
        live: list[Mention] = []
        places: list[Mention] = []
        clearings: list[Clearing] = []
        shown = False
        for mention in group:
            if self._says_origin(mention) or (shown and mention.segment.field in _REPEATING):
                continue
            resolved = resolve(profile, mention, sheet, self._words, taken) if mention.how is How.PLACE else mention
            if resolved is None:
                continue
            if resolved.how is How.PLACE:
                resolved = is_apart(profile, resolved, sheet, taken) or resolved
            found = clearings_of(profile, resolved, sheet, self._words)
            if resolved.how is How.PLACE or resolved.how is How.APART:
                if not found:
                    places.append(resolved)
                continue
            clearings += [c for c in found if c not in clearings]
            if not any(c.decisive for c in found):
                live.append(resolved)
                shown = shown or resolved.segment.field is Field.TITLE
        if not live:
            live = [m for m in places if m.how is How.APART][:1]
            live += [m for m in places if m.segment.field is Field.KEYWORDS]
        return live, places, clearings

    def _says_origin(self, mention: Mention) -> bool:
        """True for a mention in an attribute that states the origin: that is judged as origin, not as use of the name."""
        key = mention.segment.key
        return mention.segment.field is Field.ATTRIBUTES and key in self._words.words("origin-keys")

    def _decide(self, case: Case) -> _Verdict:
        """Run the models, or for an authorised user the mirrored ones as reminders."""
        clearings = list(case.considered)
        user = case.user
        if user and user.active and user.certain and (user.own or case.origin.value.value != "outside"):
            clearings.append(_user_clearing(case, user))
            reminders = self._run(self._mirrored, case) if user.own else ()
            return _Verdict(case.profile.gi, Stage.CLEARED, clearings=tuple(clearings), reminders=reminders)
        if user:
            case = case._replace(considered=(*case.considered, _user_clearing(case, user)))
            clearings = list(case.considered)
        if case.goods.likeness is Likeness.OTHER:
            clearings.append(_goods_clearing(case))
            kept = tuple(f for f in self._run(self._leading, case) if f.family == "keywords")
            if kept:
                return _Verdict(case.profile.gi, Stage.FLAGGED, self._with_dependent(case, kept), tuple(clearings))
            return _Verdict(case.profile.gi, Stage.NOT_GOODS, clearings=tuple(clearings))
        if case.is_inside:
            clearings.append(_inside_clearing(case))
        findings = self._run(self._leading, case)
        if not findings and case.is_inside:
            findings = tuple(f for f in self._run(self._dependent, case) if f.family in _INSIDE)
        elif findings:
            findings = self._with_dependent(case, findings)
        stage = Stage.FLAGGED if findings else Stage.CLEARED
        return _Verdict(case.profile.gi, stage, findings, tuple(clearings), origin=case.origin.value)

    def _with_dependent(self, case: Case, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        return (*findings, *self._run(self._dependent, case))

    def _run(self, rules: Iterable[Rule], case: Case) -> tuple[Finding, ...]:
        found: list[Finding] = []
        hows, traits = case.hows, case.traits
        for rule in rules:
            if (rule.needs and rule.needs not in traits) or (rule.kinds and rule.kinds.isdisjoint(hows)):
                continue
            found.extend(rule.family(case, rule, self._law))
        return tuple(found)

    def _own_claims(self, claims: Iterable[Claim], sheet: Sheet) -> Iterable[Claim]:
        """Claims that the seller makes: not negated, not part of the name of a rule or an association."""
        for claim in claims:
            around = sheet.text[max(0, claim.start - 3) : claim.end + 8]
            if not self._words.pattern("claim-exceptions").search(around):
                yield claim

    def _judge_signs(
        self, claims: Sequence[Claim], sheet: Sheet, shelf: Shelf, on: date, history: History
    ) -> list[_Verdict]:
        """A claim of protection in a listing that names no GI of the register: judged as use of the sign itself."""
        own = tuple(self._own_claims(claims, sheet))
        owner = next((c.owner for c in own if c.owner >= 0), 0)
        if not own or not self._signs:
            return []
        profile = self._signs[owner]
        goods = shelf.judge(profile, ())
        origin = judge_origin(profile, sheet, self._words, ())
        case = Case(
            profile, sheet, shelf, self._words, self._users, self.register, on, history, (), (), (), origin, goods, None, own,
            is_sign=True,
        )  # fmt: skip
        if goods.likeness is Likeness.OTHER:
            return [_Verdict(profile.gi, Stage.NOT_GOODS, clearings=(_goods_clearing(case),))]
        findings = self._run(self._leading, case._replace(traits=traits_of(case)))
        return [_Verdict(profile.gi, Stage.FLAGGED if findings else Stage.CLEARED, findings)]

    def _conclude(self, verdicts: Sequence[_Verdict], listing: Listing, history: History, on: date) -> Screening:
        if len(verdicts) > 1:
            verdicts = _without_raw_materials(verdicts)
        suspicions = [
            Suspicion(
                gi_id=v.gi.id, gi_name=v.gi.name, findings=v.findings, score=score_of(v.findings, listing, history)
            )
            for v in verdicts
            if v.findings
        ]
        suspicions.sort(key=lambda s: (-s.score.total, s.gi_id))
        stage = max((v.stage for v in verdicts), key=_ORDER.index, default=Stage.NO_NAME)
        clearings = tuple(dict.fromkeys(c for v in verdicts for c in v.clearings))
        reminders = tuple(r for v in verdicts for r in v.reminders)
        return self._result(stage, tuple(suspicions), on, clearings, reminders)

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

_REPEATED = 12
_INSIDE = frozenset({"season", "contradiction", "sc-region", "price", "volume"})
"""Dependent families that speak alone about goods said to come from the area."""

_ORDER = (Stage.NO_NAME, Stage.NOT_GOODS, Stage.CLEARED, Stage.FLAGGED)


def _without_raw_materials(verdicts: Sequence[_Verdict]) -> list[_Verdict]:
    """新会小青柑 普洱茶 from 新会: goods of one GI's own place that name other goods as what they are made of."""
    home = next((v.gi for v in verdicts if v.origin is Origin.INSIDE and v.gi.goods), None)
    if home is None:
        return list(verdicts)
    kept = []
    for verdict in verdicts:
        if verdict.findings and verdict.origin is Origin.OUTSIDE and verdict.gi.goods not in ("", home.goods):
            reason = f"商品产自“{home.name}”的保护范围，“{verdict.gi.name}”可能只是其中的原料"
            clearing = Clearing(code="N02", reason=reason, decisive=True, gi_id=verdict.gi.id)
            verdict = _Verdict(verdict.gi, Stage.CLEARED, clearings=(*verdict.clearings, clearing))
        kept.append(verdict)
    return kept


def _by_owner(mentions: Iterable[Mention]) -> dict[int, list[Mention]]:
    """Mentions of each GI; of a name repeated over and over in one text only the first few are looked at."""
    groups: dict[int, list[Mention]] = {}
    seen: dict[tuple[int, int], int] = {}
    for mention in mentions:
        place = (mention.owner, mention.segment.start)
        seen[place] = seen.get(place, 0) + 1
        if seen[place] <= _REPEATED:
            groups.setdefault(mention.owner, []).append(mention)
    return dict(sorted(groups.items()))


def _in_title(sheet: Sheet, mention: Mention) -> tuple[int, int]:
    start = sheet.title.start if sheet.title else 0
    return mention.start - start, mention.end - start


def _sign_profile(index: int, sign: Sign) -> Profile:
    return profile_of(index, GI(id=sign.id, name=sign.name, certainty=sign.certainty, source=sign.source))


def _user_clearing(case: Case, user: UserMatch) -> Clearing:
    who = f"合法使用人“{user.user.name}”"
    active = "" if user.active else "（使用资格不在有效期内）"
    code, what = ("N20", "本人的店铺") if user.own else ("N07", "商品的转售")
    decisive = user.active and user.certain and (user.own or case.origin.value.value != "outside")
    return Clearing(
        code=code, reason=f"{user.by}指向{who}{active}，按{what}考虑", decisive=decisive, gi_id=case.profile.gi.id
    )


def _goods_clearing(case: Case) -> Clearing:
    goods = case.goods
    return Clearing(code=goods.code, reason=goods.reason, decisive=True, place=goods.place, gi_id=case.profile.gi.id)


def _inside_clearing(case: Case) -> Clearing:
    first = case.origin.saying(case.origin.value)[0]
    return Clearing(
        code="N06",
        reason=f"{first.label}为“{first.text[:40]}”，在保护范围内；只核对标准和标志",
        decisive=True,
        place=first.place,
        gi_id=case.profile.gi.id,
    )
