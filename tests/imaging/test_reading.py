"""Lines of print are read with their place; QR and bar codes too; the cheap detector asks only where there is print."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import cv2
import numpy as np
import pytest
import zxingcpp
from PIL import Image, ImageDraw

from gimonitor.imaging.decode import Picture, Pixels
from gimonitor.imaging.look import Looker, as_record, inspected
from gimonitor.imaging.made.ink import font
from gimonitor.imaging.made.marks import drawing
from gimonitor.imaging.marks import Box, Mark
from gimonitor.imaging.reading import (
    Line,
    is_burnt_out,
    letter_size,
    looks_lettered,
    read_lines,
    read_strip,
    reread,
    scan_codes,
    shows_unread_print,
)
from gimonitor.imaging.references import load_references
from gimonitor.imaging.sayings import Saying
from gimonitor.imaging.sight import FaultKind
from gimonitor.model.register import GI, AuthorisedUser, Basis, Certainty, Fact, Kind, Protection, Register, Standard
from gimonitor.text.codes import uscc_check

CODE = "91230184MA1B8G0D2"
CODE += uscc_check(CODE)
FOUND = Certainty.FOUND
EMPTY = Register(gis=(), users=(), signs=(), articles=(), words=(), models=(), digest="")


def label(*lines: str, size: int = 19, width: int = 520) -> Pixels:
    image = Image.new("RGB", (width, 40 + 50 * len(lines)), (244, 240, 230))
    for row, text in enumerate(lines):
        ImageDraw.Draw(image).text((30, 20 + 50 * row), text, font=font("light", size), fill=(25, 25, 25))
    return np.asarray(image)


def test_a_long_strip_is_asked_piece_by_piece_whether_it_is_lettered() -> None:
    strip = Image.new("RGB", (790, 30_000), (250, 250, 250))
    assert not looks_lettered(np.asarray(strip))
    for row in range(4):
        ImageDraw.Draw(strip).text(
            (60, 21_000 + 60 * row), "黑龙江省五常市稻花香新米", font=font("sans", 30), fill=(20, 20, 20)
        )
    assert looks_lettered(np.asarray(strip))
    assert not looks_lettered(np.zeros((16, 49_000, 3), np.uint8)), "a line of nothing, too"


def test_tilted_lines_whose_boxes_lie_over_each_other_are_all_read() -> None:
    sheet = Image.new("RGB", (1000, 700), (250, 245, 232))
    for row, text in enumerate(("五常大米", f"统一社会信用代码：{CODE}", "执行标准：GB/T 19266-2008")):
        ImageDraw.Draw(sheet).text((200, 300 + 51 * row), text, font=font("light", 30), fill=(40, 30, 25))
    tilted = sheet.rotate(-20, resample=Image.Resampling.BICUBIC, fillcolor=(250, 245, 232))
    texts = [line.text for line in read_lines(np.asarray(tilted))]
    assert len(texts) == 3
    assert any("19266" in text for text in texts)


def test_a_code_alone_on_its_paper_is_read_once_more() -> None:
    sheet = Image.new("RGB", (800, 800), (250, 250, 250))
    ImageDraw.Draw(sheet).text((200, 420), CODE, font=font("light", 10), fill=(40, 40, 40))
    pixels = np.asarray(sheet)
    (line,) = read_lines(pixels)
    again = reread(pixels, line)
    assert again is not None
    assert again.raw == CODE


def test_the_size_of_characters_does_not_grow_with_the_tilt_of_their_line() -> None:
    assert letter_size("统一社会信用代码", Box(x=0, y=0, width=160, height=60)) == 20
    assert letter_size("912301", Box(x=0, y=0, width=60, height=67)) < 20
    assert letter_size("大", Box(x=0, y=0, width=30, height=20)) == 20


def test_print_that_was_not_read_shows_in_its_place() -> None:
    sheet = Image.new("RGB", (400, 400), (240, 238, 230))
    place, blank = Box(x=100, y=200, width=140, height=40), Box(x=100, y=300, width=140, height=40)
    ImageDraw.Draw(sheet).text((108, 210), CODE, font=font("light", 12), fill=(90, 80, 70))
    pixels = cv2.GaussianBlur(np.asarray(sheet), (0, 0), 1.3)
    read = Line(text=CODE, raw=CODE, box=place, confidence=0.95)
    assert shows_unread_print(pixels, place, ())
    assert shows_unread_print(pixels, place, (replace(read, confidence=0.6),))
    assert not shows_unread_print(pixels, place, (read,))
    assert not shows_unread_print(pixels, blank, ())
    assert not shows_unread_print(pixels, Box(x=100, y=398, width=140, height=40), ()), "the picture ends there"


def test_the_rules_of_a_table_are_no_unread_print() -> None:
    sheet = Image.new("RGB", (600, 300), (250, 248, 240))
    pen = ImageDraw.Draw(sheet)
    for y in range(20, 300, 38):
        pen.line((40, y, 560, y + 3), fill=(30, 30, 30), width=2)
    for x in (40, 180, 560):
        pen.line((x, 20, x, 290), fill=(30, 30, 30), width=2)
    place = Box(x=60, y=60, width=240, height=60)
    assert not shows_unread_print(np.asarray(sheet), place, ())
    pen.text((200, 70), "统一社会信用代码", font=font("light", 20), fill=(30, 30, 30))
    assert shows_unread_print(np.asarray(sheet), place, ())


def test_the_edges_of_print_that_was_read_are_no_unread_print() -> None:
    """The box of a line lies tight around it, and the ground around dark letters looks lighter than it is."""
    pixels = label(CODE)
    (read,) = read_lines(pixels)
    assert not shows_unread_print(pixels, Box(x=0, y=0, width=pixels.shape[1], height=pixels.shape[0]), (read,))
    two = label(CODE, "执行标准 GB/T 19266")
    assert shows_unread_print(two, Box(x=0, y=0, width=two.shape[1], height=two.shape[0]), (read,))


def test_gloss_where_print_may_be() -> None:
    place = Box(x=100, y=100, width=200, height=40)
    coloured, white = (np.full((300, 400, 3), level, np.uint8) for level in (225, 255))
    glossy = coloured.copy()
    cv2.ellipse(glossy, (200, 120), (90, 30), 0, 0, 360, (255, 255, 255), -1)
    assert is_burnt_out(glossy, place, ())
    assert not is_burnt_out(glossy, place, (Line(text=CODE, raw=CODE, box=place, confidence=0.9),))
    assert not is_burnt_out(coloured, place, ())
    assert not is_burnt_out(white, place, ()), "the pack itself is white"
    assert not is_burnt_out(glossy, Box(x=100, y=320, width=200, height=40), ()), "beyond the picture"


def test_lines_come_with_place_and_confidence_in_simplified_characters() -> None:
    first, second = read_lines(label("產地：黑龍江省五常市", "执行标准 GB/T 19266-2008"))
    assert first.text == "产地：黑龙江省五常市"
    assert "GB/T 19266-2008" in second.text
    assert first.box.y < second.box.y
    assert abs(first.box.x - 30) < 8
    assert 0.8 < first.confidence <= 1


def test_reading_a_strip_by_itself_leaves_the_next_picture_as_it_was() -> None:
    said = label("执行标准 GB/T 19266-2008")
    assert "GB/T 19266" in read_strip(said[10:60])
    assert "GB/T 19266-2008" in read_lines(said)[0].text


def test_a_large_picture_is_read_in_tiles_and_no_line_twice() -> None:
    sheet = np.full((1500, 620, 3), 244, np.uint8)
    piece = label("统一社会信用代码", size=30)
    for y in (30, 1190, 1390):
        sheet[y : y + piece.shape[0], 50 : 50 + piece.shape[1]] = piece
    assert [line.text for line in read_lines(sheet)] == ["统一社会信用代码"] * 3


def test_lines_that_a_tile_cuts_are_read_whole_in_a_picture_of_4000_px() -> None:
    image = Image.new("RGB", (4000, 1500), (250, 248, 240))
    shown = {  # 1120 … 1280 and 2240 … 2400 px are in two tiles, each way
        (390, 180): (CODE, 96),
        (1570, 420): ("执行标准 GB/T 19266", 138),
        (900, 700): ("产地：黑龙江省哈尔滨市五常市", 40),
        (200, 1262): ("生产商：五常市稻香源米业", 36),
    }
    for at, (text, size) in shown.items():
        ImageDraw.Draw(image).text(at, text, font=font("light", size), fill=(25, 25, 25))
    read = [line.text.replace(" ", "").replace(":", "：") for line in read_lines(np.asarray(image))]
    assert read == [text.replace(" ", "") for text, _ in shown.values()]


def test_a_code_of_14_px_is_read_right() -> None:
    picture = Picture(label(f"统一社会信用代码：{CODE}"), "PNG", "d")
    said = Looker(EMPTY).look(picture).said
    assert [(s.kind, s.value, s.valid) for s in said] == [(Saying.USCC, CODE, True)]


RULES = Register(
    gis=(
        GI(
            id="rice",
            name="五常大米",
            certainty=FOUND,
            source="s",
            standards=(Standard(code=Fact(value="GB/T 19266-2008", certainty=FOUND, source="s")),),
            protections=(Protection(kind=Fact(value=Kind.GI_PRODUCT, certainty=FOUND, source="s"), numbers=(Fact(value="2003年第14号", certainty=FOUND, source="s"),)),),
        ),
    ),
    users=(AuthorisedUser(gi_id="rice", name="五常甲米业", uscc=CODE, basis=Basis.ANNOUNCEMENT, certainty=FOUND, source="s"),),
    signs=(),
    articles=(),
    words=(),
    models=(),
    digest="",
)  # fmt: skip
OWN, STANDARD = f"统一社会信用代码：{CODE}", "执行标准：GB/T 19266-2008"
ABSENT, NO_NUMBER, PROOF = FaultKind.USCC_ABSENT, FaultKind.NUMBER_ABSENT, FaultKind.PROOF


@pytest.mark.parametrize(
    ("print_", "faults"),
    [
        ((f"统一社会信用代码：{CODE[:6]}", CODE[6:], STANDARD), []),
        (("统一社会信", f"用代码：{CODE[:9]}", CODE[9:], STANDARD), []),
        ((f"{CODE[:2]}-{CODE[2:8]}-{CODE[8:17]}-{CODE[17]}", STANDARD), []),
        ((OWN, "执行标准：GBT19266-2008"), []),
        ((OWN, "标准号 19266-2008"), []),
        ((OWN, "执行标准：", "GB/T", "19266-2008"), []),
        ((f"信用代码：{CODE[:5]}", STANDARD), [PROOF]),
        (("统一社会信用代码", STANDARD), [PROOF]),
        ((CODE[6:16], STANDARD), [PROOF]),
        ((OWN, "66-2008"), [PROOF]),
        ((OWN, "执行标准：GB/T 1926"), [PROOF]),
        (("净含量：500g×2袋", "批次：A20261018B", STANDARD), [ABSENT]),
        (("电话：0451-53522008", "SC10123018402826", "贮存：置阴凉干燥处"), [ABSENT, NO_NUMBER]),
        ((OWN, "生产日期：2026-10-18", "条码 6901234567892"), [NO_NUMBER]),
    ],
)
def test_what_stands_in_pieces_or_was_read_in_part_is_not_absent(
    print_: tuple[str, ...], faults: list[FaultKind]
) -> None:
    sheet = Image.new("RGB", (700, 700), (250, 248, 240))
    ImageDraw.Draw(sheet).text((350, 60), "五常大米", font=font("light", 60), fill=(150, 20, 20), anchor="mm")
    mark = Image.fromarray(drawing(Mark.GI_2019))
    mark.thumbnail((160, 160))
    sheet.paste(mark, (270, 150))
    for row, text in enumerate(print_):
        ImageDraw.Draw(sheet).text((350, 345 + 31 * row), text, font=font("light", 22), fill=(40, 30, 30), anchor="mm")
    looker = Looker(RULES, load_references())
    look = looker.look(Picture(np.asarray(sheet), "PNG", "d"))
    inspection = inspected(look, looker.register, date(2026, 11, 22))
    assert [fault.kind for fault in inspection.faults] == faults, [line.text for line in look.lines]


def test_qr_and_bar_codes_are_read() -> None:
    sheet = Image.new("RGB", (1000, 400), (255, 255, 255))
    for at, kind, text in (
        ((20, 20), zxingcpp.BarcodeFormat.QRCode, "https://example.cn/q?1"),
        ((300, 60), zxingcpp.BarcodeFormat.EAN13, "6901234567892"),
    ):
        drawn = np.array(zxingcpp.create_barcode(text, kind).to_image(scale=4, add_quiet_zones=True))
        sheet.paste(Image.fromarray(drawn).convert("RGB"), at)
    codes = {code.kind: code for code in scan_codes(np.asarray(sheet))}
    assert {code.text for code in codes.values()} == {"https://example.cn/q?1", "6901234567892"}
    assert all(code.box.width > 20 for code in codes.values())


def test_the_cheap_detector_asks_for_print_and_not_for_a_plain_sheet() -> None:
    assert looks_lettered(label("净含量 五千克 东北大米", "保质期 十二个月 阴凉干燥处"))
    assert not looks_lettered(np.full((400, 400, 3), 200, np.uint8))
    ramp = np.broadcast_to(np.linspace(0, 255, 400, dtype=np.uint8)[None, :, None], (400, 400, 3))
    assert not looks_lettered(np.ascontiguousarray(ramp))


def test_nothing_is_read_where_nothing_asks() -> None:
    looker = Looker(EMPTY)
    look = looker.look(Picture(np.full((400, 400, 3), 180, np.uint8), "PNG", "d"))
    assert (look.was_read, look.lines, look.marks) == (False, (), ())
    record = as_record(look, inspected(look, looker.register, date(2026, 1, 1)))
    assert record["verdict"] == "no_mark"


def test_noise_is_no_text() -> None:
    values = np.random.default_rng(3).integers(0, 255, (200, 200, 3), dtype=np.uint8)
    assert read_lines(values) == ()
