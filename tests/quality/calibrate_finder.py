"""Measures how often a candidate is right at each strength of evidence, and writes the finder's table of confidence.

    python tests/quality/calibrate_finder.py --seed calibration --pictures 400
    python tests/quality/calibrate_finder.py --seed other --pictures 200 --check

Half of the made pictures show one mark (of our drawings, of the real art where it is), half other seals only. Every
distinct candidate is right where it names the mark it lies on. `--check` writes nothing: it prints, for bands of the
written confidence, how many were right on pictures of another seed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from random import Random

import cv2
import numpy as np

from gimonitor.imaging.finder import CALIBRATION, Candidate, calibrated, candidates
from gimonitor.imaging.made.backdrops import Backdrops
from gimonitor.imaging.made.scenes import DrawnArt, Scene, Studio

sys.path.insert(0, str(Path(__file__).parent))  # `python -P` leaves the folder of the script out

from measure_imaging import SIDE, photos, say
from real_marks import REAL, RealArt

BANDS = (-1e9, -2, -1, 0, 1, 2, 3, 4, 5, 7, 9, 1e9)
LEAST = 12  # candidates of a band; fewer are joined to the next
Pair = tuple[float, bool]


def judged(scene: Scene, found: Sequence[Candidate]) -> Iterator[Pair]:
    """The evidence of each candidate, and whether it is right."""
    for mark in found:
        yield mark.evidence, any(t.mark is mark.mark and t.box.overlap(mark.box) >= 0.4 for t in scene.truths)


def collect(seed: str, pictures: int) -> list[Pair]:
    """Candidates in made pictures."""
    real = RealArt(REAL)
    studio = Studio(DrawnArt(sum(map(ord, seed)), 12), Backdrops(photos()), 260, real if real.marks else None, 0.5)
    pairs: list[Pair] = []
    for index in range(pictures):
        rng = Random(f"{seed} {index}")
        scene = studio.scene(rng, (SIDE, SIDE), (32, 480), index % 2, rng.randint(0, 4))
        pairs += judged(scene, candidates(scene.pixels))
        if index % 50 == 0:
            say(f"{index} pictures, {len(pairs)} candidates")
    return pairs


def table(pairs: Sequence[Pair]) -> list[tuple[float, float]]:
    """(evidence, how often right) by bands, rising: a band below the one before it is joined to it."""
    blocks: list[list[Pair]] = []
    for low, high in pairwise(BANDS):
        band = [pair for pair in pairs if low <= pair[0] < high]
        if blocks and len(blocks[-1]) < LEAST:
            blocks[-1] += band
        elif band:
            blocks.append(band)
        while len(blocks) > 1 and _right(blocks[-2]) >= _right(blocks[-1]):
            blocks[-2:] = [blocks[-2] + blocks[-1]]
    return [(round(float(np.mean([s for s, _ in block])), 4), round(_right(block), 4)) for block in blocks]


def _right(block: Sequence[Pair]) -> float:
    """The share of right ones, a little towards a half where they are few."""
    return (sum(right for _, right in block) + 1) / (len(block) + 2)


def check(pairs: Sequence[Pair]) -> None:
    """Print the written confidence against what is right."""
    for low, high in ((0, 0.2), (0.2, 0.5), (0.5, 0.8), (0.8, 0.95), (0.95, 1.01)):
        band = [(calibrated(e), right) for e, right in pairs if low <= calibrated(e) < high]
        if band:
            said, right = np.mean([c for c, _ in band]), np.mean([r for _, r in band])
            say(f"confidence {low:.2f}-{high:.2f}: {len(band)} candidates, said {said:.3f}, right {right:.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", default="calibration")
    parser.add_argument("--pictures", type=int, default=400)
    parser.add_argument("--check", action="store_true", help="print only, against the written table")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    pairs = collect(args.seed, args.pictures)
    if args.check:
        check(pairs)
        return
    values = {"seed": args.seed, "pictures": args.pictures, "candidates": len(pairs), "table": table(pairs)}
    CALIBRATION.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
    say(f"{CALIBRATION.name}: {values['table']}")


if __name__ == "__main__":
    main()
