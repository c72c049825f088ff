"""Strict YAML: nothing is changed in silence, nothing hostile gets through, every problem has its place."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gimonitor.register.nodes import MAX_BYTES, parse_document

UNTOUCHED = [
    "NO", "no", "yes", "on", "Off", "true", "012", "0o14", "0x1F", "1e3", "1_000", "12:30:45", "2027-01-01", "=", ".inf",
    "2001-12-14t21:59:43.10-05:00", "+86", "190:20:30", "五常", "a b", "1.0", "-0", "!", "y",
]  # fmt: skip


@pytest.mark.parametrize("text", [t for t in UNTOUCHED if t != "!"])
def test_a_plain_scalar_stays_the_text_that_was_written(text: str) -> None:
    assert parse_document(f"a: {text}\n".encode(), "f.yml").data == {"a": text}


HOSTILE = {
    "alias": ("a: &x [1]\nb: *x\n", "alias", 2, 4),
    "alias bomb": ("a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n", "alias", 2, 8),
    "anchor": ("a: &x 1\n", "anchor", 1, 4),
    "merge": ("<<: {a: 1}\n", "merge-key", 1, 1),
    "python tag": ("a: !!python/object/apply:os.system ['true']\n", "tag", 1, 4),
    "own tag": ("a: !secret x\n", "tag", 1, 4),
    "timestamp tag": ("a: !!timestamp 2020-01-01\n", "tag", 1, 4),
    "binary tag": ("a: !!binary aGk=\n", "tag", 1, 4),
    "set tag": ("!!set {a, b}\n", "tag", 1, 1),
    "tag on a key": ("!!str a: 1\n", "tag", 1, 1),
    "duplicate key": ("a: 1\nb: 2\na: 3\n", "duplicate-key", 3, 1),
    "duplicate key in a list": ("l:\n  - a: 1\n    a: 2\n", "duplicate-key", 3, 5),
    "two documents": ("a: 1\n---\nb: 2\n", "second-document", 2, 1),
    "directive": ("%YAML 1.1\n---\na: 1\n", "directive", 1, 1),
    "tag directive": ("%TAG ! tag:x,2020:\n---\na: 1\n", "directive", 1, 1),
    "deep flow": ("a: " + "[" * 21 + "]" * 21 + "\n", "too-deep", 1, 23),
    "deep block": ("".join("  " * n + f"k{n}:\n" for n in range(30)), "too-deep", 21, 41),
    "complex key": ("? [a, b]\n: 1\n", "bad-key", 1, 3),
    "mapping as key": ("{a: 1}: 2\n", "bad-key", 1, 1),
    "empty": ("", "empty-file", 1, 1),
    "only a comment": ("# nothing\n", "empty-file", 1, 1),
    "empty value": ("a: 1\nb:\n", "empty-value", 2, 3),
    "tilde": ("a: ~\n", "empty-value", 1, 4),
    "null": ("a: null\n", "empty-value", 1, 4),
    "open quote": ('a: "x\n', "bad-yaml", 2, 1),
    "tab indent": ("a:\n\tb: 1\n", "bad-yaml", 2, 1),
    "bad indent": ("a: 1\n  b: 2\n", "bad-yaml", 2, 4),
    "colon in a value": ("a: b: c\n", "bad-yaml", 1, 5),
    "unclosed list": ("a: [1, 2\n", "bad-yaml", 2, 1),
    "NUL": ("a: x\0y\n", "bad-character", 1, 5),
    "control character": ("a: 1\nb: \x07\n", "bad-character", 2, 4),
    "unknown escape": ('a: "\\q"\n', "bad-yaml", 1, 5),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_what_is_refused_says_where(case: str) -> None:
    text, code, line, column = HOSTILE[case]
    found = [(issue.code, issue.line, issue.column) for issue in parse_document(text.encode(), "f.yml").issues]
    assert (code, line, column) in found


@pytest.mark.parametrize(
    ("raw", "line", "column"),
    [("a: 1\nb: 五常".encode("gbk"), 2, 4), (b"\xff\xfea\0:\0", 1, 1), ("五: ".encode() + b"\x80", 1, 6)],
)
def test_what_is_not_utf8_says_where(raw: bytes, line: int, column: int) -> None:
    (issue,) = parse_document(raw, "f.yml").issues
    assert (issue.code, issue.line, issue.column) == ("not-utf8", line, column)


def test_a_byte_order_mark_is_no_part_of_the_first_key() -> None:
    assert parse_document("\ufeffid: x\n".encode(), "f.yml").data == {"id": "x"}


def test_a_file_that_is_too_large_is_not_parsed() -> None:
    document = parse_document(b"a: " + b"x" * MAX_BYTES, "f.yml")
    assert [i.code for i in document.issues] == ["file-too-large"]
    assert document.data is None


@pytest.mark.parametrize("piece", ["[", "{", "- ", "? ", "a: ", '"', "&a ", "!t ", "#", "|\n", "a\n", "a: b\n", "\t"])
def test_a_quarter_of_a_megabyte_of_anything_is_answered_soon(piece: str) -> None:
    raw = (piece * (MAX_BYTES // len(piece))).encode()[:MAX_BYTES]
    began = time.process_time()
    parse_document(raw, "f.yml")
    assert time.process_time() - began < 5  # 0.5 s on an idle machine; the bound here only catches what is not linear


def test_positions_are_kept_for_keys_and_values_over_wide_characters_and_crlf() -> None:
    text = "甲: 😀\r\n乙:\r\n  - 丙\r\n  - {丁: 戊}\r\n"
    document = parse_document(text.encode(), "f.yml")
    node = document.node(("乙", 1, "丁"))
    assert (node.line, node.column, text[node.start : node.end]) == (4, 9, "戊")
    assert node.key is not None
    assert (node.key.line, node.key.column) == (4, 6)


@given(st.binary(max_size=300))
def test_any_bytes_give_data_or_an_issue_and_never_raise(raw: bytes) -> None:
    document = parse_document(raw, "f.yml")
    assert document.issues or document.data is not None
    assert all(issue.line >= 1 and issue.column >= 1 for issue in document.issues)


@given(st.text(max_size=200))
def test_any_text_in_a_quoted_scalar_comes_back(text: str) -> None:
    import json

    quoted = json.dumps(text)
    document = parse_document(f"a: {quoted}".encode(), "f.yml")
    if not document.issues:
        assert document.data == {"a": json.loads(quoted)}
