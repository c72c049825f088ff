"""1688 open platform, product.search.keywordQuery of its cross-border solution; for enterprise accounts that have it.

Asked with your own key (`gimonitor secrets edit`); facts of the API stand in gimonitor/crawling/apis.yml.

    scrapy crawl alibaba_1688 -a query=五常大米,西湖龙井
"""

from __future__ import annotations

from gimonitor.crawling.apisource import SignedApiSpider


class Alibaba1688Spider(SignedApiSpider):
    """Asks by keyword, page after page."""

    name = "alibaba_1688"
