"""Taking evidence on an officer's word: open the page in Chromium, store what was kept, with the audit entry beside it."""

from __future__ import annotations

import ipaddress
import socket
from datetime import datetime
from urllib.parse import urlsplit

from gimonitor.configuration import Configuration
from gimonitor.errors import EvidenceError, InputError
from gimonitor.evidence.capture import Capture, CaptureRequest, capture_page
from gimonitor.store import audit, captures
from gimonitor.store.captures import StoredCapture
from gimonitor.store.leads import LeadRecord
from gimonitor.web.access import Person
from gimonitor.web.services import Services

_KINDS = {"page.html": "html", "page.mhtml": "mhtml", "viewport.png": "viewport", "full.png": "screenshot"} | {
    "environment.json": "environment",
    "responses.json": "responses",
}
_CROPS = 3


def capture_lead(services: Services, record: LeadRecord, person: Person, now: datetime) -> Capture:
    """Capture the page of a lead. Raises InputError for an address of this network, EvidenceError when it failed."""
    listing, configuration = record.suspected, services.configuration
    require_outside(listing.url, configuration)
    places = [finding.place.text for finding in record.findings if "\n" not in finding.place.text]
    request = CaptureRequest(
        url=listing.url,
        who=person.login,
        machine=configuration.machine,
        access=(f"线索 {record.lead.id}", listing.query and f"搜索 {listing.query}", "商品页"),
        crops=tuple(dict.fromkeys(places))[:_CROPS],
    )
    taken = capture_page(request, configuration.evidence_dir, chromium=configuration.chromium, now=now)
    with services.store.write() as c:
        for stored in _stored(taken, record, person, configuration):
            captures.save_capture(c, stored)
        detail = {"folder": taken.folder.name, "sha256": taken.sha256, "gaps": list(taken.gaps)}
        audit.append_audit(c, person.login, "lead.capture", f"lead:{record.lead.id}", detail, at=now)
    return taken


def _stored(taken: Capture, record: LeadRecord, person: Person, configuration: Configuration) -> list[StoredCapture]:
    base = taken.folder.relative_to(configuration.evidence_dir).as_posix()
    files = [(f.name, _kind(f.name), f.digests.sha256, f.digests.size, f.role) for f in taken.files]
    manifest = (taken.folder / "capture.json").stat().st_size
    files.append(("capture.json", "manifest", taken.sha256, manifest, "list of the files"))
    return [
        StoredCapture(
            listing_id=record.listing.id,
            listing_version=record.listing.version,
            lead_id=record.lead.id,
            kind=kind,
            file=f"{base}/{name}",
            sha256=sha256,
            at=taken.at,
            url=taken.url,
            who=person.login,
            detail={"size": size, "role": role, "status": taken.status},
        )
        for name, kind, sha256, size, role in files
    ]


def _kind(name: str) -> str:
    if name.endswith(".warc.gz"):
        return "warc"
    return _KINDS.get(name, "crop")


def require_outside(url: str, configuration: Configuration) -> None:
    """Refuse addresses of this machine and its network: a seller's link must not make the browser look around here.

    The configured practice marketplace is the one exception. Raises InputError or, where the name has no address,
    EvidenceError.
    """
    parts, practice = urlsplit(url), urlsplit(configuration.practice_url)
    if practice.hostname and (parts.scheme, parts.netloc) == (practice.scheme, practice.netloc):
        return
    host = parts.hostname or ""
    try:
        found = socket.getaddrinfo(host, parts.port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise EvidenceError(f"无法解析网址 {host}：{error}") from error
    addresses = {str(entry[4][0]).partition("%")[0] for entry in found}
    if any(not ipaddress.ip_address(address).is_global for address in addresses):
        raise InputError(f"{host} 指向本机或内部网络，不予打开")
