"""JSON Schema of the rule files, for editors: generated from their forms, kept in rules/schema/. Of users it tells a row."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TypeAlias

from gimonitor.register.schema import FILES, Form, UserRow

NAMES = {"gi": "gi", "signs": "sign", "law": "law", "words": "words", "models": "model"}
_REF = "#/$defs/"
Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"


def build_schemas(platforms: Mapping[str, type[Form]]) -> dict[str, str]:
    """The text of each schema file by its name under rules/schema/. `platforms` are the forms of rules/platforms by folder."""
    forms = {NAMES[room]: (f"rules/{room}", form) for room, form in FILES.items()}
    forms["users"] = ("a row of rules/users/*.csv", UserRow)
    forms |= {f"platform-{kind}": (f"rules/platforms/{kind}", form) for kind, form in platforms.items()}
    return {f"{name}.json": _schema(title, form) for name, (title, form) in forms.items()}


def _schema(title: str, form: type[Form]) -> str:
    raw = form.model_json_schema()
    names: dict[str, str] = {}
    _name(raw, "", names)
    schema = _tidy(raw, names)
    assert isinstance(schema, dict)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = title
    return json.dumps(schema, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _name(value: Json, key: str, names: dict[str, str]) -> None:
    """Name each definition for the first key that it describes: the names pydantic makes of generics say nothing to people."""
    if isinstance(value, list):
        for item in value:
            _name(item, key, names)
    elif isinstance(value, dict):
        reference = value.get("$ref")
        if isinstance(reference, str) and reference not in names:
            kind = "Fact" if "FactForm" in reference else ""
            plain = reference.removeprefix(_REF).removesuffix("Form")
            names[reference] = f"{_REF}{f'{kind}_{key}' if kind else plain}"
        properties = value.get("properties")
        for item in value.values():
            if item is properties and isinstance(item, dict):
                for inner, form in item.items():
                    _name(form, inner, names)
            else:
                _name(item, key, names)


def _tidy(value: Json, names: dict[str, str]) -> Json:
    """Without the titles that repeat the names of keys and classes, definitions under their plain names."""
    if isinstance(value, list):
        return [_tidy(item, names) for item in value]
    if not isinstance(value, dict):
        return value
    tidy = {key: _tidy(item, names) for key, item in value.items() if key != "title" or not isinstance(item, str)}
    if isinstance(definitions := tidy.get("$defs"), dict):
        tidy["$defs"] = {
            names.get(_REF + key, _REF + key).removeprefix(_REF): item for key, item in definitions.items()
        }
    if isinstance(reference := tidy.get("$ref"), str):
        tidy["$ref"] = names.get(reference, reference)
    return tidy
