"""Signed requests of the API family that sorts its parameters. Pure: values and a time in, parameters out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Field

BEIJING = ZoneInfo("Asia/Shanghai")


class Names(BaseModel):
    """What this API calls its method, key and time parameters."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    method: str
    key: str
    time: str


class SignedApi(BaseModel):
    """One API as the data file describes it. `nested`: the business parameters go as JSON into one parameter."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    platform: str
    endpoint: str
    names: Names
    method: str
    time_format: str
    fixed: Mapping[str, str]
    query: str
    page: str
    size: str
    page_size: int = Field(ge=1, le=200)
    max_pages: int = Field(ge=1)
    nested: tuple[str, str] | None = None
    extra: tuple[str, ...] = ()
    daily_calls: int = Field(ge=1)
    bias: str
    source: str


@cache
def load_apis() -> Mapping[str, SignedApi]:
    """All APIs of the family by name."""
    text = Path(__file__).with_name("apis.yml").read_text(encoding="utf-8")
    return {name: SignedApi.model_validate(value) for name, value in yaml.safe_load(text).items()}


def sign(parameters: Mapping[str, str], secret: str) -> str:
    """MD5 in capital hex over secret + name1value1name2value2… (sorted by name) + secret, as the platforms prescribe."""
    joined = "".join(f"{name}{value}" for name, value in sorted(parameters.items()) if value != "")
    return hashlib.md5(f"{secret}{joined}{secret}".encode(), usedforsecurity=False).hexdigest().upper()


def signed_parameters(
    api: SignedApi, key: str, secret: str, query: str, page: int, now: datetime, extra: Mapping[str, str]
) -> dict[str, str]:
    """All parameters of a search for `query`, signature included. `now` must be aware."""
    time = (
        str(int(now.timestamp())) if api.time_format == "epoch" else now.astimezone(BEIJING).strftime(api.time_format)
    )
    business: dict[str, str | int] = {api.query: query, api.page: page, api.size: api.page_size}
    business |= {name: extra[name] for name in api.extra if extra.get(name)}
    if api.nested:
        outer, inner = api.nested
        packed = {outer: json.dumps({inner: business}, ensure_ascii=False, separators=(",", ":"))}
    else:
        packed = {name: str(value) for name, value in business.items()}
    parameters = {api.names.method: api.method, api.names.key: key, api.names.time: time, **api.fixed, **packed}
    return {**parameters, "sign": sign(parameters, secret)}
