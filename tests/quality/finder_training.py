"""The two small networks of the finder: how they are fed, trained and written as ONNX. Needs tensorflow and onnx.

`scout` looks over a whole picture and proposes boxes at stride 8; `judge` looks at one proposal, 64 × 64, names it and says
how its box lies.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnxruntime
import tensorflow as tf
from finder_nets import CROP, Floats, Net, adopt, export
from numpy.typing import NDArray

from gimonitor.imaging.judges import _near

Place = tuple[int, Floats]  # number of a scene, and a box in it
Wish = tuple[int, Floats, int, Floats]  # the same, the class of what lies there, and its true box

WINDOW, STRIDE = 128, 8
LEAST, MOST = 22.0, 82.0  # px: sides the scout answers for at one scale
POOL = 60_000  # places the judge is trained on
UPRIGHT = 0.3  # radians: a crop that is turned more says nothing of the box
NEAR, FAR = (0.10, 0.18, 0.0), (0.22, 0.3, 0.15)  # how a place may be off: aside, larger or smaller, in shape
SAME = 0.4  # from which overlap on a place is that of a mark
TURNED = 0.4  # share of the crops that are turned by any angle: packages lie as they fall
ROOM = 1.3  # how much more than the box the judge sees
HELD_OUT = 0.08  # share of the scenes of each folder that training does not see

# (channels, stride, dilation)
SCOUT = ((12, 2, 1), (24, 2, 1), (40, 2, 1), (56, 1, 1), (56, 1, 2), (56, 1, 3))
JUDGE = ((32, 2, 1), (32, 1, 1), (64, 2, 1), (64, 1, 1), (96, 2, 1), (96, 1, 1))  # sixteens: the fast kernels' width


def say(text: str) -> None:
    """Progress, at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def toned(x: Floats, rng: np.random.Generator) -> Floats:
    """Colours scattered: gray, swapped, gray and inverted, contrast."""
    chance = rng.random(len(x))
    gray, swapped, turned = (chance < 0.2), (chance >= 0.2) & (chance < 0.25), chance < 0.06
    x[gray] = x[gray].mean(axis=-1, keepdims=True)
    x[swapped] = x[swapped][..., rng.permutation(3)]
    x[turned] = 255 - x[turned]
    some = rng.random(len(x)) < 0.5
    gain = rng.uniform(0.6, 1.2, (int(some.sum()), 1, 1, 1)).astype(np.float32)
    shift = rng.uniform(103, 153, (int(some.sum()), 1, 1, 1)).astype(np.float32)
    x[some] = np.clip((x[some] - 128) * gain + shift, 0, 255)
    return normal(x)


def normal(x: Floats) -> Floats:
    return (x - 128) / 64


class Feed:
    """Batches out of made scenes of some folders; a folder named twice counts twice."""

    def __init__(self, folders: Sequence[Path], seed: int, held_out: bool = False) -> None:
        self.pixels: list[NDArray[np.uint8]] = []
        boxes = []
        for folder in folders:
            known = np.load(folder / "boxes.npy").astype(np.float32)
            cut = int(len(known) * (1 - HELD_OUT))
            part = slice(cut, None) if held_out else slice(cut)
            self.pixels += list(np.load(folder / "scenes.npy", mmap_mode="r")[part])
            boxes.append(known[part])
        self.boxes = np.concatenate(boxes)
        self.rng = np.random.default_rng(seed)

    def scout_batch(self, size: int) -> tuple[Floats, Floats]:
        """Windows, and per cell: weight, is a mark, dx, dy, log width, log height."""
        cells = WINDOW // STRIDE
        x = np.empty((size, WINDOW, WINDOW, 3), np.float32)
        y = np.zeros((size, cells, cells, 6), np.float32)
        y[..., 0] = 1
        for index in range(size):
            which = self.rng.integers(len(self.boxes))
            boxes = self.boxes[which]
            marks = boxes[boxes[:, 0] > 0]
            scale = np.exp(self.rng.uniform(np.log(0.45), np.log(1.5)))
            if len(marks):  # let one of them have a size that the scout answers for
                side = marks[self.rng.integers(len(marks)), 3:].max()
                scale = np.clip(np.exp(self.rng.uniform(np.log(24), np.log(78))) / side, 0.2, 1.6)
            x[index], corner = self._window(self.pixels[which], scale, marks)
            _fill(y[index], marks[:, 1:] * scale - (*corner, 0, 0), x[index].shape[0])
        return toned(x, self.rng), y

    def _window(self, pixels: NDArray[np.uint8], scale: float, marks: Floats) -> tuple[Floats, tuple[float, float]]:
        side = max(WINDOW, round(pixels.shape[0] * scale))
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        wide = round(pixels.shape[0] * scale)
        scaled = cv2.resize(np.ascontiguousarray(pixels), (wide, wide), interpolation=way)
        if wide < WINDOW:
            scaled = cv2.copyMakeBorder(
                scaled, 0, side - wide, 0, side - wide, cv2.BORDER_REFLECT_101 if wide > 64 else cv2.BORDER_REPLICATE
            )
        room = side - WINDOW
        left, top = (int(v) for v in self.rng.integers(0, room + 1, 2))
        if len(marks) and room:
            mark = marks[self.rng.integers(len(marks))] * scale
            left = int(np.clip(mark[1] + mark[3] / 2 - self.rng.uniform(0.3, 0.7) * WINDOW, 0, room))
            top = int(np.clip(mark[2] + mark[4] / 2 - self.rng.uniform(0.3, 0.7) * WINDOW, 0, room))
        if wide < WINDOW:
            left = top = 0
        return scaled[top : top + WINDOW, left : left + WINDOW].astype(np.float32), (left, top)

    def wishes(self, count: int, proposals: list[Place]) -> list[Wish]:
        """Places for the judge to look at, with their classes: marks a little off, other seals, backgrounds, false proposals."""
        kept: list[Wish] = []
        while len(kept) < count:
            which, box, name, true = self._crop_wish(proposals)
            if name is not None:
                kept.append((which, box, name, true))
        return kept

    def crops(self, wishes: Sequence[Wish]) -> tuple[Floats, Floats]:
        """What is to be seen there, each time a little otherwise placed, in bytes; and class, does the box count, the box."""
        x = np.empty((len(wishes), CROP, CROP, 3), np.float32)
        y = np.zeros((len(wishes), 6), np.float32)
        for index, (which, box, name, true) in enumerate(wishes):
            moved = box.copy()
            moved[:2] += self.rng.uniform(-0.03, 0.03, 2) * max(box[2], box[3])
            turn = self.rng.uniform(-np.pi, np.pi) if self.rng.random() < TURNED else self.rng.normal(0, 0.15)
            x[index] = crop(self.pixels[which], moved, float(turn))
            y[index] = (name, name > 0 and abs(turn) < UPRIGHT, *_within(moved, true))
        return x, y

    def _crop_wish(self, proposals: list[Place]) -> tuple[int, Floats, int | None, Floats]:
        kind = self.rng.random()
        if kind < 0.3 and proposals:
            which, box = proposals[self.rng.integers(len(proposals))]
        else:
            which = int(self.rng.integers(len(self.boxes)))
            boxes = self.boxes[which]
            known = boxes[boxes[:, 0] >= (1 if kind < 0.75 else 0)]
            if kind > 0.9 or not len(known):
                if kind < 0.75:
                    return which, boxes[0], None, boxes[0]
                side = np.exp(self.rng.uniform(np.log(20), np.log(150)))
                box = np.asarray(
                    [*self.rng.uniform(0, 192 - side, 2), side, side * self.rng.uniform(0.6, 1.2)], np.float32
                )
            else:
                box = known[self.rng.integers(len(known)), 1:].copy()
        box = box.copy()
        side = max(box[2], box[3])
        off, more, other = FAR if self.rng.random() < 0.5 else NEAR
        box[:2] += self.rng.uniform(-off, off, 2) * side
        grow = np.exp(self.rng.uniform(-more, more) + self.rng.uniform(-other, other, 2)).astype(np.float32)
        box[:2] -= box[2:] * (grow - 1) / 2
        box[2:] *= grow
        return which, box, *self._name(which, box)

    def _name(self, which: int, box: Floats) -> tuple[int | None, Floats]:
        marks = self.boxes[which][self.boxes[which][:, 0] > 0]
        if not len(marks):
            return 0, box
        shares = overlap(box, marks[:, 1:])
        best = int(shares.argmax())
        if shares[best] > SAME:
            return int(marks[best, 0]), marks[best, 1:]
        return (0 if shares[best] < 0.2 else None), box


def _within(box: Floats, true: Floats) -> tuple[float, ...]:
    """How a box lies in the crop round another one: its middle from there, log width and height, in sides of the crop."""
    side = max(box[2], box[3]) * ROOM
    middle = (true[:2] + true[2:] / 2 - box[:2] - box[2:] / 2) / side
    return (*middle.tolist(), *np.log(true[2:] / side).tolist())


def overlap(box: Floats, others: Floats) -> Floats:
    """Intersection over union of a box (x, y, width, height) with each of some."""
    wide = np.minimum(box[0] + box[2], others[:, 0] + others[:, 2]) - np.maximum(box[0], others[:, 0])
    high = np.minimum(box[1] + box[3], others[:, 1] + others[:, 3]) - np.maximum(box[1], others[:, 1])
    both = np.maximum(wide, 0) * np.maximum(high, 0)
    return both / (box[2] * box[3] + others[:, 2] * others[:, 3] - both)


def crop(pixels: NDArray[np.uint8], box: Floats, turn: float) -> Floats:
    """The square round a box, turned by so many radians, that the judge sees. The finder cuts in the same way."""
    return _near(pixels, tuple(box.tolist())).seen((ROOM, turn, 0.0, 0.0)).astype(np.float32)


def _fill(y: Floats, boxes: Floats, _: int) -> None:
    cells = y.shape[0]
    centres = (np.arange(cells) + 0.5) * STRIDE
    for left, top, wide, high in boxes:
        side = max(wide, high)
        x, yy = left + wide / 2, top + high / 2
        dx, dy = (x - centres)[None, :], (yy - centres)[:, None]
        inside = (abs(dx) < wide / 2) & (abs(dy) < high / 2)
        if (
            not LEAST <= side <= MOST
            or left < -0.25 * wide
            or top < -0.25 * high
            or left + wide > WINDOW + 0.25 * wide
            or top + high > WINDOW + 0.25 * high
        ):
            y[inside, 0] = 0
            continue
        reach = max(0.16 * side, STRIDE * 0.75)
        core = (abs(dx) < reach) & (abs(dy) < reach)
        y[inside & ~core, 0] = 0.3
        y[core, 0] = 1
        y[core, 1] = 1
        y[..., 2][core] = np.broadcast_to(dx, core.shape)[core] / 32
        y[..., 3][core] = np.broadcast_to(dy, core.shape)[core] / 32
        y[..., 4][core] = np.log(wide / 40)
        y[..., 5][core] = np.log(high / 40)


def scout_loss(net: Net, x: Any, y: Any) -> Any:
    out = net(x, True)
    sure = tf.nn.sigmoid_cross_entropy_with_logits(y[..., 1], out[..., 0])
    right = tf.abs(tf.sigmoid(out[..., 0]) - y[..., 1])
    sure = tf.reduce_sum(sure * y[..., 0] * right**1.5 * (1 + 3 * y[..., 1])) / tf.maximum(tf.reduce_sum(y[..., 1]), 1)
    off = tf.abs(out[..., 1:] - y[..., 2:])
    off = tf.where(off < 0.2, off * off * 2.5, off - 0.1)
    return sure + 2 * tf.reduce_sum(off * y[..., 1:2]) / tf.maximum(tf.reduce_sum(y[..., 1]) * 4, 1)


def judge_loss(net: Net, x: Any, y: Any) -> Any:
    out = net(x, True)
    kinds = tf.one_hot(tf.cast(y[:, 0], tf.int32), 5) * 0.98 + 0.004
    named = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(kinds, out[:, :5]))
    off = tf.abs(out[:, 5:] - y[:, 2:])
    off = tf.where(off < 0.1, off * off * 5, off - 0.05)
    return named + 2 * tf.reduce_sum(off * y[:, 1:2]) / tf.maximum(tf.reduce_sum(y[:, 1]) * 4, 1)


def fit(net: Net, loss: Any, batch: Any, steps: int, rate: float, keep: Any, minutes: float) -> None:
    """Train, `steps` steps or so long, whichever ends first; the rate falls to the end. `keep` writes the net, now and then."""
    optimiser = tf.keras.optimizers.AdamW(rate, weight_decay=1e-3)

    @tf.function
    def step(x: Any, y: Any) -> Any:
        with tf.GradientTape() as tape:
            value = loss(net, x, y)
        optimiser.apply_gradients(zip(tape.gradient(value, net.variables), net.variables, strict=True))
        return value

    start, spent, mean, number, done = time.time(), time.process_time(), 0.0, 0, 0.0
    while done < 1:
        done = min(1.0, max(number / steps, (time.time() - start) / (60 * minutes)))
        optimiser.learning_rate.assign(rate * max(0.01, (1 + np.cos(np.pi * done)) / 2) * min(1.0, 0.1 + number / 100))
        x, y = batch()
        mean += (float(step(tf.constant(x), tf.constant(y))) - mean) * (0.02 if number else 1)
        if number % 25 == 0 or done == 1:
            say(f"{number} loss {mean:.4f} {time.time() - start:.0f} s, cpu {time.process_time() - spent:.0f} s")
        number += 1
        if number % 150 == 0 or done == 1:
            keep()


def _one_thread() -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return options


def propose(scout: Path, feed: Feed, scenes: range) -> list[Place]:
    """What the written scout proposes in scenes at two scales: boxes in pixels of the scene."""
    session = onnxruntime.InferenceSession(scout, _one_thread())
    found = []
    for which in scenes:
        for scale in (1.0, 0.5):
            wide = int(192 * scale)
            x = cv2.resize(np.ascontiguousarray(feed.pixels[which]), (wide, wide), interpolation=cv2.INTER_AREA)
            given = normal(x[None].astype(np.float32)).transpose(0, 3, 1, 2)
            out = session.run(None, {"picture": given})[0][0]
            for row, column in np.argwhere(out[0] > -2.0):
                _, dx, dy, w, h = out[:, row, column]
                w, h = 40 * np.exp(np.clip((w, h), -2, 2))
                cx, cy = (column + 0.5) * STRIDE + 32 * dx, (row + 0.5) * STRIDE + 32 * dy
                found.append((which, np.asarray([cx - w / 2, cy - h / 2, w, h], np.float32) / scale))
    return found


def train_scout(folders: Sequence[Path], weights: Path, steps: int, go_on: bool, seed: int, minutes: float) -> None:
    """Train the scout and write it."""
    feed = Feed(folders, seed)
    scout = Net(SCOUT, 5, pooled=False)
    if go_on:
        adopt(scout, weights / "scout.onnx", feed.scout_batch(96)[0])
    keep = lambda: export(scout, weights / "scout.onnx", ("picture", "cells"))  # noqa: E731
    fit(scout, scout_loss, lambda: feed.scout_batch(48), steps, 1.5e-3 if go_on else 3e-3, keep, minutes)


def hardness(judge: Path, feed: Feed, wishes: Sequence[Wish]) -> NDArray[np.float64]:
    """The share of batches that each place deserves: the more the written judge errs there, the more."""
    session = onnxruntime.InferenceSession(judge, _one_thread())
    losses, offs = [], []
    for start in range(0, len(wishes), 200):
        x, y = feed.crops(wishes[start : start + 200])
        out = session.run(None, {"crops": normal(x).transpose(0, 3, 1, 2)})[0].astype(np.float64)
        logits, names = out[:, :5], y[:, 0].astype(int)
        highest = logits.max(axis=1)
        told = logits[np.arange(len(names)), names]
        losses.append(highest + np.log(np.exp(logits - highest[:, None]).sum(axis=1)) - told)
        offs.append(abs(out[:, 5:] - y[:, 2:])[y[:, 1] > 0])
    loss, off = np.concatenate(losses), np.concatenate(offs)
    say(
        f"{len(loss)} places, loss {loss.mean():.4f}, {np.mean(loss > 0.7):.3f} of them hard, boxes off {off.mean():.4f}"
    )
    share = 0.06 + np.minimum(loss, 2)
    return np.asarray(share / share.sum())


def train_judge(folders: Sequence[Path], weights: Path, steps: int, go_on: bool, seed: int, minutes: float) -> None:
    """Train the judge on marks, other seals and what the written scout proposes; write it, and say how right it is."""
    feed = Feed(folders, seed)
    wishes = feed.wishes(POOL, propose(weights / "scout.onnx", feed, range(seed % 7, len(feed.boxes), 12)))
    judge, shares = Net(JUDGE, 9, pooled=True), None
    if go_on:
        shares = hardness(weights / "judge.onnx", feed, wishes)
        adopt(judge, weights / "judge.onnx", toned(feed.crops(wishes[:256])[0], feed.rng))

    def batch() -> tuple[Floats, Floats]:
        x, y = feed.crops([wishes[i] for i in feed.rng.choice(len(wishes), 96, p=shares)])
        return toned(x, feed.rng), y

    keep = lambda: export(judge, weights / "judge.onnx", ("crops", "seen"))  # noqa: E731
    fit(judge, judge_loss, batch, steps, 1.5e-3 if go_on else 4e-3, keep, minutes)
    held = Feed(folders, 8, held_out=True)
    places = held.wishes(1500, propose(weights / "scout.onnx", held, range(len(held.boxes))))
    hardness(weights / "judge.onnx", held, places)


def train(
    folders: Sequence[Path], weights: Path, steps: tuple[int, int], go_on: bool, seed: int, minutes: float = 1e6
) -> None:
    """Train both with so many steps each; one with none stays as it is written. `go_on`: from what is written."""
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.random.set_seed(seed)
    cv2.setNumThreads(1)
    if steps[0]:
        train_scout(folders, weights, steps[0], go_on, seed, minutes)
    if steps[1]:
        train_judge(folders, weights, steps[1], go_on, seed, minutes)
