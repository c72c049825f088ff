"""Listings from a table, screened and stored as a crawl's would be; rows that are none go to a reject file."""

from __future__ import annotations

import csv
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from gimonitor.configuration import Configuration
from gimonitor.errors import GimonitorError, InputError, PartialError
from gimonitor.model.finding import Screening
from gimonitor.model.listing import Listing
from gimonitor.model.outside import Outside
from gimonitor.model.run import Coverage, RunState
from gimonitor.operations.ahead import Read, read_ahead
from gimonitor.parsing.items import item_of, one_numbering
from gimonitor.parsing.platform import load_platforms
from gimonitor.parsing.table import Reject, map_columns, parse_rows
from gimonitor.register import load_register
from gimonitor.screening import Screener
from gimonitor.store import runs
from gimonitor.store.database import Store, open_store
from gimonitor.store.loading import stored_of
from gimonitor.store.registers import remember_register
from gimonitor.tables import harmless, open_table
from gimonitor.text.prices import STATED
from gimonitor.workflow.intake import officers_day, screen_many, take_screened

SOURCE = "table"
_PREVIEWED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import did. rows = new + changed + unchanged + rejected; `odd_prices` of them were taken without their price,
    `odd_platforms` says of which platforms that are not known (name: rows) some are, `unread` which headings were not read."""

    run_id: int
    rows: int
    new: int
    changed: int
    unchanged: int
    rejected: int
    leads: int
    reject_file: Path | None
    odd_prices: int = 0
    odd_platforms: Mapping[str, int] = field(default_factory=dict)
    unread: tuple[str, ...] = ()


@dataclass(slots=True)
class _Counts:
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    leads: int = 0
    odd_prices: int = 0
    odd_example: str = ""
    odd_platforms: Counter[str] = field(default_factory=Counter)

    @property
    def rows(self) -> int:
        return self.new + self.changed + self.unchanged + self.rejected


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What an import would do: the column map, the headings that are not read, the first rows, and where the table names a
    platform that is not known (name: numbers of rows)."""

    columns: Mapping[str, str]
    unread: tuple[str, ...]
    first: tuple[Listing | Reject, ...]
    odd_platforms: Mapping[str, tuple[int, ...]]


def preview_table(path: Path, *, platform: str, sheet: str = "", columns: Mapping[str, str]) -> Preview:
    """Read a table, without a store."""
    table = open_table(path, sheet=sheet)
    mapped = map_columns(table.header, columns)
    numbers: list[int] = []
    rows = (numbers.append(row.number) or row for row in table.rows)  # type: ignore[func-returns-value]  # it is None
    first: list[Listing | Reject] = []
    odd: dict[str, list[int]] = {}
    for one in parse_rows(rows, mapped, source=SOURCE, platform=platform, given=columns):
        if len(first) < _PREVIEWED:
            first.append(one)
        if isinstance(one, Listing) and one.platform not in load_platforms():
            odd.setdefault(one.platform, []).append(numbers[-1])
    return Preview(
        columns=mapped,
        unread=_unread(table.header, mapped),
        first=tuple(first),
        odd_platforms={name: tuple(found) for name, found in odd.items()},
    )


def _unread(header: tuple[str, ...], mapped: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(heading for heading in header if heading and heading not in mapped)


def import_table(
    configuration: Configuration,
    path: Path,
    *,
    platform: str,
    sheet: str = "",
    columns: Mapping[str, str],
    reported_by: Outside = Outside.TABLE,
    rejects: Path | None = None,
    say: Callable[[int], None] = lambda rows: None,
) -> Imported:
    """Import a table in batches, each stored whole. Rows that are no listing go to the reject file with number and reason.

    Each listing keeps who reported it, and in which file, as its source. Run again over the same table it changes
    nothing. Raises InputError, RulesError or StoreError before the first row is stored, PartialError where it is ended in
    the midst (its run is then `interrupted`); `say` is told the number of rows done after each batch.
    """
    table = open_table(path, sheet=sheet)
    mapped = map_columns(table.header, columns)
    register = load_register(configuration.rules_dir, cache_dir=configuration.cache_dir)
    screener = Screener(register)
    store = open_store(configuration.store_url)
    reject_path = rejects or path.with_name(path.name + ".rejects.csv")
    try:
        with store.write() as connection:
            remember_register(connection, register)
            run_id = runs.start_run(
                connection, SOURCE, {"file": path.name, "columns": mapped, "from": reported_by.value}
            )
        counts = _Counts()
        parsed = parse_rows(
            table.rows, mapped, source=f"{reported_by.value}:{path.name}", platform=platform, given=columns
        )
        store.close()  # a connection must not live on in two processes; the next use opens another
        read = tuple(heading for heading in table.header or () if heading in mapped) or ("line",)
        with _failing(store, run_id, path, counts), _reject_file(reject_path, read) as reject:
            is_whole = _take_all(store, screener, parsed, run_id, counts, reject, say)
        if not is_whole:
            _record(store, run_id, path, counts, RunState.INTERRUPTED, f"ended after {counts.rows} rows")
            raise PartialError(
                f"{path}: ended after {counts.rows} rows, which stay (run {run_id} is interrupted); to go on, run the "
                "same command again: what is stored already is passed over"
            )
        _record(store, run_id, path, counts, RunState.PARTIAL if counts.rejected else RunState.OK)
    finally:
        store.close()
    return Imported(
        run_id=run_id,
        rows=counts.rows,
        new=counts.new,
        changed=counts.changed,
        unchanged=counts.unchanged,
        rejected=counts.rejected,
        leads=counts.leads,
        reject_file=reject_path if counts.rejected else None,
        odd_prices=counts.odd_prices,
        odd_platforms=dict(counts.odd_platforms),
        unread=_unread(table.header, mapped),
    )


def _take_all(
    store: Store,
    screener: Screener,
    parsed: Iterator[Listing | Reject],
    run_id: int,
    counts: _Counts,
    reject: Callable[[Reject], None],
    say: Callable[[int], None],
) -> bool:
    """Take batch after batch; False when it was ended by Ctrl-C or SIGTERM.

    That is told by a value: while the interrupt lives, its frames hold cursors, and with them SQLite's lock.
    """
    on = officers_day()
    try:
        with read_ahead(parsed, lambda listings: screen_many(screener, listings, on)) as batches:
            for batch in batches:
                _take(store, screener, batch, run_id, counts, reject, on)
                say(counts.rows)
    except KeyboardInterrupt:
        return False
    return True


def _take(
    store: Store,
    screener: Screener,
    batch: list[Read],
    run_id: int,
    counts: _Counts,
    reject: Callable[[Reject], None],
    on: date,
) -> None:
    screened: dict[tuple[str, str], tuple[Listing, Screening]] = {}

    def save() -> None:
        saved = take_screened(store, screener, list(screened.values()), run_id, on)
        counts.new += saved.new
        counts.changed += saved.changed
        counts.unchanged += saved.unchanged
        counts.leads += saved.leads_new
        screened.clear()

    for one in _as_known(store, batch):
        if one.reject:
            reject(one.reject)
            counts.rejected += 1
        if one.listing and one.screening:
            if one.listing.key in screened:  # the same offer again: both rows are observations, in their order
                save()
            screened[one.listing.key] = (one.listing, one.screening)
            _note_odd(one.listing, counts)
    save()


def _as_known(store: Store, batch: list[Read]) -> list[Read]:
    """The rows; goods that a link names by a number which two platforms share are those that are stored, or that came first.

    The host of such a link says where somebody looked, not whose goods they are: either leads to the same page.
    """
    alike: dict[tuple[tuple[str, ...], str], list[Listing]] = {}
    for one in batch:
        if one.listing and (platforms := one_numbering(one.listing.platform)):
            alike.setdefault((platforms, one.listing.item_id), []).append(one.listing)
    others = [
        (name, item) for (platforms, item), rows in alike.items() for name in platforms if name != rows[0].platform
    ]
    elsewhere = {item for _, item in _stored(store, others)}
    doubtful = {
        key: rows for key, rows in alike.items() if key[1] in elsewhere or len({row.platform for row in rows}) > 1
    }
    stored = _stored(store, [(name, item) for platforms, item in doubtful for name in platforms])
    named: dict[int, str] = {}
    for (platforms, item), rows in doubtful.items():
        by_link = [row for row in rows if item_of(row.url) == row.key]
        known = [name for row in by_link[:1] for name in (row.platform, *platforms) if (name, item) in stored]
        named |= {id(row): (*known, by_link[0].platform)[0] for row in by_link}
    return [
        replace(one, listing=replace(one.listing, platform=named[id(one.listing)]))
        if one.listing and id(one.listing) in named
        else one
        for one in batch
    ]


def _stored(store: Store, pairs: list[tuple[str, str]]) -> set[tuple[str, str]]:
    return store.attempt(lambda c: stored_of(c, pairs), writes=False) if pairs else set()


def _note_odd(listing: Listing, counts: _Counts) -> None:
    if listing.platform not in load_platforms():
        counts.odd_platforms[listing.platform] += 1
    stated = dict(listing.attributes).get(STATED)
    if stated is not None and listing.price_fen is None:
        counts.odd_prices += 1
        counts.odd_example = counts.odd_example or f"{listing.item_id}: {stated}"


@contextmanager
def _reject_file(path: Path, header: tuple[str, ...]) -> Iterator[Callable[[Reject], None]]:
    """Open the reject file for writing; it appears under its name only when it holds something. `header` are the columns that
    are read: what stands in others (names, telephone numbers) stays in the table."""
    part = path.with_name(path.name + ".part")
    try:
        stream = part.open("w", encoding="utf-8-sig", newline="")
    except OSError as error:
        raise InputError(f"{part}: the reject file cannot be written: {error.strerror}") from error
    with stream:
        writer = csv.writer(stream)
        count = 0

        def reject(one: Reject) -> None:
            nonlocal count
            if not count:
                writer.writerow(["row", "reason", *header])
            count += 1
            cells = [one.cells.get(name, "") for name in header]
            if header == ("line",) and not one.cells.get("line"):
                cells = [json.dumps(dict(one.cells), ensure_ascii=False)]
            writer.writerow([one.number, one.reason, *map(harmless, cells)])

        try:
            yield reject
        finally:
            stream.flush()
            os.fsync(stream.fileno())
    if count:
        part.replace(path)
    else:
        part.unlink()
        path.unlink(missing_ok=True)


@contextmanager
def _failing(store: Store, run_id: int, path: Path, counts: _Counts) -> Iterator[None]:
    """Close the run as failed where the table or the store breaks off. What was stored by then stays."""
    try:
        yield
    except GimonitorError as error:
        with suppress(GimonitorError):  # such as a store that is away
            _record(store, run_id, path, counts, RunState.FAILED, str(error))
        raise


def _record(store: Store, run_id: int, path: Path, counts: _Counts, state: RunState, why: str = "") -> None:
    odd = f"{counts.odd_prices} rows without a readable price, first {counts.odd_example}" if counts.odd_prices else ""
    named = ", ".join(f"{name} ({number})" for name, number in counts.odd_platforms.items())
    strange = f"rows of platforms that are not known: {named[:300]}" if named else ""
    coverage = Coverage(
        run_id=run_id,
        source=SOURCE,
        query=path.name,
        announced=None if why else counts.rows,
        cut_off=bool(why),
        seen=counts.rows,
        stored=counts.new + counts.changed,
        unchanged=counts.unchanged,
        rejected=counts.rejected,
        detail="; ".join(filter(None, (why, odd, strange))),
    )
    with store.write() as connection:
        runs.save_coverage(connection, coverage)
        runs.finish_run(connection, run_id, state, why)
