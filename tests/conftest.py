"""Fixtures for every room: a PostgreSQL server for the session, and a fresh store on either engine for a test."""

from __future__ import annotations

import ipaddress
import itertools
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from gimonitor import vault
from gimonitor.store.database import Store, migrate_store, open_store

_numbers = itertools.count(1)
_connect = socket.socket.connect


def _connect_to_loopback(self: socket.socket, address: Any) -> None:
    if self.family in (socket.AF_INET, socket.AF_INET6):
        host = str(address[0])
        if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
            raise AssertionError(f"a test asked the network: {address}")
    return _connect(self, address)


os.environ.setdefault(vault.KEY_VARIABLE, vault.Fernet.generate_key().decode())  # no test touches the user's own key


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    """Tests reach nothing but this machine's loopback."""
    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", _connect_to_loopback)
    yield
    patch.undo()


def _server_programs() -> Path | None:
    """The folder of initdb and postgres: on PATH, or where Debian keeps them, the newest first."""
    on_path = shutil.which("initdb")
    found = [Path(on_path).parent] if on_path else []
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name), reverse=True)
    return next((folder for folder in found if (folder / "postgres").exists()), None)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """URL of a PostgreSQL server's own database: GIMONITOR_TEST_POSTGRES, else a server of this session on a socket."""
    given = os.environ.get("GIMONITOR_TEST_POSTGRES")
    if given:
        yield given
        return
    programs = _server_programs()
    if programs is None:
        pytest.skip("no PostgreSQL server here: set GIMONITOR_TEST_POSTGRES or install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="gm-pg-"))
    # the server refuses to be root; root has to hand it over to Debian's account for it
    account: dict[str, object] = (
        {"user": "postgres", "group": "postgres", "extra_groups": []} if os.getuid() == 0 else {}
    )
    if account:
        shutil.chown(folder, "postgres", "postgres")
    server = None
    try:
        server = _start_server(programs, folder, account)
        url = f"postgresql+psycopg://postgres@/postgres?host={folder}"
        _wait_for_server(url, server)
        yield url
    finally:
        if server:
            server.send_signal(signal.SIGINT)  # fast shutdown
            server.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


def _start_server(programs: Path, folder: Path, account: dict[str, object]) -> subprocess.Popen[bytes]:
    data = folder / "data"
    make = [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"]
    subprocess.run(make, check=True, stdout=subprocess.DEVNULL, cwd="/", **account)
    settings = ("listen_addresses=", f"unix_socket_directories={folder}", "fsync=off", "max_connections=60")
    options = [part for setting in settings for part in ("-c", setting)]
    log = (folder / "log").open("wb")
    with log:
        return subprocess.Popen(
            [programs / "postgres", "-D", data, *options], stdout=log, stderr=log, cwd="/", **account
        )


def _wait_for_server(url: str, server: subprocess.Popen[bytes]) -> None:
    engine = create_engine(url)
    for _ in range(600):
        assert server.poll() is None, "the PostgreSQL server ended at once"
        try:
            engine.connect().close()
        except OperationalError:
            time.sleep(0.05)
        else:
            engine.dispose()
            return
    raise AssertionError("the PostgreSQL server does not answer")


def _administer(url: str, *statements: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def _database_of(admin_url: str, name: str) -> str:
    return make_url(admin_url).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str) -> Iterator[str]:
    """Name of a PostgreSQL database that holds an empty store, to be copied."""
    name = f"gimonitor_template_{os.getpid()}"
    _administer(postgres_url, f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
    migrate_store(_database_of(postgres_url, name))
    yield name
    _administer(postgres_url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file that holds an empty store, to be copied."""
    path = tmp_path_factory.mktemp("template") / "store.sqlite"
    migrate_store(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of a database with nothing in it, once on each engine."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'store.sqlite'}"
        return
    admin = request.getfixturevalue("postgres_url")
    name = f"gimonitor_test_{os.getpid()}_{next(_numbers)}"
    _administer(admin, f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
    yield _database_of(admin, name)
    _administer(admin, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of a fresh, migrated store, once on each engine."""
    if request.param == "sqlite":
        path = tmp_path / "store.sqlite"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    admin = request.getfixturevalue("postgres_url")
    name = f"gimonitor_test_{os.getpid()}_{next(_numbers)}"
    _administer(admin, f"CREATE DATABASE {name} TEMPLATE {request.getfixturevalue('postgres_template')}")
    yield _database_of(admin, name)
    _administer(admin, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """A fresh, open store, once on each engine."""
    with open_store(store_url) as opened:
        yield opened


@pytest.fixture
def sqlite_store(sqlite_template: Path, tmp_path: Path) -> Iterator[Store]:
    """A fresh, open store on SQLite, for tests that are not about the store."""
    path = tmp_path / "store.sqlite"
    shutil.copyfile(sqlite_template, path)
    with open_store(f"sqlite:///{path}") as opened:
        yield opened
