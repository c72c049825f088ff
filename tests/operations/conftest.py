"""Installations with an empty store: on SQLite, and on either engine."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from gimonitor.configuration import Configuration
from gimonitor.store.database import open_store

from .erasing import House


@pytest.fixture
def configuration(tmp_path: Path, sqlite_template: Path) -> Configuration:
    shutil.copyfile(sqlite_template, tmp_path / "gimonitor.sqlite")
    return Configuration(data_dir=tmp_path, disk_reserve_mb=0)


@pytest.fixture
def house(store_url: str, tmp_path: Path) -> Iterator[House]:
    configuration = Configuration(data_dir=tmp_path / "data", database_url=store_url, disk_reserve_mb=0)
    configuration.data_dir.mkdir()
    with open_store(store_url) as store:
        yield House(store, configuration)
