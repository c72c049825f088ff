"""`gimonitor dropped`: listings that raised nothing, sampled and reviewed."""

from __future__ import annotations

import csv
import sys
from datetime import UTC, datetime

import click

from gimonitor.configuration import load_configuration


@click.group()
def app() -> None:
    """Sample what screening dropped, stage by stage, have it reviewed, and say how much was missed.

    \b
    Examples:
      gimonitor dropped count
      gimonitor dropped draw --each 50 --seed 2026-11 --by wang
      gimonitor dropped show 1
      gimonitor dropped judge 1 7 wrong --gi 五常大米 --why "标题以谐音使用名称" --by wang
      gimonitor dropped figures 1
      gimonitor dropped labels 1 >> labels.csv
    """


@app.command()
def count() -> None:
    """How many stored listings screening left at each stage."""
    from gimonitor.store.database import open_store
    from gimonitor.store.dropped import count_stages

    with open_store(load_configuration().store_url) as store, store.read() as c:
        for stage, number in sorted(count_stages(c).items(), key=lambda one: -one[1]):
            click.echo(f"{stage.value:<10} {number}")


@app.command()
@click.option("--each", default=50, show_default=True, type=click.IntRange(1, 500), help="How many of every stage.")
@click.option("--seed", required=True, help="The same store and seed draw the same listings.")
@click.option("--by", "who", required=True, help="Your name or login.")
def draw(each: int, seed: str, who: str) -> None:
    """Draw a sample by lot and keep it."""
    from gimonitor.store.database import open_store
    from gimonitor.workflow.dropped import draw_dropped

    with open_store(load_configuration().store_url) as store, store.write() as c:
        sample_id = draw_dropped(c, each=each, seed=seed, who=who, now=datetime.now(UTC))
    click.echo(f"sample {sample_id}; next: gimonitor dropped show {sample_id}")


@app.command()
@click.argument("sample_id", type=click.IntRange(1, (1 << 63) - 1))
def show(sample_id: int) -> None:
    """Print the listings of a sample with their verdicts."""
    from gimonitor.store.database import open_store
    from gimonitor.store.dropped import load_dropped_items, load_dropped_sample

    with open_store(load_configuration().store_url) as store, store.read() as c:
        load_dropped_sample(c, sample_id)
        items = load_dropped_items(c, sample_id)
    for item in items:
        title = "".join(ch if ch.isprintable() else "�" for ch in item.listing.title)
        click.echo(
            f"{item.position:>4} {item.stage.value:<9} {item.verdict or '-':<6} [{item.listing.platform}] {title}"
        )


@app.command()
@click.argument("sample_id", type=click.IntRange(1, (1 << 63) - 1))
@click.argument("position", type=click.IntRange(1, 10_000))
@click.argument("verdict", type=click.Choice(["right", "wrong", "unsure"]))
@click.option("--gi", default="", help="Id or name of the GI over which it should have been suspected.")
@click.option("--why", default="", help="The reason; needed for wrong.")
@click.option("--by", "who", required=True, help="Your name or login.")
def judge(sample_id: int, position: int, verdict: str, gi: str, why: str, who: str) -> None:
    """Say of one listing whether it was dropped rightly. Making a lead of it is done in the officers' application."""
    from gimonitor.cli.rules import configured_rules
    from gimonitor.errors import InputError
    from gimonitor.register import load_register
    from gimonitor.store.database import open_store
    from gimonitor.workflow.dropped import Verdict, judge_dropped

    configuration = load_configuration()
    gi_id = ""
    if gi:
        register = load_register(configured_rules(None), cache_dir=configuration.cache_dir)
        gi_id = next((one.id for one in register.gis if gi in (one.id, one.name)), "")
        if not gi_id:
            raise InputError(f"{gi}: no such GI in the register")
    with open_store(configuration.store_url) as store, store.write() as c:
        judge_dropped(c, who, sample_id, position, Verdict(verdict), gi_id=gi_id, why=why, now=datetime.now(UTC))
    click.echo(f"{position}: {verdict}")


@app.command()
@click.argument("sample_id", type=click.IntRange(1, (1 << 63) - 1))
def figures(sample_id: int) -> None:
    """How much was missed, by stage and in all, with 95 % intervals."""
    from gimonitor.store.database import open_store
    from gimonitor.workflow.dropped import figures_of

    with open_store(load_configuration().store_url) as store, store.read() as c:
        found = figures_of(c, sample_id)
    for s in found.stages:
        share = f"{s.missed.value:.2%} [{s.missed.low:.2%}, {s.missed.high:.2%}]" if s.missed else "not reviewed"
        counts = f"{s.right} right, {s.wrong} wrong, {s.unsure} unsure of {s.drawn}"
        click.echo(f"{s.stage.value:<10} {s.population:>9} listings  {counts}  missed {share}")
    if found.value is None:
        click.echo("in all: not every stage has a verdict yet")
    else:
        click.echo(f"in all: {found.value:.3%} [{found.low:.3%}, {found.high:.3%}]")


@app.command()
@click.argument("sample_id", type=click.IntRange(1, (1 << 63) - 1))
def labels(sample_id: int) -> None:
    """Print the verdicts as rows for the labelled set of titles."""
    from gimonitor.store.database import open_store
    from gimonitor.workflow.dropped import label_rows

    with open_store(load_configuration().store_url) as store, store.read() as c:
        rows = list(label_rows(c, sample_id))
    writer = csv.DictWriter(sys.stdout, ["digest", "label", "gi", "sample", "reason"], lineterminator="\n")
    writer.writerows(rows)
