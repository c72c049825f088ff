"""The register as the screens show it: the rule files are looked at again every few seconds, and read when one changed.

A change that cannot be read leaves the register that stood before in force, and says so in the log.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from gimonitor.errors import RulesError
from gimonitor.model.register import Register
from gimonitor.register.files import list_files, rules_dir
from gimonitor.register.loader import load_register

LOOK_SECONDS = 15.0
log = logging.getLogger(__name__)

Signature = tuple[tuple[str, int, int], ...]
"""Name, time of change and size of every rule file."""


class Rules:
    """Holds the register in force. Safe to share between threads; a request never waits for reading."""

    def __init__(
        self,
        folder: Path | None = None,
        cache_dir: Path | None = None,
        *,
        given: Register | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Read the files of `folder`; with `given` that register is kept and no file is ever read."""
        self._folder = folder
        self._cache_dir, self._fixed, self._clock = cache_dir, given is not None, clock
        self._register = given
        self._signature: Signature = ()
        self._looked = clock()
        self._lock = threading.Lock()
        if given is None:
            self.look()

    @property
    def register(self) -> Register | None:
        """The register in force; None where the rules were broken from the beginning."""
        if not self._fixed and self._clock() - self._looked >= LOOK_SECONDS:
            self._looked = self._clock()
            threading.Thread(target=self.look, daemon=True).start()
        return self._register

    def look(self) -> None:
        """Read the files again if one of them has changed."""
        with self._lock:
            try:
                found = _signature(self._folder or rules_dir())
                if found != self._signature:
                    self._read(found)
            except (RulesError, OSError) as error:  # OSError: a file that went while it was looked at
                kept = "the register that stood before stays" if self._register else "leads open without their sheet"
                log.error("the rules are broken, %s: %s", kept, error)  # noqa: TRY400  # expected, no traceback

    def replace(self, register: Register) -> None:
        """Put a register in force that was read elsewhere, after a release."""
        self._register = register

    def _read(self, signature: Signature) -> None:
        self._signature = signature
        found = load_register(self._folder, cache_dir=self._cache_dir)
        if self._register is not None and found.digest != self._register.digest:
            log.info("the rules have changed: register %s", found.digest[:12])
        self._register = found


def _signature(folder: Path) -> Signature:
    found = []
    for name in list_files(folder):
        told = (folder / name).stat()
        found.append((name, told.st_mtime_ns, told.st_size))
    return tuple(found)
