"""Quality of the screen on labelled real titles and on made evasions. Run: python tests/quality/measure_screening.py

`labels.csv` holds a judgement for each title under a digest of platform and title; the titles are no part of this
repository and are read from `../shared/data/titles.jsonl`, or the folder in GIMONITOR_SHARED_DATA. Without them only the
made titles are measured. Exit 1 where a target is missed. `--misses N` shows N titles of each kind of mistake.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from gimonitor.model.finding import Screening
from gimonitor.model.listing import Listing, Shop
from gimonitor.model.register import Register
from gimonitor.register import load_register
from gimonitor.screening import Screener
from gimonitor.text.normalise import fold_text

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))  # `python -P` leaves the folder of the script out

from evasions import Made, make_evasions, make_twins  # noqa: E402

ON = date(2026, 11, 22)
FIELDS = ("title", "subtitle", "description", "keywords", "brand", "shop", "image_text")
PLAIN_RECALL, EVASION_RECALL, MENTION_ALARMS, NONE_ALARMS = 0.99, 0.95, 0.02, 1 / 2000


@dataclass(frozen=True, slots=True)
class Label:
    """What a reader decided on one title: flag, mention or none; the GI, where there is one; why."""

    label: str
    gi_id: str
    sample: str
    reason: str


@dataclass(slots=True)
class Tally:
    """Right and wrong decisions of one group, with some of the titles that went wrong."""

    hit: int = 0
    missed: int = 0
    alarms: int = 0
    quiet: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, title: str, wanted: bool, raised: bool) -> None:
        if wanted:
            self.hit, self.missed = self.hit + raised, self.missed + (not raised)
        else:
            self.alarms, self.quiet = self.alarms + raised, self.quiet + (not raised)
        if wanted != raised:
            self.wrong.append(title)

    @property
    def recall(self) -> float:
        return _share(self.hit, self.hit + self.missed)

    @property
    def alarm_rate(self) -> float:
        return self.alarms / (self.alarms + self.quiet) if self.alarms + self.quiet else 0.0

    @property
    def precision(self) -> float:
        return _share(self.hit, self.hit + self.alarms)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def main() -> int:
    """Measure, print, and say by the exit code whether every target is met."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--misses", type=int, default=0, help="show this many titles of each kind of mistake")
    shown = parser.parse_args().misses
    register = load_register()
    screener = Screener(register)
    targets = [*measure_labels(screener, register, shown), *measure_evasions(screener, register, shown)]
    targets += measure_fields(screener, register, shown)
    say("\nTargets")
    for name, value, bar, met in targets:
        say(f"  {'met   ' if met else 'MISSED'}  {name:<46} {value:8.4f}   {bar}")
    return 0 if all(met for *_, met in targets) else 1


Target = tuple[str, float, str, bool]


def measure_labels(screener: Screener, register: Register, shown: int) -> Iterator[Target]:
    """The labelled titles: precision and recall together, by family, by sample; recall on plain names."""
    titles = shared_titles()
    if titles is None:
        say(
            "Labelled titles: ../shared/data/titles.jsonl is not there (GIMONITOR_SHARED_DATA names its folder); skipped."
        )
        return
    labels = read_labels()
    tallies: dict[str, Tally] = defaultdict(Tally)
    families: dict[str, Counter[str]] = defaultdict(Counter)
    names = {gi.id: fold_text(gi.name) for gi in register.gis}
    known: set[str] = set()
    for platform, title in titles:
        digest = digest_of(platform, title)
        label = labels.get(digest)
        if label is None or digest in known:
            continue
        known.add(digest)
        screening = screener.screen(Listing(platform=platform, item_id="", title=title), ON)
        raised, wanted = bool(screening.suspicions), label.label == "flag"
        for group in groups_of(label, title, names):
            tallies[group].add(title, wanted, raised)
        for family in families_of(screening):
            families[family][label.label] += 1
    say(f"Labelled titles: {len(known)} of {len(labels)} labels found their title")
    table(tallies, shown)
    say("\n  family                flag  mention  none   precision")
    for family, counts in sorted(families.items()):
        total = counts.total()
        say(
            f"  {family:<20} {counts['flag']:5} {counts['mention']:8} {counts['none']:5}   {counts['flag'] / total:8.3f}"
        )
    plain, mention, none = tallies["plain name"], tallies["mention"], tallies["none"]
    yield ("recall on plain GI names (labelled titles)", plain.recall, "≥ 0.99", plain.recall >= PLAIN_RECALL)
    yield ("mentions wrongly flagged", mention.alarm_rate, "≤ 0.02", mention.alarm_rate <= MENTION_ALARMS)
    yield ("titles without GI matter flagged", none.alarm_rate, "≤ 0.0005", none.alarm_rate <= NONE_ALARMS)


def groups_of(label: Label, title: str, names: dict[str, str]) -> Iterator[str]:
    """The rows of the table a labelled title counts in."""
    yield "all"
    yield label.label
    yield f"{label.label} ({label.sample})"
    if label.label == "flag":
        name = names.get(label.gi_id, "")
        yield "plain name" if name and name in fold_text(title) else "name altered or parted"


def families_of(screening: Screening) -> set[str]:
    """The families that spoke over a listing."""
    return {f.family for s in screening.suspicions for f in s.findings}


def measure_evasions(screener: Screener, register: Register, shown: int) -> Iterator[Target]:
    """Every GI × every kind of variant, and the false twins."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    families: dict[str, Counter[str]] = defaultdict(Counter)
    for made in (*make_evasions(register), *make_twins(register)):
        screening = screener.screen(Listing(platform="made", item_id="", title=made.title), ON)
        raised = _raised(screening, made)
        rows = ("false twins", f"twin: {made.kind}") if made.twin else ("evasions", made.kind)
        for row in rows if made.kind != "plain" else ("plain",):
            tallies[row].add(made.title, not made.twin, raised)
        for family in families_of(screening):
            families[family][made.kind] += 1
    say("\nMade titles")
    table(tallies, shown)
    say("\n  family               found in kinds")
    for family, counts in sorted(families.items()):
        say(f"  {family:<20} " + ", ".join(f"{kind} {n}" for kind, n in counts.most_common(6)))
    plain, evaded, twins = tallies["plain"], tallies["evasions"], tallies["false twins"]
    yield ("recall on plain GI names (made titles)", plain.recall, "≥ 0.99", plain.recall >= PLAIN_RECALL)
    yield ("recall on evasions", evaded.recall, "≥ 0.95", evaded.recall >= EVASION_RECALL)
    yield ("false twins flagged", float(twins.alarms), "= 0", twins.alarms == 0)


def _raised(screening: Screening, made: Made) -> bool:
    """True where the GI itself was found; for a twin, anything at all."""
    return any(made.twin or s.gi_id == made.gi_id for s in screening.suspicions)


def measure_fields(screener: Screener, register: Register, shown: int) -> Iterator[Target]:
    """The plain name, moved from the title into each other field beside a neutral title. No target: each field has its own rules."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    for made in make_evasions(register):
        if made.kind == "plain":
            goods = next(
                iter(gi.product_words[0] for gi in register.gis if gi.id == made.gi_id and gi.product_words), ""
            )
            for name in FIELDS:
                screening = screener.screen(listing_with(name, made.title, goods), ON)
                tallies[name].add(made.title, True, _raised(screening, made))
    say("\nPlain names by field (the title says only the goods)")
    table(tallies, shown)
    return iter(())


def listing_with(name: str, text: str, goods: str) -> Listing:
    """A listing whose field `name` holds the text."""
    plain = Listing(platform="made", item_id="", title=f"{goods} 一件 包邮")
    match name:
        case "shop":
            return replace(plain, shop=Shop(name=text))
        case "keywords":
            return replace(plain, keywords=(text,))
        case "subtitle":
            return replace(plain, subtitle=text)
        case "description":
            return replace(plain, description=text)
        case "brand":
            return replace(plain, brand=text)
        case "image_text":
            return replace(plain, image_text=text)
        case _:
            return replace(plain, title=text)


def table(tallies: dict[str, Tally], shown: int) -> None:
    """Print the tallies, each with some of its mistakes where asked."""
    say("  group                          titles  recall  false alarms        precision")
    for name, t in tallies.items():
        total = t.hit + t.missed + t.alarms + t.quiet
        recall = f"{t.recall:6.3f}" if t.hit + t.missed else "     –"
        alarms = f"{t.alarms:5} ({t.alarm_rate:.4f})" if t.alarms + t.quiet else "    –         "
        precision = f"{t.precision:6.3f}" if t.hit and t.alarms + t.quiet else "     –"
        say(f"  {name:<30} {total:6}  {recall}  {alarms}      {precision}")
        for title in t.wrong[:shown]:
            say(f"        {title[:80]}")


def read_labels() -> dict[str, Label]:
    """The labels by digest. Raises ValueError for a label of another kind or a digest that stands twice."""
    labels: dict[str, Label] = {}
    with (HERE / "labels.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if row["label"] not in ("flag", "mention", "none") or row["digest"] in labels:
                raise ValueError(f"labels.csv: {row}")
            labels[row["digest"]] = Label(row["label"], row["gi"], row["sample"], row["reason"])
    return labels


def shared_titles() -> Iterable[tuple[str, str]] | None:
    """(platform, title) of the shared titles, or None where they are absent."""
    folder = os.environ.get("GIMONITOR_SHARED_DATA") or HERE.parents[2] / "shared" / "data"
    path = Path(folder) / "titles.jsonl"
    if not path.is_file():
        return None
    records = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [(record["platform"], record["title"]) for record in records]


def digest_of(platform: str, title: str) -> str:
    """SHA-256 in hex of platform, a tab, and the title."""
    return hashlib.sha256(f"{platform}\t{title}".encode()).hexdigest()


def say(line: str) -> None:
    """Print a line."""
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
