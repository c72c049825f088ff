"""Which goods an address names: the platform and its own item number, by which whatever is told of them meets."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from gimonitor.model.listing import Listing
from gimonitor.parsing.platform import platform_of


def item_of(url: str) -> tuple[str, str] | None:
    """(platform, item id) of a goods' address as that platform's own parsers and API say them, or None.

    `https://item.jd.com/100012043978.html` → `("jd", "100012043978")`; Shopee's is `shop.item`.
    """
    platform = platform_of(url)
    patterns = _patterns().get(platform)
    if not patterns:
        return None
    parts = urlsplit(url)
    text = f"{(parts.hostname or '').lower()}{parts.path}?{parts.query}"
    found = next((hit for pattern in patterns if (hit := pattern.match(text))), None)
    return (platform, ".".join(found.groups())) if found else None


def other_goods(url: str, listings: Sequence[Listing]) -> str:
    """What to say where a page's address names goods that are none of those it shows; "" where they agree or it names none.

    Two platforms that share one series of numbers agree; what is known only by made-up numbers is not judged.
    """
    named = item_of(url)
    own = [one for one in listings if not one.parser.startswith("product@")]
    if named is None or not own:
        return ""
    platforms = one_numbering(named[0]) or named[:1]
    if any(one.platform in platforms and one.item_id == named[1] for one in own):
        return ""
    shown = ", ".join("/".join(one.key) for one in own[:3])
    return f"the address names {'/'.join(named)}, the page shows {shown}: is it the address it was saved from?"


@cache
def one_numbering(platform: str) -> tuple[str, ...]:
    """The platforms that share the item numbers of this one, itself among them; () where it shares them with none."""
    return next((group for group in _numberings() if platform in group), ())


@cache
def _numberings() -> tuple[tuple[str, ...], ...]:
    return tuple(map(tuple, yaml.safe_load(Path(__file__).with_name("numberings.yml").read_text(encoding="utf-8"))))


@cache
def _patterns() -> dict[str, tuple[re.Pattern[str], ...]]:
    told = yaml.safe_load(Path(__file__).with_name("items.yml").read_text(encoding="utf-8"))
    return {platform: tuple(map(re.compile, patterns)) for platform, patterns in told.items()}
