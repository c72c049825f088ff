"""The state machine as data: every act from every state, second person, undo from the history."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gimonitor.errors import ConflictError, GimonitorError, InputError, PermissionDeniedError
from gimonitor.model.lead import Decision, Resolution, State
from gimonitor.workflow.roles import Role, roles_of
from gimonitor.workflow.states import AFTER_JUDGING, RULES, Action, Standing, effective, possible, step
from gimonitor.workflow.vocabulary import WANTS_ACT, Answer

OFFICER = frozenset({Role.OFFICER})
APPROVER = frozenset({Role.APPROVER})
NOW = datetime(2026, 9, 9, 1, 0, tzinfo=UTC)


def entry(action: str, state: State, resolution: Resolution | None = None, who: str = "李审核") -> Decision:
    return Decision(lead_id=1, at=NOW, who=who, action=action, state=state, resolution=resolution)


def judged(who: str = "李审核", resolution: Resolution = Resolution.CONFIRMED) -> Standing:
    state = AFTER_JUDGING[resolution]
    return Standing(state=state, resolution=resolution, history=(entry("judge", state, resolution, who),))


def test_every_resolution_has_a_place_after_judging() -> None:
    assert set(AFTER_JUDGING) == set(Resolution)


def test_every_action_has_a_rule() -> None:
    assert set(RULES) == set(Action)


@pytest.mark.parametrize("resolution", list(Resolution))
def test_judging_a_new_lead(resolution: Resolution) -> None:
    new = Standing(state=State.NEW, resolution=None)
    assert step(new, Action.JUDGE, who="李审核", roles=OFFICER, resolution=resolution) == (
        AFTER_JUDGING[resolution],
        resolution,
    )


def test_judging_needs_a_resolution() -> None:
    with pytest.raises(InputError, match="结论"):
        step(Standing(state=State.NEW, resolution=None), Action.JUDGE, who="李", roles=OFFICER)


def test_approval_is_by_another_person() -> None:
    both = OFFICER | APPROVER
    with pytest.raises(PermissionDeniedError, match="另一人"):
        step(judged("王一"), Action.APPROVE, who="王一", roles=both)
    assert step(judged("王一"), Action.APPROVE, who="王二", roles=both) == (State.APPROVED, Resolution.CONFIRMED)


def test_an_officer_cannot_approve() -> None:
    with pytest.raises(PermissionDeniedError):
        step(judged("王一"), Action.APPROVE, who="王二", roles=OFFICER)


@pytest.mark.parametrize("resolution", [r for r in Resolution if r is not Resolution.CONFIRMED])
def test_only_a_confirmed_lead_is_approved(resolution: Resolution) -> None:
    with pytest.raises(ConflictError):
        step(judged("王一", resolution), Action.APPROVE, who="王二", roles=APPROVER)


@pytest.mark.parametrize("action", [a for a, rule in RULES.items() if rule.needs_reason])
def test_an_empty_reason_is_refused(action: Action) -> None:
    source = next(iter(RULES[action].sources - {State.JUDGED} or {State.JUDGED}))
    sent = (entry("send", State.SENT, Resolution.CONFIRMED),)
    standing = Standing(state=source, resolution=Resolution.CONFIRMED, history=sent)
    with pytest.raises(InputError, match="理由"):
        step(standing, action, who="王二", roles=OFFICER | APPROVER, why="  ")


def test_a_confirmed_lead_is_not_closed_before_it_was_sent() -> None:
    with pytest.raises(ConflictError, match="审批"):
        step(judged(), Action.CLOSE, who="李审核", roles=OFFICER, why="算了")


def test_a_lead_claimed_by_another_is_taken_over_first() -> None:
    claimed = Standing(state=State.CLAIMED, resolution=None, history=(entry("claim", State.CLAIMED, who="王一"),))
    with pytest.raises(PermissionDeniedError, match="王一"):
        step(claimed, Action.JUDGE, who="王二", roles=OFFICER, resolution=Resolution.FAIR_USE)
    assert step(claimed, Action.CLAIM, who="王二", roles=OFFICER) == (State.CLAIMED, None)


def test_the_whole_way() -> None:
    history: list[Decision] = []
    state, resolution = State.NEW, None
    for action, who, roles, choice in [
        (Action.CLAIM, "王一", OFFICER, None),
        (Action.JUDGE, "王一", OFFICER, Resolution.CONFIRMED),
        (Action.APPROVE, "赵批", APPROVER, None),
        (Action.SEND, "王一", OFFICER, None),
        (Action.ANSWER, "王一", OFFICER, None),
        (Action.RECHECK, "王一", OFFICER, None),
        (Action.CLOSE, "王一", OFFICER, None),
    ]:
        standing = Standing(state=state, resolution=resolution, history=tuple(history))
        state, resolution = step(
            standing, action, who=who, roles=roles, resolution=choice, answer=Answer.REMOVED, why="记录在案"
        )
        assert action is not Action.ANSWER or state is State.ANSWERED
        history.append(entry(action.value, state, resolution, who))
    assert (state, resolution) == (State.CLOSED, Resolution.CONFIRMED)


@pytest.mark.parametrize("state", list(State))
def test_an_answer_takes_no_lead_a_step_back(state: State) -> None:
    """It moves what was sent, and what was looked at or closed where somebody must act; an older notice's moves nothing."""
    sent = (entry("send", State.SENT, Resolution.CONFIRMED),)
    out = Standing(state=state, resolution=Resolution.CONFIRMED, history=sent)
    for answer in (None, *Answer):
        after, _ = step(out, Action.ANSWER, who="王一", roles=OFFICER, answer=answer, why="记录")
        moves = answer is not None and (
            state is State.SENT
            or (state is State.CLOSED and answer in WANTS_ACT)
            or (state is State.RECHECKED and answer in (Answer.COUNTER, Answer.RESTORED))
        )
        assert after is (State.ANSWERED if moves else state)
    taken_back = replace(out, history=(*sent, entry("withdraw", State.CLAIMED)))
    for standing in (taken_back, replace(out, history=())):
        assert not {Action.ANSWER, Action.WITHDRAW} & set(possible(standing, who="王一", roles=OFFICER))


def test_undo_goes_back_one_act_of_ones_own() -> None:
    history = (
        entry("claim", State.CLAIMED, who="王一"),
        entry("judge", State.CLOSED, Resolution.FAIR_USE, who="王一"),
    )
    standing = Standing(state=State.CLOSED, resolution=Resolution.FAIR_USE, history=history)
    assert step(standing, Action.UNDO, who="王一", roles=OFFICER) == (State.CLAIMED, None)
    undone = Standing(
        state=State.CLAIMED, resolution=None, history=(*history, entry("undo", State.CLAIMED, who="王一"))
    )
    assert step(undone, Action.UNDO, who="王一", roles=OFFICER) == (State.NEW, None)
    with pytest.raises(ConflictError, match="本人"):
        step(standing, Action.UNDO, who="王二", roles=OFFICER)


def test_what_left_the_house_is_not_undone() -> None:
    sent = Standing(
        state=State.SENT, resolution=Resolution.CONFIRMED, history=(entry("send", State.SENT, Resolution.CONFIRMED),)
    )
    with pytest.raises(ConflictError):
        step(sent, Action.UNDO, who="李审核", roles=OFFICER)


def test_nothing_to_undo() -> None:
    with pytest.raises(ConflictError, match="没有"):
        step(Standing(state=State.NEW, resolution=None), Action.UNDO, who="李", roles=OFFICER)


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.AUDITOR, Role.LEADER, Role.MODEL_AUTHOR])
def test_other_roles_can_do_nothing(role: Role) -> None:
    """Except that a leader may answer a question and say what they think."""
    allowed = (Action.REPLY, Action.OPINION) if role is Role.LEADER else ()
    for state, resolution in product(State, [None, *Resolution]):
        assert possible(Standing(state=state, resolution=resolution), who="旁人", roles=frozenset({role})) == allowed


def test_a_question_moves_nothing_and_undo_looks_past_it() -> None:
    asked = judged("王一")
    assert step(asked, Action.ASK, who="王一", roles=OFFICER, why="产自苏州，阳澄湖水系？") == (
        asked.state,
        asked.resolution,
    )
    history = (
        *asked.history,
        entry("ask", asked.state, asked.resolution, "王一"),
        entry("reply", asked.state, asked.resolution, "赵批"),
    )
    with_thread = Standing(state=asked.state, resolution=asked.resolution, history=history)
    assert step(with_thread, Action.UNDO, who="王一", roles=OFFICER) == (State.NEW, None)
    with pytest.raises(PermissionDeniedError):
        step(asked, Action.REPLY, who="王二", roles=OFFICER, why="是")


@given(
    actions=st.lists(
        st.tuples(st.sampled_from(Action), st.sampled_from(["王一", "赵批"]), st.sampled_from(Resolution))
    ),
)
def test_any_sequence_of_acts_keeps_history_and_standing_together(
    actions: list[tuple[Action, str, Resolution]],
) -> None:
    """Whatever is tried: the standing is that of the last decision, and undo restores what was before."""
    history: tuple[Decision, ...] = ()
    state, resolution = State.NEW, None
    for action, who, choice in actions:
        standing = Standing(state=state, resolution=resolution, history=history)
        try:
            state, resolution = step(standing, action, who=who, roles=OFFICER | APPROVER, resolution=choice, why="理由")
        except GimonitorError:
            continue
        assert state in State and (resolution is None or resolution in Resolution)
        if state in (State.NEW, State.CLAIMED):
            assert resolution is None
        if state in (State.APPROVED, State.SENT):
            assert resolution is Resolution.CONFIRMED
            judge = Standing(state=state, resolution=resolution, history=history).judged_by
            approvals = [d.who for d in effective(history) if d.action == "approve"] + [who] * (action == "approve")
            assert approvals and approvals[-1] != judge
        history = (*history, entry(action.value, state, resolution, who))


def test_roles_of() -> None:
    assert roles_of("officer, approver") == {Role.OFFICER, Role.APPROVER}
    with pytest.raises(ValueError, match="boss"):
        roles_of("boss")
