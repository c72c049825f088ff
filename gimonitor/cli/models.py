"""`gimonitor models`: the model lab, and how a model comes into force."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from gimonitor.configuration import load_configuration
from gimonitor.errors import InputError, NotFoundError, RulesError, StoreUnreachableError

if TYPE_CHECKING:
    from gimonitor.model.listing import Listing
    from gimonitor.model.register import Register
    from gimonitor.screening.lab import Backtest
    from gimonitor.store.database import Store
    from gimonitor.store.models import ModelVersion

_FOLDER = click.option(
    "--rules-dir", "folder", type=click.Path(path_type=Path, file_okay=False), help="Folder of rule files."
)
_DAY = click.option(
    "--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="Day of the act; by default today in Beijing."
)


@click.group()
def app() -> None:
    """Try detection models, back-test a change over what is stored, release it by a second person, roll it back.

    \b
    Examples:
      gimonitor models test "伍常大米 10斤"
      gimonitor models draft style.yml --by wang
      gimonitor models backtest 1 --by wang
      gimonitor models release style --by li
      gimonitor models rollback style --by li --why "误报太多"
    """


@app.command("list")
@_FOLDER
def list_models(folder: Path | None) -> None:
    """List the models: id, version, status, severity, title, who wrote and who released it; then open drafts.

    \b
    Example:
      gimonitor models list
    """
    from gimonitor.cli.rules import configured_rules
    from gimonitor.register import load_register

    for model in load_register(configured_rules(folder)).models:
        released = f"released by {model.reader} {model.released_on}" if model.reader else "no second reader"
        names = f"{model.author or '?'}, {released}"
        click.echo(f"{model.id:<18} v{model.version}  {model.status:<8} {model.severity:.2f}  {model.title}  ({names})")
    for draft in _versions(None):
        if draft.state == "draft":
            click.echo(f"draft {draft.id}: {draft.model_id} by {draft.author}, {draft.created_at:%Y-%m-%d %H:%M}Z")


def _versions(model_id: str | None) -> tuple[ModelVersion, ...]:
    """What the store keeps; nothing where there is no store yet, for models can be looked at without one."""
    from gimonitor.store.database import open_store
    from gimonitor.store.models import model_versions_of

    try:
        store = open_store(load_configuration().store_url)
    except StoreUnreachableError:
        return ()
    with store, store.read() as c:
        return model_versions_of(c, model_id)


@app.command()
@click.argument("model_id")
@_FOLDER
def show(model_id: str, folder: Path | None) -> None:
    """Show the rule file of a model, and its versions: in force, replaced, rolled back, drafted, withdrawn.

    \b
    Example:
      gimonitor models show style
    """
    from gimonitor.cli.rules import configured_rules
    from gimonitor.register.modelfile import read_model
    from gimonitor.workflow.releasing import text_in_force

    versions, in_force = _versions(model_id), 0
    try:
        text = text_in_force(configured_rules(folder), model_id)
        click.echo(text.rstrip("\n"))
        in_force = read_model(text).version
    except NotFoundError:
        if not versions:
            raise
        click.echo("no version is in force")
    for v in versions:
        released = f", released by {v.reader} {v.released_at:%Y-%m-%d}" if v.released_at else ""
        tested = f", back-test {v.backtest_id}" if v.backtest_id else ""
        number = f"v{v.version}" if v.version else f"#{v.id}"
        standing = "in force" if v.version == in_force else _STANDING[v.state.value]
        click.echo(f"  {number:<5} {standing:<11} {v.digest[:12]} by {v.author or '?'}{released}{tested}")


_STANDING = {"draft": "draft", "released": "replaced", "rolled_back": "rolled back", "withdrawn": "withdrawn"}


@app.command()
@click.argument("titles", nargs=-1)
@_FOLDER
@_DAY
@click.option("--origin", default="", help="What the listing states as 产地.")
@click.option("--drafts", is_flag=True, help="Run draft and test models too.")
def test(titles: tuple[str, ...], folder: Path | None, day: datetime | None, origin: str, drafts: bool) -> None:
    """Say which models fire on each TITLE, what cleared it, and why. A TITLE may be a record as JSON.

    A record may say the day of the act ("on": "2026-09-01") and what the store would know of who sells ("history":
    {"removals": 1, "confirmed": 1, "penalties": 1}), in an example of a model too.

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
    from gimonitor.screening.lab import broken_examples, told
    from gimonitor.screening.screener import Screener

    rules = configured_rules(folder)
    register = load_register(rules)
    on = day.date() if day else beijing_today()
    if not titles:
        if broken := broken_examples(register, on):
            raise RulesError([f"{rules}/{told(b, _read(rules / b.path))}" for b in broken])
        tried = [m for m in register.models if m.status != "retired"]
        count = sum(len(m.must_flag) + len(m.must_not_flag) for m in tried)
        click.echo(f"{count} examples of {len(tried)} models come out as they should")
        return
    statuses = frozenset({"active", "test", "draft"} if drafts else {"active"})
    screener = Screener(register, statuses=statuses)
    for title in titles:
        for line in _report(screener, title, origin, on):
            click.echo(line)


def _report(screener: object, title: str, origin: str, on: object) -> Iterator[str]:
    from dataclasses import replace
    from datetime import date

    from gimonitor.register.examples import read_example
    from gimonitor.screening.records import listing_of
    from gimonitor.screening.screener import Screener

    assert isinstance(screener, Screener)
    assert isinstance(on, date)
    example = read_example(title)
    listing = listing_of(example.record)
    if origin:
        listing = replace(listing, origin=origin)
    screening = screener.screen(listing, example.on or on, example.history)
    yield f"{listing.title}\n  {screening.stage.value}"
    for suspicion in screening.suspicions:
        terms = " × ".join(f"{t.name} {t.value:g}（{t.inputs}）" for t in suspicion.score.terms)
        yield f"  suspected: {suspicion.gi_name}  {suspicion.score.total:g} = {terms}"
        for found in suspicion.findings:
            yield f"    {found.model_id} v{found.model_version} [{found.confidence:.2f}] {found.reason}"
            law = "；".join(f"{c.instrument}{c.article}" for c in found.law)
            yield f"      law: {law or 'none'}; what would clear it: {found.clears}"
    for clearing in screening.clearings:
        weight = "cleared by" if clearing.decisive else "considered"
        yield f"  {weight} {clearing.code} {clearing.reason}"
    for reminder in screening.reminders:
        yield f"  reminder: {reminder.model_id} {reminder.reason}"


_BY = click.option(
    "--by",
    "who",
    required=True,
    help="Your login or display name (gimonitor user list); your login stands in the file and in the audit.",
)


@app.command()
@click.argument("candidate")
@click.option("--by", "who", default="", help="Your name; the outcome is stored under it. Needed over the store.")
@click.option(
    "--listings",
    "file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Over these listings (JSON Lines) instead of the store; nothing is kept.",
)
@_FOLDER
@_DAY
@click.option("--limit", default=20, show_default=True, help="How many changed listings to print.")
@click.option("--json", "as_json", is_flag=True, help="The outcome as one JSON object.")
def backtest(
    candidate: str, who: str, file: Path | None, folder: Path | None, day: datetime | None, limit: int, as_json: bool
) -> None:
    """Hold CANDIDATE against the rules in force: a folder of rules, a model's file, or the number of a draft.

    Over all stored listings and decided leads: what is new, what is lost, how precise it is by what officers decided, and
    which authorised users it would flag. It is stored for a release to refer to; one that was stopped goes on when it is
    started again. No lead is changed.

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
        found = _over_file(current, tried.register, file, day)
        found.broken = _broken(tried)
        _say_backtest(found, limit, as_json)
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
            broken=_broken(tried),
            start=start,
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
    from gimonitor.register.modelfile import model_digest, read_model
    from gimonitor.store.models import load_model_version
    from gimonitor.workflow.releasing import candidate_of

    path = Path(given)
    if path.is_dir():
        register = load_register(path)
        return _Tried(path.name, register.digest, register, (), lambda name: _read(path / name))
    if given.isdigit() and store is not None:
        with store.read() as c:
            text = load_model_version(c, int(given)).text
    elif path.is_file():
        text = _read(path)
    else:
        raise InputError(f"{given}: no folder of rules, no model's file and no number of a draft")
    model = read_model(text, path.name)
    return _Tried(model.id, model_digest(model), candidate_of(rules, text), (model.id,), lambda name: text)


def _broken(tried: _Tried) -> list[str]:
    """The examples that do not come out, as of today; of a whole folder those of all its models."""
    from gimonitor.cli.screen import beijing_today
    from gimonitor.screening.lab import broken_examples, told

    broken = broken_examples(tried.register, beijing_today(), only=tried.only)
    return [told(one, tried.read(one.path)) for one in broken]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read as UTF-8 text: {error}") from error


def _over_file(current: Register, candidate: Register, file: Path, day: datetime | None) -> Backtest:
    from gimonitor.cli.screen import beijing_today
    from gimonitor.screening.lab import Backtest, Comparison

    comparison, found = Comparison(current, candidate), Backtest()
    on = day.date() if day else beijing_today()
    for listing in _listings(file):
        comparison.add(found, listing, on)
    return found


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
        click.echo(f"… and {found.changed - shown} more changed listings{_where_more(found, shown)}")
    click.echo(f"{'model':<20} {'new':>7} {'lost':>7}")
    for model in sorted(found.gained.keys() | found.lost.keys()):
        click.echo(f"{model:<20} {found.gained.get(model, 0):>7} {found.lost.get(model, 0):>7}")
    click.echo(f"{'leads':<20} {found.leads_gained:>7} {found.leads_lost:>7}")
    click.echo(f"{'  of another score':<20} {found.leads_higher:>7} higher, {found.leads_lower} lower")
    click.echo(f"{found.screened} listings, {found.changed} changed")
    click.echo(f"precision by decisions: {_rate(found.precision)} (now {_rate(found.precision_now)}); ", nl=False)
    click.echo(
        f"of its suspicions {found.upheld} upheld, {found.refuted} refuted; {found.missed} upheld ones missed, ",
        nl=False,
    )
    click.echo(f"{found.spared} refuted ones spared")
    for line in found.broken:
        click.echo(f"example fails, so it cannot be released: {line}")
    click.echo(f"authorised users flagged: {len(found.users)}, of these new: {'、'.join(found.users_new) or 'none'}")


def _where_more(found: Backtest, shown: int) -> str:
    """How to see those that were counted and not printed."""
    kept = len(found.changes)
    return f" (--limit {kept} shows {'all' if kept == found.changed else f'the first {kept}'})" if kept > shown else ""


def _rate(share: float | None) -> str:
    return "nothing decided" if share is None else f"{share:.1%}"


def _listings(file: Path) -> Iterator[Listing]:
    from gimonitor.cli.screen import numbered_lines, parsed_line
    from gimonitor.screening.records import listing_of

    for number, raw in numbered_lines(file):
        try:
            if raw.strip():
                yield listing_of(parsed_line(raw))
        except InputError as error:
            raise InputError(f"{file}:{number}: {error}") from error


@app.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@_BY
@_FOLDER
def draft(file: Path, who: str, folder: Path | None) -> None:
    """Keep FILE as a draft of the model whose id stands in it. It raises no lead; it can be tried and back-tested.

    Where the store knows people, an active one with the role model_author or officer drafts.

    \b
    Example:
      gimonitor models draft style.yml --by wang
    """
    from gimonitor.cli.rules import configured_rules
    from gimonitor.store.database import open_store
    from gimonitor.workflow.releasing import save_draft

    with open_store(load_configuration().store_url) as store:
        number = save_draft(store, configured_rules(folder), _read(file), author=who, now=datetime.now(UTC))
    click.echo(f"draft {number}; next: gimonitor models backtest {number} --by {who}")


@app.command()
@click.argument("model_id")
@_BY
@_FOLDER
def release(model_id: str, who: str, folder: Path | None) -> None:
    """Put the newest draft of MODEL_ID in force; only somebody else than its author can, after a back-test of just that draft.

    Where the store knows people, it is an active one with the role approver and without an area; login and display name
    are one person. A draft with `status: retired` is back-tested and released as that: the model raises nothing any more.

    \b
    Example:
      gimonitor models release style --by li
    """
    from gimonitor.cli.rules import configured_rules
    from gimonitor.cli.screen import beijing_today
    from gimonitor.register.modelfile import read_model
    from gimonitor.store.database import open_store
    from gimonitor.store.models import VersionState, model_versions_of
    from gimonitor.workflow.releasing import release as put_in_force

    with open_store(load_configuration().store_url) as store:
        with store.read() as c:
            drafts = model_versions_of(c, model_id, VersionState.DRAFT)
        if not drafts:
            raise NotFoundError(f"no draft of {model_id}; make one with: gimonitor models draft FILE --by NAME")
        made = put_in_force(
            store, configured_rules(folder), drafts[0].id, reader=who, now=datetime.now(UTC), on=beijing_today()
        )
    does = "is retired and raises nothing any more" if read_model(made.text).status == "retired" else "is in force"
    click.echo(f"{model_id} v{made.version} {does}; next: gimonitor rescreen")


@app.command()
@click.argument("model_id")
@_BY
@click.option("--why", required=True, help="The reason, for the audit.")
@_FOLDER
def rollback(model_id: str, who: str, why: str, folder: Path | None) -> None:
    """Put the version back, exactly as it was, that was in force before the one that is and was not rolled back itself.

    \b
    Example:
      gimonitor models rollback style --by li --why "误报太多"
    """
    from gimonitor.cli.rules import configured_rules
    from gimonitor.store.database import open_store
    from gimonitor.workflow.releasing import roll_back

    with open_store(load_configuration().store_url) as store:
        back = roll_back(store, configured_rules(folder), model_id, who=who, why=why, now=datetime.now(UTC))
    click.echo(f"{model_id} v{back.version} is in force again; next: gimonitor rescreen")
