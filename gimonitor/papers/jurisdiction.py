"""管辖: the bureaus a transfer may go to, by the seller's place, the platform's seat and the production area. The officer
chooses; this only lists what the data know, each with its source. A name nobody checked is shown and never printed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from gimonitor.model.listing import Listing
from gimonitor.model.register import GI, Certainty
from gimonitor.papers.forms import blank
from gimonitor.papers.origins import account_of
from gimonitor.papers.platforms import Said
from gimonitor.register.platforms import NamedForm, load_forms, platform_rules
from gimonitor.register.regions import Region, find_regions, region
from gimonitor.register.schema import Text

MOST_AREAS = 6


class Ground(StrEnum):
    """Why a bureau may be the right one."""

    REGISTERED = "registered"
    ACTUAL = "actual"
    SEAT = "seat"
    AREA = "area"


GROUNDS: dict[Ground, str] = {
    Ground.REGISTERED: "当事人登记的住所（经营场所）",
    Ground.ACTUAL: "当事人可能的实际经营地",
    Ground.SEAT: "平台经营者的住所地",
    Ground.AREA: "地理标志的产地",
}


class Seat(NamedForm):
    """rules/platforms/seats/<code>.yml: who runs a platform and where they are registered."""

    operator: Said[Text]
    adcode: Said[Text]


class Bureau(NamedForm):
    """rules/platforms/bureaus/<id>.yml: a bureau by the division it is of."""

    adcode: Text
    name: Said[Text]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A bureau that may be addressed. `bureau` is empty where the data name none; `unverified`: something of it nobody
    checked; `told` says what it rests on."""

    ground: Ground
    region: Region
    told: str
    bureau: str = ""
    unverified: bool = False

    @property
    def key(self) -> str:
        """What names it in a form."""
        return f"{self.ground}:{self.region.adcode}"

    @property
    def place(self) -> str:
        """The division with its province."""
        names = dict.fromkeys(n for n in (self.region.province, self.region.city, self.region.county) if n)
        return "".join(names) or self.region.name

    @property
    def addressee(self) -> str:
        """What a letter prints: the bureau where its name was checked, else a marked blank that says which region."""
        if self.bureau and not self.unverified:
            return self.bureau
        return blank(f"{self.place}有管辖权的市场监督管理（知识产权）部门全称")

    @property
    def reason(self) -> str:
        """Why it goes there, as a letter says it; not what rests on an unchecked fact."""
        return f"{GROUNDS[self.ground]}位于{self.place}" if not self.unverified else ""


def candidates(listing: Listing, gi: GI | None, folder: Path | None = None) -> tuple[Candidate, ...]:
    """The bureaus that may have jurisdiction over an offer, the seller's own first. Reads the rule files."""
    seats = load_forms(folder / "seats" if folder else platform_rules("seats"), Seat)
    bureaus = load_forms(folder / "bureaus" if folder else platform_rules("bureaus"), Bureau)
    by_code = {each.adcode: each for each in bureaus.values()}
    found: dict[str, Candidate] = {}
    for each in (*_of_seller(listing), *_of_platform(seats.get(listing.platform)), *_of_area(gi)):
        bureau = by_code.get(each.region.adcode)
        found.setdefault(each.key, _with_bureau(each, bureau))
    return tuple(found.values())


def operator_of(platform: str, folder: Path | None = None) -> str:
    """Who runs a platform, as a letter addresses them: the name where it was checked, else a marked blank."""
    seat = load_forms(folder / "seats" if folder else platform_rules("seats"), Seat).get(platform)
    return seat.operator.value if seat and seat.operator.is_found else blank("平台经营者全称")


def _with_bureau(candidate: Candidate, bureau: Bureau | None) -> Candidate:
    if bureau is None:
        return candidate
    return Candidate(
        ground=candidate.ground,
        region=candidate.region,
        told=f"{candidate.told}；机关名称来源：{bureau.name.source}",
        bureau=bureau.name.value,
        unverified=candidate.unverified or not bureau.name.is_found,
    )


def _of_seller(listing: Listing) -> Iterator[Candidate]:
    account = account_of(listing)
    subject = listing.shop.subject if listing.shop else None
    if subject and subject.address:
        yield from _named(Ground.REGISTERED, subject.address, f"{account}所示的住所：{subject.address}")
    for text, told in (
        (listing.ship_from, f"{account}所示发货地：{listing.ship_from}，实际经营地须核实"),
        (listing.shop.region if listing.shop else "", f"{account}所示店铺所在地，实际经营地须核实"),
    ):
        if text:
            yield from _named(Ground.ACTUAL, text, told)


def _named(ground: Ground, text: str, told: str) -> Iterator[Candidate]:
    for each in find_regions(text):
        doubt = "（地名不止一处，须核实）" if each.ambiguous else ""
        yield Candidate(ground=ground, region=each, told=told + doubt, unverified=each.ambiguous)


def _of_platform(seat: Seat | None) -> Iterator[Candidate]:
    where = region(seat.adcode.value) if seat else None
    if seat and where:
        checked = seat.operator.is_found and seat.adcode.is_found
        told = f"{seat.operator.value}；来源：{seat.adcode.source}"
        yield Candidate(ground=Ground.SEAT, region=where, told=told, unverified=not checked)


def _of_area(gi: GI | None) -> Iterator[Candidate]:
    if gi is None or gi.area is None:
        return
    codes = gi.area.adcodes
    checked = codes.certainty is Certainty.FOUND
    for code in codes.value[:MOST_AREAS]:
        if where := region(code):
            told = f"{gi.name}的保护范围；来源：{codes.source or gi.source}"
            yield Candidate(ground=Ground.AREA, region=where, told=told, unverified=not checked)
