"""Nothing inside is reached from outside: addresses in every notation, names that turn, and Chromium behind its proxy."""

import asyncio
import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from gimonitor.configuration import Configuration
from gimonitor.crawling.egress import EgressProxy, ForbiddenAddressError, Gate, gate_of, is_public


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True), ("2606:2800:220:1:248:1893:25c8:1946", True), ("127.0.0.1", False), ("10.1.2.3", False),
        ("172.16.0.1", False), ("192.168.1.1", False), ("169.254.169.254", False), ("100.64.0.1", False), ("0.0.0.0", False),
        ("224.0.0.1", False), ("::1", False), ("[::1]", False), ("::ffff:127.0.0.1", False), ("::ffff:10.0.0.1", False),
        ("2002:7f00:1::", False), ("fe80::1%eth0", False), ("fc00::1", False), ("nonsense", False),
        ("::127.0.0.1", False), ("::10.0.0.1", False), ("64:ff9b::7f00:1", False), ("64:ff9b::a00:1", False), ("::ffff:0:127.0.0.1", False),
        ("64:ff9b:1::7f00:1", False), ("fec0::1", False), ("::", False), ("64:ff9b::5db8:d822", True), ("", False),
    ],
)  # fmt: skip
def test_public_addresses(address, public):
    assert is_public(address) is public


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "[::1]",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "127.1",
        "0",
        "017700000001",
        "[::ffff:127.0.0.1]",
        "127.0.0.1.",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "localhost.",
        "LOCALHOST",
        "shop.localhost",
        "nas.local.",
        "intranet",
    ],
)
def test_a_private_address_in_whatever_notation_is_refused(host):
    gate = Gate()
    with pytest.raises(ForbiddenAddressError):
        gate.check_literal(host)
    assert gate.refused


def test_what_the_operator_named_is_reached_and_nothing_beside_it():
    gate = Gate(frozenset({"127.0.0.1"}))
    gate.check_literal("127.0.0.1")
    gate.check_literal("shop.example")  # a name: checked when it is resolved
    for host in ("127.0.0.2", "localhost.example", "10.0.0.1"):
        with pytest.raises(ForbiddenAddressError):
            gate.check(host, "127.0.0.1" if "example" in host else host)


class Started:
    """A crawl whose spider the operator started with hosts."""

    def __init__(self, *named):
        self.spider = type("Spider", (), {"named_hosts": named, "allowed_domains": ("10.0.0.9", "cdn.example")})()


REAL = Configuration(
    contact="gi@example.invalid", practice_url="http://127.0.0.5:8601", shop_urls=("http://10.1.1.1/",)
)


def test_a_name_is_no_licence_for_a_private_address():
    gate = gate_of(Started("shop.example", "127.0.0.1"), REAL)
    assert gate.check("127.0.0.1", "127.0.0.1") == "127.0.0.1"
    with pytest.raises(ForbiddenAddressError, match=r"shop\.example"):
        gate.check("shop.example", "192.168.0.7")


def test_only_operators_name_private_hosts():
    """A picture's address comes from a page: what is allowed as a domain is not named by that."""
    gate = gate_of(Started(), REAL)
    gate.check_literal("127.0.0.5")
    gate.check_literal("10.1.1.1")
    for host in ("10.0.0.9", "127.0.0.1", "localhost"):
        with pytest.raises(ForbiddenAddressError):
            gate.check(host, "127.0.0.1" if host == "localhost" else host)


def test_without_a_contact_this_machine_is_all_there_is():
    gate = gate_of(Started(), Configuration())
    gate.check_literal("127.0.0.1")
    with pytest.raises(ForbiddenAddressError):
        gate.check_literal("10.0.0.9")


@contextmanager
def serving(address="127.0.0.1"):
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            body = b"hello"
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer((address, 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"{address}:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        server.server_close()


def through_proxy(gate, *requests):
    """What the proxy answers to each request, sent as raw bytes."""

    async def run():
        proxy = EgressProxy(gate)
        await proxy.start()
        answers = []
        for request in requests:
            reader, writer = await asyncio.open_connection("127.0.0.1", int(proxy.url.rpartition(":")[2]))
            writer.write(request)
            answers.append(await asyncio.wait_for(reader.read(4096), 10))
            if request.startswith(b"CONNECT") and b" 200 " in answers[-1]:
                writer.write(b"GET /inside HTTP/1.0\r\n\r\n")
                answers[-1] += await asyncio.wait_for(reader.read(4096), 10)
            writer.close()
            await writer.wait_closed()
        await proxy.stop()
        return answers

    return asyncio.run(run())


def test_the_proxy_reaches_what_is_named_and_refuses_the_rest():
    with serving() as (ours, asked), serving("127.0.0.2") as (other, secrets):
        answers = through_proxy(
            Gate(frozenset({"127.0.0.1"})),
            f"GET http://{ours}/page?q=1 HTTP/1.1\r\nHost: {ours}\r\nProxy-Connection: keep-alive\r\n\r\n".encode(),
            f"CONNECT {ours} HTTP/1.1\r\nHost: {ours}\r\n\r\n".encode(),
            f"GET http://{other}/ HTTP/1.1\r\nHost: {other}\r\n\r\n".encode(),
            f"CONNECT {other} HTTP/1.1\r\n\r\n".encode(),
            b"GET file:///etc/hostname HTTP/1.1\r\n\r\n",
            b"GET http://169.254.169.254/latest HTTP/1.1\r\n\r\n",
        )
    assert b" 200 " in answers[0] and b" 200 " in answers[1]
    assert asked == ["/page?q=1", "/inside"] and secrets == []
    assert all(answer.startswith(b"HTTP/1.1 403") for answer in answers[2:])


@pytest.mark.parametrize(
    "head", [b"\r\n\r\n", b"GET\r\n\r\n", b"CONNECT x HTTP/1.1\r\n\r\n", b"\x00\xff \x00 \x00\r\n\r\n"]
)
def test_nonsense_does_not_stop_the_proxy(head):
    with serving() as (ours, asked):
        through_proxy(Gate(frozenset({"127.0.0.1"})), head, f"GET http://{ours}/ HTTP/1.1\r\n\r\n".encode())
    assert asked == ["/"]


def test_a_name_that_turns_to_a_private_address_is_not_followed(monkeypatch):
    """The name server answers with a private address, as in DNS rebinding: the proxy connects nowhere."""
    real = socket.getaddrinfo

    def turned(host, port, *args, **kwargs):
        return real("127.0.0.2" if host == "shop.example" else host, port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", turned)
    with serving("127.0.0.2") as (other, secrets):
        port = other.rpartition(":")[2]
        (answer,) = through_proxy(
            Gate(frozenset({"127.0.0.1"})), f"GET http://shop.example:{port}/ HTTP/1.1\r\n\r\n".encode()
        )
    assert answer.startswith(b"HTTP/1.1 403") and secrets == []


def test_a_shop_by_a_name_that_leads_inside_is_not_asked(crawl):
    """Scrapy's own way out: the name of this machine leads to an address that is not public."""
    name = socket.gethostname()
    try:
        inside = not is_public(socket.gethostbyname(name))
    except OSError:
        inside = False
    if not inside:
        pytest.skip("this machine's name leads to no private address")
    with serving("0.0.0.0") as (ours, asked):
        url = f"http://{name}:{ours.rpartition(':')[2]}/"
        crawl.run("shop", "-a", f"start={url}", env={"GIMONITOR_CONTACT": "gi@example.invalid"})
    (record,) = crawl.coverage().values()
    assert asked == [] and record.seen == 0 and record.pages_answered == 0, crawl.log
    assert "private address refused" in record.detail and record.blocked is None, record
    assert "not connected" in crawl.log and crawl.accidents == []


def test_a_link_that_somebody_reported_leads_to_nothing_in_the_own_network(crawl):
    with serving("127.0.0.1") as (ours, asked):
        crawl.run(
            "link",
            "-a",
            f"query=12315 http://127.0.0.1:{ours.rpartition(':')[2]}/",
            env={"GIMONITOR_CONTACT": "gi@example.invalid"},
        )
    (record,) = crawl.coverage().values()
    assert asked == [] and record.failed == 1 and "private address refused" in record.detail, crawl.log


def test_a_request_given_up_half_way_is_closed_on_the_far_side_too():
    async def run():
        ended = asyncio.get_running_loop().create_future()

        async def listen(reader, writer):
            ended.set_result(b"Content-Length: 9" in await reader.read())
            writer.close()

        far = await asyncio.start_server(listen, "127.0.0.1", 0)
        place = f"127.0.0.1:{far.sockets[0].getsockname()[1]}"
        proxy = EgressProxy(Gate(frozenset({"127.0.0.1"})))
        await proxy.start()
        _, writer = await asyncio.open_connection("127.0.0.1", int(proxy.url.rpartition(":")[2]))
        writer.write(f"POST http://{place}/ HTTP/1.1\r\nHost: {place}\r\nContent-Length: 9\r\n\r\n".encode())
        writer.close()
        try:
            return await asyncio.wait_for(ended, 5)
        finally:
            await proxy.stop()
            far.close()

    assert asyncio.run(run())
