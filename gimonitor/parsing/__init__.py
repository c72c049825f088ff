"""Bytes of a page to listings. Pure: nothing here asks anybody."""

from gimonitor.parsing.classify import classify
from gimonitor.parsing.gone import says_gone
from gimonitor.parsing.page import ParsedPage, parse_page

__all__ = ["ParsedPage", "classify", "parse_page", "says_gone"]
