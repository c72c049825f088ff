"""A store with invented leads, three people, and the application over it."""

from __future__ import annotations

import os
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, sync_playwright
from starlette.testclient import TestClient

from gimonitor.configuration import Configuration
from gimonitor.model.lead import Resolution
from gimonitor.store import captures, complaints, people
from gimonitor.store.complaints import Complaint
from gimonitor.store.database import Store, open_store
from gimonitor.web.app import build_app
from gimonitor.web.passwords import hash_password
from gimonitor.workflow import decisions, following, ignores, sampling
from gimonitor.workflow.roles import Role
from gimonitor.workflow.sampling import Plan, SampleKind
from gimonitor.workflow.vocabulary import Channel

from .seeds import CRAB, MARKET, NOW, PASSWORD, PEOPLE, REGISTER, WANG, ZHAO, seed_leads


class Clock:
    """The application's clock, moved by hand."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(scope="session")
def password_hash() -> str:
    return hash_password(PASSWORD)


@pytest.fixture
def market_url() -> str:
    return MARKET


@pytest.fixture
def configuration(tmp_path: Path, market_url: str) -> Configuration:
    return Configuration(data_dir=tmp_path, organisation="演练市知识产权局", practice_url=market_url)


@pytest.fixture
def store(configuration: Configuration, sqlite_template: Path, password_hash: str, market_url: str) -> Iterator[Store]:
    shutil.copyfile(sqlite_template, configuration.data_dir / "gimonitor.sqlite")
    with open_store(configuration.store_url) as opened:
        with opened.write() as c:
            for login, (name, roles) in PEOPLE.items():
                people.add_person(c, login, name, ",".join(roles), password_hash, now=NOW)
        seed_leads(opened, market_url)
        yield opened


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def app(store: Store, configuration: Configuration, clock: Clock) -> FastAPI:
    return build_app(store, configuration, register_data=REGISTER, clock=clock, extra_hosts=("testserver",))


@pytest.fixture
def enter(app: FastAPI) -> Callable[[str], TestClient]:
    """Log in as somebody; an empty login gives a client that is not logged in."""

    def log_in(login: str) -> TestClient:
        client = TestClient(app, base_url="https://testserver", follow_redirects=False)
        client.headers["sec-fetch-site"] = "same-origin"
        if login:
            answer = client.post("/login", data={"name": login, "password": PASSWORD})
            assert answer.status_code == 303, answer.text
        return client

    return log_in


@pytest.fixture
def bounded(store: Store, password_hash: str) -> Store:
    """Each role once for the crab's city (3205) and once for a province far away (44), one object of each kind over the crab."""
    with store.write() as c:
        for area in ("3205", "44"):
            for role in Role:
                people.add_person(c, f"{role}{area}", role, role, password_hash, areas=(area,), now=NOW)
        version = decisions.judge(c, WANG, 1, 1, Resolution.CONFIRMED, now=NOW)
        version = decisions.approve(c, ZHAO, 1, version, now=NOW)
        pack = captures.StoredPack(
            kind="transfer", file="x.zip", sha256="a" * 64, size=1, at=NOW, who="wang", lead_ids=(1,)
        )
        captures.save_pack(c, pack)
        following.send(
            c,
            WANG,
            1,
            version,
            now=NOW - timedelta(days=40),
            channel=Channel.TRANSFER,
            addressee="常熟市局",
            receipt="",
            workdays=3,
        )
        ignores.ignore_like(c, WANG, 2, until=date(2026, 11, 22), why="核实中", now=NOW)
        complaints.add_complaint(
            c,
            Complaint(
                kind="report",
                source="hotline",
                number="1",
                gi_id=CRAB.id,
                gi_name=CRAB.name,
                text="蟹不对",
                url="",
                received_at=NOW,
                due_on=date(2026, 11, 25),
                who="wang",
            ),
        )
        plan = Plan(
            kind=SampleKind.LISTINGS,
            name="阳澄湖抽查",
            gi_id=CRAB.id,
            text=CRAB.name,
            platforms=(),
            since=NOW - timedelta(days=9),
            until=NOW + timedelta(days=1),
            size=3,
            seed="s",
            frequency="一次",
            checklist=(),
        )
        sampling.take_sample(c, WANG, plan, now=NOW)
    return store


# --- a browser, a server, a marketplace -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for the tests of a file: an open one keeps an event loop running, which other files do not bear."""
    path = os.environ.get("GIMONITOR_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        if path is None and not Path(playwright.chromium.executable_path).exists():
            pytest.skip("no Chromium on this machine")
        arguments = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        started = playwright.chromium.launch(executable_path=path, args=arguments)
        yield started
        started.close()


@contextmanager
def _serve(app: FastAPI) -> Iterator[str]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)  # who reads the address may connect at once
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


@pytest.fixture(scope="session")
def serving() -> Callable[[FastAPI], AbstractContextManager[str]]:
    """Serve an application on loopback for the length of a `with` block, which gets its address."""
    return _serve


class Market:
    """Sellers' pages, with something in them that must not run anywhere else; those in `gone` answer 404."""

    def __init__(self) -> None:
        self.gone: set[str] = set()
        market = self

        class Goods(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status = 404 if self.path in market.gone else 200
                text = "商品不存在" if status == 404 else "阳澄湖大闸蟹 鲜活现货"
                body = f"<title>蟹</title><h1>{text}</h1><script>document.title='seller'</script>".encode()
                self.send_response(status)
                self.send_header("content-type", "text/html; charset=utf-8")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Goods)
        self.address = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture(scope="module")
def market() -> Iterator[Market]:
    """A marketplace where the seeded listings stand."""
    made = Market()
    thread = threading.Thread(target=made.server.serve_forever)
    thread.start()
    yield made
    made.server.shutdown()
    thread.join(10)
    made.server.server_close()


@pytest.fixture(scope="module")
def day(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, password_hash: str, market: Market
) -> Iterator[tuple[Store, FastAPI]]:
    """A store and its application for a whole module: thirty crabs of one seller, the usual people, two in office."""
    folder = tmp_path_factory.mktemp("day")
    configuration = Configuration(data_dir=folder, organisation="演练市知识产权局", practice_url=market.address)
    shutil.copyfile(sqlite_template, folder / "gimonitor.sqlite")
    with open_store(configuration.store_url) as opened:
        with opened.write() as c:
            for login, (name, roles) in PEOPLE.items():
                people.add_person(c, login, name, ",".join(roles), password_hash, now=NOW)
        seed_leads(opened, market.address, count=30)
        yield opened, build_app(opened, configuration, register_data=REGISTER, clock=Clock(NOW))
