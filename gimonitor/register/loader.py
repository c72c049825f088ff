"""Reads the folder of rule files into a Register: all of it or none, every problem listed at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from gimonitor.errors import RulesError
from gimonitor.model.register import GI, Article, AuthorisedUser, Model, Register, Sign, Word
from gimonitor.register import convert
from gimonitor.register.cache import load_cached, save_cached
from gimonitor.register.checks import Locate, check_across
from gimonitor.register.files import digest_files, read_files, rules_dir
from gimonitor.register.issues import Issue, Severity
from gimonitor.register.nodes import Document, parse_document
from gimonitor.register.schema import FILES, Form, GIFile, LawFile, ModelFile, SignFile, WordsFile
from gimonitor.register.userfile import parse_users
from gimonitor.register.writing import finish_pending, write_files

F = TypeVar("F", bound=Form)
_SHAPES = {
    "tuple_type": "a list is wanted, its items led in by `- ` or in [brackets]",
    "list_type": "a list is wanted, its items led in by `- ` or in [brackets]",
    "string_type": "one text is wanted, neither a list nor keys with values",
    "dict_type": "keys with values are wanted (key: value)",
    "model_type": "keys with values are wanted (key: value)",
    "int_type": "one whole number is wanted",
    "float_type": "one number is wanted",
    "bool_type": "true or false is wanted",
    "date_type": "one day of the form 2027-01-31 is wanted",
    "missing": "must stand here and does not",
}
_EXAMPLES = {
    "opening_dates": '[{year: 2026, date: "2026-09-22"}]',
    "price_floors": "[{year: 2026, fen_per_500g: 1500}]",
    "outputs": "[{year: 2026, tonnes: 1200}]",
    "protections": "[{kind: gi_product}]",
    "standards": "[{code: GB/T 19266-2008}]",
    "area": '{adcodes: ["230184"]}',
    "season": '{opens: "09-15"}',
    "adcodes": '["230184"]',
    "nice_classes": "[30]",
    "sc_categories": '["101"]',
}
_CODES = {"extra_forbidden": "unknown-key", "missing": "missing-key", "unknown_area": "unknown-area"}


@dataclass(slots=True)
class Loaded:
    """What the files gave, before and while it is checked."""

    gis: list[GI] = field(default_factory=list)
    users: list[AuthorisedUser] = field(default_factory=list)
    signs: list[Sign] = field(default_factory=list)
    articles: list[Article] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    models: list[Model] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)  # names, without suffix, of files that gave nothing

    def register(self) -> Register:
        """The register of what was loaded, in the order of the files."""
        return Register(
            gis=tuple(self.gis),
            users=tuple(self.users),
            signs=tuple(self.signs),
            articles=tuple(self.articles),
            words=tuple(self.words),
            models=tuple(self.models),
            digest=digest_files(self.files),
        )


def load_register(rules_dir: Path | None = None, *, cache_dir: Path | None = None) -> Register:
    """Load the register from `rules_dir`, by default the one that comes with gimonitor.

    With `cache_dir` the compiled register is kept there and used while no rule file changes.
    Raises RulesError with every error found; warnings do not stop loading.
    """
    folder = _folder(rules_dir)
    if cache_dir is not None:
        finish_pending(folder)
        if cached := load_cached(folder, cache_dir):
            return cached
    loaded = read_rules(folder)
    errors = [issue for issue in loaded.issues if issue.severity is Severity.ERROR]
    if errors:
        raise RulesError([str(issue) for issue in errors])
    register = loaded.register()
    if cache_dir is not None:
        save_cached(register, folder, loaded.files, cache_dir)
    return register


def check_rules(rules_dir: Path | None = None, *, on: date | None = None) -> list[Issue]:
    """Every problem in the rule files, in order of place. With `on`, also what has ended or ends soon on that day."""
    return read_rules(_folder(rules_dir), on=on).issues


def _folder(given: Path | None) -> Path:
    return given if given is not None else rules_dir()


def change_rules(folder: Path, files: dict[str, bytes]) -> None:
    """Put new contents of rule files in place, all or none.

    Raises RulesError, and changes nothing, when the rules would not load afterwards.
    """
    check_change(folder, files)
    write_files(folder, files)


def check_change(folder: Path, files: dict[str, bytes]) -> None:
    """Raise RulesError when the rules would not load with new contents of some files. Nothing is written."""
    errors = [i for i in read_rules(folder, instead=files).issues if i.severity is Severity.ERROR]
    if errors:
        raise RulesError([str(issue) for issue in errors])


def read_rules(folder: Path, *, on: date | None = None, instead: dict[str, bytes] | None = None) -> Loaded:
    """Read and check all files under `folder`, as if those in `instead` had been written.

    Problems stand in the result; only an unreadable folder raises RulesError.
    """
    finish_pending(folder)
    loaded = Loaded()
    loaded.files = read_files(folder, loaded.issues) | (instead or {})
    for name, raw in sorted(loaded.files.items()):
        _take_file(name, raw, loaded)
    loaded.issues += check_across(
        loaded.register(), on=on, broken=frozenset(loaded.broken), locate=_locator(loaded.files)
    )
    loaded.issues.sort()
    return loaded


def _locator(files: Mapping[str, bytes]) -> Locate:
    """Finds the place of a fact by reading its file once more: only files with problems are read twice."""
    read = lru_cache(maxsize=64)(lambda name: parse_document(files[name], name))

    def locate(name: str, place: str) -> tuple[int, int]:
        steps = tuple(int(step) if step.isdigit() else step for step in place.split("."))
        node = read(name).node(steps)
        return node.line, node.column

    return locate


def _take_file(name: str, raw: bytes, loaded: Loaded) -> None:
    if name.endswith(".csv"):
        users, issues = parse_users(raw, name)
        loaded.users += users
        loaded.issues += issues
        return
    document = parse_document(raw, name)
    form = None if document.data is None else validate(document, FILES[name.partition("/")[0]])
    loaded.issues += document.issues
    if form is None:
        loaded.broken.add(name.rpartition("/")[2].removesuffix(".yml"))
    else:
        _take_form(form, document, loaded)


def validate(document: Document, form: type[F]) -> F | None:
    """The form of a document, or None with the problems added to the document's issues."""
    if not isinstance(document.data, dict):
        message = "a rule file holds keys and values (id: …, name: …), not a list or a mere text"
        document.issues.append(document.issue((), "not-a-mapping", message))
        return None
    try:
        return form.model_validate(document.data)
    except ValidationError as error:
        for problem in error.errors(include_url=False, include_input=False):
            extra = problem["type"] == "extra_forbidden"
            where = ".".join(str(step) for step in problem["loc"])
            wanted = "unknown key" if extra else _wanted(problem["type"], str(problem["loc"][-1]), problem["msg"])
            message = f"{where}: {wanted}"
            code = _CODES.get(problem["type"], "bad-value")
            document.issues.append(document.issue(problem["loc"], code, message, key=extra))
        return None


def _wanted(kind: str, key: str, message: str) -> str:
    """What should stand there; of a value in the wrong shape the right one with an example."""
    example = _EXAMPLES.get(key)
    shape = _SHAPES.get(kind)
    if shape is None:
        return message
    return f"{shape}, e.g. {example}" if example else shape


def _take_form(form: Form, document: Document, loaded: Loaded) -> None:
    path = f"{document.path}:{document.root.line}"
    if isinstance(form, GIFile):
        loaded.issues += place_issues(document, form.id)
        loaded.gis.append(convert.to_gi(form, path))
    elif isinstance(form, SignFile):
        loaded.issues += place_issues(document, form.id)
        loaded.signs.append(convert.to_sign(form, path))
    elif isinstance(form, LawFile):
        loaded.issues += place_issues(document, form.id)
        lines = {
            (v, a): f"{document.path}:{document.node(('versions', v, 'articles', a)).line}"
            for v, version in enumerate(form.versions)
            for a in range(len(version.articles))
        }
        loaded.articles += convert.to_articles(form, lines)
    elif isinstance(form, ModelFile):
        loaded.models.append(convert.to_model(form, path))
    else:
        assert isinstance(form, WordsFile)
        loaded.words += convert.to_words(form)


def place_issues(document: Document, identity: str) -> list[Issue]:
    """An issue where a file does not bear the id that stands in it as its name."""
    stem = document.path.rpartition("/")[2].removesuffix(".yml")
    if stem == identity:
        return []
    return [document.issue(("id",), "name-differs", f"id {identity!r} in a file named {stem!r}; let them agree")]
