"""`gimonitor demo`: the main job once, from the practice marketplace to a verified evidence pack."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gimonitor.configuration import Configuration, load_configuration
from gimonitor.errors import GimonitorError

if TYPE_CHECKING:
    from gimonitor.store.database import Store
    from gimonitor.store.queue import QueueRow

OFFICER, APPROVER = "yanshi", "fuhe"
PORT = 8601
START_SECONDS = 30.0
SHOPS = ("s02", "s24", "s27")
"""Shops of the practice marketplace that are read from their own pages, as any shop: rice, books, a farmer."""
API, API_QUERIES = "taobao_union", ("五常大米", "西湖龙井")
PRACTICE_MARK = "\n# key of the practice API, put here by `gimonitor demo` as long as it runs\n"
PRACTICE_KEY = re.compile(re.escape(PRACTICE_MARK) + r"(?:.+\n){5}")
HANDED_IN = (
    ("9001", "五常大米 稻花香 东北新米 5kg 辽宁发货", "39.90", "演练米铺"),
    ("9002", "西湖龙井风味 绿茶 散装 500g", "58", "演练茶铺"),
    ("9003", "加厚防滑浴室地垫", "12.50", "演练百货"),
    ("9004", "", "89", "演练水产"),
)
"""Rows of an invented contractor's table: number, title, price, shop. The last has no title, and is refused."""


@click.command()
def app() -> None:
    """Walk the whole way once on invented goods: collect, seal, screen, queue, decide, capture, pack, verify.

    The goods come from four sources: a marketplace, shops by their own pages, an open API that checks signatures, and a
    contractor's table. Everything it makes lies in the data folder, but the vault's key where you had none. A second run finds the same listings unchanged and adds nothing twice.

    \b
    Example: GIMONITOR_DATA_DIR=var/demo gimonitor demo
    """
    from gimonitor.store.database import migrate_store, open_store

    configuration = load_configuration()
    migrated = migrate_store(configuration.store_url)
    click.echo(f"store: {migrated.place}")
    with _practice_market(configuration) as url:
        configuration = configuration.model_copy(update={"practice_url": url})
        _collect(configuration)
        _import(configuration, url)
        with open_store(configuration.store_url) as store:
            password = _people(store, configuration)
            _print_leads(store)
            _export(store, configuration)
    click.echo(f"\nOpen the officers' application:  ./run serve   then log in as {OFFICER} / {password}")
    click.echo(f"(the approver is {APPROVER}, with the same password; it is kept in {_password_file(configuration)})")


@contextmanager
def _practice_market(configuration: Configuration) -> Iterator[str]:
    """The practice marketplace as a process of its own, ended by its id."""
    port_file = configuration.data_dir / "practice.port"
    ports = (*_earlier_port(port_file), PORT, 0)  # an address that moves would make every listing a changed one
    port_file.unlink(missing_ok=True)
    command = [sys.executable, "-P", "-m", "gimonitor", "practice", "serve", "--port-file", str(port_file), "--port"]
    for port in ports:
        server = subprocess.Popen([*command, str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if _wait_for(port_file, server):
            break
    else:
        raise GimonitorError("the practice marketplace did not start; try: gimonitor practice serve")
    try:
        yield f"http://127.0.0.1:{port_file.read_text(encoding='utf-8').strip()}"
    finally:
        server.terminate()
        server.wait(10)


def _earlier_port(port_file: Path) -> tuple[int, ...]:
    """The port of the last demonstration in this data folder, if there was one."""
    text = port_file.read_text(encoding="utf-8").strip() if port_file.exists() else ""
    return (int(text),) if text.isdigit() else ()


def _wait_for(port_file: Path, server: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        if port_file.exists():
            return True
        time.sleep(0.05)
    server.kill()
    server.wait()
    return False


def _collect(configuration: Configuration) -> None:
    """One nightly run over three sources; the marketplace's refusals come last, its challenge, which ends a source, at the end."""
    from gimonitor.cli.run import print_verdict
    from gimonitor.operations.nightly import run_now
    from gimonitor.operations.plan import PlannedSlice
    from gimonitor.practice.faults import load_faults

    faults = sorted((f for f in load_faults().values() if not f.times), key=lambda f: f.kind == "challenge")
    refused = [fault.query for fault in faults]
    shops = tuple(f"{configuration.practice_url}/shop/{shop}" for shop in SHOPS)
    with _practice_key(configuration) as api_queries:
        asked = {
            "shop": [shops],
            API: [api_queries],
            "practice": [
                tuple(refused[i : i + 2]) for i in range(0, len(refused), 2)
            ],  # a third in a row would end the source
        }
        extra = [PlannedSlice(source=source, queries=q) for source, each in asked.items() for q in each if q]
        print_verdict(run_now(configuration, sources=["practice"], extra=extra, say=click.echo))
    click.echo("(the practice marketplace refuses, cuts off and asks for a log-in on purpose: these are its gaps)")


@contextmanager
def _practice_key(configuration: Configuration) -> Iterator[tuple[str, ...]]:
    """What to ask the practice API, whose key lies in the vault as long as the block lasts; nothing where a real one lies there."""
    from gimonitor.practice.desk import KEY, SECRET
    from gimonitor.vault import FILE, parse, read_vault_text, write_vault

    folder, endpoint = configuration.data_dir, f"{configuration.practice_url}/apis/taobao"
    kept = PRACTICE_KEY.sub("", read_vault_text(folder, os.environ))  # what a demonstration that was killed has left
    if API in parse(kept, FILE):
        click.echo(f"{API}: your own key is in the vault, so it is not asked here")
        yield ()
        return
    table = f'{PRACTICE_MARK}[{API}]\nkey = "{KEY}"\nsecret = "{SECRET}"\nendpoint = "{endpoint}"\nextra = {{adzone_id = "1"}}\n'
    write_vault(folder, kept + table, os.environ)
    try:
        yield API_QUERIES
    finally:
        if kept:
            write_vault(folder, kept, os.environ)
        else:
            (folder / FILE).unlink()


def _import(configuration: Configuration, url: str) -> None:
    """A table as a contractor hands it in: goods of another platform, and one row without a title."""
    from gimonitor.model.outside import Outside
    from gimonitor.operations.imports import import_table

    path = configuration.data_dir / "demo-contractor.csv"
    rows = (f"{number},{title},{price},{shop},{url}/contractor/{number}" for number, title, price, shop in HANDED_IN)
    path.write_text("\n".join(("商品ID,标题,价格,店铺名称,商品链接", *rows, "")), encoding="utf-8-sig")
    done = import_table(configuration, path, platform="taobao", columns={}, reported_by=Outside.CONTRACTOR)
    click.echo(
        f"imported {path.name}: {done.rows} rows: {done.new} new, {done.unchanged} unchanged, {done.rejected} refused, "
        "each with its reason in demo-contractor.csv.rejects.csv"
    )


def _password_file(configuration: Configuration) -> Path:
    return configuration.data_dir / "demo-password.txt"


def _people(store: Store, configuration: Configuration) -> str:
    """Two accounts with a password made once, so that nobody finds a known one."""
    from gimonitor.store import audit, people
    from gimonitor.web.passwords import hash_password

    file = _password_file(configuration)
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(12), encoding="utf-8")
    password = file.read_text(encoding="utf-8")
    accounts = (
        (OFFICER, "演示审核员", "officer,operator,model_author"),
        (APPROVER, "演示审批人", "approver,auditor,leader"),
    )
    with store.write() as c:
        for login, name, roles in accounts:
            if people.find_person(c, login) is None:
                people.add_person(c, login, name, roles, hash_password(password, login))
                audit.append_audit(c, "demo", "person.add", f"person:{login}", {"roles": roles})
    return password


def _print_leads(store: Store) -> None:
    """Print the ten highest leads, whatever their state, each with its first reason."""
    from gimonitor.store.queue import QueueFilter, count_leads, queue_page

    with store.read() as c:
        rows = queue_page(c, QueueFilter(), None, 10).rows
        total = count_leads(c, QueueFilter())
    click.echo(f"\n{total} leads; the ten highest:")
    for row in rows:
        click.echo(f"  {row.score:5.1f}  #{row.id} {row.gi_name} [{row.shop_name}] {row.title}\n         {row.reason}")


def _export(store: Store, configuration: Configuration) -> None:
    """Judge the highest lead as the demonstration's officer, capture its page, export the pack; an earlier one is kept."""
    from gimonitor.errors import TamperedError
    from gimonitor.evidence.verify import verify_pack

    packed = _packed_before(store, configuration)
    if packed is not None:
        lead_id, path = packed
    else:
        row = _highest_new(store)
        lead_id, path = row.id, _decide_and_pack(store, configuration, row)
    problems = verify_pack(path)
    if problems:
        raise TamperedError("\n".join(f"{path}: {p.kind}: {p.file} {p.detail}" for p in problems))
    click.echo(f"\nevidence pack of lead #{lead_id}, verified: {path}")
    click.echo(f"check it yourself:  .venv/bin/gimonitor evidence verify {path}")


def _packed_before(store: Store, configuration: Configuration) -> tuple[int, Path] | None:
    """The lead that an earlier demonstration judged, with its pack."""
    from gimonitor.model.lead import Resolution
    from gimonitor.store.captures import packs_of
    from gimonitor.store.queue import QueueFilter, queue_page

    with store.read() as c:
        for row in queue_page(c, QueueFilter(resolutions=(Resolution.CONFIRMED,)), None, 50).rows:
            for pack in packs_of(c, row.id):
                if pack.who == OFFICER:
                    return row.id, configuration.packs_dir / pack.file
    return None


def _highest_new(store: Store) -> QueueRow:
    from gimonitor.model.lead import State
    from gimonitor.store.queue import QueueFilter, queue_page

    with store.read() as c:
        rows = queue_page(c, QueueFilter(states=(State.NEW,), platforms=("practice",)), None, 1).rows
    if not rows:
        raise GimonitorError("the demonstration found no new lead to export")
    return rows[0]


def _decide_and_pack(store: Store, configuration: Configuration, row: QueueRow) -> Path:
    from gimonitor.model.lead import Resolution
    from gimonitor.papers.packing import pack_lead
    from gimonitor.papers.taking import take_for_lead
    from gimonitor.papers.values import Addressing
    from gimonitor.register import load_register
    from gimonitor.store.leads import load_lead
    from gimonitor.workflow.decisions import Actor, judge
    from gimonitor.workflow.roles import Role

    actor = Actor(login=OFFICER, roles=frozenset({Role.OFFICER}))
    now = datetime.now(UTC)
    with store.write() as c:
        judge(c, actor, row.id, row.version, Resolution.CONFIRMED, now=now, why="演示：按页面所示，疑似成立")
    with store.read() as c:
        record = load_lead(c, row.id)
    take_for_lead(store, record, configuration, who=OFFICER, now=now)
    register = load_register(configuration.rules_dir, cache_dir=configuration.cache_dir)
    addressing = Addressing(gi=next((gi for gi in register.gis if gi.id == record.lead.gi_id), None))
    pack, _ = pack_lead(store, configuration, row.id, who=OFFICER, now=datetime.now(UTC), addressing=addressing)
    return pack.path
