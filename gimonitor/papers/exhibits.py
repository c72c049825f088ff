"""What of a lead's sealed files goes into a pack, each with how it was obtained; and all archives as one that replays.

By the policy of the addressee whole kinds stay out; out of every pack stays what holds personal data: a file as a whole, of
an archive the records concerned. Of a page that somebody saved only a masked copy goes out, whatever the pack. All of it is named in the masking record, with its digest and where the house keeps it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from gimonitor.configuration import Configuration
from gimonitor.errors import EvidenceError, InputError, TamperedError
from gimonitor.evidence.capture import MANIFEST
from gimonitor.evidence.digest import digest_file
from gimonitor.evidence.pack import Obtained, PackFile
from gimonitor.evidence.seal import read_member, read_sealed
from gimonitor.evidence.sealed import Sealed
from gimonitor.evidence.stamping import tokens_of
from gimonitor.evidence.timestamps import read_token
from gimonitor.evidence.wacz import ArchivedPage, build_wacz
from gimonitor.model.listing import Listing
from gimonitor.papers.extract import NOT_COPIED, copy_saved
from gimonitor.papers.masking import Masker
from gimonitor.papers.personal import TEXTS, personal_in, personal_in_archive, without_personal
from gimonitor.papers.sites import load_site
from gimonitor.papers.words import EVIDENCE, SHOWS
from gimonitor.store.captures import RESPONSE, SAVED, StoredCapture
from gimonitor.store.leads import LeadRecord

RECORDING = "recording"
HELD = "含有个人信息，留存本单位"
NOT_FOR = "按对象的要求不放入"
EXTRACTED, COLLECTED = "网络在线提取（Chromium 浏览器）", "自动采集，响应先封存后解析"
HANDED_IN, FETCHED = "由人员保存后交来，原样封存", "自动采集的图片"
"""How a file was obtained: by opening the page in a browser, by a crawl, by somebody who saved it, or as a picture alone."""
ORIGINAL = "含有或者可能含有个人信息，原件留存备查"
COPIED = "由人员保存后交来的网页文件，用软件制作遮盖副本"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathering:
    """Where a lead's sealed files lie and where files made on the way are put (an empty folder that outlives the packing)."""

    configuration: Configuration
    masker: Masker
    workshop: Path
    prefix: str = ""


def exhibits_of(record: LeadRecord, gathering: Gathering) -> list[PackFile]:
    """Everything sealed and captured of a lead that its addressee gets, as rows of the evidence list.

    Raises:
        TamperedError: a sealed file is not what was sealed.
        EvidenceError: an archive is missing.
    """
    return [*_responses(record, gathering), *_captures(record, gathering)]


def _is_wanted(capture: StoredCapture, name: str, masker: Masker) -> bool:
    if capture.kind in masker.policy.evidence_left_out:
        masker.keep_back(name, capture, NOT_FOR)
        return False
    return True


def _responses(record: LeadRecord, gathering: Gathering) -> list[PackFile]:
    files = []
    for number, capture in enumerate((c for c in record.captures if c.kind == RESPONSE), 1):
        path = f"{gathering.prefix}responses/{number:02}-{capture.at:%Y%m%dT%H%M%SZ}.warc.gz"
        if not _is_wanted(capture, path, gathering.masker):
            continue
        if capture.offset is None or capture.length is None:
            raise EvidenceError(f"{capture.file}: the record's place in the archive is not known")
        sealed = Sealed(
            file=capture.file,
            offset=capture.offset,
            length=capture.length,
            sha256=capture.sha256,
            url=capture.url,
            at=capture.at,
        )
        folder = gathering.configuration.warc_dir
        member = read_member(folder, sealed)
        answer = read_sealed(folder, sealed)
        kind = next((v for n, v in answer.headers if n.lower() == "content-type"), "")
        if found := personal_in(answer.body, kind):
            gathering.masker.keep_back(path, capture, HELD, found)
            continue
        note = f"响应正文 SHA-256：{capture.sha256}"
        files.append(_evidence(capture, path, member, "", COLLECTED, note))
    return files


def _captures(record: LeadRecord, gathering: Gathering) -> list[PackFile]:
    files: list[PackFile] = []
    folders: dict[str, int] = {}
    pages = {capture.file.partition("/")[0] for capture in record.captures if capture.kind == "manifest"}
    covered: dict[str, int] = {}
    for capture in record.captures:
        if capture.kind == RESPONSE:
            continue
        folder, _, name = capture.file.partition("/")
        number = folders.setdefault(folder, len(folders) + 1)
        source = gathering.configuration.evidence_dir / capture.file
        path = f"{gathering.prefix}captures/{number:02}-{capture.at:%Y%m%dT%H%M%SZ}/{name}"
        if folder not in covered:
            covered[folder] = covered_in(source.parent)
        if capture.kind == "environment" and source.is_file():
            made = json.loads(source.read_text("utf-8"))
            folder_path = path.removesuffix(f"/{name}")
            gathering.masker.of_page(folder_path, capture.url, made["buyers"].get("covered", ()), made["gaps"])
        if not _is_wanted(capture, path, gathering.masker):
            continue
        if not source.is_file():
            raise EvidenceError(f"{EVIDENCE[capture.kind][0]}: {source.name} is missing from the archive")
        piece = f"{SHOWS[str(capture.detail.get('shows', 'item'))]}固证" if folder in pages else ""
        file = _evidence(
            capture,
            path,
            source,
            capture.sha256,
            _method(capture, folder in pages),
            _covering(capture, covered[folder]),
            piece,
        )
        if capture.kind == SAVED and capture.detail.get("container") != RECORDING:
            files += _copy_of(record.suspected, capture, file, source, gathering)
            continue
        if capture.detail.get("container"):
            gathering.masker.not_looked_at(path, capture)
        kept = _without_personal(capture, file, source, gathering)
        if kept is None:
            continue
        files.append(kept)
        files += [_beside(path, source, token, piece) for token in tokens_of(source)]
    return files


SHOWN = frozenset({"screenshot", "viewport", "crop", "html", "mhtml"})
"""Kinds of files that were made of a page after what buyers wrote, and personal data, was covered on it."""


def covered_in(folder: Path) -> int:
    """In how many places a page was covered before it was photographed."""
    return len(_buyers(folder).get("covered", ()))


def _buyers(folder: Path) -> Mapping[str, Sequence[str]]:
    """What the record of a capture says of buyers' data; `folder` is it, or its folder of archives."""
    found = [path for each in (folder, folder.parent) if (path := each / "environment.json").is_file()]
    record: dict[str, Mapping[str, Sequence[str]]] = json.loads(found[0].read_text("utf-8")) if found else {}
    return record.get("buyers", {})


def _covering(capture: StoredCapture, places: int) -> str:
    return f"制作前已遮盖页面上的个人信息 {places} 处，此后未作改动" if places and capture.kind in SHOWN else ""


def _method(capture: StoredCapture, is_of_page: bool) -> str:
    """How a file came here that is no record of a crawl."""
    if is_of_page:
        return EXTRACTED
    return HANDED_IN if capture.detail.get("container") else FETCHED


def _copy_of(
    listing: Listing, capture: StoredCapture, file: PackFile, source: Path, gathering: Gathering
) -> list[PackFile]:
    """The masked copy of a page that somebody saved, where one can be made; the file itself is always kept back."""
    if digest_file(source).sha256 != capture.sha256:
        raise TamperedError(f"{file.title}: {source.name} is not what was handed in")
    selectors = load_site(listing.platform).emptied
    try:
        copy = copy_saved(source, (capture.url, listing.url), listing.item_id, selectors)
    except InputError as error:
        gathering.masker.keep_back(file.path, capture, f"{ORIGINAL}；{error}")
        return []
    gathering.masker.keep_back(file.path, capture, ORIGINAL)
    path = f"{file.path}.masked.html"
    gathering.masker.copied(path, capture, copy)
    note = f"遮盖副本，不是原件；原件 {source.name}，SHA-256：{capture.sha256}，{ORIGINAL}；没有放入{NOT_COPIED}"
    made = _evidence(capture, path, copy.body, "", COPIED, note)
    return [replace(made, title="交来的网页文件（遮盖副本）", media_type="text/html")]


def _without_personal(capture: StoredCapture, file: PackFile, source: Path, gathering: Gathering) -> PackFile | None:
    """The file, or of an archive what may go out of it; None where nothing may."""
    if capture.kind in TEXTS:
        body = source.read_bytes()
        found = personal_in_archive(body) if capture.kind == "mhtml" else personal_in(body, "text/html; charset=utf-8")
        if found:
            gathering.masker.keep_back(file.path, capture, HELD, found)
            return None
    elif capture.kind == "warc":
        if digest_file(source).sha256 != capture.sha256:
            raise TamperedError(f"{file.title}: {source.name} is not what was captured")
        target = gathering.workshop / f"{capture.id:08}.warc.gz"
        held = without_personal(source, target, _buyers(source.parent).get("pictures", ()))
        for url, found in held.items():
            gathering.masker.keep_back(f"{file.path} {url}", capture, HELD, found)
        if held and not target.is_file():
            return None
        if held:
            note = f"已去掉含个人信息的记录，其余记录未作改动；原件 SHA-256：{capture.sha256}"
            piece = file.obtained.piece if file.obtained else ""
            return _evidence(capture, file.path, target, "", EXTRACTED, note, piece)
    return file


def replay_of(
    records: Sequence[LeadRecord], evidence: Sequence[PackFile], workshop: Path, title: str
) -> list[PackFile]:
    """All archives among the evidence as one WACZ, which ReplayWeb.page opens; nothing where there is none. Each page is
    listed once for each time at which it was opened, so that it can be seen as it was when it was suspected."""
    warcs = []
    for number, file in enumerate((f for f in evidence if f.media_type == "application/warc"), 1):
        if isinstance(file.content, bytes):
            path = workshop / f"{number:05}.warc.gz"
            path.write_bytes(file.content)
            warcs.append(path)
        else:
            warcs.append(file.content)
    if not warcs:
        return []
    names = {record.suspected.url: record.suspected.title for record in records}
    titles = dict(filter(None, map(_title_of, evidence)))
    opened = {
        (f.obtained.carrier, f.obtained.at): None for f in evidence if f.media_type == "application/warc" and f.obtained
    }
    pages = [ArchivedPage(url=url, at=at, title=titles.get((url, at)) or names.get(url, "")) for url, at in opened]
    build_wacz(workshop / "replay.wacz", warcs, pages, title=title)
    return [PackFile(path="replay.wacz", content=workshop / "replay.wacz", media_type="application/wacz")]


def _title_of(file: PackFile) -> tuple[tuple[str, datetime], str] | None:
    """Address and time of a captured page, and its title, from its list of files; None for anything else."""
    if not (isinstance(file.content, Path) and file.content.name == MANIFEST and file.obtained):
        return None
    return (file.obtained.carrier, file.obtained.at), str(json.loads(file.content.read_bytes()).get("title", ""))


def _beside(path: str, file: Path, token: Path, piece: str) -> PackFile:
    """A time-stamp token of a file of a capture, placed beside it, with who gave it, when, and its serial number."""
    raw = token.read_bytes()
    try:
        read = read_token(raw, file.read_bytes())
        at, by, note = read.at, read.issuer, f"序列号 {read.serial}"
    except EvidenceError:
        at, by, note = datetime.fromtimestamp(token.stat().st_mtime, UTC), "", "时间戳不能读取或者与文件不符，请核对"
    return PackFile(
        path=path + token.name.removeprefix(file.name),
        content=raw,
        title="时间戳",
        media_type="application/timestamp-reply",
        obtained=Obtained(
            at=at,
            method="RFC 3161 时间戳机构签发",
            by=by,
            carrier=file.name,
            piece=piece,
            proves="该文件在时间戳所载时间已经存在",
            note=note,
        ),
    )


def _evidence(
    capture: StoredCapture, path: str, content: bytes | Path, sha256: str, method: str, note: str, piece: str = ""
) -> PackFile:
    name, proves, media_type = EVIDENCE.get(capture.kind, (capture.kind, "", "application/octet-stream"))
    shows = str(capture.detail.get("shows", "item"))
    name = name if shows == "item" else f"{name}（{SHOWS[shows]}）"
    return PackFile(
        path=path,
        content=content,
        title=name,
        media_type=media_type,
        sha256=sha256,
        obtained=Obtained(
            at=capture.at,
            method=method,
            by=capture.who,
            carrier=capture.url,
            piece=piece,
            proves=proves,
            note=note,
        ),
    )
