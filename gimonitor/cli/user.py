"""`gimonitor user`: who may log in to the officers' application."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TextIO

import click

from gimonitor.configuration import load_configuration
from gimonitor.errors import InputError, NotFoundError

ROLES = ("officer", "approver", "operator", "auditor", "leader", "model_author")


@click.group()
def app() -> None:
    """Add officers and change their roles.

    \b
    Roles: officer 审核员, approver 审批人, operator 运维员, auditor 审计员, leader 负责人, model_author 模型编写人.
    A person may have several. There is no account until one is added here.

    \b
    Examples:
      gimonitor user add zhangsan --name 张三 --role officer
      gimonitor user add lisi --role officer --role approver --password-file secret.txt
      gimonitor user list
      gimonitor user disable zhangsan
      gimonitor user enable zhangsan
      gimonitor user role zhangsan --role officer --role approver
      gimonitor user password zhangsan
      gimonitor user area zhangsan --area 3205
      gimonitor user token zhangsan --name 省平台
      gimonitor user tokens zhangsan
      gimonitor user revoke zhangsan 3
    """


@app.command()
@click.argument("login")
@click.option("--name", default="", help="Name on screens and in papers; default: the login.")
@click.option(
    "--role", "roles", multiple=True, required=True, type=click.Choice(ROLES), help="May be given repeatedly."
)
@click.option("--area", "areas", multiple=True, help="Adcode of a province, city or county; default: all.")
@click.option("--password-file", type=click.File("r", encoding="utf-8"), help="First line of this file; - is stdin.")
def add(login: str, name: str, roles: tuple[str, ...], areas: tuple[str, ...], password_file: TextIO | None) -> None:
    """Add a person; the password is asked for, or read from a file or stdin."""
    from gimonitor.store.database import open_store
    from gimonitor.web.passwords import hash_password
    from gimonitor.workflow import persons
    from gimonitor.workflow.areas import read_areas
    from gimonitor.workflow.roles import Role

    within, given = read_areas(areas), sorted({Role(role) for role in roles})
    password_hash = hash_password(_password(password_file), login)
    with open_store(load_configuration().store_url) as store, store.write() as c:
        persons.add(c, "console", login, name, given, password_hash, within, now=datetime.now(UTC))
    click.echo(f"added {login} ({', '.join(given)})")


@app.command("list")
def list_command() -> None:
    """List everybody: login, name, roles, whether they may log in, and their areas."""
    from gimonitor.store import people
    from gimonitor.store.database import open_store

    with open_store(load_configuration().store_url) as store, store.read() as c:
        for person in people.list_people(c):
            state = "active" if person.active else "disabled"
            areas = ",".join(person.areas) or "all areas"
            click.echo(f"{person.login}\t{person.name}\t{person.role}\t{state}\t{areas}")


@app.command()
@click.argument("login")
def disable(login: str) -> None:
    """Let somebody in no longer; their open sessions end at once, their history stays."""
    _change(login, "person.disable", active=False)
    click.echo(f"disabled {login}")


@app.command()
@click.argument("login")
def enable(login: str) -> None:
    """Let somebody in again."""
    _change(login, "person.enable", active=True)
    click.echo(f"enabled {login}")


@app.command()
@click.argument("login")
@click.option(
    "--role", "roles", multiple=True, required=True, type=click.Choice(ROLES), help="May be given repeatedly."
)
def role(login: str, roles: tuple[str, ...]) -> None:
    """Set the roles of a person to exactly these."""
    _change(login, "person.role", role=",".join(sorted(set(roles))))
    click.echo(f"{login}: {', '.join(sorted(set(roles)))}")


@app.command()
@click.argument("login")
@click.option("--area", "areas", multiple=True, help="Adcode of 2, 4 or 6 digits; may be given repeatedly.")
@click.option("--all", "everything", is_flag=True, help="No bounds: all GIs and signs.")
def area(login: str, areas: tuple[str, ...], everything: bool) -> None:
    """Set the areas of a person: they see leads over the GIs of these places only, everywhere.

    \b
    Examples:
      gimonitor user area zhangsan --area 3205        # a city
      gimonitor user area lisi --area 32              # a province, with all its cities
      gimonitor user area wangwu --all
    """
    from gimonitor.workflow.areas import read_areas

    if bool(areas) is everything:
        raise InputError("give --area, or --all")
    within = read_areas(areas)
    _change(login, "person.area", areas=within)
    click.echo(f"{login}: {', '.join(within) or 'all areas'}")


@app.command()
@click.argument("login")
@click.option("--password-file", type=click.File("r", encoding="utf-8"), help="First line of this file; - is stdin.")
def password(login: str, password_file: TextIO | None) -> None:
    """Set a new password; open sessions of the person end."""
    from gimonitor.web.passwords import hash_password

    _change(login, "person.password", password_hash=hash_password(_password(password_file), login))
    click.echo(f"new password for {login}")


@app.command()
@click.argument("login")
@click.option("--name", required=True, help="What it is for.")
@click.option("--days", default=90, show_default=True, type=click.IntRange(1, 366), help="How long it is valid.")
@click.option(
    "--role", "roles", multiple=True, type=click.Choice(ROLES), help="Only these of the person's; default: all."
)
@click.option("--area", "areas", multiple=True, help="Only this area, an adcode within the person's; default: all.")
def token(login: str, name: str, days: int, roles: tuple[str, ...], areas: tuple[str, ...]) -> None:
    """Make a token for the interface under /api and print it, once. It may do what the person may, or less.

    It ends after its days, with `user revoke`, with a new password and with `disable`.

    \b
    Examples:
      gimonitor user token zhangsan --name 省平台
      gimonitor user token zhangsan --name 省平台 --role leader --area 3205 --days 30
    """

    from gimonitor.store import people
    from gimonitor.store.database import open_store
    from gimonitor.web.tokens import open_token
    from gimonitor.workflow.roles import Role

    with open_store(load_configuration().store_url) as store, store.write() as c:
        person = people.find_person(c, login)
        if person is None or not person.active:
            raise NotFoundError(f"nobody active has the login {login}")
        narrowed = [Role(role) for role in roles]
        now = datetime.now(UTC)
        made = open_token(c, person, name=name, now=now, days=days, roles=narrowed, areas=areas, by="console")
    click.echo(made)


@app.command()
@click.argument("login")
def tokens(login: str) -> None:
    """List the tokens of a person: number, name, roles, areas, last use, end.

    \b
    Example:
      gimonitor user tokens zhangsan
    """

    from gimonitor.store import tokens as stored
    from gimonitor.store.database import open_store

    with open_store(load_configuration().store_url) as store, store.read() as c:
        for one in stored.list_tokens(c, login):
            state = "open" if one.is_open(datetime.now(UTC)) else "ended"
            used = f"{one.used_at:%Y-%m-%d %H:%M}Z" if one.used_at else "never"
            narrowed = ",".join(one.roles) or "all roles"
            places = ",".join(one.areas) or "all areas"
            click.echo(f"{one.id}\t{one.name}\t{state}\t{narrowed}\t{places}\tused {used}\tends {one.ends_at:%Y-%m-%d}")


@app.command()
@click.argument("login")
@click.argument("token_id", type=int)
def revoke(login: str, token_id: int) -> None:
    """Take a token back; `user tokens` tells its number. It lets nobody in from that moment on.

    \b
    Example:
      gimonitor user revoke zhangsan 3
    """

    from gimonitor.store import audit
    from gimonitor.store import tokens as stored
    from gimonitor.store.database import open_store

    with open_store(load_configuration().store_url) as store, store.write() as c:
        stored.revoke_token(c, token_id, login, datetime.now(UTC))
        audit.append_audit(c, "console", "person.token.revoke", f"token:{token_id}", {"login": login})
    click.echo(f"revoked {token_id}")


def _change(
    login: str,
    action: str,
    *,
    active: bool | None = None,
    role: str | None = None,
    password_hash: str | None = None,
    areas: tuple[str, ...] | None = None,
) -> None:

    from gimonitor.store.database import open_store
    from gimonitor.workflow.persons import change

    with open_store(load_configuration().store_url) as store, store.write() as c:
        change(
            c,
            "console",
            login,
            action,
            now=datetime.now(UTC),
            active=active,
            role=role,
            password_hash=password_hash,
            areas=areas,
        )


def _password(given: TextIO | None) -> str:
    if given is not None:
        text = given.readline().rstrip("\r\n")
    elif sys.stdin.isatty():
        text = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        raise InputError("no terminal to ask for a password: use --password-file (- for stdin)")
    if not text:
        raise InputError("the password is empty")
    return text
