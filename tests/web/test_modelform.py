"""A model's rule file filled in as a form: only what changed differs, and what comes out can be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from gimonitor.errors import InputError
from gimonitor.register import rules_dir
from gimonitor.register.modelfile import model_digest, read_model
from gimonitor.web.modelform import filled_in, parameters_of

FILES = sorted((rules_dir() / "models").glob("*.yml"))


def fill(text: str, **changes: object) -> str:
    model = read_model(text)
    values: dict[str, object] = {
        "title": model.title,
        "severity": model.severity,
        "clears": model.clears,
        "parameters": dict(model.parameters),
        "must_flag": model.must_flag,
        "must_not_flag": model.must_not_flag,
    }
    return filled_in(text, **(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_nothing_changed_changes_nothing(path: Path) -> None:
    text = path.read_text("utf-8")
    assert fill(text) == text


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_is_filled_in_is_read_back(path: Path) -> None:
    text = path.read_text("utf-8")
    before = read_model(text)
    given = {p.name: "0.123" if p.is_number else "甲 “乙”: #丙" for p in parameters_of(before)}
    odd = ("标题: “引号” # 井号", '{"title": "五常大米"}')
    after = read_model(
        fill(text, title='新"名称": x', severity=0.33, parameters=given, must_flag=odd, must_not_flag=odd)
    )
    assert (after.title, after.severity) == ('新"名称": x', 0.33)
    assert dict(after.parameters) == given and after.must_flag == after.must_not_flag == odd
    assert (after.id, after.family, after.law) == (before.id, before.family, before.law)
    assert model_digest(after) != model_digest(before)


def test_what_cannot_be_is_refused() -> None:
    text = next(p for p in FILES if p.stem == "name-outside").read_text("utf-8")
    with pytest.raises(InputError, match="数字"):
        fill(text, parameters={"confidence": "许多"})
    with pytest.raises(InputError, match="不能为空"):
        fill(text, title=" ")
