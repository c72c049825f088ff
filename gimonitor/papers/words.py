"""Words that only packs and papers print: kinds of evidence, prices. A test checks that no value lacks its word."""

from __future__ import annotations

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
    "manifest": ("固证清单", "一次固证的全部文件及其摘要", "application/json"),
    "image": ("商品图片", "页面使用的图片", "image/*"),
}


SHOWS: dict[str, str] = {"item": "商品页", "shop": "店铺页", "search": "搜索结果页"}
"""Which page of an offer a capture shows."""


def yuan(fen: int | None) -> str:
    """A price in yuan with two decimals; （未标示） where there is none."""
    return "（未标示）" if fen is None else f"{fen / 100:.2f}"
