"""淘宝联盟升级版 (Taobao Alliance), taobao.tbk.dg.material.optional.upgrade: goods of 淘宝 and 天猫 that are enrolled for promotion.

Asked with your own key (`gimonitor secrets edit`); facts of the API stand in gimonitor/crawling/apis.yml.

    scrapy crawl taobao_upgrade -a query=五常大米,西湖龙井
"""

from __future__ import annotations

from gimonitor.crawling.apisource import SignedApiSpider


class TaobaoUpgradeSpider(SignedApiSpider):
    """Asks by keyword, page after page."""

    name = "taobao_upgrade"
