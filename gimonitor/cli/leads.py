"""`gimonitor leads`: the queue on the command line, to read and to pass on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from gimonitor.configuration import load_configuration
from gimonitor.errors import InputError
from gimonitor.model.zone import BEIJING

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from gimonitor.configuration import Configuration
    from gimonitor.store.leads import LeadRecord, QueueFilter, QueueRow

STATES = ("new", "claimed", "judged", "approved", "sent", "answered", "rechecked", "closed")


@click.group()
def app() -> None:
    """List and show leads (线索), highest score first. Deciding is done in the officers' application.

    \b
    Examples:
      gimonitor leads list --top 10
      gimonitor leads list --state judged --gi 五常大米 --json
      gimonitor leads show 12
    """


@app.command("list")
@click.option("--top", default=20, show_default=True, type=click.IntRange(1, 10_000), help="How many at most.")
@click.option("--state", "states", multiple=True, type=click.Choice(STATES), help="May be given repeatedly.")
@click.option("--gi", "gis", multiple=True, help="Id or name of a GI; may be given repeatedly.")
@click.option("--platform", "platforms", multiple=True, help="Code of a platform; may be given repeatedly.")
@click.option("--text", default="", help="Words in title, shop, brand or item id.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_command(
    top: int, states: tuple[str, ...], gis: tuple[str, ...], platforms: tuple[str, ...], text: str, as_json: bool
) -> None:
    """List leads, each with its first reason in one line."""
    from gimonitor.model.lead import State
    from gimonitor.store.database import open_store
    from gimonitor.store.leads import QueueFilter, count_leads

    configuration = load_configuration()
    with open_store(configuration.store_url) as store, store.read() as c:
        ids = tuple(_gi_id(c, gi, configuration) for gi in gis)
        wanted = QueueFilter(states=tuple(map(State, states)), gi_ids=ids, platforms=platforms, text=text)
        rows = _rows(c, wanted, top)
        total = count_leads(c, wanted)
    for row in rows:
        click.echo(json.dumps(_fields(row), ensure_ascii=False) if as_json else _line(row))
    if not as_json:
        click.echo(f"{len(rows)} of {total if total <= 10_000 else 'more than 10000'} leads")


def _gi_id(c: Connection, given: str, configuration: Configuration) -> str:
    """The id of a GI or sign given by id or name, as leads or the register know it. Raises InputError for neither."""
    from gimonitor.register.loader import load_register
    from gimonitor.store.queue import gi_named

    known = gi_named(c, given)
    if known is not None:
        return known
    register = load_register(configuration.rules_dir, cache_dir=configuration.cache_dir)
    found = [gi.id for gi in register.gis if given in (gi.id, gi.name)] + [
        s.id for s in register.signs if s.id == given
    ]
    if not found:
        raise InputError(f"no GI or sign is called {given!r}; gimonitor register list shows all")
    return found[0]


def _rows(c: Connection, wanted: QueueFilter, top: int) -> list[QueueRow]:
    from gimonitor.store.leads import Cursor, queue_page

    rows: list[QueueRow] = []
    after: Cursor | None = None
    while len(rows) < top:
        page = queue_page(c, wanted, after, min(500, top - len(rows)))
        rows += page.rows
        after = page.next
        if after is None:
            break
    return rows


def _line(row: QueueRow) -> str:
    state = row.state.value if row.resolution is None else f"{row.state.value}/{row.resolution.value}"
    return f"{row.score:5.1f}  #{row.id}  {row.gi_name}  [{row.platform}] {_one_line(row.title)}  ({state})  {_one_line(row.reason)}"


def _fields(row: QueueRow) -> dict[str, object]:
    return {
        "id": row.id,
        "score": row.score,
        "gi": row.gi_id,
        "gi_name": row.gi_name,
        "platform": row.platform,
        "item_id": row.item_id,
        "title": row.title,
        "url": row.url,
        "shop": row.shop_name,
        "state": row.state.value,
        "resolution": row.resolution.value if row.resolution else None,
        "claimed_by": row.claimed_by,
        "reason": row.reason,
        "version": row.version,
        "created_at": row.created_at.isoformat(),
    }


@app.command()
@click.argument("lead_id", type=click.IntRange(1))
@click.option("--json", "as_json", is_flag=True, help="Everything as one JSON object.")
def show(lead_id: int, as_json: bool) -> None:
    """Show one lead: every reason with place, law and what would clear it, and what was decided, in Beijing time."""
    from gimonitor.store.database import open_store
    from gimonitor.store.leads import load_lead

    if lead_id >= 1 << 63:
        raise InputError(f"{lead_id} is no id of a lead")
    with open_store(load_configuration().store_url) as store, store.read() as c:
        record = load_lead(c, lead_id)
    click.echo(_as_json(record) if as_json else "\n".join(_as_text(record)))


@app.command()
@click.option(
    "--limit", default=200, show_default=True, type=click.IntRange(1), help="Pages at most, the longest due first."
)
def recheck(limit: int) -> None:
    """Look at every page whose recheck is due (T+1, 3, 7, 30, 90), politely, and record what was seen.

    \b
    Example: gimonitor leads recheck --limit 50
    """
    from datetime import UTC, datetime

    from gimonitor.crawling.politeness import wait_turn
    from gimonitor.papers.rechecking import recheck_due
    from gimonitor.store.database import open_store

    configuration = load_configuration()
    with open_store(configuration.store_url) as store:
        done = recheck_due(store, configuration, now=datetime.now(UTC), limit=limit, before=wait_turn)
    seen = ", ".join(f"{count} {what.value}" for what, count in done.seen.items() if count)
    click.echo(f"{done.looked} pages looked at" + (f": {seen}" if seen else ""))


def _as_json(record: LeadRecord) -> str:
    from dataclasses import asdict

    return json.dumps(asdict(record), ensure_ascii=False, indent=1, default=str)


def _as_text(record: LeadRecord) -> list[str]:
    lead, listing = record.lead, record.suspected
    lines = [
        f"#{lead.id}  {lead.gi_name}  {lead.score.total:.1f}  {lead.state.value}"
        + (f"/{lead.resolution.value}" if lead.resolution else ""),
        f"[{listing.platform}] {listing.item_id}  {_one_line(listing.title)}",
        _one_line(listing.url),
        "score: " + " × ".join(f"{term.name} {term.value:.2f} ({term.inputs})" for term in lead.score.terms),
    ]
    for number, finding in enumerate(record.findings, start=1):
        place = finding.place
        lines += [
            f"{number}. {finding.reason}  [{finding.model_id}@{finding.model_version}]",
            f"   {place.field.value} {place.start}:{place.end} “{_one_line(place.text)}”  origin: {finding.origin.value}",
            *(f"   {law.instrument} {law.article}{' (unverified)' if law.unverified else ''}" for law in finding.law),
            f"   clears: {finding.clears}",
            *(f"   considered: {clearing.reason} ({clearing.code})" for clearing in finding.considered),
            *(f"   unverified: {fact}" for fact in finding.unverified),
        ]
    lines += [
        f"{d.at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}  {d.who}  {d.action} -> {d.state.value}  {_one_line(d.why)}"
        for d in record.decisions
    ]
    return lines


def _one_line(text: str) -> str:
    """Without control, bidi and zero-width characters: a title must not steer a terminal."""
    return "".join(c if c.isprintable() else "�" if c not in "\n\t\r" else " " for c in text)
