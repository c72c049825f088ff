"""What lines of text say, and credit codes put right after a recogniser confused characters."""

from __future__ import annotations

from random import Random

import pytest

from gimonitor.imaging.marks import Box
from gimonitor.imaging.names import Names
from gimonitor.imaging.reading import Line
from gimonitor.imaging.sayings import Said, Saying, find_credit_codes, put_together, what_is_said
from gimonitor.model.register import GI, Certainty, Fact, Register, Sign
from gimonitor.register import load_register
from gimonitor.text.codes import USCC_CHARACTERS, uscc_check, uscc_is_valid

REGISTER = Register(
    gis=(
        GI(
            id="rice",
            name="五常大米",
            certainty=Certainty.FOUND,
            source="s",
            translations=(Fact(value="Wuchang rice", certainty=Certainty.FOUND, source="s"),),
        ),
        GI(id="liquor", name="汾酒", certainty=Certainty.FOUND, source="s"),
    ),
    users=(),
    signs=(Sign(id="gi-special-mark", name="专用标志", kind="gi_special", certainty=Certainty.FOUND, source="s", claims=("地理标志保护产品", "国家地理标志保护产品")),),
    articles=(),
    words=(),
    models=(),
    digest="d",
)  # fmt: skip
NAMES = Names(REGISTER)


def says(text: str) -> tuple[Said, ...]:
    line = Line(text=text, raw=text, box=Box(x=1, y=2, width=3, height=4), confidence=0.9)
    return what_is_said((line,), NAMES)


def one(text: str, kind: Saying) -> str:
    (value,) = [s.value for s in says(text) if s.kind is kind]
    return value


def made_code(rng: Random) -> str:
    base = (
        "9114"
        + "".join(rng.choice("0123456789") for _ in range(4))
        + "".join(rng.choice(USCC_CHARACTERS) for _ in range(9))
    )
    return base + uscc_check(base)


def test_no_name_of_another_gi_is_told_within_a_longer_one() -> None:
    register = load_register()
    names = Names(register)
    told = {gi.name: names.find_names(gi.name) for gi in register.gis if gi.is_gi}
    assert {name: found for name, found in told.items() if len(found) != 1} == {}


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("五常大米 5kg", Saying.GI_NAME, "五常大米"),
        ("五 常 大 米", Saying.GI_NAME, "五常大米"),
        ("国家地理标志保护产品", Saying.CLAIM, "国家地理标志保护产品"),
        ("执行标准：GB/T 19266-2008", Saying.STANDARD, "GB/T 19266-2008"),
        ("商标注册号：第1388991号", Saying.REGISTRATION, "1388991"),
        ("质检总局公告2003年第35号", Saying.ANNOUNCEMENT, "2003年第35号"),
        ("国家知识产权局公告第475号", Saying.ANNOUNCEMENT, "第475号"),
        ("产地：黑龙江省五常市", Saying.ORIGIN, "黑龙江省五常市"),
        ("生产日期：2023年05月11日", Saying.MADE_ON, "2023-05-11"),
        ("生产日期 20230511", Saying.MADE_ON, "2023-05-11"),
        ("MFG: 2026-05-01", Saying.MADE_ON, "2026-05-01"),
        ("MFG DATE 2026-05-01", Saying.MADE_ON, "2026-05-01"),
        ("生产日期：2026年5月", Saying.MADE_IN, "2026-05-01"),
        ("生产日期:2026.05", Saying.MADE_IN, "2026-05-01"),
        ("生产日期 202605", Saying.MADE_IN, "2026-05-01"),
        ("Production date 2026.05.01", Saying.MADE_ON, "2026-05-01"),
        ("生产日期:2023/5/1", Saying.MADE_ON, "2023-05-01"),
        ("包装日期：2022年6月1日", Saying.OTHER_DATE, "2022-06-01"),
        ("包装日期：2022年6月1日 生产日期：2019年9月1日", Saying.MADE_ON, "2019-09-01"),
        ("汾酒", Saying.GI_NAME, "汾酒"),
        ("汾酒 Fenjiu 53%vol", Saying.GI_NAME, "汾酒"),
        ("国家地理标志保护产品 汾酒", Saying.GI_NAME, "汾酒"),
        ("9111010893100287", Saying.USCC_PART, "9111010893100287"),
        ("91140430MA0GX", Saying.USCC_PART, "91140430MA0GX"),
        ("生产日期/批号：20190512", Saying.MADE_ON, "2019-05-12"),
        ("生产日期（批号）：2023.05.11", Saying.MADE_ON, "2023-05-11"),
        ("北京烤鸭 汾酒", Saying.GI_NAME, "汾酒"),
        ("青花汾酒", Saying.DOUBTFUL_NAME, "汾酒"),
        ("140430MA0GXM", Saying.USCC_PART, "140430MA0GXM"),
        ("统一社会信用代码：31404300GX", Saying.USCC_PART, "31404300GX"),
        ("SC1O123018400123", Saying.SC, "10123018400123"),
        ("84MA1PRC01X0", Saying.USCC_PART, "84MA1PRC01X0"),
        ("USCC930523MA2PRC3294", Saying.USCC_PART, "930523MA2PRC3294"),
        ("统一社会信用代", Saying.USCC_PART, ""),
        ("信用代码：30184", Saying.USCC_PART, "30184"),
        ("57-2005", Saying.NUMBER_PART, "57-2005"),
        ("T20354-2006", Saying.NUMBER_PART, "20354-2006"),
        ("国代号GR/T18830", Saying.NUMBER_PART, "GR/T18830"),
        ("执行标准：", Saying.NUMBER_PART, ""),
        ("执行标准：GBT19266-2008", Saying.STANDARD, "GB/T 19266-2008"),
        ("册号14982232", Saying.REGISTRATION, "14982232"),
        ("地理标志证明商标 No.1607996", Saying.REGISTRATION, "1607996"),
        ("WUCHANGRICE 5kg", Saying.DOUBTFUL_NAME, "五常大米"),
    ],
)
def test_each_kind(text: str, kind: Saying, value: str) -> None:
    assert one(text, kind) == value


@pytest.mark.parametrize(
    "text",
    [
        "生产日期 20231399",
        "保质期至 20230511",
        "净含量 500g",
        "1234567890",
        "产地直发新米上市",
        "客服热线第12315号",
        "产地溯源好货",
        "产地：见包装",
        "生产日期：见外箱 电话20230105",
        "QQ群 911234567890123",
        "订单号：9112345678901234567",
        "身份证 230184199104274054",
        "230184198910151572",
        "货品追溯码 91123456789012345",
        "批次 330106012345678901",
        "19912345678",
        "20230511",
        "生产日期：23/04/05",
        "生产日期：2024年6月前",
        "生产日期 20241",
        "生产日期：见封口 保质期至：2024-06-01",
        "生产日期见瓶盖 有效期 2024.06.01",
        "生产日期：20240601前食用",
        "93100287",
        "订单号 5312345678",
        "5201314888",
        "QQ 923456789",
        "产地正宗货真价实",
        "生产批号",
        "NETWT1000ML",
        "2X500G",
        "能量 1472KJ17%",
        "型号 A3B500",
        "www.wc5288.com",
        "电话：0451-53522008",
        "始于2008-2018十年专注",
        "2026-10-18",
        "严格执行标准化生产",
        "条码 6901234567892",
    ],
)
def test_what_says_nothing(text: str) -> None:
    assert says(text) == ()


def test_a_saying_keeps_place_confidence_and_key() -> None:
    (said,) = says("五常大米")
    assert (said.key, said.confidence, said.box.x) == ("rice", 0.9, 1)


def test_a_valid_code_is_taken_as_it_is() -> None:
    code = made_code(Random(1))
    (found,) = find_credit_codes(f"统一社会信用代码：{code}")
    assert (found.value, found.valid, found.repaired) == (code, True, False)


def test_blanks_within_a_code() -> None:
    code = made_code(Random(2))
    assert find_credit_codes(f"{code[:6]} {code[6:12]} {code[12:]}")[0].value == code


@pytest.mark.parametrize(("right", "wrong"), [("0", "O"), ("1", "I"), ("2", "Z"), ("5", "S"), ("8", "B"), ("B", "8")])
def test_a_confused_character_is_put_right_before_the_check(right: str, wrong: str) -> None:
    rng, tried = Random(3), 0
    while tried < 20:
        code = made_code(rng)
        if right not in code[2:]:
            continue
        tried += 1
        at = code.index(right, 2)
        (found,) = find_credit_codes(code[:at] + wrong + code[at + 1 :])
        assert (found.value, found.valid, found.repaired) == (code, True, True)


def test_a_code_with_two_ways_of_putting_right_stays_invalid() -> None:
    rng, open_ones = Random(4), 0
    for _ in range(300):
        code = list(made_code(rng))
        code[rng.randrange(8, 18)] = rng.choice(USCC_CHARACTERS)
        shown = "".join(code)
        for found in find_credit_codes(shown):
            assert found.valid is uscc_is_valid(found.value)
            open_ones += not found.valid
    assert open_ones > 0


def test_a_users_code_is_put_right_in_two_places_and_a_strangers_in_one() -> None:
    rng, tried = Random(5), 0
    while tried < 20:
        code = made_code(rng)
        at = [i for i in range(8, 18) if code[i] in "8B"][:2]
        if len(at) < 2:
            continue
        shown = "".join("8B"["B8".index(c)] if i in at else c for i, c in enumerate(code))
        if uscc_is_valid(shown):
            continue
        tried += 1
        assert find_credit_codes(shown, frozenset({code}))[0].value == code
        (found,) = find_credit_codes(shown)
        assert sum(a != b for a, b in zip(found.value, shown, strict=True)) <= 1


def test_what_was_read_surely_is_left_as_it_stands() -> None:
    (guessed,), (read,) = (find_credit_codes("91230184MA1PRC0937", is_sure=sure) for sure in (False, True))
    assert (guessed.valid, read.valid, read.value) == (True, False, "91230184MA1PRC0937")


def test_a_misprint_seldom_becomes_another_code() -> None:
    rng, invented = Random(6), 0
    for _ in range(400):
        code = list(made_code(rng))
        at = rng.randrange(8, 18)
        code[at] = rng.choice([c for c in USCC_CHARACTERS if c != code[at]])
        invented += sum(bool(found.valid) for found in find_credit_codes("".join(code)))
    assert invented < 100, "by two exchanges at any place it was half of them"


def placed(text: str, x: int, y: int, width: int) -> Line:
    return Line(text=text, raw=text, box=Box(x=x, y=y, width=width, height=40), confidence=0.9)


def test_a_date_in_a_row_of_a_table_goes_with_its_label() -> None:
    label, day, other = (
        placed("生产日期", 54, 454, 141),
        placed("2021-03-15", 233, 457, 177),
        placed("产地", 54, 520, 80),
    )
    rows = put_together((label, day, other))
    (made,) = what_is_said(rows, NAMES)
    assert (made.kind, made.value, made.box) == (Saying.MADE_ON, "2021-03-15", day.box)
    two = placed("生产日期", 54, 454, 141), placed("MFG date", 233, 457, 120), placed("2021-03-15", 480, 457, 177)
    assert [(s.kind, s.value) for s in what_is_said(put_together(two), NAMES)] == [(Saying.MADE_ON, "2021-03-15")]
    below = placed("2021-03-15", 54, 520, 177)
    assert what_is_said(put_together((label, below)), NAMES) == (), "what stands in another row is not of this label"


@pytest.mark.parametrize(
    "text", ["USCC {}", "USCC{}", "{} GB/T 19266-2008", "{}GB/T 19266-2008", "{} SC10123018401234"]
)
def test_a_code_in_one_run_with_its_label_or_another_code(text: str) -> None:
    told = [s for s in says(text.format(CODE)) if s.kind in (Saying.USCC, Saying.USCC_PART)]
    assert [(s.kind, s.value, s.valid) for s in told] == [(Saying.USCC, CODE, True)]


def test_a_batch_in_a_row_of_a_table_is_no_piece_of_a_credit_code() -> None:
    batch, value = placed("批号", 54, 454, 52), placed("20260901A12", 240, 457, 177)
    assert [said.kind for said in what_is_said((value,), NAMES)] == [Saying.USCC_PART]
    assert what_is_said(put_together((batch, value)), NAMES) == ()


CODE = made_code(Random(7))


def below(*texts: str, x: int = 50) -> tuple[Line, ...]:
    """Lines right below each other, each as wide as its text."""
    return tuple(
        Line(text=text, raw=text, box=Box(x=x, y=100 + 30 * row, width=14 * len(text), height=22), confidence=0.9)
        for row, text in enumerate(texts)
    )


@pytest.mark.parametrize(
    "texts",
    [
        (f"统一社会信用代码：{CODE[:6]}", CODE[6:]),
        ("统一社会信", f"用代码：{CODE[:9]}", CODE[9:]),
        (CODE[:10], CODE[10:]),
        (CODE[:6], CODE[6:12], CODE[12:], "执行标准：GB/T 19266"),
        (f"{CODE[:2]}-{CODE[2:8]}-{CODE[8:17]}-{CODE[17]}",),
        (f"信用代码 {CODE[:2]}-{CODE[2:8]}", f"{CODE[8:17]}-{CODE[17]}"),
    ],
)
def test_the_pieces_of_a_code_are_put_together(texts: tuple[str, ...]) -> None:
    said = what_is_said(put_together(below(*texts)), NAMES)
    assert [(s.value, s.valid) for s in said if s.kind is Saying.USCC] == [(CODE, True)]


def test_pieces_side_by_side() -> None:
    first, second = placed(f"信用代码：{CODE[:8]}", 40, 100, 260), placed(CODE[8:], 320, 104, 200)
    (code,) = [s for s in what_is_said(put_together((first, second)), NAMES) if s.kind is Saying.USCC]
    assert (code.value, code.box) == (CODE, Box(x=40, y=100, width=480, height=44))


def test_pieces_that_do_not_hold_together_are_parts() -> None:
    first, last = CODE[:6], CODE[6:17] + ("0" if CODE[-1] != "0" else "1")
    far = placed(CODE[6:], 50, 600, 200)
    for lines in (below(f"统一社会信用代码：{first}", last), (*below(f"信用代码：{first}"), far)):
        kinds = {s.kind for s in what_is_said(put_together(lines), NAMES)}
        assert kinds == {Saying.USCC_PART}


def test_the_letters_of_a_standard_and_its_number_below() -> None:
    lines = below("执行标准：", "GB/T", "19266-2008")
    assert "GB/T 19266-2008" in {s.value for s in what_is_said(put_together(lines), NAMES)}
