"""A hostile server: every vector is bounded and recorded, none ends the run, nothing is led elsewhere."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from sqlalchemy import text

from gimonitor.practice.hostile import VECTORS, gzip_bomb, running_hostile

TOLD = {
    "/gzip-bomb": "body larger than 16 MiB",
    "/endless-body": "body larger than 16 MiB",
    "/long-promise": "body larger than 16 MiB",
    "/endless-redirect": "more than 10 redirects",
    "/self-redirect": "redirect to itself",
    "/to-file": "redirect to file: refused",
    "/to-data": "redirect to data: refused",
    "/to-script": "redirect to javascript: refused",
    "/to-private": "redirect to a private address refused: http://127.0.0.2:",
    "/to-metadata": "redirect to a private address refused: http://169.254.169.254/",
    "/to-decimal": "redirect to a private address refused: http://2130706433/secret",
    "/refresh-file": "refresh to file: refused",
    "/slow-body": "body without an end in 5 s",
    "/refresh-private": "redirect to a private address refused: http://127.0.0.2:",
}


@pytest.fixture
def private():
    """A server on another loopback address that must never be asked."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.2", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield f"127.0.0.2:{server.server_address[1]}", asked
    server.shutdown()
    server.server_close()


def test_all_vectors_in_one_crawl(crawl, private):
    address, secrets = private
    gzip_bomb()  # made once, and before anybody waits for it
    with running_hostile(address) as (base, asked):
        paths = [*VECTORS, "/good"]
        crawl.run(
            "shop", "-a", "query=" + ",".join(base + path for path in paths),
            "-s", "DOWNLOAD_TIMEOUT=5", "-s", "RETRY_TIMES=1", timeout=240,
        )  # fmt: skip
    assert set(paths) <= set(asked), "a vector was not tried"
    assert (asked.count("/slow-body"), asked.count("/gzip-bomb")) == (1, 1), "what has no end is asked once"
    assert secrets == [], "the crawler was led to a private address"
    coverage = {query.removeprefix(base): record for query, record in crawl.coverage().items()}
    for path, words in TOLD.items():
        assert words in coverage[path].detail and coverage[path].pages_asked == 1, f"{path}: {coverage[path]}"
    assert coverage["/good"].stored + coverage["/good"].unchanged == 1, crawl.log[-3000:]
    harmless = {"/nul", "/many-headers", "/nonsense-status", "/absurd", "/wrong-charset", "/html-in-json"}
    harmless |= {path for path in VECTORS if path.startswith(("/price-", "/same-"))}
    for path in set(VECTORS) - harmless:
        record = coverage[path]
        told = record.blocked or record.detail or record.pages_answered < record.pages_asked
        assert record.seen == 0 and told, f"{path} left no trace: {record}"
    for path in harmless:
        record = coverage[path]
        assert record.seen == record.stored + record.unchanged + record.rejected + record.failed, path
    rows = crawl.read(lambda c: c.execute(text("select item_id, title, price_fen from listings")).all())
    prices = {row.item_id: row.price_fen for row in rows}
    assert {name: prices[name] for name in ("words", "tens", "negative", "huge", "list")} == {
        "words": None, "tens": 1200000, "negative": None, "huge": None, "list": None,
    }  # fmt: skip
    assert [row.title for row in rows if row.item_id == "charset"] == ["五常大米 稻花香 真空包装"]
    assert len([row for row in rows if row.item_id == "same"]) == 1, "one good under three addresses is one listing"
    assert sum(coverage[path].seen for path in VECTORS if path.startswith("/same-")) == 3
    assert all("\x00" not in row.title and len(row.title) <= 20_000 for row in rows)
    assert all(row.price_fen is None or row.price_fen >= 0 for row in rows)
    assert crawl.accidents == []
    assert crawl.peak_mib < 600
