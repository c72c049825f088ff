"""Bytes to text: honest, lying and silent pages."""

import pytest

from gimonitor.parsing.charset import decode_page
from gimonitor.parsing.page import parse_page

TEXT = "五常大米 稻花香 ¥89.00 官方旗舰店 " * 20
META = '<meta charset="{}">'


@pytest.mark.parametrize(
    ("body", "content_type", "encoding"),
    [
        (TEXT.encode(), "", "utf-8"),
        (TEXT.encode(), "text/html; charset=utf-8", "utf-8"),
        (TEXT.encode("gb18030"), "text/html; charset=gbk", "gb18030"),
        (TEXT.encode("gb18030"), "text/html; charset=gb2312", "gb18030"),
        (TEXT.encode("gb18030"), "", "gb18030"),
        ((META.format("gbk") + TEXT).encode("gb18030"), "", "gb18030"),
        ((META.format("GB2312") + TEXT).encode("gb18030"), "", "gb18030"),
        (TEXT.encode("gb18030"), "text/html; charset=utf-8", "gb18030"),
        (TEXT.encode(), "text/html; charset=gbk", "utf-8"),
        ((META.format("utf-8") + TEXT).encode("gb18030"), "text/html; charset=utf-8", "gb18030"),
        (TEXT.encode(), "text/html; charset=iso-8859-1", "utf-8"),
        ((META.format("utf-8") + TEXT).encode(), "text/html; charset=iso-8859-1", "utf-8"),
        ((META.format("utf-8") + "大米").encode(), "text/html; charset=gbk", "utf-8"),
        ((META.format("gbk") + TEXT).encode("gb18030"), "text/html; charset=big5", "gb18030"),
        ((META.format("gbk") + TEXT).encode("gb18030"), "text/html; charset=iso-8859-1", "gb18030"),
        ((META.format("utf-8") + TEXT).encode("gb18030"), "text/html; charset=gbk", "gb18030"),
        (b"\xef\xbb\xbf" + TEXT.encode(), "text/html; charset=gbk", "utf-8"),
        (b"\xff\xfe" + TEXT.encode("utf-16-le"), "", "utf-16-le"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), "", "utf-16-be"),
        (TEXT.encode("gb18030"), "text/html; charset=nonsense-8", "gb18030"),
        ("陽澄湖大閘蟹".encode("big5") * 20, "text/html; charset=big5", "big5hkscs"),
        ("ショッピング".encode("euc-jp") * 20, "text/html; charset=euc-jp", "euc_jp"),
    ],
)
def test_read_right(body, content_type, encoding):
    decoded = decode_page(body, content_type)
    assert decoded.encoding == encoding
    assert "\ufffd" not in decoded.text
    assert decoded.damaged == 0


def test_a_lie_is_told():
    assert decode_page(TEXT.encode("gb18030"), "text/html; charset=utf-8").is_lying
    assert not decode_page(TEXT.encode("gb18030"), "text/html; charset=gbk").is_lying
    assert not decode_page(TEXT.encode("gb18030")).is_lying


@pytest.mark.parametrize("header", ["iso-8859-1", "gbk", "big5"])
def test_a_page_against_its_header_is_read_right_and_noted(header):
    body = f"{META.format('utf-8')}<title>五常大米</title><p>五常大米 ¥89.00</p>".encode()
    parsed = parse_page(body, "https://shop.example/1", f"text/html; charset={header}")
    assert any("read as utf-8" in note for note in parsed.notes)


def test_some_damage_is_kept_and_measured():
    body = TEXT.encode()[:500] + b"\xff\xff" + TEXT.encode()[500:]
    decoded = decode_page(body, "text/html; charset=utf-8")
    assert 0 < decoded.damaged < 0.1 and "五常大米" in decoded.text


@pytest.mark.parametrize("body", [b"", b"\x00" * 50, bytes(range(256)) * 4])
def test_nonsense_does_not_raise(body):
    assert isinstance(decode_page(body).text, str)
