"""Platforms by host, and the marks by which a page of theirs shows that it is no answer; read from
rules/platforms/blocks."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from urllib.parse import urlsplit

from gimonitor.model.run import BlockKind
from gimonitor.register.platforms import NamedForm, load_forms, platform_rules
from gimonitor.register.schema import Form

ANY, PRACTICE = "any", "practice"


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
    """rules/platforms/blocks/<id>.yml: a platform by its code, its Chinese name, other names that people write for it, the
    domains it is served from, and its marks with where they were seen."""

    name: str
    names: tuple[str, ...] = ()
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


@lru_cache(maxsize=4096)
def platform_named(text: str) -> str:
    """The code of the platform that people mean by a name, a code or an address of it (淘宝网, JD, www.tmall.com), or ""."""
    return _by_name().get(_plain(text), "") or (
        platform_of(text if "://" in text else f"https://{text}") if "." in text else ""
    )


def known_names() -> str:
    """The names that `platform_named` knows, one a platform, to tell somebody who wrote another."""
    return "、".join(p.name for p in load_platforms().values() if p.id not in (ANY, PRACTICE))


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()


@cache
def _by_name() -> dict[str, str]:
    return {_plain(name): p.id for p in load_platforms().values() if p.id != ANY for name in (p.id, p.name, *p.names)}


def host_of(url: str) -> str:
    """The platform of a shop that is none of the known ones: its host, without `www.`."""
    return (urlsplit(url).hostname or "web").removeprefix("www.")


@cache
def _by_host() -> dict[str, str]:
    return {host: p.id for p in load_platforms().values() for host in p.hosts}
