"""Words of ordinary Chinese and their boundaries, asked only where a match needs it. jieba's dictionary, loaded late.

jieba would write its dictionary to a shared temporary folder and read it back from there; it is loaded from the
package instead, and nothing is written.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from functools import cache
from typing import Protocol

LONGEST_WORD = 8  # characters; the windows are no wider


class _Tokenizer(Protocol):
    FREQ: dict[str, int]

    def cut(self, sentence: str, HMM: bool) -> Iterator[str]: ...


@cache
def _tokenizer() -> _Tokenizer:
    with warnings.catch_warnings():  # the package's own source warns when it is compiled
        warnings.simplefilter("ignore")
        import jieba

    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    tokenizer.initialized = True
    found: _Tokenizer = tokenizer
    return found


def is_word(text: str) -> bool:
    """True for a word of the dictionary with two characters or more."""
    return len(text) >= 2 and bool(_tokenizer().FREQ.get(text))


def commonness(text: str) -> int:
    """How often the dictionary counted a word; 0 for none."""
    return int(_tokenizer().FREQ.get(text) or 0)


def words_of(text: str) -> list[tuple[int, int]]:
    """Spans of the words of a short text."""
    spans, at = [], 0
    for word in _tokenizer().cut(text, HMM=False):
        spans.append((at, at + len(word)))
        at += len(word)
    return spans


def last_word(text: str) -> str:
    """The word that a short text ends with, with what stands before it where that word is one character: 套袋, 橙汁, 切丝机, 封罐机."""
    starts = [start for start, _ in words_of(text)] or [0]
    at = len(starts) - 1
    while at and (len(text) - starts[at] == 1 or (starts[at + 1 :] and starts[at - 1] == len(text) - 3)):
        at -= 1
    return text[starts[at] :]


def cuts_through(text: str, start: int, end: int) -> bool:
    """True where a word reaches into `text[start:end]` from before, or out of its middle: the span is no word there.

    A word that begins with the span and goes on, or is rarer than the span itself, does not cut it: 山镇 in 黄山镇毛峰.
    """
    own = commonness(text[start:end])
    if not _may_cut(text, start, end, own):
        return False
    left, right = max(0, start - 8), min(len(text), end + 8)
    window = text[left:right]
    first, last = start - left, end - left
    return any((a < first < b or first < a < last < b) and commonness(window[a:b]) > own for a, b in words_of(window))


def enters(text: str, at: int) -> bool:
    """True where a word begins before a place in a short text and ends after it: at 净 in 梵净山茶."""
    begins, ends = range(max(0, at - LONGEST_WORD), at), range(at + 1, min(len(text), at + LONGEST_WORD) + 1)
    if not any(is_word(text[first:last]) for first in begins for last in ends):
        return False
    return any(first < at < last for first, last in words_of(text))


def goes_on(text: str, start: int, end: int) -> bool:
    """True where a dictionary word begins with the span and is longer: 宣纸 in no such word, 龙井 in 龙井口."""
    if not (is_word(text[start : end + 1]) or is_word(text[start : end + 2])):
        return False
    return any(a == 0 and b > end - start for a, b in words_of(text[start : end + 2]))


def _may_cut(text: str, start: int, end: int, own: int) -> bool:
    """True where some word commoner than the span begins or ends inside it: only then are the words of its surroundings sought."""
    for first in range(max(0, start - LONGEST_WORD), end):
        if first == start:
            continue
        least = start + 1 if first < start else end + 1
        for last in range(least, min(len(text), first + LONGEST_WORD) + 1):
            if commonness(text[first:last]) > own:
                return True
    return False
