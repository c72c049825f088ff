"""`gimonitor models`: the model lab, and how a model comes into force."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gimonitor.cli.backtests import FOLDER, backtest, examples_told, read_text, say_examples
from gimonitor.configuration import load_configuration
from gimonitor.errors import NotFoundError, RulesError, StoreUnreachableError
from gimonitor.model.zone import BEIJING

if TYPE_CHECKING:
    from gimonitor.store.models import ModelVersion

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


app.add_command(backtest)


@app.command("list")
@FOLDER
def list_models(folder: Path | None) -> None:
    """List the models: id, version, status, severity, title, who wrote and who released it; then open drafts.

    Days and times are those of Beijing, as in the files and on the screens.

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
            made = draft.created_at.astimezone(BEIJING)
            click.echo(f"draft {draft.id}: {draft.model_id} by {draft.author}, {made:%Y-%m-%d %H:%M}")


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
@FOLDER
def show(model_id: str, folder: Path | None) -> None:
    """Show the rule file of a model, and its versions: in force, replaced, rolled back, drafted, withdrawn.

    \b
    Example:
      gimonitor models show style
    """
    from gimonitor.cli.rules import configured_rules
    from gimonitor.register.modelfile import read_model
    from gimonitor.workflow.releasing import in_order, text_in_force

    versions, in_force = _versions(model_id), 0
    try:
        text = text_in_force(configured_rules(folder), model_id)
        click.echo(text.rstrip("\n"))
        in_force = read_model(text).version
    except NotFoundError:
        if not versions:
            raise
        click.echo("no version is in force")
    for v in in_order(versions):
        drafted = "" if v.version else f", drafted {v.created_at.astimezone(BEIJING):%Y-%m-%d}"
        released = f", released by {v.reader} {v.released_at.astimezone(BEIJING):%Y-%m-%d}" if v.released_at else ""
        tested = f", back-test {v.backtest_id}" if v.backtest_id else ""
        number = f"v{v.version}" if v.version else f"#{v.id}"
        standing = "in force" if v.version == in_force else _STANDING[v.state.value]
        click.echo(f"  {number:<5} {standing:<11} {v.digest[:12]} by {v.author or '?'}{drafted}{released}{tested}")


_STANDING = {"draft": "draft", "released": "replaced", "rolled_back": "rolled back", "withdrawn": "withdrawn"}


@app.command()
@click.argument("titles", nargs=-1)
@FOLDER
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
            raise RulesError([f"{rules}/{told(b, read_text(rules / b.path))}" for b in broken])
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
        weight = f"{'cleared by' if clearing.decisive else 'considered'} {clearing.code} " if clearing.code else ""
        yield f"  {weight}{clearing.reason}"
    for reminder in screening.reminders:
        yield f"  reminder: {reminder.model_id} {reminder.reason}"


_BY = click.option(
    "--by",
    "who",
    required=True,
    help="Your login or display name (gimonitor user list); your login stands in the file and in the audit.",
)


@app.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@_BY
@FOLDER
def draft(file: Path, who: str, folder: Path | None) -> None:
    """Keep FILE as a draft of the model whose id stands in it. It raises no lead; it can be tried and back-tested.

    Where the store knows people, an active one with the role model_author or officer drafts. Examples that do not come out by
    the draft are told at once; they keep it from being released, not from being kept.

    \b
    Example:
      gimonitor models draft style.yml --by wang
    """
    from gimonitor.cli.rules import configured_rules
    from gimonitor.cli.screen import beijing_today
    from gimonitor.register.modelfile import file_name, read_model
    from gimonitor.store.database import open_store
    from gimonitor.workflow.releasing import judge_draft, save_draft

    text, rules = read_text(file), configured_rules(folder)
    with open_store(load_configuration().store_url) as store:
        number = save_draft(store, rules, text, author=who, now=datetime.now(UTC))
    click.echo(f"draft {number}; next: gimonitor models backtest {number} --by {who}")
    own = file_name(read_model(text).id)
    judged = judge_draft(rules, text, beijing_today())
    say_examples(*examples_told(judged, lambda name: text if name == own else read_text(rules / name)))


@app.command()
@click.argument("model_id")
@_BY
@FOLDER
def release(model_id: str, who: str, folder: Path | None) -> None:
    """Put the newest draft of MODEL_ID in force; only somebody else than its author can, after a back-test of just that draft.

    Where the store knows people, it is an active one with the role approver and without an area; login and display name
    are one person. A draft with `status: retired` is back-tested and released as that: the model raises nothing any more.

    An example of the model that comes out wrong by the draft keeps it from being released. Told only are those that failed
    before it already, and those of other models that held until then: they lean on this one and are to be drafted anew.

    \b
    Example:
      gimonitor models release style --by li
    """
    from gimonitor.cli.rules import configured_rules
    from gimonitor.cli.screen import beijing_today
    from gimonitor.register.modelfile import read_model
    from gimonitor.screening.lab import Judged
    from gimonitor.store.database import open_store
    from gimonitor.store.models import VersionState, model_versions_of
    from gimonitor.workflow.releasing import release as put_in_force

    with open_store(load_configuration().store_url) as store:
        with store.read() as c:
            drafts = model_versions_of(c, model_id, VersionState.DRAFT)
        if not drafts:
            raise NotFoundError(f"no draft of {model_id}; make one with: gimonitor models draft FILE --by NAME")
        rules, judged = configured_rules(folder), list[Judged]()
        now, on = datetime.now(UTC), beijing_today()
        made = put_in_force(store, rules, drafts[0].id, reader=who, now=now, on=on, tell=judged.append)
    does = "is retired and raises nothing any more" if read_model(made.text).status == "retired" else "is in force"
    click.echo(f"{model_id} v{made.version} {does}; next: gimonitor rescreen")
    for one in judged:
        say_examples(*examples_told(one, lambda name: read_text(rules / name)))


@app.command()
@click.argument("model_id")
@_BY
@click.option("--why", required=True, help="The reason, for the audit.")
@FOLDER
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
