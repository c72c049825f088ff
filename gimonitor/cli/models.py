"""`gimonitor models`: the model lab."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

import click

from gimonitor.errors import InputError, RulesError
from gimonitor.model.listing import Listing

_FOLDER = click.option(
    "--rules-dir", "folder", type=click.Path(path_type=Path, file_okay=False), help="Folder of rule files."
)
_DAY = click.option(
    "--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="Day of the act; by default today in Beijing."
)


@click.group()
def app() -> None:
    """Try detection models on titles and on stored listings."""


@app.command("list")
@_FOLDER
def list_models(folder: Path | None) -> None:
    """List the models: id, version, status, severity, title.

    \b
    Example:
      gimonitor models list
    """
    from gimonitor.cli.rules import configured_rules
    from gimonitor.register import load_register

    for model in load_register(configured_rules(folder)).models:
        click.echo(f"{model.id:<18} v{model.version}  {model.status:<8} {model.severity:.2f}  {model.title}")


@app.command()
@click.argument("titles", nargs=-1)
@_FOLDER
@_DAY
@click.option("--origin", default="", help="What the listing states as 产地.")
@click.option("--drafts", is_flag=True, help="Run draft and test models too.")
def test(titles: tuple[str, ...], folder: Path | None, day: datetime | None, origin: str, drafts: bool) -> None:
    """Say which models fire on each TITLE, what cleared it, and why. A TITLE may be a record as JSON.

    Without a TITLE the examples of all models are run; exit code 2 when one does not come out as it should.

    \b
    Examples:
      gimonitor models test "伍常大米 10斤" "五常大米专用电饭煲"
      gimonitor models test --origin 安徽 "五常大米 10斤"
      gimonitor models test
    """
    from gimonitor.cli.rules import configured_rules
    from gimonitor.cli.screen import beijing_today
    from gimonitor.register import load_register
    from gimonitor.screening.lab import broken_examples
    from gimonitor.screening.screener import Screener

    register = load_register(configured_rules(folder))
    on = day.date() if day else beijing_today()
    if not titles:
        broken = broken_examples(register, on)
        if broken:
            raise RulesError(
                [
                    f"{b.model_id}: {'must flag' if b.must_flag else 'must not flag'}: {b.example} (fired: {', '.join(b.fired) or 'none'})"
                    for b in broken
                ]
            )
        count = sum(len(m.must_flag) + len(m.must_not_flag) for m in register.models)
        click.echo(f"{count} examples of {len(register.models)} models come out as they should")
        return
    statuses = frozenset({"active", "test", "draft"} if drafts else {"active"})
    screener = Screener(register, statuses=statuses)
    for title in titles:
        for line in _report(screener, title, origin, on):
            click.echo(line)


def _report(screener: object, title: str, origin: str, on: object) -> Iterator[str]:
    from dataclasses import replace
    from datetime import date

    from gimonitor.screening.records import example_of
    from gimonitor.screening.screener import Screener

    assert isinstance(screener, Screener)
    assert isinstance(on, date)
    try:
        listing = example_of(title)
    except ValueError as error:
        raise InputError(f"no JSON record: {error}") from error
    if origin:
        listing = replace(listing, origin=origin)
    screening = screener.screen(listing, on)
    yield f"{listing.title}\n  {screening.stage.value}"
    for suspicion in screening.suspicions:
        terms = " × ".join(f"{t.name} {t.value:g}（{t.inputs}）" for t in suspicion.score.terms)
        yield f"  疑似 {suspicion.gi_name}  {suspicion.score.total:g} = {terms}"
        for found in suspicion.findings:
            yield f"    {found.model_id} v{found.model_version} [{found.confidence:.2f}] {found.reason}"
            law = "；".join(f"{c.instrument}{c.article}" for c in found.law)
            yield f"      依据：{law or '无'}　可澄清：{found.clears}"
    for clearing in screening.clearings:
        weight = "排除" if clearing.decisive else "考虑"
        yield f"  {weight} {clearing.code} {clearing.reason}"
    for reminder in screening.reminders:
        yield f"  提醒 {reminder.model_id} {reminder.reason}"


@app.command()
@click.argument("candidate", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option(
    "--listings",
    "file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    required=True,
    help="Listings as JSON Lines.",
)
@_FOLDER
@_DAY
@click.option("--limit", default=20, show_default=True, help="How many changed listings to print.")
def backtest(candidate: Path, file: Path, folder: Path | None, day: datetime | None, limit: int) -> None:
    """Compare the rule files in CANDIDATE with those in force, over listings: what is new, what is lost.

    \b
    Example:
      gimonitor models backtest my-rules --listings listings.jsonl
    """
    from gimonitor.cli.rules import configured_rules
    from gimonitor.cli.screen import beijing_today
    from gimonitor.model.finding import Finding
    from gimonitor.register import load_register
    from gimonitor.screening.lab import backtest as compare

    on = day.date() if day else beijing_today()
    result = compare(load_register(configured_rules(folder)), load_register(candidate), _listings(file), on)

    def shown(findings: Iterable[Finding]) -> str:
        return "、".join(f"{f.gi_name} {f.model_id}" for f in findings) or "无"

    for change in result.changes[:limit]:
        click.echo(f"{change.listing.title}\n  新增：{shown(change.gained)}　消失：{shown(change.lost)}")
    gained = sum(len(c.gained) for c in result.changes)
    lost = sum(len(c.lost) for c in result.changes)
    click.echo(f"{result.screened} listings, {len(result.changes)} changed, {gained} findings new, {lost} lost")
    if result.users_flagged:
        click.echo("合法使用人将被标记：" + "、".join(result.users_flagged))


def _listings(file: Path) -> Iterator[Listing]:
    from gimonitor.cli.screen import numbered_lines, parsed_line
    from gimonitor.screening.records import listing_of

    for number, raw in numbered_lines(file):
        try:
            yield listing_of(parsed_line(raw))
        except InputError as error:
            raise InputError(f"{file}:{number}: {error}") from error
