"""Chromium in a crawl: killed, hanging and renewed, it loses no page that can be had, and reaches nothing that it must not."""

import os
import signal
import threading
import time
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

SHELL = """<!DOCTYPE html><html><head><title>x</title></head><body><div id="root"></div><script>
{first}
fetch("{api}").then(r => r.text()).then(name => {{
  document.body.innerHTML = "<h1>" + name + "</h1>";
  const data = document.createElement("script");
  data.type = "application/ld+json";
  data.textContent = JSON.stringify({{"@type": "Product", name: name, sku: "{sku}"}});
  document.body.append(data);
}});
</script></body></html>"""


BARE = """<!DOCTYPE html><html><head><meta property="og:title" content="x"><title>x</title></head><body><div id="root"></div><script>
fetch("/api/bare").then(r => r.text()).then(() => {
  document.body.innerHTML = ["a", "b", "c", "void"].map(name => `<a href="/goods/${name}.html">${name}</a>`).join("");
});
</script></body></html>"""
GOODS = '<html><script type="application/ld+json">{{"@type":"Product","name":"五常大米","sku":"{0}"}}</script></html>'
DOOR = '<!DOCTYPE html><html><body><div id="root"></div><script src="https://cdn.shopify.com/s/theme.js"></script></body></html>'
DOORED = '{"products": [{"id": 9, "title": "五常大米 9", "handle": "rice-9"}]}'


def browsers_below(pid, whole=False):
    """Processes of Chromium that descend from `pid` and have no Chromium for a parent; `whole`: its own children first."""
    parents, names = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            names[int(folder.name)], _, rest = (folder / "stat").read_text().partition(" (")[2].rpartition(") ")
        except OSError:
            continue
        parents[int(folder.name)] = int(rest.split()[1])

    def descends(one):
        while one in parents and one != pid:
            one = parents[one]
        return one == pid

    own = [one for one, name in names.items() if "chrom" in name and descends(one)]
    heads = [one for one in own if "chrom" not in names.get(parents[one], "")]
    return [*(one for one in own if one not in heads), *heads] if whole else heads


class Shop(BaseHTTPRequestHandler):
    asked: list[str]
    others: list[str]
    other = ""

    def do_GET(self):
        self.asked.append(self.path)
        if self.path == "/api/kill" and self.asked.count("/api/kill") == 1:
            for pid in browsers_below(os.getpid()):
                os.kill(pid, signal.SIGKILL)
        if self.path == "/killall" and self.asked.count("/killall") == 2:  # first it is asked plainly
            for pid in browsers_below(os.getpid(), whole=True):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(1)  # nothing is answered before they are gone
        self.answer()

    def answer(self):
        name, status = self.path.rpartition("/")[2], 200
        if self.path == "/robots.txt":
            status, body = 404, ""
        elif self.path in ("/bare", "/door"):
            body = {"bare": BARE, "door": DOOR}[name]
        elif self.path.startswith("/products.json"):
            body = '{"products": []}' if "page=2" in self.path else DOORED
        elif self.path.startswith("/goods/"):
            body = GOODS.format(name) if name != "void.html" else "<html><body><script>;</script></body></html>"
        elif self.path.startswith("/api/"):
            body = "五常大米 " + name
        else:
            hog = "const held = []; setInterval(() => held.push(new Uint8Array(3e7).fill(1)), 50); window.fetch = () => new Promise(() => 0);"
            first = {"hang": "while (true) {}", "hog": hog, "lure": LURE.replace("OTHER", self.other)}.get(name, "")
            body = SHELL.format(first=first, api=f"/api/{name}", sku=name)
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *args):
        pass


LURE = """
fetch("http://OTHER/fetch", {mode: "no-cors"}).catch(() => 0);
navigator.sendBeacon("http://OTHER/beacon", "x");
try { new WebSocket("ws://OTHER/socket"); } catch (e) {}
for (const [tag, name, url] of [["img", "src", "/image"], ["iframe", "src", "/frame"], ["link", "href", "/style"]]) {
  const one = document.createElement(tag); one.rel = "stylesheet"; one[name] = "http://OTHER" + url; document.body.append(one);
}
fetch("http://169.254.169.254/latest", {mode: "no-cors"}).catch(() => 0);
"""


@contextmanager
def serving(handler, address):
    server = ThreadingHTTPServer((address, 0), handler)
    server.handle_error = lambda *args: None  # a killed browser goes away in the middle
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"{address}:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def test_killed_hanging_and_renewed(crawl):
    """One crawl: Chromium is killed in the middle of a page, hangs in another, is renewed after two pages, and is lured inside.

    A list of links without a heading, and a shop whose start page shows no more than its door, are read as well."""
    secrets: list[str] = []
    other = type("Other", (Shop,), {"asked": secrets})
    handler = type("Handler", (Shop,), {"asked": []})
    with serving(other, "127.0.0.2") as inside, serving(handler, "127.0.0.1") as shop:
        handler.other = inside
        names = ("one", "kill", "killall", "hang", "two", "hog", "lure", "three", "bare", "door")
        queries = ",".join(f"http://{shop}/{name}" for name in names)
        settings = (
            "GIMONITOR_CHROMIUM_SECONDS=15",
            "GIMONITOR_CHROMIUM_PAGES=2",
            "GIMONITOR_CHROMIUM_MIB=500",
            "RETRY_TIMES=3",
        )
        crawl.run("shop", "-a", f"query={queries}", *(a for s in settings for a in ("-s", s)), timeout=400)
    coverage = {query.rpartition("/")[2]: record for query, record in crawl.coverage().items()}
    stored = {name: record.stored + record.unchanged for name, record in coverage.items()}
    assert stored == {name: int(name not in ("hang", "hog")) for name in names} | {"bare": 3}, crawl.log[-4000:]
    assert "empty even with JavaScript: http" in coverage["bare"].detail and coverage["bare"].blocked is None
    assert "/products.json?limit=250" in handler.asked, "a door is seen on a page that is empty without JavaScript"
    assert "Chromium: hangs, given up" in coverage["hang"].detail
    assert "Chromium: took more than 500 MiB" in coverage["hog"].detail
    for name in ("hang", "hog"):  # the shell that came before it was rendered
        assert coverage[name].example.url.endswith(name) and coverage[name].example.why in coverage[name].detail
    assert crawl.run_state() == "partial"
    for way, least in (("/api/kill", 2), ("/killall", 3)):
        assert handler.asked.count(way) >= least, "Chromium was not killed, or the page not asked again"
    assert secrets == [], "Chromium was led to a private address"
    assert "'gimonitor/chromium/renewed'" in crawl.log
    assert browsers_below(os.getpid()) == [], "a browser was left behind"
