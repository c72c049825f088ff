"""JSON Schema of the rule files, for editors: generated from `schema`, kept in rules/schema/."""

from __future__ import annotations

import json

from gimonitor.register.schema import FILES

NAMES = {"gi": "gi", "signs": "sign", "law": "law", "words": "words", "models": "model"}


def build_schemas() -> dict[str, str]:
    """The text of each schema file by its name under rules/schema/."""
    schemas = {}
    for room, form in FILES.items():
        schema = form.model_json_schema()
        schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
        schemas[f"{NAMES[room]}.json"] = json.dumps(schema, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    return schemas
