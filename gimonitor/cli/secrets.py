"""`gimonitor secrets`: API keys, mail password and robots' addresses, encrypted in the data folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TextIO

import click


@click.group()
def app() -> None:
    """Keep API keys, the mail password and robots' addresses encrypted (secrets.enc in the data folder).

    \b
    The file is TOML: secret settings at the top, API keys in tables.
      smtp_password = "…"
      [jd_union]
      key = "…"
      secret = "…"
    Its key is outside the data folder; keep a copy of it elsewhere: without it nothing opens the file again.
    """


@app.command("list")
def list_secrets() -> None:
    """Names of what is kept, never the values.

    \b
    Example: gimonitor secrets list
    """
    from gimonitor.configuration import load_configuration
    from gimonitor.vault import read_vault

    for name, value in read_vault(load_configuration().data_dir, os.environ).items():
        click.echo(f"[{name}] {', '.join(value)}" if isinstance(value, dict) else name)


@app.command()
def edit() -> None:
    """Open the text in $EDITOR and keep what was saved. The open text is in a file that only you can read, removed after.

    \b
    Example: EDITOR=nano gimonitor secrets edit
    """
    from gimonitor.configuration import load_configuration
    from gimonitor.vault import read_vault_text

    before = read_vault_text(load_configuration().data_dir, os.environ)
    after = click.edit(before, extension=".toml", require_save=True)
    if after is None or after == before:
        click.echo("nothing changed")
        return
    _keep(after)


@app.command("import")
@click.argument("file", type=click.File("r", encoding="utf-8"))
def import_file(file: TextIO) -> None:
    """Keep the text of FILE (- for standard input) in place of what was there; the file itself stays: remove it.

    \b
    Example: gimonitor secrets import - < secrets.toml
    """
    _keep(file.read())


@app.command("renew-key")
def renew() -> None:
    """Encrypt with a new key; the old one opens nothing any more.

    \b
    Example: gimonitor secrets renew-key
    """
    from gimonitor.configuration import load_configuration
    from gimonitor.vault import renew_key

    click.echo(f"encrypted with a new key: {renew_key(load_configuration().data_dir, os.environ)}")


@app.command("new-key")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def new_key(file: Path) -> None:
    """Make a key in FILE, where there is none: for services, which name it in GIMONITOR_VAULT_KEY_FILE or are given it as a
    credential. Keep a copy of it elsewhere.

    \b
    Example: gimonitor secrets new-key /etc/gimonitor/vault.key
    """
    from gimonitor.configuration import load_configuration
    from gimonitor.errors import ConfigurationError
    from gimonitor.vault import is_within, make_key

    folder = load_configuration().data_dir
    if is_within(file, folder):
        raise ConfigurationError(f"{file}: a key does not belong in the data folder, beside what it opens")
    make_key(file)
    click.echo(f"a new key: {file}")


def _keep(text: str) -> Path:
    from gimonitor.configuration import check_secrets, load_configuration
    from gimonitor.vault import parse, write_vault

    check_secrets(parse(text, "secrets"))
    path = write_vault(load_configuration().data_dir, text, os.environ)
    click.echo(f"kept, encrypted: {path}")
    return path
