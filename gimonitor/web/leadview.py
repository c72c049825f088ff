"""What the screen of one lead shows, worked out from the store's record and the register."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from markupsafe import Markup
from sqlalchemy import Connection

from gimonitor.imaging.faults import THE_MARK, THE_PICTURE, fault_rules
from gimonitor.model.finding import Clearing, Finding, Origin
from gimonitor.model.lead import Resolution, State
from gimonitor.model.listing import Field, Listing
from gimonitor.model.zone import BEIJING
from gimonitor.store import complaints, ignores, leads, loading, relisting
from gimonitor.store.bundles import shared_of
from gimonitor.store.leads import LeadRecord, QueueFilter
from gimonitor.store.loading import StoredListing, Version
from gimonitor.text.codes import uscc_is_valid
from gimonitor.web.access import DECIDERS, EVIDENCE_READERS, Page
from gimonitor.web.english import in_english
from gimonitor.web.files import brought, capture_groups, pack_lines, screenshots
from gimonitor.web.names import names_of
from gimonitor.web.queue import Looking
from gimonitor.web.seenpictures import shown_pictures
from gimonitor.web.sheet import area_text
from gimonitor.web.shown import Mark, marked, web_address
from gimonitor.web.templating import is_english
from gimonitor.web.views import score_class
from gimonitor.workflow import holds
from gimonitor.workflow.decisions import standing_of
from gimonitor.workflow.following import packs_for
from gimonitor.workflow.notices import counter_until, is_withdrawn
from gimonitor.workflow.sharing import told_by
from gimonitor.workflow.states import RULES, TALK, Action, possible
from gimonitor.workflow.terms import terms
from gimonitor.workflow.vocabulary import Answer, Channel, Seen, Topic

OTHERS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """The listing's texts as HTML, each span that a finding names marked exactly where it stands."""

    title: Markup
    subtitle: Markup
    shop: Markup
    brand: Markup
    description: Markup
    image_text: Markup
    attributes: list[tuple[str, Markup]] = field(default_factory=list)
    keywords: list[Markup] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """A button below the lead, with the question its reason answers."""

    action: Action
    needs_reason: bool
    prompt: str
    main: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherLead:
    """Another lead of the same shop."""

    lead_id: int
    title: str
    gi_name: str
    state: State
    resolution: Resolution | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """What is known of the shop: how many leads, how many were confirmed, the highest of the others."""

    leads: int
    confirmed: int
    others: list[OtherLead]


_OFFICER = "officer"  # stands as the model where a person registered a suspicion
_PROMPTS = {
    Action.RETURN: "退回理由",
    Action.CLOSE: "结案理由",
    Action.REOPEN: "重新打开的理由",
    Action.WITHDRAW: "撤回报送的理由",
}
_FOLLOW = (Action.CLAIM, Action.APPROVE, Action.RETURN, Action.CLOSE, Action.WITHDRAW, Action.REOPEN)
_MAIN = frozenset({Action.APPROVE})


def lead_values(c: Connection, page: Page, record: LeadRecord, through: Looking) -> dict[str, object]:
    """Everything the template of a lead needs beside its frame."""
    lead, listing, services = record.lead, record.suspected, page.services
    gi = services.gi(lead.gi_id)
    on = page.now.astimezone(BEIJING).date()
    standing = standing_of(record)
    versions = loading.history(c, lead.listing_id)
    acts = possible(standing, who=page.person.login, roles=page.person.roles)
    names = names_of(c)
    subject = listing.shop.subject if listing.shop else None
    return {
        "lead": lead,
        "score_class": score_class(lead.score.total),
        "terms": [replace(term, inputs=_named(page, term.inputs)) for term in lead.score.terms],
        "claimed_by": names.get(lead.claimed_by, lead.claimed_by) if lead.state is State.CLAIMED else "",
        "listing": listing,
        "stored": record.listing,
        "is_newest": lead.listing_version == record.listing.version,
        "versions": len(versions),
        "found_by": _found_by(versions),
        "seen_by": _seen_by(record.listing),
        "texts": texts(listing, record.findings),
        "uscc_valid": bool(subject and uscc_is_valid(subject.uscc)),
        "findings": record.findings,
        "models": _titles(page),
        "clearings": _considered(record),
        "origins": {finding.origin for finding in record.findings} - {Origin.UNKNOWN},
        "gi": gi,
        "users": services.register.users_of(lead.gi_id, on) if services.register and gi else (),
        "on": on,
        "regions": area_text(gi) if gi else "",
        "seller": _seller(c, record, page),
        "decisions": [entry for entry in record.decisions if entry.action not in TALK],
        "thread": [entry for entry in record.decisions if entry.action in TALK],
        "topics": list(Topic),
        "colleagues": holds.colleagues(c, page.person.actor, lead.gi_id, services.register),
        "held": lead.held_until is not None and lead.held_until > page.now,
        "held_open": lead.held_until is not None and lead.held_until.year == 9999,
        "tomorrow": on + timedelta(days=1),
        "answer_workdays": terms().answer_workdays,
        "complaints": complaints.complaints_of_lead(c, lead.id),
        "relisted": relisting.relisted_as(c, record, page.within),
        "shared": shared_of(c, lead.id),
        "ignored": ignores.ignores_of(c, lead.shop_id, lead.gi_id, on),
        "notices": record.notices,
        "answerable": [notice for notice in reversed(record.notices) if not is_withdrawn(notice)],
        "channels": [(channel, packs[-1].kind) for channel in Channel if (packs := packs_for(record.packs, channel))],
        "pack_kinds": {pack.id: pack.kind for pack in record.packs},
        "answers": [kind for kind in Answer if kind is not Answer.CONTESTED or any(map(counter_until, record.notices))],
        "seen": list(Seen),
        "names": names,
        "possible": [act.value for act in acts],
        "follow": [_follow(act) for act in _FOLLOW if act in acts],
        "captures": capture_groups(record),
        "shots": screenshots(record),
        "brought": brought(record),
        "pictures": shown_pictures(
            c, lead.listing_id, record.listing.listing, lead.id, record.findings, services.register, on
        ),
        "not_read": (THE_MARK, THE_PICTURE),
        "packs": pack_lines(record, names),
        "may_read_evidence": bool(page.person.roles & EVIDENCE_READERS),
        "may_decide": bool(page.person.roles & DECIDERS),
        "may_capture": bool(page.person.roles & DECIDERS and web_address(listing.url)),
        "may_pack": bool(page.person.roles & DECIDERS and lead.resolution is Resolution.CONFIRMED),
    }


def _considered(record: LeadRecord) -> list[Clearing]:
    """The legitimate readings that weighed against suspicion without removing it, each once."""
    told = (*record.clearings, *(one for finding in record.findings for one in finding.considered))
    return list({(one.code, one.reason): one for one in told if not one.decisive}.values())


def _found_by(versions: Sequence[Version]) -> str:
    """The bureau that first saw a listing, where it was not ours."""
    return next((told_by(v.listing) for v in versions if v.number == 1), "")


def _seen_by(stored: StoredListing) -> str:
    """The bureau that last saw a listing, where it was not ours."""
    return told_by(stored.listing) if stored.last_seen == stored.listing.observed_at else ""


def texts(listing: Listing, findings: tuple[Finding, ...]) -> Texts:
    """Mark every place of `findings`, numbered from 1 in their order, in the texts of the listing they were found in."""
    marks: dict[tuple[Field, str], list[Mark]] = {}
    for number, finding in enumerate(findings, start=1):
        place = finding.place
        key = (place.field, place.key)
        marks.setdefault(key, []).append(Mark(start=place.start, end=place.end, number=number))

    def shown(which: Field, text: str, key: str = "") -> Markup:
        return marked(text, marks.get((which, key), []))

    return Texts(
        title=shown(Field.TITLE, listing.title),
        subtitle=shown(Field.SUBTITLE, listing.subtitle),
        shop=shown(Field.SHOP, listing.shop.name if listing.shop else ""),
        brand=shown(Field.BRAND, listing.brand),
        description=shown(Field.DESCRIPTION, listing.description),
        image_text=shown(Field.IMAGE_TEXT, listing.image_text),
        attributes=[(name, shown(Field.ATTRIBUTES, text, name)) for name, text in listing.attributes],
        keywords=[shown(Field.KEYWORDS, text, str(index)) for index, text in enumerate(listing.keywords)],
    )


def _named(page: Page, inputs: str) -> str:
    """What went into a score with the names of models for their ids."""
    say = in_english if is_english(page.request) else str
    for model_id, title in sorted(_titles(page).items(), key=lambda one: -len(one[0])):
        told = say(title) if model_id == _OFFICER else f"“{say(title)}”"
        inputs = re.sub(rf"(?<![\w-]){re.escape(model_id)}(?![\w-])", told, inputs)
    return inputs


def _titles(page: Page) -> dict[str, str]:
    """What the models behind findings are called: those of text, those of pictures, and a person."""
    texts = {model.id: model.title for model in page.services.lab.models}
    return texts | {rule.model_id: rule.title for rule in fault_rules().values()} | {_OFFICER: "人工登记"}


def _follow(action: Action) -> FollowUp:
    return FollowUp(
        action=action,
        needs_reason=RULES[action].needs_reason,
        prompt=_PROMPTS.get(action, "理由"),
        main=action in _MAIN,
    )


def _seller(c: Connection, record: LeadRecord, page: Page) -> Seller | None:
    shop_id = record.lead.shop_id
    if shop_id is None:
        return None
    mine = page.area(QueueFilter(shop_id=shop_id))
    rows = [row for row in leads.queue_page(c, mine, None, OTHERS + 1).rows if row.id != record.lead.id][:OTHERS]
    confirmed = replace(mine, resolutions=(Resolution.CONFIRMED,))
    return Seller(
        leads=leads.count_leads(c, mine, 1000),
        confirmed=leads.count_leads(c, confirmed, 1000),
        others=[
            OtherLead(lead_id=r.id, title=r.title, gi_name=r.gi_name, state=r.state, resolution=r.resolution)
            for r in rows
        ],
    )
