"""Which HTTP status, and which Chinese heading, an error of ours gets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from gimonitor.errors import (
    ConfigurationError,
    ConflictError,
    DiskFullError,
    EvidenceError,
    GimonitorError,
    InputError,
    NotFoundError,
    PermissionDeniedError,
    StoreUnreachableError,
)

STATUS: tuple[tuple[type[GimonitorError], int, str], ...] = (
    (NotFoundError, 404, "没有找到"),
    (ConflictError, 409, "已有变化"),
    (PermissionDeniedError, 403, "没有权限"),
    (InputError, 422, "填写有误"),
    (DiskFullError, 507, "磁盘空间不足"),
    (StoreUnreachableError, 503, "数据库无法访问"),
    (ConfigurationError, 503, "系统尚未设置好"),
    (EvidenceError, 502, "固证或打包未完成"),
)


def status_of(error: GimonitorError) -> int:
    """The HTTP status of an error; 500 for one that should not come this far."""
    return next((status for kind, status, _ in STATUS if isinstance(error, kind)), 500)


# --- in words -----------------------------------------------------------------------------------------------------

_KNOWN: tuple[tuple[str, str], ...] = (
    (r"no lead (\d+) is stored", "没有编号为 {} 的线索"),
    (r"no pack (\d+) is stored", "没有编号为 {} 的证据包"),
    (r"no listing (\d+) is stored", "没有编号为 {} 的商品链接"),
    (r"no run (\d+) is stored", "没有第 {} 次采集"),
    (r"no task (\d+) is stored", "没有编号为 {} 的任务"),
    (r"task (\d+) is closed already", "任务 {} 已由他人完成"),
    (r"file is empty", "文件是空的"),
    (r"cannot be read", "文件读不出来"),
    (r"no headings in the first row", "第一行没有列名"),
    (r"headings stand twice: (.+)", "列名重复：{}"),
    (r"no workbook that can be read", "工作簿读不出来，请另存为 CSV 再试"),
    (
        r"this is no workbook and no text",
        "内容既不是工作簿也不是文字：可能已损坏，或仍被文档加密软件加密；请打开后另存为 XLSX",
    ),
    (r"this is (?:a web page|an? XML|XML)", "这是网页或 XML，不是工作簿（不论扩展名）；请用表格软件打开后另存为 XLSX"),
    (r"this is a PDF", "这是 PDF，读不出表格；请向对方索取工作簿"),
    (r"this is a picture", "这是图片，不是表格；请向对方索取工作簿"),
    (r"locked with a password", "工作簿有密码；请去掉密码后另存再上传"),
    (r"Word document|rich-text|presentation", "这是文字材料，不是表格；请把其中的表格复制到工作簿中"),
    (r"archive; unpack", "这是压缩包；请解压后上传其中的表格"),
    (r"its end is missing", "文件不完整，请重新获取"),
    (r"XLSB|OpenDocument|Excel \d", "这种工作簿格式不能读取；请用表格软件另存为 XLSX"),
    (r"no visible sheet has a filled cell", "工作簿中可见的工作表都是空的"),
    (r"more than (\d+) rows", "超过 {} 行，请分次导入"),
    (
        r"organisation: .* names nobody",
        "尚未设置本单位名称，没有生成文件。请运维员设置 GIMONITOR_ORGANISATION（2 至 200 个字）后重新启动，对方以此知道文件来自何处",
    ),
)
"""Messages of other rooms that officers may meet, and what they read instead."""

_BY_KIND: tuple[tuple[type[GimonitorError], str], ...] = (
    (NotFoundError, "没有这条记录，可能编号有误"),
    (ConflictError, "内容已有变化，请刷新后再试"),
    (PermissionDeniedError, "您没有进行此操作的权限"),
    (InputError, "填写的内容不能使用，请检查后再试"),
    (DiskFullError, "磁盘空间不足，操作没有执行。请联系运维员"),
    (StoreUnreachableError, "数据库暂时无法访问，数据没有改变。请稍后再试或联系运维员"),
    (ConfigurationError, "系统设置有误，操作没有执行，数据没有改变。请联系运维员"),
    (EvidenceError, "页面没有固定成功，没有留下不完整的文件。请稍后再试；仍不成功的请手工保存页面后上传"),
)
_FIELDS = {
    "version": "线索版本（请刷新页面）",
    "why": "理由",
    "workdays": "时限",
    "until": "截止日期",
    "received": "收到日期",
    "kind": "类型",
    "channel": "报送方式",
    "addressee": "报送对象",
    "source": "来源",
    "text": "内容",
    "file": "文件",
    "size": "抽取数",
    "seed": "随机种子",
    "name": "名称",
    "gi": "地理标志",
    "result": "结果",
    "resolution": "结论",
    "first": "起始日期",
    "last": "截止日期",
    "lead": "线索编号",
    "lead_id": "线索编号",
    "notice": "报送记录",
    "seen": "复核结果",
    "to": "接收对象",
    "since": "起始日期",
    "topic": "请示事项",
    "receipt": "回执编号",
    "account": "账号",
    "reason": "投诉理由",
    "right_holder": "权利人名称、住所",
    "contact": "联系方式",
    "also": "一并投诉的线索编号",
    "reason_code": "理由代码",
    "countries": "国家",
    "profile": "投诉渠道",
    "ground": "移送理由",
    "copies": "抄送",
    "notary": "公证书编号",
    "deposit": "存证证书编号",
    "goods": "所购商品",
    "order_number": "订单号",
    "paid": "实付",
    "at": "时间",
    "holder": "持有人、接收人",
    "place": "地点",
    "seal": "封条编号",
    "note": "说明",
    "number": "编号",
    "title": "标题或名称",
    "url": "链接",
    "shop": "店铺",
    "origin": "产地",
    "search": "搜索结果页网址",
    "description": "商品详情",
    "standard": "标准号",
    "severity": "严重程度",
    "clears": "可以排除的情形",
    "policy": "字段范围",
    "checklist": "检查清单",
    "frequency": "频次",
    "area": "辖区",
    "login": "用户名",
    "year": "年度",
    "days": "天数",
    "starts": "有效期自",
    "ends": "有效期至",
    "platform": "平台",
    "province": "省份",
}


def in_chinese(error: GimonitorError, heading: str = "") -> str:
    """What an officer reads: the message where it is Chinese, else the sentence for it, else the one for its kind."""
    said = str(error)
    if any("\u4e00" <= c <= "\u9fff" for c in said[:12]):
        return said
    for pattern, sentence in _KNOWN:
        found = re.search(pattern, said)
        if found:
            return sentence.format(*found.groups())
    return next((sentence for kind, sentence in _BY_KIND if isinstance(error, kind)), heading)


_TOO_LARGE: tuple[tuple[str, str], ...] = (
    (
        r"exceeded maximum size",
        "填写的内容过长：一个表单最多 1 MB。没有保存，数据没有改变。请用浏览器的“后退”回到表单，删短后再提交；长材料请存成文件上传",
    ),
    (
        r"Too many (?:fields|files)\. Maximum number of \w+ is (\d+)",
        "一次提交的项目过多：最多 {} 项。没有保存，数据没有改变。请用浏览器的“后退”回到表单，分几次提交",
    ),
)
"""What the reader of forms says of one that it does not take, and what officers read instead."""


def too_large(error: HTTPException) -> str:
    """Why a form was too large to be read, and what to do; empty where that is not what an error says."""
    said = f"{error.detail} {getattr(error.__cause__, 'detail', '')}"
    for pattern, sentence in _TOO_LARGE:
        found = re.search(pattern, said)
        if found:
            return sentence.format(*found.groups())
    return ""


def field_names(error: RequestValidationError) -> str:
    """The fields of a form that could not be read, as the screens call them; of one that is too long, how long it may be."""
    named = (f"{_FIELDS.get(str(one['loc'][-1]), '地址或表单')}{_bound(one)}" for one in error.errors())
    return "、".join(dict.fromkeys(named))


def _bound(one: Mapping[str, Any]) -> str:
    return f"（最多 {one['ctx']['max_length']} 个字）" if one["type"] == "string_too_long" else ""
