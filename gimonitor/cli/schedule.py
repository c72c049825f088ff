"""`gimonitor schedule`: every night, until stopped."""

from __future__ import annotations

import click


@click.command()
@click.option("--show", is_flag=True, help="Print when the next run is due, and end.")
def app(show: bool) -> None:
    """Run every night at the time set by GIMONITOR_NIGHTLY_AT (Beijing time), until stopped.

    The job is kept in the store's database. A night that was missed while the machine was off is made up once, late;
    two schedulers on one store do not run a night twice.

    \b
    Example: gimonitor schedule
    """
    import logging

    from gimonitor.configuration import load_configuration
    from gimonitor.operations import schedule
    from gimonitor.store.database import open_store

    configuration = load_configuration()
    logging.basicConfig(level=configuration.log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    open_store(configuration.store_url).close()
    click.echo(f"next run: {schedule.next_run(configuration):%Y-%m-%d %H:%M} (Beijing)")
    if show:
        return
    scheduler = schedule.start_scheduler(configuration)
    click.echo("Ctrl-C stops")
    _wait()
    scheduler.shutdown(wait=False)


def _wait() -> None:
    import signal
    import threading

    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    stopped.wait()
