"""Rows of a table that somebody else made (a contractor, an association, 12315) as listings. Pure: rows in, listings out."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path

import yaml

from gimonitor.errors import InputError
from gimonitor.model.listing import Listing, Shop, Subject
from gimonitor.model.validity import why_invalid
from gimonitor.model.zone import BEIJING
from gimonitor.parsing.items import item_of
from gimonitor.parsing.personal import without_people
from gimonitor.parsing.platform import platform_named, platform_of
from gimonitor.tables import Row
from gimonitor.text.prices import STATED, fen, is_plain

PARSER = "table@4"
_ABSURD = 10**12  # fen
_SIGN_IN = re.compile(r"^[^/?#]*@")
_LISTS = frozenset({"attributes", "images", "keywords"})  # fields that may be written as a JSON list


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """A row that became no listing: its number in the file, why, and what it held."""

    number: int
    reason: str
    cells: Mapping[str, str]


@cache
def _synonyms() -> dict[str, str]:
    named = yaml.safe_load(Path(__file__).with_name("table_columns.yml").read_text(encoding="utf-8"))
    return {_plain(heading): field for field, headings in named.items() for heading in headings}


def field_names() -> tuple[str, ...]:
    """The fields a column can be mapped to."""
    return tuple(dict.fromkeys(_synonyms().values()))


def _plain(heading: str) -> str:
    return "".join(heading.split()).casefold()


def map_columns(header: Iterable[str], given: Mapping[str, str]) -> dict[str, str]:
    """Return {heading: field}. `given` maps headings to fields and goes before the known headings.

    Raises InputError when `given` names a heading or field that is not there, or no column holds the title.
    """
    header = tuple(header)
    unknown = [f"no column {h!r}" for h in given if header and h not in header]
    unknown += [
        f"no field {f!r} (there are: {', '.join(field_names())})" for f in given.values() if f not in field_names()
    ]
    if unknown:
        raise InputError("column map: " + "; ".join(unknown))
    columns = dict(given)
    for heading in header:
        field = _synonyms().get(_plain(heading))
        if field and heading not in columns and field not in columns.values():
            columns[heading] = field
    if header and "title" not in columns.values():
        raise InputError(
            f"no column holds the title; headings: {', '.join(header)}; map one, e.g. --column 品名=title"
            " (headings that nobody wrote: save the file as UTF-8)"
        )
    return columns


def parse_rows(
    rows: Iterable[Row],
    columns: Mapping[str, str],
    *,
    source: str,
    platform: str,
    given: Mapping[str, str] | None = None,
) -> Iterator[Listing | Reject]:
    """Turn each row into a Listing or a Reject, in order; nothing is left out.

    `platform` is used where the row names none; where that is no known one, the host of the link tells it, else it stays as
    it is written; `given` is the user's column map for rows without a header (JSON Lines).
    A row without an item id has the one that its link names on a marketplace, and that platform: so it meets the same goods
    from an API or a saved page. Else it is keyed by its link, else by title and shop, to be found again. A row whose price
    is none (面议, -5) is taken without one, as a crawl takes such a page. Its words stay as the attribute `STATED`, as do
    those of any price that is more than a number: 9元/斤, 10-200.
    """
    for row in rows:
        if row.problem:
            yield Reject(number=row.number, reason=row.problem, cells=row.cells)
            continue
        mapped = columns or map_columns_of(row, given or {})
        lists = [name for name in row.nested if mapped.get(name, "attributes") not in _LISTS]
        if lists:
            yield Reject(number=row.number, reason=f"{lists[0]!r} is a list or an object, not a text", cells=row.cells)
            continue
        told = [(field, row.cells.get(heading)) for heading, field in mapped.items() if heading not in row.errors]
        values = {field: text for field, text in told if text}
        if row.links:
            values |= _linked(row, mapped)
        try:
            listing = without_people(_listing(values, source, platform))
        except ValueError as error:
            yield Reject(number=row.number, reason=str(error), cells=row.cells)
            continue
        reason = why_invalid(listing)
        yield Reject(number=row.number, reason=reason.replace("_", " "), cells=row.cells) if reason else listing


def _linked(row: Row, mapped: Mapping[str, str]) -> dict[str, str]:
    """Addresses behind cells that show words: of the goods' link, or else of the title; and of the shop's link."""
    behind = {field: row.links[heading] for heading, field in mapped.items() if heading in row.links}
    shown = {field: row.cells.get(heading, "") for heading, field in mapped.items() if heading not in row.errors}
    found: dict[str, str] = {}
    for field in ("url", "shop_url"):
        if field in behind and "//" not in shown.get(field, ""):
            found[field] = behind[field]
    if "title" in behind and not shown.get("url") and "url" not in found:
        found["url"] = behind["title"]
    return found


def map_columns_of(row: Row, given: Mapping[str, str]) -> dict[str, str]:
    """The column map of one row that has its own names (JSON Lines)."""
    columns = {name: _synonyms()[_plain(name)] for name in row.cells if _plain(name) in _synonyms()}
    return columns | {name: field for name, field in given.items() if name in row.cells}


def _listing(values: Mapping[str, str], source: str, platform: str) -> Listing:
    title = values.get("title", "").strip()
    stated = values.get("price", "").strip()
    price = _price(stated)
    in_words = ((STATED, stated[:100]),) if stated and (price is None or not is_plain(stated)) else ()
    url, own = _url(values.get("url", "")), values.get("item_id", "")
    named = None if own else item_of(url)
    written = values.get("platform", platform).strip()
    told = platform_named(written) or platform_of(url) or written
    platform, item_id = named or (told, own or _made_id({**values, "url": url} if "@" in url else values))
    return Listing(
        platform=platform,
        item_id=item_id,
        title=title,
        url=url,
        subtitle=values.get("subtitle", ""),
        attributes=_attributes(values.get("attributes", "")) + in_words,
        description=values.get("description", ""),
        keywords=_words(values.get("keywords", "")),
        brand=values.get("brand", ""),
        shop=_shop(values),
        origin=values.get("origin", ""),
        ship_from=values.get("ship_from", ""),
        category=values.get("category", ""),
        price_fen=price,
        currency=values.get("currency", "CNY"),
        specification=values.get("specification", ""),
        sales=_sales(values.get("sales", "")),
        image_urls=_images(values.get("images", "")),
        source=source,
        observed_at=_time(values.get("observed_at", "")),
        parser=PARSER,
        missing=tuple(
            f
            for f in ("url", "price", "shop", "origin")
            if f not in values or (f == "price" and stated and price is None)
        ),
    )


def _made_id(values: Mapping[str, str]) -> str:
    parts = [values["url"]] if values.get("url") else [values.get(f, "") for f in ("title", "shop")]
    return "row-" + hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:24]


def _url(text: str) -> str:
    """A link as it is kept: with its scheme in small letters, without a name or a password in it."""
    if not text:
        return ""
    scheme, mark, rest = ("https", "://", text[2:]) if text.startswith("//") else text.partition("://")
    if not mark or scheme.lower() not in ("http", "https"):
        raise ValueError(f"the link is no http(s) address: {text[:80]}")
    return f"{scheme.lower()}://{_SIGN_IN.sub('', rest) if '@' in rest else rest}"


def _attributes(text: str) -> tuple[tuple[str, str], ...]:
    """Accept JSON pairs or an object, or `名称:值` separated by semicolons or line breaks."""
    if not text:
        return ()
    if text.startswith(("[", "{")):
        try:
            value = json.loads(text)
        except ValueError as error:
            raise ValueError(f"attributes are no JSON: {error}") from error
        pairs = value.items() if isinstance(value, dict) else value
        try:
            return tuple((str(name), str(content)) for name, content in pairs)
        except (TypeError, ValueError) as error:
            raise ValueError("attributes are no list of pairs") from error
    parts = text.replace("；", ";").replace("\n", ";").replace("：", ":").split(";")
    return tuple((n.strip(), v.strip()) for n, _, v in (p.partition(":") for p in parts) if v.strip())


def _shop_url(text: str) -> str:
    """As `_url`; what is no address stays as it is written."""
    try:
        return _url(text)
    except ValueError:
        return text


def _shop(values: Mapping[str, str]) -> Shop | None:
    name, company = values.get("shop", ""), values.get("subject", "")
    if not (name or company):
        return None
    subject = Subject(name=company, uscc=values.get("uscc", "")) if company or values.get("uscc") else None
    return Shop(
        name=name or company,
        shop_id=values.get("shop_id", ""),
        url=_shop_url(values.get("shop_url", "")),
        subject=subject,
    )


@lru_cache(maxsize=4096)  # a table has far fewer prices and sales than rows
def _price(text: str) -> int | None:
    value = fen(text)
    return value if value is not None and value < _ABSURD else None


@lru_cache(maxsize=4096)
def _sales(text: str) -> int | None:
    """The number in `11623人付款`, `1.2万+` or `500`; None where there is none."""
    digits = "".join(c for c in text if c.isdigit() or c == ".").strip(".")
    if not digits:
        return None
    try:
        return int(float(digits) * (10_000 if "万" in text else 1))
    except (ValueError, OverflowError):
        return None


def _words(text: str) -> tuple[str, ...]:
    if not text:
        return ()
    if text.startswith("["):
        try:
            return tuple(str(word) for word in json.loads(text))
        except ValueError:
            pass
    return tuple(word.strip() for word in text.replace("，", ",").split(",") if word.strip())


def _images(text: str) -> tuple[str, ...]:
    if not text:
        return ()
    if text.startswith("["):
        try:
            return tuple(str(u) for u in json.loads(text))
        except ValueError:
            return ()
    return tuple(u for u in text.replace("\n", ",").replace(";", ",").split(",") if u.strip())


def _time(text: str) -> datetime | None:
    """A time without zone is Beijing's. Raises ValueError for what is no time."""
    if not text:
        return None
    try:
        time = datetime.fromisoformat(text.replace("/", "-"))
    except ValueError as error:
        raise ValueError(f"no time: {text[:40]!r}") from error
    return (time if time.tzinfo else time.replace(tzinfo=BEIJING)).astimezone(UTC)
