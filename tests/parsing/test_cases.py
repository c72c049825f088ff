"""Parsers on pages made in a platform's own shape, where no saved page was at hand: a folder a case, one test a field."""

from functools import cache
from pathlib import Path

import pytest
import yaml

from gimonitor.parsing import parse_page
from gimonitor.parsing.platform import platform_of

CASES = Path(__file__).with_name("cases")
EXPECTED = {
    path.parent.name: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(CASES.glob("*/expected.yml"))
}
FIELDS = [(case, field) for case, expected in EXPECTED.items() for field in expected["listing"]]
KINDS = {".json": "application/json", ".html": "text/html; charset=utf-8"}


@cache
def parsed(case):
    (page,) = (CASES / case).glob("page.*")
    return parse_page(page.read_bytes(), EXPECTED[case]["url"], KINDS[page.suffix])


def plain(value):
    return [plain(item) for item in value] if isinstance(value, tuple) else value


@pytest.mark.parametrize("case", EXPECTED)
def test_case(case):
    got, expected = parsed(case), EXPECTED[case]
    assert (got.parser, got.announced) == (expected["parser"], expected.get("announced"))
    assert len(got.listings) == expected.get("count", 1)
    assert got.listings[0].platform == expected["platform"] == platform_of(expected["url"])


@pytest.mark.parametrize(("case", "field"), FIELDS)
def test_field(case, field):
    value = parsed(case).listings[0]
    for name in field.split("."):
        value = getattr(value, name)
    assert plain(value) == EXPECTED[case]["listing"][field]


@pytest.mark.parametrize("case", EXPECTED)
@pytest.mark.parametrize("damage", ["cut", "null", "text", "empty"])
def test_damaged_pages_raise_nothing_but_what_is_said(case, damage):
    """Cut in the middle, every value null or a text, nothing at all: fewer fields or a clear error, never an accident."""
    from gimonitor.errors import BlockedError, InputError

    (page,) = (CASES / case).glob("page.*")
    body = page.read_text(encoding="utf-8")
    changed = {
        "cut": body[: len(body) // 2],
        "null": "null" if page.suffix == ".json" else body.replace("{", "null,"),
        "text": body.replace("[", '"').replace("]", '"')
        if page.suffix == ".html"
        else body.replace("{", '{"x": "y", '),
        "empty": "",
    }[damage]
    try:
        got = parse_page(changed.encode(), EXPECTED[case]["url"], KINDS[page.suffix])
    except (BlockedError, InputError):
        return
    assert all(listing.title is not None for listing in got.listings)


def test_an_address_that_names_no_good_takes_none_from_the_state():
    page = (CASES / "kuaishou_state" / "page.html").read_bytes()
    for url in ("https://app.kwaixiaodian.com/", "https://app.kwaixiaodian.com/web/x?id=999999999"):
        assert parse_page(page, url, "text/html").listings == ()
    assert parse_page(page, "https://shop.example/web/x?id=26065497098904", "text/html").parser == ""


def test_a_bare_number_is_no_price():
    """Whether it counts yuan or fen is not known."""
    body = b'{"item": {"itemId": 26065497098904, "title": "x", "price": 3990}}'
    (listing,) = parse_page(body, "https://app.kwaixiaodian.com/x?id=26065497098904", "application/json").listings
    assert listing.price_fen is None and "price" in listing.missing
