"""Chinese for the closed vocabularies that screens, papers and digests share: one word for each value, in all of them."""

from __future__ import annotations

from gimonitor.model.finding import Origin
from gimonitor.model.lead import Resolution, State
from gimonitor.model.listing import Field
from gimonitor.model.run import BlockKind, RunState
from gimonitor.parsing.platform import ANY, load_platforms
from gimonitor.workflow.vocabulary import (
    Action,
    Answer,
    Channel,
    ComplaintKind,
    ComplaintSource,
    PackKind,
    SampleResult,
    Seen,
    Topic,
)

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
RESOLUTIONS: dict[str, str] = {
    Resolution.CONFIRMED: "疑似成立",
    Resolution.AUTHORISED: "合法授权",
    Resolution.FAIR_USE: "正当使用",
    Resolution.WRONG_CATEGORY: "类别不符",
    Resolution.NOT_ENOUGH_PROOF: "证据不足",
    Resolution.NOT_OURS: "非我管辖",
    Resolution.DUPLICATE: "重复线索",
    Resolution.PAGE_GONE: "页面失效",
    Resolution.NEEDS_TEST_PURCHASE: "需购样",
}
ACTIONS: dict[str, str] = {
    Action.CLAIM: "认领",
    Action.JUDGE: "判定",
    Action.APPROVE: "审批同意",
    Action.RETURN: "退回",
    Action.SEND: "登记报送",
    Action.ANSWER: "登记反馈",
    Action.RECHECK: "登记复核",
    Action.WITHDRAW: "撤回报送",
    Action.CLOSE: "结案",
    Action.REOPEN: "重新打开",
    Action.UNDO: "撤销",
    Action.ASK: "请示",
    Action.REPLY: "答复",
    Action.CONSULT: "征求意见",
    Action.OPINION: "提出意见",
    Action.HOLD: "搁置",
    Action.RELEASE: "解除搁置",
}
FIELDS: dict[str, str] = {
    Field.TITLE: "标题",
    Field.SUBTITLE: "副标题",
    Field.ATTRIBUTES: "商品参数",
    Field.DESCRIPTION: "商品详情",
    Field.KEYWORDS: "关键词",
    Field.SHOP: "店铺名称",
    Field.BRAND: "品牌",
    Field.IMAGE_TEXT: "图中文字",
}
PARTS: dict[str, str] = FIELDS | {
    "url": "链接",
    "origin": "产地",
    "ship_from": "发货地",
    "category": "类目",
    "price": "价格",
    "currency": "币种",
    "specification": "规格",
    "sales": "销量",
    "images": "图片",
    "subject": "主体",
}
"""Parts of a page that a parser looks for, as `Parser.gives` names them."""
ORIGINS: dict[str, str] = {
    Origin.INSIDE: "产区内",
    Origin.OUTSIDE: "产区外",
    Origin.UNKNOWN: "产地不明",
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
SOURCES: dict[str, str] = {
    "practice": "演练平台",
    "shop": "独立网店",
    "offline": "线下",
    "taobao_union": "淘宝联盟",
    "jd_union": "京东联盟",
    "pdd_ddk": "多多进宝",
}
"""Sources of listings that are no platform of the rules."""
PLATFORMS: dict[str, str] = {
    code: platform.name for code, platform in load_platforms().items() if code != ANY
} | SOURCES
"""Platforms by code, as the rules name them, and the sources beside them."""
CHANNELS: dict[str, str] = {
    Channel.PLATFORM: "平台投诉",
    Channel.TRANSFER: "线索移送",
    Channel.GUIDANCE: "行政指导",
}
PACKS: dict[str, str] = {
    PackKind.LEAD: "线索材料（留存本单位）",
    PackKind.COMPLAINT: "权利人向平台投诉",
    PackKind.TRANSFER: "移送有管辖权的部门",
    PackKind.PUSH: "推送平台核查处置",
    PackKind.ASSISTANCE: "请其他部门协查",
    PackKind.REMINDER: "向经营者提醒",
    PackKind.RECHECK: "复核记录（留存本单位）",
}
CLOCKS: dict[str, str] = CHANNELS | {
    "counter": "反通知",
    "recheck": "复核",
    "receipt": "移送回执",
    "complaint": "投诉举报",
}
TOPICS: dict[str, str] = {
    Topic.LAW: "法律适用",
    Topic.ORIGIN: "产地认定",
    Topic.AUTHORISATION: "授权核实",
    Topic.PROOF: "证据",
    Topic.JURISDICTION: "管辖",
    Topic.OTHER: "其他",
}
ANSWERS: dict[str, str] = {
    Answer.ACCEPTED: "已受理",
    Answer.RECEIVED: "已收到移送（回执）",
    Answer.FILED: "已立案",
    Answer.REMOVED: "已处理（下架、删除、屏蔽）",
    Answer.REJECTED: "不予处理",
    Answer.MORE: "要求补充材料",
    Answer.COUNTER: "反通知（不存在侵权行为的声明）",
    Answer.RESTORED: "反通知成立，链接已恢复",
    Answer.CONTESTED: "已告知平台：权利人已投诉或者起诉",
    Answer.PENALTY: "已作出行政处罚",
    Answer.PASSED_ON: "已转其他部门",
    Answer.OTHER: "其他反馈",
}
SEEN: dict[str, str] = {
    Seen.GONE: "页面已失效",
    Seen.STILL_UP: "仍在线",
    Seen.CHANGED: "内容已修改",
    Seen.BLOCKED: "无法访问（被拒）",
    Seen.UNKNOWN: "无法判断",
}
COMPLAINT_KINDS: dict[str, str] = {
    ComplaintKind.COMPLAINT: "投诉",
    ComplaintKind.REPORT: "举报",
    ComplaintKind.TIP: "线索提示",
}
COMPLAINT_SOURCES: dict[str, str] = {
    ComplaintSource.HOTLINE: "12315",
    ComplaintSource.ASSOCIATION: "行业协会",
    ComplaintSource.RIGHT_HOLDER: "权利人",
    ComplaintSource.CITIZEN: "群众",
    ComplaintSource.TRANSFER: "外单位移送",
    ComplaintSource.OFFICER: "执法人员发现",
}
SAMPLE_RESULTS: dict[str, str] = {
    SampleResult.CLEAN: "未见疑点",
    SampleResult.SUSPECTED: "疑似",
    SampleResult.UNCLEAR: "无法判断",
    SampleResult.GONE: "页面失效",
}
TERMS: dict[str, str] = {
    "severity": "严重程度",
    "confidence": "可信程度",
    "reach": "影响范围",
    "history": "历史情况",
}
"""Factors of a score."""

HIGH, MIDDLE = 60, 30
RISKS = ("高", "中", "低")


def risk(score: float) -> str:
    """The level of a score of 0–100, in a word."""
    return RISKS[0 if score >= HIGH else 1 if score >= MIDDLE else 2]
