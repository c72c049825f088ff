"""The table of parsers, in the order in which they are asked: platforms first, any shop with product metadata last."""

from __future__ import annotations

from gimonitor.parsing import alibaba1688, jd, openapis, overseas, pinduoduo, practice, product, storefront, taobao
from gimonitor.parsing.page import Parser

PARSERS: tuple[Parser, ...] = (
    *practice.PARSERS,
    *openapis.PARSERS,
    *taobao.PARSERS,
    *jd.PARSERS,
    *pinduoduo.PARSERS,
    *alibaba1688.PARSERS,
    *overseas.PARSERS,
    *storefront.PARSERS,
    *product.PARSERS,
)
