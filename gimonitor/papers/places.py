"""Where an installation keeps what belongs to its evidence: the custody log, the stamps that wait, the trusted roots."""

from __future__ import annotations

from cryptography import x509

from gimonitor.configuration import Configuration
from gimonitor.evidence.custody import CustodyLog
from gimonitor.evidence.stamping import StampQueue
from gimonitor.evidence.timestamps import load_roots
from gimonitor.papers.documents import DocumentStore


def custody_log(configuration: Configuration) -> CustodyLog:
    """The installation's custody log."""
    return CustodyLog(configuration.evidence_dir / "custody.jsonl")


def stamp_queue(configuration: Configuration) -> StampQueue:
    """Files that still lack a time-stamp."""
    return StampQueue(configuration.data_dir / "timestamp-queue")


def document_store(configuration: Configuration) -> DocumentStore:
    """Certificates, powers of attorney, reports."""
    return DocumentStore(configuration.data_dir / "documents")


def trusted_roots(configuration: Configuration) -> tuple[x509.Certificate, ...]:
    """Root certificates of time-stamp authorities: `timestamp-roots/*.pem` in the data folder, put there by a person."""
    return load_roots(configuration.data_dir / "timestamp-roots")
