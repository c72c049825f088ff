"""`gimonitor store`: make, upgrade and check the database."""

from __future__ import annotations

import click


@click.group()
def app() -> None:
    """Create, upgrade and check the database.

    \b
    Example: gimonitor store upgrade
             gimonitor store check
    """


@app.command()
def upgrade() -> None:
    """Create the store, or bring its schema to this version. Safe to repeat; killed half-way, nothing has changed.

    \b
    Example: GIMONITOR_DATABASE_URL=postgresql://gimonitor@db/gimonitor gimonitor store upgrade
    """
    from gimonitor.configuration import load_configuration
    from gimonitor.store.database import migrate_store

    done = migrate_store(load_configuration().store_url)
    if done.before is None:
        click.echo(f"{done.place}: store created, schema {done.after}")
    elif done.before == done.after:
        click.echo(f"{done.place}: already at schema {done.after}, nothing to do")
    else:
        click.echo(f"{done.place}: schema {done.before} upgraded to {done.after}")


@app.command()
def check() -> None:
    """Check the file, the rows that belong together, and the chain of the audit. Exit code 6 when something is wrong.

    \b
    Example: gimonitor store check || mail -s "store damaged" operator
    """
    from gimonitor.configuration import load_configuration
    from gimonitor.errors import StoreError
    from gimonitor.store.audit import audit_head
    from gimonitor.store.check import check_store
    from gimonitor.store.database import open_store

    url = load_configuration().store_url
    with open_store(url) as store:
        problems = check_store(store)
        if problems:
            raise StoreError("the store is not whole:\n" + "\n".join(problems))
        with store.read() as c:
            entries, head = audit_head(c)
    click.echo(f"the store is whole; audit: {entries} entries, head {head}")
