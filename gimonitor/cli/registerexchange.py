"""Commands of `gimonitor register` that carry it from bureau to bureau as one signed file."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gimonitor.cli.registercommon import APPLY, FOLDER, load_rules, print_list, today, write_whole

if TYPE_CHECKING:
    from gimonitor.register.merging import Difference


@click.command()
def key() -> None:
    """Print the public key with which this installation signs what it exports; it is made on first use.

    \b
    Example:
      gimonitor register key
    """
    from gimonitor.configuration import load_configuration
    from gimonitor.register.exchange import public_hex
    from gimonitor.register.keys import own_key

    click.echo(public_hex(own_key(load_configuration().data_dir / "keys").public_key()))


@click.command()
@click.argument("public_key")
@click.argument("name")
def trust(public_key: str, name: str) -> None:
    """Believe registers signed with PUBLIC_KEY, the key of the bureau NAME. Compare it over the telephone first.

    \b
    Example:
      gimonitor register trust 3b6a… 陕西省知识产权局
    """
    from gimonitor.configuration import load_configuration
    from gimonitor.register.keys import trust_key

    trust_key(load_configuration().data_dir / "keys", public_key, name)
    click.echo(f"trusted: {name}")


@click.command()
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--province", default="", help="Only the GIs of this province.")
@FOLDER
def export(target: Path, province: str, folder: Path | None) -> None:
    """Write the register (GIs and their users) as one signed file for another bureau.

    The file bears the name of your bureau, so GIMONITOR_ORGANISATION must be set to it first (2 to 200 characters).

    \b
    Example:
      GIMONITOR_ORGANISATION=山西省知识产权局 gimonitor register export shanxi.gireg --province 山西
    """
    from gimonitor.configuration import load_configuration
    from gimonitor.register.exchange import build_exchange
    from gimonitor.register.keys import own_key

    settings = load_configuration()
    root, register = load_rules(folder)
    content = build_exchange(
        root,
        register,
        origin=settings.organisation,
        key=own_key(settings.data_dir / "keys"),
        made=datetime.now(UTC),
        province=province,
    )
    write_whole(target, content)
    click.echo(f"{target}: {len(content)} bytes")


@click.command()
@click.argument("source", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--take", "names", multiple=True, metavar="NAME", help="Take their version of this changed GI (name or id)."
)
@click.option(
    "--take-changed", is_flag=True, help="Take their version of all changed GIs that were not refused before."
)
@click.option("--all", "everything", is_flag=True, help="Show field by field what was refused before, too.")
@APPLY
@FOLDER
def merge(
    source: Path, names: tuple[str, ...], take_changed: bool, everything: bool, write: bool, folder: Path | None
) -> None:
    """Show what the signed register SOURCE of another bureau would bring, and with --apply take it over.

    What differs is shown field by field (ours -> theirs) and stays ours unless it is taken. With --apply what was shown and
    not taken is remembered as refused, and stands apart from then on, until something in it changes on either side.

    \b
    Example:
      gimonitor register merge shaanxi.gireg
      gimonitor register merge shaanxi.gireg --take 西凤酒 --apply
    """
    from gimonitor.configuration import load_configuration
    from gimonitor.register.exchange import read_exchange
    from gimonitor.register.keys import trusted_keys
    from gimonitor.register.merging import apply_merge, chosen_gis, plan_merge
    from gimonitor.register.refusals import refused_marks, remember_refused

    root, register = load_rules(folder)
    keys = load_configuration().data_dir / "keys"
    exchange = read_exchange(source, trusted_keys(keys))
    plan = plan_merge(register, exchange, refused=refused_marks(keys))
    chosen = chosen_gis(plan, names, all_changed=take_changed)
    says = "" if exchange.says == exchange.origin else f" (calls itself {exchange.says})"
    click.echo(f"from {exchange.origin}{says}, made {exchange.made.isoformat()}")
    print_list("new", plan.new)
    _print_differences("changed", plan.changed)
    _print_differences("conflicts, left alone", plan.conflicts)
    print_list("users new", plan.users_new)
    _print_differences("users that differ, left alone", plan.users_differ)
    print_list("users gone", plan.users_gone)
    _print_differences("refused before, left alone", plan.refused, lines=everything)
    click.echo(f"the same: {plan.same} GIs, {plan.users_same} users")
    if not write:
        click.echo(f"would be taken over: {len(plan.files_new) + len(chosen)} files; nothing was written; say --apply")
        return
    taken = apply_merge(root, plan, taken=chosen)
    click.echo(f"{root}: {taken} files taken over" if taken else "nothing was taken over; the register is as it was")
    left = plan.left(chosen)
    remember_refused(keys, ((d.mark, d.title) for d in left), on=today())
    if left:
        click.echo(f"refused: {len(left)}; they are listed apart from now on")


def _print_differences(title: str, differences: Iterable[Difference], *, lines: bool = True) -> None:
    differences = tuple(differences)
    click.echo(f"{title}: {len(differences)}")
    for one in differences:
        click.echo(f"  {one.title}{'' if lines else f': {len(one.lines)} fields (--all shows them)'}")
        for line in one.lines if lines else ():
            click.echo(f"    {line}")


COMMANDS = (key, trust, export, merge)
