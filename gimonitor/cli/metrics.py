"""`gimonitor metrics`: figures for Prometheus."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from gimonitor.operations.metrics import InstallationCollector


@click.command()
@click.option("--write", type=click.Path(dir_okay=False, path_type=Path), help="Into this file, at once and whole.")
@click.option("--listen", type=click.IntRange(0, 65535), help="Answer on this port of loopback until Ctrl-C.")
def app(write: Path | None, listen: int | None) -> None:
    """Print figures of this installation in the text form of Prometheus: last run, coverage, leads, tasks, disk, digest.

    \b
    Either let Prometheus ask (--listen), or write a file for node_exporter's textfile collector from a timer (--write).
    Examples:
      gimonitor metrics --listen 9108
      gimonitor metrics --write /var/lib/node_exporter/gimonitor.prom
    """
    from gimonitor.configuration import load_configuration
    from gimonitor.evidence.files import disk_errors, part_of, publish
    from gimonitor.operations.metrics import InstallationCollector, metrics_text

    configuration = load_configuration()
    if listen is not None:
        _serve(InstallationCollector(configuration), listen)
    elif write:
        with disk_errors(write):
            part_of(write).write_text(metrics_text(configuration), encoding="utf-8")
            publish(part_of(write), write)
    else:
        click.echo(metrics_text(configuration), nl=False)


def _serve(collector: InstallationCollector, port: int) -> None:
    import signal
    import threading

    from prometheus_client import CollectorRegistry, start_http_server

    registry = CollectorRegistry()
    registry.register(collector)
    server, thread = start_http_server(port, "127.0.0.1", registry)
    click.echo(f"gimonitor: http://127.0.0.1:{server.server_port}/metrics  (Ctrl-C ends it)")
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    stopped.wait()
    server.shutdown()
    thread.join()
