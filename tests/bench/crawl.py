"""A crawl with everything on (sealing, parsing, screening, storing) against bare Scrapy with the same parser and no pipeline.

Run: python tests/bench/crawl.py [rounds]. Both crawl the same pages of one server on loopback, in turn, each in a process of
its own; the ratio is the median of the rounds', since a machine is now quicker, now slower, for minutes at a time. The time is the crawl's own, from its first request to its last record: what a
process loads before is loaded once a night. Lines are `name ratio bar verdict`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median

from gimonitor.configuration import Configuration
from gimonitor.practice.server import running_practice
from gimonitor.store.database import migrate_store

PAGES = 500
ROUNDS = 7
BAR = 0.75

CRAWL = """
import json, sys, time
from scrapy.crawler import CrawlerProcess
from scrapy.http import Request
from scrapy.utils.project import get_project_settings
import scrapy
from gimonitor.crawling.source import SourceSpider
from gimonitor.parsing import parse_page

base, count, full = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "full"
clock = {}

class Everything(SourceSpider):
    name = "bench"
    platform = "practice"
    allowed_domains = ["127.0.0.1"]
    def ask(self, query):
        clock["begin"] = time.perf_counter()
        for n in range(count):
            yield self.request_item(f"{base}/item/{n}.html", query, rank=n + 1)

class Bare(scrapy.Spider):
    name = "bench"
    async def start(self):
        clock["begin"] = time.perf_counter()
        for n in range(count):
            yield Request(f"{base}/item/{n}.html", callback=self.read)
    def read(self, response):
        kind = response.headers["Content-Type"].decode()
        yield from parse_page(response.body, response.url, kind, "practice", response.status).listings

settings = get_project_settings()
settings.set("LOG_LEVEL", "ERROR")
settings.set("CONCURRENT_REQUESTS_PER_DOMAIN", 8)
settings.set("DOWNLOAD_DELAY", 0)
if not full:
    settings.set("ITEM_PIPELINES", {})
    settings.set("SPIDER_MIDDLEWARES", {})
    settings.set("DOWNLOADER_MIDDLEWARES", {})
    settings.set("EXTENSIONS", {})
    settings.set("DOWNLOAD_HANDLERS", {})
    settings.set("DNS_RESOLVER", "scrapy.resolver.CachingThreadedResolver")
    settings.set("ROBOTSTXT_OBEY", False)
    settings.set("GIMONITOR_RECORDING", False)
process = CrawlerProcess(settings)
crawler = process.create_crawler(Everything if full else Bare)
process.crawl(crawler, **({"query": "五常大米"} if full else {}))
process.start()
taken = time.perf_counter() - clock["begin"]
print(json.dumps({"seconds": taken, "items": crawler.stats.get_value("item_scraped_count", 0)}))
"""


class Market(BaseHTTPRequestHandler):
    """Serves one page of the practice marketplace under a thousand numbers; a server that costs little beside what it serves."""

    protocol_version = "HTTP/1.1"
    page = b""
    number = b""

    def do_GET(self) -> None:  # the name that the library calls
        """A good's page, or the robots.txt that allows all."""
        name = self.path.rpartition("/")[2].partition(".")[0].encode()
        body = b"" if self.path == "/robots.txt" else self.page.replace(self.number, b"g" + name)
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def practice_page(good: str) -> bytes:
    """The page of a good as the practice marketplace sends it, with a description as long as real ones are."""
    from urllib.request import urlopen

    with running_practice() as server, urlopen(f"{server.url}/item/{good}.html") as answer:  # loopback
        body: bytes = answer.read()
    more = "<div>" + "<p>精选产地好货，颗粒饱满，口感清香，现货速发，售后无忧。</p>" * 400 + "</div></body>"
    return body.replace(b"</body>", more.encode())


def crawl(folder: Path, base: str, how: str, turn: int) -> float:
    """Seconds of one crawl in a process of its own."""
    made = Configuration(data_dir=folder / f"{how}-{turn}", disk_reserve_mb=0)
    migrate_store(made.store_url)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIMONITOR_")}
    environment |= {"GIMONITOR_DATA_DIR": str(made.data_dir), "GIMONITOR_DISK_RESERVE_MB": "0"}
    environment |= {"SCRAPY_SETTINGS_MODULE": "gimonitor.settings"}
    script = folder / "crawl.py"  # Scrapy reads the source of callbacks, so it has to lie somewhere
    script.write_text(CRAWL, encoding="utf-8")
    command = [sys.executable, "-P", str(script), base, str(PAGES), how]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    told = json.loads(done.stdout.splitlines()[-1])
    if told["items"] != PAGES:
        raise SystemExit(f"{how}: {told['items']} of {PAGES} goods\n{done.stderr[-2000:]}")
    return float(told["seconds"])


def main() -> int:
    """Exit code 1 when the bar was missed."""
    Market.page, Market.number = practice_page("g104"), b"g104"
    server = ThreadingHTTPServer(("127.0.0.1", 0), Market)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_address[1]}"
    rounds: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as name:
        for turn in range(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS):
            order = ("bare", "full") if turn % 2 else ("full", "bare")
            rounds.append({how: crawl(Path(name), base, how, turn) for how in order})
    server.shutdown()
    ratios = sorted(one["bare"] / one["full"] for one in rounds)
    ratio = median(ratios)
    rates = {how: PAGES / median(one[how] for one in rounds) for how in ("full", "bare")}
    sys.stdout.write(
        f"crawl: pages with everything on, {rates['full']:.0f}/s, of bare Scrapy with the same parser, {rates['bare']:.0f}/s: "
        f"{ratio:.2f} (bar >= {BAR}; rounds {ratios[0]:.2f}–{ratios[-1]:.2f}) {'ok' if ratio >= BAR else 'MISSED'}\n"
    )
    return 0 if ratio >= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
