"""Copies of pictures that an authorised user's shop showed first, found among the pictures seen last."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date

from sqlalchemy import Connection

from gimonitor.imaging.alike import Fingerprint, are_same, groups, unpacked
from gimonitor.imaging.faults import copied_finding
from gimonitor.model.finding import Finding
from gimonitor.model.register import AuthorisedUser, Register
from gimonitor.model.zone import BEIJING
from gimonitor.store import pictures
from gimonitor.store.pictures import Use

_COMPARED = 3000  # the pictures seen last, among which copies are looked for


def near_duplicates(c: Connection, fresh: Collection[str]) -> tuple[dict[str, Fingerprint], list[list[str]]]:
    """The pictures seen last by digest, and which of them are near-duplicates: groups with a fresh one."""
    newest = pictures.newest_fingerprints(c, _COMPARED)
    known = [(digest, told, name) for digest, values, name in newest if (told := unpacked(values)) is not None]
    new = {index for index, (digest, _, _) in enumerate(known) if digest in fresh}
    together = groups([told for _, told, _ in known], [name for _, _, name in known], new)
    prints = {digest: told for digest, told, _ in known}
    return prints, [[known[index][0] for index in members] for members in together]


def copied_findings(
    c: Connection,
    register: Register,
    fresh: set[str],
    prints: dict[str, Fingerprint],
    together: list[list[str]],
    on: date,
) -> dict[int, list[Finding]]:
    """By listing: pictures that an authorised user's shop showed before. Only groups that hold a picture seen just now."""
    found: dict[int, list[Finding]] = {}
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
    same, reason = dict.fromkeys(own, True), _copied_from(uses[0], owner)
    for use in uses[1:]:
        if _shop(use) == _shop(uses[0]) or _user_behind(use, register) is not None:
            continue
        if use.digest not in same:
            same[use.digest] = any(are_same(prints[one], prints[use.digest]) for one in own)
        if same[use.digest]:
            yield use.listing_id, copied_finding(owner.gi_id, reason, on, register, use.digest)


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
