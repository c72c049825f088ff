"""The pre-check refuses what would stop a parser, quickly, and passes what is only ugly."""

import time

import pytest

from gimonitor.errors import InputError
from gimonitor.parsing import parse_page
from gimonitor.parsing.markup import check_markup

MANY_ATTRIBUTES = b"<div " + b" ".join(b"a%d=1" % n for n in range(200_000)) + b">"
DEEP = b"<div>" * 100_000
HOSTILE = {
    "attributes": MANY_ATTRIBUTES,
    "attributes never closed": b"<p>x</p>" * 10_000 + MANY_ATTRIBUTES[:-1],
    "nested": DEEP,
    "nested inside a page": b"<html><body>" + b"<p>text</p>" * 5_000 + b"<span>" * 2_000,
    "too large": b"x" * ((16 << 20) + 1),
}
HARMLESS = {
    "many items never closed": b"<ul>" + b"<li>x" * 20_000,
    "script full of signs": b"<html><script>" + b"if(a<b){c<d}" * 20_000 + b"</script><p>x</p></html>",
    "script never closed": b"<html><script>" + b"a<b;" * 50_000,
    "void elements": b"<br>" * 20_000,
    "table without ends": b"<table>" + b"<tr><td>1<td>2" * 9_000,
    "long text": "文字".encode() * 100_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_is_refused_at_once(name):
    began = time.perf_counter()
    with pytest.raises(InputError):
        parse_page(HOSTILE[name], "http://127.0.0.1/", "text/html")
    assert time.perf_counter() - began < 2


@pytest.mark.parametrize("name", HARMLESS)
def test_harmless_passes(name):
    check_markup(HARMLESS[name])
