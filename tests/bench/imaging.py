"""The finder against the least that can be done with a picture: decode it and hash it. Run: python tests/bench/imaging.py

Made pictures of 800 × 800 as JPEG bytes, with marks, other seals, or neither. Both sides run in turn in one process, on
processor time of one core; the ratio is the median of five rounds. Bars: 5 pictures a second of a core, and no more
than 16 times the time of decoding and hashing. `peak` is the process's memory after all of it.
"""

from __future__ import annotations

import io
import resource
import sys
import time
from collections.abc import Callable
from random import Random
from statistics import median

import cv2
import imagehash
from PIL import Image

from gimonitor.imaging.decode import decode
from gimonitor.imaging.finder import find_marks
from gimonitor.imaging.made.backdrops import Backdrops
from gimonitor.imaging.made.scenes import DrawnArt, Studio
from gimonitor.imaging.references import load_references

PICTURES, ROUNDS = 8, 5
LEAST_PER_SECOND, MOST_TIMES = 5.0, 16.0


def made_pictures() -> list[bytes]:
    """JPEG bytes, the same in each run."""
    studio = Studio(DrawnArt(5, 4), Backdrops(), seals=30)
    found = []
    for index in range(PICTURES):
        scene = studio.scene(Random(f"bench {index}"), (800, 800), (40, 400), index % 2, index % 4)
        out = io.BytesIO()
        Image.fromarray(scene.pixels).save(out, "JPEG", quality=85)
        found.append(out.getvalue())
    return found


def hashed(data: bytes) -> None:
    with Image.open(io.BytesIO(data)) as image:
        imagehash.phash(image.convert("RGB"))


def found(data: bytes) -> None:
    find_marks(decode(data).pixels, load_references())


def spent(work: Callable[[bytes], None], pictures: list[bytes]) -> float:
    """Processor seconds per picture."""
    start = time.process_time()
    for data in pictures:
        work(data)
    return (time.process_time() - start) / len(pictures)


def main() -> int:
    cv2.setNumThreads(1)
    pictures = made_pictures()
    hashed(pictures[0]), found(pictures[0])  # load what is loaded once
    rounds = [(spent(found, pictures), spent(hashed, pictures)) for _ in range(ROUNDS)]
    seconds = median(one for one, _ in rounds)
    times = median(one / other for one, other in rounds)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(
        f"finder: {1 / seconds:.1f} pictures/s of a core (bar {LEAST_PER_SECOND}), "
        f"{times:.1f} times decode and phash (bar {MOST_TIMES}), peak {peak:.0f} MB\n"
    )
    return 0 if 1 / seconds >= LEAST_PER_SECOND and times <= MOST_TIMES else 1


if __name__ == "__main__":
    sys.exit(main())
