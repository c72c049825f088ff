"""`gimonitor worker`: slices of nights, and partitions of re-screenings, that are shared between machines."""

from __future__ import annotations

import click


@click.command()
@click.option(
    "--at-once",
    default=1,
    show_default=True,
    type=click.IntRange(1, 64),
    help="Slices at a time, each of another source.",
)
def app(at_once: int) -> None:
    """Take up slices of a night whose run is spread (GIMONITOR_SPREAD=true) until stopped; on as many machines as there are.

    All machines use one PostgreSQL store. A source is asked by one worker at a time, so its pace holds over all of them; the
    slice of a worker that died is taken up by another. Partitions of `gimonitor rescreen --spread` are done when no slice
    waits. Ctrl-C or SIGTERM ends a crawl politely: what it has is kept.

    \b
    Example: GIMONITOR_DATABASE_URL=postgresql+psycopg://gimonitor@db/gimonitor gimonitor worker
    """
    import asyncio
    import logging

    from gimonitor.configuration import load_configuration
    from gimonitor.logs import start_logs
    from gimonitor.operations.jobs import make_tables
    from gimonitor.store.database import open_store

    configuration = load_configuration()
    start_logs(configuration)
    logging.getLogger("procrastinate").setLevel(logging.WARNING)  # a slice that waits for its turn is no news
    make_tables(configuration)
    open_store(configuration.store_url).close()
    click.echo(f"waiting for slices, {at_once} at a time; Ctrl-C stops")
    asyncio.run(_work(at_once))


async def _work(at_once: int) -> None:
    import asyncio
    import signal
    import threading

    from gimonitor.configuration import load_configuration
    from gimonitor.operations.jobs import work

    stop, flag = asyncio.Event(), threading.Event()

    def end() -> None:
        flag.set()
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, end)
    await work(load_configuration(), stop, flag.is_set, at_once)
