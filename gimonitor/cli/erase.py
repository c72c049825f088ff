"""`gimonitor erase`: what is stored of a seller or of an officer, taken out on request."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from gimonitor.operations.erasure import Erasure, Person, Seller

APPLY = click.option("--apply", is_flag=True, help="Do it; without this it is only said what would go.")
WHO = click.option("--who", default="", help="Who does it, for the record. Default: the login on this machine.")


@click.group()
def app() -> None:
    """Erase a seller, or an officer's account, on request. Nothing goes without --apply.

    \b
    Listings with a lead that is not closed, was closed as suspected, was sent, is in a pack or has a test purchase
    stay with their evidence; so do decisions, the audit and the custody log, which are append-only. What went stands
    in erased.jsonl of the data folder under a salted digest, without a name. Backups made before hold it still. The
    database keeps a keyed digest of each erased listing's platform and item number, so that no reparse of archived
    responses brings it back; a new sight of the shop by a crawl or a saved page does.
    Partitions of a re-screening under way go all; its workers ask the store instead.
    Given again after it was killed, the command goes on; given twice, it finds nothing.
    Examples: gimonitor erase seller practice s-17
              gimonitor erase seller practice s-17 --apply --who zhang
              gimonitor erase person lisi --apply
    """


@app.command()
@click.argument("platform")
@click.argument("shop_id", default="")
@click.option("--name", default="", help="The shop's name, for a shop whose platform shows no id of it.")
@APPLY
@WHO
def seller(platform: str, shop_id: str, name: str, apply: bool, who: str) -> None:
    """Erase the shop SHOP_ID of PLATFORM: its listings, what was found about them, its files, who is behind it.

    \b
    Examples: gimonitor erase seller practice s-17
              gimonitor erase seller shop --name 某某特产店 --apply
    """
    from gimonitor.errors import InputError
    from gimonitor.operations.erasure import Seller

    if bool(shop_id) is bool(name):
        raise InputError("give the shop's id, or --name where the platform shows none")
    _run(Seller(platform=platform, shop_id=shop_id, name=name), apply, who)


@app.command()
@click.argument("login")
@APPLY
@WHO
def person(login: str, apply: bool, who: str) -> None:
    """Erase an officer's account but its login, which decisions name: name, password, areas, sessions, tokens.

    \b
    Example: gimonitor erase person lisi --apply --who zhang
    """
    from gimonitor.operations.erasure import Person

    _run(Person(login=login), apply, who)


def _run(subject: Seller | Person, apply: bool, who: str) -> None:
    import getpass
    from datetime import UTC, datetime

    from gimonitor.configuration import load_configuration
    from gimonitor.operations.erasure import erase, plan_erasure
    from gimonitor.store.database import open_store

    configuration = load_configuration()
    with open_store(configuration.store_url) as store:
        if apply:
            erasure = erase(store, configuration, subject, datetime.now(UTC), who or getpass.getuser())
        else:
            erasure = plan_erasure(store, configuration, subject)
    _tell(erasure, "erased" if apply else "would go")


def _tell(erasure: Erasure, done: str) -> None:
    for table, count in sorted(erasure.rows.items()):
        click.echo(f"{done}  {count:>8} rows   {table}")
    for file in erasure.files:
        click.echo(f"{done}  {file.size:>8} bytes  {file.name}")
    if erasure.partitions:
        click.echo(f"{done}  {erasure.partitions:>8} partitions of a re-screening; its workers ask the store instead")
    for one in erasure.staying:
        click.echo(f"stays  {one.what}: {one.why}")
    if erasure.is_empty:
        click.echo("nothing is stored of it that could go")
    elif done == "would go":
        click.echo("nothing was erased; --apply does it")
