"""Signed requests of the APIs that sort their parameters. Pure: values and a time in, parameters out."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field

from gimonitor.crawling.keys import ApiKey
from gimonitor.errors import ConfigurationError
from gimonitor.model.zone import BEIJING

_LONGEST_PAUSE = 3600.0  # seconds


class Signature(StrEnum):
    """How the sorted parameters are signed."""

    WRAPPED_MD5 = "wrapped_md5"  # MD5 of secret + k1v1k2v2… + secret, capital hex
    HMAC_SHA256 = "hmac_sha256"  # HMAC-SHA256 of k1v1k2v2…, capital hex
    PAIRS_HMAC_SHA256 = "pairs_hmac_sha256"  # HMAC-SHA256 of k1=v1&k2=v2&signSecret=…, base64
    PATH_HMAC_SHA1 = "path_hmac_sha1"  # HMAC-SHA1 of the path + k1v1k2v2…, capital hex


class Names(BaseModel):
    """What this API calls its method, key and time parameters; empty where it has none."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    method: str = ""
    key: str = ""
    time: str = ""


class SignedApi(BaseModel):
    """One API as the data file describes it. `path` follows the endpoint, `{key}` in it is the key.

    `nested`: the business parameters go as JSON into one parameter, or one object deeper. `always` are business
    parameters that never change, `needs` and `extra` come from the key file; `momentary` are the words, a regular
    expression, for calls that came too fast.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    platform: str
    endpoint: str
    path: str = ""
    names: Names
    method: str = ""
    time_format: str
    fixed: Mapping[str, str]
    signature: Signature = Signature.WRAPPED_MD5
    sign: str = "sign"
    token: str = ""
    query: str
    page: str
    page_is_text: bool = False
    size: str
    page_size: int = Field(ge=1, le=200)
    max_pages: int = Field(ge=1)
    nested: tuple[str, ...] = Field(default=(), max_length=2)
    always: Mapping[str, str | int | bool] = {}
    needs: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    momentary: re.Pattern[str] | None = None
    daily_calls: int = Field(ge=1)
    bias: str
    source: str

    def check_key(self, name: str, key: ApiKey) -> None:
        """Raise ConfigurationError that names what the key file lacks for this API."""
        lacking = [f"extra.{need}" for need in self.needs if not key.extra.get(need)]
        if self.token and not key.token.get_secret_value():
            lacking.append("token")
        if lacking:
            raise ConfigurationError(f"secrets: [{name}] lacks {', '.join(lacking)}")

    def pause_of(self, said: str) -> float | None:
        """The seconds to wait where the platform's words say that calls came too fast, 0 where they tell no time; None for
        other words, such as those of a day's quota, and for a ban of hours, which is as one."""
        found = self.momentary.search(said) if self.momentary else None
        pause = float(found.groupdict().get("seconds") or 0) if found else None
        return pause if pause is None or pause <= _LONGEST_PAUSE else None

    def path_for(self, key: ApiKey) -> str:
        """The path behind the endpoint, which some schemes sign too."""
        return self.path.replace("{key}", key.key)


@cache
def load_apis() -> Mapping[str, SignedApi]:
    """All APIs of the family by name."""
    text = Path(__file__).with_name("apis.yml").read_text(encoding="utf-8")
    return {name: SignedApi.model_validate(value) for name, value in yaml.safe_load(text).items()}


def bias_of(sources: Iterable[str]) -> dict[str, str]:
    """What each of the sources leaves out by its nature; stored with a run and printed with its figures."""
    apis = load_apis()
    return {name: apis[name].bias for name in sources if name in apis}


def sign(signature: Signature, parameters: Mapping[str, str], secret: str, path: str = "") -> str:
    """The signature over all parameters that have a value."""
    pairs = [(name, value) for name, value in sorted(parameters.items()) if value != ""]
    return _SIGNERS[signature](pairs, secret, path)


def _wrapped_md5(pairs: list[tuple[str, str]], secret: str, _: str) -> str:
    text = f"{secret}{_joined(pairs)}{secret}"
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().upper()


def _hmac_sha256(pairs: list[tuple[str, str]], secret: str, _: str) -> str:
    return hmac.new(secret.encode(), _joined(pairs).encode(), hashlib.sha256).hexdigest().upper()


def _pairs_hmac_sha256(pairs: list[tuple[str, str]], secret: str, _: str) -> str:
    text = "&".join(f"{name}={value}" for name, value in [*pairs, ("signSecret", secret)])
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()).decode()


def _path_hmac_sha1(pairs: list[tuple[str, str]], secret: str, path: str) -> str:
    return hmac.new(secret.encode(), f"{path}{_joined(pairs)}".encode(), hashlib.sha1).hexdigest().upper()


def _joined(pairs: list[tuple[str, str]]) -> str:
    return "".join(f"{name}{value}" for name, value in pairs)


_SIGNERS: Mapping[Signature, Callable[[list[tuple[str, str]], str, str], str]] = {
    Signature.WRAPPED_MD5: _wrapped_md5,
    Signature.HMAC_SHA256: _hmac_sha256,
    Signature.PAIRS_HMAC_SHA256: _pairs_hmac_sha256,
    Signature.PATH_HMAC_SHA1: _path_hmac_sha1,
}


def signed_parameters(api: SignedApi, key: ApiKey, query: str, page: int, now: datetime) -> dict[str, str]:
    """All parameters of a search for `query`, signature included. `now` must be aware."""
    system = {api.names.method: api.method, api.names.key: key.key, api.names.time: _time(api.time_format, now)}
    system[api.token] = key.token.get_secret_value()
    system.pop("", None)
    parameters = {**system, **api.fixed, **_business(api, key, query, page)}
    return {**parameters, api.sign: sign(api.signature, parameters, key.secret.get_secret_value(), api.path_for(key))}


def _business(api: SignedApi, key: ApiKey, query: str, page: int) -> dict[str, str]:
    values: dict[str, str | int | bool] = {**api.always, api.query: query}
    values |= {api.page: str(page) if api.page_is_text else page, api.size: api.page_size}
    values |= {name: key.extra[name] for name in (*api.needs, *api.extra) if key.extra.get(name)}
    if not api.nested:
        return {name: str(value) for name, value in values.items()}
    outer, *inner = api.nested
    packed: object = {inner[0]: values} if inner else values
    return {outer: json.dumps(packed, ensure_ascii=False, separators=(",", ":"))}


def _time(form: str, now: datetime) -> str:
    if form in ("epoch", "epoch_ms"):
        return str(int(now.timestamp() * (1000 if form == "epoch_ms" else 1)))
    return now.astimezone(BEIJING).strftime(form)
