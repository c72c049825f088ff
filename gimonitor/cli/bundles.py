"""`gimonitor bundles`: leads, results and models to and from other bureaus as signed files, without a network."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gimonitor.configuration import Configuration, load_configuration
from gimonitor.errors import InputError

if TYPE_CHECKING:
    from gimonitor.workflow.bundles import Merged

_FILE = click.argument("file", type=click.Path(path_type=Path, dir_okay=False))


@click.group()
def app() -> None:
    """Exchange leads, results and models with other bureaus, as signed files carried by hand.

    The keys are those of `gimonitor register key` and `gimonitor register trust`: each bureau trusts the other's once.

    \b
    Examples:
      gimonitor bundles policies
      gimonitor bundles export changshu.gibundle --to 常熟市市场监督管理局 --policy neighbour --since 2026-09-01
      gimonitor bundles preview suzhou.gibundle
      gimonitor bundles merge suzhou.gibundle --who zhangsan
    """


@app.command()
def policies() -> None:
    """Print which fields go to whom.

    \b
    Example:
      gimonitor bundles policies
    """
    from gimonitor.workflow.sharing import policies as known

    for policy in known():
        click.echo(f"{policy.id}\t{policy.name}\t{policy.why}")
        click.echo(f"  listing: {', '.join(policy.listing) or '-'}")
        click.echo(f"  subject: {', '.join(policy.subject) or '-'}; with: {', '.join(policy.parts)}")


@app.command()
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--to", required=True, help="The bureau it is for.")
@click.option("--policy", required=True, help="Which fields go along: see `gimonitor bundles policies`.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Leads that changed since this day.")
@click.option("--gi", "gi_ids", multiple=True, help="Only this GI, by id; may be given repeatedly.")
@click.option("--model", "models", multiple=True, help="A model to send along, by id; may be given repeatedly.")
@click.option("--all-models", is_flag=True, help="Send all models along.")
def export(
    target: Path,
    to: str,
    policy: str,
    since: datetime,
    gi_ids: tuple[str, ...],
    models: tuple[str, ...],
    all_models: bool,
) -> None:
    """Write confirmed leads, and models, as one signed file TARGET for another bureau.

    \b
    Example:
      gimonitor bundles export province.gibundle --to 江苏省知识产权局 --policy superior --since 2026-01-01
    """
    from gimonitor.cli.registercommon import write_whole
    from gimonitor.model.zone import BEIJING
    from gimonitor.register.keys import own_key
    from gimonitor.store import audit
    from gimonitor.store.database import open_store
    from gimonitor.workflow.bundles import build_bundle, model_texts

    settings = load_configuration()
    now = datetime.now(UTC)
    texts = model_texts(_folder(settings)) if models or all_models else {}
    unknown = [name for name in models if name not in texts]
    if unknown:
        raise InputError(f"no model {', '.join(unknown)}")
    with open_store(settings.store_url) as store, store.write() as c:
        content, count = build_bundle(
            c,
            policy_id=policy,
            to=to,
            since=since.replace(tzinfo=BEIJING),
            origin=settings.organisation,
            key=own_key(settings.data_dir / "keys"),
            made=now,
            gi_ids=gi_ids,
            models={name: text for name, text in texts.items() if all_models or name in models},
        )
        audit.append_audit(c, "console", "bundle.export", f"bundle:{target.name}", {"to": to, "policy": policy, "leads": count}, at=now)  # fmt: skip
    write_whole(target, content)
    click.echo(f"{target}: {count} leads, {len(content)} bytes, for {to}")


@app.command()
@_FILE
def preview(file: Path) -> None:
    """Show what merging FILE would do; nothing is written.

    \b
    Example:
      gimonitor bundles preview suzhou.gibundle
    """
    from gimonitor.register.keys import trusted_keys
    from gimonitor.store.database import open_store
    from gimonitor.workflow.bundles import preview as look
    from gimonitor.workflow.bundles import read_bundle

    settings = load_configuration()
    bundle = read_bundle(file, trusted_keys(settings.data_dir / "keys"))
    with open_store(settings.store_url) as store, store.read() as c:
        found = look(c, bundle, _folder(settings))
    _tell(f"from {bundle.origin}, made {bundle.made.isoformat()}, for {bundle.head.to}", found)
    click.echo("nothing was written; `gimonitor bundles merge` does it")


@app.command()
@_FILE
@click.option("--who", required=True, help="Login of the officer who takes it over; new leads become theirs.")
def merge(file: Path, who: str) -> None:
    """Take FILE over: new leads become ours, others stand beside ours, models become drafts. Twice changes nothing.

    \b
    Example:
      gimonitor bundles merge suzhou.gibundle --who zhangsan
    """
    from gimonitor.register.keys import trusted_keys
    from gimonitor.register.loader import load_register
    from gimonitor.screening import Screener
    from gimonitor.store import people
    from gimonitor.store.database import open_store
    from gimonitor.workflow.areas import gis_within
    from gimonitor.workflow.bundles import merge as take
    from gimonitor.workflow.bundles import read_bundle
    from gimonitor.workflow.decisions import Actor
    from gimonitor.workflow.roles import roles_of

    settings = load_configuration()
    bundle = read_bundle(file, trusted_keys(settings.data_dir / "keys"))
    register = load_register(settings.rules_dir, cache_dir=settings.cache_dir)
    with open_store(settings.store_url) as store:
        with store.read() as c:
            person = people.active_person(c, who)
        actor = Actor(login=who, roles=roles_of(person.role), within=gis_within(register, person.areas))
        screener = Screener(register)
        done = take(store, actor, bundle, _folder(settings), screener.screen, now=datetime.now(UTC))
    _tell(f"from {bundle.origin}, made {bundle.made.isoformat()}", done)


def _tell(head: str, found: Merged) -> None:
    click.echo(head)
    for item in found.items:
        lead = f" lead {item.lead_id}" if item.lead_id else ""
        click.echo(f"  {item.does}\t{item.what} {item.name}{lead}" + (f": {item.why}" if item.why else ""))
    counts = {does: found.count(does) for does in sorted({item.does for item in found.items})}
    click.echo(", ".join(f"{does}: {count}" for does, count in counts.items()) or "empty")


def _folder(settings: Configuration) -> Path:
    from gimonitor.register.files import rules_dir

    return settings.rules_dir or rules_dir()
