"""Screening of made listings against a made register of 10,000 names, as ratios. Run: python tests/bench/screening.py

Both sides of a ratio run in turn in one process, on processor time; a ratio is the median of five rounds. Against it:

- what most people write first: NFKC, OpenCC, a regular expression for separators, `jieba.cut` with the names in its
  dictionary, a look-up of each word; no findings, so that the ratio is rather too low than too high.
- the same screen, findings included, written the usual way: NFKC, OpenCC, a regular expression for separators, and
  pyahocorasick over the same patterns; what follows the matcher is the project's own in both.

Listings are about 6.5 KB, seeded: real titles and reviews of the shared data with sales talk between them (words of jieba's
dictionary where the data is absent). Six of ten name a GI, most of these in the title. They come in batches, as the pipelines
and `gimonitor screen` pass them on. That the cost grows little with the register is measured on listings whose GIs are in
the smaller one too, so that both find the same.
"""

from __future__ import annotations

import gc
import json
import os
import random
import re
import resource
import subprocess
import sys
import time
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import islice
from pathlib import Path
from statistics import median
from unittest.mock import patch

import ahocorasick
import numpy as np
import opencc

from gimonitor.model.finding import Screening
from gimonitor.model.listing import Listing, Shop
from gimonitor.model.register import GI, Area, Certainty, Register
from gimonitor.register import load_register
from gimonitor.screening import Screener, sheet
from gimonitor.screening.automaton import ENGINES, Finder, Hit
from gimonitor.screening.dictionary import is_word
from gimonitor.text.normalise import Folded, Way, fold

NAMES, LISTINGS, BATCH, ROUNDS, SEED = 10_000, 300, 32, 5, 20261122
ON = date(2026, 11, 22)
CHARACTERS = 2_620  # 6.5 KB in UTF-8, Latin letters among them
SALES_TALK = (
    "产地直发", "新鲜现摘", "顺丰包邮", "坏果包赔", "农家自产", "当季", "整箱", "真空包装", "送礼佳品", "5斤装", "2.5kg*2袋",
    "250g/罐", "净含量500g", "保质期12个月", "生产日期见包装", "执行标准 GB/T 1354", "全国包邮", "七天无理由", "假一赔十", "老字号",
)  # fmt: skip
ORIGINS = ("黑龙江省哈尔滨市", "山东省烟台市", "浙江省杭州市", "云南省普洱市", "四川省成都市", "广东省江门市", "")


# -- the made register ---------------------------------------------------------------------------------------------


def make_register(names: int) -> Register:
    """The shipped register's GIs over and over, each time of another place that is spelled with three characters."""
    shipped = load_register()
    models = [gi for gi in shipped.gis if gi.is_gi and gi.product_words and gi.area and gi.core]
    places = _made_places(random.Random(SEED), models, names)
    return replace(shipped, gis=tuple(_made_gi(i, places[i], models[i % len(models)]) for i in range(names)), users=())


def _made_places(chance: random.Random, gis: Sequence[GI], count: int) -> list[str]:
    """Places of two or three characters that real places are made of, none of them a word of the dictionary."""
    characters = sorted({c for gi in gis for c in gi.core})
    found: dict[str, None] = {}
    while len(found) < count:
        place = "".join(chance.choices(characters, k=2 if len(found) % 3 else 3))
        if not is_word(place):
            found[place] = None
    return list(found)


def _made_gi(number: int, place: str, model: GI) -> GI:
    """Three patterns, a few of them with two readings: the name, the place, the place's initials with the goods."""
    product = model.product_words[0]
    return GI(
        id=f"made-{number}",
        name=place + product,
        certainty=Certainty.FOUND,
        source="made",
        core=place,
        product_words=(product,),
        like_words=tuple(dict.fromkeys((*model.product_words[1:], *model.like_words))),
        not_goods=model.not_goods,
        category=model.category,
        goods=model.goods,
        area=Area(adcodes=model.area.adcodes) if model.area else None,
        conflicting_standards=model.conflicting_standards,
        season=model.season,
        protections=model.protections,
    )


# -- the made listings ---------------------------------------------------------------------------------------------


def make_listings(gis: Sequence[GI], *, named: bool) -> list[Listing]:
    """Listings that name one of the GIs, or none."""
    chance = random.Random(f"{SEED}{named}")
    words, texts = _common_words(), _real_texts()
    return [_made_listing(chance, words, texts, chance.choice(gis) if named else None, i) for i in range(LISTINGS // 2)]


@cache
def _real_texts() -> list[str]:
    """Titles and reviews that people wrote; without the shared data, words of the dictionary one after another."""
    folder = Path(os.environ.get("GIMONITOR_SHARED_DATA") or Path(__file__).parents[3] / "shared" / "data")
    texts: list[str] = []
    for name, key in (("titles.jsonl", "title"), ("reviews_food.jsonl", "review")):
        if (folder / name).is_file():
            with (folder / name).open(encoding="utf-8") as stream:
                texts += [json.loads(line)[key] for line in islice(stream, 20_000)]
    chance, words = random.Random(SEED), _common_words()
    return texts or ["".join(chance.choices(words, k=12)) for _ in range(20_000)]


@cache
def _common_words() -> list[str]:
    """Words of two characters and more that the dictionary counted often."""
    import jieba

    rows = (line.split() for line in jieba.get_dict_file().read().decode("utf-8").splitlines())
    return [word for word, count, _ in rows if len(word) >= 2 and int(count) >= 300]


def _made_listing(chance: random.Random, words: list[str], texts: list[str], gi: GI | None, number: int) -> Listing:
    title = [chance.choice(texts)[:30], *chance.sample(SALES_TALK, 4)]
    chance.shuffle(title)
    lines: list[str] = []
    while sum(map(len, lines)) < CHARACTERS - 150:
        lines.append(chance.choice(texts)[:120] + chance.choice("，。！；\n 【】、") + chance.choice(SALES_TALK))
    if gi:
        shown = (gi.name, gi.name, f"{gi.core}·{gi.name.removeprefix(gi.core)}")[number % 3]
        lines[number % len(lines)] += shown
        if number % 6:
            title.insert(chance.randrange(len(title)), shown)
    return Listing(
        platform="made",
        item_id=str(number),
        title="".join(title),
        subtitle="".join(chance.choices(words, k=5)),
        description="".join(lines),
        attributes=(("产地", chance.choice(ORIGINS)), ("净含量", "5kg"), ("保质期", "12个月"), ("包装方式", "袋装")),
        keywords=tuple(chance.choices(words, k=4)),
        brand="".join(chance.choices(words, k=1)),
        shop=Shop(name="".join(chance.choices(words, k=2)) + "旗舰店"),
        ship_from=chance.choice(ORIGINS),
        price_fen=chance.randrange(990, 29_900),
        sales=chance.randrange(20_000),
    )


# -- what it is measured against -----------------------------------------------------------------------------------


def naive_screen(register: Register) -> Callable[[Listing], int]:
    """The usual folding, cut into words by jieba with the names in its dictionary, each looked up; nothing is judged."""
    import jieba

    tokenizer = jieba.Tokenizer()
    names = {word: gi.id for gi in register.gis for word in (gi.name, gi.core)}
    tokenizer.initialize()
    for word in names:
        tokenizer.add_word(word)

    def screen(listing: Listing) -> int:
        text = usual_fold("\n".join(text for _, _, text in listing.texts())).text
        return sum(word in names for word in tokenizer.cut(text))

    return screen


def usual_finder(patterns: Sequence[str], encoding: str) -> Finder:
    """pyahocorasick behind the interface of `gimonitor.screening.automaton`."""
    machine = ahocorasick.Automaton()
    for number, pattern in enumerate(patterns):
        machine.add_word(pattern, (number, len(pattern)))
    machine.make_automaton()

    def find(units: bytes) -> list[Hit]:
        text = units.decode(encoding, "surrogatepass")
        return [(end + 1 - length, end + 1, number) for end, (number, length) in machine.iter(text)]

    return find


_SIMPLER = opencc.OpenCC("t2s")
_BETWEEN = re.compile(
    r"(?<=[\u3400-\u9fff])[^\w\uffff]+(?=[\u3400-\u9fff])|[\u200b-\u200f\u2060\ufe0f\xad]+|[^\w\uffff]+"
)


def usual_fold(raw: str) -> Folded:
    """NFKC, OpenCC, lower case, and a regular expression that drops what stands between Han characters."""
    text = unicodedata.normalize("NFKC", raw)
    origin = range(len(raw))
    if len(text) != len(raw):
        parts = [unicodedata.normalize("NFKC", c) for c in raw]
        text, origin = "".join(parts), [i for i, part in enumerate(parts) for _ in part]
    text = _SIMPLER.convert(text).lower()
    pieces, places, at = [], [], 0
    for match in _BETWEEN.finditer(text):
        pieces.append(text[at : match.start()])
        places.append(origin[at : match.start()])
        at = match.end()
        if not ("\u3400" <= text[match.start() - 1] <= "\u9fff" and "\u3400" <= text[at : at + 1] <= "\u9fff"):
            pieces.append(" ")
            places.append(origin[match.start() : match.start() + 1])
    pieces.append(text[at:])
    places.append(origin[at:])
    folded = "".join(pieces)
    return Folded(raw, folded.encode("utf-16-le", "surrogatepass"), Way(np.array([i for part in places for i in part])))


# -- measuring -----------------------------------------------------------------------------------------------------

Work = Callable[[], object]


def medians(*works: Work, rounds: int = ROUNDS) -> list[float]:
    """Processor seconds of each work, in turn within each round; the first round is not counted."""
    times: list[list[float]] = []
    for _ in range(rounds + 1):
        row = []
        for work in works:
            gc.collect()
            begin = time.process_time()
            work()
            row.append(time.process_time() - begin)
        times.append(row)
    return [median(column) for column in zip(*times[1:], strict=True)]


def full(compiled: Screener, listings: Sequence[Listing]) -> Work:
    """The project's screen over listings, findings included."""
    return lambda: screened(compiled, listings)


def screened(compiled: Screener, listings: Sequence[Listing]) -> list[Screening]:
    """Listings screened batch by batch."""
    starts = range(0, len(listings), BATCH)
    return [found for start in starts for found in compiled.screen_all(listings[start : start + BATCH], ON)]


def usual(compiled: Screener, listings: Sequence[Listing]) -> Work:
    """The same with the usual folding; `compiled` was built with pyahocorasick."""

    def work() -> object:
        with patch.object(sheet, "fold", usual_fold):
            return screened(compiled, listings)

    return work


def same_share(one: Sequence[Screening], other: Sequence[Screening]) -> float:
    """Share of listings in which both sides suspect the same GIs: what is compared must do the same."""
    same = [{s.gi_id for s in a.suspicions} == {s.gi_id for s in b.suspicions} for a, b in zip(one, other, strict=True)]
    return sum(same) / len(same)


def memory() -> None:
    """Print what 10,000 names compiled for screening add to a process in MB; the child of `main`."""
    is_word("茶叶")  # the dictionary of Chinese is no part of the register
    fold("茶")
    Screener(load_register()).screen(Listing(platform="", item_id="", title="五常大米 wuchang 大米"), ON)
    gc.collect()
    before = _resident()
    register = make_register(NAMES)
    compiled = Screener(register)
    compiled.screen(make_listings(register.gis, named=True)[0], ON)
    gc.collect()
    sys.stdout.write(f"{_resident() - before:.1f} {before:.1f}\n")


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


def report(name: str, value: float, bar: float, *, most: bool, shown: str = "") -> bool:
    """Print one line; True where the bar was reached."""
    reached = value <= bar if most else value >= bar
    sign = "<=" if most else ">="
    sys.stdout.write(f"screening: {name} {value:.2f} (bar {sign} {bar}){shown} {'ok' if reached else 'MISSED'}\n")
    return reached


def main() -> int:
    """Measure and print a line for each bar; exit code 1 when one was missed."""
    register = make_register(NAMES)
    with_gi, without = make_listings(register.gis, named=True), make_listings(register.gis, named=False)
    mixed = [*with_gi, *without[: len(with_gi) * 2 // 3]]
    compiled = Screener(register)
    ordinary = Screener(register, engine="pyahocorasick")
    naive = naive_screen(register)
    few = mixed[:: max(1, len(mixed) // 10)]
    sys.stdout.write(
        f"screening: {len(register.gis):,} names, {compiled.pattern_count:,} patterns; {len(mixed)} listings of "
        f"{sum(len(t.encode()) for listing in mixed for _, _, t in listing.texts()) / len(mixed) / 1000:.1f} KB\n"
    )
    same = same_share(full(compiled, mixed)(), usual(ordinary, mixed)())
    mine, other, slow = medians(full(compiled, mixed), usual(ordinary, mixed), lambda: [naive(x) for x in few])
    hit, miss = medians(full(compiled, with_gi), full(compiled, without))
    each = f"; {mine / len(mixed) * 1e6:.0f} µs a listing"
    done = [
        report(
            "jieba.cut + dictionary / full screen", slow / len(few) / (mine / len(mixed)), 100, most=False, shown=each
        ),
        report("the same with pyahocorasick / full screen", other / mine, 8, most=False, shown=f"; same {same:.2f}"),
        report("listing without a name / with one", miss / hit * len(with_gi) / len(without), 0.6, most=True),
    ]
    del ordinary
    few_names = make_register(1_000)
    known = make_listings(few_names.gis, named=True)
    known += without[: len(known) * 2 // 3]
    small, large = Screener(few_names), Screener(make_register(50_000))
    one, fifty = medians(full(small, known), full(large, known))
    done.append(report("50,000 names / 1,000 names", fifty / one, 2, most=True))
    done.append(_report_memory())
    return 0 if all(done) else 1


def _report_memory() -> bool:
    command = [sys.executable, "-P", __file__, "memory"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True, timeout=300)
    added, before = map(float, done.stdout.split())
    return report("MB for the register, compiled", added, 150, most=True, shown=f"; {before:.0f} before")


if __name__ == "__main__":
    ENGINES["pyahocorasick"] = usual_finder
    if sys.argv[1:2] == ["memory"]:
        memory()
    else:
        sys.exit(main())
