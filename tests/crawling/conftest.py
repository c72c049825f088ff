"""A crawl as the runner starts it: a process of its own, against a practice marketplace in this process."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from gimonitor.model.run import Coverage
from gimonitor.practice.server import running_practice
from gimonitor.store import runs
from gimonitor.store.database import migrate_store, open_store
from gimonitor.vault import KEY_VARIABLE

ROOT = Path(__file__).parents[2]
MEASURED = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:]).returncode
print("peak", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)
"""  # the crawl as the only child of a process, so that the peak is its own


@pytest.fixture
def market():
    with running_practice() as server:
        yield server


@dataclass
class Crawl:
    """Folder and store of one test, and what a crawl left in it."""

    folder: Path
    code: int = 0
    log: str = ""

    @property
    def store_url(self) -> str:
        return f"sqlite:///{self.folder / 'gimonitor.sqlite'}"

    def run(self, spider: str, *arguments: str, env: dict[str, str] | None = None, timeout: float = 120) -> "Crawl":
        environment = {k: v for k, v in os.environ.items() if not k.startswith("GIMONITOR_")}
        environment |= {"GIMONITOR_DATA_DIR": str(self.folder), "GIMONITOR_DISK_RESERVE_MB": "1"}
        environment |= {KEY_VARIABLE: os.environ[KEY_VARIABLE]} | (env or {})
        command = [
            sys.executable,
            "-P",
            "-c",
            MEASURED,
            sys.executable,
            "-P",
            "-m",
            "scrapy",
            "crawl",
            spider,
            *arguments,
        ]
        done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=timeout)
        self.code, self.log = done.returncode, done.stderr
        self.peak_mib = int(done.stdout.rsplit("peak ", 1)[1]) // 1024
        return self

    @property
    def accidents(self) -> list[str]:
        """The last lines of the tracebacks in the log."""
        return re.findall(r"^[\w.]*(?:Error|Exception|Warning)\b.*$", self.log, flags=re.MULTILINE)

    def read(self, work):
        store = open_store(self.store_url)
        try:
            with store.read() as connection:
                return work(connection)
        finally:
            store.close()

    def coverage(self) -> dict[str, Coverage]:
        last = self.read(runs.latest_runs)[0]
        return {c.query: c for c in self.read(lambda c: runs.load_coverage(c, last.id))}

    def run_state(self) -> str:
        return self.read(runs.latest_runs)[0].state

    def slice_state(self) -> str:
        last = self.read(runs.latest_runs)[0]
        return self.read(lambda c: runs.load_slices(c, last.id))[0].state


@pytest.fixture(scope="session")
def warm_cache(tmp_path_factory):
    """The compiled register and the dictionary are made once for all crawls of a test session."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def new_crawl(warm_cache):
    """A store in a new folder, to crawl into; `crawl` is one for a single test."""

    def make(folder):
        made = Crawl(folder / "data")
        made.folder.mkdir()
        (made.folder / "cache").symlink_to(warm_cache)
        migrate_store(made.store_url)
        return made

    return make


@pytest.fixture
def crawl(tmp_path, new_crawl):
    return new_crawl(tmp_path)
