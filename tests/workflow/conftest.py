"""A store with what looks through its pictures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gimonitor.imaging.look import Looker
from gimonitor.store.database import Store
from gimonitor.workflow.pictures import PictureWork
from tests.workflow.picturework import REGISTER, NameScreener


@pytest.fixture
def work(sqlite_store: Store, tmp_path: Path) -> Iterator[PictureWork]:
    folder = tmp_path / "evidence"
    folder.mkdir()
    yield PictureWork(sqlite_store, folder, Looker(REGISTER), NameScreener())
