"""A small rules folder to change at will, the shipped register loaded once, and the shared tables where they are."""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gimonitor.model.register import Register
from gimonitor.register import load_register, rules_dir

GI = """\
id: hlj-wuchang-dami
name: 五常大米
source: "公告"
province: 黑龙江
protections:
  - kind: {value: gi_product, certainty: found}
    numbers: [{value: "2003年第1号", certainty: found}]
aliases: [五常米]
core: 五常
product_words: [大米]
area:
  adcodes: ["230184"]
standards:
  - code: GB/T 19266-2008  # 执行标准
season: {opens: "09-15"}
category: 食用农林产品及食品
goods: 大米
notes: 说明
"""
LAW = """\
id: some-law
name: 某法
short: 某法
versions:
  - version: "1"
    starts: 2020-01-01
    ends: 2026-12-31
    url: https://example.org/1
    certainty: found
    source: 文本
    articles:
      - {key: same, article: 第一条, text: 甲。}
  - version: "2"
    starts: 2027-01-01
    url: https://example.org/2
    certainty: found
    source: 文本
    articles:
      - {key: same, article: 第二条, text: 乙。}
"""
USERS = """\
gi_id,name,uscc,basis,number,starts,ends,scope,brands,shops,certainty,source
hlj-wuchang-dami,五常市甲米业有限公司,91230184MA1PRC01X0,licensee,第1号,2023-01-01,2027-12-31,大米,甲牌,tmall:甲旗舰店,found,公告
"""


@pytest.fixture(scope="session")
def shipped() -> Register:
    """The register that comes with gimonitor."""
    return load_register()


@pytest.fixture
def shipped_copy(tmp_path: Path) -> Path:
    """A copy of the shipped rule files that may be changed."""
    return Path(shutil.copytree(rules_dir(), tmp_path / "shipped"))


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A folder with one GI, one instrument and one user."""
    folder = tmp_path / "rules"
    write(folder, "gi/heilongjiang/hlj-wuchang-dami.yml", GI)
    write(folder, "law/some-law.yml", LAW)
    write(folder, "users/users.csv", USERS)
    return folder


def write(folder: Path, name: str, content: str | bytes) -> Path:
    """Write one rule file and return its path."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.fixture
def put(rules: Path) -> Callable[[str, str | bytes], Path]:
    """Write a file into the small rules folder."""
    return lambda name, content: write(rules, name, content)


@pytest.fixture
def edit(rules: Path) -> Callable[[str, str], None]:
    """Replace a piece of text in the GI file; it must be there."""

    def change(old: str, new: str) -> None:
        path = rules / "gi/heilongjiang/hlj-wuchang-dami.yml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    return change


@pytest.fixture
def write_table(tmp_path: Path) -> Callable[..., Path]:
    """Write a CSV of headings and rows."""

    def write_csv(headings: list[str], *rows: list[str], encoding: str = "utf-8") -> Path:
        text = io.StringIO(newline="")
        csv.writer(text).writerows([headings, *rows])
        path = tmp_path / "table.csv"
        path.write_bytes(text.getvalue().encode(encoding))
        return path

    return write_csv


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared data, or a skip where it is not there."""
    given = os.environ.get("GIMONITOR_SHARED_DATA")
    folder = Path(given) if given else Path(__file__).parents[2] / "../shared/data"
    if not (folder / "shaanxi_gi").is_dir():
        pytest.skip("the shared data is not here (GIMONITOR_SHARED_DATA)")
    return folder.resolve()


@pytest.fixture
def call(tmp_path: Path, rules: Path) -> object:
    """Run `gimonitor …` on the small rules folder; give its exit code and what it printed."""

    def run(*arguments: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "gimonitor", *arguments],
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
            cwd=tmp_path,
            env={
                "PATH": "/usr/bin:/bin",
                "GIMONITOR_DATA_DIR": str(tmp_path / "data"),
                "GIMONITOR_RULES_DIR": str(rules),
                "GIMONITOR_ORGANISATION": "甲局",
                "PYTHONUTF8": "1",
            },
        )
        return done.returncode, done.stdout + done.stderr

    return run
