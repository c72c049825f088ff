"""What the pictures of a listing say together: findings, guidance for an authorised user, and what speaks for the seller."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from gimonitor.imaging.faults import FAMILY, FaultRule, fault_rules, finding_of, is_own_use, picture_key
from gimonitor.imaging.inspector import Inspection, Verdict
from gimonitor.imaging.look import Look, inspected
from gimonitor.imaging.sayings import Said, Saying
from gimonitor.model.finding import Clearing, Finding, Place
from gimonitor.model.listing import Field, Listing
from gimonitor.model.picture import PictureState
from gimonitor.model.register import Certainty, Register
from gimonitor.model.zone import BEIJING
from gimonitor.screening.added import Added
from gimonitor.screening.standing import Standings
from gimonitor.store.codec import decode
from gimonitor.store.loading import StoredListing
from gimonitor.store.pictures import COPIED_MODEL, SeenPicture
from gimonitor.workflow.intake import Screens

IN_ORDER = "picture-in-order"  # the code of what a picture says for the seller


def looks_of(seen: Sequence[SeenPicture]) -> tuple[Look, ...]:
    """The looks at pictures that could be looked at."""
    return tuple(decode(Look, one.look) for one in seen if one.state is PictureState.SEEN and one.look)


def last_seen(seen: Sequence[SeenPicture]) -> date | None:
    """The day in Beijing on which the last of some pictures was first seen; None for no pictures."""
    return max((one.at.astimezone(BEIJING).date() for one in seen), default=None)


def picture_findings(register: Register, looks: Sequence[Look], on: date, seen_on: date | None = None) -> Added:
    """What the pictures of one listing say together: findings, reminders for an authorised user, and what speaks for the seller.

    `seen_on` is the day on which the last of them was first seen: no goods in them were made after it.
    """
    found: list[Finding] = []
    reminders: list[Finding] = []
    in_order: dict[tuple[str, str], list[Clearing]] = {}
    for look in looks:
        elsewhere = tuple(said for other in looks if other is not look for said in other.said)
        inspection = inspected(look, register, on, elsewhere, seen_on)
        made = _of_inspection(inspection, register, on, look.digest)
        (reminders if is_own_use(inspection.faults) else found).extend(made)
        for clearing in _in_order(inspection, look, elsewhere, register):
            in_order.setdefault((clearing.gi_id, clearing.reason), []).append(clearing)
    considered = tuple(_of_all(same) for same in in_order.values())
    return Added(found=tuple(found), reminders=tuple(reminders), considered=considered)


def _of_all(same: Sequence[Clearing]) -> Clearing:
    """What several pictures say alike, as of the first, its place with the keys of all."""
    places = [clearing.place for clearing in same if clearing.place]
    return replace(same[0], place=replace(places[0], key=" ".join(place.key for place in places)))


def _in_order(inspection: Inspection, look: Look, elsewhere: Sequence[Said], register: Register) -> Iterator[Clearing]:
    """That a picture shows the mark with the code of a listed user and nothing amiss. A picture may be another's: it settles nothing."""
    if inspection.verdict is not Verdict.IN_ORDER:
        return
    codes = {said.value: said for said in reversed((*look.said, *elsewhere)) if said.kind is Saying.USCC}
    for user in (user for gi_id in inspection.gi_ids for user in register.all_users_of(gi_id)):
        if user.uscc not in codes:
            continue
        said = codes[user.uscc]
        name = f"{user.name}（名单未核实）" if user.certainty is Certainty.UNVERIFIED else user.name
        reason = f"图片中有地理标志专用标志和合法使用人“{name}”的统一社会信用代码“{user.uscc}”，标示的地理标志名称和编号没有发现不符；图片可能取自他人，须与实际商品核对"
        place = Place(field=Field.IMAGE_TEXT, start=0, end=len(said.text), text=said.text, key=picture_key(look.digest))
        yield Clearing(code=IN_ORDER, reason=reason, decisive=False, place=place, gi_id=user.gi_id)


def _of_inspection(inspection: Inspection, register: Register, on: date, digest: str) -> list[Finding]:
    made = (finding_of(fault, register, on, digest) for fault in inspection.faults)
    return [finding for finding in made if finding is not None]


def texts_found(
    screener: Screens, stored: StoredListing, looks: Sequence[Look], on: date
) -> tuple[list[Finding], list[Finding]]:
    """What the models of text say of the words in pictures, where the page itself gave none: findings and reminders."""
    read = [look for look in looks if look.lines]
    if not read or stored.listing.image_text:
        return [], []
    screening = screener.screen(replace(stored.listing, image_text="\n".join(look.text() for look in read)), on)
    found = [finding for suspicion in screening.suspicions for finding in suspicion.findings]
    return _in_pictures(found, read), _in_pictures(screening.reminders, read)


def _in_pictures(found: Sequence[Finding], read: Sequence[Look]) -> list[Finding]:
    return [
        replace(finding, place=_in_its_picture(finding.place, read))
        for finding in found
        if finding.place.field is Field.IMAGE_TEXT
    ]


def _in_its_picture(place: Place, read: Sequence[Look]) -> Place:
    """A place in the words of all pictures, a line after another, as one in the words of its own."""
    before = 0
    for look in read:
        after = before + len(look.text()) + 1
        if place.start < after:
            return replace(place, start=place.start - before, end=place.end - before, key=picture_key(look.digest))
        before = after
    raise ValueError(f"{place} lies in no picture")


def _rule_of(finding: Finding) -> FaultRule | None:
    return next((rule for rule in fault_rules().values() if rule.model_id == finding.model_id), None)


def makes_lead(finding: Finding) -> bool:
    """False for what only goes to a suspicion: sellers of honest goods show their maker's pictures, too."""
    rule = _rule_of(finding)
    return finding.model_id != COPIED_MODEL and (rule is None or rule.makes_lead)


def once(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """What is said of pictures, each reason once: as of the picture where it is surest, its place with the keys of all."""
    same: dict[tuple[str, ...], list[Finding]] = {}
    for one in found:
        apart = () if one.family == FAMILY else (one.place.key, one.place.text)
        same.setdefault((one.model_id, one.gi_id, one.reason, *apart), []).append(one)
    return tuple(_merged(group) for group in same.values())


def _merged(group: Sequence[Finding]) -> Finding:
    surest = max(group, key=lambda finding: finding.confidence)
    keys = dict.fromkeys(finding.place.key for finding in group)
    return replace(surest, place=replace(surest.place, key=" ".join(keys)))


def _is_duty(finding: Finding) -> bool:
    rule = _rule_of(finding)
    return rule is not None and rule.is_duty


def told_apart(
    standings: Standings, listing: Listing, found: Sequence[Finding], reminders: Sequence[Finding], on: date
) -> tuple[list[Finding], list[Finding]]:
    """What pictures show, judged by what the page says of shop, goods and origin: findings and reminders.

    In an authorised user's own shop all is a reminder; of his goods, sold by others, what he failed to put beside the mark.
    """
    by_gi = standings.of(listing, dict.fromkeys(finding.gi_id for finding in (*found, *reminders)), on)
    guidance = [standings.placed(finding, by_gi[finding.gi_id], on) for finding in reminders]
    kept: list[Finding] = []
    for finding in found:
        standing = by_gi[finding.gi_id]
        if standing.is_resale and finding.model_id == COPIED_MODEL:
            continue  # who sells his goods may show them
        is_guidance = standing.is_own or (standing.is_resale and _is_duty(finding))
        (guidance if is_guidance else kept).append(standings.placed(finding, standing, on))
    return kept, guidance
