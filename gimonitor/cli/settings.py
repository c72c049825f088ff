"""`gimonitor settings`: what this installation is set to, and the reference of all settings."""

from __future__ import annotations

import re

import click


@click.group()
def app() -> None:
    """Show the settings in force, or print the reference of all of them."""


@app.command("list")
@click.option("--changed", is_flag=True, help="Only those that are not at their default.")
def list_settings(changed: bool) -> None:
    """Each setting with its value and where that stands. Secrets are shown as set or not, never as they are.

    \b
    Example: gimonitor settings list --changed
    """
    from pydantic import SecretStr

    from gimonitor.configuration import load_settings

    configuration, origins = load_settings()
    for name in type(configuration).model_fields:
        if changed and name not in origins:
            continue
        value = getattr(configuration, name)
        if isinstance(value, SecretStr):
            value = "(set)" if value.get_secret_value() else "(not set)"
        elif isinstance(value, tuple):
            value = ", ".join(_masked(one) for one in value)
        elif isinstance(value, str):
            value = _masked(value)
        click.echo(f"{name} = {value}    [{origins.get(name, 'default')}]")


def _masked(value: str) -> str:
    """A setting without the password that an address in it may hold, before its host or among its options."""
    value = re.sub(r"(://[^/@:]*):[^@]*@", r"\1:***@", value)
    return re.sub(r"([?&][^=&]*(?:password|secret|token|key)[^=&]*=)[^&]*", r"\1***", value, flags=re.IGNORECASE)


@app.command()
def reference() -> None:
    """Print the reference of all settings as Markdown: name, default, meaning.

    \b
    docs/configuration.md is this text; a test keeps it so.
    Example: gimonitor settings reference > docs/configuration.md
    """
    click.echo(reference_text(), nl=False)


def reference_text() -> str:
    """The reference, made from the declarations in `gimonitor.configuration`."""
    from pydantic import SecretStr

    from gimonitor.configuration import PREFIX, Configuration

    rows = []
    for name, field in Configuration.model_fields.items():
        if field.default_factory is not None:
            default = "the user's data folder"
        elif isinstance(field.default, SecretStr) or field.default in ("", (), None):
            default = "–"
        else:
            default = f"`{str(field.default).lower() if isinstance(field.default, bool) else field.default}`"
        kind = "secret" if field.annotation is SecretStr else ""
        rows.append(f"| `{name}` | `{PREFIX}{name.upper()}` | {default} | {kind} | {field.description} |")
    head = (
        "# Settings\n\n"
        "Made by `gimonitor settings reference` from the declarations in the code.\n\n"
        f"A setting comes from the environment, else from the TOML file that `{PREFIX}CONFIG` names (else `gimonitor.toml` "
        "in the current folder), else it is at its default. Lists are comma-separated in the environment and arrays in "
        "TOML. Secrets come from the environment, else from the vault (`gimonitor secrets`), never from the TOML file. An unknown setting is an error. `gimonitor settings list` shows what is in force and where it stands.\n\n"
        "| setting | environment | default | | meaning |\n|---|---|---|---|---|\n"
    )
    return head + "\n".join(rows) + "\n"
