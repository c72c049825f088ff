"""The words in a mark's ring: unrolled, read, weighed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gimonitor.errors import ConfigurationError
from gimonitor.imaging import finder, ring
from gimonitor.imaging.decode import Pixels
from gimonitor.imaging.finder import MARKS, candidates
from gimonitor.imaging.made.marks import DRAWERS, drawing, palette_of
from gimonitor.imaging.marks import Mark
from gimonitor.imaging.ring import are_other, in_order, ring_words, weighed


def sheet(art: Pixels, side: int) -> Pixels:
    """Art on a sheet of paper, its corner at 60, 40."""
    image = Image.fromarray(art)
    image.thumbnail((side, side))
    paper = Image.new("RGB", (side + 120, side + 80), (240, 236, 226))
    paper.paste(image, (60, 40), image)
    return np.asarray(paper)


@pytest.mark.parametrize(
    ("words", "says", "count"),
    [
        ("", "地理标志", 0),
        ("地理标志", "地理标志", 4),
        ("中华人民共租国地标表", "中华人民共和国地理标志", 8),
        ("志标", "标志", 1),
    ],
)
def test_characters_in_their_order_are_counted(words: str, says: str, count: int) -> None:
    assert in_order(words, says) == count


@pytest.mark.parametrize(
    ("words", "mark"),
    [
        ("《中华人民共和国地理标", Mark.GI_2019),
        ("民共和国地理标志", Mark.GI_2019),
        ("10中华人民共和国地理标志保产品", Mark.AQSIQ),
        ("主商行政管理", Mark.SAIC),
        ("中华人民共和国国家工商行政管理总局pe", Mark.SAIC),
        ("SIN中华人民共和国农业部农产品地理标志N", Mark.AGI),
        ("农产品地理表", Mark.AGI),
    ],
)
def test_what_is_read_speaks_for_its_mark(words: str, mark: Mark) -> None:
    weights = dict(zip(MARKS, weighed(words, MARKS), strict=True))
    said = weights.pop(mark)
    assert said >= 1
    if mark is Mark.GI_2019:  # the abolished one says the same and two words more, which may be lost: the judges tell
        assert said - 2 < weights.pop(Mark.AQSIQ) < said
    assert set(weights.values()) == {0.0}


@pytest.mark.parametrize(
    "words",
    [
        "",
        "中国有机产品",
        "中华人民共和国生态原产地产品保护",
        "中国国家地理",
        "国家地理标志产品",
        "绿色食品标志",
        "优酒华省限州质兴历天省然章州",
        "中华人民共和国海关",
    ],
)
def test_other_seals_say_nothing_for_a_mark(words: str) -> None:
    assert not weighed(words, MARKS).any()


@pytest.mark.parametrize(
    "words", ["万里长城旅游纪念", "8长城旅游协会会员单位WS", "3H1万果长城格游纪多", "中国长城旅游纪念大会"]
)
def test_words_of_no_mark_are_others(words: str) -> None:
    assert are_other(words)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "GEOGRAPHICAL",
        "万里长念",
        "《中华人民共和国地理标",
        "华人共民新营助维丝车",
        "衣产品用胜的",
        "国家地理标志五常大米",
    ],
)
def test_what_may_be_a_mark_misread_is_not(words: str) -> None:
    assert not are_other(words)


@pytest.mark.parametrize("mark", [Mark.GI_2019, Mark.AQSIQ])
def test_the_ring_of_a_drawing_is_read(mark: Mark) -> None:
    pixels = sheet(drawing(mark), 260)
    high, wide = pixels.shape[0] - 80, pixels.shape[1] - 120
    if mark is Mark.AQSIQ:
        high = round(wide * 0.66)
    said = dict(zip(MARKS, weighed(ring_words(pixels, (60, 40, wide, high)), MARKS), strict=True))
    assert max(said, key=lambda m: said[m]) is mark
    assert said[mark] >= 6


def test_a_ring_is_read_whichever_way_it_lies() -> None:
    pixels = sheet(drawing(Mark.GI_2019), 260)
    high, wide = pixels.shape[0] - 80, pixels.shape[1] - 120
    square = pixels[40 : 40 + min(high, wide), 60 : 60 + min(high, wide)]
    over = np.ascontiguousarray(np.rot90(square, 2))
    side = float(over.shape[0])
    assert weighed(ring_words(over, (0, 0, side, side), np.pi), MARKS)[0] >= 6
    assert not weighed(ring_words(over, (0, 0, side, side)), MARKS).any()


def test_a_doubtful_mark_is_settled_by_what_its_ring_says(monkeypatch: pytest.MonkeyPatch) -> None:
    art = DRAWERS[Mark.GI_2019](None).coloured(palette_of(Mark.GI_2019, None, (30, 30, 30, 255)))
    pixels = sheet(art, 240)
    monkeypatch.setattr(finder, "SURE", 99.0)  # whatever the judge says, it leaves a doubt
    (read,) = candidates(pixels)[:1]
    monkeypatch.setattr(finder, "ring_words", lambda *_: "")
    (unread,) = candidates(pixels)[:1]
    assert read.mark is unread.mark is Mark.GI_2019
    assert read.evidence > unread.evidence + 2


def test_words_that_are_damaged_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    damaged = tmp_path / "ring.yml"
    damaged.write_text("gi-special-mark: {says: 1}")
    monkeypatch.setattr(ring, "WORDS", damaged)
    ring._wordings.cache_clear()
    try:
        with pytest.raises(ConfigurationError, match=r"ring\.yml cannot be read"):
            weighed("地理标志", MARKS)
    finally:
        ring._wordings.cache_clear()
