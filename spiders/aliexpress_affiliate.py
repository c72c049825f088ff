"""AliExpress affiliate, aliexpress.affiliate.product.query: goods that are enrolled for promotion.

Asked with your own key (`gimonitor secrets edit`); facts of the API stand in gimonitor/crawling/apis.yml.

    scrapy crawl aliexpress_affiliate -a query="Longjing tea,Wuchang rice"
"""

from __future__ import annotations

from gimonitor.crawling.apisource import SignedApiSpider


class AliexpressAffiliateSpider(SignedApiSpider):
    """Asks by keyword, page after page."""

    name = "aliexpress_affiliate"
