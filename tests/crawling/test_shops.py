"""Shops by their standard doors, end to end: found from the start page, paged to the end, and done without where closed."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import text

LD = '<script type="application/ld+json">{{"@type":"Product","name":"{0}","sku":"{0}","offers":{{"price":"9.90","priceCurrency":"CNY"}}}}</script>'
HOME = (
    "<html><head><title>x</title>{signs}</head><body>{links}"
    + "<p>about us, delivery, imprint</p>" * 20
    + "</body></html>"
)
SHOPIFY, WOO = '<script src="https://cdn.shopify.com/s/files/theme.js"></script>', '<body class="woocommerce-page">'
LINKS = '<a href="/goods/a.html">a</a><a href="/goods/b.html">b</a><a href="/cart">cart</a><a href="/about-us.html">about</a>'
SITEMAPS = '<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>{0}/goods.xml</loc></sitemap></sitemapindex>'
GOODS = '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>{0}/goods/c.html</loc></url><url><loc>{0}/goods/gone.html</loc></url></urlset>'


def shopify(page):
    rows = {1: [101, 102], 2: [103]}.get(page, [])
    return {
        "products": [
            {"id": n, "title": f"五常大米 {n}", "handle": f"rice-{n}", "vendor": "演练", "variants": [{"price": "59.90"}], "images": []}
            for n in rows
        ]
    }  # fmt: skip


def woo(page):
    price = {"price": "8990", "currency_minor_unit": 2, "currency_code": "CNY"}
    return [{"id": n, "name": f"西湖龙井 {n}", "permalink": f"https://x.example/{n}", "prices": price} for n in ({1: [7, 8]}.get(page, []))]  # fmt: skip


class Shop(BaseHTTPRequestHandler):
    asked: list[str]
    signs = ""
    door = 200
    says = ""

    def do_GET(self):
        self.asked.append(self.path)
        parts = urlsplit(self.path)
        page = int(parse_qs(parts.query).get("page", ["1"])[0])
        base = f"http://{self.headers['Host']}"
        body, kind, status = "", "text/html; charset=utf-8", 200
        if parts.path == "/":
            body = HOME.format(signs=self.signs, links=LINKS)
        elif parts.path in ("/products.json", "/wp-json/wc/store/v1/products"):
            kind, status = "application/json", self.door
            body = json.dumps(shopify(page) if "products.json" in parts.path else woo(page), ensure_ascii=False)
            body = self.says or body if status == 200 else ""
        elif parts.path.startswith("/goods/") and "gone" not in parts.path:
            body = f"<html><body>{LD.format(parts.path)}</body></html>"
        elif parts.path.endswith("sitemap.xml"):
            body, kind = SITEMAPS.format(base), "application/xml"
        elif parts.path == "/goods.xml":
            body, kind = GOODS.format(base), "application/xml"
        elif parts.path == "/about-us.html":
            body = HOME.format(signs="", links="")
        else:
            status = 404
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *args):
        pass


@pytest.fixture
def open_shop():
    servers = []

    def start(**values):
        handler = type("Handler", (Shop,), {"asked": [], **values})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        servers.append(server)
        return handler, f"http://127.0.0.1:{server.server_address[1]}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_every_door_in_one_crawl(crawl, open_shop):
    (rice, rice_url), (_, tea_url) = open_shop(signs=SHOPIFY), open_shop(signs=WOO)
    (locked, locked_url), (gone, gone_url) = open_shop(signs=SHOPIFY, door=403), open_shop(signs=WOO, door=404)
    _, plain_url = open_shop()
    broken, broken_url = open_shop(signs=SHOPIFY, says='{"products": [')
    queries = [
        rice_url + "/",
        tea_url + "/",
        locked_url + "/",
        gone_url + "/",
        plain_url + "/sitemap.xml",
        broken_url + "/",
    ]
    crawl.run("shop", "-a", "query=" + ",".join(queries), timeout=300)
    by_rice, by_tea, by_locked, by_gone, by_sitemap, by_broken = (crawl.coverage()[query] for query in queries)
    rows = crawl.read(lambda c: c.execute(text("select item_id, title, price_fen, currency from listings")).all())
    found = {row.item_id: (row.title, row.price_fen, row.currency) for row in rows}
    assert found["103"] == ("五常大米 103", 5990, "") and found["7"] == ("西湖龙井 7", 8990, "CNY"), crawl.log[-3000:]
    assert (by_rice.seen, by_rice.cut_off, by_rice.blocked) == (3, False, None)
    assert (by_tea.seen, by_tea.cut_off, by_tea.blocked) == (2, False, None)
    assert not [path for path in rice.asked if path.startswith("/goods/")], "the door was open, no page had to be asked"
    assert [path for path in rice.asked if "products.json" in path][-1].endswith("page=3")
    for record, shop in ((by_locked, locked), (by_gone, gone), (by_broken, broken)):
        assert (record.seen, record.blocked, record.pages_answered) == (2, None, record.pages_asked), record
        assert "/goods/a.html" in shop.asked and "/cart" not in shop.asked
    assert (by_sitemap.seen, by_sitemap.failed) == (1, 0) and "gone: " in by_sitemap.detail
    assert crawl.code == 0 and crawl.accidents == []
