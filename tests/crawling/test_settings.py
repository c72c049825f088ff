"""Every unsafe or impolite default of Scrapy stays changed."""

import subprocess
import sys

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


UNDER_A_LARGE_PARENT = """
import subprocess, sys
subprocess.run([sys.executable, "-P", "-c", sys.argv[1]], check=True, env=dict(PATH="", LARGE=str(len(b"x" * (400 << 20)))))
"""
CRAWL = """
from gimonitor.crawling.memory import ResidentMemory
print(ResidentMemory.get_virtual_size(object.__new__(ResidentMemory)))
"""


def test_the_limit_on_memory_is_of_the_crawl_and_not_of_what_started_it():
    extensions = SETTINGS.getwithbase("EXTENSIONS")
    assert extensions["scrapy.extensions.memusage.MemoryUsage"] is None
    assert extensions["gimonitor.crawling.memory.ResidentMemory"] == 0
    command = [sys.executable, "-P", "-c", UNDER_A_LARGE_PARENT, CRAWL]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert 10 << 20 < int(done.stdout) < 300 << 20
