"""rules/platforms/: files whose form and meaning belong to other rooms. They are found and read here, as strictly as the
register's own, and are no part of the register."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from gimonitor.configuration import load_configuration
from gimonitor.errors import RulesError
from gimonitor.register.files import rules_dir
from gimonitor.register.issues import Issue, Severity
from gimonitor.register.loader import place_issues, validate
from gimonitor.register.nodes import parse_document
from gimonitor.register.schema import Form, Slug


class NamedForm(Form):
    """A file that bears its id as its name."""

    id: Slug


F = TypeVar("F", bound=NamedForm)


def platform_rules(kind: str) -> Path:
    """The folder platforms/`kind` of the configured rules where they have one, else of those that come with gimonitor."""
    configured = load_configuration().rules_dir
    folder = configured / "platforms" / kind if configured else None
    return folder if folder and folder.is_dir() else rules_dir() / "platforms" / kind


def load_forms(folder: Path, form: type[F]) -> dict[str, F]:
    """All files of a folder by id. Raises RulesError with every issue, each with file, line and column."""
    found, issues = read_forms(folder, form)
    if issues:
        raise RulesError([str(issue) for issue in issues])
    return found


def read_forms(folder: Path, form: type[F]) -> tuple[dict[str, F], list[Issue]]:
    """All good files of a folder by id, and what is wrong with the others; hidden files and .md are passed over."""
    found: dict[str, F] = {}
    issues: list[Issue] = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.suffix == ".md":
            continue
        if path.suffix != ".yml":
            issues.append(Issue(str(path), 1, 1, "stray-file", Severity.ERROR, "no rule file: wrong suffix (.yml)"))
            continue
        document = parse_document(path.read_bytes(), str(path))
        value = None if document.data is None else validate(document, form)
        issues += document.issues
        if value is not None:
            issues += place_issues(document, value.id)
            found[value.id] = value
    return found, issues
