"""`gimonitor practice`: serve the practice marketplace, list its goods."""

from __future__ import annotations

from pathlib import Path

import click

from gimonitor.practice.desk import ApiFault

PORT = 8601


@click.group()
def app() -> None:
    """The practice marketplace: invented goods on loopback, for learning and for tests."""


@app.command()
@click.option("--port", default=PORT, show_default=True, help="Port on 127.0.0.1; 0 lets the system choose.")
@click.option("--port-file", type=click.Path(path_type=Path), help="File that receives the port once it is open.")
@click.option("--day", default=1, show_default=True, type=click.IntRange(1), help="Day of the marketplace's life.")
@click.option(
    "--api-fault",
    type=click.Choice([one.value for one in ApiFault]),
    help="What the open APIs do wrong, to see how it is told.",
)
@click.option("--api-calls", default=5000, show_default=True, type=click.IntRange(0), help="Calls that an API key has.")
@click.option("--token-seconds", default=7200.0, show_default=True, help="How long a token of the eBay API holds.")
def serve(
    port: int, port_file: Path | None, day: int, api_fault: str | None, api_calls: int, token_seconds: float
) -> None:
    """Serve until stopped.

    Prices change, goods vanish and come back as the days pass: choose the day with --day, or while it runs with
    GET /admin/day?day=N.

    It plays the platforms' open APIs too: `gimonitor practice keys` has the keys. They can be told to fail with
    --api-fault, or while it runs with GET /admin/apis?fault=NAME, `none` to end it: signature (each is wrong), token (none holds),
    quota (used up), frequency (every other call came too fast; eBay and JD tell it as their quota), empty (nothing found), empty_later (from the second page on), types (numbers as text and the other
    way round), renamed (a field is gone), html, broken (JSON cut off), down (503).

    \b
    Examples:
      gimonitor practice serve --port 8601 --day 2
      GIMONITOR_PRACTICE_URL=http://127.0.0.1:8601 gimonitor run nightly
      gimonitor practice serve --api-fault quota
      gimonitor practice keys | gimonitor secrets import -
      scrapy crawl jd_union -a query=五常大米; gimonitor coverage --gaps
    """
    from gimonitor.errors import InputError
    from gimonitor.practice.server import PracticeServer

    try:
        server = PracticeServer(port, day)
    except OSError as error:
        raise InputError(f"port {port} on 127.0.0.1 cannot be opened: {error}") from error
    desk = server.market.desk
    desk.fault, desk.quota, desk.token_seconds = ApiFault(api_fault) if api_fault else None, api_calls, token_seconds
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
@click.option("--port", type=int, help="Port of the marketplace. Default: that of GIMONITOR_PRACTICE_URL, else 8601.")
def keys(port: int | None) -> None:
    """Print the keys to the open APIs that the practice marketplace plays, as `gimonitor secrets import` takes them.

    For an installation to learn on: an import takes the place of all that was kept before.

    \b
    Example: gimonitor practice keys | gimonitor secrets import -
    """
    from urllib.parse import urlsplit

    from gimonitor.configuration import load_configuration
    from gimonitor.practice.apis import PATHS
    from gimonitor.practice.desk import KEY, SECRET, TOKEN

    port = port or urlsplit(load_configuration().practice_url).port or PORT
    for name, path in PATHS.items():
        click.echo(f'[{name}]\nkey = "{KEY}"\nsecret = "{SECRET}"\ntoken = "{TOKEN}"')
        click.echo(f'endpoint = "http://127.0.0.1:{port}{path}"\nextra = {{adzone_id = "1", pid = "2"}}\n')


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
