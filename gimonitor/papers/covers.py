"""封面: what a complaint cut into parts says of itself in each part, and explanations of many links said once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Values = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A complaint as its parts: the platform's channel, the numbers of the packs and the links in each, in order."""

    channel: str
    numbers: tuple[str, ...]
    sizes: tuple[int, ...]


def cover_values(batch: Batch, number: str, documents: Sequence[str]) -> Values:
    """What the cover sheet of the part with this number prints; `documents` are those that go along, in words."""
    rows: list[Values] = []
    for place, (each, size) in enumerate(zip(batch.numbers, batch.sizes, strict=True), 1):
        first = sum(batch.sizes[: place - 1]) + 1
        span = f"全部链接中的第 {first}—{first + size - 1} 条；本份之内编为链接 1—{size}"
        mark = "（本份）" if each == number else ""
        rows.append({"part": f"{place}{mark}", "number": each, "count": str(size), "range": span})
    return {
        "channel": batch.channel,
        "part": str(batch.numbers.index(number) + 1),
        "parts": str(len(rows)),
        "links": str(sum(batch.sizes)),
        "rows": rows,
        "documents": [{"number": str(place), "title": title} for place, title in enumerate(documents, 1)],
    }


def of_links(said: Sequence[Sequence[str]]) -> list[str]:
    """Sentences about links, each once, with the numbers under which the notice lists the links; `said` has one entry a
    link."""
    found: dict[str, list[int]] = {}
    for number, sentences in enumerate(said, 1):
        for sentence in dict.fromkeys(sentences):
            found.setdefault(sentence, []).append(number)
    return [
        f"{f'全部 {len(said)} 条链接' if len(numbers) == len(said) else f'链接 {spans(numbers)}'}：{sentence}"
        for sentence, numbers in found.items()
    ]


def spans(numbers: Sequence[int]) -> str:
    """Rising numbers as people write them: 1—3、7."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return "、".join(str(run[0]) if len(run) == 1 else f"{run[0]}—{run[-1]}" for run in runs)
