"""A practice marketplace in this process."""

import pytest

from gimonitor.practice.server import running_practice


@pytest.fixture
def market():
    with running_practice() as server:
        yield server
