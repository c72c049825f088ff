"""Words that only packs and papers print: kinds of evidence, prices. A test checks that no value lacks its word."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import yaml

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
    "certificates": ("服务器证书", "加密连接所用的全部证书", "application/pem-certificate-chain"),
    "responses": ("响应索引", "各响应在存档中的位置", "application/json"),
    "manifest": ("固证清单", "页面在固证时的显示和内容、取证的经过，全部文件的摘要", "application/json"),
    "image": ("商品图片", "页面使用的图片", "image/*"),
    "saved": ("交来的网页文件", "保存人当时所存的页面", "application/octet-stream"),
}


SHOWS: dict[str, str] = {"item": "商品页", "shop": "店铺页", "search": "搜索结果页"}
"""Which page of an offer a capture shows."""


def yuan(fen: int | None) -> str:
    """A price in yuan with two decimals; （未标示） where there is none."""
    return "（未标示）" if fen is None else f"{fen / 100:.2f}"


_GAPS: tuple[tuple[str, str], ...] = (
    (r"not sealed: (\S+): too many responses", r"未保存 \1：响应过多"),
    (r"not sealed: (\S+): sound and video are not kept", r"未保存 \1：音频、视频不保存"),
    (r"not sealed: (\S+): (\d+) bytes are over the limit", r"未保存 \1：\2 字节，超过上限"),
    (r"not sealed: (\S+): too slow", r"未保存 \1：响应过慢"),
    (r"(\d+) responses were still under way and were not sealed", r"有 \1 个响应尚未完成，未保存"),
    (r"the page was not scrolled to its end.*", "在限定时间内页面没有滚动到底"),
    (r"the page showed nothing for ([\d.]+) s after it was loaded", r"页面加载之后等候 \1 秒，仍没有显示内容"),
    (r"the page was still loading ([\d.]+) s after it was shown", r"页面显示 \1 秒之后仍在加载"),
    (r"crop (\S+): the page shows no '(.*)' as text", r"页面文字中没有“\2”，没有疑点处截图 \1"),
    (r"the page is (\d+) dots high; the full screenshot shows the first (\d+)", r"页面高 \1 点，整页截图只有前 \2 点"),
    (
        r"buyers' data: a part of (\d+) characters \((.*)\) also holds.*",
        r"有一处（\2，\1 字）同时含有疑点文字，没有清空",
    ),
    (r"buyers' data: (\S+) of (\d+) characters moved.*", r"有一处\1（\2 字）遮盖时页面变动，未能遮盖"),
    (r"buyers' data: text inside (.*) cannot be read and was not covered", r"内嵌部分（\1）中的文字不能读取，没有遮盖"),
    (r"no time server and no time-stamp authority is set", "没有设置对时服务器，也没有设置时间戳机构"),
    (
        r"the server did not end its answer within ([\d.]+) s; .*",
        r"服务器 \1 秒内没有答复完毕，已重新打开页面，显示到当时为止",
    ),
    (r"scripts ended: .*", "页面的脚本长时间不停，已中止脚本后再看"),
    (r"only answers kept: .*", "页面没有响应，没有截图和渲染后的网页，只保存了服务器返回的内容"),
)
"""What a capture could not keep, as it is written down and as papers say it."""
_BROWSERS: tuple[tuple[str, str], ...] = (
    (r"not sealed: (\S+): (?P<why>.*)", r"未保存 \1："),
    (r"page\.mhtml: (?P<why>.*)", r"没有单文件存档："),
)
"""Those that end with the browser's own words."""
_UNSEALED = re.compile(r"未保存 (\S+)：(.*)", re.DOTALL)
_SHOWN = 3
UNKNOWN = "原因见固证清单（capture.json）所载的浏览器报告"


def say_gap(gap: str) -> str:
    """A gap of a capture in Chinese; as it is where no form of it is known."""
    for pattern, said in _GAPS:
        if hit := re.fullmatch(pattern, gap, re.DOTALL):
            return hit.expand(said)
    for pattern, said in _BROWSERS:
        if hit := re.fullmatch(pattern, gap, re.DOTALL):
            return hit.expand(said) + say_report(hit["why"])
    return gap


def say_report(report: str) -> str:
    """What a browser reported, in Chinese; where to read it where its words are not known."""
    return next((said for part, said in _browsers().items() if part in report), UNKNOWN)


def say_gaps(gaps: Iterable[str]) -> str:
    """All gaps of a capture: what was not kept of the page's parts is counted by its reason, with the first few addresses."""
    others: dict[str, None] = {}
    unsealed: dict[str, list[str]] = {}
    for said in map(say_gap, gaps):
        if hit := _UNSEALED.fullmatch(said):
            unsealed.setdefault(hit[2], []).append(hit[1])
        else:
            others[said] = None
    return "；".join([*others, *(_counted(why, urls) for why, urls in unsealed.items())]) or "无"


def _counted(why: str, urls: list[str]) -> str:
    if len(urls) <= _SHOWN:
        return f"未保存 {'、'.join(urls)}：{why}"
    return f"未保存 {'、'.join(urls[:_SHOWN])} 等 {len(urls)} 项：{why}（逐项列于该次固证的 capture.json）"


@cache
def _browsers() -> dict[str, str]:
    found: dict[str, str] = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8"))["browser"]
    return found
