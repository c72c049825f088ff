"""Chinese for the closed vocabularies that the digest prints. A test checks that they agree with the officers' screens."""

from __future__ import annotations

from gimonitor.model.lead import State
from gimonitor.model.run import BlockKind, RunState

STATES: dict[str, str] = {
    State.NEW: "新线索",
    State.CLAIMED: "已认领",
    State.JUDGED: "已判定",
    State.APPROVED: "已审批",
    State.SENT: "已报送",
    State.ANSWERED: "已反馈",
    State.RECHECKED: "已复核",
    State.CLOSED: "已结案",
}
RUN_STATES: dict[str, str] = {
    RunState.RUNNING: "进行中",
    RunState.OK: "完整",
    RunState.PARTIAL: "有缺口",
    RunState.BLOCKED: "被拒绝",
    RunState.FAILED: "失败",
    RunState.INTERRUPTED: "中断",
}
BLOCKS: dict[str, str] = {
    BlockKind.LOGIN: "要求登录",
    BlockKind.CHALLENGE: "验证页面",
    BlockKind.RATE_LIMIT: "限速",
    BlockKind.FORBIDDEN: "拒绝访问",
    BlockKind.ROBOTS: "robots 不允许",
    BlockKind.UNAVAILABLE: "服务不可用",
    BlockKind.FUZZY: "无准确结果（仅近似商品）",
    BlockKind.EMPTY_SHELL: "空页面",
}
CLOCKS: dict[str, str] = {
    "platform": "平台投诉",
    "transfer": "线索移送",
    "guidance": "行政指导",
    "counter": "反通知",
    "recheck": "复核",
}
WEEKDAYS = "一二三四五六日"
