"""The table of parsers, in the order in which they are asked: platforms first, then any shop with product metadata, then what a
known platform's page holds in its state."""

from __future__ import annotations

from gimonitor.parsing import (
    alibaba1688,
    alibabacom,
    douyin,
    embedded,
    jd,
    openapis,
    overseas,
    pinduoduo,
    practice,
    product,
    shopee,
    storefront,
    suning,
    taobao,
    xiaohongshu,
)
from gimonitor.parsing.page import Parser

PARSERS: tuple[Parser, ...] = (
    *practice.PARSERS,
    *openapis.PARSERS,
    *taobao.PARSERS,
    *jd.PARSERS,
    *pinduoduo.PARSERS,
    *alibaba1688.PARSERS,
    *douyin.PARSERS,
    *xiaohongshu.PARSERS,
    *suning.PARSERS,
    *alibabacom.PARSERS,
    *shopee.PARSERS,
    *overseas.PARSERS,
    *storefront.PARSERS,
    *product.PARSERS,
    *embedded.PARSERS,
)
