"""Makes pictures and trains the finder's two small models on them. Run in an environment of its own:

    pip install tensorflow-cpu onnx onnxruntime opencv-python-headless pillow numpy
    python tests/quality/train_finder.py make --scenes 14000 --out DIR
    python tests/quality/train_finder.py train DIR
    python tests/quality/train_finder.py make --scenes 6000 --seed 2 --real 0.5 --out OTHER
    python tests/quality/train_finder.py make --scenes 1500 --seed 3 --real 0.5 --larger 4 --out LARGE
    python tests/quality/train_finder.py train DIR OTHER LARGE --go-on --seed 8 --steps 0 2000
    python tests/quality/train_finder.py mean EARLIER.onnx LATER.onnx --into judge.onnx

The marks are our own drawings; with `--real` a share is of the real marks in `../shared/data/gi_marks` (or the folder in
GIMONITOR_SHARED_DATA) that real_marks.py does not hold out: they are seen in training, never written into the project. The
backdrops are drawn, and photos of `produce_photos` there: every second one, the others are for measuring. The models go to
gimonitor/imaging/weights, whose README.md says what the written ones were trained on.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from random import Random

import cv2
import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from real_marks import SHARED, TRAINED, RealArt  # noqa: E402

from gimonitor.imaging.made.backdrops import Backdrops  # noqa: E402
from gimonitor.imaging.made.scenes import DrawnArt, Studio  # noqa: E402
from gimonitor.imaging.marks import Mark  # noqa: E402

SIDE = 192
MARKS = list(Mark)
KEPT = 6  # boxes kept of a scene
HARD = ("plain",) * 3 + ("ink", "ink", "foil", "foil", "relief", "ghost")  # a net learns from what it finds hard


def say(text: str) -> None:
    """Progress, at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def photos() -> list[Path]:
    folder = SHARED / "produce_photos"
    return sorted(p for p in folder.glob("*") if p.suffix in (".jpg", ".png"))[::2] if folder.is_dir() else []


def make(scenes: int, out: Path, seed: int, real: float, larger: int) -> None:
    """Write scenes.npy (n, 192, 192, 3) and boxes.npy (n, 6, 5): class (1… marks, 0 other seal, -1 none), x, y, width, height.

    `larger`: they are made so many times as large and shrunk, as the finder shrinks a picture that a mark fills.
    """
    cv2.setNumThreads(1)
    out.mkdir(parents=True, exist_ok=True)
    art = RealArt(TRAINED) if real else None
    studio = Studio(DrawnArt(seed, 36), Backdrops(photos(), 700), seals=900, real=art, share=real)
    studio.manners = HARD
    pixels = np.lib.format.open_memmap(out / "scenes.npy", "w+", np.uint8, (scenes, SIDE, SIDE, 3))
    boxes = np.full((scenes, KEPT, 5), -1, np.int16)
    start = time.time()
    for index in range(scenes):
        rng = Random(f"{seed} {index}")
        marks = rng.choice((0, 0, 1, 1, 1, 2, 3))
        scene = studio.scene(rng, (SIDE * larger,) * 2, (26 * larger, 170 * larger), marks, rng.choice((0, 1, 2)))
        pixels[index] = cv2.resize(scene.pixels, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        rows = [(1 + MARKS.index(t.mark), t.box.x, t.box.y, t.box.width, t.box.height) for t in scene.truths]
        rows += [(0, b.x, b.y, b.width, b.height) for b in scene.others]
        for place, (kind, *box) in enumerate(rows[:KEPT]):
            boxes[index, place] = (kind, *(round(v / larger) for v in box))
        if index % 1000 == 0:
            say(f"{index} scenes, {time.time() - start:.0f} s")
    np.save(out / "boxes.npy", boxes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts = parser.add_subparsers(dest="part", required=True)
    making = parts.add_parser("make")
    making.add_argument("--scenes", type=int, default=14000)
    making.add_argument("--out", type=Path, required=True)
    making.add_argument("--seed", type=int, default=1)
    making.add_argument("--real", type=float, default=0.0, help="share of the marks that are of the real art")
    making.add_argument("--larger", type=int, default=1, help="make the scenes so many times as large, and shrink them")
    meaning = parts.add_parser("mean", help="of networks that one training wrote")
    meaning.add_argument("networks", type=Path, nargs="+")
    meaning.add_argument("--into", type=Path, required=True)
    training = parts.add_parser("train")
    training.add_argument("folders", type=Path, nargs="+")
    training.add_argument("--go-on", action="store_true", help="from the networks as they are written")
    training.add_argument("--seed", type=int, default=7, help="another one when going on: other batches")
    training.add_argument("--weights", type=Path, default=ROOT / "gimonitor/imaging/weights", help="written here")
    training.add_argument("--steps", type=int, nargs=2, default=(1400, 900), metavar=("FINDER", "JUDGE"))
    training.add_argument("--minutes", type=float, default=1e6, help="each network ends after these at the latest")
    args = parser.parse_args()
    if args.part == "make":
        make(args.scenes, args.out, args.seed, args.real, args.larger)
    elif args.part == "mean":
        from finder_nets import mean

        mean(args.networks, args.into)
    else:
        from finder_training import train

        train(args.folders, args.weights, args.steps, args.go_on, args.seed, args.minutes)


if __name__ == "__main__":
    main()
