"""Display names by login."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import Connection

from gimonitor.store import people


def names_of(c: Connection) -> dict[str, str]:
    """The name that screens show for each login, with the login where another bears the same; the store's own entries are
    the system's."""
    known = people.list_people(c)
    bearers = Counter(person.name for person in known)
    names = {p.login: p.name if bearers[p.name] == 1 else f"{p.name}（{p.login}）" for p in known}
    return names | {"system": "系统"}
