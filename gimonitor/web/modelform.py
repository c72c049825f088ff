"""A model's rule file as a form: its own words and parameters as fields; what is not changed stays as it was written."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gimonitor.errors import InputError
from gimonitor.model.register import Model
from gimonitor.register.modelfile import read_model
from gimonitor.register.verifying import quote, set_key

_FILE = "model.yml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter; `is_number` where it stands as a number, which the form keeps it to."""

    name: str
    value: str
    is_number: bool


def parameters_of(model: Model) -> list[Parameter]:
    """The parameters as fields, in the order of the file."""
    return [Parameter(name=name, value=value, is_number=_is_number(value)) for name, value in model.parameters]


def filled_in(
    text: str,
    *,
    title: str,
    severity: float,
    clears: str,
    parameters: Mapping[str, str],
    must_flag: Sequence[str],
    must_not_flag: Sequence[str],
) -> str:
    """The file's text with what was filled in. Raises InputError for a field that cannot be; RulesError as reading does."""
    model = read_model(text)
    if not title.strip() or not clears.strip():
        raise InputError("名称和排除条件不能为空")
    changes = {"title": (model.title, title.strip()), "clears": (model.clears, clears.strip())}
    for key, (old, new) in changes.items():
        text = set_key(text, _FILE, (), key, quote(new)) if new != old else text
    if severity != model.severity:
        text = set_key(text, _FILE, (), "severity", f"{severity:g}")
    for one in parameters_of(model):
        new = parameters.get(one.name, one.value).strip()
        if one.is_number and not _is_number(new):
            raise InputError(f"参数 {one.name} 须为数字")
        if new != one.value:
            text = set_key(text, _FILE, ("parameters",), one.name, quote(new))
    for key, before, lines in (
        ("must_flag", model.must_flag, must_flag),
        ("must_not_flag", model.must_not_flag, must_not_flag),
    ):
        kept = tuple(line.strip() for line in lines if line.strip())
        if kept != before:
            text = set_key(text, _FILE, (), key, json.dumps(kept, ensure_ascii=False))
    return text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
