"""Is the store whole? Every check returns what is wrong in words; nothing is mended here."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, Select, func, select, text

from gimonitor.store.audit import verify_audit
from gimonitor.store.database import Store
from gimonitor.store.tables import decisions, leads, listing_versions, listings, screenings


def check_store(store: Store, anchor: tuple[int, str] | None = None) -> list[str]:
    """Everything wrong with the store, empty when it is whole. `anchor` is a head of the audit kept outside."""
    with store.read() as c:
        problems = list(_engine_problems(c))
        if problems:
            return problems  # nothing else can be believed
        problems += _row_problems(c)
        broken = verify_audit(c, anchor)
        if broken is not None:
            problems.append(f"audit: entry {broken} was changed, added or taken out")
    return problems


def _engine_problems(c: Connection) -> Iterator[str]:
    if c.dialect.name != "sqlite":
        return
    for row in c.exec_driver_sql("PRAGMA integrity_check(20)"):
        if row[0] != "ok":
            yield f"file: {row[0]}"
    for row in c.exec_driver_sql("PRAGMA foreign_key_check"):
        yield f"{row[0]}: row {row[1]} points to a missing row of {row[2]}"


def _row_problems(c: Connection) -> list[str]:
    """Rows that must stand together because one transaction wrote them."""
    v, s, d = listing_versions.c, screenings.c, decisions.c
    indexed: Select[int] = select(func.count()).select_from(text("listing_search"))
    everything: Select[int] = select(func.count()).select_from(listings)
    later = decisions.alias("later")
    latest = select(func.max(later.c.version)).where(later.c.lead_id == leads.c.id).correlate(leads).scalar_subquery()
    counted = (
        (
            "listings without their newest version",
            select(func.count())
            .select_from(
                listings.outerjoin(listing_versions, (v.listing_id == listings.c.id) & (v.number == listings.c.version))
            )
            .where(v.listing_id.is_(None)),
        ),
        (
            "listings without their newest screening",
            select(func.count())
            .select_from(
                listings.outerjoin(screenings, (s.listing_id == listings.c.id) & (s.number == listings.c.screening))
            )
            .where(listings.c.screening > 0, s.listing_id.is_(None)),
        ),
        (
            "leads whose decisions run ahead of them",
            select(func.count())
            .select_from(leads.join(decisions, d.lead_id == leads.c.id))
            .where(d.version > leads.c.version),
        ),
        (
            "leads in another state than their last decision",
            select(func.count())
            .select_from(leads.join(decisions, d.lead_id == leads.c.id))
            .where(d.version == latest, d.state != leads.c.state),
        ),
        (
            "listings missing from the search index, or too many",
            select(func.abs(everything.scalar_subquery() - indexed.scalar_subquery())),
        ),
    )
    found = [(what, c.execute(query).scalar_one()) for what, query in counted]
    return [f"{count} {what}" for what, count in found if count]
