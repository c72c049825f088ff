"""Files that are given as tables and are none: each is told what it is and what to do with it."""

from __future__ import annotations

import random
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from gimonitor.errors import InputError
from gimonitor.tables import Limits, open_table

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500
TOLD: dict[str, tuple[bytes, str]] = {
    "noise.xlsx": (random.Random(7).randbytes(20_000), "no workbook and no text.*damaged.*document-protection.*save it as"),
    "page.xls": (b"\n<HTML><table><tr><td>x</td></tr></table></HTML>", "a web page.*save it as XLSX"),
    "page16.xls": ("<html><table>".encode("utf-16"), "a web page.*save it as XLSX"),
    "mail.xls": (b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n", "saved as one file"),
    "old.xml": (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">', "XML spreadsheet"),
    "other.csv": (b'<?xml version="1.0"?><a/>', "XML and no table"),
    "print.xls": (b"%PDF-1.7\n%\xe2\xe3", "a PDF.*ask its author"),
    "picture.xls": (b"\x89PNG\r\n\x1a\n" + b"x" * 50, "a picture"),
    "packed.xls": (b"Rar!\x1a\x07\x00" + b"x" * 50, "a RAR archive; unpack"),
    "first.xls": (b"\x09\x04\x06\x00\x00\x00\x10\x00" + b"\x01" * 50, "Excel 4.*save it as XLSX"),
    "locked.xlsx": (OLE + "EncryptedPackage".encode("utf-16-le"), "locked with a password"),
    "letter.xls": (OLE + "WordDocument".encode("utf-16-le"), "a Word document; copy its table"),
    "cut.xls": (OLE, "no workbook that can be read.*save it as XLSX"),
    "cut.xlsx": (b"PK\x03\x04" + b"x" * 100, "damaged.*fetch it again"),
}  # fmt: skip


@pytest.mark.parametrize("name", TOLD)
def test_what_is_no_table_is_told_what_it_is_and_what_to_do(tmp_path: Path, name: str) -> None:
    content, said = TOLD[name]
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=rf"(?s){name}: .*{said}"):
        open_table(path)


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        (["word/document.xml"], "a Word document"),
        (["mimetype", "content.xml"], "OpenDocument.*save it as XLSX"),
        (["xl/workbook.bin"], "XLSB.*save it as XLSX"),
        (["manifest.json", "signature"], "gimonitor register merge"),
        (["users.xlsx"], "a ZIP archive; unpack"),
    ],
)
def test_an_archive_that_is_no_workbook_is_told_by_its_parts(tmp_path: Path, parts: Sequence[str], said: str) -> None:
    path = tmp_path / "t.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for part in parts:
            archive.writestr(part, "x")
    with pytest.raises(InputError, match=said):
        open_table(path)


def test_files_far_too_large_are_refused_before_they_are_read(tmp_path: Path) -> None:
    for name, start in (("big.csv", "地理标志,企业名称\n".encode()), ("big.xlsx", b"PK\x03\x04")):
        with (tmp_path / name).open("wb") as file:
            file.write(start)
            file.truncate(100_000_000)
        with pytest.raises(InputError, match=name):
            open_table(tmp_path / name, limits=Limits(text_bytes=30_000_000))
