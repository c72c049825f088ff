"""A table import, read, screened and stored, against reading the same rows and inserting what it stored by raw executemany.

Run: python tests/bench/imports.py [rows of the large table, 500000 by default]. Lines are `name ratio bar verdict`. Both sides
take turns; each counts with the least of its runs. The large table is then imported once, for its rate and its memory.
Ours is two processes where there are two cores: on a busy machine the ratio of times says little.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from store import raw_rows, timed

from gimonitor.configuration import Configuration
from gimonitor.operations.imports import import_table
from gimonitor.store.database import Store, migrate_store, open_store
from gimonitor.tables import open_table

SHARED = Path(os.environ.get("GIMONITOR_SHARED_DATA") or Path(__file__).parents[2] / "../shared/data").resolve()
TITLES = SHARED / "titles.jsonl"
SAMPLE = 60_000  # compiling the register takes as long as 5,000 rows and is done once for a table of any length
ROUNDS = 2
HEADINGS = ("商品ID", "标题", "价格", "店铺名称", "发货地", "销量", "商品链接")
MADE = (
    "五常大米 东北稻花香 真空包装",
    "加厚防滑浴室地垫",
    "西湖龙井 明前春茶 礼盒装",
    "无线蓝牙耳机 降噪",
    "儿童纯棉短袖",
)


def titles() -> Iterator[str]:
    """Real titles again and again; made ones where the shared data is not here."""
    if not TITLES.is_file():
        return cycle(MADE)
    with TITLES.open(encoding="utf-8") as stream:
        return cycle([json.loads(line)["title"] for line in stream])


def write_table(path: Path, rows: int) -> Path:
    """A contractor's table: an offer a row, 5,000 shops."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(HEADINGS)
        for n, title in enumerate(islice(titles(), rows)):
            url = f"https://item.taobao.com/item.htm?id={n}"
            writer.writerow(
                [n, title, f"{n % 300 + 1}.90", f"粮油店{n % 5000}", "黑龙江 哈尔滨", f"{n % 900}人付款", url]
            )
    return path


def fresh(folder: Path, name: str) -> Configuration:
    """An empty installation."""
    made = Configuration(data_dir=folder / name, disk_reserve_mb=0)
    migrate_store(made.store_url)
    return made


def raw(store: Store, table: Path, parts: list[list[tuple[str, list[tuple[object, ...]]]]]) -> None:
    """Read the rows, and insert 500 listings a transaction by the driver's executemany."""
    rows = open_table(table).rows
    for part in parts:
        read = list(islice(rows, 500))
        with store.write() as c:
            cursor = c.connection.cursor()
            for statement, values in part:
                cursor.executemany(statement, values)
        del read


def ratios(folder: Path) -> Iterator[tuple[str, float, str]]:
    """Ours against raw, over the sample."""
    table = write_table(folder / "sample.csv", SAMPLE)
    first = fresh(folder, "first")
    done = import_table(first, table, platform="taobao", columns={})
    with open_store(first.store_url) as store, store.read() as c:
        parts = raw_rows(c, done.new)
    ours, theirs = [], []
    for turn in range(ROUNDS):
        empty, full = fresh(folder, f"raw-{turn}"), fresh(folder, f"ours-{turn}")
        with open_store(empty.store_url) as store:
            theirs.append(timed(lambda store=store: raw(store, table, parts)))
        ours.append(timed(lambda full=full: import_table(full, table, platform="taobao", columns={})))
    rate = SAMPLE / min(ours)
    yield f"import of a table, {rate:.0f} rows/s, of reading and raw executemany", min(theirs) / min(ours), ">= 0.4"


LARGE = """
import sys, time, resource
from pathlib import Path
from gimonitor.configuration import Configuration
from gimonitor.operations.imports import import_table
made = Configuration(data_dir=Path(sys.argv[1]), disk_reserve_mb=0)
from multiprocessing import active_children
peaks, most = [], 0.0
def resident(pid):
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize() / 2**20
def say(rows):
    global most
    if rows % 5000 < 500:  # this process and its reader, what they share counted for both
        most = max(most, sum(resident(pid) for pid in ["self", *(p.pid for p in active_children())]))
        peaks.append((rows, most))
begin = time.perf_counter()
done = import_table(made, Path(sys.argv[2]), platform="taobao", columns={}, say=say)
tenth = next(peak for rows, peak in peaks if rows >= done.rows // 10)
print(done.rows, time.perf_counter() - begin, tenth, most)
"""


def large(folder: Path, rows: int) -> Iterator[tuple[str, float, str]]:
    """The large table in a process of its own: its peak of memory in MB, and how far it grew behind the first tenth."""
    table, made = write_table(folder / "large.csv", rows), fresh(folder, "large")
    told = subprocess.run(
        [sys.executable, "-P", "-c", LARGE, str(made.data_dir), str(table)], check=True, capture_output=True, text=True
    ).stdout.split()
    count, seconds, tenth, peak = int(told[0]), *map(float, told[1:])
    yield f"peak of memory over {count:,} rows in MB, at {count / seconds:.0f} rows/s", peak, "<= 500"
    yield "peak against that of the first tenth", peak / tenth, "<= 1.3"


def main(arguments: list[str]) -> int:
    """Exit code 1 when a bar was missed."""
    rows, good = int(arguments[0]) if arguments else 500_000, True
    with tempfile.TemporaryDirectory() as name:
        for measure in (ratios(Path(name)), large(Path(name), rows)):
            for what, ratio, bar in measure:
                reached = ratio >= float(bar[3:]) if bar.startswith(">=") else ratio <= float(bar[3:])
                good = good and reached
                sys.stdout.write(f"imports: {what}: {ratio:.2f} (bar {bar}) {'ok' if reached else 'MISSED'}\n")
                sys.stdout.flush()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
