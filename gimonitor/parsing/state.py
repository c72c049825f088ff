"""Values that pages keep in their scripts, and safe ways into nested data of unknown shape."""

from __future__ import annotations

import json
import re

_DECODER = json.JSONDecoder(strict=False)


def inline_json(text: str, marker: str) -> object:
    """The object literal behind the first `marker` (e.g. "g_page_config = "), read as JSON, else as JavaScript.

    None when the marker or a readable object is not there.
    """
    start = text.find(marker)
    if start < 0:
        return None
    begin = text.find("{", start + len(marker.rstrip("{ ")))
    if begin < 0:
        return None
    try:
        return _DECODER.raw_decode(text, begin)[0]
    except (ValueError, RecursionError):
        pass
    import chompjs

    try:
        return chompjs.parse_js_object(text[begin : begin + 3_000_000])
    except (ValueError, RecursionError):
        return None


def dig(value: object, *path: str | int) -> object:
    """The value at a path of keys and indexes, or None where the path leads nowhere."""
    for step in path:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and -len(value) <= step < len(value):
            value = value[step]
        else:
            return None
    return value


def rows(value: object, *path: str | int) -> list[dict[str, object]]:
    """The objects in the list at a path; whatever else stands there is left out."""
    found = dig(value, *path)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def assigned(text: str, name: str) -> str:
    """The string or number that a script assigns to `name`: `shopId : '64592671'`, `itemId:"605258110430"`, with \\u escapes."""
    found = re.search(
        rf"\b{re.escape(name)}[\"']?\s*[:=]\s*(?:'((?:[^'\\]|\\.){{0,500}})'|\"((?:[^\"\\]|\\.){{0,500}})\"|(\d{{1,30}}))",
        text,
    )
    if found is None:
        return ""
    raw = found.group(1) or found.group(2) or found.group(3) or ""
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m.group(1), 16)), raw)


def unlabelled(texts: list[str]) -> tuple[tuple[str, str], ...]:
    """Rows like `产地：山东` or `品牌:&nbsp;KBDfans` as pairs."""
    pairs = []
    for text in texts:
        name, mark, value = text.replace("：", ":", 1).partition(":")
        if mark and name.strip() and value.strip():
            pairs.append((name.strip(), value.strip()))
    return tuple(dict.fromkeys(pairs))


def named(attributes: tuple[tuple[str, str], ...], *names: str) -> str:
    """The first attribute with one of these names, "" when there is none."""
    found = dict(reversed(attributes))
    return next((found[name] for name in names if name in found), "")
