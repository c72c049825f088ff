"""`gimonitor rules`: check rule files, mark facts verified, keep the editors' schemas, make a copy of one's own."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gimonitor.cli.registercommon import today
from gimonitor.errors import InputError, RulesError, StoreError

if TYPE_CHECKING:
    from gimonitor.model.register import Model, Register
    from gimonitor.register.issues import Issue
    from gimonitor.register.platforms import NamedForm

_FOLDER = click.option(
    "--rules-dir",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of rule files; by default the configured one.",
)


@click.group()
def app() -> None:
    """Check rule files, mark facts verified, make a copy of one's own."""


def configured_rules(folder: Path | None) -> Path:
    """The folder given, else the configured one, else the one that comes with gimonitor."""
    from gimonitor.configuration import load_configuration
    from gimonitor.register import rules_dir

    return folder or load_configuration().rules_dir or rules_dir()


@app.command()
@_FOLDER
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="Day to judge validity on; by default today.")
@click.option("--unverified", is_flag=True, help="List every unverified fact with its file.")
def check(folder: Path | None, day: datetime | None, unverified: bool) -> None:
    """Print every problem in the rule files, and count the facts left to verify.

    Exit code 0 when nothing is wrong (warnings allowed), 2 when there is an error.

    \b
    Example:
      gimonitor rules check
      gimonitor rules check --rules-dir my-rules --unverified
    """
    from gimonitor.register.facts import count_facts, unverified_facts
    from gimonitor.register.issues import Severity
    from gimonitor.register.loader import read_rules
    from gimonitor.screening.screener import missing_parts

    root = configured_rules(folder)
    loaded = read_rules(root, on=day.date() if day else today())
    for issue in loaded.issues:
        click.echo(f"{root / issue.path}:{str(issue).removeprefix(issue.path + ':')}")
    foreign = _platform_issues(root)
    for issue in foreign:
        click.echo(str(issue))
    register = loaded.register()
    missing = missing_parts(register)
    for part in missing:
        click.echo(f"{root}: error missing: {part}")
    unnumbered = _changed_under_number(register)
    for model in unnumbered:
        message = (
            f"{model.id}: changed, and still version {model.version}; raise it, or draft the change (models draft)"
        )
        click.echo(f"{root / model.path}:1: error same-version: {message}")
    if unverified:
        for path, name, place, value in unverified_facts(register):
            click.echo(f"{root / path}: unverified: {name}: {place}: {value}")
    counts = Counter(issue.severity for issue in (*loaded.issues, *foreign))
    facts = count_facts(register)
    gis = sum(gi.is_gi for gi in register.gis)
    others = (
        f" (and {len(register.gis) - gis} ordinary marks kept as counter-examples)" if gis < len(register.gis) else ""
    )
    click.echo(
        f"{len(loaded.files)} files: {gis} GIs{others}, {len(register.users)} users, {len(register.signs)} signs, "
        f"{len(register.articles)} articles, {len(register.words)} words, {len(register.models)} models"
    )
    click.echo("facts: " + ", ".join(f"{facts[kind]} {kind}" for kind in sorted(facts)))
    unread = sum(model.status == "active" and not model.reader for model in register.models)
    if unread:
        click.echo(f"models: {unread} active without a second reader")
    errors = counts[Severity.ERROR] + len(missing) + len(unnumbered)
    click.echo(f"{errors} errors, {counts[Severity.WARNING]} warnings")
    if errors:
        raise RulesError([f"{errors} errors in {root}, listed above"])


def _changed_under_number(register: Register) -> tuple[Model, ...]:
    """Models that the store knows otherwise under their number; none where there is no store to ask."""
    from gimonitor.configuration import load_configuration
    from gimonitor.store.database import open_store
    from gimonitor.workflow.releasing import changed_under_number

    try:
        store = open_store(load_configuration().store_url)
    except StoreError:
        return ()
    with store, store.read() as c:
        return changed_under_number(c, register.models)


def platform_forms() -> dict[str, type[NamedForm]]:
    """The form of the files of each folder under rules/platforms/; the rooms that read them define it."""
    from gimonitor.papers.addressees import Policy
    from gimonitor.papers.jurisdiction import Bureau, Seat
    from gimonitor.papers.platforms import Profile
    from gimonitor.papers.sites import SiteForm
    from gimonitor.parsing.platform import Platform

    return {
        "complaints": Profile,
        "blocks": Platform,
        "captures": SiteForm,
        "seats": Seat,
        "bureaus": Bureau,
        "addressees": Policy,
    }


def _platform_issues(root: Path) -> list[Issue]:
    """Problems in `root`/platforms, by the forms of the rooms that read it."""
    from gimonitor.register.platforms import read_forms

    folders = [(root / "platforms" / kind, form) for kind, form in platform_forms().items()]
    return [issue for folder, form in folders if folder.is_dir() for issue in read_forms(folder, form)[1]]


@app.command(name="verify-fact")
@click.argument("name")
@click.argument("place", default="")
@click.option("--source", required=True, help="Where it was checked: announcement with its number, page, certificate.")
@click.option("--by", required=True, help="Who checked it.")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="When; by default today.")
@click.option("--again", is_flag=True, help="Replace what somebody has verified already.")
@click.option(
    "--act", type=click.DateTime(["%Y-%m-%d"]), help="Day that chooses the version of an article; default today."
)
@_FOLDER
def verify_fact(
    name: str,
    place: str,
    source: str,
    by: str,
    day: datetime | None,
    again: bool,
    act: datetime | None,
    folder: Path | None,
) -> None:
    """Mark one fact of a GI, a sign or an article of law as verified, in its file.

    PLACE is where a fact stands in a GI or a sign, as `register show` lists it. Without it NAME is the id of a sign (its
    name, kind and words of claim are then taken as checked), the key of an article (its text and the days of its version),
    or the name or 统一社会信用代码 of an authorised user (the whole record).

    \b
    Example:
      gimonitor rules verify-fact 方正大米 standards.0.code --by 张三 --source "全国标准信息公共服务平台"
      gimonitor rules verify-fact special-signs:penalty --by 张三 --source "国家法律法规数据库"
    """
    from gimonitor.register import load_register
    from gimonitor.register import verifying as verify
    from gimonitor.register.gifile import find_gi
    from gimonitor.register.signfile import find_sign
    from gimonitor.register.usermerge import verify_user

    root = configured_rules(folder)
    verification = verify.Verification(by=by, on=day.date() if day else today(), source=source)
    verify.check_verification(verification, today())
    register = load_register(root)
    if place:
        item = find_sign(register, name) or find_gi(register, name)
        verify.verify_fact(root, item, place, verification, again=again)
        path, what = item.path, f"{item.name}: {place}"
    elif ":" in name:
        article = register.article(name, act.date() if act else today())
        if article is None:
            raise InputError(f"{name}: no article of this key is in force on that day")
        verify.verify_article(root, article, verification, again=again)
        path, what = article.path, f"{article.key} {article.article}"
    else:
        sign = find_sign(register, name)
        users = [user for user in register.users if name in (user.uscc, user.name)]
        if sign is not None:
            verify.verify_sign(root, sign, verification, again=again)
            path, what = sign.path, sign.name
        elif len(users) == 1:
            verify_user(root, register, users[0], verification, again=again)
            path, what = users[0].path, users[0].name
        else:
            told = f"{len(users)} users" if users else "no sign and no user"
            raise InputError(f"{name}: {told} of this name or code; for a fact of a GI say its place too")
    click.echo(f"{root / path.rpartition(':')[0]}: {what} verified by {by}")


@app.command()
@click.option("--write", is_flag=True, help="Write them into the rules folder instead of checking them.")
@_FOLDER
def schema(write: bool, folder: Path | None) -> None:
    """Check, or with --write make, the JSON Schemas that editors use for rule files. Exit code 2 when one is out of date.

    \b
    Example:
      gimonitor rules schema --write
    """
    from gimonitor.register.editor import build_schemas

    root = configured_rules(folder) / "schema"
    stale = []
    for name, text in build_schemas(platform_forms()).items():
        path = root / name
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        if write:
            root.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
            click.echo(f"{path}: written")
        else:
            stale.append(f"{path}:1:1: error stale-schema: run `gimonitor rules schema --write`")
    if stale:
        raise RulesError(stale)


@app.command()
@click.argument("target", type=click.Path(path_type=Path))
def copy(target: Path) -> None:
    """Copy the rule files that come with gimonitor to TARGET, to be kept and changed there.

    Then set GIMONITOR_RULES_DIR to that folder.

    \b
    Example:
      gimonitor rules copy ~/gi-rules
    """
    import shutil

    from gimonitor.register import rules_dir

    if target.exists():
        raise InputError(f"{target}: exists already")
    part = target.with_name(f".{target.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    shutil.copytree(rules_dir(), part)
    part.rename(target)
    click.echo(f"{target}: copied; set GIMONITOR_RULES_DIR={target}")
