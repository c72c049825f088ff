"""Closed vocabularies of handling: what is done to a lead, what a pack is for, where it went, what came back, what a look showed."""

from __future__ import annotations

from enum import StrEnum


class Action(StrEnum):
    """What a person, or the store when a listing changed, does to a lead."""

    CLAIM = "claim"
    JUDGE = "judge"
    APPROVE = "approve"
    RETURN = "return"
    SEND = "send"
    ANSWER = "answer"
    RECHECK = "recheck"
    WITHDRAW = "withdraw"  # a complaint that was wrong is taken back
    CLOSE = "close"
    REOPEN = "reopen"
    UNDO = "undo"
    ASK = "ask"  # 请示
    REPLY = "reply"  # 答复
    CONSULT = "consult"  # 征求意见, of a named colleague
    OPINION = "opinion"
    HOLD = "hold"  # 搁置, out of the queue until a day or until released
    RELEASE = "release"


class Topic(StrEnum):
    """What a question is about."""

    LAW = "law"
    ORIGIN = "origin"
    AUTHORISATION = "authorisation"
    PROOF = "proof"
    JURISDICTION = "jurisdiction"
    OTHER = "other"


class Channel(StrEnum):
    """Where a pack went."""

    PLATFORM = "platform"
    TRANSFER = "transfer"
    GUIDANCE = "guidance"


class Answer(StrEnum):
    """What came back."""

    ACCEPTED = "accepted"
    RECEIVED = "received"  # the receipt of a transfer
    FILED = "filed"  # 立案
    REMOVED = "removed"
    REJECTED = "rejected"
    MORE = "more"
    COUNTER = "counter"
    RESTORED = "restored"  # a counter-notice was upheld: the link is back
    PENALTY = "penalty"
    CONTESTED = "contested"  # in answer to a counter-notice the platform was told of a complaint or a suit
    PASSED_ON = "passed_on"
    OTHER = "other"


INTERIM = frozenset({Answer.ACCEPTED, Answer.RECEIVED, Answer.FILED})
"""Answers that something is under way; the clock goes on."""

OF_THE_SELLER = frozenset({Answer.COUNTER, Answer.RESTORED, Answer.CONTESTED})
"""What a counter-notice brings: later than the platform's own answer, whose day it does not move."""

ENDS_COUNTER = frozenset({Answer.REMOVED, Answer.REJECTED, Answer.RESTORED, Answer.PENALTY, Answer.CONTESTED})
"""Answers after which the days of a counter-notice no longer run."""

FINAL = frozenset({Answer.REMOVED, Answer.REJECTED, Answer.RESTORED, Answer.PENALTY, Answer.PASSED_ON, Answer.OTHER})
"""Answers for good of whoever it was sent to: 最终反馈. A request for more, or the seller's word, is none."""

ACTED = frozenset({Answer.REMOVED, Answer.RESTORED})
"""Answers that say that the platform acted: what is restored was acted on before."""

WANTS_ACT = frozenset({Answer.REJECTED, Answer.MORE, Answer.COUNTER, Answer.RESTORED})
"""Answers that somebody must act on, for which a closed lead comes back."""


class PackKind(StrEnum):
    """What a pack is for. `LEAD` and `RECHECK` stay in the house, the others leave it."""

    LEAD = "lead"  # 线索材料
    COMPLAINT = "complaint"  # (A) 权利人向平台投诉
    TRANSFER = "transfer"  # (B) 向有管辖权的部门移送
    PUSH = "push"  # (B) 推送平台核查处置
    ASSISTANCE = "assistance"  # (B) 请其他部门协查
    REMINDER = "reminder"  # 向经营者提醒
    RECHECK = "recheck"  # 复核记录

    @property
    def leaves(self) -> bool:
        """True where the pack is for somebody outside the house."""
        return self not in (PackKind.LEAD, PackKind.RECHECK)


CARRIED: dict[Channel, tuple[PackKind, ...]] = {
    Channel.PLATFORM: (PackKind.COMPLAINT, PackKind.PUSH),
    Channel.TRANSFER: (PackKind.TRANSFER, PackKind.ASSISTANCE),
    Channel.GUIDANCE: (PackKind.REMINDER,),
}
"""What is handed over on which way: a pack made for one addressee says nothing to another."""


class Seen(StrEnum):
    """What a look at the page after sending showed."""

    GONE = "gone"
    STILL_UP = "still_up"
    CHANGED = "changed"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"


class ComplaintKind(StrEnum):
    """What came in: 投诉 of a consumer, 举报 of a suspected breach, or a tip."""

    COMPLAINT = "complaint"
    REPORT = "report"
    TIP = "tip"


class ComplaintSource(StrEnum):
    """Where it came from."""

    HOTLINE = "hotline"  # 12315
    ASSOCIATION = "association"
    RIGHT_HOLDER = "right_holder"
    CITIZEN = "citizen"
    TRANSFER = "transfer"
    OFFICER = "officer"


class SampleResult(StrEnum):
    """What an item of a sample showed."""

    CLEAN = "clean"
    SUSPECTED = "suspected"
    UNCLEAR = "unclear"
    GONE = "gone"
