"""`gimonitor rescreen`: stored listings screened again after the register or a model changed."""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gimonitor.configuration import load_configuration
from gimonitor.errors import PartialError

if TYPE_CHECKING:
    from gimonitor.configuration import Configuration
    from gimonitor.model.register import Register
    from gimonitor.store.database import Store
    from gimonitor.workflow.rescreening import Rescreened, Spread


@click.command()
@click.option(
    "--gi", "gis", multiple=True, help="Only listings over this GI, by id or name, changed or not; may be repeated."
)
@click.option(
    "--all", "everything", is_flag=True, help="Every stored listing, changed or not: after an upgrade of the program."
)
@click.option("--dry-run", is_flag=True, help="Say what changed and how many listings it can touch; store nothing.")
@click.option("--processes", default=1, show_default=True, type=click.IntRange(1, 64), help="How many at once.")
@click.option("--spread", is_flag=True, help="Have it done by `gimonitor worker`s, on any machine (PostgreSQL).")
@click.option("--status", is_flag=True, help="How far the newest re-screening is; nothing is done.")
@click.option("--rules-dir", "folder", type=click.Path(path_type=Path, file_okay=False), help="Folder of rule files.")
@click.option("--json", "as_json", is_flag=True, help="The outcome as one JSON object.")
def app(
    gis: tuple[str, ...],
    everything: bool,
    dry_run: bool,
    processes: int,
    spread: bool,
    status: bool,
    folder: Path | None,
    as_json: bool,
) -> None:
    """Screen stored listings again that a change of the register or of a model can touch, and bring their leads up to it.

    What changed is known from the register that each listing was screened by. Ctrl-C or SIGTERM ends it with 5 and keeps
    what is done; a command that was stopped, or killed, is gone on with by giving it again. Ends with 5 where something is
    left to do.

    With --spread the listings are written as partitions (Parquet) into the shared place, or the data folder, and each is a
    job for the workers; the command waits for them, says how far they are, and removes the partitions.

    \b
    Examples:
      gimonitor rescreen --dry-run
      gimonitor rescreen
      gimonitor rescreen --gi 五常大米
      gimonitor rescreen --all --processes 2
      gimonitor rescreen --all --spread
    """
    from gimonitor.cli.rules import configured_rules
    from gimonitor.operations.partitions import remove_partitions
    from gimonitor.register import load_register
    from gimonitor.store.database import open_store

    configuration = load_configuration()
    if spread and processes > 1:
        raise click.UsageError("--spread and --processes exclude each other: start more workers")
    if status:
        with open_store(configuration.store_url) as store:
            _say_status(store)
        return
    register = load_register(configured_rules(folder), cache_dir=configuration.cache_dir)
    gi_ids = tuple(_gi_id(register, gi) for gi in gis)
    with open_store(configuration.store_url) as store:
        if dry_run:
            _say_plan(store, register, gi_ids, everything, as_json)
            return
        by = _spread(configuration, store) if spread else None
        outcome = _run(store, register, gi_ids, everything, processes, configuration.store_url, by)
        if store.dialect == "postgresql" and outcome.run_id is not None and not spread:
            remove_partitions(configuration)  # a run begun with --spread may have been ended here
    if not outcome.is_whole:
        others = "; workers go on with it" if spread else ""
        raise PartialError(
            f"run {outcome.run_id} was stopped: what is done is kept, {outcome.left} listings are left{others}; the same "
            "command goes on with them"
        )
    _say(outcome, as_json)


def _gi_id(register: Register, given: str) -> str:
    from gimonitor.errors import InputError

    for gi in register.gis:
        if given in (gi.id, gi.name):
            return gi.id
    raise InputError(f"{given}: no such GI in the register; see gimonitor register show")


def _say_plan(store: Store, register: Register, gi_ids: tuple[str, ...], everything: bool, as_json: bool) -> None:
    from gimonitor.store.grams import count_unindexed
    from gimonitor.workflow.rescreen_plan import Scope, last_id, plan_rescreen
    from gimonitor.workflow.rescreening import open_standing

    with store.read() as c:
        plan = plan_rescreen(c, register, gi_ids, everything=everything)
        stopped = open_standing(c, plan)
        count = stopped.planned - stopped.done if stopped else len(Scope(c, plan, register).ids(c, 0, last_id(c)))
        behind = count_unindexed(c)
    if as_json:
        run = stopped.run.id if stopped else None
        said = {"changes": plan.changes, "listings": count, "unindexed": behind, "goes_on_with": run}
        click.echo(json.dumps(said, ensure_ascii=False))
        return
    for change in plan.changes:
        click.echo(f"  changed: {change}")
    if stopped:
        click.echo(
            f"run {stopped.run.id} has not come to its end: {stopped.done} of {stopped.planned} listings are done"
        )
    click.echo(f"{count} listings would be screened again" + (f"; {behind} are not indexed yet" if behind else ""))


def _say_status(store: Store) -> None:
    from gimonitor.model.run import RunState
    from gimonitor.workflow.rescreening import newest_standing

    with store.read() as c:
        newest = newest_standing(c)
    if newest is None:
        click.echo("nothing was screened again yet")
        return
    run = newest.run
    state = "interrupted" if run.state is RunState.RUNNING and not newest.is_held else run.state.value
    ended = f"; {run.summary}" if run.summary and run.state is not RunState.RUNNING else ""
    click.echo(f"run {run.id}: {state}, {newest.done} of {newest.planned} listings done{ended}")


def _spread(configuration: Configuration, store: Store) -> Spread:
    """What has the slices done by workers. Raises ConfigurationError at once where the store is no PostgreSQL."""
    import time

    from gimonitor.operations.jobs import conninfo
    from gimonitor.operations.spreading import spread_rescreening

    conninfo(configuration)

    def say(text: str) -> None:
        click.echo(text, err=True)

    def pause() -> None:
        time.sleep(min(2.0, configuration.worker_silent_seconds / 4))

    return lambda begun, progress: spread_rescreening(configuration, store, begun, progress, say, pause)


def _run(
    store: Store,
    register: Register,
    gi_ids: tuple[str, ...],
    everything: bool,
    processes: int,
    url: str,
    by: Spread | None,
) -> Rescreened:
    from gimonitor.store.grams import count_unindexed
    from gimonitor.workflow.rescreen_plan import Plan
    from gimonitor.workflow.rescreening import Progress, index_listings, rescreen

    with store.read() as c:
        behind = count_unindexed(c)
    if behind:
        with click.progressbar(length=behind, label="index", file=sys.stderr) as bar:
            index_listings(store, bar.update)

    with ExitStack() as stack:

        def start(total: int, plan: Plan) -> Progress:
            changed = ", ".join(plan.changes[:5]) or "nothing that a screening sees"
            click.echo(f"{total} listings; changed: {changed}", err=True)
            bar = click.progressbar(length=total, label="rescreen", file=sys.stderr)
            return stack.enter_context(bar).update

        return rescreen(
            store, register, gi_ids=gi_ids, everything=everything, processes=processes, url=url, start=start, spread=by
        )


def _say(outcome: Rescreened, as_json: bool) -> None:
    if as_json:
        tallies = [
            {"gi": t.gi_id, "gi_name": t.gi_name, "reopened": t.reopened, "same_models": t.same_models}
            | {k.value: n for k, n in t.counts.items()}
            for t in outcome.tallies
        ]
        said = {"run": outcome.run_id, "listings": outcome.looked_at, "changes": outcome.changes, "gis": tallies}
        click.echo(json.dumps(said, ensure_ascii=False))
        return
    if outcome.run_id is None:
        click.echo("nothing changed since the listings were screened")
        return
    from gimonitor.workflow.rescreening import leads_changed

    for t in outcome.tallies:
        counts = ", ".join(f"{n} {kind.value}" for kind, n in sorted(t.counts.items()))
        click.echo(f"  {t.gi_name} ({t.gi_id}): {counts}" + (f"; {t.reopened} reopened" if t.reopened else ""))
    click.echo(f"run {outcome.run_id}: {outcome.looked_at} listings screened again, {leads_changed(outcome.tallies)}")
