"""Chinese for the closed vocabularies that packs and papers print. A test checks that no value lacks its word."""

from __future__ import annotations

from gimonitor.model.finding import Origin
from gimonitor.model.lead import Resolution, State
from gimonitor.model.listing import Field

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
ORIGINS: dict[str, str] = {Origin.INSIDE: "产区内", Origin.OUTSIDE: "产区外", Origin.UNKNOWN: "产地不明"}
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
    "claim": "认领",
    "judge": "判定",
    "approve": "审批同意",
    "return": "退回",
    "send": "登记报送",
    "answer": "登记反馈",
    "recheck": "登记复核",
    "close": "结案",
    "reopen": "重新打开",
    "undo": "撤销",
    "ask": "请示",
    "reply": "答复",
}
EVIDENCE: dict[str, tuple[str, str, str]] = {
    # kind of a stored capture: (name of the piece, what it shows, media type)
    "response": ("采集时的原始响应", "采集时服务器返回的内容", "application/warc"),
    "screenshot": ("整页截图", "页面当时的整体显示", "image/png"),
    "viewport": ("窗口截图", "页面打开时首屏的显示", "image/png"),
    "crop": ("疑点处截图", "疑点文字在页面上的显示", "image/png"),
    "html": ("渲染后的网页", "页面渲染后的文字和结构", "text/html"),
    "mhtml": ("网页单文件存档", "页面及其资源的完整存档", "multipart/related"),
    "warc": ("固证时的全部响应", "固证时服务器返回的全部内容", "application/warc"),
    "environment": ("取证环境记录", "取证的时间、设备、网络、软件和过程", "application/json"),
    "responses": ("响应索引", "各响应在存档中的位置", "application/json"),
    "manifest": ("固证清单", "一次固证的全部文件及其摘要", "application/json"),
    "image": ("商品图片", "页面使用的图片", "image/*"),
}


def yuan(fen: int | None) -> str:
    """A price in yuan with two decimals; （未标示） where there is none."""
    return "（未标示）" if fen is None else f"{fen / 100:.2f}"
