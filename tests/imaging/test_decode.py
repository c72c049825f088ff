"""Good pictures of every kind come through; bad ones are refused with the reason, quickly and in little memory."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gimonitor.errors import InputError
from gimonitor.imaging import decode as decoding
from gimonitor.imaging.decode import decode, read_picture


def packed(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def two_colours(mode: str = "RGB", size: tuple[int, int] = (60, 40)) -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", size, (200, 20, 20))
    image.paste((20, 20, 200), (size[0] // 2, 0, size[0], size[1]))
    return image.convert(mode)


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("JPEG", "RGB"),
        ("JPEG", "L"),
        ("JPEG", "CMYK"),
        ("PNG", "RGB"),
        ("PNG", "P"),
        ("WEBP", "RGB"),
        ("GIF", "P"),
        ("AVIF", "RGB"),
    ],
)
def test_every_kind_is_read(kind: str, mode: str) -> None:
    picture = decode(packed(two_colours(mode), kind))
    assert (picture.width, picture.height, picture.format) == (60, 40, kind)
    assert picture.pixels.dtype == np.uint8
    if mode != "L":
        assert picture.pixels[20, 5, 0] > picture.pixels[20, 5, 2]
        assert picture.pixels[20, 55, 2] > picture.pixels[20, 55, 0]


def test_cmyk_is_told() -> None:
    assert decode(packed(two_colours("CMYK"), "JPEG")).notes == ("converted from CMYK",)


def test_an_exif_turn_that_there_is_not_is_not_told() -> None:
    exif = Image.Exif()
    exif[0x0112] = 99
    assert decode(packed(two_colours(), "JPEG", exif=exif)).notes == ()


def test_exif_turn_is_done() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = decode(packed(two_colours(), "JPEG", exif=exif))
    assert (picture.width, picture.height) == (40, 60)
    assert picture.pixels[5, 20, 0] > 150
    assert picture.notes == ("turned as its EXIF data say",)


def test_only_the_first_frame_of_an_animation() -> None:
    frames = [Image.new("RGB", (30, 30), (c, 0, 0)) for c in (250, 120, 10)]
    picture = decode(packed(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    assert picture.pixels[0, 0, 0] == 250
    assert picture.notes == ("only the first of 3 frames was read",)


def test_what_is_transparent_is_white() -> None:
    assert tuple(decode(packed(Image.new("RGBA", (20, 20), (0, 0, 0, 0)), "PNG")).pixels[0, 0]) == (255, 255, 255)


def test_sixteen_bits() -> None:
    deep = Image.fromarray(np.full((20, 20), 40000, np.uint16))
    assert abs(int(decode(packed(deep, "PNG")).pixels[0, 0, 0]) - 156) <= 1


def test_odd_exif_data_are_no_damage() -> None:
    """A block of EXIF data that is cut off: the picture itself is whole."""
    whole = packed(two_colours(), "JPEG")
    odd = b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\xff" * 16
    head = b"\xff\xe1" + (len(odd) + 2).to_bytes(2, "big") + odd
    assert decode(whole[:2] + head + whole[2:]).width == 60


def huge_png(side: int) -> bytes:
    """A PNG whose header says side × side and whose data are none."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def a_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "a")
    return out.getvalue()


JPEG = packed(two_colours(size=(300, 200)), "JPEG")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (JPEG[: len(JPEG) // 2], "damaged or cut off"),
        (JPEG[:20], "not a picture|damaged"),
        (packed(two_colours(), "PNG")[:60], "damaged or cut off|not a picture"),
        (huge_png(50_000), "too large"),
        (huge_png(12_000), "too large"),
        (huge_png(3_000), "damaged or cut off"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "SVG"),
        (b'<?xml version="1.0"?>\n<svg><script/></svg>', "SVG"),
        (b"<!doctype html><html>", "markup"),
        (a_zip(), "ZIP"),
        (b"\x00" * 5000, "not a picture"),
        (b"\xff\xd8" + b"\xff\xda\x00\x02" * 200, "scans"),
        (packed(Image.new("RGB", (4, 4)), "PNG"), "too small"),
        (packed(two_colours(), "BMP"), "not a picture"),
    ],
    ids=lambda value: None if isinstance(value, bytes) else value,
)
def test_what_is_no_picture_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(InputError, match=why):
        decode(data)


def test_a_file_larger_than_the_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "MAX_BYTES", 100)
    path = tmp_path / "big.jpg"
    path.write_bytes(JPEG)
    with pytest.raises(InputError, match=r"big\.jpg: the file is larger"):
        read_picture(path)


def test_a_zip_named_jpg_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(a_zip())
    with pytest.raises(InputError, match=r"photo\.jpg: not a picture but a ZIP file"):
        read_picture(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_picture(tmp_path / "none.jpg")
