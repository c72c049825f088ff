"""线索流转: which act leads from which state to which, who may do it and what it must carry. Data and pure functions.

State says how far the handling came, resolution what a person decided; undo is worked out from the history, which is
only ever appended to.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gimonitor.errors import ConflictError, InputError, PermissionDeniedError
from gimonitor.model.lead import Decision, Resolution, State
from gimonitor.workflow.roles import Role
from gimonitor.workflow.vocabulary import OF_THE_SELLER, WANTS_ACT, Answer
from gimonitor.workflow.vocabulary import Action as Action
from gimonitor.workflow.words import ACTIONS, STATES


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One act: the states it starts from, where it ends, who may do it.

    `target` None means that the resolution decides (judging), the answer, the history (undo), or that nothing moves (notes). `needs_reason`: an
    empty reason is refused. `confirmed_only`: the lead must stand resolved as confirmed. `out_only`: it was sent, and the complaint not taken back.
    """

    sources: frozenset[State]
    target: State | None
    roles: frozenset[Role]
    needs_reason: bool = False
    confirmed_only: bool = False
    out_only: bool = False
    second_person: bool = False  # not by the person who judged


_OFFICERS = frozenset({Role.OFFICER, Role.APPROVER})
_APPROVERS = frozenset({Role.APPROVER})
_ALL = frozenset(State)
_OPEN = frozenset({State.NEW, State.CLAIMED, State.JUDGED, State.APPROVED})

RULES: dict[Action, Rule] = {
    Action.CLAIM: Rule(sources=frozenset({State.NEW, State.CLAIMED}), target=State.CLAIMED, roles=_OFFICERS),
    Action.JUDGE: Rule(
        sources=frozenset({State.NEW, State.CLAIMED, State.JUDGED}),
        target=None,
        roles=_OFFICERS,
    ),
    Action.APPROVE: Rule(
        sources=frozenset({State.JUDGED}),
        target=State.APPROVED,
        roles=_APPROVERS,
        confirmed_only=True,
        second_person=True,
    ),
    Action.RETURN: Rule(
        sources=frozenset({State.JUDGED, State.APPROVED}), target=State.CLAIMED, roles=_APPROVERS, needs_reason=True
    ),
    Action.SEND: Rule(
        sources=frozenset({State.APPROVED}), target=State.SENT, roles=_OFFICERS, needs_reason=True, confirmed_only=True
    ),
    Action.ANSWER: Rule(sources=_ALL, target=None, roles=_OFFICERS, needs_reason=True, out_only=True),
    Action.RECHECK: Rule(
        sources=frozenset({State.SENT, State.ANSWERED, State.RECHECKED}),
        target=State.RECHECKED,
        roles=_OFFICERS,
        needs_reason=True,
    ),
    Action.WITHDRAW: Rule(
        sources=frozenset({State.SENT, State.ANSWERED, State.RECHECKED, State.CLOSED}),
        target=State.CLAIMED,
        roles=_OFFICERS,
        needs_reason=True,
        out_only=True,
    ),
    Action.CLOSE: Rule(
        sources=frozenset({State.JUDGED, State.SENT, State.ANSWERED, State.RECHECKED}),
        target=State.CLOSED,
        roles=_OFFICERS,
        needs_reason=True,
    ),
    Action.REOPEN: Rule(
        sources=_ALL - {State.NEW, State.CLAIMED}, target=State.NEW, roles=_OFFICERS, needs_reason=True
    ),
    Action.UNDO: Rule(sources=_ALL, target=None, roles=_OFFICERS),
    Action.ASK: Rule(sources=_ALL, target=None, roles=_OFFICERS, needs_reason=True),
    Action.REPLY: Rule(sources=_ALL, target=None, roles=_APPROVERS | {Role.LEADER}, needs_reason=True),
    Action.CONSULT: Rule(sources=_ALL, target=None, roles=_OFFICERS, needs_reason=True),
    Action.OPINION: Rule(sources=_ALL, target=None, roles=_OFFICERS | {Role.LEADER}, needs_reason=True),
    Action.HOLD: Rule(sources=_OPEN, target=None, roles=_OFFICERS, needs_reason=True),
    Action.RELEASE: Rule(sources=_OPEN, target=None, roles=_OFFICERS),
}

AFTER_JUDGING: dict[Resolution, State] = {
    Resolution.CONFIRMED: State.JUDGED,  # waits for approval
    Resolution.NOT_ENOUGH_PROOF: State.JUDGED,  # waits for proof, then judged again or closed
    Resolution.NEEDS_TEST_PURCHASE: State.JUDGED,
    Resolution.AUTHORISED: State.CLOSED,
    Resolution.FAIR_USE: State.CLOSED,
    Resolution.WRONG_CATEGORY: State.CLOSED,
    Resolution.DUPLICATE: State.CLOSED,
    Resolution.PAGE_GONE: State.CLOSED,
    Resolution.NOT_OURS: State.CLOSED,
}
"""Where judging leads: what is to be acted on or needs more goes on, the rest is closed with its resolution."""

TALK = frozenset({Action.ASK, Action.REPLY, Action.CONSULT, Action.OPINION})
"""Questions and what was said to them."""

NOTES = TALK | {Action.HOLD, Action.RELEASE}
"""Entries that say something and move nothing; undo looks past them."""

ON_THE_WAY: dict[str, object] = {"for": Action.JUDGE.value}
"""The detail of a claim that judging a new lead made by itself."""

UNDOABLE = frozenset({Action.CLAIM, Action.JUDGE, Action.APPROVE, Action.RETURN, Action.CLOSE, Action.REOPEN})
"""Acts that happen only here. What was sent or answered happened in the world and cannot be undone, only followed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a lead stands, as the state machine needs it. `history` is every decision in order."""

    state: State
    resolution: Resolution | None
    history: tuple[Decision, ...] = ()

    @property
    def claimed_by(self) -> str:
        """Who claimed it; empty when it is not claimed."""
        if self.state is not State.CLAIMED:
            return ""
        claims = [d.who for d in effective(self.history) if d.action == Action.CLAIM]
        return claims[-1] if claims else ""

    @property
    def judged_by(self) -> str:
        """Who judged it last; empty when nobody did."""
        judges = [d.who for d in effective(self.history) if d.action == Action.JUDGE]
        return judges[-1] if judges else ""

    @property
    def is_out(self) -> bool:
        """True where something was sent that was not taken back since."""
        return is_out(effective(self.history))


def is_out(held: Iterable[Decision]) -> bool:
    """True where something was sent that was not taken back since, by decisions that hold."""
    moves = [d.action for d in held if d.action in (Action.SEND, Action.WITHDRAW)]
    return bool(moves) and moves[-1] == Action.SEND


def effective(history: Iterable[Decision]) -> list[Decision]:
    """Decisions that still hold: an undo takes away the one before it, with the claim that judging made on the way, and
    is itself not among them; notes neither."""
    held: list[Decision] = []
    for decision in history:
        if decision.action in NOTES:
            continue
        if decision.action != Action.UNDO:
            held.append(decision)
        else:
            held = _without_last(held)
    return held


def _without_last(held: Sequence[Decision]) -> list[Decision]:
    """What holds when the last act is taken back."""
    rest = list(held[:-1])
    if rest and held[-1].action == Action.JUDGE and rest[-1].detail.items() >= ON_THE_WAY.items():
        rest.pop()
    return rest


def step(
    standing: Standing,
    action: Action,
    *,
    who: str,
    roles: frozenset[Role],
    resolution: Resolution | None = None,
    answer: Answer | None = None,
    why: str = "",
) -> tuple[State, Resolution | None]:
    """Give the state and resolution that `action` leads to.

    `answer` is what came back on what was sent last; None for an answer to something sent before it, which moves nothing.
    Raises PermissionDeniedError (role, second person, claimed by another), ConflictError (not from this state, nothing
    to undo) or InputError (a reason or a resolution is missing).
    """
    rule = RULES[action]
    _check_person(standing, action, rule, who=who, roles=roles)
    _check_content(standing, action, rule, resolution=resolution, why=why)
    if action is Action.UNDO:
        return _before_last(standing, who)
    if action is Action.JUDGE:
        assert resolution is not None
        return AFTER_JUDGING[resolution], resolution
    if action is Action.ANSWER:
        return _after_answer(standing, answer), standing.resolution
    if action in NOTES:
        return standing.state, standing.resolution
    assert rule.target is not None
    drops = action in (Action.REOPEN, Action.RETURN, Action.CLAIM, Action.WITHDRAW)
    return rule.target, None if drops else standing.resolution


def _after_answer(standing: Standing, answer: Answer | None) -> State:
    """An answer belongs to what was sent: it takes the lead a step back only where somebody must act on it: from its closing,
    and from a look at the page where the seller's word says that the page may be up again."""
    is_closed = standing.state is State.CLOSED and standing.resolution is Resolution.CONFIRMED
    is_looked_at = standing.state is State.RECHECKED
    comes_back = (is_closed and answer in WANTS_ACT) or (is_looked_at and answer in WANTS_ACT & OF_THE_SELLER)
    return State.ANSWERED if comes_back or (standing.state is State.SENT and answer is not None) else standing.state


def possible(standing: Standing, *, who: str, roles: frozenset[Role]) -> tuple[Action, ...]:
    """Acts that this person can do on the lead now, reason and resolution aside, in the order of the table."""
    found = []
    for action, rule in RULES.items():
        try:
            _check_person(standing, action, rule, who=who, roles=roles)
            _check_state(standing, action, rule)
            if action is Action.UNDO:
                _before_last(standing, who)
        except (PermissionDeniedError, ConflictError):
            continue
        found.append(action)
    return tuple(found)


def _check_person(standing: Standing, action: Action, rule: Rule, *, who: str, roles: frozenset[Role]) -> None:
    if not roles & rule.roles:
        raise PermissionDeniedError(f"您的角色不能执行此操作（{ACTIONS[action]}）")
    if rule.second_person and standing.judged_by == who:
        raise PermissionDeniedError("须由另一人审批：本线索由您本人判定")
    holder = standing.claimed_by
    if action is Action.JUDGE and holder and holder != who:
        raise PermissionDeniedError(f"本线索已由 {holder} 认领；需要时请先接手")


def _check_state(standing: Standing, action: Action, rule: Rule) -> None:
    if standing.state not in rule.sources:
        raise ConflictError(f"当前状态（{STATES[standing.state]}）不能执行此操作（{ACTIONS[action]}）")
    if rule.out_only and not standing.is_out:
        raise ConflictError(f"本线索没有在外的报送，不能执行此操作（{ACTIONS[action]}）")
    if rule.confirmed_only and standing.resolution is not Resolution.CONFIRMED:
        raise ConflictError("只有判定为“疑似成立”的线索可以执行此操作")
    if action is Action.CLOSE and standing.state is State.JUDGED and standing.resolution is Resolution.CONFIRMED:
        raise ConflictError("判定为“疑似成立”的线索须经审批、报送后结案；不再处理的请重新判定")


def _check_content(standing: Standing, action: Action, rule: Rule, *, resolution: Resolution | None, why: str) -> None:
    _check_state(standing, action, rule)
    if action is Action.JUDGE and resolution is None:
        raise InputError("判定须给出结论")
    if rule.needs_reason and not why.strip():
        raise InputError("须填写理由")


def _before_last(standing: Standing, who: str) -> tuple[State, Resolution | None]:
    held: Sequence[Decision] = effective(standing.history)
    if not held:
        raise ConflictError("没有可撤销的操作")
    last = held[-1]
    if last.who != who or last.action not in {a.value for a in UNDOABLE}:
        raise ConflictError("只能撤销本人最近一次的判定类操作")
    rest = _without_last(held)
    return (rest[-1].state, rest[-1].resolution) if rest else (State.NEW, None)
