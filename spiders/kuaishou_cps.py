"""快赚客 (Kuaishou CPS), open.distribution.cps.kwaimoney.selection.item.list: goods of 快手 that are enrolled for promotion.

Asked with your own key (`gimonitor secrets edit`); facts of the API stand in gimonitor/crawling/apis.yml.

    scrapy crawl kuaishou_cps -a query=五常大米,西湖龙井
"""

from __future__ import annotations

from gimonitor.crawling.apisource import SignedApiSpider


class KuaishouCpsSpider(SignedApiSpider):
    """Asks by keyword, page after page."""

    name = "kuaishou_cps"
