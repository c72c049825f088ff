"""Chinese for every closed vocabulary that a screen shows; those that papers share come from `gimonitor.workflow.words`.

A test checks that no value lacks its word.
"""

from __future__ import annotations

from gimonitor.model.finding import Stage
from gimonitor.model.lead import Resolution
from gimonitor.model.register import Basis, Certainty, Kind
from gimonitor.model.run import SliceState
from gimonitor.workflow.following import Answer, Seen
from gimonitor.workflow.roles import Role
from gimonitor.workflow.words import ACTIONS as ACTIONS
from gimonitor.workflow.words import BLOCKS as BLOCKS
from gimonitor.workflow.words import CHANNELS as CHANNELS
from gimonitor.workflow.words import CLOCKS as CLOCKS
from gimonitor.workflow.words import FIELDS as FIELDS
from gimonitor.workflow.words import ORIGINS as ORIGINS
from gimonitor.workflow.words import RESOLUTIONS as RESOLUTIONS
from gimonitor.workflow.words import RUN_STATES as RUN_STATES
from gimonitor.workflow.words import STATES as STATES

KEYS: dict[str, Resolution] = {str(n): resolution for n, resolution in enumerate(map(Resolution, RESOLUTIONS), start=1)}
"""Keys of the lead screen, in the order of the buttons."""

ROLES: dict[str, str] = {
    Role.OFFICER: "审核员",
    Role.APPROVER: "审批人",
    Role.OPERATOR: "运维员",
    Role.AUDITOR: "审计员",
    Role.LEADER: "负责人",
    Role.MODEL_AUTHOR: "模型编写人",
}
STAGES: dict[str, str] = {
    Stage.NO_NAME: "没有受保护的名称或宣称",
    Stage.NOT_GOODS: "有名称，属其他商品",
    Stage.CLEARED: "有合法情形，已排除",
    Stage.FLAGGED: "提示疑点",
}
CERTAINTIES: dict[str, str] = {
    Certainty.FOUND: "有出处",
    Certainty.UNVERIFIED: "未核实",
    Certainty.PRACTICE: "演练数据",
}
KINDS: dict[str, str] = {
    Kind.GI_PRODUCT: "地理标志产品",
    Kind.COLLECTIVE_MARK: "集体商标",
    Kind.CERTIFICATION_MARK: "证明商标",
    Kind.AGI: "农产品地理标志",
    Kind.GI_MARK: "集体或证明商标",
    Kind.UNKNOWN: "类型未核实",
    Kind.FOREIGN: "国外地理标志（协定保护）",
    Kind.ORDINARY_MARK: "普通商标（非地理标志）",
}
BASES: dict[str, str] = {
    Basis.ANNOUNCEMENT: "公告核准",
    Basis.MEMBER: "集体成员",
    Basis.LICENSEE: "许可使用",
    Basis.OTHER: "其他",
}
SLICE_STATES: dict[str, str] = {
    SliceState.PENDING: "待采集",
    SliceState.LEASED: "采集中",
    SliceState.DONE: "完成",
    SliceState.BLOCKED: "被拒绝",
    SliceState.FAILED: "失败",
}
TERMS: dict[str, str] = {
    "severity": "严重程度",
    "confidence": "可信程度",
    "reach": "影响范围",
    "history": "历史情况",
}
PLATFORMS: dict[str, str] = {
    "practice": "演练平台",
    "taobao": "淘宝",
    "tmall": "天猫",
    "jd": "京东",
    "pdd": "拼多多",
    "1688": "1688",
    "douyin": "抖音",
    "kuaishou": "快手",
    "xiaohongshu": "小红书",
    "suning": "苏宁",
    "ebay": "eBay",
    "amazon": "亚马逊",
    "aliexpress": "速卖通",
}


ANSWERS: dict[str, str] = {
    Answer.ACCEPTED: "已受理",
    Answer.REMOVED: "已处理（下架、删除、屏蔽）",
    Answer.REJECTED: "不予处理",
    Answer.MORE: "要求补充材料",
    Answer.COUNTER: "反通知（不存在侵权行为的声明）",
    Answer.OTHER: "其他反馈",
}
SEEN: dict[str, str] = {
    Seen.GONE: "页面已失效",
    Seen.STILL_UP: "仍在线",
    Seen.CHANGED: "内容已修改",
    Seen.BLOCKED: "无法访问（被拒）",
    Seen.UNKNOWN: "无法判断",
}

AUDITED: dict[str, str] = {f"lead.{action}": text for action, text in ACTIONS.items()} | {
    "login": "登录",
    "login.failed": "登录失败",
    "logout": "退出",
    "lead.view": "查看线索",
    "lead.capture": "固证",
    "lead.pack": "生成证据包",
    "pack.download": "下载证据包",
    "evidence.download": "下载证据",
    "report.download": "下载报表",
    "batch.judge": "成批判定",
    "batch.undo": "撤销批次",
    "person.add": "新增人员",
    "person.disable": "停用人员",
    "person.enable": "恢复人员",
    "person.role": "变更角色",
    "person.password": "重设密码",
    "person.token": "发放接口令牌",
}

DETAILS: dict[str, str] = {
    "no exact match: other goods were shown and not counted": "无准确结果；页面所示近似商品未计入",
}
"""Fixed sentences of the collection, as officers read them."""


def word(table: dict[str, str], value: str) -> str:
    """The Chinese for `value`, or the value itself where it is not of a closed vocabulary."""
    return table.get(value, value)
