"""The table of parsers, in the order in which they are asked: platforms first, any shop with product metadata last."""

from __future__ import annotations

from gimonitor.parsing import practice, product
from gimonitor.parsing.page import Parser

PARSERS: tuple[Parser, ...] = (*practice.PARSERS, *product.PARSERS)
