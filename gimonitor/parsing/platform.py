"""Platforms by host, and the marks by which a page of theirs shows that it is no answer; read from
rules/platforms/blocks."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from urllib.parse import urlsplit

from gimonitor.model.run import BlockKind
from gimonitor.register.platforms import NamedForm, load_forms, platform_rules
from gimonitor.register.schema import Form

ANY = "any"


class Marks(Form):
    """Marks of one kind of page. `status` holds status codes that only this platform means so; `url` and `title` hold parts of the address and the title; `code` parts of the raw page
    and `text` words of the readable text; both count only where little is to be read (`code` of fuzzy results: always).
    `form_title` holds parts of the title that count only on a page that asks for a password and states no product."""

    status: tuple[int, ...] = ()
    url: tuple[str, ...] = ()
    title: tuple[str, ...] = ()
    form_title: tuple[str, ...] = ()
    code: tuple[str, ...] = ()
    text: tuple[str, ...] = ()


class Platform(NamedForm):
    """rules/platforms/blocks/<id>.yml: a platform by its code, its Chinese name, the domains it is served from, and its
    marks with where they were seen."""

    name: str
    hosts: tuple[str, ...] = ()
    blocks: Mapping[BlockKind, Marks] = {}
    source: str


@cache
def load_platforms() -> Mapping[str, Platform]:
    """All platforms by code. Raises RulesError with every issue."""
    return load_forms(platform_rules("blocks"), Platform)


def platform_of(url: str) -> str:
    """The code of the platform that serves `url`, or ""."""
    try:
        host = (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""
    parts = host.split(".")
    return next((code for i in range(len(parts)) if (code := _by_host().get(".".join(parts[i:])))), "")


def host_of(url: str) -> str:
    """The platform of a shop that is none of the known ones: its host, without `www.`."""
    return (urlsplit(url).hostname or "web").removeprefix("www.")


@cache
def _by_host() -> dict[str, str]:
    return {host: p.id for p in load_platforms().values() for host in p.hosts}
