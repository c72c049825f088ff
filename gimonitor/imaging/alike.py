"""The same picture told again: resized, recompressed, watermarked or cropped.

Two pictures are laid upon each other and compared piece by piece. Pieces that stand in one only are what copyists add; where
both show something and not the same, on the same ground, other goods were put into one layout.
"""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from gimonitor.imaging.decode import Pixels

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]
Matrix = NDArray[np.float64]  # 2 × 3: where a point of one picture lies in another

_SIDE = 384  # px of the longer side of what is kept and compared
_QUALITY = 75  # of WebP: about 12 KB for a photo
_CORNERS = 320
_THUMB = 32
_BLOCK = 256  # thumbs at once

# Candidates, among many
_NEAR = 0.8  # correlation of two thumbs
_CANDIDATES = 8  # for a picture, by thumbs and by corners each
_KEYS, _KEY = 10, 3  # keys of so many bytes that are drawn from each corner's descriptor
_LEAST_VOTES = 3

# Laying one upon another
_AGREE = 8  # corners that must agree
_PULL = 3.0  # px by which they may miss
_OVERLAP = 0.4  # share of both pictures that must lie upon each other: a mark alone is no copy of a label that bears it
_STRETCH = 3.0  # the most that one side may be stretched

# Comparing. Measured by tests/quality/measure_copies.py.
_WINDOW, _STEP = 12, 6  # px
_FINE, _COARSE = 0.7, 1.5  # px: strokes between the two are compared, neither grain nor the shape of a line of print
_QUIET, _FAINT = 2.0, 2.5  # strength of strokes: up to the first a window is empty, from the second it shows something
_CLEAR, _CLEAR_IN_FLAT = 8.0, 2.5  # from which it is no grain; the second in a picture that is empty for the most part
_FLAT = 0.5  # share of empty windows
_SAME = 0.65  # correlation from which two windows show the same
_STRONGER = 2.5  # times: where one shows so much more than the other, something was laid on it
_GROUND, _GROUND_SIDE = 14.0, 21  # gray levels and px: the ground itself is another one, under a sticker or a banner
_MOST_REPLACED, _MOST_IN_FLAT = 6.0, 1.5  # windows; another title of 20 px in 800 replaces 7 and more, 2 at 300 px
_PER_ADDED, _PER_COVERED = (
    0.1,
    0.05,
)  # windows more for each that was added to or covered: a watermark crosses print too
_MOST_CROSSED = 10.0
_MOST_OTHER = 0.06  # share of all that shows something, faint print too
_MOST_ADDED, _MOST_COVERED, _LEAST_KEPT = 0.35, 0.4, 0.45  # shares


@dataclass(frozen=True, slots=True, eq=False)
class Fingerprint:
    """What a picture is told by: itself small and gray, a thumb of it, and corners with descriptors."""

    small: bytes  # WebP of `_SIDE` px at most
    thumb: bytes  # `_THUMB` × `_THUMB` gray levels, whatever the shape of the picture
    corners: Floats
    descriptors: Pixels

    def packed(self) -> dict[str, object]:
        """As plain values for the store."""
        return {
            "small": base64.b64encode(self.small).decode(),
            "thumb": base64.b64encode(self.thumb).decode(),
            "corners": base64.b64encode(self.corners.astype(np.float16).tobytes()).decode(),
            "descriptors": base64.b64encode(self.descriptors.tobytes()).decode(),
        }


def unpacked(values: dict[str, object]) -> Fingerprint | None:
    """A fingerprint out of the store; None for one of an older kind."""
    if "thumb" not in values:
        return None
    small, thumb, corners, descriptors = (
        base64.b64decode(str(values[name])) for name in ("small", "thumb", "corners", "descriptors")
    )
    return Fingerprint(
        small,
        thumb,
        np.frombuffer(corners, np.float16).astype(np.float32).reshape(-1, 2),
        np.frombuffer(descriptors, np.uint8).reshape(-1, 32),
    )


def fingerprint(pixels: Pixels) -> Fingerprint:
    """The fingerprint of a picture (height × width × RGB)."""
    gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    scale = min(1.0, _SIDE / max(gray.shape))
    size = (max(8, round(gray.shape[1] * scale)), max(8, round(gray.shape[0] * scale)))
    shown = np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    points, descriptors = cv2.ORB.create(nfeatures=_CORNERS, fastThreshold=10).detectAndCompute(shown, None)
    return Fingerprint(
        cv2.imencode(".webp", shown, [cv2.IMWRITE_WEBP_QUALITY, _QUALITY])[1].tobytes(),
        cv2.resize(shown, (_THUMB, _THUMB), interpolation=cv2.INTER_AREA).tobytes(),
        np.asarray([p.pt for p in points], np.float32).reshape(-1, 2),
        np.zeros((0, 32), np.uint8) if descriptors is None else np.asarray(descriptors, dtype=np.uint8),
    )


def are_same(one: Fingerprint, other: Fingerprint) -> bool:
    """True where both show the same picture, or one the greater part of the other; either may show more upon it."""
    ours, theirs = _opened(one.small), _opened(other.small)
    return any(_agree(ours, theirs, matrix) for matrix in _ways(one, other, ours, theirs))


def _opened(small: bytes) -> Pixels:
    return np.asarray(cv2.imdecode(np.frombuffer(small, np.uint8), cv2.IMREAD_GRAYSCALE), dtype=np.uint8)


def _ways(one: Fingerprint, other: Fingerprint, ours: Pixels, theirs: Pixels) -> Iterator[Matrix]:
    """Ways to lay the second picture upon the first: by corners that agree, and whole upon whole."""
    matrix = _by_corners(one, other)
    if matrix is not None:
        yield matrix
        yield _refined(ours, theirs, matrix)
    if float(_unit(one.thumb) @ _unit(other.thumb)) >= _NEAR:
        wide, high = theirs.shape[1] / ours.shape[1], theirs.shape[0] / ours.shape[0]
        whole = np.asarray([[wide, 0, (wide - 1) / 2], [0, high, (high - 1) / 2]])
        yield _refined(ours, theirs, whole)


def _unit(thumb: bytes) -> Floats:
    """A thumb as a vector: the product of two is their correlation, 0 for a blank one."""
    values = np.frombuffer(thumb, np.uint8).astype(np.float32)
    values -= values.mean()
    return np.asarray(values / max(float(np.linalg.norm(values)), float(_THUMB)), np.float32)


def _by_corners(one: Fingerprint, other: Fingerprint) -> Matrix | None:
    if min(len(one.descriptors), len(other.descriptors)) < _AGREE:
        return None
    pairs = cv2.BFMatcher(cv2.NORM_HAMMING).knnMatch(one.descriptors, other.descriptors, k=2)
    good = [p[0] for p in pairs if len(p) == 2 and p[0].distance < 0.85 * p[1].distance]
    if len(good) < _AGREE:
        return None
    ours = np.asarray([one.corners[m.queryIdx] for m in good], np.float32)
    theirs = np.asarray([other.corners[m.trainIdx] for m in good], np.float32)
    matrix, agree = cv2.estimateAffine2D(ours, theirs, method=cv2.RANSAC, ransacReprojThreshold=_PULL, maxIters=1000)
    return None if matrix is None or int(agree.sum()) < _AGREE else np.asarray(matrix)


def _refined(ours: Pixels, theirs: Pixels, matrix: Matrix) -> Matrix:
    """The same way made finer where the pictures allow it."""
    try:
        start, enough, all_ = matrix.astype(np.float32), (3, 40, 1e-4), np.full_like(theirs, 255)
        return np.asarray(cv2.findTransformECC(ours, theirs, start, cv2.MOTION_AFFINE, enough, all_, 5)[1], np.float64)
    except cv2.error:  # it found none
        return matrix


def _agree(ours: Pixels, theirs: Pixels, matrix: Matrix) -> bool:
    """True where two pictures, laid upon each other, show the same but for what copyists do."""
    laid = _laid(ours, theirs, matrix)
    if laid is None:
        return False
    seen = _windows(*laid)
    is_flat = float((seen.stronger < _QUIET).mean()) > _FLAT
    shown, strong = seen.stronger >= _FAINT, seen.stronger >= (_CLEAR_IN_FLAT if is_flat else _CLEAR)
    kept = shown & (seen.match >= _SAME)
    laid_on = strong & ~kept & ~seen.covered & (seen.stronger >= _STRONGER * seen.weaker)
    other = shown & ~kept & ~seen.covered & (seen.stronger < _STRONGER * seen.weaker)
    replaced = strong & other
    in_ours, in_theirs = int((laid_on & seen.is_ours).sum()), int((laid_on & ~seen.is_ours).sum())
    added, lost, covered = max(in_ours, in_theirs), min(in_ours, in_theirs), int(seen.covered.sum())
    crossed = min(_PER_ADDED * added + _PER_COVERED * covered, _MOST_CROSSED)
    most = (_MOST_IN_FLAT if is_flat else _MOST_REPLACED) + crossed
    return (
        int(kept.sum()) >= max(1, _LEAST_KEPT * int(shown.sum()))
        and int(replaced.sum()) + lost <= most
        and int(other.sum()) <= max(most, _MOST_OTHER * int(shown.sum()))
        and added <= _MOST_ADDED * int(shown.sum())
        and covered <= _MOST_COVERED * len(seen.covered)
    )


def _laid(ours: Pixels, theirs: Pixels, matrix: Matrix) -> tuple[Floats, Floats, Flags] | None:
    """Both pictures in the frame of the coarser one, and where they lie upon each other; None where too little does."""
    stretch = np.linalg.svd(matrix[:, :2], compute_uv=False)
    if stretch[0] > _STRETCH or stretch[1] < 1 / _STRETCH:
        return None
    scale = float(np.sqrt(stretch.prod()))
    if scale < 1:
        ours, theirs, matrix, scale = theirs, ours, np.asarray(cv2.invertAffineTransform(matrix)), 1 / scale
    if scale > 1.15:
        theirs = np.asarray(cv2.GaussianBlur(theirs, (0, 0), scale / 2), np.uint8)
    size, back = (ours.shape[1], ours.shape[0]), cv2.WARP_INVERSE_MAP
    moved = cv2.warpAffine(theirs, matrix, size, flags=back | cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    full = cv2.warpAffine(np.full_like(theirs, 255), matrix, size, flags=back | cv2.INTER_NEAREST)
    mask = cv2.erode(full, np.ones((11, 11), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=255) > 0
    if mask.sum() < _OVERLAP * max(ours.size, theirs.size / scale**2):
        return None
    return ours.astype(np.float32), np.asarray(moved, np.float32), np.asarray(mask)


@dataclass(frozen=True, slots=True, eq=False)
class _Windows:
    """Of each window: how strong its strokes are in either picture, how they correlate, whether the ground is another one."""

    stronger: Floats
    weaker: Floats
    is_ours: Flags  # the stronger
    match: Floats
    covered: Flags


def _windows(ours: Floats, theirs: Floats, mask: Flags) -> _Windows:
    gain = float(np.clip(ours[mask].std() / max(float(theirs[mask].std()), 1.0), 0.5, 2.0))
    change = _ground(ours) - gain * _ground(theirs)
    changed = np.abs(change - np.median(change[mask])) > _GROUND
    within = mask.astype(np.float32)
    one, other = _strokes(ours) * within, gain * _strokes(theirs) * within
    strength = np.maximum(_means(one * one), 1e-3)
    match = np.full(strength.shape, -1.0, np.float32)
    for x in (-1, 0, 1):
        for y in (-1, 0, 1):
            moved = np.roll(other, (y, x), (0, 1))
            match = np.maximum(match, _means(one * moved) / np.sqrt(strength * np.maximum(_means(moved * moved), 1e-3)))
    first, second = np.sqrt(strength), np.sqrt(np.maximum(_means(other * other), 1e-3))
    inside, covered = _means(within) > 0.7, _means(changed.astype(np.float32)) > 0.3
    return _Windows(
        np.maximum(first, second)[inside],
        np.minimum(first, second)[inside],
        (first > second)[inside],
        match[inside],
        np.asarray(covered[inside]),
    )


def _ground(gray: Floats) -> Floats:
    return np.asarray(cv2.medianBlur(gray.astype(np.uint8), _GROUND_SIDE), np.float32)


def _strokes(gray: Floats) -> Floats:
    fine = cv2.GaussianBlur(gray, (0, 0), _FINE)
    return np.asarray(fine - cv2.GaussianBlur(fine, (0, 0), _COARSE), np.float32)


def _means(values: Floats) -> Floats:
    means = cv2.boxFilter(values, -1, (_WINDOW, _WINDOW), borderType=cv2.BORDER_CONSTANT)
    return np.asarray(means[_WINDOW // 2 :: _STEP, _WINDOW // 2 :: _STEP], np.float32)


def groups(
    prints: Sequence[Fingerprint], noted: Sequence[str | None] = (), fresh: Collection[int] | None = None
) -> tuple[tuple[int, ...], ...]:
    """Indices of pictures that are the same, each group in rising order; pictures that stand alone are left out.

    `noted`: for each picture the name of the group it was found in before. `fresh`: those not compared before; only pairs with
    one of them are, and only groups with one of them are told. None: all.
    """
    asked = range(len(prints)) if fresh is None else frozenset(fresh)
    first: dict[str, int] = {}
    root = [index if name is None else first.setdefault(name, index) for index, name in enumerate(noted)]
    root += range(len(root), len(prints))

    def top(index: int) -> int:
        while root[index] != index:
            root[index] = index = root[root[index]]
        return index

    for one, other in sorted(_near(prints) | _sharing(prints)):
        if (one in asked or other in asked) and top(one) != top(other) and are_same(prints[one], prints[other]):
            root[top(one)] = top(other)
    found: dict[int, list[int]] = defaultdict(list)
    for index in range(len(prints)):
        found[top(index)].append(index)
    return tuple(tuple(m) for m in found.values() if len(m) > 1 and any(index in asked for index in m))


def _near(prints: Sequence[Fingerprint]) -> set[tuple[int, int]]:
    """For each picture, those before it with the nearest thumbs."""
    thumbs = np.asarray([_unit(one.thumb) for one in prints], np.float32).reshape(-1, _THUMB**2)
    pairs: set[tuple[int, int]] = set()
    for start in range(0, len(thumbs), _BLOCK):
        nearness = thumbs[start : start + _BLOCK] @ thumbs[: start + _BLOCK].T
        for index, row in enumerate(nearness, start):
            some = np.flatnonzero(row[:index] >= _NEAR)
            pairs.update((int(other), index) for other in some[np.argsort(-row[some])[:_CANDIDATES]])
    return pairs


def _sharing(prints: Sequence[Fingerprint]) -> set[tuple[int, int]]:
    """For each picture, those that share the most keys of corners with it.

    Among those that hold one key each is paired with the next few only: what many pictures have says little of two of them.
    """
    holders = np.repeat(np.arange(len(prints)), [len(one.descriptors) for one in prints])
    if not len(holders):
        return set()
    descriptors, drawn = np.concatenate([one.descriptors for one in prints]), np.random.default_rng(0)
    votes: dict[int, int] = defaultdict(int)
    for _ in range(_KEYS):
        bytes_ = descriptors[:, drawn.permutation(descriptors.shape[1])[:_KEY]].astype(np.int64)
        held = np.unique((bytes_ @ 256 ** np.arange(_KEY)) * len(prints) + holders)
        keys, holder = held // len(prints), held % len(prints)
        for step in range(1, _CANDIDATES + 1):
            same = keys[step:] == keys[:-step]
            codes, counts = np.unique((holder[:-step] * len(prints) + holder[step:])[same], return_counts=True)
            for code, count in zip(codes, counts, strict=True):
                votes[int(code)] += int(count)
    best: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for code, count in votes.items():
        if count >= _LEAST_VOTES:
            one, other = divmod(code, len(prints))
            best[one].append((count, other))
            best[other].append((count, one))
    return {
        (min(one, other), max(one, other)) for one, others in best.items() for _, other in sorted(others)[-_CANDIDATES:]
    }
