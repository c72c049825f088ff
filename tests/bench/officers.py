"""Ten officers at work on 1,000,000 listings with 20,000 open leads, over HTTP, and how long each page takes.

Run: python tests/bench/officers.py [SQLAlchemy URL of an empty database] … [--leads N] [--keep FOLDER]
Without a URL it measures SQLite in a temporary folder. The store is filled by bulk SQL; the application is a process of
its own. Times are of the wall clock, so the load of the machine is printed beside them; the bars are those of the issue.
"""

from __future__ import annotations

import argparse
import http.client
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from sqlalchemy import Connection, String, case, cast, insert, literal, literal_column, select, text

from gimonitor.model.lead import Resolution, State
from gimonitor.store import people, tables
from gimonitor.store.database import Store, migrate_store, open_store
from gimonitor.store.listings import save_listings
from gimonitor.store.search import bodies, search_forms
from gimonitor.web.access import token_digest

sys.path.insert(0, str(Path(__file__).parent))  # `python -P` leaves the folder of the script out

from store import many_of, observation

LISTINGS, OPEN, SHOPS, OFFICERS, EACH = 1_000_000, 20_000, 20_000, 10, 12
THINK = 6.0  # seconds an officer looks at a lead; the aim for a clear one is 20
BARS = {"queue page": 300, "judge and next lead": 100, "lead": 100, "search": 500, "listings": 500}
NAMES = [
    "五常大米",
    "西湖龙井",
    "阳澄湖大闸蟹",
    "赣南脐橙",
    "烟台苹果",
    "金华火腿",
    "安溪铁观音",
    "文山三七",
    "库尔勒香梨",
    "沁州黄小米",
]
GOODS = [
    "新米",
    "绿茶",
    "鲜活",
    "水果",
    "礼盒",
    "火腿",
    "乌龙",
    "药材",
    "香梨",
    "小米",
    "蜂蜜",
    "木耳",
    "枸杞",
    "核桃",
    "红枣",
    "香菇",
]
PRAISE = [
    "产地直发",
    "正宗",
    "农家自产",
    "精选",
    "特级",
    "现货速发",
    "顺丰包邮",
    "当季新货",
    "真空包装",
    "散装",
    "送礼佳品",
    "团购",
]
SEARCHES = ["五常大米", "大闸蟹 现货", "西湖龙井 特级", "礼盒", "库尔勒香梨 水果 12345", "没有这种东西"]


def title(n: int, rng: random.Random) -> str:
    """A title; one in five names a GI."""
    name = f"{rng.choice(NAMES)} " if n % 5 == 0 else ""
    return f"【{rng.choice(PRAISE)}】{name}{rng.choice(GOODS)} {rng.choice(PRAISE)} {n} {rng.randint(1, 20)}斤装"


# --- filling ----------------------------------------------------------------------------------------------------------


def fill(store: Store) -> None:
    """Bulk SQL: titles through one table of their own, all else by INSERT … SELECT from one listing that was really stored."""
    with store.write() as c:
        save_listings(c, [observation(0)], None, datetime.now(UTC))
        _load_titles(c)
        _copy_sellers(c)
        _copy_listings(c)
        _copy_leads(c)
        for number in range(OFFICERS):
            person = people.add_person(c, f"officer{number}", f"审核员{number}", "officer", "x", now=datetime.now(UTC))
            now = datetime.now(UTC)
            people.open_session(c, token_digest(f"t{number}"), person, now=now, ends_at=now + timedelta(hours=12))
        c.execute(text("DROP TABLE bench_titles"))
    with store.write() as c:
        c.execute(text("ANALYZE"))


def _load_titles(c: Connection) -> None:
    c.execute(text("CREATE TABLE bench_titles (n BIGINT PRIMARY KEY, title TEXT, body TEXT)"))
    if c.dialect.name == "sqlite":
        c.exec_driver_sql("INSERT INTO bench_titles VALUES (?, ?, ?)", _titles(False))  # type: ignore[arg-type]
        c.exec_driver_sql("INSERT INTO listing_search (rowid, body) SELECT n, body FROM bench_titles")
        return
    cursor: Any = c.connection.cursor()
    with cursor.copy("COPY bench_titles FROM STDIN") as copy:
        for row in _titles(True):
            copy.write_row(row)
    c.exec_driver_sql("DROP INDEX ix_listing_search_body")


def _titles(places: bool) -> list[tuple[int, str, str]]:
    rng, found = random.Random(7), []
    for first in range(10, LISTINGS + 10, 5000):
        numbers = range(first, min(first + 5000, LISTINGS + 10))
        titles = [title(n, rng) for n in numbers]
        for n, shown, body in zip(numbers, titles, bodies(search_forms(titles)), strict=True):
            placed = " ".join(f"'{t}':{i}" for i, t in enumerate(body.split(), 1))
            found.append((n, shown, placed if places else body))
    return found


def _first(c: Connection, table: Any) -> dict[str, Any]:
    return dict(c.execute(select(table).limit(1)).mappings().one())


def _numbers(upto: int) -> Any:
    numbers = select(literal(10).label("n")).cte("numbers", recursive=True)
    return numbers.union_all(select(numbers.c.n + 1).where(numbers.c.n < upto + 9))


def _copy_sellers(c: Connection) -> None:
    for table, count in ((tables.subjects, SHOPS // 2), (tables.shops, SHOPS)):
        n = _numbers(count).c.n
        own: dict[str, Any] = {"id": n, "key": cast(n, String), "name": literal("粮油店") + cast(n, String)}
        if table is tables.shops:
            own["subject_id"] = n % (SHOPS // 2) + 10
        c.execute(many_of(table, _first(c, table), own))


def _copy_listings(c: Connection) -> None:
    n, shown = literal_column("n"), literal_column("title")
    row = _first(c, tables.listings)
    own = {"id": n, "key": cast(n, String), "item_id": cast(n, String), "title": shown, "shop_id": n % SHOPS + 10}
    values = [own.get(col.name, literal(row[col.name], col.type)) for col in tables.listings.c]
    source = select(*values).select_from(text("bench_titles"))
    c.execute(insert(tables.listings).from_select([col.name for col in tables.listings.c], source))
    if c.dialect.name != "sqlite":
        c.execute(text("INSERT INTO listing_search SELECT n, body::tsvector FROM bench_titles"))
        c.execute(text("CREATE INDEX ix_listing_search_body ON listing_search USING gin (body)"))


def _copy_leads(c: Connection) -> None:
    """Leads over every fifth listing, the ones that name a GI; one in ten of them open."""
    base = _first(c, tables.leads)
    count = LISTINGS // 5
    n = _numbers(count).c.n
    is_open = n <= OPEN + 9
    lead = {
        "id": n,
        "listing_id": n * 5 - 40,
        "gi_id": literal("gi") + cast(n % 300, String),
        "platform": literal("p") + cast(n % 12, String),
        "shop_id": (n * 5 - 40) % SHOPS + 10,
        "state": case(
            (is_open & (n % 10 == 0), State.CLAIMED.value), (is_open, State.NEW.value), else_=State.CLOSED.value
        ),
        "claimed_by": case((is_open & (n % 10 == 0), literal("officer") + cast(n / 10 % OFFICERS, String)), else_=""),
        "resolution": case((is_open, None), else_=Resolution.FAIR_USE.value),
        "score": (n * 7919 % 1000) / 10.0,
    }
    c.execute(many_of(tables.leads, base, lead))
    for table in (tables.listing_versions, tables.screenings, tables.findings):
        for row in c.execute(select(table)).mappings().all():
            own = {"listing_id": n * 5 - 40, "gi_id": literal("gi") + cast(n % 300, String)}
            c.execute(many_of(table, dict(row), own))


# --- at work ----------------------------------------------------------------------------------------------------------


class Officer:
    """A browser's requests, one after another over one connection, each timed under a name."""

    def __init__(self, port: int, number: int, times: dict[str, list[float]]) -> None:
        self.http = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.headers = {"cookie": f"gimonitor=t{number}", "sec-fetch-site": "same-origin"}
        self.times = times

    def ask(self, name: str, path: str, form: dict[str, str] | None = None) -> str:
        """The page, after a redirect where there is one; the time of both counts."""
        began = time.perf_counter()
        page = self._once(path, form)
        self.times[name].append(1000 * (time.perf_counter() - began))
        return page

    def _once(self, path: str, form: dict[str, str] | None = None) -> str:
        headers = self.headers | ({"content-type": "application/x-www-form-urlencoded"} if form else {})
        self.http.close()  # while an officer looks at a lead the server closes the connection anyway
        self.http.request("POST" if form else "GET", path, urlencode(form) if form else None, headers)
        answer = self.http.getresponse()
        body = answer.read().decode()
        if answer.status == 303:
            return self._once(answer.headers["location"])
        if answer.status == 409:
            return body
        assert answer.status == 200, (path, answer.status, body[:300])
        return body


def work(port: int, number: int, times: dict[str, list[float]], gis: str) -> None:
    """An officer's quarter of an hour: the queue, leads by keys, a search now and then."""
    officer, rng = Officer(port, number, times), random.Random(number)
    page = officer.ask("queue page", f"/leads?{gis}")
    path = _found(r'href="(/leads/\d+[^"]*)"[^>]*data-key="space"', page)
    page = officer.ask("lead", path)
    for step in range(EACH):
        time.sleep(THINK * rng.uniform(0.5, 1.5))
        form = {
            "version": _found(r'name="version" value="(\d+)"', page),
            "resolution": rng.choice(["fair_use", "wrong_category"]),
        }
        form["back"] = gis
        page = officer.ask("judge and next lead", _found(r"线索 (\d+) ·", page, "/leads/{}/judge"), form)
        if "线索 " not in page or "已有变化" in page:
            page = officer.ask(
                "lead",
                _found(r'href="(/leads/\d+[^"]*)"[^>]*data-key="space"', officer.ask("queue page", f"/leads?{gis}")),
            )
        if step % 4 == 0:
            word = SEARCHES[(number + step) % len(SEARCHES)]
            officer.ask("search", f"/leads?view=all&q={quote(word)}")
            officer.ask("listings", f"/listings?q={quote(word)}")
            officer.ask("queue page", f"/leads?{gis}")
            officer.ask("groups", "/groups")


def _found(pattern: str, page: str, form: str = "{}") -> str:
    found = re.search(pattern, page)
    assert found, (pattern, page[:2000])
    return form.format(found.group(1).replace("&amp;", "&"))


def measure(url: str, folder: Path) -> bool:
    """Start the application, let the officers work, print what they waited for."""
    environment = dict(os.environ, GIMONITOR_DATA_DIR=str(folder), GIMONITOR_DATABASE_URL=url)
    command = [sys.executable, "-m", "gimonitor", "serve", "--port", "0"]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout
        port = int(_found(r":(\d+)/", server.stdout.readline()))
        _alone(port, server.pid, url.partition(":")[0])
        times: dict[str, list[float]] = defaultdict(list)
        threads = [threading.Thread(target=work, args=(port, i, times, "view=open")) for i in range(OFFICERS)]
        for thread in threads:
            thread.start()
            time.sleep(THINK / OFFICERS)
        for thread in threads:
            thread.join()
    finally:
        server.terminate()
        server.wait(20)
    told = [_tell(name, found, url.partition(":")[0]) for name, found in sorted(times.items())]
    return all(told)


def _alone(port: int, pid: int, engine: str) -> None:
    """What one page costs the server in processor time: a number that no other work on the machine changes."""
    officer = Officer(port, 0, defaultdict(list))
    page = officer.ask("first", "/leads?view=open")
    lead = _found(r'href="(/leads/\d+[^"]*)"[^>]*data-key="space"', page)
    paths = {"queue page": "/leads?view=open", "lead": lead, "morning page": "/", "groups": "/groups"}
    for word in SEARCHES[:3]:
        paths[f"search {word}"] = f"/leads?view=all&q={quote(word)}"
        paths[f"listings {word}"] = f"/listings?q={quote(word)}"
    for name, path in paths.items():
        officer.ask(name, path)
        before = _spent(pid)
        for _ in range(10):
            officer.ask(name, path)
        _say(f"officers {engine}: {name}: {(_spent(pid) - before) * 100:.0f} ms of processor time")


def _spent(pid: int) -> float:
    """Seconds of processor time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _tell(name: str, found: list[float], engine: str) -> bool:
    found = sorted(found)
    p50, p95 = found[len(found) // 2], found[int(len(found) * 0.95)]
    bar = BARS.get(name)
    good = bar is None or p95 <= bar
    verdict = "" if bar is None else f" (bar {bar}) {'ok' if good else 'MISSED'}"
    _say(
        f"officers {engine}: {name}: {len(found)} times, median {p50:.0f} ms, p95 {p95:.0f} ms{verdict}, load {os.getloadavg()[0]:.1f}"
    )
    return good


def main(arguments: list[str]) -> int:
    """Measure SQLite, or the databases named."""
    parser = argparse.ArgumentParser()
    parser.add_argument("urls", nargs="*")
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = given.keep or Path(name)
        reached = []
        for url in given.urls or [f"sqlite:///{folder / 'gimonitor.sqlite'}"]:
            for began in _filled(url):
                _say(f"filled in {time.perf_counter() - began:.0f} s")
            reached.append(measure(url, folder))
        return 0 if all(reached) else 1


def _filled(url: str) -> Iterator[float]:
    """Fill the store unless it is full already; yields the moment it began."""
    migrate_store(url)
    with open_store(url) as store:
        with store.read() as c:
            if c.execute(select(tables.listings.c.id).limit(1)).scalar():
                return
        began = time.perf_counter()
        fill(store)
        yield began


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
