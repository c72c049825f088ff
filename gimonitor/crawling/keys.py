"""The user's own API keys, from the vault (`gimonitor secrets edit`), and how many calls each may make a day.

[jd_union]
key = "…"
secret = "…"
daily_calls = 5000            # your own quota, if it differs
token = "…"                   # the access token of your authorisation, where the API wants one (Kuaishou, 1688)
extra = {adzone_id = "…"}     # further parameters that it wants with every call
endpoint = "http://127.0.0.1:8602/jd"    # only for practice
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from gimonitor.configuration import Configuration
from gimonitor.crawling.records import Records, open_records
from gimonitor.errors import ConfigurationError
from gimonitor.vault import FILE as VAULT
from gimonitor.vault import read_vault


class MissingKeyError(ConfigurationError):
    """There is no key of this name."""


class ApiKey(BaseModel):
    """One key. `token` is the access token of a user's authorisation, which the user renews at the platform; `extra` holds
    further parameters that the API wants with every call (adzone_id, pid …)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str = Field(min_length=1)
    secret: SecretStr = Field(min_length=1)
    token: SecretStr = SecretStr("")
    endpoint: str = ""
    daily_calls: int | None = Field(default=None, ge=1)
    extra: Mapping[str, str] = {}


def load_key(data_dir: Path, name: str) -> ApiKey:
    """The key of an API. Raises ConfigurationError when there is none, naming what lacks in it and never a value."""
    path = data_dir / VAULT
    values = read_vault(data_dir, os.environ).get(name)
    if values is None:
        raise MissingKeyError(
            f"{name} needs your own API key: write [{name}] key and secret by `gimonitor secrets edit` (kept in {path})"
        )
    try:
        return ApiKey.model_validate(values)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(p) for p in e['loc'])}: {e['msg']}" for e in error.errors(include_input=False)
        )
        raise ConfigurationError(f"{path}: [{name}]: {problems}") from error


@dataclass(frozen=True, slots=True)
class Budget:
    """Calls that a key may make on a day, counted in a record that all processes share."""

    records: Records
    name: str
    daily_calls: int

    def spend(self, day: date) -> bool:
        """Take one call; False when the day's calls are used up."""

        def spent(text: str) -> tuple[str, bool]:
            used = _used(text, day)
            if used >= self.daily_calls:
                return text, False
            return json.dumps({"day": day.isoformat(), "used": used + 1}), True

        return self.records.change(f"budget-{self.name}", spent)

    def end(self, day: date) -> None:
        """The platform says that the calls of the day are used up, whatever was counted here."""
        record = json.dumps({"day": day.isoformat(), "used": self.daily_calls})
        self.records.change(f"budget-{self.name}", lambda text: (record, None))

    def left(self, day: date) -> int:
        """Calls that are left on a day."""
        return max(0, self.daily_calls - _used(self.records.read(f"budget-{self.name}"), day))


def open_budget(configuration: Configuration, name: str, key: ApiKey, daily_calls: int) -> Budget:
    """The budget of a key: its own quota, else the source's."""
    return Budget(open_records(configuration, "budgets"), name, key.daily_calls or daily_calls)


def _used(text: str, day: date) -> int:
    try:
        record = json.loads(text or "{}")
    except ValueError:
        return 0
    return int(record.get("used", 0)) if record.get("day") == day.isoformat() else 0
