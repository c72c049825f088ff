"""平台规则: what each platform asks of a complaint, as data with the source of each fact, and what a batch still lacks.

A fact nobody has checked is shown as such to the officer and stops nothing; only facts with a source are enforced.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import BeforeValidator, Field, model_validator

from gimonitor.errors import InputError
from gimonitor.evidence.pages import visible
from gimonitor.model.register import Certainty
from gimonitor.parsing.platform import load_platforms
from gimonitor.register.platforms import NamedForm, load_forms, platform_rules
from gimonitor.register.schema import Form, Text

T = TypeVar("T")
Count = Annotated[int, BeforeValidator(int), Field(ge=1)]
Truth = Annotated[bool, BeforeValidator(lambda text: {"true": True, "false": False}.get(text, text))]
Source = Literal[
    "number", "url", "item_id", "platform", "shop", "title", "gi", "reason", "reason_code", "countries", "statement"
]


class Said(Form, Generic[T]):
    """A fact about a platform: its value, how it is known, and where it was read."""

    value: T
    certainty: Literal[Certainty.FOUND, Certainty.UNVERIFIED]
    source: Text

    @property
    def is_found(self) -> bool:
        """True when a named public source was read."""
        return self.certainty is Certainty.FOUND


class ReasonCode(Said[Text]):
    """The platform's codes of a reason, what `value` says of them, and the columns that they cannot do without."""

    codes: tuple[Text, ...]
    needs: tuple[Source, ...] = ()


class Shape(Said[Text]):
    """What a whole cell looks like: `value` in words for the officer, `pattern` the same as a regular expression."""

    pattern: re.Pattern[str]


class Column(Form):
    """A column of the platform's sheet: its heading, what fills it, and its limit in characters and shape where known."""

    name: Text
    content: Source
    required: Truth = True
    limit: Said[Count] | None = None
    shape: Shape | None = None


class Attachment(Form):
    """A paper that must go along, or that is only `advised`. `kind` is that of the document store."""

    kind: Literal["identity", "rights", "power_of_attorney", "statement", "test_purchase"]
    for_agents_only: Truth = False
    advised: Truth = False
    about: Said[Text]

    def is_needed(self, by_agent: bool) -> bool:
        """True where nothing is taken without it."""
        return not self.advised and (by_agent or not self.for_agents_only)


class Clock(Form):
    """A time that runs at the platform."""

    name: Text
    time: Said[Text]


class Profile(NamedForm):
    """rules/platforms/complaints/<id>.yml: what one channel of complaint wants."""

    name: Text
    channel: Literal["portal", "email", "api"]
    platforms: tuple[Text, ...]
    address: Said[Text]
    who: Said[Text]
    per_batch: Said[Count] | None = None
    without_account: Said[Count] | None = None
    columns: tuple[Column, ...]
    attachments: tuple[Attachment, ...] = ()
    reason_codes: tuple[ReasonCode, ...] = ()
    clocks: tuple[Clock, ...] = ()
    standing: tuple[Said[Text], ...] = ()

    @model_validator(mode="after")
    def _names_differ(self) -> Profile:
        names = [column.name for column in self.columns]
        if len(set(names)) < len(names):
            raise ValueError("two columns of one name")
        return self


def load_profiles(folder: Path | None = None) -> dict[str, Profile]:
    """All profiles by id, by default those of rules/platforms/complaints.

    Raises RulesError with every issue, each with file, line and column.
    """
    return load_forms(folder or platform_rules("complaints"), Profile)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One listing in a complaint, as the sheet needs it. `reason` is the officer's sentence, `reason_code` the
    platform's code where it has one, `countries` those that the code asks for; `open_facts` says why there is no reason: facts that nobody has checked."""

    lead_id: int
    url: str
    item_id: str
    platform: str
    shop: str
    title: str
    gi: str
    reason: str
    reason_code: str = ""
    countries: str = ""
    statement: str = ""
    open_facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """Something that must be mended before export. `lead_id` 0: of the whole complaint."""

    lead_id: int
    what: str


def validate(
    profile: Profile, links: Sequence[Link], documents: Iterable[str], *, by_agent: bool = False
) -> tuple[Lack, ...]:
    """Everything a complaint still lacks; empty when it may be exported. `documents` are kinds at hand and valid."""
    return tuple(_lacks(profile, links, frozenset(documents), by_agent))


def _lacks(profile: Profile, links: Sequence[Link], documents: frozenset[str], by_agent: bool) -> Iterator[Lack]:
    if not links:
        yield Lack(lead_id=0, what="没有链接")
    for attachment in profile.attachments:
        if attachment.kind not in documents and attachment.is_needed(by_agent):
            yield Lack(lead_id=0, what=f"缺少材料：{attachment.about.value}")
    for code, countries in dict.fromkeys((link.reason_code, link.countries) for link in links):
        yield from _lacks_of_code(profile, code, countries)
    seen: dict[str, int] = {}
    for link in links:
        if profile.platforms and link.platform not in profile.platforms:
            yield Lack(lead_id=link.lead_id, what=f"{platform_name(link.platform)}的链接不归{profile.name}受理")
        if link.url in seen:
            yield Lack(lead_id=link.lead_id, what=f"链接与线索 {seen[link.url]} 重复")
        seen.setdefault(link.url, link.lead_id)
        for number, column in enumerate(profile.columns):
            for what in _lacks_of_cell(profile, column, link, cell_of(column, link, number)):
                yield Lack(lead_id=link.lead_id, what=what)


def _lacks_of_cell(profile: Profile, column: Column, link: Link, text: str) -> Iterator[str]:
    """A cell that is empty, too long, or not of the shape that the platform's numbers have."""
    if column.required and not text.strip():
        why = _unreasoned(link) if column.content == "reason" and link.open_facts else ""
        why = why or (f"：{_codes_of(profile)}" if column.content == "reason_code" else "")
        yield f"“{column.name}”没有内容{why}"
    if column.limit and column.limit.is_found and len(text) > column.limit.value:
        yield f"“{column.name}”{len(text)} 字，平台限 {column.limit.value} 字"
    if column.shape and column.shape.is_found and text.strip() and not column.shape.pattern.fullmatch(text):
        yield f"“{column.name}”应为 {column.shape.value}，现为“{visible(text)}”"


def _lacks_of_code(profile: Profile, code: str, countries: str) -> Iterator[Lack]:
    """A code that the sheet has no place for or the profile does not know, and what a known one needs."""
    if not code:
        return
    if not any(column.content == "reason_code" for column in profile.columns):
        yield Lack(lead_id=0, what=f"{profile.name}的表格没有理由代码一栏，请去掉理由代码 {code}")
        return
    if not profile.reason_codes:
        return
    known = next((each for each in profile.reason_codes if code in each.codes), None)
    if known is None:
        yield Lack(lead_id=0, what=f"{profile.name}的档案中没有理由代码 {code}；{_codes_of(profile)}")
    elif "countries" in known.needs and not countries:
        name = next((column.name for column in profile.columns if column.content == "countries"), "countries")
        yield Lack(lead_id=0, what=f"理由代码 {code} 须填“{name}”")


def _codes_of(profile: Profile) -> str:
    """The codes to choose from, and where others belong."""
    known = "；".join(f"{'、'.join(each.codes)}（{each.value}）" for each in profile.reason_codes) or "没有"
    return f"档案中的代码：{known}；另有代码的，先连同出处写入 rules/platforms/complaints/{profile.id}.yml"


def _unreasoned(link: Link) -> str:
    """Why a link has no reason of its own, and what a person can do."""
    return (
        f"：疑点的说明用到的事实未核实（{'；'.join(link.open_facts)}）。"
        f"请自行写明理由；或者由运维员按出处核实“{link.gi}”档案中的这些事实并重新筛查"
    )


def platform_name(code: str) -> str:
    """A platform's name for people; the code where none is known."""
    known = load_platforms().get(code)
    return known.name if known else code


def cell_of(column: Column, link: Link, number: int) -> str:
    """The text of a cell; `number` is the row's, counted from 1 in its sheet."""
    if column.content == "number":
        return str(number)
    return platform_name(link.platform) if column.content == "platform" else str(getattr(link, column.content))


def batches(profile: Profile, links: Sequence[Link], *, with_account: bool = True) -> list[Sequence[Link]]:
    """Cut the links so that no batch is over the platform's limit; one batch where no limit is known for certain.

    Raises:
        InputError: complaints without an account are not known to be possible there.
    """
    limit = profile.per_batch if with_account else profile.without_account
    if limit is None and not with_account:
        raise InputError(f"{profile.name}：没有账号能否投诉，尚无可靠来源")
    size = limit.value if limit and limit.is_found else max(len(links), 1)
    return [links[start : start + size] for start in range(0, len(links), size)]
