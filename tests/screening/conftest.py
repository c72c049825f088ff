"""The real register, compiled once."""

from datetime import date

import pytest

from gimonitor.model.register import Register
from gimonitor.register import load_register
from gimonitor.screening import Screener

ON = date(2026, 11, 22)


@pytest.fixture(scope="session")
def register() -> Register:
    return load_register()


@pytest.fixture(scope="session")
def screener(register: Register) -> Screener:
    return Screener(register)


@pytest.fixture(scope="session")
def on() -> date:
    return ON
