"""京东联盟 (JD Union), jd.union.open.goods.query: goods of 京东 that are enrolled for promotion.

Asked with your own key (`gimonitor secrets edit`); facts of the API stand in gimonitor/crawling/apis.yml.

    scrapy crawl jd_union -a query=五常大米,西湖龙井
"""

from __future__ import annotations

from gimonitor.crawling.apisource import SignedApiSpider


class JdUnionSpider(SignedApiSpider):
    """Asks by keyword, page after page."""

    name = "jd_union"
