"""Pictures after the crawl: looked at one by one, so that the work can stop and go on; then what they say reaches the leads.

Each picture is a unit of work of its own. What follows for a listing is worked out anew from all of its pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import Connection

from gimonitor.errors import InputError
from gimonitor.imaging.alike import Fingerprint, are_same, fingerprint, groups, unpacked
from gimonitor.imaging.decode import Picture, read_picture
from gimonitor.imaging.faults import FAMILY, FaultRule, copied_finding, fault_rules, finding_of, is_own_use, picture_key
from gimonitor.imaging.inspector import Inspection, Verdict
from gimonitor.imaging.look import VERSION, Look, Looker
from gimonitor.imaging.sayings import Said, Saying
from gimonitor.model.finding import Clearing, Finding, Place, Screening
from gimonitor.model.listing import Field, Listing
from gimonitor.model.picture import PictureState
from gimonitor.model.register import AuthorisedUser, Certainty, Register
from gimonitor.model.run import RunState
from gimonitor.model.zone import BEIJING
from gimonitor.screening.added import Added
from gimonitor.screening.standing import Standings
from gimonitor.store import pictures, runs
from gimonitor.store.codec import decode, encode
from gimonitor.store.database import Store
from gimonitor.store.histories import load_histories
from gimonitor.store.loading import StoredListing, load_listings
from gimonitor.store.pictures import SeenPicture, Use
from gimonitor.store.rescreened import save_rescreened
from gimonitor.workflow.intake import Screens
from gimonitor.workflow.owners import has_died, is_dead, own_mark, own_name

KIND = "pictures"
LEASE_SECONDS = 600
_AT_ONCE = 8
_COMPARED = 3000  # the pictures seen last, among which copies are looked for
IN_ORDER = "picture-in-order"  # the code of what a picture says for the seller

Progress = Callable[[int, int], None]
"""Told how many pictures were looked at since it was told last, and how many of them were refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedThrough:
    """What a pass over the queue did. `run_id` is None where nothing waited; `is_whole` is False where Ctrl-C or SIGTERM ended it:
    what it had seen is kept, and the next one brings it to the listings.
    """

    run_id: int | None
    seen: int = 0
    refused: int = 0
    left: int = 0  # pictures looked at by a pass that ended before it came to their listings; this one did
    waiting: int = 0  # pictures that wait still
    listings: int = 0
    changes: int = 0  # of leads
    is_whole: bool = True


@dataclass(slots=True)
class _Done:
    """What a pass did so far."""

    seen: int = 0
    refused: int = 0
    listings: int = 0
    changes: int = 0


@dataclass(frozen=True, slots=True)
class PictureWork:
    """What looking through the queue needs: the store, where files lie, the finder, and what screens."""

    store: Store
    evidence_dir: Path
    looker: Looker
    screener: Screens


def look_through(
    work: PictureWork,
    *,
    limit: int | None = None,
    progress: Progress | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> LookedThrough:
    """Look at what waits, `limit` pictures at most, then bring the leads up to it. Killed at any moment, it goes on where it was;
    ended by Ctrl-C or SIGTERM, it gives back what it had taken, so that the next one need not wait for it.
    """
    store, now = work.store, _now()
    waiting = store.attempt(lambda c: pictures.queue_pictures(c, now, VERSION))
    left = count_left(store)
    if not waiting and not left:
        return LookedThrough(run_id=None)
    run_id = store.attempt(lambda c: _start(c, {"waiting": waiting}, now))
    done = _Done()
    is_whole = _work(work, run_id, limit, done, left, progress, say)
    summary = f"{done.seen} pictures seen, {done.refused} refused, {done.changes} leads changed"
    if not is_whole:
        store.attempt(lambda c: pictures.give_back(c, own_name(), _now()))
    elif left:
        summary += f"; {left} pictures that an interrupted run had seen were brought to their listings"
    state = RunState.OK if is_whole else RunState.INTERRUPTED
    store.attempt(lambda c: runs.finish_run(c, run_id, state, summary, _now()))
    with store.read() as c:
        waiting = pictures.count_pictures(c).get(PictureState.WAITING, 0)
    return LookedThrough(
        run_id=run_id,
        seen=done.seen,
        refused=done.refused,
        left=left,
        waiting=waiting,
        listings=done.listings,
        changes=done.changes,
        is_whole=is_whole,
    )


def _work(
    work: PictureWork,
    run_id: int,
    limit: int | None,
    done: _Done,
    left: int,
    progress: Progress | None,
    say: Callable[[str], None],
) -> bool:
    """Look, then conclude; False when it was ended by Ctrl-C or SIGTERM.

    That is told by a value: while the interrupt lives, its frames hold cursors, and with them SQLite's lock.
    """
    try:
        for good in _looked(work, limit):
            done.seen, done.refused = done.seen + good, done.refused + (not good)
            if progress:
                progress(1, int(not good))
        say(f"{done.seen + left} pictures are compared with those seen before, and their listings brought up to them")
        done.listings, done.changes = _conclude(work, run_id)
    except KeyboardInterrupt:
        return False
    return True


def count_left(store: Store) -> int:
    """How many pictures a worker that is gone looked at and did not bring to their listings."""
    return len(_mine(store))


def _start(c: Connection, config: dict[str, object], now: datetime) -> int:
    """Record a run, and as interrupted those whose process is gone."""
    for run in runs.latest_runs(c, kind=KIND):
        if run.state is RunState.RUNNING and has_died(str(run.config.get(runs.RUNNER, ""))):
            runs.finish_run(c, run.id, RunState.INTERRUPTED, "its process ended before the run did", now)
    return runs.start_run(c, KIND, config | {runs.RUNNER: own_mark()}, now=now)


def _mine(store: Store) -> list[str]:
    """Digests of the pictures whose listings are to be brought up to them by this process: its own, and those that others left."""
    with store.read() as c:
        found, now = pictures.open_pictures(c), _now()
    return [one.digest for one in found if one.leased_until < now or is_dead(one.owner)]


def _now() -> datetime:
    return datetime.now(UTC)


def _looked(work: PictureWork, limit: int | None) -> Iterator[bool]:
    """Look at leased pictures, each stored before the next begins: whether it could be looked at."""
    owner, done = own_name(), 0
    while limit is None or done < limit:
        room = _AT_ONCE if limit is None else min(_AT_ONCE, limit - done)
        leased = work.store.attempt(
            lambda c, room=room: pictures.lease_pictures(c, owner, _now(), LEASE_SECONDS, room)  # type: ignore[misc]  # bound at once
        )
        if not leased:
            return
        for one in leased:
            good = _look_at(work, one.digest, one.file, owner)
            done += 1
            yield good


def _look_at(work: PictureWork, digest: str, file: str, owner: str) -> bool:
    try:
        picture = _captured(work.evidence_dir, digest, file)
        look, told = encode(work.looker.look(picture)), fingerprint(picture.pixels).packed()
    except InputError as error:
        problem = str(error).replace(f"{work.evidence_dir}/", "")
        work.store.attempt(lambda c: pictures.refuse_picture(c, digest, owner, problem, _now()))
        return False
    assert isinstance(look, dict)
    work.store.attempt(lambda c: pictures.save_look(c, digest, owner, look, told, VERSION, _now()))
    return True


def _captured(folder: Path, digest: str, name: str) -> Picture:
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise InputError(f"{name}: the file lies outside the evidence folder")
    picture = read_picture(path)
    if picture.digest != digest:
        raise InputError(f"{name}: its bytes are not those that were captured")
    return picture


def _conclude(work: PictureWork, run_id: int) -> tuple[int, int]:
    """Work out what the listings that show pictures seen just now are suspected of. Returns how many listings, how many leads changed."""
    digests = _mine(work.store)
    with work.store.read() as c:
        ids = pictures.listings_showing(c, digests)
        prints, together = _alike(c, set(digests))
        copies = _copies(c, work.looker.register, set(digests), prints, together)
    work.store.attempt(lambda c: pictures.save_alike(c, together))
    standings = Standings(work.looker.register)
    fresh = {picture_key(digest) for digest in digests}
    changes = 0
    every = sorted({*ids, *copies})
    for start in range(0, len(every), 50):
        some = every[start : start + 50]
        changes += work.store.attempt(
            lambda c, some=some: _conclude_some(c, work, standings, some, copies, fresh, run_id)  # type: ignore[misc]  # bound at once
        )
    work.store.attempt(lambda c: pictures.close_pictures(c, digests))
    return len(every), changes


def _conclude_some(
    c: Connection,
    work: PictureWork,
    standings: Standings,
    ids: Sequence[int],
    copies: dict[int, list[Finding]],
    fresh: set[str],
    run_id: int,
) -> int:
    """Keep what some listings are suspected of now. What was kept of copies stands, but for pictures looked at just now: by their keys."""
    at = _now()
    on = at.astimezone(BEIJING).date()
    stored = load_listings(c, ids)
    histories = load_histories(c, [one.listing for one in stored])
    screened: list[tuple[StoredListing, Screening]] = []
    for one, history in zip(stored, histories, strict=True):
        seen = pictures.pictures_of(c, one.id)
        looks = looks_of(seen)
        told = picture_findings(work.looker, looks, on, last_seen(seen))
        copied = copies.get(one.id, [])
        found, reminders = _told_apart(standings, one.listing, (*told.found, *copied), told.reminders, on)
        again = fresh | {finding.place.key for finding in copied}
        found += [finding for finding in pictures.kept_copies(c, one.id) if finding.place.key not in again]
        plain = work.screener.screen(one.listing, on, history)
        in_order = {key for clearing in told.considered if clearing.place for key in clearing.place.key.split()}
        others = [look for look in looks if picture_key(look.digest) not in in_order]
        in_texts, own = _texts_found(work.screener, one, others, on)
        for_seller = {clearing.gi_id for clearing in told.considered}
        found += [finding for finding in in_texts if finding.gi_id not in for_seller]
        strong = [finding for finding in found if _makes_lead(finding)]
        added = Added(
            found=_once(strong),
            reminders=_once((*reminders, *own)),
            notes=_once(finding for finding in found if finding not in strong),
            considered=told.considered,
        )
        pictures.save_added(c, one.id, added)
        screened.append((one, plain))
    return len(save_rescreened(c, screened, run_id, at))


def looks_of(seen: Sequence[SeenPicture]) -> tuple[Look, ...]:
    """The looks at pictures that could be looked at."""
    return tuple(decode(Look, one.look) for one in seen if one.state is PictureState.SEEN and one.look)


def last_seen(seen: Sequence[SeenPicture]) -> date | None:
    """The day in Beijing on which the last of some pictures was first seen; None for no pictures."""
    return max((one.at.astimezone(BEIJING).date() for one in seen), default=None)


def _rule_of(finding: Finding) -> FaultRule | None:
    return next((rule for rule in fault_rules().values() if rule.model_id == finding.model_id), None)


def _makes_lead(finding: Finding) -> bool:
    """False for what only goes to a suspicion: sellers of honest goods show their maker's pictures, too."""
    rule = _rule_of(finding)
    return finding.model_id != pictures.COPIED_MODEL and (rule is None or rule.makes_lead)


def _once(found: Iterable[Finding]) -> tuple[Finding, ...]:
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


def _told_apart(
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
        if standing.is_resale and finding.model_id == pictures.COPIED_MODEL:
            continue  # who sells his goods may show them
        is_guidance = standing.is_own or (standing.is_resale and _is_duty(finding))
        (guidance if is_guidance else kept).append(standings.placed(finding, standing, on))
    return kept, guidance


def picture_findings(looker: Looker, looks: Sequence[Look], on: date, seen_on: date | None = None) -> Added:
    """What the pictures of one listing say together: findings, reminders for an authorised user, and what speaks for the seller.

    `seen_on` is the day on which the last of them was first seen: no goods in them were made after it.
    """
    found: list[Finding] = []
    reminders: list[Finding] = []
    in_order: dict[tuple[str, str], list[Clearing]] = {}
    for look in looks:
        elsewhere = tuple(said for other in looks if other is not look for said in other.said)
        inspection = looker.inspected(look, on, elsewhere, seen_on)
        made = _of_inspection(inspection, looker.register, on, look.digest)
        (reminders if is_own_use(inspection.faults) else found).extend(made)
        for clearing in _in_order(inspection, look, elsewhere, looker.register):
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


def _texts_found(
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


def _alike(c: Connection, fresh: Collection[str]) -> tuple[dict[str, Fingerprint], list[list[str]]]:
    """The pictures seen last by digest, and which of them are near-duplicates: groups with a fresh one."""
    newest = pictures.newest_fingerprints(c, _COMPARED)
    known = [(digest, told, name) for digest, values, name in newest if (told := unpacked(values)) is not None]
    new = {index for index, (digest, _, _) in enumerate(known) if digest in fresh}
    together = groups([told for _, told, _ in known], [name for _, _, name in known], new)
    prints = {digest: told for digest, told, _ in known}
    return prints, [[known[index][0] for index in members] for members in together]


def _copies(
    c: Connection, register: Register, fresh: set[str], prints: dict[str, Fingerprint], together: list[list[str]]
) -> dict[int, list[Finding]]:
    """By listing: pictures that an authorised user's shop showed before. Only groups that hold a picture seen just now."""
    found: dict[int, list[Finding]] = {}
    on = _now().astimezone(BEIJING).date()
    grouped = {digest for members in together for digest in members}
    alone = [[digest] for digest in prints if digest in fresh and digest not in grouped]
    for digests in (*together, *alone):
        for listing_id, finding in _copied(pictures.uses_of(c, digests), prints, register, on):
            found.setdefault(listing_id, []).append(finding)
    return found


def _copied(
    uses: Sequence[Use], prints: dict[str, Fingerprint], register: Register, on: date
) -> Iterator[tuple[int, Finding]]:
    """Uses by others of what the shop that showed it first is an authorised user's. A group holds copies of copies: each is
    compared with that shop's own pictures."""
    owner = _user_behind(uses[0], register) if uses else None
    if owner is None:
        return
    own = {use.digest for use in uses if _shop(use) == _shop(uses[0])}
    same = dict.fromkeys(own, True)
    for use in uses[1:]:
        if _shop(use) == _shop(uses[0]) or _user_behind(use, register) is not None:
            continue
        if use.digest not in same:
            same[use.digest] = any(are_same(prints[one], prints[use.digest]) for one in own)
        if same[use.digest]:
            finding = copied_finding(owner.gi_id, owner.name, on, register, use.digest)
            yield use.listing_id, replace(finding, reason=_copied_from(uses[0], owner))


def _copied_from(first: Use, owner: AuthorisedUser) -> str:
    """Which goods of a user's shop showed the picture first, and since when."""
    link = f"，{first.url}" if first.url else ""
    day = f"{first.at.astimezone(BEIJING):%Y年%m月%d日}"
    return f"商品图片与合法使用人“{owner.name}”店铺先前使用的图片相同：该店铺商品“{first.title}”（{first.item_id}）{link}，{day}首次采集到。"


def _shop(use: Use) -> tuple[str, str, str]:
    return use.platform, use.shop_id, use.shop_name


def _user_behind(use: Use, register: Register) -> AuthorisedUser | None:
    """The authorised user whose shop it is: by credit code, by a shop on record, or by the shop's name."""
    for user in register.users:
        own_code = bool(user.uscc) and use.uscc.strip().upper() == user.uscc
        on_record = any(
            platform == use.platform and known in (use.shop_id, use.shop_name) for platform, known in user.shops
        )
        if own_code or on_record or (len(user.name) > 3 and user.name in use.shop_name):
            return user
    return None
