"""`gimonitor tasks`: what a person has to do because a machine may not."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from gimonitor.model.task import Task


_SHOWN = 20  # queries of one task


@click.group()
def app() -> None:
    """Pages to be captured by hand: a source asked for a verification or a login.

    \b
    Open the pages in an ordinary browser, save them (SingleFile, MHTML or HAR), and bring them with `gimonitor import pages`,
    which closes the task. Or close it by hand.

    \b
    Examples:
      gimonitor tasks list
      gimonitor tasks close 3 --note "three pages imported"
    """


@app.command("list")
@click.option("--all", "everything", is_flag=True, help="Closed tasks too.")
def show(everything: bool) -> None:
    """List open tasks, the newest change first."""
    from gimonitor.configuration import load_configuration
    from gimonitor.store.database import open_store
    from gimonitor.store.tasks import list_tasks

    with open_store(load_configuration().store_url) as store, store.read() as c:
        found = list_tasks(c, is_open=None if everything else True)
    for task in found:
        click.echo(_line(task))
    if not found:
        click.echo("nothing is to be done")


def _line(task: Task) -> str:
    """The task, and each further query or address of it on a line of its own."""
    state = "" if task.is_open else f" · closed by {task.closed_by} {task.note}".rstrip()
    head = f"{task.id}: capture {task.source} by hand ({task.reason})"
    asked = list(dict.fromkeys(filter(None, (*task.queries[:_SHOWN], task.url))))
    if len(asked) <= 1:
        return f"{head} · {''.join(asked)}{state}"
    left = len(task.queries) - _SHOWN
    more = [f"   … and {left} more"] if left > 0 else []
    return "\n".join([head + state, *(f"   {one}" for one in asked), *more])


@app.command()
@click.argument("task_id", type=int)
@click.option("--note", default="", help="What was done.")
def close(task_id: int, note: str) -> None:
    """Close task TASK_ID."""
    from gimonitor.configuration import load_configuration
    from gimonitor.store.database import open_store
    from gimonitor.store.tasks import close_task

    with open_store(load_configuration().store_url) as store, store.write() as c:
        close_task(c, task_id, f"console:{getpass.getuser()}", note)
    click.echo(f"closed task {task_id}")
