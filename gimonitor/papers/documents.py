"""材料库: certificates, powers of attorney, test-purchase reports, each with whom it is of and until when it holds.

A document is a file named by its digest with its particulars beside it; nothing is ever overwritten. A pack that needs
one that is missing or not valid on its day is not built, and says which.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path

from gimonitor.errors import InputError, TamperedError
from gimonitor.evidence.digest import digest_bytes, digest_file
from gimonitor.evidence.files import check_room, discard, disk_errors, part_of, publish, put_json, safe_name
from gimonitor.papers.readable import require_readable
from gimonitor.register.cells import fold_name

MAX_BYTES = 50 << 20


class DocumentKind(StrEnum):
    """What a document proves. The values are those that platform profiles ask for."""

    IDENTITY = "identity"  # 主体身份证明
    RIGHTS = "rights"  # 权利证明
    POWER_OF_ATTORNEY = "power_of_attorney"  # 授权委托书
    STATEMENT = "statement"  # 声明、保证
    TEST_PURCHASE = "test_purchase"  # 购样记录
    NOTARY = "notary"  # 公证书
    DEPOSIT = "deposit"  # 存证证书


KINDS: dict[DocumentKind, str] = {
    DocumentKind.IDENTITY: "主体身份证明",
    DocumentKind.RIGHTS: "权利证明",
    DocumentKind.POWER_OF_ATTORNEY: "授权委托书",
    DocumentKind.STATEMENT: "声明保证",
    DocumentKind.TEST_PURCHASE: "购样记录",
    DocumentKind.NOTARY: "公证书",
    DocumentKind.DEPOSIT: "存证证书",
}


_NUMBERED = frozenset({DocumentKind.RIGHTS, DocumentKind.NOTARY, DocumentKind.DEPOSIT})
_OWN = frozenset({DocumentKind.IDENTITY, DocumentKind.RIGHTS, DocumentKind.POWER_OF_ATTORNEY, DocumentKind.STATEMENT})
"""Kinds that speak for their holder alone."""

_NAMES = re.compile(r"(?P<one>.+?)[（(](?:原名?|现名?|曾用名)[:：为]?(?P<more>.+)[)）]")
_AFTER_NAME = re.compile(r"[,，;；、:：]|(?<=[一-鿿）)])\s|[（(](?=原|现|曾用名|住所|地址|统一社会)")


_SEAT = re.compile(r"(?!原|现|曾用名).*(?:[省市县区旗镇乡村路街道号]|住所|地址)")


def states_seat(who: str) -> bool:
    """True where an address stands after the name."""
    return any(_SEAT.match(who, end.end()) for end in _AFTER_NAME.finditer(who))


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A stored document. `number` is its own (certificate, notary deed), `gi_id` the GI it is about or empty for all.

    It holds from `starts` to `ends`, both included; an unknown bound is open.
    """

    kind: DocumentKind
    title: str
    holder: str
    file: str
    sha256: str
    number: str = ""
    gi_id: str = ""
    starts: date | None = None
    ends: date | None = None

    @property
    def validity(self) -> str:
        """From when to when it holds, in words."""
        if self.ends is None:
            return "未注明有效期"
        return f"{self.starts or '…'} 至 {self.ends}"

    @property
    def lacks_number(self) -> bool:
        """True for a certificate or deed of which no number is known, though such a paper has one."""
        return not self.number and self.kind in _NUMBERED

    def holds(self, on: date) -> bool:
        """True when the document is valid on the day `on`."""
        return (self.starts is None or self.starts <= on) and (self.ends is None or on <= self.ends)

    @property
    def is_own(self) -> bool:
        """True for a document that speaks for its holder alone: who that is, what right or power that one has."""
        return self.kind in _OWN

    def is_of(self, who: str) -> bool:
        """True where it may stand for `who`, a name with or without an address after it; nobody named: for anybody.

        The holder's name is compared as a whole, spaces, brackets and width of letters aside; one on record as
        `现名（原旧名）` has both names.
        """
        if not who or not self.is_own:
            return True
        told = {fold_name(who[: end.start()]) for end in _AFTER_NAME.finditer(who)} | _names(who)
        return not told.isdisjoint(_names(self.holder))


class DocumentStore:
    """The documents of an installation, in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(
        self,
        source: Path,
        kind: DocumentKind,
        *,
        title: str,
        holder: str,
        number: str = "",
        gi_id: str = "",
        starts: date | None = None,
        ends: date | None = None,
        undated: bool = False,
        corrects: bool = False,
        reserve: int = 0,
    ) -> Document:
        """Copy a file in. The same file with the same particulars changes nothing; for another GI or holder it is a record
        of its own. `undated`: it expressly says not until when it holds. `corrects`: these particulars take the place of
        those on record, which are kept beside them.

        Raises:
            InputError: no such file, too large, one that does not open, a validity that is missing or ends before it begins,
                or a file on record with other particulars, and this is not said to correct them.
        """
        if not source.is_file() or source.stat().st_size > MAX_BYTES:
            raise InputError(f"{source}: no file, or over {MAX_BYTES >> 20} MiB")
        if starts and ends and ends < starts:
            raise InputError(f"{source.name}: the validity ends before it begins")
        if ends is None and not undated:
            raise InputError(f"{source.name}：请写明有效期至哪一天；确实没有注明的，须明示（命令行 --undated）")
        require_readable(source)
        self._folder.mkdir(parents=True, exist_ok=True)
        check_room(self._folder, source.stat().st_size, reserve)
        sha256 = digest_file(source).sha256
        name = f"{sha256[:16]}-{safe_name(source.name, 100)}"
        document = Document(
            kind=kind,
            title=title,
            holder=holder,
            file=name,
            sha256=sha256,
            number=number,
            gi_id=gi_id,
            starts=starts,
            ends=ends,
        )
        known = self._on_record(document)
        if known and replace(known[1], file=name) == document:
            return known[1]
        if known and not corrects:
            raise InputError(f"同一份材料已登记为“{known[1].title}”（{known[1].validity}）；要更正，请明示")
        target = self._folder / name
        part = part_of(target)
        try:
            with disk_errors(target):
                if not target.exists():
                    shutil.copyfile(source, part)
                    publish(part, target)
                put_json(part, asdict(document))
                if known:
                    _put_aside(known[0])
                publish(part, self._folder / f"{name}.{_key(document)}.json")
        finally:
            discard(part)
        return document

    def _on_record(self, document: Document) -> tuple[Path, Document] | None:
        """The record of the same file for the same use, with where it lies."""
        return next((found for found in self._records() if _key(found[1]) == _key(document)), None)

    def _records(self) -> list[tuple[Path, Document]]:
        return [(path, _read(path)) for path in self._folder.glob("*.json")]

    def documents(self) -> tuple[Document, ...]:
        """Everything stored, by kind and title."""
        return tuple(sorted((d for _, d in self._records()), key=lambda d: (d.kind, d.title, d.sha256, d.holder)))

    def path_of(self, document: Document) -> Path:
        """Where a document's file lies. Raises TamperedError when it is not what was stored."""
        path = self._folder / document.file
        if not path.is_file() or digest_file(path).sha256 != document.sha256:
            raise TamperedError(f"{document.title}: {document.file} is not the file that was stored")
        return path

    def valid(self, on: date, gi_id: str = "") -> tuple[Document, ...]:
        """Documents that hold on a day, for a GI or for all."""
        return tuple(d for d in self.documents() if d.holds(on) and d.gi_id in ("", gi_id))

    def kinds_of(self, who: str, gi_id: str = "") -> set[DocumentKind]:
        """The kinds of which there is a document of `who`, whether it still holds or not."""
        return {d.kind for d in self.documents() if d.gi_id in ("", gi_id) and d.is_of(who)}

    def lacking(self, kinds: Iterable[DocumentKind], on: date, gi_id: str = "", who: str = "") -> list[str]:
        """Each kind of which no document of `who` (of anybody where nobody is named) is valid, in words, and why."""
        known = [d for d in self.documents() if d.gi_id in ("", gi_id)]
        valid = {d.kind for d in known if d.holds(on) and d.is_of(who)}
        return [_why(kind, known, on, who) for kind in dict.fromkeys(kinds) if kind not in valid]


def _names(holder: str) -> set[str]:
    """The names of one holder as they are compared: one, or its present one and those it had."""
    match = _NAMES.fullmatch(holder.strip())
    names = [match["one"], *re.split("[、，,]", match["more"])] if match else [holder]
    return {fold_name(name) for name in names}


def _key(document: Document) -> str:
    """Short digest of what a document is on record for: one record each."""
    use = (document.sha256, document.kind, document.gi_id, document.holder)
    return digest_bytes("\n".join(use).encode()).sha256[:16]


def _put_aside(record: Path) -> None:
    """Give a record that is corrected a name that is read no more, after those corrected before."""
    before = len(list(record.parent.glob(f"{record.name}.was-*")))
    record.rename(record.with_name(f"{record.name}.was-{before + 1}"))


def _why(kind: DocumentKind, known: Sequence[Document], on: date, who: str) -> str:
    of_kind = [d for d in known if d.kind is kind]
    stale = [d for d in of_kind if d.is_of(who)]
    others = dict.fromkeys(f"“{d.title}”是“{d.holder}”的" for d in of_kind if d.holds(on) and not d.is_of(who))
    also = f"；{'、'.join(others)}，不能使用" if others else ""
    if not stale:
        return f"{KINDS[kind]}（没有{f'“{who}”的' if also else ''}{also}）"
    newest = max(stale, key=lambda d: (d.ends or date.max, d.title))
    if newest.ends and newest.ends < on:
        return f"{KINDS[kind]}（“{newest.title}”已于 {newest.ends} 到期{also}）"
    return f"{KINDS[kind]}（“{newest.title}”自 {newest.starts} 起有效{also}）"


def _read(path: Path) -> Document:
    content = json.loads(path.read_text("utf-8"))
    bounds = {name: date.fromisoformat(content[name]) if content[name] else None for name in ("starts", "ends")}
    return Document(**{**content, "kind": DocumentKind(content["kind"]), **bounds})
