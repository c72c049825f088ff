"""The same picture told again: resized, recompressed, watermarked or cropped.

Whole pictures are told by their hashes and by what stands in them, parts by corners that agree. Hashes alone say little of
nearly flat pictures: labels of different goods with the mark in the same place have the same.
"""

from __future__ import annotations

import base64
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gimonitor.imaging.decode import Pixels

NEAR = 8  # bits of 64 in which hashes of one picture differ at most; measured: unrelated ones differ in 20 and more
_SIDE = 420  # px at which corners are taken
_CORNERS = 320
_BANDS = 16  # of 16 bits: corners that share a band are looked at
_LEAST_VOTES = 10
_CANDIDATES = 8
_AGREE = 14  # corners that must agree
_SPREAD = 0.3  # share of the smaller picture that they must span: one logo in two pictures is no copy
_FLAT = 6.0  # spread of gray below which a picture, or a tile of it, shows nothing
_SMALL, _TILE = 128, 8  # px: the sides of the small picture, and of its tiles
_MATCH = 0.8  # correlation from which two tiles show the same
_BENT = 0.1  # an alignment that turns or stretches more than this is none
# Tiles lost, measured on labels of 8 goods in 12 layouts: by another name 7 and more, by what copyists do 2 at most. Photos
# lose up to 0.28 of theirs to watermarks and banners.
_MOST_LOST = 4
_MOST_LOST_SHARE = 0.3  # where tiles that show something fill more than half of the picture


@dataclass(frozen=True, slots=True, eq=False)
class Fingerprint:
    """What a picture is told by: two hashes of 64 bits (None for a flat picture), itself small, and corners with descriptors."""

    phash: int | None
    dhash: int | None
    small: bytes  # JPEG of 128 × 128 px, gray, whatever the shape of the picture
    size: tuple[int, int]  # width and height at which the corners were taken
    corners: NDArray[np.float32]
    descriptors: Pixels

    def packed(self) -> dict[str, object]:
        """As plain values for the store."""
        return {
            "phash": None if self.phash is None else f"{self.phash:016x}",
            "dhash": None if self.dhash is None else f"{self.dhash:016x}",
            "small": base64.b64encode(self.small).decode(),
            "size": list(self.size),
            "corners": base64.b64encode(self.corners.astype(np.float16).tobytes()).decode(),
            "descriptors": base64.b64encode(self.descriptors.tobytes()).decode(),
        }


def unpacked(values: dict[str, object]) -> Fingerprint:
    """A fingerprint out of the store."""
    phash, dhash, size = values["phash"], values["dhash"], values["size"]
    corners = np.frombuffer(base64.b64decode(str(values["corners"])), np.float16).astype(np.float32).reshape(-1, 2)
    descriptors = np.frombuffer(base64.b64decode(str(values["descriptors"])), np.uint8).reshape(-1, 32)
    assert isinstance(size, list)
    return Fingerprint(
        None if phash is None else int(str(phash), 16),
        None if dhash is None else int(str(dhash), 16),
        base64.b64decode(str(values["small"])),
        (int(size[0]), int(size[1])),
        corners,
        descriptors,
    )


def fingerprint(pixels: Pixels) -> Fingerprint:
    """The fingerprint of a picture (height × width × RGB)."""
    gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    scale = min(1.0, _SIDE / max(gray.shape))
    size = (max(8, round(gray.shape[1] * scale)), max(8, round(gray.shape[0] * scale)))
    shown = np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    points, descriptors = cv2.ORB.create(nfeatures=_CORNERS, fastThreshold=10).detectAndCompute(shown, None)
    corners = np.asarray([p.pt for p in points], np.float32).reshape(-1, 2)
    kept = np.zeros((0, 32), np.uint8) if descriptors is None else np.asarray(descriptors, dtype=np.uint8)
    phash = dhash = None
    if float(shown.std()) >= _FLAT:
        image = Image.fromarray(shown)
        phash, dhash = int(str(imagehash.phash(image)), 16), int(str(imagehash.dhash(image)), 16)
    small = cv2.resize(shown, (_SMALL, _SMALL), interpolation=cv2.INTER_AREA)
    return Fingerprint(phash, dhash, cv2.imencode(".jpg", small)[1].tobytes(), size, corners, kept)


def are_same(one: Fingerprint, other: Fingerprint) -> bool:
    """True where both show the same picture, or one a part of the other."""
    return _same_whole(one, other) or _same_part(one, other)


def _same_whole(one: Fingerprint, other: Fingerprint) -> bool:
    if one.phash is None or other.phash is None or one.dhash is None or other.dhash is None:
        return False
    near = (one.phash ^ other.phash).bit_count() <= NEAR and (one.dhash ^ other.dhash).bit_count() <= 2 * NEAR
    return near and _shows_the_same(one.small, other.small)


def _shows_the_same(one: bytes, other: bytes) -> bool:
    """True where what stands in one of two small pictures stands in the other too, in its place; the other may show more."""
    ours, theirs = _opened(one), _opened(other)
    theirs = _aligned(theirs, ours)
    return _holds(ours, theirs) or _holds(theirs, ours)


def _opened(small: bytes) -> Pixels:
    return np.asarray(cv2.imdecode(np.frombuffer(small, np.uint8), cv2.IMREAD_GRAYSCALE), dtype=np.uint8)


def _aligned(small: Pixels, other: Pixels) -> Pixels:
    """A small picture laid upon another, where it differs by a slight crop; else as it is."""
    try:
        start = np.eye(2, 3, dtype=np.float32)
        _, matrix = cv2.findTransformECC(other, small, start, cv2.MOTION_AFFINE, (3, 30, 1e-4))
    except cv2.error:  # it found no way to lay them
        return small
    if np.abs(np.asarray(matrix)[:, :2] - np.eye(2)).max() > _BENT:
        return small
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    laid = cv2.warpAffine(small, matrix, (_SMALL, _SMALL), flags=how, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(laid, dtype=np.uint8)


def _holds(holder: Pixels, small: Pixels) -> bool:
    """True where nearly every tile of a small picture that shows something is found in another, a pixel aside at most."""
    room = np.asarray(cv2.copyMakeBorder(holder, 1, 1, 1, 1, cv2.BORDER_REPLICATE))
    shown = lost = 0
    for y in range(0, _SMALL, _TILE):
        for x in range(0, _SMALL, _TILE):
            tile = small[y : y + _TILE, x : x + _TILE]
            if float(tile.std()) >= _FLAT:
                match = cv2.matchTemplate(room[y : y + _TILE + 2, x : x + _TILE + 2], tile, cv2.TM_CCOEFF_NORMED)
                shown, lost = shown + 1, lost + (float(match.max()) < _MATCH)
    is_full = 2 * shown > (_SMALL // _TILE) ** 2
    return shown > 0 and lost <= (_MOST_LOST_SHARE * shown if is_full else _MOST_LOST)


def _same_part(one: Fingerprint, other: Fingerprint) -> bool:
    if min(len(one.descriptors), len(other.descriptors)) < _AGREE:
        return False
    pairs = cv2.BFMatcher(cv2.NORM_HAMMING).knnMatch(one.descriptors, other.descriptors, k=2)
    good = [p[0] for p in pairs if len(p) == 2 and p[0].distance < 0.8 * p[1].distance]
    if len(good) < _AGREE:
        return False
    ours = np.asarray([one.corners[m.queryIdx] for m in good], np.float32)
    theirs = np.asarray([other.corners[m.trainIdx] for m in good], np.float32)
    matrix, agree = cv2.estimateAffinePartial2D(ours, theirs, method=cv2.RANSAC, ransacReprojThreshold=4.0)
    if matrix is None or int(agree.sum()) < max(_AGREE, 0.3 * len(good)):
        return False
    held = agree.ravel().astype(bool)
    return max(_span(ours[held], one.size), _span(theirs[held], other.size)) >= _SPREAD


def _span(points: NDArray[np.float32], size: tuple[int, int]) -> float:
    """The share of a picture that points span."""
    wide, high = np.ptp(points, axis=0)
    return float(wide * high) / (size[0] * size[1])


def groups(prints: Sequence[Fingerprint]) -> tuple[tuple[int, ...], ...]:
    """Indices of pictures that are the same, each group in rising order; pictures that stand alone are left out."""
    root = list(range(len(prints)))

    def top(index: int) -> int:
        while root[index] != index:
            root[index] = index = root[root[index]]
        return index

    for one, other in _pairs(prints):
        if top(one) != top(other) and are_same(prints[one], prints[other]):
            root[top(one)] = top(other)
    found: dict[int, list[int]] = defaultdict(list)
    for index in range(len(prints)):
        found[top(index)].append(index)
    return tuple(tuple(members) for members in found.values() if len(members) > 1)


def _pairs(prints: Sequence[Fingerprint]) -> list[tuple[int, int]]:
    """Pairs worth a closer look: near hashes, or corners that share bands of bits."""
    hashes = np.asarray([p.phash or 0 for p in prints], np.uint64)
    hashed = np.asarray([p.phash is not None for p in prints])
    pairs: set[tuple[int, int]] = set()
    holders: dict[tuple[int, int], list[int]] = defaultdict(list)
    for index, one in enumerate(prints):
        if hashed[index]:
            near = np.bitwise_count(hashes[:index] ^ hashes[index]) <= NEAR
            pairs.update((int(other), index) for other in np.flatnonzero(near & hashed[:index]))
        bands = one.descriptors.view(np.uint16) if len(one.descriptors) else np.zeros((0, _BANDS), np.uint16)
        keys = {(band, int(value)) for band in range(_BANDS) for value in bands[:, band]}
        votes = Counter(other for key in keys for other in holders[key])
        pairs.update((other, index) for other, n in votes.most_common(_CANDIDATES) if n >= _LEAST_VOTES)
        for key in keys:
            holders[key].append(index)
    return sorted(pairs)
