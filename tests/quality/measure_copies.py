"""Quality of telling copies of a picture. Run: python tests/quality/measure_copies.py [--seed N]

Copies are made from the photos of `../shared/data/produce_photos` (or the folder in GIMONITOR_SHARED_DATA; without it from
drawn scenes) and from made labels, as sellers change them. Beside them stand pairs that are no copies: labels of other goods
in one layout, other photos under one shop's banner, other print beside one mark, other parts of one photo. Exit 1 where a
target is missed.
"""

from __future__ import annotations

import argparse
import io
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from random import Random

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageEnhance

from gimonitor.imaging.alike import Fingerprint, are_same, fingerprint, groups
from gimonitor.imaging.made.backdrops import Backdrops
from gimonitor.imaging.made.ink import FONT_NAMES, font
from gimonitor.imaging.made.marks import drawing
from gimonitor.imaging.marks import Mark
from gimonitor.text.codes import USCC_CHARACTERS

sys.path.insert(0, str(Path(__file__).parent))  # `python -P` leaves the folder of the script out

from real_marks import SHARED

FOUND = 0.9  # share of copies
SIDE = 800

GOODS = (
    (
        "五常大米",
        "盘锦大米",
        "响水大米",
        "方正大米",
        "兴化大米",
        "射阳大米",
        "原阳大米",
        "宁夏大米",
    ),  # their names end alike
    ("西湖龙井", "安吉白茶", "武夷岩茶", "福鼎白茶", "六安瓜片", "黄山毛峰", "信阳毛尖", "洞庭碧螺春"),
    ("烟台苹果", "赣南脐橙", "库尔勒香梨", "沁州黄小米", "平遥牛肉", "金华火腿", "镇江香醋", "阳澄湖大闸蟹"),
)
_PLACES = ("黑龙江", "辽宁盘锦", "浙江杭州", "安徽六安", "福建武夷山", "山东烟台", "江西赣州", "新疆库尔勒", "山西沁县")
_KINDS = ("米业", "茶业", "果品", "农业发展", "食品", "农产品专业合作社", "商贸")

Change = Callable[[Random, Image.Image], Image.Image]


@dataclass(frozen=True, slots=True)
class Layout:
    """What labels of one series share. Lengths in px of a label 800 px wide."""

    ground: tuple[int, int, int]
    ink: tuple[int, int, int]
    frame: int  # its kind
    mark: tuple[int, int, int]  # left, top, width
    title: tuple[int, int, int]  # left, top, size
    print_: tuple[int, int, int]
    face: str
    height: int


def layout(rng: Random, number: int) -> Layout:
    """A layout; titles of 20-60 px by its number."""
    side = rng.randint(110, 240)
    size = 20 + 40 * (number % 12) // 11
    left, light = rng.choice((60, 300, 380)), rng.randint(200, 250)
    dark = rng.randint(0, 70) if number % 3 else light - rng.randint(70, 110)  # gold on cream
    return Layout(
        ground=(light, light - rng.randint(-5, 20), light - rng.randint(-5, 40)),
        ink=(dark + rng.randint(0, 30), dark, max(0, dark - rng.randint(0, 30))),
        frame=rng.randrange(4),
        mark=(rng.randint(50, 90) if left > 60 else rng.randint(450, 500), rng.randint(50, 200), side),
        title=(left, rng.randint(60, 200), size),
        print_=(left, rng.randint(400, 480), rng.randint(13, 22)),
        face=rng.choice(FONT_NAMES),
        height=rng.choice((800, 800, 600, 1000)),
    )


def label(rng: Random, how: Layout, name: str) -> Image.Image:
    """A label of some goods."""
    image = Image.new("RGB", (SIDE, how.height), how.ground)
    draw = ImageDraw.Draw(image)
    _framed(draw, how)
    x, y, side = how.mark
    mark = Image.fromarray(drawing(Mark.GI_2019))
    mark = mark.resize((side, side * mark.height // mark.width))
    image.paste(mark, (x, y), mark)
    x, y, size = how.title
    draw.text((x, y), name, font=font(how.face, size), fill=how.ink)
    x, y, size = how.print_
    place, code = rng.choice(_PLACES), "".join(rng.choice(USCC_CHARACTERS) for _ in range(16))
    number = rng.randint(10000, 39999)
    lines = [
        f"产地：{place}",
        f"生产者：{place}{rng.choice('金鑫福瑞丰')}{rng.choice('源盛达泰和')}{rng.choice(_KINDS)}有限公司",
        f"统一社会信用代码：91{code}",
        f"执行标准：GB/T {number}  净含量：{rng.choice((250, 500, 1000, 2500, 5000))}克",
    ]
    lines += [
        f"{rng.choice(_PLACES)}{rng.choice('甲乙丙丁戊己庚辛')}级 常温避光储存 {rng.randint(1, 28)} 个月"
        for _ in range(8)
    ]
    for row, text in enumerate(lines[: rng.choice((1, 3, 4, 4, 12))]):
        draw.text((x, y + round(row * 1.7 * size)), text, font=font(how.face, size), fill=how.ink)
    return image


def _framed(draw: ImageDraw.ImageDraw, how: Layout) -> None:
    right, bottom = SIDE - 20, how.height - 20
    if how.frame == 1:
        draw.rectangle((20, 20, right, bottom), outline=how.ink, width=6)
        draw.rectangle((34, 34, right - 14, bottom - 14), outline=how.ink, width=2)
    elif how.frame == 2:
        draw.rectangle((0, 0, SIDE, 36), fill=how.ink)
        draw.rectangle((0, how.height - 50, SIDE, how.height), fill=how.ink)
    elif how.frame == 3:
        for step in range(30, SIDE - 30, 40):
            for y in (22, bottom):
                draw.ellipse((step, y - 10, step + 20, y + 10), outline=how.ink, width=3)


def photos() -> list[Image.Image]:
    """The photos, each once; without them drawn scenes."""
    folder = SHARED / "produce_photos"
    if not folder.is_dir():
        return [Image.fromarray(Backdrops().any(Random(f"scene {n}"), SIDE, SIDE)) for n in range(24)]
    found = []
    for path in sorted(p for p in folder.glob("*") if p.suffix in (".jpg", ".png")):
        with Image.open(path) as image:
            found.append(image.convert("RGB"))
    thumbs = [np.asarray(image.resize((32, 32)), np.float32) for image in found]
    twice = {b for a, b in combinations(range(len(found)), 2) if np.abs(thumbs[a] - thumbs[b]).mean() < 4}
    return [image for index, image in enumerate(found) if index not in twice]


def _through(image: Image.Image, form: str, quality: int) -> Image.Image:
    out = io.BytesIO()
    image.save(out, form, quality=quality)
    return Image.open(out).convert("RGB")


def _resized(rng: Random, image: Image.Image) -> Image.Image:
    scale = rng.randint(300, 800) / max(image.size)
    return image.resize((max(1, round(image.width * scale)), max(1, round(image.height * scale))))


def _squeezed(rng: Random, image: Image.Image) -> Image.Image:
    side = rng.randint(400, 800)
    return image.resize((side, side))


def _cut(share: float) -> Change:
    """A share off each direction, anywhere between both ends."""

    def change(rng: Random, image: Image.Image) -> Image.Image:
        wide, high = round(image.width * share), round(image.height * share)
        x, y = rng.randint(0, wide), rng.randint(0, high)
        return image.crop((x, y, x + image.width - wide, y + image.height - high))

    return change


def _bordered(rng: Random, image: Image.Image) -> Image.Image:
    room = round(max(image.size) * rng.uniform(0.03, 0.12))
    whole = Image.new("RGB", (image.width + 2 * room, image.height + 2 * room), _colour(rng))
    whole.paste(image, (room, room))
    return whole


def _colour(rng: Random) -> tuple[int, int, int]:
    return (rng.randint(0, 255), rng.randint(0, 255), rng.randint(0, 255))


def _watermarked(rng: Random, image: Image.Image) -> Image.Image:
    """Print laid over it, half transparent or not, perhaps turned."""
    size = round(image.width * rng.uniform(0.05, 0.09))
    words = rng.choice(("WWW.SHOP.COM", "某某食品旗舰店", "正品保证 盗图必究"))
    layer = Image.new("RGBA", (image.width, size * 2), (0, 0, 0, 0))
    fill = (*rng.choice(((255, 255, 255), (120, 120, 120), (200, 30, 30))), rng.randint(110, 255))
    ImageDraw.Draw(layer).text((size, size // 4), words, font=font("sans", size), fill=fill)
    layer = layer.rotate(rng.choice((0, 0, 20)), expand=True)
    whole = image.copy()
    whole.paste(layer, (rng.randint(0, image.width // 4), rng.randint(0, max(1, image.height - layer.height))), layer)
    return whole


def _bannered(rng: Random, image: Image.Image) -> Image.Image:
    """A strip with the shop's words at the top or bottom."""
    high = round(image.height * rng.uniform(0.08, 0.15))
    whole, top = image.copy(), rng.choice((0, image.height - high))
    draw = ImageDraw.Draw(whole)
    draw.rectangle((0, top, image.width, top + high), fill=_colour(rng))
    draw.text((high, top + high // 6), "限时特价 顺丰包邮", font=font("sans", round(high * 0.55)), fill=_colour(rng))
    return whole


def _stickered(rng: Random, image: Image.Image) -> Image.Image:
    """A price in a patch, a tenth of the picture at most, in a corner."""
    side = round(min(image.size) * rng.uniform(0.15, 0.3))
    whole = image.copy()
    draw = ImageDraw.Draw(whole)
    x, y = rng.choice((0, image.width - side)), rng.choice((0, image.height - side))
    how = draw.ellipse if rng.random() < 0.5 else draw.rectangle
    how((x, y, x + side, y + side), fill=_colour(rng))
    draw.text((x + side // 8, y + side // 3), "¥29.9", font=font("sans", side // 3), fill=_colour(rng))
    return whole


def _lit(rng: Random, image: Image.Image) -> Image.Image:
    brighter = ImageEnhance.Brightness(image).enhance(rng.uniform(0.75, 1.25))
    return ImageEnhance.Contrast(brighter).enhance(rng.uniform(0.75, 1.3))


CHANGES: dict[str, Change] = {
    "resized": _resized,
    "squeezed": _squeezed,
    "jpeg": lambda rng, image: _through(image, "JPEG", rng.randint(30, 90)),
    "webp": lambda rng, image: _through(image, "WEBP", rng.randint(30, 90)),
    "cut 3%": _cut(0.03),
    "cut 5%": _cut(0.05),
    "cut 10%": _cut(0.10),
    "cut 15%": _cut(0.15),
    "bordered": _bordered,
    "watermarked": _watermarked,
    "bannered": _bannered,
    "stickered": _stickered,
    "lit": _lit,
    "cut 5%, resized, watermarked": lambda rng, image: _watermarked(rng, _resized(rng, _cut(0.05)(rng, image))),
}


def _printed(image: Image.Image) -> Fingerprint:
    return fingerprint(np.asarray(image))


def _handed_on(rng: Random, image: Image.Image) -> Image.Image:
    """As another shop has it: often smaller, always packed again."""
    shown = _resized(rng, image) if rng.random() < 0.5 else image
    return _through(shown, "JPEG", rng.randint(45, 92))


Pair = tuple[Image.Image, Image.Image]


def label_copies(seed: str) -> Iterator[tuple[str, Image.Image]]:
    """(kind, label) of which copies are made: two goods of each layout."""
    for number in range(12):
        rng = Random(f"{seed} layout {number}")
        how = layout(rng, number)
        for name in rng.sample(GOODS[number % 3], 2):
            yield "label", label(rng, how, name)


def series(seed: str) -> Iterator[Pair]:
    """Labels of other goods in one layout: any two of eight, of twelve layouts."""
    for number in range(12):
        rng = Random(f"{seed} series {number}")
        how = layout(rng, number)
        made = [_handed_on(rng, label(rng, how, name)) for name in GOODS[number % 3]]
        yield from combinations(made, 2)


def other_print(seed: str) -> Iterator[Pair]:
    """One mark on white with other words and nothing else; and the mark alone."""
    for number in range(12):
        rng = Random(f"{seed} white {number}")
        how = layout(rng, rng.randrange(12))
        x, y, side = how.mark
        mark = Image.fromarray(drawing(Mark.GI_2019)).resize((side, round(side * 1.1)))
        made = []
        for name in rng.sample(GOODS[number % 3], 4):
            image = Image.new("RGB", (SIDE, SIDE), (255, 255, 255))
            image.paste(mark, (x, y), mark)
            ImageDraw.Draw(image).text(how.title[:2], name, font=font(how.face, how.title[2]), fill=how.ink)
            made.append(_handed_on(rng, image))
        yield from combinations(made, 2)
        yield mark.convert("RGB"), made[0]


def one_banner(seed: str, shown: list[Image.Image]) -> Iterator[Pair]:
    """Other photos under one shop's banner, sticker and frame."""
    for number in range(12):
        rng = Random(f"{seed} shop {number}")
        look, made = rng.random(), []
        for image in rng.sample(shown, 4):
            same = Random(f"{seed} {look}")
            framed = _stickered(same, _bannered(same, image.resize((SIDE, SIDE))))
            made.append(_handed_on(rng, framed))
        yield from combinations(made, 2)


def other_photos(seed: str, shown: list[Image.Image]) -> Iterator[Pair]:
    """Both halves of one photo (the same goods again, not the same picture), and photos of other goods."""
    rng = Random(f"{seed} photos")
    for image in shown:
        half = image.width // 2
        left, right = image.crop((0, 0, half, image.height)), image.crop((half, 0, image.width, image.height))
        yield _handed_on(rng, left), _handed_on(rng, right)
    yield from combinations([_handed_on(rng, image) for image in shown], 2)


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def measure_found(seed: str, shown: list[Image.Image]) -> dict[str, float]:
    """The share of copies told, of photos and of labels; says what was missed."""
    put: Counter[tuple[str, str]] = Counter()
    hit: Counter[tuple[str, str]] = Counter()
    for kind, image in [*(("photo", image) for image in shown), *label_copies(seed)]:
        rng = Random(f"{seed} {kind} {image.size} {sum(put.values())}")
        original = _printed(_through(image, "JPEG", 92))
        for name, change in CHANGES.items():
            put[kind, name] += 1
            copy = _through(change(rng, image), "JPEG", rng.randint(60, 92))
            hit[kind, name] += are_same(original, _printed(copy))
    shares = {}
    for kind in ("photo", "label"):
        total = sum(n for (k, _), n in put.items() if k == kind)
        shares[kind] = sum(n for (k, _), n in hit.items() if k == kind) / max(1, total)
        say(f"copies of {kind}s: {shares[kind]:.3f} of {total} told (target {FOUND})")
        say("    " + ", ".join(f"{name} {hit[kind, name]}/{put[kind, name]}" for name in CHANGES))
    return shares


def measure_wrong(seed: str, shown: list[Image.Image]) -> dict[str, int]:
    """How many pairs that are no copies were taken for some, by kind."""
    kinds = {
        "labels of one layout": series(seed),
        "one mark, other print": other_print(seed),
        "one banner, other photos": one_banner(seed, shown),
        "other photos": other_photos(seed, shown),
    }
    wrong: dict[str, int] = {}
    for kind, pairs in kinds.items():
        total, known = 0, {}
        wrong[kind] = 0
        for one, other in pairs:
            for image in (one, other):
                if id(image) not in known:
                    known[id(image)] = (_printed(image), image)  # the picture is kept: its id stays its own
            total += 1
            wrong[kind] += are_same(known[id(one)][0], known[id(other)][0])
        say(f"{kind}: {wrong[kind]} of {total} pairs wrongly the same (target 0)")
    return wrong


def measure_cost(shown: list[Image.Image], many: int) -> None:
    """Bytes of a fingerprint, milliseconds to make one, to compare two, and seconds to group many."""
    start = time.process_time()
    prints = [_printed(image) for image in shown]
    made = (time.process_time() - start) / len(prints)
    start = time.process_time()
    pairs = list(combinations(prints, 2))[:300]
    for one, other in pairs:
        are_same(one, other)
    compared = (time.process_time() - start) / len(pairs)
    start = time.process_time()
    for one in prints:
        are_same(one, one)
    same = (time.process_time() - start) / len(prints)
    size = sum(sum(len(str(v)) for v in p.packed().values()) for p in prints) / len(prints)
    say(
        f"a fingerprint: {size / 1024:.1f} KB packed, {1000 * made:.1f} ms to make; {1000 * compared:.2f} ms to compare two "
        f"that differ, {1000 * same:.1f} ms two that are the same"
    )
    if many:
        backdrops = Backdrops()
        lot = [_printed(Image.fromarray(backdrops.any(Random(f"lot {n}"), 400, 400))) for n in range(many)]
        start = time.process_time()
        found = groups(lot)
        say(f"groups of {many}: {time.process_time() - start:.1f} s, {len(found)} groups")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", default="2026", help="any word: other copies and labels for each")
    parser.add_argument("--many", type=int, default=0, help="also measure how long it takes to group so many pictures")
    args, _ = parser.parse_known_args()
    cv2.setNumThreads(1)
    shown = photos()
    shares, wrong = measure_found(args.seed, shown), measure_wrong(args.seed, shown)
    measure_cost(shown, args.many)
    return 0 if min(shares.values()) >= FOUND and not any(wrong.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
