"""The encoding of a text is told by its bytes; a short text of GBK that is UTF-8 by chance is read as what it means."""

from __future__ import annotations

from pathlib import Path

import pytest

from gimonitor.tables import open_table
from gimonitor.tables.encodings import guess_encoding


@pytest.mark.parametrize(
    ("text", "written", "guessed"),
    [
        ("山药,药\n山药,食\n", "gb18030", "gb18030"),  # also sound UTF-8: ɽҩ
        ("山药,药\n山药,食\n", "utf-8", "utf-8-sig"),
        ("name,place\nCafé,Zürich\né,à\n", "utf-8", "utf-8-sig"),
        ("name\nМосква\n", "utf-8", "utf-8-sig"),
        ("名称\n五常大米\n", "gb18030", "gb18030"),
        ("name,price\nrice,1\n", "ascii", "utf-8-sig"),
        ("名称\n米\n", "utf-16", "utf-16"),
    ],
)
def test_what_a_text_is_written_in(text: str, written: str, guessed: str) -> None:
    assert guess_encoding(text.encode(written), whole=True) == guessed


def test_the_encoding_is_said_and_can_be_given(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("山药\n食\n".encode("gb18030"))
    assert open_table(path).reading == "t.csv: text in GB18030"
    assert open_table(path, encoding="utf-8").header == ("ɽҩ",)
