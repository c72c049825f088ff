"""`gimonitor store`: make, upgrade and check the database."""

from __future__ import annotations

from pathlib import Path

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


@app.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--keep", type=click.IntRange(1), help="Copies to keep in FOLDER: older ones go once the new one is whole."
)
def backup(folder: Path, keep: int | None) -> None:
    """Copy the store into FOLDER while it is in use, and check the copy. Evidence files are not part of it.

    Beside the copy stands its manifest (….json): the digest of the file and the rows of each table. Keep the two together.

    \b
    Example: gimonitor store backup /srv/backup
             gimonitor store backup --keep 30 /srv/backup
    """
    from gimonitor.configuration import load_configuration
    from gimonitor.store.backup import backup_store, drop_older

    copy = backup_store(load_configuration().store_url, folder)
    click.echo(f"{copy}: written and whole")
    for older in drop_older(copy, keep) if keep else ():
        click.echo(f"{older}: removed, the newest {keep} are kept")


@app.command()
@click.argument("copy", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(copy: Path) -> None:
    """Make the store of a backup, where there is none yet, and check it against its manifest. Nothing is left after a failure.

    A backup of an older version is restored as it is; `gimonitor store upgrade` must follow.

    \b
    Example: gimonitor store restore /srv/backup/gimonitor-20260301T180000Z.sqlite
    """
    from gimonitor.configuration import load_configuration
    from gimonitor.store.backup import restore_store

    restored = restore_store(copy, load_configuration().store_url)
    if restored.rows is None:
        click.echo(f"warning: {copy} has no manifest: that it is what was copied could not be checked", err=True)
    else:
        click.echo(f"{copy}: as it was copied, {restored.rows} rows")
    if restored.is_outdated:
        click.echo(f"restored at schema {restored.schema}; it can be used after: gimonitor store upgrade")
    else:
        click.echo(f"{copy}: restored and whole")
