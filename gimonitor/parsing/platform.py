"""Platforms by host, and the marks by which a page of theirs shows that it is no answer; read from `platforms/*.yml`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, ConfigDict

from gimonitor.model.run import BlockKind

ANY = "any"


class Marks(BaseModel):
    """Marks of one kind of page. `url` and `title` hold parts of the address and the title; `code` parts of the raw page
    and `text` words of the readable text; both count only where little is to be read (`code` of fuzzy results: always)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: tuple[str, ...] = ()
    title: tuple[str, ...] = ()
    code: tuple[str, ...] = ()
    text: tuple[str, ...] = ()


class Platform(BaseModel):
    """A platform: its code, its Chinese name, the domains it is served from, and its marks with where they were seen."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    platform: str
    name: str
    hosts: tuple[str, ...] = ()
    blocks: Mapping[BlockKind, Marks] = {}
    source: str


@cache
def load_platforms() -> Mapping[str, Platform]:
    """All platforms by code."""
    files = sorted((Path(__file__).parent / "platforms").glob("*.yml"))
    read = [Platform.model_validate(yaml.safe_load(path.read_text(encoding="utf-8"))) for path in files]
    return {platform.platform: platform for platform in read}


def platform_of(url: str) -> str:
    """The code of the platform that serves `url`, or ""."""
    try:
        host = (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""
    parts = host.split(".")
    return next((code for i in range(len(parts)) if (code := _by_host().get(".".join(parts[i:])))), "")


@cache
def _by_host() -> dict[str, str]:
    return {host: p.platform for p in load_platforms().values() for host in p.hosts}
