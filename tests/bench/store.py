"""Ratios of the store, printed as lines of `name ratio bar verdict`. Run: python tests/bench/store.py [SQLAlchemy URL of an empty database] …

Without a URL it measures SQLite in a temporary folder. Other work on the machine only adds time, so each side counts
with the least of its runs, both sides in turn.
"""

from __future__ import annotations

import gc
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Double,
    Insert,
    String,
    Table,
    case,
    cast,
    delete,
    insert,
    literal,
    select,
    text,
)

from gimonitor.evidence.sealed import Sealed
from gimonitor.model.finding import Clearing, Finding, Place, Score, ScoreTerm, Screening, Stage, Suspicion
from gimonitor.model.lead import State
from gimonitor.model.listing import Field, Listing, Shop, Subject
from gimonitor.store import tables
from gimonitor.store.database import Store, migrate_store, open_store
from gimonitor.store.leads import QueueFilter, count_leads, queue_page
from gimonitor.store.listings import Observation, save_listings

NIGHT = datetime(2026, 3, 1, 18, tzinfo=UTC)
LISTINGS = 5_000
ROUNDS = 5


def observation(number: int, night: datetime = NIGHT) -> Observation:
    """A listing as a shop page gives it; one in five is suspected, one in ten cleared."""
    listing = Listing(
        platform="practice",
        item_id=str(number),
        title=f"【产地直发】东北五常大米稻花香2号 {number} 真空包装 10斤装 新米",
        url=f"http://127.0.0.1/item/{number}",
        attributes=(
            ("产地", "黑龙江省哈尔滨市五常市"),
            ("净含量", "5kg"),
            ("品牌", f"牌{number % 90}"),
            ("保质期", "12个月"),
        ),
        description="精选优质稻米，自然生长，粒粒饱满，香甜可口。" * 20,
        brand=f"牌{number % 90}",
        shop=Shop(
            name=f"粮油店{number % 400}",
            shop_id=str(number % 400),
            subject=Subject(name=f"商贸公司{number % 400}", uscc=f"9123018{number % 400:011d}"),
        ),
        price_fen=5990 + number % 1000,
        sales=number % 5000,
        image_urls=tuple(f"http://127.0.0.1/image/{number}-{i}.jpg" for i in range(5)),
        observed_at=night,
        parser="practice.item@1",
    )
    sealed = Sealed(
        file="practice/1.warc.gz", offset=number * 900, length=900, sha256=f"{number:064x}", url=listing.url, at=night
    )
    return Observation(listing=listing, screening=screening(number), sealed=sealed)


def screening(number: int) -> Screening:
    """What screening says of listing `number`."""
    place = Place(field=Field.TITLE, start=8, end=12, text="五常大米")
    clearing = Clearing(code="N02", reason="店铺名中的地名", decisive=True, place=place, gi_id="wuchang")
    findings = tuple(
        Finding(
            model_id=f"M0{i}",
            model_version=1,
            family="name",
            gi_id="wuchang",
            gi_name="五常大米",
            place=place,
            reason="标题使用“五常大米”，店铺主体不在合法使用人名单中",
            clears="提供专用标志使用核准文件",
            severity=0.8,
            confidence=0.6,
        )
        for i in (1, 2)
    )
    score = Score(total=float(number % 997) / 10, terms=(ScoreTerm(name="severity", value=0.8, inputs="M01"),))
    flagged, cleared = number % 5 == 0, number % 10 == 1
    return Screening(
        stage=Stage.FLAGGED if flagged else Stage.CLEARED if cleared else Stage.NO_NAME,
        suspicions=(Suspicion(gi_id="wuchang", gi_name="五常大米", findings=findings, score=score),) if flagged else (),
        clearings=(clearing,) if cleared else (),
        on=date(2026, 3, 1),
        register_digest="r" * 64,
    )


def timed(work: Callable[[], object]) -> float:
    """Seconds that a call takes."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


# --- bulk store against raw executemany of the same rows ------------------------------------------------------------


Rows = list[tuple[object, ...]]


def raw_rows(c: Connection, count: int = LISTINGS) -> list[list[tuple[str, Rows]]]:
    """Every stored row of every table as a raw driver writes it: one INSERT a table, in parts of 500 of `count` listings."""
    mark = "?" if c.dialect.name == "sqlite" else "%s"
    parts: list[list[tuple[str, Rows]]] = [[] for _ in range(-(-count // 500))]
    lowest = c.execute(select(tables.listings.c.id).order_by(tables.listings.c.id).limit(1)).scalar_one()
    for table in tables.metadata.sorted_tables:
        names = [column.name for column in table.columns]
        columns = ", ".join(f'"{name}"' for name in names)
        statement = f"INSERT INTO {table.name} ({columns}) VALUES ({', '.join([mark] * len(names))})"
        whose = "id" if table.name == "listings" else "listing_id" if "listing_id" in names else "0"
        _share(c, parts, f"SELECT {whose}, {columns} FROM {table.name}", statement, lowest)
    if c.dialect.name == "sqlite":
        _share(
            c,
            parts,
            "SELECT rowid, rowid, body FROM listing_search",
            "INSERT INTO listing_search (rowid, body) VALUES (?, ?)",
            lowest,
        )
    else:
        statement = "INSERT INTO listing_search (listing_id, body) VALUES (%s, %s::tsvector)"
        _share(c, parts, "SELECT listing_id, listing_id, body::text FROM listing_search", statement, lowest)
    return parts


def _share(c: Connection, parts: list[list[tuple[str, Rows]]], query: str, statement: str, lowest: int) -> None:
    shared: list[Rows] = [[] for _ in parts]
    for whose, *row in c.exec_driver_sql(query):
        shared[(whose - lowest) // 500 if whose else 0].append(tuple(row))
    for part, rows in zip(parts, shared, strict=True):
        if rows:
            part.append((statement, rows))


def empty(store: Store) -> None:
    """Take every row out."""
    with store.write() as c:
        c.execute(text("DELETE FROM listing_search"))
        for table in reversed(tables.metadata.sorted_tables):
            if table.name not in tables.APPEND_ONLY:
                c.execute(delete(table))


def raw_store(store: Store, parts: list[list[tuple[str, Rows]]]) -> None:
    """Write the rows by the driver's executemany, 500 listings in a transaction, as the store does."""
    for part in parts:
        with store.write() as c:
            cursor = c.connection.cursor()
            for statement, rows in part:
                cursor.executemany(statement, rows)


def bulk_ratios(store: Store) -> Iterator[tuple[str, float, str]]:
    """Rates of new and of unchanged listings, as parts of the raw rate of the same rows."""
    observations = [observation(n) for n in range(LISTINGS)]
    batches = [observations[i : i + 500] for i in range(0, LISTINGS, 500)]

    def save() -> None:
        for batch in batches:
            with store.write() as c:
                save_listings(c, batch, None)

    save()
    with store.read() as c:
        parts = raw_rows(c)
    ours, raw, again = [], [], []
    gc.collect()
    gc.freeze()  # what the measurement itself holds is nobody's work
    for _ in range(ROUNDS):
        empty(store)
        raw.append(timed(lambda: raw_store(store, parts)))
        empty(store)
        ours.append(timed(save))
        again.append(timed(save))
    count = sum(len(rows) for part in parts for _, rows in part)
    yield (
        f"bulk store, {LISTINGS / min(ours):.0f} listings/s, {count / min(ours):.0f} rows/s, of raw",
        min(raw) / min(ours),
        ">= 0.5",
    )
    yield f"unchanged, {LISTINGS / min(again):.0f} listings/s, of raw new", min(raw) / min(again), ">= 1.0"
    empty(store)


# --- a page of the queue --------------------------------------------------------------------------------------------


def fill_leads(store: Store, first: int, last: int) -> None:
    """Leads `first` … `last` - 1, three in four of them closed, each over a listing of its own."""
    with store.write() as c:
        if first == 0:
            save_listings(c, [observation(0)], None)
        listing = dict(c.execute(select(tables.listings).limit(1)).mappings().one())
        lead = dict(c.execute(select(tables.leads).limit(1)).mappings().one())
        numbers = select(literal(first + 10).label("n")).cte("numbers", recursive=True)
        numbers = numbers.union_all(select(numbers.c.n + 1).where(numbers.c.n < last + 9))
        n = numbers.c.n
        text_of = cast(n, String)
        own: dict[str, ColumnElement[Any]] = {"id": n, "key": text_of, "item_id": text_of}
        c.execute(many_of(tables.listings, listing, own))
        own = {
            "id": n,
            "listing_id": n,
            "gi_id": literal("gi") + cast(n % 300, String),
            "platform": literal("p") + cast(n % 12, String),
            "state": case((n % 4 == 0, "new"), else_="closed"),
            "score": cast((n % 1000) * 7919 % 1000, Double) / 10,
        }
        c.execute(many_of(tables.leads, lead, own))
    with store.write() as c:
        c.execute(text("ANALYZE"))


def many_of(table: Table, row: dict[str, Any], own: dict[str, ColumnElement[Any]]) -> Insert:
    """One INSERT of `row` for each number, with the columns in `own` made of the number."""
    values = [own[column.name] if column.name in own else literal(row[column.name], column.type) for column in table.c]
    return insert(table).from_select([column.name for column in table.c], select(*values))


FILTERS = {
    "new": QueueFilter(states=(State.NEW,)),
    "new of one GI": QueueFilter(states=(State.NEW,), gi_ids=("gi8",)),
    "new or claimed of a platform": QueueFilter(states=(State.NEW, State.CLAIMED), platforms=("p4",)),
    "all": QueueFilter(),
}


def page_times(store: Store) -> dict[str, float]:
    """Least milliseconds of the first page, of one deep in the queue, and of counting."""
    found = {}
    with store.read() as c:
        for name, wanted in FILTERS.items():
            queue_page(c, wanted)
            found[f"page of {name}"] = 1e3 * min(timed(lambda w=wanted: queue_page(c, w)) for _ in range(60))
        deep = FILTERS["new"]
        found["page deep in new"] = 1e3 * min(timed(lambda: queue_page(c, deep, (50.0, 10**9))) for _ in range(60))
        found["count of new, capped"] = 1e3 * min(timed(lambda: count_leads(c, deep)) for _ in range(10))
    return found


def queue_ratios(store: Store, many: int) -> Iterator[tuple[str, float, str]]:
    """A page among `many` leads against the same among 10,000."""
    fill_leads(store, 0, 10_000)
    few = page_times(store)
    fill_leads(store, 10_000, many)
    for name, milliseconds in page_times(store).items():
        bar = "<= 2" if name.startswith("page") else ""
        yield f"{name}, {milliseconds:.2f} ms at {many:,}, of that at 10,000", milliseconds / few[name], bar


def report(url: str, many: int) -> bool:
    """Measure one database; True when every bar was reached."""
    migrate_store(url)
    good = True
    with open_store(url) as store:
        for measure in (bulk_ratios(store), queue_ratios(store, many)):
            for name, ratio, bar in measure:
                reached = not bar or (ratio >= float(bar[3:]) if bar.startswith(">=") else ratio <= float(bar[3:]))
                good = good and reached
                sys.stdout.write(
                    f"store {store.dialect}: {name}: {ratio:.2f} (bar {bar or 'none'}) {'ok' if reached else 'MISSED'}\n"
                )
                sys.stdout.flush()
    return good


def main(arguments: list[str]) -> int:
    """Measure SQLite, and every database named; exit code 1 when a bar was missed."""
    many = 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        urls = [f"sqlite:///{Path(folder) / 'bench.sqlite'}", *arguments]
        reached = [report(url, many) for url in urls]
        return 0 if all(reached) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
