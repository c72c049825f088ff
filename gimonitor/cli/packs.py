"""Commands of `gimonitor evidence` about what leaves the house: packs, complaints, jurisdiction, test purchases, documents."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from datetime import datetime

    from gimonitor.configuration import Configuration
    from gimonitor.model.register import GI
    from gimonitor.papers.jurisdiction import Candidate
    from gimonitor.store.database import Store


@click.command()
@click.option(
    "--lead", "lead_ids", type=int, multiple=True, required=True, help="The lead; may be given several times."
)
@click.option("--who", required=True, help="Login of the officer who exports it.")
@click.option(
    "--kind",
    type=click.Choice(["lead", "transfer", "push", "assistance", "reminder", "recheck"]),
    default="lead",
    show_default=True,
    help="What the pack is for; decides which papers are in it.",
)
@click.option("--to", "addressee", default="", help="Addressee of the letter; left as a marked blank when not given.")
@click.option(
    "--candidate", default="", help="Addressee as `evidence jurisdiction` lists it, such as registered:320118."
)
@click.option("--ground", default="", help="Why it goes there; by default as the candidate says.")
@click.option("--notary", default="", help="Number of a notary's deed.")
@click.option("--deposit", default="", help="Number of a deposit certificate (存证证书).")
@click.option("--without-capture", is_flag=True, help="Build it though no page was captured; the pack says so.")
@click.option(
    "--without-look",
    is_flag=True,
    help="Build it though nobody looked at the page lately, or it had changed when somebody did; the pack says so.",
)
def pack(
    lead_ids: tuple[int, ...],
    who: str,
    kind: str,
    addressee: str,
    candidate: str,
    ground: str,
    notary: str,
    deposit: str,
    without_capture: bool,
    without_look: bool,
) -> None:
    """Build the evidence pack of a lead that an officer judged 疑似成立. It is whole, or it is not there.

    Its page must have been captured and, if the pack leaves the house, looked at within `look_hours` (a setting).
    Over several leads, what any of them lacks is told before the first pack is built.
    A right holder's complaint is made by `gimonitor evidence complaint`.

    \b
    Example: gimonitor evidence pack --lead 12 --who zhang
             gimonitor evidence pack --lead 12 --who zhang --kind transfer --candidate registered:320118
             gimonitor evidence pack --lead 12 --who zhang --kind recheck
    """
    from datetime import UTC, datetime

    from gimonitor.configuration import load_configuration
    from gimonitor.errors import InputError
    from gimonitor.papers.looking import Waiver
    from gimonitor.papers.packing import pack_lead, ready_cases
    from gimonitor.papers.values import Addressing
    from gimonitor.store.database import open_store
    from gimonitor.workflow.vocabulary import PackKind

    configuration = load_configuration()
    with open_store(configuration.store_url) as store:
        require_officer(store, who)
        to: dict[int, Addressing] = {}
        for lead_id in dict.fromkeys(lead_ids):
            gi, found = _candidates(store, configuration, lead_id)
            chosen = next((each for each in found if each.key == candidate), None)
            if candidate and chosen is None:
                raise InputError(
                    f"{candidate}: no such candidate; lead {lead_id} has {', '.join(c.key for c in found)}"
                )
            to[lead_id] = Addressing(
                addressee=addressee or (chosen.addressee if chosen else ""),
                ground=ground or (chosen.reason if chosen else ""),
                notary=notary,
                deposit=deposit,
                gi=gi,
            )
        made_for, now = PackKind(kind), datetime.now(UTC)
        waiver = Waiver(without_capture=without_capture, without_look=without_look)
        ready_cases(store, configuration, tuple(to), made_for, who=who, now=now, waiver=waiver)  # before any is built
        for lead_id, addressing in to.items():
            made, _ = pack_lead(
                store,
                configuration,
                lead_id,
                who=who,
                now=datetime.now(UTC),
                kind=made_for,
                addressing=addressing,
                waiver=waiver,
            )
            click.echo(f"{made.path}  {made.files} files  {made.size} bytes  sha256 {made.sha256}")
            if made.unstamped:
                click.echo(f"  no time-stamp: {made.unstamped}")


def require_officer(store: Store, who: str) -> None:
    """Raises NotFoundError where nobody active has that login: what is built or taken stands under a person's name."""
    from gimonitor.store.people import active_person

    with store.read() as c:
        active_person(c, who)


def _candidates(store: Store, configuration: Configuration, lead_id: int) -> tuple[GI | None, tuple[Candidate, ...]]:
    from gimonitor.papers.jurisdiction import candidates
    from gimonitor.register.loader import load_register
    from gimonitor.store.leads import load_lead

    with store.read() as c:
        record = load_lead(c, lead_id)
    register = load_register(configuration.rules_dir, cache_dir=configuration.cache_dir)
    gi = next((each for each in register.gis if each.id == record.lead.gi_id), None)
    return gi, candidates(record.suspected, gi)


@click.command()
@click.option("--lead", "lead_id", type=int, required=True, help="The lead.")
def jurisdiction(lead_id: int) -> None:
    """List the bureaus that may have jurisdiction over a lead, each with what it rests on. The officer chooses.

    \b
    Example: gimonitor evidence jurisdiction --lead 12
    """
    from gimonitor.configuration import load_configuration
    from gimonitor.store.database import open_store

    configuration = load_configuration()
    with open_store(configuration.store_url) as store:
        _, found = _candidates(store, configuration, lead_id)
    for each in found:
        doubt = "  unverified" if each.unverified else ""
        click.echo(
            f"{each.key}  {each.place}  {each.bureau or '(full name of the bureau to be filled in)'}{doubt}\n    {each.told}"
        )
    if not found:
        click.echo("no place is known: neither of the seller, nor of the platform, nor of the production area")


@click.command()
@click.option("--lead", "lead_id", type=int, required=True, help="The lead.")
def turnover(lead_id: int) -> None:
    """Estimate the turnover of a lead's offer from the prices and sales its page showed, with every assumption.

    Times are Beijing's.

    \b
    Example: gimonitor evidence turnover --lead 12
    """
    from gimonitor.configuration import load_configuration
    from gimonitor.model.zone import BEIJING
    from gimonitor.papers.case import load_case
    from gimonitor.papers.words import yuan
    from gimonitor.store.database import open_store

    with open_store(load_configuration().store_url) as store, store.read() as c:
        made = load_case(c, lead_id).turnover
    for row in made.rows:
        sold, amount = "-" if row.sold is None else str(row.sold), "-" if row.fen is None else yuan(row.fen)
        starts, ends = (f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}" if at else "…" for at in (row.starts, row.ends))
        click.echo(f"{starts} – {ends}  {yuan(row.price_fen)} × {sold} = {amount}  {row.note}".rstrip())
    before = "not known" if made.before_fen is None else f"{yuan(made.before_fen)} yuan"
    click.echo(f"sum {yuan(made.fen)} yuan; before the first look {before}; {made.gaps} gaps")
    for assumption in made.assumptions:
        click.echo(f"  assumed: {assumption}")


@click.command()
@click.option("--lead", "lead_id", type=int, help="With --order: a new purchase of this lead's offer.")
@click.option("--purchase", "purchase_id", type=int, help="The purchase whose next step is recorded.")
@click.option("--who", default="", help="Login of who records it.")
@click.option("--order", "order_number", default="", help="Number of the order.")
@click.option("--account", default="", help="Account of the house at the platform.")
@click.option("--goods", default="", help="What was bought, and how much.")
@click.option("--paid", "paid_fen", type=int, help="What was paid, in fen.")
@click.option(
    "--act",
    default="",
    help="received (once), opened, sealed, handed (to the next holder), tested, returned, disposed; voided: a wrong record, with --note.",
)
@click.option(
    "--at",
    type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]),
    help="When it was ordered or done, Beijing time; default: now.",
)
@click.option("--holder", default="", help="Who has the goods from then on.")
@click.option("--place", default="", help="Where.")
@click.option("--seal", default="", help="Number of the seal.")
@click.option("--note", default="", help="Anything else.")
@click.option("--document", "sha256", default="", help="SHA-256 of a stored document about it.")
def purchase(
    lead_id: int | None,
    purchase_id: int | None,
    who: str,
    order_number: str,
    account: str,
    goods: str,
    paid_fen: int | None,
    act: str,
    at: datetime | None,
    holder: str,
    place: str,
    seal: str,
    note: str,
    sha256: str,
) -> None:
    """Record a test purchase, or the next step of its chain of custody; prints the chain.

    \b
    Example: gimonitor evidence purchase --lead 12 --who zhang --order D1 --account 本局 --goods 10斤装 --paid 5980 --at 2026-11-18T09:30
             gimonitor evidence purchase --purchase 3 --who zhang --act received --holder 张某
    """
    from datetime import UTC, datetime

    from gimonitor.configuration import load_configuration
    from gimonitor.errors import InputError
    from gimonitor.model.zone import BEIJING
    from gimonitor.papers.purchases import Act, hands, record_purchase, record_step
    from gimonitor.store.database import open_store

    now, configuration = datetime.now(UTC), load_configuration()
    moment = at.replace(tzinfo=BEIJING) if at else now
    if (lead_id is None) == (purchase_id is None) or (purchase_id is not None and act not in set(Act)):
        raise InputError("give --lead with --order, or --purchase with --act")
    with open_store(configuration.store_url) as store:
        require_officer(store, who)
        if lead_id is not None:
            made = record_purchase(
                store,
                configuration,
                lead_id,
                who=who,
                account=account,
                order_number=order_number,
                goods=goods,
                paid_fen=paid_fen,
                at=moment,
                now=now,
            )
        else:
            assert purchase_id is not None
            made = record_step(
                store,
                configuration,
                purchase_id,
                Act(act),
                who=who,
                at=moment,
                now=now,
                holder=holder,
                place=place,
                seal=seal,
                note=note,
                sha256=sha256,
            )
    click.echo(f"purchase {made.id}  {made.goods}  order {made.order_number}")
    for step in made.steps:
        click.echo(
            f"  {step.number}  {step.at.astimezone(BEIJING):%Y-%m-%d %H:%M}  {step.act}  {hands(step)}  {step.seal}".rstrip()
        )


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def templates(folder: Path) -> None:
    """Write the papers' Word templates into FOLDER, to be changed. Put into templates/ of the data folder they are used.

    \b
    Example: gimonitor evidence templates ./our-templates
    """
    from gimonitor.papers.forms import FORMS, REPORTS, default_template

    folder.mkdir(parents=True, exist_ok=True)
    for code, form in (FORMS | REPORTS).items():
        path = folder / f"{code}.docx"
        if path.exists():
            click.echo(f"{path}: kept as it is")
            continue
        path.write_bytes(default_template(code))
        click.echo(f"{path}: {form.title}")


@click.command()
@click.option("--lead", "lead_ids", type=int, multiple=True, required=True, help="A confirmed lead; several times.")
@click.option("--profile", "profile_id", required=True, help="The platform's profile, such as alibaba-ipp.")
@click.option("--who", required=True, help="Login of the officer who exports it.")
@click.option("--right-holder", default="", help="Name and address of the right holder.")
@click.option("--agent", is_flag=True, help="An agent complains for the right holder; a power of attorney is needed.")
@click.option("--no-account", is_flag=True, help="Through the form for those without an account there.")
@click.option("--reason-code", default="", help="The platform's own code of the reason, where it has one.")
@click.option("--countries", default="", help="Countries, where the reason's code asks for them, such as JP,KR.")
@click.option(
    "--reason", default="", help="The officer's own sentence for every link; by default what the findings say."
)
@click.option("--without-capture", is_flag=True, help="Build it though no page was captured; the pack says so.")
@click.option(
    "--without-look",
    is_flag=True,
    help="Build it though nobody looked at the page lately, or it had changed when somebody did; the pack says so.",
)
def complaint(
    lead_ids: tuple[int, ...],
    profile_id: str,
    who: str,
    right_holder: str,
    agent: bool,
    no_account: bool,
    reason_code: str,
    countries: str,
    reason: str,
    without_capture: bool,
    without_look: bool,
) -> None:
    """Build the packs of a right holder's complaint, in batches as the platform takes them. Lists all that is missing.

    \b
    Example: gimonitor evidence complaint --profile alibaba-ipp --lead 12 --lead 13 --who zhang
    """
    from datetime import UTC, datetime

    from gimonitor.configuration import load_configuration
    from gimonitor.errors import InputError
    from gimonitor.papers.complaint import RightHolder, pack_complaint
    from gimonitor.papers.looking import Waiver
    from gimonitor.papers.platforms import load_profiles
    from gimonitor.store.database import open_store

    configuration, profiles = load_configuration(), load_profiles()
    if profile_id not in profiles:
        raise InputError(f"{profile_id}: no such profile; there are {', '.join(profiles)}")
    with open_store(configuration.store_url) as store:
        require_officer(store, who)
        made = pack_complaint(
            store,
            configuration,
            lead_ids,
            profile=profiles[profile_id],
            who=who,
            now=datetime.now(UTC),
            right_holder=RightHolder(name=right_holder, by_agent=agent),
            with_account=not no_account,
            reason_code=reason_code,
            countries=countries,
            reason=reason,
            waiver=Waiver(without_capture=without_capture, without_look=without_look),
        )
    for pack, row in made:
        click.echo(f"{pack.path}  {len(row.lead_ids)} links  {pack.size} bytes  sha256 {pack.sha256}")


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--kind", default="", help="identity, rights, power_of_attorney, statement, test_purchase, notary, deposit."
)
@click.option("--title", default="", help="What it is called in the list of documents.")
@click.option("--holder", default="", help="Whose it is, as named in complaints; once renamed: 现名（原旧名）.")
@click.option("--number", default="", help="Its own number.")
@click.option("--gi", "gi_id", default="", help="Id of the GI it is about; empty: all.")
@click.option("--starts", type=click.DateTime(["%Y-%m-%d"]), help="First day on which it holds.")
@click.option("--ends", type=click.DateTime(["%Y-%m-%d"]), help="Last day on which it holds.")
@click.option("--undated", is_flag=True, help="It does not say until when it holds; marked so wherever it is listed.")
@click.option("--correct", is_flag=True, help="These particulars take the place of those on record for this file.")
def document(
    file: Path | None,
    kind: str,
    title: str,
    holder: str,
    number: str,
    gi_id: str,
    starts: datetime | None,
    ends: datetime | None,
    undated: bool,
    correct: bool,
) -> None:
    """Keep a certificate, power of attorney or report for packs; without FILE, list what there is and until when it holds.

    \b
    Example: gimonitor evidence document licence.pdf --kind identity --title 营业执照 --holder 某协会 --ends 2028-12-31
    """
    from gimonitor.configuration import load_configuration
    from gimonitor.errors import InputError
    from gimonitor.papers.documents import DocumentKind, DocumentStore

    store = DocumentStore(load_configuration().data_dir / "documents")
    if file is None:
        for d in store.documents():
            click.echo(f"{d.kind}  {d.title}  {d.holder}  {d.number}  {d.validity}")
        return
    if kind not in set(DocumentKind) or not title or not holder:
        raise InputError(f"--kind (one of {', '.join(DocumentKind)}), --title and --holder are needed")
    kept = store.add(
        file,
        DocumentKind(kind),
        title=title,
        holder=holder,
        number=number,
        gi_id=gi_id,
        starts=starts.date() if starts else None,
        ends=ends.date() if ends else None,
        undated=undated,
        corrects=correct,
    )
    click.echo(f"{kept.file}  {kept.kind}  {kept.title}")
    if kept.lacks_number:
        click.echo("warning: it has no number (--number); papers will leave a blank for it", err=True)


COMMANDS = (pack, complaint, jurisdiction, turnover, purchase, document, templates)
