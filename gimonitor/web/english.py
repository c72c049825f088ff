"""The screens in English, behind a switch: the same templates with every Chinese text of theirs exchanged by `english/*.yml`.

Officers' words are Chinese and stand in templates and code as they are read; a file of the folder gives the English for each.
Reasons that screening composed are sentences of the same files. What a seller or a person wrote, what is quoted from a
listing and the texts of laws stay as they are. A test reads every template and module and fails where a text has no English.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache
from pathlib import Path
from string import Formatter
from typing import Any

import jinja2
import yaml
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

from gimonitor.errors import ConfigurationError
from gimonitor.web.shown import plain

FOLDER = Path(__file__).parent / "english"
HAN = "\u3400-\u9fff"
_HAS_HAN = re.compile(f"[{HAN}]")
_RUN = re.compile(rf'[^<>"\n{{}}]*[{HAN}][^<>"\n{{}}]*')
_DIGITS = "零一二三四五六七八九"
_UNITS = {"": 1, "十": 10, "百": 100, "千": 1000}
_NUMBER = re.compile(f"[{_DIGITS}十百千]+")
_MARKS = str.maketrans({"，": ", ", "。": ". ", "：": ": ", "；": "; ", "、": ", ", "（": " (", "）": ") ", "？": "? ", "！": "! ", "　": "  ", "“": '"', "”": '"'})  # fmt: skip
_BETWEEN = frozenset({"、", "；", "，", "："})
UNVERIFIED = "（未核实）"
_PLACE = re.compile(r"[^、：；，（）]+（([a-z_]+(?:\.[a-z0-9_]+)*)）")
_WORD = re.compile(rf"(?<![^\s／·（])[{HAN}]+(?:\d+[{HAN}]+)*(?![^\s／·\d()）])")


@cache
def catalogue() -> dict[str, str]:
    """Chinese to English, of all files of the folder. Raises ConfigurationError where two files disagree on a text."""
    found: dict[str, str] = {}
    for path in sorted(FOLDER.glob("*.yml")):
        for chinese, english in yaml.safe_load(path.read_text("utf-8")).items():
            if found.setdefault(chinese, english) != english:
                raise ConfigurationError(f"{path.name}: {chinese}: said otherwise in another file")
    return found


def has_chinese(text: str) -> bool:
    """True where a text holds Chinese characters."""
    return _HAS_HAN.search(text) is not None


def runs(data: str) -> Iterator[str]:
    """The Chinese texts in a piece of a template: between tags, and the values of attributes."""
    return (found.group().strip() for found in _RUN.finditer(data))


class English(Extension):
    """Exchanges the texts of templates while they are compiled, so that a page costs what it costs in Chinese."""

    def filter_stream(self, stream: TokenStream) -> Iterable[Token]:
        """Each token, its text in English."""
        for token in stream:
            if token.type == "data":
                yield Token(token.lineno, token.type, _RUN.sub(_exchanged, token.value).translate(_MARKS))
            elif token.type == "string" and has_chinese(token.value):
                yield Token(token.lineno, token.type, _around(token.value))
            elif token.type == "string" and token.value.strip("'\"") in _BETWEEN:
                yield Token(token.lineno, token.type, token.value.translate(_MARKS))
            else:
                yield token


def _exchanged(found: re.Match[str]) -> str:
    return _around(found.group())


def _around(text: str) -> str:
    """The English of a text, with the blanks that stood around it."""
    inner = text.strip()
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{before}{catalogue().get(inner, inner)}{after}"


def shown_in_english(value: object) -> object:
    """Jinja's `finalize` of the English screens: a value that is one of our own words is exchanged; all else stays.

    What sellers wrote comes as markup and is never touched.
    """
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return plain(catalogue().get(value, value))
    return plain(value)


@cache
def _sentences() -> list[tuple[list[str], re.Pattern[str], str]]:
    """Sentences with something in them, `{}` in the catalogue, the longest first: their fixed pieces, pattern and English."""
    with_places = [(zh.split("{}"), en) for zh, en in catalogue().items() if "{}" in zh]
    with_places.sort(key=lambda pair: -sum(map(len, pair[0])))
    return [(zh, re.compile("(.*?)".join(map(re.escape, zh)), re.DOTALL), en) for zh, en in with_places]


@lru_cache(maxsize=4096)
def in_english(text: str) -> str:
    """A sentence of the application, a reason, an error or what was just done; as it is where it is none of ours.

    What stands in “ ” in its English is quoted and not looked up.
    """
    if not has_chinese(text):
        return text
    if text in catalogue():
        return catalogue()[text]
    for pieces, pattern, english in _sentences():
        found = pattern.fullmatch(text) if all(piece in text for piece in pieces) else None
        if found:
            return _filled(english, found.groups())
    return text


def _filled(english: str, given: tuple[str, ...]) -> str:
    """A sentence with what differs put in: `{}` one after the other, or `{2}` by number; words of ours are exchanged too."""
    parts: list[str] = []
    for count, (before, name, _, _) in enumerate(Formatter().parse(english)):
        parts.append(before)
        if name is not None:
            text = given[int(name or count)]
            parts.append(text if before.endswith("“") else _said(text))
    return "".join(parts)


def listed(text: str) -> str:
    """Several such texts with 、 between: what went into a score."""
    return catalogue().get(text) or ", ".join(map(in_english, text.split("、")))


def _said(text: str) -> str:
    """A text, or several, whichever is known."""
    whole = in_english(text)
    return listed(text) if whole == text else whole


def filed(text: str) -> str:
    """A line of a register's page: its pieces between ；, places as the rule file writes them, words that stand alone."""
    text = _PLACE.sub(r"\1", text).replace(UNVERIFIED, catalogue()[UNVERIFIED])
    return "; ".join(map(_filed, text.split("；")))


def _filed(piece: str) -> str:
    bare = piece.removesuffix(catalogue()[UNVERIFIED])
    said = _WORD.sub(lambda found: catalogue().get(found.group(), found.group()), in_english(bare))
    return (said if has_chinese(said) else said.translate(_MARKS)) + piece[len(bare) :]


def article(text: str) -> str:
    """第五十七条第一、二项: `Article 57, item 1, 2`. As it is where it is no article."""
    if text in catalogue():
        return catalogue()[text]
    spoken = _NUMBER.sub(lambda found: str(_number(found.group())), text)
    spoken = re.sub(r"第([\d、至第条]+)条", lambda found: f", Article {re.sub('[第条]', '', found[1])}", spoken)
    spoken = re.sub(r"第([\d、]+)款", r", paragraph \1", spoken)
    spoken = re.sub(r"第([\d、]+)项", r", item \1", spoken)
    spoken = re.sub(r"[、，]\s*,\s*", ", ", spoken).replace("、", ", ").replace("至", "–").strip(", ")
    return text if has_chinese(spoken) else spoken


def _number(chinese: str) -> int:
    """一千一百九十七: 1197; up to the thousands, as articles are counted."""
    total = 0
    for digit, unit in re.findall(r"([一二三四五六七八九]?)([千百十]?)", chinese):
        total += (_DIGITS.find(digit) if digit else bool(unit)) * _UNITS[unit]
    return total


def environment(like: jinja2.Environment, tables: Iterable[str] = ()) -> jinja2.Environment:
    """The environment of the English screens, otherwise like the Chinese one; `tables` are its filters that give words."""
    options: dict[str, Any] = {"extensions": [English], "finalize": shown_in_english, "cache_size": 400}
    made = like.overlay(**options)
    spoken = {name: _spoken(like.filters[name]) for name in tables}
    ours = {"composed": in_english, "listed": listed, "article": article, "filed": filed, "issue": in_english}
    made.filters = {**like.filters, **spoken, **ours}
    return made


def _spoken(word: Callable[..., str]) -> Callable[..., str]:
    """A filter that gives one of our own words, in English, so that a sentence may hold it."""
    return lambda *given: in_english(word(*given))
