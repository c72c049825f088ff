"""Loading a register of 10,000 GIs and 26,000 users: from its compiled cache against cold. Run: python tests/bench/register.py

Each load is a fresh process, cold and cached in turn, five rounds after a first one; the ratio is that of the medians of
processor time, user and system, so that what else the machine does counts for neither.
"""

from __future__ import annotations

import csv
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from gimonitor.register import load_register, rules_dir
from gimonitor.register.userfile import COLUMNS
from gimonitor.text.codes import uscc_check

GIS, USERS, ROUNDS, BAR = 10_000, 26_000, 5, 0.1


def make_rules(folder: Path) -> None:
    """The shipped GIs over and over under other names and ids, each with two or three users."""
    for room in ("law", "signs"):
        shutil.copytree(rules_dir() / room, folder / room)
    files = sorted((rules_dir() / "gi").rglob("*.yml"))
    ids = []
    for number in range(GIS):
        path = files[number % len(files)]
        lines = path.read_text(encoding="utf-8").splitlines()
        lines = [f"{line}-{number}" if line.startswith("id: ") else line for line in lines]
        lines = [f"{line}{number}号" if line.startswith("name: ") else line for line in lines]
        target = folder / "gi" / path.parent.name / f"{path.stem}-{number}.yml"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("\n".join(lines) + "\n", encoding="utf-8")
        ids.append(target.stem)
    (folder / "users").mkdir()
    with (folder / "users/users.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS, restval="")
        writer.writeheader()
        for number in range(USERS):
            base = f"91230184MA{number:07d}"
            writer.writerow(
                {
                    "gi_id": ids[number % GIS],
                    "name": f"虚构第{number}号粮油有限公司",
                    "uscc": base + uscc_check(base),
                    "basis": "licensee",
                    "starts": "2020-01-01",
                    "brands": f"虚构{number}",
                    "certainty": "unverified",
                }
            )


def load(folder: Path, cache: str) -> None:
    """Print processor seconds and peak memory in MB of one load; the child of `measure`."""
    begin = time.process_time()
    register = load_register(folder, cache_dir=Path(cache) if cache else None)
    seconds = time.process_time() - begin
    if (len(register.gis), len(register.users)) != (GIS, USERS):
        sys.exit("the register is not whole")
    sys.stdout.write(f"{seconds} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}\n")


def measure(folder: Path, cache: str) -> tuple[float, float]:
    """Seconds and peak memory of one load in a process of its own."""
    command = [sys.executable, "-P", __file__, "load", str(folder), cache]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True, timeout=300)
    seconds, memory = done.stdout.split()
    return float(seconds), float(memory)


def main() -> int:
    """Measure and print one line; exit code 1 when the bar was missed."""
    with tempfile.TemporaryDirectory() as name:
        folder, cache = Path(name) / "rules", str(Path(name) / "cache")
        make_rules(folder)
        measure(folder, cache)  # makes the cache, and warms the disk for both sides
        time.sleep(2.5)  # the files get old enough for the cache to trust their times
        measure(folder, cache)
        pairs = [(measure(folder, ""), measure(folder, cache)) for _ in range(ROUNDS)]
    cold, cached = median(c[0] for c, _ in pairs), median(w[0] for _, w in pairs)
    ratio = cached / cold
    reached = ratio <= BAR
    sys.stdout.write(
        f"register: load of {GIS:,} GIs and {USERS:,} users from the cache, {cached:.2f} s and "
        f"{median(w[1] for _, w in pairs):.0f} MB, of cold, {cold:.2f} s and {median(c[1] for c, _ in pairs):.0f} MB: "
        f"{ratio:.3f} (bar <= {BAR}) {'ok' if reached else 'MISSED'}\n"
    )
    return 0 if reached else 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["load"]:
        load(Path(sys.argv[2]), sys.argv[3])
    else:
        sys.exit(main())
