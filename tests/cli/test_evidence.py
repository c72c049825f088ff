"""What the terminal says of a captured page that shows no offer."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from gimonitor.cli.evidence import _no_answer, app
from gimonitor.errors import NotFoundError

GOODS = f"<html><title>大米</title><h1>五常大米</h1>{'好' * 3000}</html>"


@pytest.mark.parametrize(
    ("status", "page", "told"),
    [
        (404, "<h1>x</h1>", "the page is gone: status 404"),
        (200, "<html><title>用户登录</title>请登录</html>", "login wall"),
        (503, "<h1>x</h1>", "not shown as asked: unavailable"),
        (
            200,
            "<html><title>提示</title>很抱歉，您查看的宝贝不存在，可能已下架",
            "the offer is gone: 您查看的宝贝不存在",
        ),
        (200, GOODS, ""),
    ],
)
def test_a_page_that_is_gone_or_a_login_wall_is_named(status: int, page: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(page, "utf-8")
    said = _no_answer(SimpleNamespace(status=status, final_url="http://a.example/", folder=tmp_path))  # type: ignore[arg-type]
    assert told in said
    assert bool(told) == bool(said)


@pytest.mark.parametrize(
    "command",
    [
        "pack --lead 1",
        "complaint --profile jd --lead 1",
        "capture --lead 1",
        "purchase --lead 1 --order D1 --goods x --paid 1",
        "purchase --purchase 1 --act sealed",
    ],
)
def test_nothing_is_done_in_the_name_of_somebody_who_does_not_exist(
    command: str, tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIMONITOR_DATA_DIR", str(tmp_path))
    shutil.copyfile(sqlite_template, tmp_path / "gimonitor.sqlite")
    done = CliRunner().invoke(app, [*command.split(), "--who", "nobody"])
    assert isinstance(done.exception, NotFoundError)
    assert "nobody active has the login 'nobody'" in str(done.exception)
