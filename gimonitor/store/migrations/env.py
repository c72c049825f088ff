"""Run by Alembic: the migrations work on the connection the caller hands over, in its transaction."""

from __future__ import annotations

from alembic import context
from sqlalchemy.schema import SchemaItem

from gimonitor.store.tables import metadata


def _is_ours(_item: SchemaItem, name: str | None, kind: str, _reflected: bool, _compared: SchemaItem | None) -> bool:
    """The full-text tables differ by engine and are no part of the metadata."""
    return not (kind == "table" and (name or "").startswith(("listing_search", "listing_grams")))


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
    include_object=_is_ours,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
