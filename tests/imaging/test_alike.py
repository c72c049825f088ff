"""The same picture in many shops: what is done to it does not hide it, and different pictures stay apart."""

from __future__ import annotations

import io
from random import Random

import numpy as np
import pytest
from PIL import Image, ImageDraw

from gimonitor.imaging.alike import are_same, fingerprint, groups, unpacked
from gimonitor.imaging.decode import Pixels
from gimonitor.imaging.made.backdrops import Backdrops
from gimonitor.imaging.made.ink import font
from gimonitor.imaging.made.marks import drawing
from gimonitor.imaging.marks import Mark


def made_picture(seed: int, side: int = 600) -> Pixels:
    """A package among things: different for each seed."""
    rng = Random(seed)
    backdrops = Backdrops()
    whole = backdrops.any(rng, side, side).copy()
    for _ in range(5):
        size = rng.randint(120, 260)
        x, y = rng.randint(0, side - size), rng.randint(0, side - size)
        whole[y : y + size, x : x + size] = backdrops.any(rng, size, size)
    return whole


PICTURES = [made_picture(seed) for seed in range(8)]


def jpeg(pixels: Pixels, quality: int) -> Pixels:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=quality)
    return np.asarray(Image.open(out))


def resized(pixels: Pixels) -> Pixels:
    return np.asarray(Image.fromarray(pixels).resize((350, 350)))


def watermarked(pixels: Pixels) -> Pixels:
    image = Image.fromarray(pixels)
    ImageDraw.Draw(image).text((200, 280), "WWW.SHOP.COM", fill=(255, 255, 255), font_size=40)
    return np.asarray(image)


def cropped(pixels: Pixels) -> Pixels:
    return np.ascontiguousarray(pixels[60:540, 90:590])


def cropped_and_shrunk(pixels: Pixels) -> Pixels:
    return np.asarray(Image.fromarray(cropped(pixels)).resize((400, 384)))


CHANGES = [lambda p: jpeg(p, 40), resized, watermarked, cropped, cropped_and_shrunk]


@pytest.mark.parametrize(
    "change", CHANGES, ids=["recompressed", "resized", "watermarked", "cropped", "cropped and shrunk"]
)
def test_a_changed_copy_is_the_same(change) -> None:  # type: ignore[no-untyped-def]
    same = sum(are_same(fingerprint(p), fingerprint(change(p))) for p in PICTURES)
    assert same >= len(PICTURES) - (4 if change is watermarked else 2)  # white print over drawn stripes replaces them


def test_different_pictures_stay_apart() -> None:
    assert groups([fingerprint(p) for p in PICTURES]) == ()


def test_copies_come_together_and_others_stay_out() -> None:
    shown = [PICTURES[0], PICTURES[1], jpeg(PICTURES[0], 50), cropped(PICTURES[0]), PICTURES[2], resized(PICTURES[1])]
    assert groups([fingerprint(p) for p in shown]) == ((0, 2, 3), (1, 5))


def test_only_fresh_pictures_are_compared() -> None:
    """A fresh copy joins the group of its original; what was compared before is neither compared nor told again."""
    prints = [fingerprint(p) for p in (PICTURES[0], PICTURES[1], jpeg(PICTURES[1], 60), jpeg(PICTURES[0], 50))]
    assert groups(prints, [None, None, None, None], {3}) == ((0, 3),)
    assert groups(prints, ["a", "a", "b", None], {3}) == ((0, 1, 3),)
    assert groups(prints, ["a", "b", "b", "a"], ()) == ()


def test_one_mark_in_two_pictures_is_no_copy() -> None:
    shown = []
    mark = Image.fromarray(drawing(Mark.GI_2019)).resize((150, 150))
    for pixels in PICTURES[3:5]:
        image = Image.fromarray(pixels)
        image.paste(mark, (50, 60), mark)
        shown.append(fingerprint(np.asarray(image)))
    assert not are_same(*shown)


def flat_label(name: str, words: str, ground: tuple[int, int, int], size: int = 60) -> Pixels:
    """A label with the mark at the left and print at the right, on one colour."""
    image = Image.new("RGB", (800, 800), ground)
    mark = Image.fromarray(drawing(Mark.GI_2019)).resize((200, 222))
    image.paste(mark, (80, 80), mark)
    ImageDraw.Draw(image).text((320, 100), name, fill=(20, 20, 20), font=font("light", size))
    ImageDraw.Draw(image).text((320, 200), words, fill=(20, 20, 20), font=font("light", 24))
    return np.asarray(image)


RICE = flat_label("五常大米", "稻花香 5kg 当季新米", (250, 248, 240))
OTHERS = [
    flat_label("安吉白茶", "明前特级 250克 礼盒", (210, 230, 200)),
    flat_label("沁州黄小米", "山西特产 2.5kg", (250, 248, 240)),
    flat_label("西湖龙井", "稻花香 5kg 当季新米", (250, 248, 240)),
]


def test_flat_labels_of_other_goods_with_the_mark_in_the_same_place_are_no_copies() -> None:
    assert groups([fingerprint(jpeg(pixels, 90)) for pixels in (RICE, *OTHERS)]) == ()


@pytest.mark.parametrize("size", [20, 26, 34])
@pytest.mark.parametrize("side", [800, 360])
def test_labels_of_one_series_are_no_copies(size: int, side: int) -> None:
    """Same frame, mark and places; other title and small print; as sold on, smaller."""
    prints = []
    for name, code in (("五常大米", "91230184MA1900001X"), ("方正大米", "91230124MA18YH2Q7C")):
        image = Image.fromarray(flat_label(name, f"统一社会信用代码：{code}", (250, 248, 240), size))
        ImageDraw.Draw(image).rectangle((20, 20, 780, 780), outline=(90, 20, 20), width=5)
        prints.append(fingerprint(jpeg(np.asarray(image.resize((side, side))), 80)))
    assert not are_same(*prints)


def test_the_mark_alone_is_no_copy_of_a_label_that_bears_it() -> None:
    mark = Image.new("RGB", (400, 444), (250, 248, 240))
    art = Image.fromarray(drawing(Mark.GI_2019)).resize((400, 444))
    mark.paste(art, (0, 0), art)
    assert not are_same(fingerprint(np.asarray(mark)), fingerprint(RICE))


@pytest.mark.parametrize("change", CHANGES[:3], ids=["recompressed", "resized", "watermarked"])
def test_a_changed_copy_of_a_flat_label_is_the_same(change) -> None:  # type: ignore[no-untyped-def]
    assert are_same(fingerprint(RICE), fingerprint(change(RICE)))


def test_a_flat_label_cut_a_little_is_the_same() -> None:
    for by in (8, 24, 40, 80):  # px off each side: up to a fifth of it
        cut = np.ascontiguousarray(RICE[by : 800 - by, by : 800 - by])
        assert are_same(fingerprint(RICE), fingerprint(cut)), by


def test_blank_pictures_are_nobodys_copy() -> None:
    blank = fingerprint(np.full((300, 300, 3), 250, np.uint8))
    assert not are_same(blank, fingerprint(np.full((300, 300, 3), 20, np.uint8)))
    assert groups([blank, blank]) == ()


def test_a_fingerprint_comes_back_from_the_store() -> None:
    one = fingerprint(PICTURES[0])
    again = unpacked(one.packed())
    assert again is not None
    assert (again.small, again.thumb) == (one.small, one.thumb)
    assert are_same(again, fingerprint(cropped(PICTURES[0])))


def test_a_fingerprint_of_another_kind_is_none() -> None:
    assert (
        unpacked({"phash": "0" * 16, "dhash": None, "small": "", "size": [8, 8], "corners": "", "descriptors": ""})
        is None
    )
