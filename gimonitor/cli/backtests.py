"""`gimonitor models backtest`: a changed model, or a folder of rules, held against the rules in force, and what came of it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypedDict

import click

from gimonitor.configuration import load_configuration
from gimonitor.errors import InputError, PartialError

if TYPE_CHECKING:
    from gimonitor.model.listing import Listing
    from gimonitor.model.register import Register
    from gimonitor.screening.lab import Backtest, Judged
    from gimonitor.store.database import Store

_NAMED = 20  # lines that could not be read
FOLDER = click.option(
    "--rules-dir", "folder", type=click.Path(path_type=Path, file_okay=False), help="Folder of rule files."
)


@click.command()
@click.argument("candidate")
@click.option("--by", "who", default="", help="Your name; the outcome is stored under it. Needed over the store.")
@click.option(
    "--listings",
    "file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Over these listings (JSON Lines) instead of the store; nothing is kept.",
)
@FOLDER
@click.option(
    "--on",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Day of the act with --listings; by default the day of `observed_at`, or today, in Beijing.",
)
@click.option("--limit", default=20, show_default=True, help="How many changed listings to print.")
@click.option("--json", "as_json", is_flag=True, help="The outcome as one JSON object.")
def backtest(
    candidate: str, who: str, file: Path | None, folder: Path | None, day: datetime | None, limit: int, as_json: bool
) -> None:
    """Hold CANDIDATE against the rules in force: a folder of rules, a model's file, or the number of a draft.

    Over all stored listings and decided leads: what is new, what is lost, how precise it is by what officers decided, and
    which authorised users it would flag, and whose examples do not come out. It is stored for a release to refer to; one
    that was stopped goes on when it is started again. No lead is changed. Lines of --listings that cannot be read are named
    and left out, and the exit code is 5.

    \b
    Examples:
      gimonitor models backtest 3 --by wang
      gimonitor models backtest style.yml --by wang
      gimonitor models backtest my-rules --listings listings.jsonl
    """
    from gimonitor.cli.rules import configured_rules
    from gimonitor.register import load_register
    from gimonitor.store.database import open_store
    from gimonitor.workflow.backtesting import report_of, run_backtest

    rules = configured_rules(folder)
    current = load_register(rules)
    if file is not None:
        tried = _candidate(rules, candidate, None)
        _over_file(current, tried, file, day, limit, as_json)
        return
    if not who:
        raise InputError("--by is missing: a stored back-test bears a name")
    with open_store(load_configuration().store_url) as store, ExitStack() as stack:
        tried = _candidate(rules, candidate, store)

        def start(total: int) -> Callable[[int], None]:
            bar = click.progressbar(length=total, label="backtest", file=sys.stderr)
            return stack.enter_context(bar).update

        done = run_backtest(
            store,
            current,
            tried.register,
            name=tried.name,
            digest=tried.digest,
            who=who,
            start=start,
            **_examples(current, tried),
        )
    _say_backtest(report_of(done), limit, as_json)
    click.echo(f"back-test {done.id} of {tried.name} ({tried.digest[:12]}) by {who}", err=as_json)


class _Tried(NamedTuple):
    """What is to be tried. `only` names the model that it is; without one it is a whole folder. `read` gives a file of it."""

    name: str
    digest: str
    register: Register
    only: tuple[str, ...]
    read: Callable[[str], str]


def _candidate(rules: Path, given: str, store: Store | None) -> _Tried:
    from gimonitor.register import load_register
    from gimonitor.register.modelfile import file_name, model_digest, read_model
    from gimonitor.store.models import load_model_version
    from gimonitor.workflow.releasing import candidate_of

    path = Path(given)
    if path.is_dir():
        register = load_register(path)
        return _Tried(path.name, register.digest, register, (), lambda name: read_text(path / name))
    if given.isdigit() and store is not None:
        with store.read() as c:
            text = load_model_version(c, int(given)).text
    elif path.is_file():
        text = read_text(path)
    else:
        raise InputError(f"{given}: no folder of rules, no model's file and no number of a draft")
    model = read_model(text, path.name)
    return _Tried(
        model.id,
        model_digest(model),
        candidate_of(rules, text),
        (model.id,),
        lambda name: text if name == file_name(model.id) else read_text(rules / name),
    )


class _Examples(TypedDict):
    broken: list[str]
    before: list[str]
    elsewhere: list[str]


def _examples(current: Register, tried: _Tried) -> _Examples:
    """The examples that do not come out, as of today: of what is tried, and of the other models that lean on it."""
    from gimonitor.cli.screen import beijing_today
    from gimonitor.screening.lab import judge_examples

    judged = judge_examples(current, tried.register, beijing_today(), only=tried.only)
    own, before, elsewhere = examples_told(judged, tried.read)
    return _Examples(broken=own, before=before, elsewhere=elsewhere)


def examples_told(judged: Judged, read: Callable[[str], str]) -> tuple[list[str], list[str], list[str]]:
    """Examples that do not come out, in lines; `read` gives the text of a model's file by its name."""
    from gimonitor.screening.lab import told

    own, before, elsewhere = (
        [told(one, read(one.path)) for one in kept] for kept in (judged.own, judged.before, judged.elsewhere)
    )
    return own, before, elsewhere


def read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read as UTF-8 text: {error}") from error


def _over_file(current: Register, tried: _Tried, file: Path, day: datetime | None, limit: int, as_json: bool) -> None:
    """Back-test over a file, and say what came of it. Raises PartialError where lines of it could not be read."""
    from gimonitor.cli.screen import beijing_today, day_of_act
    from gimonitor.screening.lab import Backtest, Comparison

    comparison, found, bad = Comparison(current, tried.register), Backtest(**_examples(current, tried)), list[str]()
    today = beijing_today()
    for listing in _listings(file, bad):
        comparison.add(found, listing, day.date() if day else day_of_act(listing, today))
    _say_backtest(found, limit, as_json)
    if bad:
        raise PartialError("\n".join([f"{len(bad)} lines could not be read and are left out", *bad[:_NAMED]]))


def _say_backtest(found: Backtest, limit: int, as_json: bool) -> None:
    if as_json:
        from dataclasses import asdict

        rates = {"precision": found.precision, "precision_now": found.precision_now}
        click.echo(json.dumps(asdict(found) | rates, ensure_ascii=False))
        return
    for change in found.changes[:limit]:
        click.echo("".join(c if c.isprintable() else "�" for c in change.title))
        for sign, findings in (("+", change.gained), ("-", change.lost)):
            for gi, model, reason in findings:
                click.echo(f"  {sign} {gi} {model}: {reason}")
    if found.changed > (shown := min(limit, len(found.changes))):
        click.echo(f"… and {found.changed - shown} more such listings{_where_more(found, shown)}")
    click.echo(f"{'model':<20} {'new':>7} {'lost':>7}")
    for model in sorted(found.gained.keys() | found.lost.keys()):
        click.echo(f"{model:<20} {found.gained.get(model, 0):>7} {found.lost.get(model, 0):>7}")
    click.echo(f"{'leads':<20} {found.leads_gained:>7} {found.leads_lost:>7}")
    click.echo(f"{'  of another score':<20} {found.leads_higher:>7} higher, {found.leads_lower} lower")
    weighed = (
        "" if found.weighed is None else f"; same findings, other confidence, severity or score: {found.weighed:,}"
    )
    click.echo(f"{found.screened:,} listings; findings new or lost: {found.changed:,}{weighed}")
    click.echo(f"precision by decisions: {_rate(found.precision)} (now {_rate(found.precision_now)}); ", nl=False)
    click.echo(
        f"of its suspicions {found.upheld} upheld, {found.refuted} refuted; {found.missed} upheld ones missed, ",
        nl=False,
    )
    click.echo(f"{found.spared} refuted ones spared")
    say_examples(found.broken, found.before, found.elsewhere)
    click.echo(f"authorised users flagged: {len(found.users)}, of these new: {'、'.join(found.users_new) or 'none'}")


def say_examples(own: Sequence[str], before: Sequence[str], elsewhere: Sequence[str]) -> None:
    """Name the examples that do not come out, as `lab.Judged` tells them apart."""
    for line in own:
        click.echo(f"example fails, so it cannot be released: {line}")
    for line in before:
        click.echo(f"example failed before already: {line}")
    for line in elsewhere:
        click.echo(f"example of another model no longer holds: {line}")


def _where_more(found: Backtest, shown: int) -> str:
    """How to see those that were counted and not printed."""
    kept = len(found.changes)
    return f" (--limit {kept} shows {'all' if kept == found.changed else f'the first {kept}'})" if kept > shown else ""


def _rate(share: float | None) -> str:
    return "nothing decided" if share is None else f"{share:.1%}"


def _listings(file: Path, bad: list[str]) -> Iterator[Listing]:
    """The listings of a file; lines that cannot be read are told in `bad`. Raises InputError for what is no JSON Lines."""
    from gimonitor.cli.screen import numbered_lines, parsed_line, refuse_other_kinds
    from gimonitor.screening.records import told_listing_of

    for number, raw in numbered_lines(file):
        if number == 1:
            refuse_other_kinds(raw, str(file))
        try:
            if raw.strip():
                yield told_listing_of(parsed_line(raw))[0]
        except InputError as error:
            bad.append(f"{file}:{number}: {error}")
