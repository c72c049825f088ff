"""The parts of the screen by themselves: engines, sheet, variants, origin."""

from datetime import date

import pytest

from gimonitor.model.finding import Origin
from gimonitor.model.listing import Field, Listing
from gimonitor.model.register import Register
from gimonitor.screening.areas import says_of
from gimonitor.screening.automaton import build_finder
from gimonitor.screening.mentions import How
from gimonitor.screening.names import build_names
from gimonitor.screening.sheet import lay_out
from gimonitor.screening.variants import ShapeView, SoundView
from gimonitor.screening.vocabulary import Vocabulary
from gimonitor.text.normalise import fold_text
from gimonitor.text.sounds import initials, readings, sounds_alike, spellings


@pytest.mark.parametrize("engine", ["", "daachorse", "ahocorasick-rs"])
def test_engines_find_overlaps_in_characters(engine: str) -> None:
    find = build_finder(["五常", "五常大米", "常大", "大米"], engine)
    assert sorted(find("东北五常大米".encode("utf-16-le"))) == [(2, 4, 0), (2, 6, 1), (3, 5, 2), (4, 6, 3)]
    assert build_finder([], engine)(b"\x00\x00") == []


def test_no_match_begins_in_the_middle_of_a_character() -> None:
    pattern = "\u4e01\u0100"
    shifted = b"\x00" + pattern.encode("utf-16-le") + b"\x00"
    for engine in ("daachorse", "ahocorasick-rs"):
        assert build_finder([pattern], engine)(shifted) == []


def test_a_sheet_knows_fields_and_clauses() -> None:
    listing = Listing(platform="p", item_id="1", title="甲乙。丙丁", subtitle="戊", attributes=(("产地", "安 徽"),))
    sheet = lay_out(listing)
    assert [(s.field, sheet.text[s.start : s.end]) for s in sheet.segments] == [
        (Field.TITLE, "甲乙丙丁"),
        (Field.SUBTITLE, "戊"),
        (Field.ATTRIBUTES, "安徽"),
    ]
    assert sheet.before(3, 8) == "丙"
    assert sheet.after(1, 8) == "乙"
    place = sheet.place(sheet.segment(2).start, sheet.segment(2).end)
    assert (place.key, place.start, place.end, place.text) == ("产地", 0, 3, "安 徽")


def test_readings() -> None:
    assert readings()["长"][:2] == ("zhang", "chang")
    assert initials("阳澄湖")[0] == "ych"
    assert ("wu", "chang", "da", "mi") in spellings("五常大米")
    assert sounds_alike("伍", "五")
    assert not sounds_alike("五", "常")


@pytest.mark.parametrize(
    ("title", "how"),
    [
        ("西胡龙井 绿茶", How.SOUND),
        ("wuchang大米", How.MIXED),
        ("xi hu long jing 绿茶", How.PINYIN),
        ("五chang大米", How.MIXED),
    ],
)
def test_sounds(title: str, how: How, register: Register) -> None:
    assert how in {v.how for v in SoundView(build_names(register).profiles).look(fold_text(title))}


@pytest.mark.parametrize("title", ["五常大米", "awuchangdamib", "武昌鱼", "伍长打咪"])
def test_no_variant(title: str, register: Register) -> None:
    profiles = build_names(register).profiles
    assert not [v for v in SoundView(profiles).look(fold_text(title)) if v.name == "五常大米"]


def test_shapes_and_split_characters(register: Register) -> None:
    view = ShapeView(build_names(register).profiles, ["湖糊"], ["氵胡=湖"])
    for title, shown in (("阳澄糊大闸蟹", "阳澄糊大闸蟹"), ("正宗阳澄氵胡大闸蟹", "阳澄氵胡大闸蟹")):
        (found,) = [v for v in view.look(title) if v.name == "阳澄湖大闸蟹"]
        assert title[found.start : found.end] == shown


def test_parts_that_stand_beside_by_chance_are_left_alone(register: Register) -> None:
    view = ShapeView(build_names(register).profiles, [], ["氵胡=湖", "日月=明", "氵圣=泾", "氵圣=泽"])
    assert not view.look("日月潭 氵胡子")
    (found,) = view.look("安氵圣连翘 500g")
    assert found.name == "安泽连翘"


def test_what_is_like_the_like_of_another_is_another_character(register: Register) -> None:
    view = ShapeView(build_names(register).profiles, ["湖糊", "糊煳"], [])
    assert not view.look("阳澄煳大闸蟹")
    assert not view.look("阳澄湖大闸蟹")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("黑龙江省哈尔滨市五常市", Origin.INSIDE),
        ("五常", Origin.INSIDE),
        ("黑龙江", Origin.UNKNOWN),
        ("安徽合肥", Origin.OUTSIDE),
        ("泰国进口", Origin.OUTSIDE),
        ("见包装", Origin.UNKNOWN),
        ("", Origin.UNKNOWN),
    ],
)
def test_what_a_place_says(text: str, says: Origin, register: Register) -> None:
    profile = next(p for p in build_names(register).profiles if p.gi.id == "hlj-wuchang-dami")
    assert says_of(profile, text, Vocabulary(register)) is says


def test_law_texts_are_our_own(register: Register) -> None:
    assert register.article("gi-product-measures:30-1", date(2026, 11, 22)) is not None
