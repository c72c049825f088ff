"""What every page needs: the open store, the settings, the register, the screens and a clock. Built once, never global."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from gimonitor.configuration import Configuration
from gimonitor.model.register import GI, Register
from gimonitor.register.files import rules_dir
from gimonitor.store.database import Store
from gimonitor.web.lab import Lab
from gimonitor.web.presence import Presence
from gimonitor.web.rules import Rules
from gimonitor.web.templating import Screens


def utc_now() -> datetime:
    """The wall clock, aware UTC; tests pass their own."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Shared by all requests."""

    store: Store
    configuration: Configuration
    rules: Rules
    screens: Screens
    clock: Callable[[], datetime]
    lab: Lab
    presence: Presence = field(default_factory=Presence)

    @property
    def register(self) -> Register | None:
        """The register in force, None where the rules are broken: then leads still open, without their sheet."""
        return self.rules.register

    @property
    def rules_folder(self) -> Path:
        """The folder of the rules in force."""
        return self.configuration.rules_dir or rules_dir()

    def gi(self, gi_id: str) -> GI | None:
        """The GI with this id, or None (a sign, or no longer in the register)."""
        register = self.register
        if register is None:
            return None
        try:
            return register.gi(gi_id)
        except KeyError:
            return None
