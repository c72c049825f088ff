"""A web address as somebody wrote it down: checked, and written as it is asked."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit, urlunsplit

from gimonitor.errors import InputError

LONGEST = 4000


def web_address(text: str) -> str:
    """`HTTP://Shop.Example/A` → `http://shop.example/A`: scheme and host in the one way of writing them, the rest as it stands.

    Raises InputError, which says what is wrong and shows no password, for what is no address that may be asked.
    """
    link = text.strip()
    try:
        parts = urlsplit(link)
        why = _why_not(link, parts)
        if not why:
            return urlunsplit(parts._replace(netloc=_plain_netloc(parts)))
    except ValueError as error:  # of a port or a host that is none; UnicodeError is one
        why = f"no address ({error})"
    raise InputError(f"{why}: {_shown(link)!r}")


def _why_not(link: str, parts: SplitResult) -> str:
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return "no http(s) address"
    if parts.username is not None:
        return "a link with a name or a password in it is not asked"
    if len(link) > LONGEST:
        return f"a link of more than {LONGEST} characters"
    if any(c.isspace() or not c.isprintable() for c in link):
        return "a link with white space in it"
    return ""


def _plain_netloc(parts: SplitResult) -> str:
    host = (parts.hostname or "").encode("idna").decode("ascii").lower() if ":" not in (parts.hostname or "") else ""
    port = "" if parts.port is None else f":{parts.port}"
    return f"{host or f'[{parts.hostname}]'}{port}"


def _shown(link: str) -> str:
    """The link for a message, without what stands before an `@` in its host."""
    before, at, rest = link.partition("@")
    scheme, mark, _ = before.partition("://")
    return (f"{scheme}{mark}…@{rest}" if at and mark else link)[:200]
