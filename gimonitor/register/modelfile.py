"""A model's rule file as text: read, told apart by what it does, and marked as released. The rest stays as it was written."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

from gimonitor.errors import RulesError
from gimonitor.model.register import Model, Register
from gimonitor.register.codec import encode
from gimonitor.register.convert import to_model
from gimonitor.register.issues import Issue, Severity
from gimonitor.register.loader import read_rules, validate
from gimonitor.register.nodes import parse_document
from gimonitor.register.schema import ModelFile
from gimonitor.register.verifying import quote, set_key


def file_name(model_id: str) -> str:
    """Where a model's file stands in the rules folder."""
    return f"models/{model_id}.yml"


def line_of(text: str, place: str) -> int:
    """The line of a dotted place (`must_flag.0`) in a model's file."""
    steps = tuple(int(step) if step.isdigit() else step for step in place.split("."))
    return parse_document(text.encode(), "model.yml").node(steps).line


def model_digest(model: Model) -> str:
    """SHA-256 in hex over all that a model says and does; its version and the names on it do not count, nor its status
    unless it is retired, which says nothing."""
    status = model.status if model.status == "retired" else ""
    content = replace(model, version=0, status=status, author="", reader="", released_on=None, path="")
    return hashlib.sha256(json.dumps(encode(content), ensure_ascii=False).encode()).hexdigest()


def read_model(text: str, name: str = "model.yml") -> Model:
    """The model in a file's text, looked at alone. Raises RulesError with every problem and its line."""
    document = parse_document(text.encode(), name)
    form = None if document.data is None else validate(document, ModelFile)
    if not isinstance(form, ModelFile) or document.issues:
        raise RulesError([str(issue) for issue in document.issues] or [f"{name}:1:1: error empty: holds nothing"])
    return to_model(form, f"{name}:{document.root.line}")


def check_model(folder: Path, text: str) -> Model:
    """The model in a text that would stand in the rules folder. Raises RulesError with every problem of that text."""
    model = read_model(text)
    name = file_name(model.id)
    issues = [issue for issue in with_model(folder, text, model.id)[1] if _is_about(issue, name)]
    if issues:
        raise RulesError([str(issue) for issue in issues])
    return replace(model, path=f"{name}:1")


def _is_about(issue: Issue, name: str) -> bool:
    return issue.severity is Severity.ERROR and issue.path == name


def with_model(folder: Path, text: str, model_id: str) -> tuple[Register, list[Issue]]:
    """The register as it would be with this text in place of the model's file, and every problem there would be."""
    loaded = read_rules(folder, instead={file_name(model_id): text.encode()})
    return loaded.register(), loaded.issues


def released(text: str, *, version: int, author: str, reader: str, on: date) -> str:
    """The file's text marked as released: active, or retired where it says so; with its version, who wrote it, who
    released it and when."""
    name = "model.yml"
    status = "retired" if read_model(text).status == "retired" else "active"
    for key, value in (("version", str(version)), ("status", status), ("author", quote(author))):
        text = set_key(text, name, (), key, value)
    text = _put_after(text, name, "author", "reader", quote(reader))
    return _put_after(text, name, "reader", "released_on", on.isoformat())


def _put_after(text: str, name: str, other: str, key: str, value: str) -> str:
    """`key: value`, in place of what stood there, or on a line of its own behind that of `other`."""
    node = parse_document(text.encode(), name).node(())
    if key in node.items:
        return set_key(text, name, (), key, value)
    end = text.find("\n", node.items[other].end)
    head, tail = (text, "") if end < 0 else (text[:end], text[end:])
    return f"{head}\n{key}: {value}{tail}"
