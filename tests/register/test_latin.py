"""Places in Latin letters to codes, with every reading of an ambiguous spelling."""

from __future__ import annotations

import pytest

from gimonitor.register.latin import read_latin

COUNTRIES = {"china": "中国", "france": "法国", "fr": "法国", "it": "意大利", "south korea": "韩国"}


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Fuding, Fujian, China", ["350982"]),
        ("Anji County, Huzhou, Zhejiang", ["330523"]),
        ("Zhejiang Anji", ["330523"]),
        ("Wuchang, Heilongjiang", ["230184"]),
        ("Wuchang", ["230184", "420106"]),
        ("Suzhou, Anhui", ["341300"]),
        ("Qin County, Shanxi", ["140430"]),
        ("Luochuan, Shanxi", ["610629"]),
        ("Xi'an, Shaanxi", ["610100"]),
        ("Lüliang, Shanxi", ["141100"]),
        ("Lu'an, Anhui", ["341500"]),
        ("Hainan", ["460000"]),
        ("Korla, Xinjiang", ["652801"]),
        ("Longjing Village, Xihu District, Hangzhou", ["330106"]),
        ("Hunan and Yunnan", ["430000", "530000"]),
        ("see package", []),
        ("", []),
    ],
)
def test_divisions_are_read(text: str, codes: list[str]) -> None:
    assert [found.adcode for found in read_latin(text, COUNTRIES).regions] == codes


@pytest.mark.parametrize(
    ("text", "countries"),
    [("FR", ("法国",)), ("Paris, FR", ("法国",)), ("it is good", ()), ("Republic of South Korea", ("韩国",))],
)
def test_countries_are_read(text: str, countries: tuple[str, ...]) -> None:
    assert read_latin(text, COUNTRIES).countries == countries


@pytest.mark.parametrize(
    ("text", "leading"),
    [
        (" Guizhou highlands", " Guizhou"),
        (": Anji County, Zhejiang. Fresh", ": Anji County, Zhejiang"),
        (" small batches in Hunan", ""),
    ],
)
def test_a_text_is_read_up_to_where_it_names_no_place(text: str, leading: str) -> None:
    assert text[: read_latin(text, COUNTRIES).end] == leading
