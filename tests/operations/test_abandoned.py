"""Runs whose processes have died, and those that somebody still works on."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from gimonitor.cli.main import main
from gimonitor.configuration import Configuration
from gimonitor.errors import ConflictError
from gimonitor.model.run import Coverage, RunState
from gimonitor.operations.abandoned import close_abandoned
from gimonitor.operations.nightly import resume
from gimonitor.store import runs
from gimonitor.store.database import open_store
from gimonitor.workflow.owners import is_dead, is_running

NOW = datetime.now(UTC)
MARK = "from gimonitor.workflow.owners import own_mark; print(own_mark(), flush=True); input()"


def begin(configuration: Configuration, runner: str, kind: str = runs.NIGHTLY) -> int:
    with open_store(configuration.store_url) as store, store.write() as c:
        return runs.start_run(c, kind, {runs.RUNNER: runner}, now=NOW)


def close(configuration: Configuration, now: datetime = NOW) -> list[int]:
    with open_store(configuration.store_url) as store:
        return [run.id for run in close_abandoned(configuration, store, now)]


def test_a_run_is_left_alone_while_its_process_lives_even_between_two_slices(configuration: Configuration) -> None:
    with subprocess.Popen([sys.executable, "-P", "-c", MARK], stdin=-1, stdout=-1, text=True) as process:
        assert process.stdout
        mark = process.stdout.readline().strip()
        run_id = begin(configuration, mark)
        assert is_running(mark) and close(configuration) == []
        with pytest.raises(ConflictError, match="is being worked on"):
            resume(configuration, run_id, say=print)
        assert not is_running(mark + "0"), "another process that was given the same number"
        process.kill()
        for _ in iter(process.stdout.readline, ""):
            pass
        # nobody has buried it yet
        process.stdout.close()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert is_dead(":".join(mark.split(":")[:2])) and close(configuration) == [run_id]
    with open_store(configuration.store_url) as store, store.read() as c:
        assert runs.load_run(c, run_id).state is RunState.INTERRUPTED


def test_a_run_of_another_machine_is_believed_while_it_gives_signs_of_life(configuration: Configuration) -> None:
    run_id = begin(configuration, "elsewhere:7:x")
    later = NOW + timedelta(minutes=30)
    with open_store(configuration.store_url) as store, store.write() as c:
        runs.save_coverage(c, Coverage(run_id=run_id, source="s", query="q", at=later))
    assert close(configuration, later + timedelta(minutes=5)) == []
    assert close(configuration, later + timedelta(minutes=15)) == [run_id]


def test_a_run_that_is_not_made_of_slices_is_nobodys_business(configuration: Configuration) -> None:
    begin(configuration, "", "import")
    assert close(configuration) == []


def test_who_looks_at_the_runs_sees_it_as_interrupted(
    configuration: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIMONITOR_DATA_DIR", str(configuration.data_dir))
    run_id = begin(configuration, f"{socket.gethostname()}:1:gone")
    told = CliRunner().invoke(main, ["coverage", "--runs"])
    assert f"run {run_id} nightly: interrupted" in told.output
