"""Hosts: which ones are this machine, which belong to one site, how fast each may be asked."""

from __future__ import annotations

import ipaddress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, ConfigDict, Field

from gimonitor.errors import ConfigurationError

if TYPE_CHECKING:
    from tldextract import TLDExtract

MIN_DELAY = 1.0  # seconds; a faster host needs a named reason in the data file
NO_BOUND = 10**9  # pages
PRIVATE = "private address refused"
"""Words for an address inside somebody's own network, asked for or led to, as records have them."""


class Pace(BaseModel):
    """How fast a site may be asked: seconds between requests, how many at a time, how many pages a day (None for an API, where
    the calls of the key bound it), between which hours of Beijing (`22:00-07:00`; empty: always). `reason` for a fast one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    delay: float = Field(ge=0)
    concurrency: int = Field(default=1, ge=1, le=16)
    daily_pages: int | None = Field(default=2000, ge=1)
    hours: str = Field(default="", pattern=r"^$|^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$")
    reason: str = ""

    def left(self, asked: int) -> int:
        """Pages left of a day on which so many were asked."""
        return NO_BOUND if self.daily_pages is None else max(0, self.daily_pages - asked)


class Paces(BaseModel):
    """The data file of paces."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    default: Pace
    hosts: dict[str, Pace] = {}


@cache
def load_paces() -> Paces:
    """Read `politeness.yml`."""
    text = Path(__file__).with_name("politeness.yml").read_text(encoding="utf-8")
    return Paces.model_validate(yaml.safe_load(text))


@cache
def _suffixes() -> TLDExtract:
    import tldextract  # with an HTTP client of its own, which is never used

    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)  # the list in the package: nobody is asked


@cache
def site_of(host: str) -> str:
    """The registrable domain of a host (`item.jd.com` → `jd.com`); an address or a bare name is its own site."""
    return _suffixes()(host).top_domain_under_public_suffix or host


def pace_of(host: str) -> Pace:
    """The pace of a host's site."""
    paces = load_paces()
    return paces.hosts.get(host) or paces.hosts.get(site_of(host)) or paces.default


def is_loopback(host: str) -> bool:
    """True for this machine."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def domain_of(url: str) -> str:
    """The host of an address, for `allowed_domains`. Raises ConfigurationError when there is none."""
    host = urlsplit(url).hostname if url.lower().startswith(("http://", "https://")) else None
    if not host:
        raise ConfigurationError(f"no http(s) address: {url!r}")
    return host
