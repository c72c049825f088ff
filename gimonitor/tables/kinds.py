"""What a file is that is given as a table and is none, told by its content, and what to do about it."""

from __future__ import annotations

import zipfile
from pathlib import Path

AGAIN = "open it in a spreadsheet program and save it as XLSX"
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_HEAD = 65536
_STARTS = (
    (b"%PDF", "a PDF; a table cannot be read from it: ask its author for the workbook, or copy the table into one"),
    (b"{\\rtf", "a rich-text document; copy its table into a workbook and give that"),
    (b"\x89PNG", "a picture; ask its author for the workbook"),
    (b"\xff\xd8\xff", "a picture; ask its author for the workbook"),
    (b"Rar!", "a RAR archive; unpack it and give the table inside"),
    (b"7z\xbc\xaf", "a 7z archive; unpack it and give the table inside"),
    (b"\x1f\x8b", "a gzip archive; unpack it and give the table inside"),
    (b"\x09\x00\x04\x00", f"a workbook of Excel 2 (before 1993), which is not read; {AGAIN}"),
    (b"\x09\x02\x06\x00", f"a workbook of Excel 3 (before 1993), which is not read; {AGAIN}"),
    (b"\x09\x04\x06\x00", f"a workbook of Excel 4 (before 1993), which is not read; {AGAIN}"),
)
_MARKUP = (
    ("urn:schemas-microsoft-com:office:spreadsheet", f"an XML spreadsheet of 2003, whatever its name; {AGAIN}"),
    ("<html", f"a web page (HTML), whatever its name, as many systems export it; {AGAIN}"),
    ("<table", f"a web page (HTML), whatever its name, as many systems export it; {AGAIN}"),
    ("<!doctype html", f"a web page (HTML), whatever its name; {AGAIN}"),
    ("mime-version:", f"a web page saved as one file (MHTML), whatever its name; {AGAIN}"),
)
_PARTS = (
    ("manifest.json", "a signed register of another bureau; take it over by: gimonitor register merge FILE"),
    ("word/document.xml", "a Word document; copy its table into a workbook and give that"),
    ("ppt/presentation.xml", "a presentation; ask its author for the workbook"),
    ("xl/workbook.bin", f"a binary workbook (XLSB), which is not read; {AGAIN}"),
    ("content.xml", f"an OpenDocument file (ODS), which is not read; {AGAIN}"),
)
_STREAMS = (
    (
        "EncryptedPackage",
        "a workbook locked with a password; open it with the password, take the password away and save it",
    ),
    ("WordDocument", "a Word document; copy its table into a workbook and give that"),
    ("PowerPoint Document", "a presentation; ask its author for the workbook"),
)
NOISE = (
    "no workbook and no text in UTF-8, UTF-16 or GB18030; a workbook whose name is right and whose content is not is damaged, "
    f"or still locked by a document-protection program: {AGAIN}"
)


def other_kind(path: Path) -> str:
    """What the file is and what to do, or nothing where it may be a table."""
    with path.open("rb") as stream:
        start = stream.read(_HEAD)
        if start.startswith(ZIP):
            return _archive(path)
        if start.startswith(OLE):
            return _stored(start + stream.read())
    return next((what for mark, what in _STARTS if start.startswith(mark)), "") or _markup(start)


def _markup(start: bytes) -> str:
    encoding = "utf-16" if start.startswith((b"\xff\xfe", b"\xfe\xff")) else "latin-1"
    text = start.decode(encoding, "replace").lstrip("\ufeffï»¿ \r\n\t").casefold()
    if not text.startswith(("<", "mime-version:")):
        return ""
    return next((what for mark, what in _MARKUP if mark in text), f"XML and no table; {AGAIN}")


def _archive(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = frozenset(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError):
        return "a damaged workbook or archive: its end is missing; fetch it again"
    if "xl/workbook.xml" in names:
        return ""
    return next((what for part, what in _PARTS if part in names), "a ZIP archive; unpack it and give the table inside")


def _stored(content: bytes) -> str:
    """Of an OLE file (the shape of XLS, DOC and of what is locked by a password)."""
    return next((what for name, what in _STREAMS if name.encode("utf-16-le") in content), "")
