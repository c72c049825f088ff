"""What of a lead goes to whom: the policies of `bundles.yml`, and a lead as it stands in a bundle."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints, ValidationError
from pydantic import Field as Bounded

from gimonitor.errors import InputError
from gimonitor.model.lead import Resolution, State
from gimonitor.model.listing import Field, Listing, Shop, Subject
from gimonitor.model.zone import BEIJING
from gimonitor.register.schema import Form, Text
from gimonitor.store.leads import LeadRecord
from gimonitor.text.personal import cover_personal
from gimonitor.workflow.states import Action, effective
from gimonitor.workflow.vocabulary import Answer, Channel

BUNDLE = "bundle"
"""The source of listings that came in a bundle."""
Short = Annotated[str, StringConstraints(max_length=300)]
Long = Annotated[str, StringConstraints(max_length=100_000)]
Pairs = Annotated[tuple[tuple[Long, Long], ...], Bounded(max_length=300)]


class Part(StrEnum):
    """What goes along with a listing."""

    FINDINGS = "findings"
    CLEARINGS = "clearings"
    DECISIONS = "decisions"
    REASONS = "reasons"
    RESULTS = "results"
    MODELS = "models"


class Policy(Form):
    """Which fields go to one kind of recipient."""

    id: Text
    name: Text
    why: Text
    listing: tuple[
        Literal["title", "subtitle", "url", "attributes", "description", "brand", "shop", "origin", "ship_from",
                "category", "price_fen", "currency", "specification", "sales"], ...
    ]  # fmt: skip
    subject: tuple[Literal["name", "uscc", "address"], ...]
    parts: tuple[Part, ...]


class _Policies(Form):
    policies: tuple[Policy, ...]


@cache
def policies() -> tuple[Policy, ...]:
    """The policies in force."""
    text = Path(__file__).with_name("bundles.yml").read_text(encoding="utf-8")
    return _Policies.model_validate(yaml.safe_load(text)).policies


def policy_of(policy_id: str) -> Policy:
    """The policy of an id. Raises InputError naming those there are."""
    found = next((p for p in policies() if p.id == policy_id), None)
    if found is None:
        raise InputError(f"没有名为 {policy_id} 的字段范围；有：{'、'.join(p.id for p in policies())}")
    return found


class _Outside(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SharedListing(_Outside):
    """A listing as far as the policy let it go."""

    title: Long = ""
    subtitle: Long = ""
    url: Long = ""
    attributes: Pairs = ()
    description: Long = ""
    brand: Long = ""
    shop: Long = ""
    shop_id: Long = ""
    subject: Long = ""
    uscc: Annotated[str, StringConstraints(max_length=30)] = ""
    address: Long = ""
    origin: Long = ""
    ship_from: Long = ""
    category: Long = ""
    price_fen: Annotated[int, Bounded(ge=0, lt=1 << 60)] | None = None
    currency: Annotated[str, StringConstraints(max_length=3)] = "CNY"
    specification: Long = ""
    sales: Annotated[int, Bounded(ge=0, lt=1 << 60)] | None = None
    first_seen: AwareDatetime | None = None
    last_seen: AwareDatetime | None = None


class SharedFinding(_Outside):
    """A finding: which model said what of which words, by which law."""

    model: Short
    field: Field
    key: Long = ""
    words: Long
    reason: Long
    law: Annotated[tuple[Short, ...], Bounded(max_length=50)] = ()


class SharedDecision(_Outside):
    """What was decided on a day; nobody is named."""

    on: date
    action: Action
    resolution: Resolution | None = None
    why: Long = ""


class SharedResult(_Outside):
    """Where it was sent and what came back."""

    sent: date
    channel: Channel
    answer: Answer | None = None
    answered: date | None = None


class SharedContent(_Outside):
    """A lead in a bundle. `number` is the sender's own."""

    number: Annotated[int, Bounded(ge=1, lt=1 << 62)]
    platform: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    item_id: Annotated[str, StringConstraints(min_length=1, max_length=1000)]
    gi_id: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    gi_name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    state: State
    resolution: Resolution | None = None
    score: Annotated[float, Bounded(ge=0, le=100)]
    found: AwareDatetime
    listing: SharedListing
    findings: Annotated[tuple[SharedFinding, ...], Bounded(max_length=200)] = ()
    clearings: Annotated[tuple[Long, ...], Bounded(max_length=200)] = ()
    decisions: Annotated[tuple[SharedDecision, ...], Bounded(max_length=500)] = ()
    results: Annotated[tuple[SharedResult, ...], Bounded(max_length=200)] = ()


def share_lead(record: LeadRecord, policy: Policy) -> SharedContent:
    """A lead cut to what a policy lets go, personal data in its texts covered. Raises InputError naming a lead that is too
    large for a bundle, and what of it."""
    try:
        return _share(record, policy)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InputError(f"线索 {record.lead.id} 不能放入交换包：{where}：{first['msg']}") from error


def _share(record: LeadRecord, policy: Policy) -> SharedContent:
    parts, lead = set(policy.parts), record.lead
    return SharedContent(
        number=lead.id,
        platform=lead.platform,
        item_id=record.listing.listing.item_id,
        gi_id=lead.gi_id,
        gi_name=lead.gi_name,
        state=lead.state,
        resolution=lead.resolution,
        score=lead.score.total,
        found=lead.created_at,
        listing=_listing(record, policy),
        findings=tuple(_findings(record, policy)) if Part.FINDINGS in parts else (),
        clearings=tuple(cover_personal(c.reason) for c in record.clearings) if Part.CLEARINGS in parts else (),
        decisions=tuple(_decisions(record, with_reasons=Part.REASONS in parts)) if Part.DECISIONS in parts else (),
        results=tuple(_results(record)) if Part.RESULTS in parts else (),
    )


def _listing(record: LeadRecord, policy: Policy) -> SharedListing:
    listing, shown = record.suspected, set(policy.listing)
    values: dict[str, object] = {name: getattr(listing, name) for name in shown - {"shop", "attributes"}}
    values = {n: cover_personal(v) if isinstance(v, str) and n != "url" else v for n, v in values.items()}
    if "attributes" in shown:
        values["attributes"] = tuple((name, cover_personal(text)) for name, text in listing.attributes)
    shop = listing.shop
    if shop is not None and "shop" in shown:
        values |= {"shop": shop.name, "shop_id": shop.shop_id}
    if shop is not None and shop.subject is not None:
        names = {"name": "subject", "uscc": "uscc", "address": "address"}
        values |= {names[field]: getattr(shop.subject, field) for field in policy.subject}
    seen = {"first_seen": record.listing.first_seen, "last_seen": record.listing.last_seen}
    return SharedListing.model_validate(values | seen)


def _findings(record: LeadRecord, policy: Policy) -> list[SharedFinding]:
    """Findings in the fields that go along: others would quote what is kept back."""
    shown = set(policy.listing)
    return [
        SharedFinding(
            model=f"{f.model_id}@{f.model_version}",
            field=f.place.field,
            key=f.place.key,
            words=cover_personal(f.place.text),
            reason=cover_personal(f.reason),
            law=tuple(f"{c.instrument}{c.article}" for c in f.law),
        )
        for f in record.findings
        if f.place.field.value in shown
    ]


def _decisions(record: LeadRecord, *, with_reasons: bool) -> list[SharedDecision]:
    return [
        SharedDecision(
            on=_day(d.at),
            action=Action(d.action),
            resolution=d.resolution,
            why=cover_personal(d.why) if with_reasons else "",
        )
        for d in effective(record.decisions)
        if d.action in set(Action)
    ]


def _results(record: LeadRecord) -> list[SharedResult]:
    found = []
    for notice in record.notices:
        kind = str(notice.detail.get("kind", ""))
        found.append(
            SharedResult(
                sent=_day(notice.sent_at),
                channel=Channel(notice.channel),
                answer=Answer(kind) if kind in set(Answer) else None,
                answered=_day(notice.answered_at) if notice.answered_at else None,
            )
        )
    return found


def as_listing(shared: SharedContent, origin: str, now: datetime) -> Listing:
    """The listing that a bundle tells of, marked with whom it is from and as of when they last saw it."""
    said = shared.listing
    subject = Subject(name=said.subject, uscc=said.uscc, address=said.address) if said.subject or said.uscc else None
    shop = Shop(name=said.shop, shop_id=said.shop_id, subject=subject) if said.shop or subject else None
    apart = {"shop", "shop_id", "subject", "uscc", "address", "attributes", "first_seen", "last_seen"}
    plain = said.model_dump(exclude=apart)
    return Listing(
        platform=shared.platform,
        item_id=shared.item_id,
        attributes=said.attributes,
        shop=shop,
        source=BUNDLE,
        query=origin,
        observed_at=min(now, said.last_seen or shared.found),
        parser=f"{BUNDLE}@1",
        **plain,
    )


def told_by(listing: Listing) -> str:
    """The bureau whose bundle told of a listing; "" where it was not a bundle."""
    return listing.query if listing.source == BUNDLE else ""


def _day(at: datetime) -> date:
    return at.astimezone(BEIJING).date()
