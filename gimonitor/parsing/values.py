"""Small readings shared by all parsers: clean text, money, counts, addresses. Nonsense becomes None, never an exception."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from urllib.parse import urljoin, urlsplit

from gimonitor.text.plain import plain
from gimonitor.text.prices import fen

MAX_MINOR = 10**12  # ten thousand million yuan: anything above is no price
MAX_TEXT = 20_000

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_TAGS = re.compile(r"</?[a-zA-Z][^<>]{0,2000}>")
_SPACES = re.compile(r"[ \t\r\n\u00a0\u3000]+")
_COUNT = re.compile(r"(\d[\d,]*(?:\.\d+)?)\s*(万|千|亿|k|w)?", re.IGNORECASE)
_FACTORS = {"万": 10_000, "w": 10_000, "千": 1_000, "k": 1_000, "亿": 100_000_000, "": 1}
_RANGE = re.compile(r"(\d[\d,.]*)\s*[-~至]\s*[¥￥$]?\s*\d")
_EXPONENT = re.compile(r"\d[eE][+-]?\d")
_AMOUNT = re.compile(r"\d[\d,.'\s]*")


def clean(value: object) -> str:
    """Text without control characters and lone surrogates, white space folded, at most 20,000 characters."""
    if value is None or isinstance(value, bool):
        return ""
    if not isinstance(value, str | int | float):
        return ""
    return _SPACES.sub(" ", _CONTROLS.sub("", str(value))).strip()[:MAX_TEXT]


def untagged(value: object) -> str:
    """As `clean`, of text in which somebody left mark-up: `<br/>`, `<b>`. A lone `<` stays."""
    return clean(_TAGS.sub(" ", value) if isinstance(value, str) else value)


def is_cut(value: object) -> bool:
    """True when `clean` cuts the value."""
    return isinstance(value, str) and len(value) > MAX_TEXT


def minor_units(value: object) -> int | None:
    """Money in 1/100 of its currency: 48, "48.00", "¥1,280.00", "1.2万", "EUR 1.280,50"; of a range the lower end. None for nonsense, negative or absurd."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return _bounded(Decimal(str(value)) * 100) if value == value else None
    text = clean(value)
    if not text or text.startswith("-") or _EXPONENT.search(text):
        return None
    if between := _RANGE.search(plain(text)):
        text = between.group(1)
    marked = fen(text)
    if marked is not None:
        return _bounded(Decimal(marked))
    found = _AMOUNT.search(plain(text))
    if found is None or text[: found.start()].rstrip().endswith("-"):
        return None
    try:
        return _bounded(Decimal(_decimal(found.group())) * 100)
    except InvalidOperation:
        return None


def _decimal(text: str) -> str:
    """`1.280,50` and `1,280.50` as `1280.50`: the last separator followed by one or two digits is the decimal one."""
    text = re.sub(r"[\s']", "", text).strip(".,")
    whole, cents = text, ""
    if found := re.search(r"[.,](\d{1,2})$", text):
        whole, cents = text[: found.start()], "." + found.group(1)
    return re.sub(r"[.,]", "", whole) + cents


def _bounded(amount: Decimal) -> int | None:
    if not amount.is_finite() or amount < 0 or amount > MAX_MINOR:
        return None
    return int(amount.to_integral_value())


def count(value: object) -> int | None:
    """A number as shops show it: 8, "11623人付款", "已售1000+件", "月销1.2万". None where there is none or it is absurd."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if 0 <= value <= MAX_MINOR else None
    found = _COUNT.search(plain(clean(value)))
    if found is None:
        return None
    number = Decimal(found.group(1).replace(",", "")) * _FACTORS[(found.group(2) or "").lower()]
    return int(number) if number <= MAX_MINOR else None


def address(base: str, value: object) -> str:
    """An absolute http(s) address, or "" for anything else (javascript:, data:, file:, mailto:, nonsense)."""
    text = clean(value)
    if not text:
        return ""
    try:
        joined = urljoin(base, text)
        parts = urlsplit(joined)
        host = parts.hostname
    except ValueError:
        return ""
    return joined if parts.scheme in ("http", "https") and host else ""


def addresses(base: str, values: object) -> tuple[str, ...]:
    """Absolute http(s) addresses of a value or list of values, each once, at most 40."""
    items = values if isinstance(values, list | tuple) else [values]
    return tuple(dict.fromkeys(found for item in items if (found := address(base, item))))[:40]
