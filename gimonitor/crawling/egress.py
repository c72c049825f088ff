"""The one way out of a crawl: nothing is connected to at a private, local or reserved address, whatever a page, a redirect or a
name server says, except hosts that the operator named. The address that was checked is the one that is connected to."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

from gimonitor.configuration import Configuration
from gimonitor.crawling.hosts import domain_of
from gimonitor.evidence.loopback import Ends, LoopbackServer, both_ways, connected, pass_on

log = logging.getLogger(__name__)

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
BODY = 32 << 20  # of one answer through the proxy
SECONDS = 60


OWN_NAMES = frozenset({"localhost", "localdomain", "local", "internal", "lan", "home", "corp", "arpa"})
"""Last parts of names that no name server of the open internet knows a host under.

Source: RFC 6761, RFC 6762, RFC 8375, ICANN Board resolution 2024.07.29.06 (`internal`); `lan`, `home` and `corp` by custom."""
_WITHIN = tuple(map(ipaddress.IPv6Network, ("::/96", "::ffff:0:0:0/96", "64:ff9b::/96")))
"""IPv6 networks whose last 32 bits are an IPv4 address: compatible (RFC 4291), translated (RFC 2765), NAT64 (RFC 6052)."""
_LOCAL_NAT64 = ipaddress.IPv6Network("64:ff9b:1::/48")  # RFC 8215: each network's own


class ForbiddenAddressError(IgnoreRequest):
    """Raised instead of connecting to an address that nobody on the outside should lead us to."""


def is_public(address: str) -> bool:
    """True for an address of the open internet. An IPv4 address inside an IPv6 one counts as itself."""
    try:
        found = ipaddress.ip_address(address.strip("[]").partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        if found.is_site_local or found in _LOCAL_NAT64:
            return False
        found = found.ipv4_mapped or found.sixtofour or _within(found) or found
    return found.is_global and not found.is_multicast


def _within(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    is_inside = int(address) > 1 and any(address in network for network in _WITHIN)
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if is_inside else None


def is_own_name(host: str) -> bool:
    """True for a name that can only be of somebody's own network: `localhost.`, `nas.local`, one without a dot."""
    last = host.rstrip(".").lower().rpartition(".")
    return not last[0] or last[2] in OWN_NAMES


@dataclass(slots=True)
class Gate:
    """What a crawl may connect to: the open internet, and the hosts in `named`, which the operator gave (a practice server,
    an API's practice endpoint, a shop in the own network)."""

    named: frozenset[str] = frozenset()
    refused: list[str] = field(default_factory=list)

    def check(self, host: str, address: str) -> str:
        """Return `address` when `host` may be reached there. Raises ForbiddenAddressError."""
        if is_public(address) or host in self.named:
            return address
        if len(self.refused) < 100:
            self.refused.append(host)
        raise ForbiddenAddressError(f"{host} leads to {address}, which is no public address: not connected")

    def check_literal(self, host: str) -> None:
        """Check a host that is an address itself, in whatever notation the system reads (2130706433, 0x7f.1, ::1), or a name of
        the own network."""
        bare = host.strip("[]").rstrip(".")
        try:
            address = str(ipaddress.ip_address(bare.partition("%")[0]))
        except ValueError:
            try:
                address = socket.inet_ntoa(socket.inet_aton(bare))
            except OSError:
                if not is_own_name(bare):
                    return  # checked when it is resolved
                address = bare
        self.check(bare, address)

    async def resolve(self, host: str, port: int) -> str:
        """An address of `host` that may be connected to. Raises ForbiddenAddressError or OSError."""
        self.check_literal(host)
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
        return self.check(host, str(found[0][4][0]))


class GuardedResolver(CachingThreadedResolver):
    """Scrapy's resolver, which passes on only addresses that may be connected to. `gate` is the crawl's."""

    gate = Gate()

    def getHostByName(self, name: str, timeout: tuple[int, ...] = ()) -> Deferred[str]:  # type: ignore[override]  # Sequence
        """As Scrapy's; a name that leads inside is not found, and noted in the gate."""
        found: Deferred[str] = super().getHostByName(name, timeout)
        return found.addCallback(self._checked, name)

    def _checked(self, address: str, name: str) -> str:
        try:
            return self.gate.check(name, address)
        except ForbiddenAddressError as error:
            raise DNSLookupError(str(error)) from error


def gate_of(crawler: Crawler, configuration: Configuration) -> Gate:
    """The gate of a crawl. Private hosts are those that an operator named, in the settings or when starting the spider
    (`named_hosts`), never those that a page or a stored listing names. Where no contact is set nobody outside is asked, and
    this machine may be; so it may from `scrapy shell`.
    """
    spider = crawler.spider
    named = {domain_of(url) for url in (configuration.practice_url, *configuration.shop_urls) if url}
    named |= set(getattr(spider, "named_hosts", ()))
    if not configuration.contact or not hasattr(spider, "named_hosts"):
        named |= LOOPBACK
    gate = Gate(frozenset(host.strip("[]") for host in named if _is_address(host)))
    GuardedResolver.gate = gate
    return gate


def _is_address(domain: str) -> bool:
    """An operator's own host is written as an address; a name has to lead to the open internet, or it could be turned later."""
    bare = domain.strip("[]")
    try:
        ipaddress.ip_address(bare)
    except ValueError:
        return bare == "localhost"
    return True


class EgressProxy:
    """A proxy on loopback for Chromium, whose own ways out no filter of requests sees whole. HTTP and CONNECT, one request a
    connection, bounded in bytes and time."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._server = LoopbackServer(self._serve)

    @property
    def url(self) -> str:
        """Where it listens. Only after `start`."""
        return f"http://127.0.0.1:{self._server.port}"

    async def start(self) -> None:
        """Listen on a free port."""
        await self._server.start()

    async def stop(self) -> None:
        """Stop listening, and end what is under way."""
        await self._server.stop()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
                await self._answer(head, reader, writer)
        except ForbiddenAddressError as error:
            log.warning("%s", error)
            with suppress(OSError):
                writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                await writer.drain()
        except (OSError, ValueError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            log.debug("a connection of Chromium's ended early", exc_info=True)

    async def _answer(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line, _, rest = head.partition(b"\r\n")
        method, target, version = line.split(b" ", 2)
        if method == b"CONNECT":
            host, _, port = target.decode("ascii").rpartition(":")
            async with await self._connect(host, int(port)) as far:
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                await both_ways((reader, writer), far, BODY)
            return
        parts = urlsplit(target.decode("latin-1"))
        if parts.scheme != "http" or not parts.hostname:
            raise ForbiddenAddressError(f"{target[:200]!r} is no address that a page may ask for")
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        async with await self._connect(parts.hostname, parts.port or 80) as (far_reader, far_writer):
            far_writer.write(b" ".join((method, path.encode("latin-1"), version)) + b"\r\n" + _closing(rest))
            far_writer.write(await reader.readexactly(_length(rest)))
            await far_writer.drain()
            await pass_on(far_reader, writer, BODY)

    async def _connect(self, host: str, port: int) -> AbstractAsyncContextManager[Ends]:
        return connected(await self._gate.resolve(host, port), port)


def _closing(headers: bytes) -> bytes:
    """The headers without what belongs to the proxy's connection, and with `Connection: close`."""
    kept = [
        line for line in headers.split(b"\r\n") if line and not line.lower().startswith((b"proxy-", b"connection:"))
    ]
    return b"\r\n".join([*kept, b"Connection: close", b"", b""])


def _length(headers: bytes) -> int:
    for line in headers.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
            if not 0 <= length <= 1 << 20:
                raise ValueError(f"a request of {length} bytes is not sent on")
            return length
    return 0
