"""The form of the files under rules/, one pydantic model a kind of file; anything unknown is an error.

Scalars arrive as the text that was written (see `nodes`), so numbers, dates and truth values are read here and only
in one way. A fact is written as plain text (nobody has checked it: unverified) or as
`{value: …, source: …}` (found), or `{value: …, certainty: found}` where the file's own `source` covers it.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    StringConstraints,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from gimonitor.model.register import Basis, Certainty, Kind

T_co = TypeVar("T_co", covariant=True)
_INTEGER = re.compile(r"-?(0|[1-9]\d{0,14})")
_NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,6})?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def _integer(value: object) -> object:
    if isinstance(value, str):
        if not _INTEGER.fullmatch(value):
            raise ValueError(f"{value!r} is not a whole number (no leading zero, no other base)")
        return int(value)
    return value


def _number(value: object) -> object:
    if isinstance(value, str):
        if not _NUMBER.fullmatch(value):
            raise ValueError(f"{value!r} is not a decimal number")
        return float(value)
    return value


def decimal_of(text: str) -> float | None:
    """The decimal number that a text is; None where it is anything else (nan, 1e5, .5)."""
    return float(text) if _NUMBER.fullmatch(text) else None


def _date(value: object) -> object:
    if isinstance(value, str):
        if not _DATE.fullmatch(value):
            raise ValueError(f"{value!r} is not a date of the form 2027-01-31")
        return date.fromisoformat(value)
    return value


def _truth(value: object) -> object:
    if isinstance(value, str):
        if value not in ("true", "false"):
            raise ValueError(f"{value!r} is neither true nor false")
        return value == "true"
    return value


def _division(code: str) -> str:
    from gimonitor.register.regions import region  # it reads rule files itself, whose folders are named here

    if region(code) is None:
        raise PydanticCustomError("unknown_area", "no administrative division has the code {code}", {"code": code})
    return code


def _not_empty(codes: tuple[str, ...]) -> tuple[str, ...]:
    if not codes:  # min_length would also blame a list whose only code is wrong
        raise ValueError("no code")
    return codes


Integer = Annotated[int, BeforeValidator(_integer)]
Number = Annotated[float, BeforeValidator(_number)]
Day = Annotated[date, BeforeValidator(_date)]
Truth = Annotated[bool, BeforeValidator(_truth)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
Adcode = Annotated[str, StringConstraints(pattern=r"^\d{2}(\d{2}){0,2}$"), AfterValidator(_division)]
Adcodes = Annotated[tuple[Adcode, ...], AfterValidator(_not_empty), Field(json_schema_extra={"minItems": 1})]
MonthDay = Annotated[str, StringConstraints(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]
Tier = Annotated[Integer, Field(ge=1, le=3)]
Category = Literal["食用农林产品及食品", "非食用农林产品", "中药材", "手工艺品", "其他"]
ProductGroup = Literal["初级农产品", "加工食品", "道地药材", "传统手工艺品", "其他"]


class Form(BaseModel):
    """Base of every part of a file: nothing unknown, nothing changed after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FactForm(Form, Generic[T_co]):
    """A value with how it is known; plain text stands for an unverified value."""

    value: T_co
    certainty: Certainty | None = None
    source: Text | None = None
    checked_by: Text | None = None
    checked_on: Day | None = None

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, data: object) -> object:
        return data if isinstance(data, dict) else {"value": data}

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        full = handler.resolve_ref_schema(handler(core))
        plain: dict[str, Any] = dict(full.get("properties", {}).get("value", {}))
        return {"anyOf": [plain, full], "title": full.get("title", "Fact")}


class ProtectionForm(Form):
    kind: FactForm[Kind]
    numbers: tuple[FactForm[Text], ...] = ()
    starts: FactForm[Day] | None = None
    ends: FactForm[Day] | None = None
    converted_from: FactForm[Kind] | None = None
    holder: FactForm[Text] | None = None
    note: Text | None = None


class StandardForm(Form):
    code: FactForm[Text]
    starts: FactForm[Day] | None = None
    ends: FactForm[Day] | None = None


class AreaForm(Form):
    adcodes: FactForm[Adcodes]
    townships: FactForm[Text] | None = None


class OpeningForm(Form):
    year: Integer = Field(ge=2000, le=2100)
    date: FactForm[Day]


class SeasonForm(Form):
    opens: FactForm[MonthDay] | None = None
    closes: FactForm[MonthDay] | None = None
    harvest: FactForm[Text] | None = None
    opening_dates: tuple[OpeningForm, ...] = ()


class PriceForm(Form):
    year: Integer = Field(ge=2000, le=2100)
    fen_per_500g: FactForm[Annotated[Integer, Field(gt=0)]]


class OutputForm(Form):
    year: Integer = Field(ge=2000, le=2100)
    tonnes: FactForm[Annotated[Number, Field(gt=0)]]


class GIFile(Form):
    """rules/gi/<province>/<id>.yml: one geographical indication."""

    id: Slug
    name: Text
    certainty: Certainty | None = None
    source: Text | None = None
    province: Text | None = None
    city: Text | None = None
    protections: tuple[ProtectionForm, ...] = ()
    aliases: tuple[FactForm[Text], ...] = ()
    translations: tuple[FactForm[Text], ...] = ()
    near: tuple[FactForm[Text], ...] = ()
    core: Text | None = None
    product_words: tuple[Text, ...] = ()
    like_words: tuple[Text, ...] = ()
    not_goods: tuple[Text, ...] = ()
    generic_words: tuple[Text, ...] = ()
    needs_near: tuple[Text, ...] = ()
    twins: tuple[FactForm[Text], ...] = ()
    company_words: tuple[FactForm[Text], ...] = ()
    brands: tuple[FactForm[Text], ...] = ()
    category: FactForm[Category] | None = None
    product_group: FactForm[ProductGroup] | None = None
    goods: FactForm[Text] | None = None
    nice_classes: tuple[Annotated[Integer, Field(ge=1, le=45)], ...] = ()
    sc_categories: tuple[Annotated[str, StringConstraints(pattern=r"^\d{3}$")], ...] = ()
    area: AreaForm | None = None
    standards: tuple[StandardForm, ...] = ()
    conflicting_standards: tuple[FactForm[Text], ...] = ()
    season: SeasonForm | None = None
    price_floors: tuple[PriceForm, ...] = ()
    outputs: tuple[OutputForm, ...] = ()
    eu_list: FactForm[Text] | None = None
    eu_name: FactForm[Text] | None = None
    tier: FactForm[Tier] | None = None
    notes: Text | None = None
    origin: Text | None = None


class SignFile(Form):
    """rules/signs/<id>.yml: one protected sign."""

    id: Slug
    name: Text
    kind: Literal["gi_special", "gi_abolished", "agi", "olympic", "official", "special"]
    certainty: Certainty = Certainty.UNVERIFIED
    source: Text | None = None
    claims: tuple[Text, ...] = ()
    numbers: tuple[FactForm[Text], ...] = ()
    duties: tuple[FactForm[Text], ...] = ()
    starts: FactForm[Day] | None = None
    ends: FactForm[Day] | None = None
    holders: tuple[FactForm[Text], ...] = ()
    looks: FactForm[Text] | None = None
    look_alikes: tuple[FactForm[Text], ...] = ()
    not_this: tuple[Text, ...] = ()
    checked_by: Text | None = None
    checked_on: Day | None = None


class ArticleForm(Form):
    key: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    article: Text
    text: Text
    certainty: Certainty | None = None
    source: Text | None = None
    checked_by: Text | None = None
    checked_on: Day | None = None
    new: Truth = False
    dropped: Truth = False
    goods_from: Literal["inside", "outside"] | None = None
    kinds: tuple[Kind, ...] = ()


class VersionForm(Form):
    version: Text
    starts: Day
    ends: Day | None = None
    url: Annotated[str, StringConstraints(pattern=r"^https?://\S+$")]
    certainty: Certainty
    source: Text | None = None
    articles: Annotated[tuple[ArticleForm, ...], Field(min_length=1)]


class LawFile(Form):
    """rules/law/<id>.yml: one instrument with its versions."""

    id: Slug
    name: Text
    short: Text
    versions: Annotated[tuple[VersionForm, ...], Field(min_length=1)]


class WordForm(Form):
    text: Text
    reason: Text | None = None
    certainty: Certainty = Certainty.FOUND
    source: Text | None = None

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, data: object) -> object:
        return data if isinstance(data, dict) else {"text": data}

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [{"type": "string"}, handler.resolve_ref_schema(handler(core))]}


class WordsFile(Form):
    """rules/words/<group>.yml: words of one meaning."""

    group: Slug
    notes: Text | None = None
    words: Annotated[tuple[WordForm, ...], Field(min_length=1)]


class ModelFile(Form):
    """rules/models/<id>.yml: one detection model."""

    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]+([-_.][A-Za-z0-9]+)*$", max_length=60)]
    version: Integer = Field(ge=1)
    family: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$")]
    title: Text
    severity: Number = Field(ge=0, le=1)
    status: Literal["draft", "active", "retired"]
    law: tuple[Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+:[a-z0-9-]+$")], ...] = ()
    clears: Text
    parameters: dict[str, str] = Field(default_factory=dict)
    must_flag: tuple[Text, ...] = ()
    must_not_flag: tuple[Text, ...] = ()
    notes: Text | None = None
    author: Text
    reader: Text | None = None  # the second person, who released it
    released_on: Day | None = None


class UserRow(Form):
    """One row of rules/users/*.csv: who may use the special mark. Lists are separated by `;`."""

    gi_id: Slug
    name: Text
    uscc: str = ""
    basis: Basis
    number: str = ""
    starts: Day | None = None
    ends: Day | None = None
    scope: str = ""
    brands: str = ""
    shops: str = ""
    certainty: Certainty
    source: str = ""
    origin: str = ""
    checked_by: str = ""
    checked_on: Day | None = None


FILES: dict[str, type[Form]] = {
    "gi": GIFile,
    "signs": SignFile,
    "law": LawFile,
    "words": WordsFile,
    "models": ModelFile,
}
