"""Digests agree with published test vectors."""

from __future__ import annotations

import pytest

from gimonitor.evidence.digest import digest_bytes, digest_file, has_sm3


def test_sha256_of_abc() -> None:
    assert digest_bytes(b"abc").sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.skipif(not has_sm3(), reason="this OpenSSL has no SM3")
@pytest.mark.parametrize(
    ("data", "digest"),
    [  # the two examples of GB/T 32905, annex A
        (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
    ],
)
def test_sm3_examples_of_the_standard(data: bytes, digest: str) -> None:
    assert digest_bytes(data).sm3 == digest


def test_file_is_digested_as_its_bytes(tmp_path) -> None:
    data = b"x" * (3 << 20) + b"end"
    (tmp_path / "a").write_bytes(data)
    assert digest_file(tmp_path / "a") == digest_bytes(data)
    assert digest_bytes(data).size == len(data)
