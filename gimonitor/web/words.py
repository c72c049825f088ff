"""Chinese for every closed vocabulary that a screen shows; those that papers share come from `gimonitor.workflow.words`.

A test checks that no value lacks its word.
"""

from __future__ import annotations

from gimonitor.model.finding import Stage
from gimonitor.model.lead import Resolution
from gimonitor.model.register import Basis, Certainty, Kind
from gimonitor.model.run import SliceState
from gimonitor.workflow.roles import Role
from gimonitor.workflow.words import ACTIONS as ACTIONS
from gimonitor.workflow.words import ANSWERS as ANSWERS
from gimonitor.workflow.words import BLOCKS as BLOCKS
from gimonitor.workflow.words import CHANNELS as CHANNELS
from gimonitor.workflow.words import CLOCKS as CLOCKS
from gimonitor.workflow.words import COMPLAINT_KINDS as COMPLAINT_KINDS
from gimonitor.workflow.words import COMPLAINT_SOURCES as COMPLAINT_SOURCES
from gimonitor.workflow.words import FIELDS as FIELDS
from gimonitor.workflow.words import ORIGINS as ORIGINS
from gimonitor.workflow.words import PACKS as PACKS
from gimonitor.workflow.words import PARTS as PARTS
from gimonitor.workflow.words import PLATFORMS as PLATFORMS
from gimonitor.workflow.words import RESOLUTIONS as RESOLUTIONS
from gimonitor.workflow.words import RUN_STATES as RUN_STATES
from gimonitor.workflow.words import SAMPLE_RESULTS as SAMPLE_RESULTS
from gimonitor.workflow.words import SEEN as SEEN
from gimonitor.workflow.words import SOURCES as SOURCES
from gimonitor.workflow.words import STATES as STATES
from gimonitor.workflow.words import TERMS as TERMS
from gimonitor.workflow.words import TOPICS as TOPICS

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
    Stage.UNASKED: "有名称，没有启用的模型判断",
    Stage.FLAGGED: "提示疑点",
}
SHARED_PARTS: dict[str, str] = {
    "number": "对方编号",
    "gi_name": "地理标志",
    "state": "状态",
    "resolution": "结论",
    "score": "疑似度",
    "found": "发现时间",
    "listing": "商品信息",
    "findings": "疑点",
    "clearings": "已考虑的合法情形",
    "decisions": "判定经过",
    "results": "报送与反馈",
}
"""Parts of a lead in a bundle."""
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
ASKED: dict[str, str] = PLATFORMS | {
    "table": "表格导入",
    "capture": "保存的网页",
    "link": "单个链接",
    "reparse": "重新解析",
}
"""Where a run had its listings from: sources, and ways by hand."""
SAME: dict[str, str] = {"title": "标题相同", "shop": "同一店铺", "subject": "同一主体", "picture": "图片相同"}
"""What an offer shares with one that was acted on."""

AUDITED: dict[str, str] = {f"lead.{action}": text for action, text in ACTIONS.items()} | {
    "login": "登录",
    "login.failed": "登录失败",
    "logout": "退出",
    "lead.view": "查看线索",
    "lead.ahead": "预取线索",
    "lead.capture": "固证",
    "lead.pack": "生成证据包",
    "pack.download": "下载证据包",
    "purchase.record": "登记购样",
    "purchase.step": "登记购样保管",
    "document.add": "登记材料",
    "document.download": "下载材料",
    "evidence.download": "下载证据",
    "report.download": "下载报表",
    "bundle.export": "导出交换文件",
    "bundle.merge": "合并交换文件",
    "batch.judge": "成批判定",
    "batch.claim": "成批认领",
    "batch.hold": "成批搁置",
    "batch.undo": "撤销批次",
    "lead.add": "新增线索",
    "lead.upload": "上传证据文件",
    "notice.receipt": "补录回执编号",
    "answers.import": "导入反馈",
    "ignore.add": "设立免提示",
    "ignore.end": "结束免提示",
    "complaint.add": "登记投诉举报",
    "complaint.answer": "答复投诉举报",
    "complaint.link": "关联线索",
    "sample.draw": "抽查抽取",
    "sample.result": "登记抽查结果",
    "dropped.draw": "未提示商品抽取",
    "dropped.judge": "登记未提示商品抽查结果",
    "task.close": "完成固证任务",
    "person.area": "变更辖区",
    "person.add": "新增人员",
    "person.disable": "停用人员",
    "person.enable": "恢复人员",
    "person.role": "变更角色",
    "person.password": "重设密码",
    "person.token": "发放接口令牌",
    "person.token.revoke": "收回接口令牌",
    "person.unlock": "解除锁定",
    "coverage.example": "下载缺口示例",
    "model.draft": "提交模型草稿",
    "model.withdraw": "放弃模型草稿",
    "model.release": "发布模型",
    "model.rollback": "模型退回旧版",
    "store.prune": "按保存期限清理",
    "store.erase": "按申请删除",
}

AUDIT_OBJECTS: dict[str, str] = {
    "lead": "线索",
    "person": "人员",
    "token": "令牌",
    "pack": "证据包",
    "document": "材料",
    "report": "报表",
    "run": "采集",
    "task": "固证任务",
    "bundle": "交换文件",
    "sample": "抽查",
    "dropped": "未提示商品抽查",
    "complaint": "投诉举报",
    "model": "模型",
    "answers": "反馈表格",
    "batch": "批次",
    "ignore": "免提示",
    "purchase": "购样",
    "erasure": "依申请删除",
    "installation": "本系统",
}
"""What an audit entry is about, by the word before the colon of its object."""
AUDIT_FIELDS: dict[str, str] = {
    "version": "版本",
    "state": "状态",
    "resolution": "结论",
    "why": "理由",
    "for": "为了",
    "seen": "所见",
    "day": "第几日",
    "look_on": "下次复核",
    "population": "总体",
    "until": "截止",
    "kind": "类别",
    "on": "日期",
    "notice": "报送编号",
    "receipt": "回执编号",
    "before": "原为",
    "addressee": "主送单位",
    "workdays": "工作日",
    "account": "账号",
    "reason": "投诉理由",
    "channel": "方式",
    "topic": "事项",
    "text": "内容",
    "note": "说明",
    "file": "文件",
    "title": "标题",
    "sha256": "SHA-256",
    "digest": "摘要",
    "capture": "固证编号",
    "query": "查询",
    "api": "经接口",
    "lead": "线索",
    "leads": "线索",
    "refused": "退回的行",
    "items": "线索和版本",
    "undone": "已撤销",
    "kept": "未撤销",
    "to": "发往",
    "from": "自",
    "policy": "字段范围",
    "models": "模型",
    "origin": "来自",
    "made": "制作时间",
    "name": "名称",
    "number": "编号",
    "login": "用户名",
    "role": "角色",
    "roles": "角色",
    "areas": "辖区",
    "days": "天数",
    "known": "已有账号",
    "locked": "已锁定",
    "issuer": "认证来源",
    "source": "来源",
    "complaint": "投诉举报编号",
    "gi": "地理标志",
    "subject": "主体编号",
    "shop": "店铺编号",
    "seed": "随机种子",
    "size": "数量",
    "position": "第几项",
    "result": "结果",
    "verdict": "判断",
    "step": "环节",
    "act": "行为",
    "holder": "保管人",
    "author": "编写人",
    "backtest": "回测编号",
    "draft": "草稿编号",
    "things": "项数",
    "bytes": "字节",
    "noun": "对象",
    "next": "下一步",
}
"""Names of what an audit entry adds about its object."""

DETAILS: dict[str, str] = {
    "no exact match: other goods were shown and not counted": "无准确结果；页面所示近似商品未计入",
}
"""Fixed sentences of the collection, as officers read them."""


def word(table: dict[str, str], value: str) -> str:
    """The Chinese for `value`, or the value itself where it is not of a closed vocabulary."""
    return table.get(value, value)
