"""What every page needs: the open store, the settings, the register, the templates and a clock. Built once, never global."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.templating import Jinja2Templates

from gimonitor.configuration import Configuration
from gimonitor.model.register import GI, Register
from gimonitor.store.database import Store
from gimonitor.web.lab import Lab


def utc_now() -> datetime:
    """The wall clock, aware UTC; tests pass their own."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Shared by all requests. `register` is None where rules are broken: then leads still open, without their sheet."""

    store: Store
    configuration: Configuration
    register: Register | None
    templates: Jinja2Templates
    clock: Callable[[], datetime]
    lab: Lab

    def gi(self, gi_id: str) -> GI | None:
        """The GI with this id, or None (a sign, or no longer in the register)."""
        if self.register is None:
            return None
        try:
            return self.register.gi(gi_id)
        except KeyError:
            return None
