"""`gimonitor serve` as a process: prints where it listens, answers there, ends when told."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from gimonitor.store.database import migrate_store


def test_serving(tmp_path: Path) -> None:
    migrate_store(f"sqlite:///{tmp_path / 'gimonitor.sqlite'}")
    process = subprocess.Popen(
        [sys.executable, "-m", "gimonitor", "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        env={**os.environ, "GIMONITOR_DATA_DIR": str(tmp_path), "PYTHONUNBUFFERED": "1"},
        text=True,
    )
    assert process.stdout
    try:
        found = re.search(r"http://127\.0\.0\.1:\d+/", process.stdout.readline())
        assert found
        with urllib.request.urlopen(f"{found[0]}login", timeout=20) as answer:
            page = answer.read().decode()
            assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert "用户名" in page
        with pytest.raises(urllib.error.HTTPError, match="400"):
            request = urllib.request.Request(f"{found[0]}login", headers={"host": "evil.example"})
            urllib.request.urlopen(request, timeout=20)
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


def test_serving_without_a_store_says_what_to_do(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gimonitor", "serve", "--port", "0"],
        env={**os.environ, "GIMONITOR_DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 6 and "gimonitor store upgrade" in done.stderr
