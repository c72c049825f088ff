"""Strict YAML: text, lists and mappings with the place of each, nothing else.

Every scalar stays the text that was written (`NO`, `012` and `2027-01-01` are never changed in silence); what it means
is the business of the schema. No aliases, anchors, tags, merge keys, directives or second documents; keys are unique
text; at most 256 kB and 20 levels.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

import yaml
from yaml._yaml import Mark as CMark
from yaml.error import Mark

from gimonitor.register.issues import Issue, Severity

MAX_BYTES = 256 * 1024
MAX_DEPTH = 20
SIGNS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})

Data: TypeAlias = "str | list[Data] | dict[str, Data]"


@dataclass(slots=True)
class Node:
    """Where a value stands: `line`, `column` from 1, `start` and `end` as offsets into the text. `items` by key or index."""

    line: int
    column: int
    start: int
    end: int
    items: dict[str | int, Node] = field(default_factory=dict)
    key: Node | None = None
    is_flow: bool = False  # written in [] or {}


@dataclass(slots=True)
class Document:
    """The content of a file and the place of each part. `data` is None when the file could not be read."""

    path: str
    data: Data | None
    root: Node
    issues: list[Issue]

    def node(self, loc: tuple[str | int, ...]) -> Node:
        """The node a validator's location names, or the nearest one above it; unknown steps are passed over."""
        node = self.root
        for step in loc:
            node = node.items.get(step, node)
        return node

    def issue(
        self,
        loc: tuple[str | int, ...],
        code: str,
        message: str,
        severity: Severity = Severity.ERROR,
        *,
        key: bool = False,
    ) -> Issue:
        """An issue at the value that `loc` names, or at its key."""
        node = self.node(loc)
        node = node.key if key and node.key else node
        return Issue(self.path, node.line, node.column, code, severity, message)


class _StopError(Exception):
    def __init__(self, line: int, column: int, code: str, message: str) -> None:
        super().__init__(message)
        self.place = (line, column)
        self.code = code


def parse_document(raw: bytes, path: str) -> Document:
    """Read one file's bytes. Whatever is wrong stands in `issues` of the result; nothing is raised."""
    document = Document(path, None, Node(1, 1, 0, 0), [])
    try:
        text = _decode(raw)
        document.data, document.root = _Builder(text, document).build()
    except _StopError as stop:
        document.issues.append(Issue(path, *stop.place, stop.code, Severity.ERROR, str(stop)))
    return document


def _decode(raw: bytes) -> str:
    if len(raw) > MAX_BYTES:
        raise _StopError(1, 1, "file-too-large", f"{len(raw)} bytes; a rule file holds at most {MAX_BYTES}")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line = before.count(b"\n") + 1
        column = len(before) - (before.rfind(b"\n") + 1) + 1
        raise _StopError(line, column, "not-utf8", "not UTF-8 (saved as GBK?); save the file as UTF-8") from error


class _Builder:
    def __init__(self, text: str, document: Document) -> None:
        self.text = text
        self.document = document
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self.events = self._events(loader)

    def _events(self, loader: type[yaml.SafeLoader]) -> Iterator[yaml.Event]:
        try:
            parser = loader(self.text)
            while True:
                event = parser.get_event()  # type: ignore[no-untyped-call]  # the stubs leave it untyped
                if event is None or isinstance(event, yaml.StreamEndEvent):
                    return
                yield event
        except yaml.reader.ReaderError as error:
            position = min(int(error.position or 0), len(self.text))
            line = self.text.count("\n", 0, position) + 1
            column = position - (self.text.rfind("\n", 0, position) + 1) + 1
            raise _StopError(line, column, "bad-character", f"character not allowed in YAML: {error.reason}") from error
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            raise _StopError(*place, "bad-yaml", str(error.problem or error.context or "unreadable")) from error
        except (yaml.YAMLError, RecursionError) as error:
            raise _StopError(1, 1, "bad-yaml", str(error).replace("\n", " ") or "unreadable") from error

    def build(self) -> tuple[Data, Node]:
        result: tuple[Data, Node] | None = None
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                self._refuse_directives(event)
                if result is not None:
                    raise self._stop(event, "second-document", "a rule file holds one document")
                result = self._value(next(self.events), 1)
        if result is None:
            raise _StopError(1, 1, "empty-file", "the file holds nothing")
        return result

    def _refuse_directives(self, event: yaml.DocumentStartEvent) -> None:
        if event.version or event.tags:
            raise self._stop(event, "directive", "%YAML and %TAG directives are not allowed")

    def _value(self, event: yaml.Event, depth: int) -> tuple[Data, Node]:
        if depth > MAX_DEPTH:
            raise self._stop(event, "too-deep", f"nested deeper than {MAX_DEPTH} levels")
        if isinstance(event, yaml.AliasEvent):
            raise self._stop(event, "alias", f"alias *{event.anchor} is not allowed; write the value out")
        self._refuse_marks(event)
        node = self._node(event)
        if isinstance(event, yaml.ScalarEvent):
            if not event.style and event.value in _NOTHING:
                self._note(event, "empty-value", "empty value; leave the key out, or write the value")
            self._refuse_signs(event)
            return event.value, node
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(node, depth), node
        return self._mapping(node, depth), node

    def _list(self, node: Node, depth: int) -> list[Data]:
        values: list[Data] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            value, child = self._value(event, depth + 1)
            node.items[len(values)] = child
            values.append(value)
        node.end = _mark(event.end_mark).index
        return values

    def _mapping(self, node: Node, depth: int) -> dict[str, Data]:
        values: dict[str, Data] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise self._stop(event, "bad-key", "a key must be plain text")
            self._refuse_marks(event)
            self._refuse_signs(event)
            key = event.value
            if key == "<<":
                self._note(event, "merge-key", "merge keys are not allowed; write the values out")
            if key in values:
                self._note(event, "duplicate-key", f"key {key!r} stands twice in this mapping")
            value, child = self._value(next(self.events), depth + 1)
            child.key = self._node(event)
            node.items[key] = child
            values[key] = value
        node.end = _mark(event.end_mark).index
        return values

    def _refuse_marks(self, event: yaml.Event) -> None:
        anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
        if anchor:
            self._note(event, "anchor", f"anchor &{anchor} is not allowed")
        if tag:
            self._note(event, "tag", f"tag {tag} is not allowed; values are plain text")

    def _refuse_signs(self, event: yaml.ScalarEvent) -> None:
        if found := SIGNS.search(event.value):
            message = f"U+{ord(found.group()):04X}: control and text-direction characters are not allowed"
            self._note(event, "control-character", message)

    @staticmethod
    def _node(event: yaml.Event) -> Node:
        start = _mark(event.start_mark)
        end = _mark(event.end_mark).index
        return Node(
            start.line + 1, start.column + 1, start.index, end, is_flow=bool(getattr(event, "flow_style", None))
        )

    def _note(self, event: yaml.Event, code: str, message: str) -> None:
        mark = _mark(event.start_mark)
        issue = Issue(self.document.path, mark.line + 1, mark.column + 1, code, Severity.ERROR, message)
        self.document.issues.append(issue)

    @staticmethod
    def _stop(event: yaml.Event, code: str, message: str) -> _StopError:
        mark = _mark(event.start_mark)
        return _StopError(mark.line + 1, mark.column + 1, code, message)


def _mark(mark: Mark | CMark | None) -> Mark | CMark:
    assert mark is not None
    return mark
