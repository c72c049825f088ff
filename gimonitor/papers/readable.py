"""Whether a document that somebody hands in opens at all: what is cut off or no document proves nothing to anybody."""

from __future__ import annotations

import zipfile
from pathlib import Path

from gimonitor.errors import InputError

_PDF, _ZIP = b"%PDF-", b"PK\x03\x04"
_PICTURES = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*", b"RIFF", b"BM")
_TAIL = 2048
_MOST_UNPACKED = 500 << 20
KNOWN = "PDF、图片（JPEG、PNG、TIFF、WebP、BMP）、Word 文件或者 OFD"


def require_readable(path: Path) -> None:
    """Raise InputError where a file is none of the kinds that serve as documents, or is not whole."""
    with path.open("rb") as file:
        head = file.read(1024)
    if _PDF in head:
        reason = _of_pdf(path)
    elif head.startswith(_PICTURES):
        reason = _of_picture(path)
    elif head.startswith(_ZIP):
        reason = _of_archive(path)
    else:
        reason = f"不是{KNOWN}"
    if reason:
        raise InputError(f"{path.name}：{reason}，不能作为材料")


def _of_pdf(path: Path) -> str:
    """A PDF ends with the place of its cross-reference table and `%%EOF` (ISO 32000-1, 7.5.5), and has an object."""
    data = path.read_bytes()
    tail = data[-_TAIL:]
    whole = b"startxref" in tail and b"%%EOF" in tail and b"obj" in data
    return "" if whole else "不是完整的 PDF（没有内容或者结尾缺失）"


def _of_picture(path: Path) -> str:
    from PIL import Image

    try:
        with Image.open(path) as picture:
            picture.load()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        return f"图片打不开（{type(error).__name__}）"
    return ""


def _of_archive(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = {info.filename for info in archive.infolist()}
            if sum(info.file_size for info in archive.infolist()) > _MOST_UNPACKED:
                return "解压后过大"
            if not names & {"word/document.xml", "OFD.xml"}:
                return f"不是{KNOWN}"
            return "文件已损坏" if archive.testzip() else ""
    except (
        zipfile.BadZipFile,
        OSError,
        RuntimeError,  # zipfile raises it for a member with a password
        NotImplementedError,  # and this for a way of packing that it lacks
    ):
        return "文件已损坏"
