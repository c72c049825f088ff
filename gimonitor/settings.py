"""Scrapy settings. Every unsafe or impolite default is set here on purpose; `tests/crawling/test_settings.py` holds them fast."""

from gimonitor import __version__
from gimonitor.configuration import load_configuration
from gimonitor.crawling.browser import abort_request, launch_options

_configuration = load_configuration()

BOT_NAME = "gimonitor"
SPIDER_MODULES = ["spiders"]
NEWSPIDER_MODULE = "spiders"

# Who we are, and how we behave
USER_AGENT = f"gimonitor/{__version__} (+{_configuration.contact or 'no contact set; loopback only'})"
ROBOTSTXT_OBEY = True
COOKIES_ENABLED = False
CONCURRENT_REQUESTS = 16
CONCURRENT_REQUESTS_PER_DOMAIN = 1
CONCURRENT_ITEMS = 4  # tasks made anew for every response, whether or not there is anything for them to do
DOWNLOAD_DELAY = 5.0  # per site in gimonitor/crawling/politeness.yml
RETRY_TIMES = 2
REDIRECT_MAX_TIMES = 10

# Limits
DOWNLOAD_TIMEOUT = 30
DOWNLOAD_MAXSIZE = 16 << 20
DOWNLOAD_WARNSIZE = 8 << 20
DOWNLOAD_FAIL_ON_DATALOSS = True
DOWNLOAD_VERIFY_CERTIFICATES = True
DEPTH_LIMIT = 60
URLLENGTH_LIMIT = 4096
HTTPERROR_ALLOW_ALL = True  # a refusal is read, classified and recorded, never dropped

# No open doors, and one way out
TWISTED_DNS_RESOLVER = "gimonitor.crawling.egress.GuardedResolver"
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False

DOWNLOAD_HANDLERS = {
    "http": "gimonitor.crawling.handler.PoliteHandler",
    "https": "gimonitor.crawling.handler.PoliteHandler",
    "file": None,
    "data": None,
    "s3": None,
    "ftp": None,
}
DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.cookies.CookiesMiddleware": None,  # switched off above; loading it is slow
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "gimonitor.crawling.robots.StrictRobotsMiddleware": 100,
    "gimonitor.crawling.politeness.PolitenessMiddleware": 560,
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
    "gimonitor.crawling.redirects.ToldRefreshMiddleware": 580,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    "gimonitor.crawling.redirects.ToldRedirectMiddleware": 600,
}
SPIDER_MIDDLEWARES = {"gimonitor.crawling.sealing.SealMiddleware": 10}
EXTENSIONS = {
    "gimonitor.crawling.session.CrawlSession": 10,
    "gimonitor.crawling.memory.ResidentMemory": 0,
    "scrapy.extensions.memusage.MemoryUsage": None,
}
ITEM_PIPELINES = {
    "pipelines.validate.ValidatePipeline": 100,
    "pipelines.store.StorePipeline": 900,
}

# Chromium, only for pages that are empty without it
PLAYWRIGHT_BROWSER_TYPE = "chromium"
PLAYWRIGHT_LAUNCH_OPTIONS = launch_options()
PLAYWRIGHT_MAX_PAGES_PER_CONTEXT = 2
PLAYWRIGHT_MAX_CONTEXTS = 1
PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT = 30_000
PLAYWRIGHT_RESTART_DISCONNECTED_BROWSER = True
PLAYWRIGHT_ABORT_REQUEST = abort_request

TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
FEED_EXPORT_ENCODING = "utf-8"
LOG_LEVEL = _configuration.log_level
LOGSTATS_INTERVAL = 60.0
MEMUSAGE_LIMIT_MB = 1500
WARN_ON_GENERATOR_RETURN_VALUE = False  # it reads and parses the callback's source anew for every response
