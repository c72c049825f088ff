"""The value that says where sealed bytes lie. Kept apart from the writer, so that who only stores it imports nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """One response record in a WARC file.

    `file` is relative to the folder of archives, in its final name (while the file is being written it carries `.part`
    behind it). `offset` and `length` delimit the record's gzip member. `sha256` is the hex digest of the response
    body as written, which is also the record's WARC-Payload-Digest. `at` is aware UTC.
    """

    file: str
    offset: int
    length: int
    sha256: str
    url: str
    at: datetime
