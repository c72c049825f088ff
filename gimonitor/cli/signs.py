"""`gimonitor signs`: find the special mark in pictures, install official reference files, work through the queue of pictures."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gimonitor.errors import GimonitorError, PartialError

if TYPE_CHECKING:
    from gimonitor.imaging.decode import Pixels
    from gimonitor.imaging.look import Looker
    from gimonitor.imaging.marks import Mark
    from gimonitor.workflow.pictures import LookedThrough


@click.group()
def app() -> None:
    """Find the GI special mark and the abolished marks in pictures, and read what stands beside them."""


@app.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--rules-dir", "folder", type=click.Path(path_type=Path, file_okay=False), help="Folder of rule files.")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="Day to judge on; by default today in Beijing.")
@click.option("--read", is_flag=True, help="Read text in every picture, not only where something asks for it.")
def find(files: tuple[Path, ...], folder: Path | None, day: datetime | None, read: bool) -> None:
    """Print one JSON line for each of FILES, in their order. No database is used.

    A line holds `file, marks` (mark, box, outline, confidence, similar), `texts` (text, box, confidence), `said`
    (what the texts say), `codes` (QR and bar codes), `verdict` and `faults`. A file that is no picture, a folder or a pipe gives a line with
    `error`; the rest is looked at, and the exit code is 5.

    \b
    Examples:
      gimonitor signs find package.jpg
      gimonitor signs find --on 2026-11-22 photos/*.jpg > found.jsonl
    """
    from gimonitor.cli.screen import beijing_today
    from gimonitor.imaging.decode import read_picture
    from gimonitor.imaging.look import as_record, inspected

    looker = make_looker(folder)
    on = day.date() if day else beijing_today()
    bad = 0
    for file in files:
        try:
            look = looker.look(read_picture(file), always_read=read)
            record = {"file": str(file), **as_record(look, inspected(look, looker.register, on))}
        except GimonitorError as error:
            bad += 1
            record = {"file": str(file), "error": str(error)}
        click.echo(json.dumps(record, ensure_ascii=False).encode("utf-8", "backslashreplace"))
    if bad:
        raise PartialError(f"{bad} of {len(files)} pictures could not be read; each has a line with `error`")


def make_looker(folder: Path | None) -> Looker:
    """A looker with the configured rules and the installed official files."""
    from gimonitor.cli.rules import configured_rules
    from gimonitor.configuration import load_configuration
    from gimonitor.imaging.look import Looker
    from gimonitor.imaging.references import load_references
    from gimonitor.register import load_register

    config = load_configuration()
    register = load_register(configured_rules(folder), cache_dir=config.cache_dir)
    return Looker(register, load_references(signs_dir()))


def signs_dir() -> Path:
    """Where official files are installed."""
    from gimonitor.configuration import load_configuration

    return load_configuration().data_dir / "signs"


@app.command()
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--source", required=True, help="Where the file is from, e.g. 国家知识产权局公告第332号附件.")
@click.option("--who", required=True, help="Who installs it.")
@click.option("--yes", is_flag=True, help="Install it even if the finder sees another mark in it, or none.")
def add(name: str, file: Path, source: str, who: str, yes: bool) -> None:
    """Install the official picture FILE of the mark NAME as a reference.

    NAME is gi-special-mark, old-pgi-mark, old-gi-trademark-mark or agi-mark. The file goes to the data folder with its
    source, who installed it, when, and its SHA-256. Without official files the project's own drawings are used. A file that
    is installed stays as it is, with its source.

    \b
    Example:
      gimonitor signs add gi-special-mark 专用标志.png --source 国家知识产权局公告第332号附件 --who 王明
    """
    from gimonitor.errors import InputError
    from gimonitor.imaging.references import install, known_as, mark_named, usable

    mark, picture = mark_named(name), usable(file)
    if known := known_as(signs_dir(), mark, picture.digest):
        click.echo(
            f"{mark}: already installed as {known.name}, from {known.source} by {known.who} at {known.at}; it stays so"
        )
        click.echo(f"to give another source, remove it first: gimonitor signs remove {mark} {known.sha256[:8]} --yes")
        return
    if not yes and (doubt := _doubt(picture.pixels, mark)):
        raise InputError(f"{file}: {doubt}. Nothing was installed; if it is the right file, with --yes it is")
    at = datetime.now(UTC).isoformat(timespec="seconds")
    record = install(signs_dir(), mark, file, source=source, who=who, at=at)
    click.echo(f"{record.mark}: {record.name} installed, SHA-256 {record.sha256}")


def _doubt(pixels: Pixels, mark: Mark) -> str:
    """What the finder has against a file for a mark, by the project's own drawings; "" for nothing."""
    from gimonitor.imaging.finder import find_marks
    from gimonitor.imaging.references import load_references

    found = find_marks(pixels, load_references())
    sides = [one.box.side for one in found if one.mark is mark]
    if not sides:
        return f"the finder sees {' and '.join(sorted({one.mark for one in found})) or 'no mark'} in it, not {mark}"
    share = max(sides) / max(pixels.shape[:2])
    return f"the mark fills {share:.0%} of its side, cut it out" if share < _LEAST_SHARE else ""


_LEAST_SHARE = 0.4  # of a reference's side that its mark fills: all of it is looked for in pictures


@app.command("list")
def listing() -> None:
    """List the installed official files, and which marks are known by our drawings only.

    \b
    Example:
      gimonitor signs list
    """
    from gimonitor.imaging.marks import Mark
    from gimonitor.imaging.references import installed

    records = installed(signs_dir())
    for mark in Mark:
        own = [r for r in records if r.mark is mark]
        for r in own:
            click.echo(f"{mark}  {r.name}  from {r.source}  by {r.who} at {r.at}  {r.sha256}")
        if not own:
            click.echo(f"{mark}  our own drawing only")


@app.command()
@click.argument("name")
@click.argument("digest")
@click.option("--dry-run", is_flag=True, help="Only say what would go; this is what happens without --yes, too.")
@click.option("--yes", is_flag=True, help="Remove it.")
def remove(name: str, digest: str, dry_run: bool, yes: bool) -> None:
    """Remove an installed official picture of the mark NAME, by the first characters of its SHA-256 (`signs list` shows it).

    \b
    Examples:
      gimonitor signs remove gi-special-mark 3fa9c1
      gimonitor signs remove gi-special-mark 3fa9c1 --yes
    """
    from gimonitor.errors import InputError
    from gimonitor.imaging import references

    if dry_run and yes:
        raise InputError("give either --dry-run or --yes")
    files = references.chosen(signs_dir(), references.mark_named(name), digest)
    if yes:
        references.remove(files)
    for file in files:
        click.echo(f"{'removed' if yes else 'would go'}  {file}")
    if not yes:
        click.echo("nothing was removed; with --yes it is")


class _Progress:
    """A line on standard error now and then."""

    def __init__(self) -> None:
        self.seen = self.refused = 0

    def __call__(self, seen: int, refused: int) -> None:
        self.seen, self.refused = self.seen + seen, self.refused + refused
        if self.seen % 20 == 0:
            click.echo(f"{self.seen} pictures looked at, {self.refused} refused", err=True)


@app.command("run")
@click.option(
    "--limit", type=click.IntRange(min=1), help="Look at this many pictures at most; by default at all that wait."
)
@click.option("--rules-dir", "folder", type=click.Path(path_type=Path, file_okay=False), help="Folder of rule files.")
@click.option("--dry-run", is_flag=True, help="Only say how many pictures would be looked at, and how many were.")
@click.pass_context
def work(ctx: click.Context, limit: int | None, folder: Path | None, dry_run: bool) -> None:
    """Look at the captured pictures that screening asks for, after the crawl; bring leads up to what is seen.

    Each picture is looked at once, by its digest. The command can be stopped at any moment and goes on where it was; some
    may run side by side. A picture that is damaged or too large is recorded with the reason. Ended by Ctrl-C or SIGTERM
    it gives back what it had taken, says what is kept, and ends with 5. What a killed one (-9, power) had taken is free
    again after ten minutes at most; the same command goes on with it then.

    \b
    Examples:
      gimonitor signs run
      gimonitor signs run --limit 500
      gimonitor signs run --dry-run
    """
    try:
        if dry_run:
            _look_ahead(limit)
            return
        done = _look_through(limit, folder)
    except KeyboardInterrupt:
        click.echo("stopped before a picture was looked at; `gimonitor signs run` begins again", err=True)
        ctx.exit(PartialError.exit_code)
    if done.run_id is None:
        click.echo("no pictures wait")
        return
    if not done.is_whole:
        click.echo(
            f"stopped; {done.seen} pictures seen and {done.refused} refused are kept, {done.waiting} wait; "
            "`gimonitor signs run` goes on with them, and brings what was seen to the leads",
            err=True,
        )
        ctx.exit(PartialError.exit_code)
    click.echo(
        f"{done.seen} pictures seen, {done.refused} refused, {done.listings} listings, {done.changes} leads changed"
    )
    if done.left:
        click.echo(f"{done.left} pictures that an interrupted run had seen were brought to their listings")
    if done.waiting and limit is None:
        click.echo(f"{done.waiting} pictures wait still: {_TAKEN}; then `gimonitor signs run` goes on with them")


_TAKEN = "another run has taken them, or had when it was killed, and they are free again after ten minutes at most"


def _look_through(limit: int | None, folder: Path | None) -> LookedThrough:
    from gimonitor.configuration import load_configuration
    from gimonitor.screening import Screener
    from gimonitor.store.database import open_store
    from gimonitor.workflow.pictures import PictureWork, look_through

    config = load_configuration()
    with open_store(config.store_url) as store:
        looker = make_looker(folder)
        picture_work = PictureWork(store, config.evidence_dir, looker, Screener(looker.register))
        return look_through(
            picture_work, limit=limit, progress=_Progress(), say=lambda line: click.echo(line, err=True)
        )


def _look_ahead(limit: int | None) -> None:
    """Say what a run would do now."""
    from gimonitor.configuration import load_configuration
    from gimonitor.imaging.look import VERSION
    from gimonitor.model.picture import PictureState
    from gimonitor.store.database import open_store
    from gimonitor.store.pictures import count_queued, count_taken
    from gimonitor.workflow.pictures import count_left

    with open_store(load_configuration().store_url) as store:
        with store.read() as c:
            standing, taken = count_queued(c, VERSION), count_taken(c, datetime.now(UTC))
        left = count_left(store)
    waiting, seen, refused = (standing.get(state, 0) for state in PictureState)
    free = waiting - taken
    coming = free if limit is None else min(limit, free)
    click.echo(f"{coming} of {waiting} waiting pictures would be looked at; {seen} seen, {refused} refused so far")
    if taken:
        click.echo(f"{taken} would wait still: {_TAKEN}")
    if left:
        click.echo(f"{left} pictures that an interrupted run had seen would be brought to their listings")
