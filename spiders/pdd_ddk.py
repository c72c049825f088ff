"""多多进宝 (Pinduoduo DDK), pdd.ddk.goods.search: goods of 拼多多 that are enrolled for promotion.

Asked with your own key (`gimonitor secrets edit`); facts of the API stand in gimonitor/crawling/apis.yml.

    scrapy crawl pdd_ddk -a query=五常大米,西湖龙井
"""

from __future__ import annotations

from gimonitor.crawling.apisource import SignedApiSpider


class PddDdkSpider(SignedApiSpider):
    """Asks by keyword, page after page."""

    name = "pdd_ddk"
