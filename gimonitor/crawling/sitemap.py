"""Sitemaps (sitemaps.org): plain or gzipped, told by their content; what in them is no address of the shop is left out and said."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from urllib.parse import urlsplit

from scrapy.http import Response
from scrapy.utils.gz import gunzip, gzip_magic_number
from scrapy.utils.sitemap import Sitemap

from gimonitor.errors import InputError
from gimonitor.parsing import ParsedPage

MAX_BYTES = 52_428_800
"""What the protocol allows a sitemap to be, unzipped."""

_HEAD = 2000
INDEX = "sitemapindex@1"
"""The parser of an index, whose links are sitemaps."""
_ROOTS = (b"<urlset", b"<sitemapindex")
_LEFT_OUT = "{} addresses of {} left out, {}: {}"


def is_sitemap(response: Response) -> bool:
    """True for a sitemap, a sitemap index, and whatever is sent as a gzip file."""
    return gzip_magic_number(response) or any(root in response.body[:_HEAD] for root in _ROOTS)


def read_sitemap(response: Response, hosts: Collection[str]) -> ParsedPage:
    """The addresses of a sitemap that lie on `hosts`; those of an index lead to more sitemaps. Notes count what was left out.

    Raises InputError when it is no sitemap, cannot be read, or is too large.
    """
    sitemap = _parsed(_unzipped(response), response.url)
    stated = [entry.get("loc", "") for entry in sitemap]
    errors = sitemap.xmliter.error_log.filter_from_errors()
    if errors and not stated:
        raise InputError(f"{response.url}: no readable sitemap: {errors[0].message[:150]}")
    notes = [f"{response.url} is damaged, read as far as it goes: {errors[0].message[:100]}"] if errors else []
    if b"<!ENTITY" in response.body:
        notes.append(f"entities are not read, addresses with them lack that part: {response.url}")
    addressed = {url: host for url in dict.fromkeys(stated) if (host := _host(url))}
    bad = [url for url in stated if url not in addressed]
    away = [host for host in addressed.values() if not _is_on(host, hosts)]
    notes += _left_out(bad, response.url, "no web address") + _left_out(away, response.url, "on other hosts")
    links = tuple(url for url, host in addressed.items() if _is_on(host, hosts))
    parser = INDEX if sitemap.type == "sitemapindex" else "sitemap@1"
    return ParsedPage(links=links, parser=parser, notes=tuple(notes))


def _unzipped(response: Response) -> bytes:
    if not gzip_magic_number(response):
        return response.body
    try:
        return gunzip(response.body, max_size=MAX_BYTES)
    except (ValueError, OSError, EOFError) as error:
        raise InputError(
            f"{response.url}: not unzipped, damaged or more than {MAX_BYTES >> 20} MiB: {error}"
        ) from error


def _parsed(body: bytes, url: str) -> Sitemap:
    if not any(root in body[:_HEAD] for root in _ROOTS):
        raise InputError(f"{url}: no sitemap")
    try:
        return Sitemap(body)
    except (ValueError, StopIteration, SyntaxError) as error:
        raise InputError(f"{url}: no readable sitemap: {error}") from error


def _host(url: str) -> str:
    """The host of a web address, "" where it is none."""
    try:
        parts = urlsplit(url)
        return (parts.hostname or "").lower() if parts.scheme in ("http", "https") else ""
    except ValueError:
        return ""


def _is_on(host: str, hosts: Collection[str]) -> bool:
    return any(host == one or host.endswith(f".{one}") for one in hosts)


def _left_out(what: Sequence[str], url: str, why: str) -> list[str]:
    shown = ", ".join(dict.fromkeys(one[:40] or "(empty)" for one in what[:3]))
    return [_LEFT_OUT.format(len(what), url, why, shown)] if what else []
