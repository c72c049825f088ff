"""`gimonitor tasks`: listed, closed once."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from gimonitor.cli.main import main
from gimonitor.model.task import TaskKind
from gimonitor.store.database import migrate_store, open_store
from gimonitor.store.tasks import create_task


def test_list_and_close(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIMONITOR_DATA_DIR", str(tmp_path))
    url = f"sqlite:///{tmp_path / 'gimonitor.sqlite'}"
    migrate_store(url)
    with open_store(url) as store, store.write() as c:
        queries = [*(f"名{n}" for n in range(30)), "http://x/"]
        task_id = create_task(c, TaskKind.CAPTURE, "taobao", queries, url="http://x/", reason="challenge")

    def run(*arguments: str) -> str:
        return CliRunner().invoke(main, ["tasks", *arguments], catch_exceptions=False).output

    lines = run("list").splitlines()
    assert lines[:2] == [f"{task_id}: capture taobao by hand (challenge)", "   名0"]
    assert lines[-2:] == ["   http://x/", "   … and 11 more"] and lines.count("   http://x/") == 1
    assert run("close", str(task_id), "--note", "done") == f"closed task {task_id}\n"
    assert run("list") == "nothing is to be done\n"
    assert "closed by console:" in run("list", "--all") and "done" in run("list", "--all")
