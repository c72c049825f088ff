"""Every unsafe or impolite default of Scrapy stays changed."""

import pytest
from scrapy.settings import Settings

from gimonitor import settings as module

SETTINGS = Settings()
SETTINGS.setmodule(module)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REMOTE_CONTROL_ENABLED", False), ("TELNETCONSOLE_ENABLED", False), ("ROBOTSTXT_OBEY", True),
        ("DOWNLOAD_VERIFY_CERTIFICATES", True), ("DOWNLOAD_MAXSIZE", 16 << 20), ("DOWNLOAD_TIMEOUT", 30),
        ("COOKIES_ENABLED", False), ("DOWNLOAD_FAIL_ON_DATALOSS", True), ("REDIRECT_MAX_TIMES", 10),
        ("CONCURRENT_REQUESTS_PER_DOMAIN", 1), ("FEED_EXPORT_ENCODING", "utf-8"), ("HTTPERROR_ALLOW_ALL", True),
        ("TWISTED_DNS_RESOLVER", "gimonitor.crawling.egress.GuardedResolver"), ("PLAYWRIGHT_MAX_CONTEXTS", 1),
        ("PLAYWRIGHT_MAX_PAGES_PER_CONTEXT", 2),
    ],
)  # fmt: skip
def test_value(name, value):
    assert SETTINGS.get(name) == value


@pytest.mark.parametrize("scheme", ["file", "data", "s3", "ftp"])
def test_no_other_scheme_is_fetched(scheme):
    assert SETTINGS.getwithbase("DOWNLOAD_HANDLERS")[scheme] is None


def test_scrapys_own_robots_middleware_is_replaced():
    middlewares = SETTINGS.getwithbase("DOWNLOADER_MIDDLEWARES")
    assert middlewares["scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware"] is None
    assert middlewares["gimonitor.crawling.robots.StrictRobotsMiddleware"] == 100


def test_we_are_named():
    assert SETTINGS["USER_AGENT"].startswith("gimonitor/") and SETTINGS.getfloat("DOWNLOAD_DELAY") >= 5
