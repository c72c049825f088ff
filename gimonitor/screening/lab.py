"""The model lab: what a title raises and why, and what a changed register would raise that another does not. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from gimonitor.errors import InputError
from gimonitor.model.finding import Finding, History, Screening
from gimonitor.model.lead import Resolution
from gimonitor.model.listing import Listing
from gimonitor.model.register import Model, Register
from gimonitor.register.examples import read_example
from gimonitor.register.modelfile import line_of
from gimonitor.screening.records import listing_of
from gimonitor.screening.screener import Screener

_UPHELD = frozenset({Resolution.CONFIRMED, Resolution.NEEDS_TEST_PURCHASE})
_REFUTED = frozenset({Resolution.AUTHORISED, Resolution.FAIR_USE, Resolution.WRONG_CATEGORY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """An example of a model that does not come out as it should, or cannot be read at all (`fault` says why).

    `path` is the model's file and `place` the dotted place of the example in it.
    """

    model_id: str
    path: str
    place: str
    example: str
    must_flag: bool
    fired: tuple[str, ...] = ()
    fault: str = ""


def told(broken: Broken, text: str) -> str:
    """A broken example in a line: file and line, model, what is wrong. `text` is the model's file."""
    wanted = "must flag" if broken.must_flag else "must not flag"
    wrong = broken.fault or f"fired: {', '.join(broken.fired) or 'none'}"
    return f"{broken.path}:{line_of(text, broken.place)}: {broken.model_id}: {wanted}: {broken.example} ({wrong})"


def broken_examples(register: Register, on: date, *, only: Iterable[str] = ()) -> tuple[Broken, ...]:
    """Examples that fail, of all models or of those named; what a retired model would have said is not asked.

    An example that says no day of its own is screened as of `on`. A reminder counts as fired.
    """
    wanted = frozenset(only)
    screener = Screener(register, statuses=frozenset({"active", "test", "draft"}))
    return tuple(
        broken
        for model in register.models
        if model.status != "retired" and (not wanted or model.id in wanted)
        for broken in _broken(model, screener, on)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a candidate makes of examples. Only `own` is its fault and keeps it from being released.

    `own`: of what is tried, which come out otherwise than they should and held before, or are new. `before`: of what is
    tried, which failed in the register in force already. `elsewhere`: of other models, which held before: they lean on
    what the candidate changes, and those who keep these models are to be told.
    """

    own: tuple[Broken, ...]
    before: tuple[Broken, ...]
    elsewhere: tuple[Broken, ...]


def judge_examples(current: Register, candidate: Register, on: date, *, only: Collection[str] = ()) -> Judged:
    """Hold the examples of a candidate against the register in force. `only` names the models that are tried, by default all."""
    failing = broken_examples(candidate, on)
    failed = {(b.model_id, b.must_flag, b.example) for b in broken_examples(current, on)} if failing else set()
    tried = [b for b in failing if not only or b.model_id in only]
    new = [b for b in failing if (b.model_id, b.must_flag, b.example) not in failed]
    return Judged(
        own=tuple(b for b in tried if b in new),
        before=tuple(b for b in tried if b not in new),
        elsewhere=tuple(b for b in new if b not in tried),
    )


def _broken(model: Model, screener: Screener, on: date) -> Iterable[Broken]:
    for key, examples in (("must_flag", model.must_flag), ("must_not_flag", model.must_not_flag)):
        for i, text in enumerate(examples):
            failed = Broken(
                model_id=model.id,
                path=model.path.rpartition(":")[0],
                place=f"{key}.{i}",
                example=text,
                must_flag=key == "must_flag",
            )
            try:
                fired = tuple(dict.fromkeys(f.model_id for f in all_findings(screen_example(screener, text, on))))
            except InputError as error:
                yield replace(failed, fault=str(error))
                continue
            if (model.id in fired) is not failed.must_flag:
                yield replace(failed, fired=fired)


def screen_example(screener: Screener, text: str, on: date) -> Screening:
    """A model's example screened, as of the day it says or else `on`. Raises InputError where it cannot be read."""
    example = read_example(text)
    return screener.screen(listing_of(example.record), example.on or on, example.history)


def all_findings(screening: Screening) -> tuple[Finding, ...]:
    """Findings of all suspicions, then reminders."""
    return (*(f for s in screening.suspicions for f in s.findings), *screening.reminders)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a candidate register raises otherwise over one listing: (GI's name, model id, reason) of each finding."""

    platform: str
    item_id: str
    title: str
    gained: tuple[tuple[str, str, str], ...]
    lost: tuple[tuple[str, str, str], ...]


@dataclass(slots=True, kw_only=True)
class Backtest:
    """A candidate against the register in force over listings and what officers decided; filled one by one.

    `gained` and `lost` count findings by model; `leads_gained` and `leads_lost` whole suspicions over a GI, `leads_higher`
    and `leads_lower` those that stay with another score. `changed` counts listings of which a finding is new or lost,
    `weighed` those with the same findings and another confidence, severity or score of one (None: a stored back-test that
    did not count them). `upheld` and
    `refuted` count what officers decided about suspicions that the candidate raises, `upheld_now` and `refuted_now` about
    those of the register in force, `missed` upheld ones that the candidate no longer raises, `spared` refuted ones.
    `users` are authorised users whose own listings it would flag, `users_new` those that are not flagged now. `changes`
    holds the first CHANGES changed listings. `broken`, `before` and `elsewhere` tell examples as `Judged` does.
    """

    screened: int = 0
    changed: int = 0
    weighed: int | None = 0
    gained: dict[str, int] = field(default_factory=dict)
    lost: dict[str, int] = field(default_factory=dict)
    leads_gained: int = 0
    leads_lost: int = 0
    leads_higher: int = 0
    leads_lower: int = 0
    upheld: int = 0
    refuted: int = 0
    upheld_now: int = 0
    refuted_now: int = 0
    missed: int = 0
    spared: int = 0
    users: list[str] = field(default_factory=list)
    users_new: list[str] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float | None:
        """Share of decided suspicions of the candidate that officers upheld; None where nothing was decided."""
        return _share(self.upheld, self.refuted)

    @property
    def precision_now(self) -> float | None:
        """The same of the register in force."""
        return _share(self.upheld_now, self.refuted_now)


CHANGES = 200


def _share(upheld: int, refuted: int) -> float | None:
    return upheld / (upheld + refuted) if upheld + refuted else None


class Comparison:
    """Two registers, compiled; one listing after another is held against both."""

    def __init__(self, current: Register, candidate: Register) -> None:
        """Raises RulesError where one of them cannot be screened with."""
        self._old, self._new = Screener(current), Screener(candidate)

    def add(
        self,
        to: Backtest,
        listing: Listing,
        on: date,
        history: History | None = None,
        decided: Mapping[str, Resolution] | None = None,
    ) -> None:
        """Screen a listing with both and count. `decided` maps a GI's id to what an officer decided about its lead."""
        decided = decided or {}
        before, after = self._old.screen(listing, on, history), self._new.screen(listing, on, history)
        to.screened += 1
        _count_findings(to, listing, before, after)
        scores_was, scores_now = ({s.gi_id: s.score.total for s in one.suspicions} for one in (before, after))
        was, now = set(scores_was), set(scores_now)
        to.leads_gained += len(now - was)
        to.leads_lost += len(was - now)
        to.leads_higher += sum(scores_now[gi_id] > scores_was[gi_id] for gi_id in was & now)
        to.leads_lower += sum(scores_now[gi_id] < scores_was[gi_id] for gi_id in was & now)
        upheld, refuted = ({i for i, r in decided.items() if r in kind} for kind in (_UPHELD, _REFUTED))
        to.upheld += len(now & upheld)
        to.refuted += len(now & refuted)
        to.upheld_now += len(was & upheld)
        to.refuted_now += len(was & refuted)
        to.missed += len((was - now) & upheld)
        to.spared += len((was - now) & refuted)
        flagged_now = set(_users_of(self._old.register, listing, was))
        for name in _users_of(self._new.register, listing, now):
            if name not in to.users:
                to.users.append(name)
            if name not in flagged_now and name not in to.users_new:
                to.users_new.append(name)


def _count_findings(to: Backtest, listing: Listing, before: Screening, after: Screening) -> None:
    old = {(f.gi_id, f.model_id): f for f in all_findings(before)}
    new = {(f.gi_id, f.model_id): f for f in all_findings(after)}
    gained = tuple(f for key, f in new.items() if key not in old)
    lost = tuple(f for key, f in old.items() if key not in new)
    for counts, found in ((to.gained, gained), (to.lost, lost)):
        for finding in found:
            counts[finding.model_id] = counts.get(finding.model_id, 0) + 1
    if not gained and not lost:
        if to.weighed is not None:
            to.weighed += _weights(before) != _weights(after)
        return
    to.changed += 1
    if len(to.changes) < CHANGES:
        to.changes.append(
            Change(
                platform=listing.platform,
                item_id=listing.item_id,
                title=listing.title,
                gained=tuple((f.gi_name, f.model_id, f.reason) for f in gained),
                lost=tuple((f.gi_name, f.model_id, f.reason) for f in lost),
            )
        )


def _weights(screening: Screening) -> tuple[object, ...]:
    """How much each finding and each suspicion of a screening weighs."""
    findings = [(f.gi_id, f.model_id, f.severity, f.confidence) for f in all_findings(screening)]
    return sorted(findings), {s.gi_id: s.score.total for s in screening.suspicions}


def _users_of(register: Register, listing: Listing, gi_ids: Collection[str]) -> Iterator[str]:
    """Authorised users, by the code of the shop's legal person, of the GIs that a listing is suspected over."""
    subject = listing.shop.subject if listing.shop else None
    if gi_ids and subject and subject.uscc:
        yield from (u.name for u in register.users if u.gi_id in gi_ids and u.uscc == subject.uscc)


def shadowed(register: Register, model: Model) -> Register:
    """The register with this model in place of the one with its id, in force unless it is retired: a draft is tried so."""
    others = [m for m in register.models if m.id != model.id]
    status = "retired" if model.status == "retired" else "active"
    return replace(
        register, models=(*others, replace(model, status=status)), digest=f"{register.digest}+{model.id}", _by_id={}
    )
