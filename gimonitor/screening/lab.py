"""The model lab: what a title raises and why, and what a changed register would raise that another does not. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from gimonitor.model.finding import Finding, Screening
from gimonitor.model.lead import Resolution
from gimonitor.model.listing import Listing
from gimonitor.model.register import Model, Register
from gimonitor.screening.records import example_of
from gimonitor.screening.screener import Screener

_UPHELD = frozenset({Resolution.CONFIRMED, Resolution.NEEDS_TEST_PURCHASE})
_REFUTED = frozenset({Resolution.AUTHORISED, Resolution.FAIR_USE, Resolution.WRONG_CATEGORY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """An example of a model that does not come out as it should."""

    model_id: str
    example: str
    must_flag: bool
    fired: tuple[str, ...]


def broken_examples(register: Register, on: date, *, only: Iterable[str] = ()) -> tuple[Broken, ...]:
    """Examples that fail, of all models or of those named. A reminder counts as fired."""
    wanted = frozenset(only)
    screener = Screener(register, statuses=frozenset({"active", "test", "draft"}))
    return tuple(
        broken
        for model in register.models
        if not wanted or model.id in wanted
        for broken in _broken(model, screener, on)
    )


def _broken(model: Model, screener: Screener, on: date) -> Iterable[Broken]:
    examples = [(text, True) for text in model.must_flag] + [(text, False) for text in model.must_not_flag]
    for text, must_flag in examples:
        screening = screener.screen(example_of(text), on)
        fired = tuple(dict.fromkeys(f.model_id for f in all_findings(screening)))
        if (model.id in fired) is not must_flag:
            yield Broken(model_id=model.id, example=text, must_flag=must_flag, fired=fired)


def all_findings(screening: Screening) -> tuple[Finding, ...]:
    """Findings of all suspicions, then reminders."""
    return (*(f for s in screening.suspicions for f in s.findings), *screening.reminders)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a candidate register raises otherwise over one listing."""

    listing: Listing
    gained: tuple[Finding, ...]
    lost: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """A candidate against the register in force over stored listings and decided leads.

    `upheld` and `refuted` count what officers decided about suspicions that the candidate raises, `missed` decided
    suspicions that were upheld and that it no longer raises; `users_flagged` are authorised users whose own listings it
    would flag. Precision is None where nothing was decided.
    """

    screened: int
    changes: tuple[Change, ...]
    upheld: int
    refuted: int
    missed: int
    users_flagged: tuple[str, ...]

    @property
    def precision(self) -> float | None:
        """Share of decided suspicions of the candidate that officers upheld."""
        decided = self.upheld + self.refuted
        return self.upheld / decided if decided else None


def backtest(
    current: Register,
    candidate: Register,
    listings: Iterable[Listing],
    on: date,
    decided: Mapping[tuple[str, str, str], Resolution] | None = None,
) -> Backtest:
    """Screen listings with both registers. `decided` maps (platform, item id, GI id) to what an officer decided."""
    old, new = Screener(current), Screener(candidate)
    decided = decided or {}
    changes: list[Change] = []
    users: set[str] = set()
    screened = upheld = refuted = missed = 0
    for listing in listings:
        screened += 1
        before, after = old.screen(listing, on), new.screen(listing, on)
        change = _change(listing, before, after)
        if change:
            changes.append(change)
        for suspicion in after.suspicions:
            resolution = decided.get((*listing.key, suspicion.gi_id))
            upheld += resolution in _UPHELD
            refuted += resolution in _REFUTED
            users.update(_users_of(candidate, listing, suspicion.gi_id))
        raised = {s.gi_id for s in after.suspicions}
        missed += sum(
            decided.get((*listing.key, s.gi_id)) in _UPHELD for s in before.suspicions if s.gi_id not in raised
        )
    return Backtest(
        screened=screened,
        changes=tuple(changes),
        upheld=upheld,
        refuted=refuted,
        missed=missed,
        users_flagged=tuple(sorted(users)),
    )


def _change(listing: Listing, before: Screening, after: Screening) -> Change | None:
    old = {(f.gi_id, f.model_id): f for f in all_findings(before)}
    new = {(f.gi_id, f.model_id): f for f in all_findings(after)}
    gained = tuple(f for key, f in new.items() if key not in old)
    lost = tuple(f for key, f in old.items() if key not in new)
    return Change(listing=listing, gained=gained, lost=lost) if gained or lost else None


def _users_of(register: Register, listing: Listing, gi_id: str) -> Iterable[str]:
    subject = listing.shop.subject if listing.shop else None
    if subject and subject.uscc:
        yield from (u.name for u in register.users if u.gi_id == gi_id and u.uscc == subject.uscc)
