"""Captures and packs against their bars. Run: python tests/bench/evidence.py [captures|pack]

`captures`: pages of the practice marketplace, taken in turn by bare Playwright (a new page in a new profile, one
full-page screenshot, the HTML; browser kept open) and by us (window and full screenshot, crops, HTML, MHTML, every
response sealed, environment record, digests, written through), in short batches one after the other, so that what else
the machine does counts for both. The rate is that of the wall clock; the ratio is the median of the batches' ratios.

`pack`: a complaint over 300 links, each with a capture of 1 MB, and the peak of memory of the process that builds it.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from gimonitor.evidence.browser import Browser
from gimonitor.evidence.capture import Capture, CaptureRequest, capture_pages

PAGES, BATCHES, BAR = 8, 9, 0.8
LINKS, SECONDS, MEBIBYTES = 300, 120, 500
SERVER = """
from gimonitor.practice.server import running_practice
import sys
with running_practice() as server:
    print(server.url, flush=True)
    sys.stdin.read()
"""


def say(text: str) -> None:
    """A line for whoever watches."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


async def bare(browser: Browser, urls: list[str], folder: Path) -> None:
    """What a script of ten lines does."""
    chromium = await browser.acquire()
    try:
        for url in urls:
            page = await chromium.new_page(viewport={"width": 1366, "height": 900}, locale="zh-CN")
            await page.goto(url)
            await page.screenshot(path=folder / "page.png", full_page=True)
            (folder / "page.html").write_text(await page.content(), "utf-8")
            await page.close()
    finally:
        browser.release()


def measure_captures(base: str) -> float:
    """Print the rates and return the ratio ours : bare."""
    urls = [f"{base}/item/g{number:03}.html" for number in range(1, PAGES + 1)]
    requests = [CaptureRequest(url=url, crops=("大米",)) for url in urls]
    ratios, ours, theirs = [], [], []
    with tempfile.TemporaryDirectory() as name, Browser() as browser:
        folder = Path(name)
        for batch in range(BATCHES + 1):
            begun = time.perf_counter()
            browser.run(bare(browser, urls, folder))
            between = time.perf_counter()
            taken = list(capture_pages(requests, folder, browser=browser, reserve=0))
            ended = time.perf_counter()
            if failed := [each for each in taken if not isinstance(each, Capture)]:
                raise failed[0]
            if batch:  # the first warms both up
                theirs.append((between - begun) / PAGES)
                ours.append((ended - between) / PAGES)
                ratios.append(theirs[-1] / ours[-1])
    say(f"bare Playwright {1 / median(theirs):.2f} pages/s, captures {1 / median(ours):.2f} pages/s")
    say(f"ratio {median(ratios):.2f} (bar {BAR}), batches {' '.join(f'{ratio:.2f}' for ratio in sorted(ratios))}")
    return median(ratios)


def measure_pack() -> tuple[float, int]:
    """Print and return seconds, and the peak of memory in MiB, of a complaint's pack, papers as DOCX and, where LibreOffice is there, PDF."""
    sys.path.insert(0, str(Path(__file__).parents[2]))
    from gimonitor.papers.complaint import pack_complaint
    from gimonitor.store.database import migrate_store, open_store
    from tests.papers.conftest import ANYHOW, NOW
    from tests.papers.test_complaint import PROFILE, DocumentKind, give_documents, many

    with tempfile.TemporaryDirectory() as name:
        migrate_store(f"sqlite:///{name}/store.sqlite")
        with open_store(f"sqlite:///{name}/store.sqlite") as store:
            house, ids = many(store, Path(name) / "data", LINKS, shots=1_000_000)
            give_documents(house, DocumentKind.IDENTITY, DocumentKind.RIGHTS)
            begun = time.perf_counter()
            [(pack, row)] = pack_complaint(
                store, house.configuration, ids, profile=PROFILE, who="wang", now=NOW, waiver=ANYHOW
            )
            seconds = time.perf_counter() - begun
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
        links, size = len(row.lead_ids), pack.size >> 20
    say(f"pack of {links} links, {size} MiB: {seconds:.1f} s (bar {SECONDS}), peak {peak} MiB (bar {MEBIBYTES})")
    return seconds, peak


def main(what: str) -> int:
    """Run the benches asked for; 1 when a bar is missed."""
    good = True
    if what in ("captures", "all"):
        command = [sys.executable, "-c", SERVER]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout and server.stdin
            try:
                good &= measure_captures(server.stdout.readline().strip()) >= BAR
            finally:
                server.stdin.close()
    if what in ("pack", "all"):
        seconds, peak = measure_pack()
        good &= seconds <= SECONDS and peak <= MEBIBYTES
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "all"))
