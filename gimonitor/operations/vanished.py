"""Fields that vanished: what a source's listings lack tonight although they used to have it, or the source gives it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from gimonitor.crawling.fields import given_by, load_expected
from gimonitor.model.run import Coverage, Example

READ = 10  # listings of a night before their fields say anything
MOSTLY = 0.6  # of the listings had it, by the median of the nights
LOW = 0.5  # of that median
NONE = 0.05  # of the listings, where a source is known to give a field with nearly every one

Night = Sequence[Coverage]
"""The records of one source in one night."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """A field and its share of the listings read, tonight and by the median; `usual` is None before there are enough nights."""

    name: str
    got: float
    usual: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vanished:
    """The fields that a source lost, the queries in none of whose listings one of them stood, and an answer that shows it."""

    source: str
    read: int
    fields: tuple[Gone, ...]
    queries: tuple[str, ...]
    example: Example | None

    @property
    def text(self) -> str:
        """A sentence for the digest and the screen."""
        words = load_expected().fields
        told = "、".join(f"有{words[one.name]}的 {one.got:.0%}（{_usual(one)}）" for one in self.fields)
        return f"{self.source}：读到 {self.read} 件商品，其中{told}。页面或接口可能改了写法，请对照示例检查解析"

    @property
    def gap(self) -> str:
        """The same for the terminal."""
        told = ", ".join(
            f"{one.name} stood in {one.got:.0%} ("
            + ("declared" if one.usual is None else f"usually {one.usual:.0%}")
            + ")"
            for one in self.fields
        )
        shown = f"; example: {self.example.file} at {self.example.offset}" if self.example else ""
        return f"{self.source}: of {self.read} listings read {told}{shown}"


def _usual(one: Gone) -> str:
    return "该来源本应给出" if one.usual is None else f"平常 {one.usual:.0%}"


def find_vanished(source: str, tonight: Night, before: Sequence[Night], enough: int) -> Vanished | None:
    """What a source lost; None where nothing, or too little was read. Nights are compared over the queries asked tonight where
    `enough` of them asked these, else as a whole."""
    asked = {record.query for record in tonight if record.read}
    alike = [[record for record in night if record.query in asked] for night in before]
    gone = [one for name in load_expected().fields if (one := _gone(source, name, tonight, (alike, before), enough))]
    if not gone:
        return None
    lost = [record for record in tonight if any(record.fields.get(one.name) == 0 for one in gone)]
    lost.sort(key=lambda record: record.example is None)
    return Vanished(
        source=source,
        read=sum(record.read for record in tonight),
        fields=tuple(gone),
        queries=tuple(record.query for record in lost),
        example=lost[0].example if lost else None,
    )


def _gone(source: str, name: str, tonight: Night, pasts: Sequence[Sequence[Night]], enough: int) -> Gone | None:
    got = _share(tonight, name)
    if got is None:
        return None
    told = ([share for night in past if (share := _share(night, name)) is not None] for past in pasts)
    shares = next((past for past in told if len(past) >= enough), None)
    usual = median(shares) if shares else None
    if usual is not None and usual >= MOSTLY and got < LOW * usual:
        return Gone(name=name, got=got, usual=usual)
    return Gone(name=name, got=got, usual=None) if name in given_by(source) and got < NONE else None


def _share(night: Night, name: str) -> float | None:
    """Of the listings read, those in which a field stood; None where too few were."""
    counted = [record for record in night if name in record.fields]
    read = sum(record.read for record in counted)
    return sum(record.fields[name] for record in counted) / read if read >= READ else None
