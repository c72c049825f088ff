"""`gimonitor practice`: serve the practice marketplace, list its goods."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def app() -> None:
    """The practice marketplace: invented goods on loopback, for learning and for tests."""


@app.command()
@click.option("--port", default=8601, show_default=True, help="Port on 127.0.0.1; 0 lets the system choose.")
@click.option("--port-file", type=click.Path(path_type=Path), help="File that receives the port once it is open.")
@click.option("--day", default=1, show_default=True, type=click.IntRange(1), help="Day of the marketplace's life.")
def serve(port: int, port_file: Path | None, day: int) -> None:
    """Serve until stopped.

    Prices change, goods vanish and come back as the days pass: choose the day with --day, or while it runs with
    GET /admin/day?day=N.

    \b
    Example:
      gimonitor practice serve --port 8601 --day 2
      GIMONITOR_PRACTICE_URL=http://127.0.0.1:8601 gimonitor run nightly
    """
    from gimonitor.errors import InputError
    from gimonitor.practice.server import PracticeServer

    try:
        server = PracticeServer(port, day)
    except OSError as error:
        raise InputError(f"port {port} on 127.0.0.1 cannot be opened: {error}") from error
    if port_file:
        part = port_file.with_name(port_file.name + ".part")
        part.write_text(f"{server.server_address[1]}\n", encoding="utf-8")
        part.replace(port_file)
    click.echo(f"practice marketplace on {server.url} (day {day}); stop with Ctrl-C")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        click.echo("stopped")
    finally:
        server.server_close()


@app.command()
@click.option("--day", default=1, show_default=True, type=click.IntRange(1), help="Day of the marketplace's life.")
def goods(day: int) -> None:
    """List the goods with what screening has to say about each.

    \b
    Example:
      gimonitor practice goods --day 3
    """
    from gimonitor.practice.catalogue import load_catalogue

    for good in load_catalogue().goods.values():
        if good.is_offered(day):
            click.echo(f"{good.id}  {good.expect:6}  {good.family or '-':4} {good.pattern or '-':4} {good.title}")
