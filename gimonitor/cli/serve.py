"""`gimonitor serve`: the officers' application on loopback."""

from __future__ import annotations

import click

from gimonitor.configuration import load_configuration
from gimonitor.errors import ConfigurationError


@click.command()
@click.option("--host", help="Address to listen on; default: setting `host` (127.0.0.1).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port; 0 lets the system choose. Default: setting `port`.")
@click.option("--name", "names", multiple=True, help="Host name under which a TLS proxy on this machine offers it.")
def app(host: str | None, port: int | None, names: tuple[str, ...]) -> None:
    """Open the officers' application (审核系统) and print its address; Ctrl-C ends it.

    Nothing is shown without logging in: add a person first with `gimonitor user add`. For other machines put a TLS proxy
    on this one in front of it and give its host name with --name; requests under any other name are refused.

    \b
    Examples:
      gimonitor serve
      gimonitor serve --port 8700
      gimonitor serve --name gi.example.gov.cn
    """
    import socket

    import uvicorn

    from gimonitor.logs import start_logs
    from gimonitor.store.database import open_store
    from gimonitor.web.app import build_app

    configuration = load_configuration()
    start_logs(configuration)
    host = host or configuration.host
    port = configuration.port if port is None else port
    with open_store(configuration.store_url) as store:
        application = build_app(store, configuration, extra_hosts=(host, *names))
        listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise ConfigurationError(f"cannot listen on {host}:{port}: {error.strerror or error}") from error
        listener.listen(128)  # who reads the address may connect at once
        address = f"[{host}]" if ":" in host else host
        click.echo(f"gimonitor: http://{address}:{listener.getsockname()[1]}/  (Ctrl-C ends it)")
        server = uvicorn.Server(
            uvicorn.Config(
                application,
                log_level="warning",
                server_header=False,
                forwarded_allow_ips="127.0.0.1",  # the proxy says that it was TLS
                lifespan="off",
            )
        )
        server.run(sockets=[listener])
