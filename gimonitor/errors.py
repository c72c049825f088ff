"""The one tree of errors. Each class says who raises it and what follows.

    GimonitorError
    ├── ConfigurationError      an unknown or unusable setting            exit 2
    ├── RulesError              one or more issues in rules/              exit 2
    ├── InputError              a file given by the user cannot be read   exit 2
    ├── BlockedError            a source refused: challenge, login, 403   exit 4
    ├── PartialError            a run ended with gaps                     exit 5
    ├── StoreError                                                        exit 6
    │   ├── StoreUnreachableError
    │   ├── StoreOutdatedError  migrations are missing
    │   ├── NotFoundError       no such lead, listing, run …          exit 2
    │   └── ConflictError       somebody else changed it first
    ├── EvidenceError           sealing, capture or packing failed        exit 7
    │   └── TamperedError       a verified file differs from its record
    ├── DiskFullError           too little room to go on                  exit 8
    └── PermissionDeniedError   the person may not do this

Exit codes are part of the interface: `gimonitor --help` prints the same table.
"""

from __future__ import annotations


class GimonitorError(Exception):
    """Base of all errors that the project raises on purpose; the message is for people."""

    exit_code = 1


class ConfigurationError(GimonitorError):
    """Raised when settings are read. Nothing has been started."""

    exit_code = 2


class InputError(GimonitorError):
    """Raised by importers and commands for a file or value that cannot be used. Nothing is half imported."""

    exit_code = 2


class RulesError(GimonitorError):
    """Raised by the register loader with every issue found, never only the first.

    `issues` holds printable lines, each beginning `path:line:column`.
    """

    exit_code = 2

    def __init__(self, issues: list[str]) -> None:
        self.issues = issues
        super().__init__("\n".join(issues))


class BlockedError(GimonitorError):
    """Raised by the page classifier: the source answered with something that is no answer.

    `kind` is one of the values of `gimonitor.model.run.BlockKind`. The caller records the query as blocked
    and stops asking this source; it never counts as "nothing found".
    """

    exit_code = 4

    def __init__(self, kind: str, url: str, detail: str = "") -> None:
        self.kind = kind
        self.url = url
        self.detail = detail
        super().__init__(f"{kind}: {url} {detail}".rstrip())


class PartialError(GimonitorError):
    """Raised by a run that ended with gaps which its record names."""

    exit_code = 5


class StoreError(GimonitorError):
    """Base of everything the store raises on purpose."""

    exit_code = 6


class StoreUnreachableError(StoreError):
    """Raised when the database cannot be opened. A run stops before it asks a marketplace anything."""


class StoreOutdatedError(StoreError):
    """Raised when the schema is not the one this version needs; `gimonitor store upgrade` mends it."""


class NotFoundError(StoreError):
    """Raised when an id names nothing."""

    exit_code = 2


class ConflictError(StoreError):
    """Raised when an object changed since it was read, or its state does not allow this. The caller shows the newer state and
    asks again; nothing is wrong with the store."""

    exit_code = 2


class EvidenceError(GimonitorError):
    """Raised when sealing, capturing or packing failed. No file under a final name is left behind."""

    exit_code = 7


class TamperedError(EvidenceError):
    """Raised by verification; the message names each file that differs, is missing or was added."""


class UntrustedError(TamperedError):
    """Raised where a signature cannot be followed to anybody who is trusted here; nothing need have been changed."""

    exit_code = 5


class DiskFullError(GimonitorError):
    """Raised before the reserve of free space is used up."""

    exit_code = 8


class PermissionDeniedError(GimonitorError):
    """Raised when a person lacks the role or area for an action."""

    exit_code = 9
