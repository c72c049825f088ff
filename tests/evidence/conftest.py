"""A site on loopback with the pages a capture meets, good and bad."""

from __future__ import annotations

import random
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO

import pytest
from PIL import Image

from gimonitor.evidence.browser import Browser

from .tsa import Authority, make_authority, serve

GOODS = """<!doctype html><html lang=zh><head><meta charset=gbk><title>五常大米 10斤 东北特产</title>
<style>body{margin:0;font:16px sans-serif} .tall{height:3000px;background:linear-gradient(#fff,#9c9)}</style></head>
<body><h1>五常大米 10斤 东北特产</h1><p id=late></p><img src="/picture.png" width=200>
<div class=tall>国家地理标志保护产品</div><img loading=lazy src="/lazy.png" width=100>
<script src="/late.js"></script></body></html>"""


SEARCH = "<h1>搜索：五常大米</h1>" + "".join(
    f'<p><a href="/item/g{n:03}.html?from=search">第 {n} 件 <b>五常</b><i>大米</i></a> <a href="/shop/{n}">店</a></p>'
    for n in range(7, 15)
)
REVIEWS = """<h1>五常大米</h1><div itemprop="review" itemscope itemtype="https://schema.org/Review">
<span itemprop="author">买家小王</span>很香 13800138000</div><p>保留的文字</p>
<script>var rates = [{"buyerNick": "脚本中的人", "text": "打13900139000"}], itemId = "g009"</script>"""


BUYERS = """<h1>五常大米</h1><p>电话<span>138</span><b>0013</b>8000</p>
<dl><dt>收货人</dt><dd>张三丰</dd><dt>收货地址</dt><dd>浙江省 杭州市 西湖区 文三路1号</dd></dl>
<section><h2>晒单（3）</h2><div>买家小王 很香</div><p>小王家的饭</p></section>
<div class="CommentList">买家小李：好吃</div><div class="comment-item">说的是五常大米的人</div>
<iframe srcdoc="框中的人"></iframe><p>保留的文字</p>"""

PICTURED = """<h1>五常大米</h1><img src="/picture.png" width=100><section><h2>买家说</h2><p>很香</p>
<img src="/lazy.png" width=90 height=90><div style="background-image:url(/moved-picture);width:50px;height:50px"></div>
<p><img src="/picture.png" width=20></p></section><p>保留的文字</p>
<script>var data = {"reviews": [{"content": "好评 欧阳锋"}], "content": "卖家的话"}</script>"""


SHEET = (
    """<style>body{margin:0;font:16px/1.2 sans-serif;color:#f00} h1{font-size:22px;color:#0a0;margin:0}
#row{color:#00f} #label,#value{color:#f0f} dt{float:left} dd{margin:0 0 0 300px} #lines{color:#0aa} td,th{padding:2px 60px 2px 0}
</style><nav>首页 粮油</nav><h1>正宗<b>五常</b>大米 10kg 东北特产新米包邮</h1><div>降价促销</div><div>已售 120 件</div>
<div>运费</div><div>快递</div><div>服务</div>
<table><tr><th>净含量<td>10kg<tr><th>品牌<td>某牌<tr><th>等级<td>一级<tr id=row><th>产品标准号<td>GB/T 1354<tr><th>生产许可证
<td>SC10121010600001<tr><th>保质期<td>12个月</table>
<dl><dt>包装<dd>袋装<dt>等级<dd>一级<dt>系列<dd>稻花香<dt id=label>标示产地<dd id=value>某省某县<dt>生产者<dd>某厂<dt>贮存<dd>阴凉干燥</dl>
<div>"""
    + "别的话。<br>" * 30
    + "<span id=lines>前一行<br>口感胜过贡米很多<br>后一行</span><br>"
    + "别的话。<br>" * 30
    + "</div>"
)


_DRAWN_LATE = (
    """<script>setTimeout(() => { document.body.innerHTML = '<h1>迟到的五常大米</h1>'; }, 500)</script><p>加载中…</p>"""
)


def _noise() -> bytes:
    """A picture of 30 MB that no compression makes smaller."""
    out = BytesIO()
    Image.frombytes("RGB", (4000, 2600), random.Random(1).randbytes(4000 * 2600 * 3)).save(out, "BMP")
    return out.getvalue()


def _picture(colour: str) -> bytes:
    out = BytesIO()
    Image.new("RGB", (300, 200), colour).save(out, "PNG")
    return out.getvalue()


class _Site(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        html = "text/html; charset=utf-8"
        pages = {
            "/goods": (200, "text/html; charset=gbk", GOODS.encode("gbk")),
            "/picture.png": (200, "image/png", _picture("red")),
            "/lazy.png": (200, "image/png", _picture("blue")),
            "/late.js": (200, "text/javascript", b"document.getElementById('late').textContent = 'JS \\u4ea7\\u5730';"),
            "/drawn": (200, html, _DRAWN_LATE.encode()),
            "/blank": (200, html, b"<title>x</title><body></body>"),
            "/white": (200, html, '<title>x</title><body style="background:#fff;color:#fff">白字'.encode()),
            "/gone": (404, html, "<h1>商品不存在</h1>".encode()),
            "/loop": (200, html, b"<h1>x</h1><script>setTimeout(() => { while (true) {} }, 50)</script>"),
            "/stuck": (
                200,
                html,
                b"<h1>stuck</h1><script>setInterval(() => { while (true) {} }, 1);"
                b"setTimeout(() => { for (;;) {} }, 1)</script>",
            ),
            "/dialogs": (200, html, b"<h1>x</h1><script>alert(1); open('/goods'); confirm(2)</script>"),
            "/endless": (
                200,
                html,
                b"<div id=a>x</div><script>addEventListener('scroll', () => { const d = document.createElement('div');"
                b"d.style.height = '4000px'; d.textContent = 'more'; document.body.append(d); });"
                b"document.body.style.height = '2000px'</script>",
            ),
            "/huge": (200, "text/html; charset=utf-8", b"<h1>x</h1><img src='/big.bin'>"),
            "/big.bin": (200, "image/png", b"\x00" * (3 << 20)),
            "/search": (200, html, SEARCH.encode()),
            "/reviews": (200, html, REVIEWS.encode()),
            "/buyers": (200, html, BUYERS.encode()),
            "/pictured": (200, html, PICTURED.encode()),
            "/green.png": (200, "image/png", _picture("green")),
            "/sheet": (200, html, SHEET.encode()),
            "/photo": (200, html, b"<h1>x</h1><img src='/photo.bmp' width=300>"),
            "/popup": (200, html, b"<title>popup</title>"),
        }
        if path == "/moved":
            self._answer(302, "text/plain", b"", {"Location": "/goods"})
        elif path == "/moved-picture":
            self._answer(302, "text/plain", b"", {"Location": "/green.png"})
        elif path == "/to-file":
            self._answer(302, "text/plain", b"", {"Location": "file:///etc/hostname"})
        elif path == "/photo.bmp":
            self._answer(200, "image/bmp", _noise())
        elif path == "/hang":
            time.sleep(20)
        elif path == "/dripping":
            self._drip()
        elif path in pages:
            self._answer(*pages[path])
        else:
            self._answer(404, "text/plain", b"no such page")

    def _drip(self) -> None:
        """An answer that does not end."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.close_connection = True
        try:
            self.wfile.write("<title>慢</title><h1>五常大米</h1>".encode() + b"<p>x</p>" * 300)
            for _ in range(200):
                time.sleep(0.1)
                self.wfile.write(b"<p>more</p>")
        except (BrokenPipeError, ConnectionResetError):
            return

    def _answer(self, status: int, kind: str, body: bytes, more: dict[str, str] | None = None) -> None:
        try:
            self.send_response(status)
            for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **(more or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            return

    def log_message(self, format: str, *args: object) -> None:
        return


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        return


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    server = _Server(("127.0.0.1", 0), _Site)
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with Browser() as browser:
        yield browser


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="session")
def authority(tmp_path_factory) -> Authority:
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed: no time-stamp authority to test against")
    return make_authority(tmp_path_factory.mktemp("tsa") / "a", "Practice")


@pytest.fixture(scope="session")
def tsa(authority: Authority) -> Iterator[str]:
    with serve(authority) as url:
        yield url
