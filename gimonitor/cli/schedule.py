"""`gimonitor schedule`: every night and every morning, until stopped."""

from __future__ import annotations

import click


@click.command()
@click.option("--show", is_flag=True, help="Print what is due when, and end.")
def app(show: bool) -> None:
    """Collect every night at GIMONITOR_NIGHTLY_AT and send the digest at GIMONITOR_DIGEST_AT (Beijing time), until stopped.

    The jobs are kept in the store's database. A night that was missed while the machine was off is made up once, late;
    two schedulers on one store do not run a night twice. A run that fails is told at once, by the ways of the digest. Ctrl-C or
    SIGTERM is passed on to what runs: it stores what it has; a night cut off so is taken up at the next start, within its hours.

    \b
    Example: gimonitor schedule
    """
    import signal

    from gimonitor.configuration import load_configuration
    from gimonitor.logs import start_logs
    from gimonitor.operations import schedule
    from gimonitor.store.database import open_store

    configuration = load_configuration()
    start_logs(configuration)
    open_store(configuration.store_url).close()
    for job in schedule.JOBS:
        click.echo(f"{job.id}: {schedule.next_run(configuration, job):%Y-%m-%d %H:%M} (Beijing)")
    if show:
        return
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: schedule.stop())
    scheduler = schedule.start_scheduler(configuration)
    click.echo("Ctrl-C stops")
    schedule.go_on_until_stopped(scheduler)
