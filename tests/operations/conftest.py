"""An installation with an empty store, for tests that need no more."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gimonitor.configuration import Configuration


@pytest.fixture
def configuration(tmp_path: Path, sqlite_template: Path) -> Configuration:
    shutil.copyfile(sqlite_template, tmp_path / "gimonitor.sqlite")
    return Configuration(data_dir=tmp_path, disk_reserve_mb=0)
