"""Builds a pack over and over in children that die or run out of disk, and counts what is left. Run by test_pack.

    pack_faults.py FOLDER full N | kill N [in-place]

A child is forked, so that no interpreter has to start. `kill`: SIGKILL at the k-th call of a function, Python's or C's, of
N points spread over the whole build, a fifth of them in its last part, where the pack gets its name.
"""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import signal
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from gimonitor.errors import DiskFullError
from gimonitor.evidence import pack as packing
from gimonitor.evidence.files import sweep_parts
from gimonitor.evidence.pack import Obtained, PackContents, PackFile, build_pack
from gimonitor.evidence.verify import verify_pack

AT = datetime(2026, 11, 2, tzinfo=UTC)
FILES = tuple(
    PackFile(path=f"{n:03}", content=bytes([n]) * 20_000, obtained=Obtained(at=AT, method="x")) for n in range(40)
)
CONTENTS = PackContents(number="GI-1", title="t", made_at=AT, made_by="o", organisation="b", files=FILES)
FULL, NAME = 8, "GI-1.zip"


def build(folder: Path) -> None:
    build_pack(folder, CONTENTS, reserve=0)


def in_child(work: object) -> int:
    """Run `work` in a forked child and return how it ended."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()  # type: ignore[operator]
            code = 0
        except DiskFullError:
            code = FULL
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def calls_of_a_build(folder: Path) -> int:
    """How many calls a whole build makes, once everything that is made only once is there."""
    build(folder / "first")
    seen = [0]

    def count(frame: object, event: str, argument: object) -> None:
        seen[0] += event in ("call", "c_call")

    sys.setprofile(count)
    build(folder / "second")
    sys.setprofile(None)
    return seen[0]


def killed_at(folder: Path, point: int) -> int:
    def work() -> None:
        left = [point]

        def strike(frame: object, event: str, argument: object) -> None:
            if event in ("call", "c_call"):
                left[0] -= 1
                if left[0] == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.setprofile(strike)
        build(folder)

    return in_child(work)


def kill(folder: Path, times: int, draw: random.Random) -> Counter[str]:
    total = calls_of_a_build(folder / "whole")
    late = range(total - 500, total - 20)
    points = sorted(draw.sample(range(1, total - 500), times - times // 5)) + sorted(draw.sample(late, times // 5))
    found: Counter[str] = Counter({"half packs": 0, "whole": 0, "not there": 0, "left after the sweep": 0})
    for number, point in enumerate(points):
        place = folder / str(number)
        found["tried"] += 1
        found["killed in flight"] += killed_at(place, point) == -signal.SIGKILL
        pack = place / NAME
        if not pack.exists():
            found["not there"] += 1
        elif verify_pack(pack):
            found["half packs"] += 1
        else:
            found["whole"] += 1
        if place.is_dir():
            sweep_parts(place)
            found["left after the sweep"] += len([each for each in place.iterdir() if each.name != NAME])
            shutil.rmtree(place)
    return found


def full(folder: Path, times: int, draw: random.Random) -> Counter[str]:
    build(folder / "first")
    size = (folder / "first" / NAME).stat().st_size
    found: Counter[str] = Counter({"left behind": 0, "whole": 0})
    for number, limit in enumerate([1, size - 1, *(draw.randint(2, size - 2) for _ in range(times - 2))]):
        place = folder / str(number)

        def work(place: Path = place, limit: int = limit) -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            build(place)

        found["tried"] += 1
        found["said"] += in_child(work) == FULL
        found["left behind"] += len(list(place.iterdir()))
        found["whole"] += (place / NAME).exists()
    return found


def main() -> None:
    folder, what, times = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    seed = int(os.environ.get("TEST_SEED", "20261102"))
    if "in-place" in sys.argv:
        zip_file = packing.zipfile.ZipFile
        packing.zipfile.ZipFile = lambda path, *a, **k: zip_file(path.with_name(NAME), *a, **k)  # type: ignore
        packing.publish = lambda part, final: None  # type: ignore
    found = {"kill": kill, "full": full}[what](folder, times, random.Random(seed))
    sys.stdout.write(f"seed {seed}: {what} at {times} points\n{json.dumps(found)}\n")


if __name__ == "__main__":
    main()
