"""`gimonitor evidence`: capture pages, stamp and verify what was kept. What leaves the house is made in `gimonitor.cli.packs`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gimonitor.cli import packs

if TYPE_CHECKING:
    from gimonitor.evidence.capture import Capture
    from gimonitor.evidence.timestamps import Token
    from gimonitor.evidence.verify import Problem, ProblemKind


@click.group()
def app() -> None:
    """Capture pages, build and verify evidence packs.

    \b
    Example: gimonitor evidence capture http://127.0.0.1:8700/item/1
             gimonitor evidence pack --lead 12 --who zhang
             gimonitor evidence jurisdiction --lead 12
             gimonitor evidence verify GI-20261102-000012-1.zip
    """


@app.command()
@click.argument("packs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--sha256", default="", help="The ZIP's digest as recorded outside; finds a pack rewritten as a whole.")
@click.option(
    "--roots",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Folder of the time-stamp authorities' root certificates (PEM), to check who signed; by default those of the data "
    "folder, as far as they are there.",
)
def verify(packs: tuple[Path, ...], sha256: str, roots: Path | None) -> None:
    """Check packs (ZIP or unpacked folder) and name every changed, missing or added file. Exit code 7 when there is one; 5 where
    all is as built, but a time-stamp cannot be checked with the roots at hand.

    Needs no database. The same check travels inside each pack as `verify.py`.

    \b
    Example: gimonitor evidence verify packs/*.zip
    """
    from gimonitor.errors import InputError, TamperedError, UntrustedError
    from gimonitor.evidence.verify import ProblemKind

    if sha256 and len(packs) > 1:
        raise InputError("--sha256 is for one pack")
    verdicts = {_named(path): _verdict(path, sha256, roots) for path in packs}
    if tampered := [name for name, wrong in verdicts.items() if wrong - {ProblemKind.UNTRUSTED}]:
        raise TamperedError(f"not as built: {', '.join(tampered)}")
    if strange := [name for name, wrong in verdicts.items() if wrong]:
        raise UntrustedError(f"as built, but time-stamps cannot be checked with these roots: {', '.join(strange)}")


def _named(path: Path) -> str:
    """The pack as it was asked for; a folder such as `.` by its own name."""
    return str(path) if path.name not in ("", "..") else path.resolve().name


def _verdict(path: Path, sha256: str, roots: Path | None) -> set[ProblemKind]:
    """Print what is wrong with a pack, or its digest and time-stamps, those that came later and lie beside it too."""
    from gimonitor.evidence.digest import digest_file
    from gimonitor.evidence.verify import pack_info, verify_pack

    name = _named(path)
    problems = verify_pack(path, sha256=sha256)
    tokens: list[Token] = []
    if not problems:
        tokens, problems = _stamps(path, roots)
    for problem in problems:
        click.echo(f"{name}: {problem.kind}: {problem.file!r} {problem.detail}".rstrip())
    if problems:
        return {problem.kind for problem in problems}
    click.echo(f"{name}: good  sha256 {digest_file(path).sha256 if path.is_file() else '-'}")
    for token in tokens:
        click.echo(f"  time-stamp {token.at.isoformat()}  {'signature trusted' if token.trusted else 'no roots given'}")
    if not tokens:
        click.echo(f"  no time-stamp: {pack_info(path).get('Time-Stamps', 'none')}")
    return set()


def _stamps(path: Path, roots: Path | None) -> tuple[list[Token], list[Problem]]:
    """The time-stamps of a whole pack. Where no folder of roots is given, those of the data folder serve as far as they go."""
    from gimonitor.configuration import load_configuration
    from gimonitor.evidence.timestamps import load_roots
    from gimonitor.evidence.verify import ProblemKind, verify_all_stamps
    from gimonitor.papers.places import trusted_roots

    found = verify_all_stamps(path, load_roots(roots) if roots else trusted_roots(load_configuration()))
    if roots is None and any(problem.kind is ProblemKind.UNTRUSTED for problem in found[1]):
        return verify_all_stamps(path)
    return found


@app.command()
def custody() -> None:
    """Follow the chain of the custody log from its first entry to its last. Exit code 7 when an entry was changed, taken out
    or put in.

    \b
    Example: gimonitor evidence custody
    """
    from gimonitor.configuration import load_configuration
    from gimonitor.papers.places import custody_log

    whole = custody_log(load_configuration()).extract(())
    click.echo(f"whole: {whole.number} entries, the last with digest {whole.digest}")


@app.command()
def stamp() -> None:
    """Try again for every time-stamp that could not be had. Exit code 5 while some still wait.

    Authorities stand in the setting timestamp_urls, their roots as PEM files in timestamp-roots/ of the data folder.

    \b
    Example: GIMONITOR_TIMESTAMP_URLS=http://tsa.example/ gimonitor evidence stamp
    """
    from gimonitor.configuration import load_configuration
    from gimonitor.errors import PartialError
    from gimonitor.papers.places import stamp_queue, trusted_roots

    configuration = load_configuration()
    tokens, problems = stamp_queue(configuration).work(trusted_roots(configuration))
    for token in tokens:
        click.echo(f"stamped {token.at.isoformat()} by {token.authority} serial {token.serial}")
    if problems:
        raise PartialError("not stamped:\n" + "\n".join(problems))
    click.echo("nothing waits")


@app.command()
@click.argument("url", required=False)
@click.option(
    "--lead",
    "lead_ids",
    type=int,
    multiple=True,
    help="Capture the pages of this lead and keep them as its evidence; several times for several.",
)
@click.option("--who", default="", help="Who takes it; with --lead and --new the login of a person.")
@click.option("--shop", default="", help="With --lead: address of the shop, where the listing knows none.")
@click.option("--search", default="", help="With --lead: address of the page of results that shows the offer.")
@click.option(
    "--before-sending", is_flag=True, help="With --lead: only look whether the page is still up, and say what it shows."
)
@click.option("--new", "is_new", is_flag=True, help="Capture new leads that were never captured, the highest first.")
@click.option("--least", default=60.0, show_default=True, help="With --new: from this score on.")
@click.option("--limit", default=100, show_default=True, help="With --new: at most so many.")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the capture; default: the evidence folder.",
)
def capture(
    url: str | None,
    lead_ids: tuple[int, ...],
    who: str,
    shop: str,
    search: str,
    before_sending: bool,
    is_new: bool,
    least: float,
    limit: int,
    into: Path | None,
) -> None:
    """Open pages in Chromium and keep screenshots, the rendered page, every response and the environment record.

    Of a lead: the offer's page, its shop and its place in the search. After a nightly run: `--new`. Exit code 5 where a URL's
    page is kept but shows nothing, is gone, or asks for a login.

    \b
    Example: gimonitor evidence capture http://127.0.0.1:8700/item/1 --into /var/tmp/seen
             gimonitor evidence capture --lead 12 --who zhang
             gimonitor evidence capture --new --least 60
    """
    from gimonitor.errors import InputError

    if [url is not None, bool(lead_ids), is_new].count(True) != 1:
        raise InputError("give one of a URL, --lead ID and --new")
    if is_new:
        _capture_new(least, limit, who)
    elif url is not None:
        _capture_url(url, who, into)
    elif not who or into:
        raise InputError("--lead needs --who, and keeps the capture in the evidence folder")
    elif len(lead_ids) > 1 and (shop or search):
        raise InputError("--shop and --search are addresses of one lead")
    else:
        _capture_leads(tuple(dict.fromkeys(lead_ids)), who, shop, search, before_sending)


def _capture_url(url: str, who: str, into: Path | None) -> None:
    from datetime import UTC, datetime
    from functools import partial

    from gimonitor.configuration import load_configuration
    from gimonitor.errors import PartialError
    from gimonitor.evidence.capture import CaptureRequest, capture_page
    from gimonitor.evidence.clock import check_clock
    from gimonitor.evidence.files import sweep_parts
    from gimonitor.evidence.outside import require_outside
    from gimonitor.papers.places import stamp_queue
    from gimonitor.papers.sites import ANY, load_site
    from gimonitor.papers.taking import stamp_capture

    configuration = load_configuration()
    clock = check_clock(configuration.time_server, configuration.timestamp_urls)
    emptied = load_site(ANY).emptied
    request = CaptureRequest(url=url, who=who, machine=configuration.machine, emptied=emptied, clock=clock)
    folder, reserve = into or configuration.evidence_dir, configuration.disk_reserve_mb << 20
    sweep_parts(folder)
    guard = partial(require_outside, configuration=configuration, named=url)
    taken = capture_page(request, folder, chromium=configuration.chromium, reserve=reserve, guard=guard)
    told = _tell(taken)
    tokens, unstamped = stamp_capture(taken, configuration, stamp_queue(configuration), datetime.now(UTC))
    _tell_stamps(len(tokens), unstamped)
    if told:
        raise PartialError(f"captured, but {told}")


def _capture_leads(lead_ids: tuple[int, ...], who: str, shop: str, search: str, before_sending: bool) -> None:
    """One after another; what cannot be had of one keeps none of the others back."""
    from gimonitor.errors import GimonitorError, PartialError

    failed: dict[int, GimonitorError] = {}
    for lead_id in lead_ids:
        try:
            _capture_lead(lead_id, who, shop, search, before_sending)
        except GimonitorError as error:
            if len(lead_ids) == 1:
                raise
            failed[lead_id] = error
    for lead_id, why in failed.items():
        click.echo(f"lead {lead_id}: {why}", err=True)
    if failed:
        raise PartialError(f"not captured: lead {', '.join(map(str, failed))}")


def _capture_lead(lead_id: int, who: str, shop: str, search: str, before_sending: bool) -> None:
    from datetime import UTC, datetime

    from gimonitor.configuration import load_configuration
    from gimonitor.papers.taking import BEFORE_SENDING, take_for_lead
    from gimonitor.store.database import open_store
    from gimonitor.store.leads import load_lead

    configuration = load_configuration()
    purpose = BEFORE_SENDING if before_sending else "demand"
    with open_store(configuration.store_url) as store:
        packs.require_officer(store, who)
        with store.read() as c:
            record = load_lead(c, lead_id)
        now = datetime.now(UTC)
        taken = take_for_lead(store, record, configuration, who=who, now=now, purpose=purpose, shop=shop, search=search)
    for page in taken.pages:
        _tell(page)
    for failed in taken.failed:
        click.echo(f"not captured: {failed}")
    _tell_stamps(taken.stamps, taken.unstamped)
    click.echo(f"the page shows: {taken.look.seen}  {taken.look.text}")
    if taken.look.changed:
        click.echo(f"the page changed: {taken.look.changed}")


def _capture_new(least: float, limit: int, who: str) -> None:
    from gimonitor.configuration import load_configuration
    from gimonitor.errors import GimonitorError, PartialError
    from gimonitor.papers.taking import Taken, take_new
    from gimonitor.store.database import open_store
    from gimonitor.store.raising import SYSTEM

    def tell(lead_id: int, outcome: Taken | GimonitorError) -> None:
        if isinstance(outcome, Taken):
            click.echo(f"lead {lead_id}: {len(outcome.pages)} pages  {outcome.look.seen}  {outcome.item.folder.name}")
            _tell_stamps(outcome.stamps, outcome.unstamped)
        else:
            click.echo(f"lead {lead_id}: {outcome}", err=True)

    configuration = load_configuration()
    with open_store(configuration.store_url) as store:
        if who:
            packs.require_officer(store, who)
        done, failed = take_new(store, configuration, least=least, limit=limit, who=who or SYSTEM, tell=tell)
    click.echo(f"{done} leads captured, {failed} failed")
    if failed:
        raise PartialError(f"{failed} of {done + failed} leads could not be captured")


def _tell_stamps(stamps: int, unstamped: str) -> None:
    if stamps:
        click.echo(f"time-stamped: {stamps}")
    if unstamped:
        click.echo(f"not time-stamped, queued (gimonitor evidence stamp tries again): {unstamped}")


def _no_answer(taken: Capture) -> str:
    """Why a captured page shows no offer; "" where nothing says so."""
    from gimonitor.model.run import BlockKind
    from gimonitor.parsing.classify import classify, readable_text
    from gimonitor.parsing.gone import says_gone
    from gimonitor.parsing.platform import platform_of

    if taken.status in (404, 410):
        return f"the page is gone: status {taken.status}"
    page, url = (taken.folder / "page.html").read_text("utf-8"), taken.final_url
    kind = classify(page, url, taken.status, platform_of(url))
    if kind is BlockKind.LOGIN:
        return "the page is a login wall: what was asked for was not shown"
    if kind:
        return f"the page was not shown as asked: {kind}"
    gone = says_gone(readable_text(page))
    return f"the page says that the offer is gone: {gone}" if gone else ""


def _tell(taken: Capture) -> str:
    """Print a capture; returns why it does not show what was asked for, "" where it may."""
    from gimonitor.evidence.pages import visible

    click.echo(f"{taken.folder}  {taken.shows}  status {taken.status}  {visible(taken.title)}")
    for file in taken.files:
        click.echo(f"  {file.digests.sha256}  {file.digests.size:>9}  {file.name}")
    told = "the page showed nothing" if taken.blank else _no_answer(taken)
    if told:
        click.echo(f"  {told}")
    if taken.missing_glyphs:
        click.echo(f"  Chinese fonts are missing on this machine: {taken.missing_glyphs}")
    for gap in taken.gaps:
        click.echo(f"  gap: {gap}")
    return told


for command in packs.COMMANDS:
    app.add_command(command)
