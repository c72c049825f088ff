"""Links as people write them: made one way of writing, or refused with a reason that shows no password."""

from __future__ import annotations

import pytest

from gimonitor.errors import InputError
from gimonitor.parsing.address import web_address


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("HTTP://127.0.0.1:8851/P/good2#frag", "http://127.0.0.1:8851/P/good2#frag"),
        (" Https://Shop.Example/Item?ID=1&b= ", "https://shop.example/Item?ID=1&b="),
        ("http://[::1]:80/x", "http://[::1]:80/x"),
        ("https://中国.中国/米", "https://xn--fiqs8s.xn--fiqs8s/米"),
        ("https://shop.example./a@b", "https://shop.example./a@b"),
    ],
)
def test_scheme_and_host_are_written_one_way(written: str, asked: str) -> None:
    assert web_address(written) == asked


@pytest.mark.parametrize(
    "link",
    [
        *("", "五常大米", "https://", "file:///etc/passwd", "javascript:alert(1)", "http://a b/", "http://a/\x00"),
        *("http://[::1", "http://a:99999/", "http://a:x/", "http://a..b/", f"http://{'a' * 64}.b/", "http://a/" + "x" * 5000),
    ],
)  # fmt: skip
def test_what_is_no_link_is_refused(link: str) -> None:
    with pytest.raises(InputError):
        web_address(link)


@pytest.mark.parametrize("link", ["HTTP://u:secret@shop.example/1", "http://u:secret@[::1", "https://secret@a:99999/"])
def test_a_password_is_not_shown_in_the_reason(link: str) -> None:
    with pytest.raises(InputError) as refused:
        web_address(link)
    assert "secret" not in str(refused.value) and link.partition("://")[0] in str(refused.value)
