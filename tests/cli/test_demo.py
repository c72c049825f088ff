"""The whole way once, as a newcomer walks it: the demonstration, twice, and its pack with one byte changed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.timeout(2400)]

needs_chromium = pytest.mark.skipif(
    not (shutil.which("chromium") or shutil.which("google-chrome") or os.environ.get("GIMONITOR_CHROMIUM")),
    reason="no Chromium here: the demonstration takes a screenshot",
)


def gimonitor(data_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command with everything it makes in `data_dir`, and the key of its vault beside that."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIMONITOR_") or k == "GIMONITOR_CHROMIUM"}
    environment |= {"GIMONITOR_DATA_DIR": str(data_dir), "XDG_CONFIG_HOME": f"{data_dir}-config"}
    command = [sys.executable, "-P", "-m", "gimonitor", *arguments]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=1100, cwd=data_dir
    )


@needs_chromium
def test_the_demonstration_ends_well_twice_and_adds_nothing_twice(tmp_path: Path) -> None:
    first = gimonitor(tmp_path, "demo")
    assert first.returncode == 0, first.stdout + first.stderr
    seen, stored = map(int, re.search(r"(\d+) listings seen, (\d+) stored", first.stdout).groups())  # type: ignore[union-attr]
    assert 100 < stored <= seen
    assert "gap: practice “需要验证”: challenge" in first.stdout
    given = dict(re.findall(r"plan: (\w+): \d+ of \d+ answered: (\d+) listings seen", first.stdout))
    assert given.keys() == {"practice", "shop", "taobao_union"} and sum(map(int, given.values())) == seen
    assert all(int(count) > 5 for count in given.values()), given
    assert "imported demo-contractor.csv: 4 rows: 3 new, 0 unchanged, 1 refused" in first.stdout
    assert not (tmp_path / "secrets.enc").exists(), "the practice key is gone when the demonstration is over"
    assert len(re.findall(r"^ +[\d.]+  #\d+ ", first.stdout, re.MULTILINE)) == 10
    leads = re.search(r"(\d+) leads; the ten highest", first.stdout).group(1)  # type: ignore[union-attr]

    second = gimonitor(tmp_path, "demo")
    assert second.returncode == 0, second.stdout + second.stderr
    assert f"{seen} listings seen, 0 stored, {seen} unchanged" in second.stdout
    assert "4 rows: 0 new, 3 unchanged, 1 refused" in second.stdout
    assert f"{leads} leads; the ten highest" in second.stdout
    packs = list((tmp_path / "packs").glob("*.zip"))
    assert len(packs) == 1

    assert gimonitor(tmp_path, "evidence", "verify", str(packs[0])).returncode == 0
    data = bytearray(packs[0].read_bytes())
    data[len(data) // 2] ^= 1
    changed = tmp_path / "changed.zip"
    changed.write_bytes(data)
    broken = gimonitor(tmp_path, "evidence", "verify", str(changed))
    assert broken.returncode == 7
    assert re.search(r"changed\.zip: .*: '.+'", broken.stdout), broken.stdout
