"""`gimonitor share`: sealed files of several machines in one place."""

from __future__ import annotations

import click


@click.command()
@click.argument("way", type=click.Choice(["push", "pull", "both"]), default="both")
def app(way: str) -> None:
    """Put sealed files into the shared place (GIMONITOR_EVIDENCE_URL) and bring those of other machines, checked by SHA-256.

    Only whole files that never change again; nothing is removed on either side. Workers push after each slice by themselves.

    \b
    Example: GIMONITOR_EVIDENCE_URL=s3://bucket/gimonitor gimonitor share pull
    """
    from gimonitor.configuration import load_configuration
    from gimonitor.operations.sharing import pull, push

    configuration = load_configuration()
    if not configuration.evidence_url:
        click.echo("no shared place is set (GIMONITOR_EVIDENCE_URL)")
        return
    for name, does in (("push", push), ("pull", pull)):
        if way in (name, "both"):
            moved = does(configuration)
            click.echo(f"{name}: {moved.files} files, {moved.size / 1e6:.1f} MB")
