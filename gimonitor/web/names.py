"""Display names by login."""

from __future__ import annotations

from sqlalchemy import Connection

from gimonitor.store import people


def names_of(c: Connection) -> dict[str, str]:
    """The name that screens show for each login; the store's own entries are the system's."""
    return {person.login: person.name for person in people.list_people(c)} | {"system": "系统"}
