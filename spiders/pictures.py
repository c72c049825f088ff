"""Pictures and shop pages of stored listings that screening asks for: the second pass, after the crawl.

scrapy crawl pictures -a query=12,15
`gimonitor run pictures` plans it; a query is the number of a stored listing.
"""

from __future__ import annotations

from gimonitor.crawling.picturesource import PictureSource


class PicturesSpider(PictureSource):
    """Asks each address once, however many listings show it."""

    name = "pictures"
