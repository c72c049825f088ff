"""What officers bring and make: own leads with their file, captures, packs, test purchases, documents, and the platforms'
tables of answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, File, Response, UploadFile
from fastapi import Path as PathParameter
from pydantic import AwareDatetime, Field

from gimonitor.papers.complaint import RightHolder
from gimonitor.papers.documents import Document
from gimonitor.papers.looking import Waiver, look_before_sending
from gimonitor.papers.purchases import Act, record_purchase, record_step
from gimonitor.papers.taking import take_for_lead
from gimonitor.store import leads, purchases
from gimonitor.store.captures import StoredCapture, StoredPack
from gimonitor.store.purchases import Purchase
from gimonitor.web.api.common import Body, Decider, EvidenceReader, Id
from gimonitor.web.library import GivenDocument, documents_of, hand_out, keep_document
from gimonitor.web.ownleads import OwnLead, make_lead
from gimonitor.web.packing import make_complaint, make_pack, openable
from gimonitor.web.routes.answers import read_table, table_of
from gimonitor.web.routes.evidence import require_purchase
from gimonitor.web.uploads import keep_table
from gimonitor.workflow.answers import Preview, record_answers
from gimonitor.workflow.ownleads import Made
from gimonitor.workflow.vocabulary import PackKind

router = APIRouter()


class Pages(Body):
    """Addresses of the shop and of the page of results, where the rules know none."""

    shop: str = Field(default="", max_length=2000)
    search: str = Field(default="", max_length=2000)


class Waived(Body):
    """What the officer expressly does without."""

    without_capture: bool = False
    without_look: bool = False

    @property
    def waiver(self) -> Waiver:
        """The same as the papers know it."""
        return Waiver(without_capture=self.without_capture, without_look=self.without_look)


class Packing(Waived):
    """A pack for an addressee: `candidate` is the key of one that the screen proposes, or `addressee` names it."""

    kind: PackKind = PackKind.LEAD
    candidate: str = Field(default="", max_length=200)
    addressee: str = Field(default="", max_length=200)
    ground: str = Field(default="", max_length=2000)
    copies: str = Field(default="", max_length=200)
    notary: str = Field(default="", max_length=200)
    deposit: str = Field(default="", max_length=200)


class RightHolders(Waived):
    """A right holder's complaint over this lead and others by a platform's profile."""

    profile: str = Field(max_length=200)
    right_holder: str = Field(default="", max_length=200)
    contact: str = Field(default="", max_length=200)
    also: list[int] = Field(default=[], max_length=500)
    agent: bool = False
    no_account: bool = False
    reason_code: str = Field(default="", max_length=200)
    countries: str = Field(default="", max_length=200)
    reason: str = Field(default="", max_length=2000)


class Ordered(Body):
    """Goods ordered of a lead's offer by an account of one's own house; `paid_fen` in hundredths of a yuan."""

    account: str = Field(max_length=200)
    order_number: str = Field(max_length=200)
    goods: str = Field(max_length=200)
    at: AwareDatetime
    paid_fen: int | None = Field(default=None, ge=0, lt=1 << 40)


class Step(Body):
    """What was done with the goods; `holder` has them from then on where they move, `seal` is the seal's number."""

    act: Act
    at: AwareDatetime
    holder: str = Field(default="", max_length=200)
    place: str = Field(default="", max_length=200)
    seal: str = Field(default="", max_length=200)
    note: str = Field(default="", max_length=2000)


class Shown(Body):
    """The table that was shown, by its SHA-256."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table that was kept, and what it would do."""

    sha256: str
    preview: Preview


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """Leads whose answers were recorded, and how many rows went back."""

    leads: tuple[int, ...]
    refused: int


@router.post("/leads", tags=["leads"])
def add_lead(page: Decider, told: OwnLead) -> Made:
    """One's own link, photo or recording as a lead, claimed by oneself; an offer that is a lead already is linked."""
    return make_lead(page, told)


@router.post("/leads/{lead_id}/capture", tags=["packs"])
def capture(page: Decider, lead_id: Id, what: Pages) -> tuple[StoredCapture, ...]:
    """Capture the lead's pages in Chromium now; the lead's captures after it. Takes up to a minute."""
    services = page.services
    take_for_lead(
        services.store,
        openable(page, lead_id, what.shop, what.search),
        services.configuration,
        who=page.person.login,
        now=page.now,
        shop=what.shop.strip(),
        search=what.search.strip(),
    )
    with services.store.read() as c:
        return leads.load_lead(c, lead_id).captures


@router.post("/leads/{lead_id}/before-sending", tags=["packs"])
def before_sending(page: Decider, lead_id: Id) -> tuple[StoredCapture, ...]:
    """Look whether the page still shows what was suspected, and keep what it shows; sending asks for it."""
    services = page.services
    record = openable(page, lead_id)
    look_before_sending(services.store, record, services.configuration, who=page.person.login, now=page.now)
    with services.store.read() as c:
        return leads.load_lead(c, lead_id).captures


@router.post("/leads/{lead_id}/pack", tags=["packs"])
def pack(page: Decider, lead_id: Id, what: Packing) -> tuple[StoredPack, ...]:
    """Build an evidence pack; the lead's packs after it, this one the last."""
    told = what.model_dump(exclude={"kind", "without_capture", "without_look"})
    make_pack(page, lead_id, what.kind, waiver=what.waiver, **told)
    with page.services.store.read() as c:
        return leads.load_lead(c, lead_id).packs


@router.post("/leads/{lead_id}/complaint", tags=["packs"])
def complaint(page: Decider, lead_id: Id, what: RightHolders) -> tuple[StoredPack, ...]:
    """Build the packs of a right holder's complaint; the lead's packs after it."""
    make_complaint(
        page,
        (lead_id, *what.also),
        profile=what.profile,
        right_holder=RightHolder(name=what.right_holder.strip(), contact=what.contact.strip(), by_agent=what.agent),
        with_account=not what.no_account,
        reason_code=what.reason_code,
        countries=what.countries,
        reason=what.reason,
        waiver=what.waiver,
    )
    with page.services.store.read() as c:
        return leads.load_lead(c, lead_id).packs


@router.get("/leads/{lead_id}/purchases", tags=["purchases"])
def list_purchases(page: Decider, lead_id: Id) -> tuple[Purchase, ...]:
    """The test purchases of a lead, each with the chain of hands its goods went through."""
    with page.services.store.read() as c:
        leads.load_lead_row(c, lead_id)
        return purchases.purchases_of(c, lead_id)


@router.post("/leads/{lead_id}/purchases", tags=["purchases"])
def order(page: Decider, lead_id: Id, what: Ordered) -> Purchase:
    """Record a test purchase."""
    services, who = page.services, page.person.login
    return record_purchase(services.store, services.configuration, lead_id, who=who, now=page.now, **what.model_dump())


@router.post("/leads/{lead_id}/purchases/{purchase_id}", tags=["purchases"])
def step(page: Decider, lead_id: Id, purchase_id: Id, what: Step) -> Purchase:
    """Record the next step of a purchase's goods."""
    services, who = page.services, page.person.login
    require_purchase(page, lead_id, purchase_id)
    return record_step(services.store, services.configuration, purchase_id, who=who, now=page.now, **what.model_dump())


@router.get("/documents", tags=["documents"])
def list_documents(page: EvidenceReader) -> list[Document]:
    """The documents that packs carry, with until when they hold."""
    return documents_of(page)


@router.post("/documents", tags=["documents"])
def add_document(page: Decider, told: GivenDocument) -> Document:
    """Keep a document with its particulars; `undated` where it expressly says not until when it holds."""
    return keep_document(page, told)


@router.get("/documents/{sha256}", tags=["documents"], response_class=Response)
def download_document(
    page: EvidenceReader, sha256: Annotated[str, PathParameter(pattern=r"^[0-9a-f]{64}$")]
) -> Response:
    """A document as a file, by the SHA-256 it was kept under."""
    return hand_out(page, sha256)


@router.post("/answers", tags=["answers"])
def show_answers(page: Decider, file: Annotated[UploadFile, File()]) -> Table:
    """Keep a platform's table of answers and say what it would do; nothing is recorded."""
    kept = keep_table(page.services.configuration, file)
    with page.services.store.read() as c:
        return Table(sha256=kept.sha256, preview=read_table(c, page, kept.path(page.services.configuration)))


@router.post("/answers/record", tags=["answers"])
def record(page: Decider, what: Shown) -> Recorded:
    """Record what was shown; the table is read again."""
    with page.services.store.write() as c:
        found = read_table(c, page, table_of(page, what.sha256))
        done = record_answers(c, page.person.actor, found, now=page.now, file_sha256=what.sha256)
    return Recorded(leads=done, refused=len(found.refused))
