"""Captures made for a lead: what is asked of Chromium, and the rows that remember what was kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from gimonitor.configuration import Configuration
from gimonitor.errors import InputError
from gimonitor.evidence.browser import Browser
from gimonitor.evidence.capture import MANIFEST, Capture, CaptureRequest, capture_page
from gimonitor.papers.places import custody_log, stamp_queue
from gimonitor.store import audit, captures
from gimonitor.store.captures import StoredCapture
from gimonitor.store.database import Store
from gimonitor.store.leads import LeadRecord

_CROPS = 3
_KINDS = {
    "page.html": "html",
    "page.mhtml": "mhtml",
    "viewport.png": "viewport",
    "full.png": "screenshot",
    "environment.json": "environment",
    "responses.json": "responses",
    "certificates.pem": "certificates",
    MANIFEST: "manifest",
}


def request_for(record: LeadRecord, configuration: Configuration, who: str, purpose: str = "demand") -> CaptureRequest:
    """What to capture for a lead: its page, how it was reached, and crops of the first places where something stands.

    Raises:
        InputError: the listing has no address.
    """
    listing = record.suspected
    if not listing.url:
        raise InputError(f"线索 {record.lead.id} 没有链接地址，不能固证")
    path = (listing.query and f"搜索 {listing.query}", listing.rank and f"第 {listing.rank} 位", "商品页")
    places = [f.place.text for f in record.findings if f.place.text and "\n" not in f.place.text]
    return CaptureRequest(
        url=listing.url,
        purpose=purpose,
        who=who,
        machine=configuration.machine,
        access=tuple(str(step) for step in path if step),
        crops=tuple(dict.fromkeys(places))[:_CROPS],
    )


def take_for_lead(
    store: Store,
    record: LeadRecord,
    configuration: Configuration,
    *,
    who: str,
    now: datetime,
    purpose: str = "demand",
    browser: Browser | None = None,
) -> Capture:
    """Capture a lead's page, note it in the custody log, queue its list of files for time-stamps where authorities are
    configured, and store its rows and the audit entry in one transaction.

    Raises as `capture_page` and `request_for` do; then nothing is stored.
    """
    taken = capture_page(
        request_for(record, configuration, who, purpose),
        configuration.evidence_dir,
        chromium=configuration.chromium,
        browser=browser,
        reserve=configuration.disk_reserve_mb << 20,
        now=now,
    )
    custody_log(configuration).append(who, "captured", taken.folder.name, sha256=taken.sha256, detail=taken.url, at=now)
    if configuration.timestamp_urls:
        stamp_queue(configuration).add(taken.folder / MANIFEST, configuration.timestamp_urls, now)
    with store.write() as c:
        for row in stored_rows(taken, record, who):
            captures.save_capture(c, row)
        detail = {"folder": taken.folder.name, "sha256": taken.sha256, "gaps": list(taken.gaps), "purpose": purpose}
        audit.append_audit(c, who, "lead.capture", f"lead:{record.lead.id}", detail, at=now)
    return taken


def stored_rows(taken: Capture, record: LeadRecord, who: str) -> list[StoredCapture]:
    """One row for each file of a capture, its list included."""
    manifest = taken.folder / MANIFEST
    row = StoredCapture(
        listing_id=record.listing.id,
        listing_version=record.listing.version,
        lead_id=record.lead.id,
        kind="manifest",
        file=f"{taken.folder.name}/{MANIFEST}",
        sha256=taken.sha256,
        at=taken.at,
        url=taken.url,
        who=who,
        detail={"size": manifest.stat().st_size, "status": taken.status, "blank": taken.blank},
    )
    return [row] + [
        replace(
            row,
            kind=kind_of(file.name),
            file=f"{taken.folder.name}/{file.name}",
            sha256=file.digests.sha256,
            detail={"size": file.digests.size, "role": file.role, "status": taken.status},
        )
        for file in taken.files
    ]


def kind_of(name: str) -> str:
    """The kind under which a file of a capture is stored."""
    if name.endswith(".warc.gz"):
        return "warc"
    return _KINDS.get(name, "crop")
