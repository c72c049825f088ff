"""Other goods beside a name in Latin letters: a tool, a plant or other food after it, or a tool before it and `for`."""

from __future__ import annotations

import re

from gimonitor.screening.heads import Span
from gimonitor.screening.parcels import has_measure
from gimonitor.screening.vocabulary import Spotted, Vocabulary

_WORD, _RUN = re.compile(r"[a-z]+"), re.compile(r"[a-z' -]*")
_WORDS = 3  # after a name, up to the tool


def goods_in_latin(title: str, spans: tuple[Span, ...], words: Vocabulary) -> Spotted | None:
    """Parma ham slicer, knife for Parma ham; no vessel where goods are sold by measure."""
    tools, foods = words.words("english-tools"), words.words("english-goods")
    if has_measure(title, len(title), (), is_drink=False):
        tools -= words.words("english-vessels")
    stops = words.words("english-stops")
    for first, last in spans:
        if not title[last - 1].isascii():
            continue
        run = _RUN.match(title, last)
        after = list(_WORD.finditer(title, last, run.end() if run else last))
        after = after[: next((i for i, found in enumerate(after) if found[0] in stops), _WORDS)]
        found = next((word for word in after if word[0] in tools or word[0] in foods), None)
        before = list(_WORD.finditer(title, 0, first))[-2:]
        if not found and len(before) == 2 and before[1][0] == "for" and before[0][0] in tools:
            found = before[0]
        if found:
            return Spotted("english-goods" if found[0] in foods else "utensils", found[0], *found.span())
    return None
