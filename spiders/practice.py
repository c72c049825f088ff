"""The practice marketplace on loopback: plain HTTP, Chromium only for pages that are empty without JavaScript.

scrapy crawl practice -a query=五常大米,西湖龙井 -a base=http://127.0.0.1:8601
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from scrapy.http import Request

from gimonitor.configuration import load_configuration
from gimonitor.crawling.hosts import domain_of
from gimonitor.crawling.source import SourceSpider
from gimonitor.errors import ConfigurationError


class PracticeSpider(SourceSpider):
    """Asks the search of the practice marketplace."""

    name = "practice"
    platform = "practice"
    renders = True

    def __init__(self, *args: Any, base: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.base = (base or load_configuration().practice_url).rstrip("/")
        self.allowed_domains = [domain_of(self.base)] if self.base else []

    @property
    def named_hosts(self) -> list[str]:
        """What it was started with."""
        return list(self.allowed_domains)

    def check_ready(self, *args: Any, **kwargs: Any) -> None:
        """Also raises ConfigurationError when no base address is known."""
        if not self.base:
            raise ConfigurationError("practice: no address; set GIMONITOR_PRACTICE_URL or give -a base=…")
        super().check_ready(*args, **kwargs)

    def item_id_of(self, url: str) -> str:
        """`…/item/g001.html` → `g001`."""
        found = re.search(r"/item/(\w+)\.html", url)
        return found.group(1) if found else ""

    def ask(self, query: str) -> Iterator[Request]:
        """The first page of results."""
        yield self.request_page(f"{self.base}/search?q={quote(query)}", query)
