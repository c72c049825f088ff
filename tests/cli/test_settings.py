"""Settings as an operator sees them: values with their origin, no secret in print, a reference that follows the code."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from gimonitor.cli.practice import app as practice
from gimonitor.cli.settings import app, reference_text
from gimonitor.configuration import load_settings
from gimonitor.errors import ConfigurationError

ROOT = Path(__file__).parents[2]


def test_the_reference_in_the_documents_is_the_one_of_the_code() -> None:
    assert (ROOT / "docs/configuration.md").read_text(encoding="utf-8") == reference_text()


def test_a_setting_is_listed_with_where_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(
        'organisation = "某市市场监督管理局"\ndatabase_url = "postgresql+psycopg://gi:hush@db/gi?sslpassword=hush&port=5499"\n'
        'evidence_url = "s3://AKIA:hush/hu+sh@bucket/x"\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("GIMONITOR_CONFIG", str(file))
    monkeypatch.setenv("GIMONITOR_SMTP_PASSWORD", "hush")
    monkeypatch.setenv("GIMONITOR_SHOP_URLS", "https://a.example/, https://b.example/")
    done = CliRunner().invoke(app, ["list", "--changed"])
    assert done.exit_code == 0, done.output
    assert f"organisation = 某市市场监督管理局    [{file}]" in done.output
    assert "shop_urls = https://a.example/, https://b.example/    [environment: GIMONITOR_SHOP_URLS]" in done.output
    assert "smtp_password = (set)" in done.output
    assert "postgresql+psycopg://gi:***@db/gi?sslpassword=***&port=5499 " in done.output
    assert "s3://AKIA:***@bucket/x " in done.output
    assert "hush" not in done.output
    assert "keep_raw_days" not in done.output


def test_an_unusable_value_is_explained_and_not_repeated() -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_settings({"GIMONITOR_NIGHTLY_AT": "25 o'clock", "GIMONITOR_PORT": "hush"})
    said = str(caught.value)
    assert "environment: GIMONITOR_NIGHTLY_AT: nightly_at" in said
    assert "Beijing time of the nightly run" in said
    assert "hush" not in said


def test_the_practice_keys_lead_to_the_marketplace_that_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIMONITOR_PRACTICE_URL", "http://127.0.0.1:8642")
    assert "http://127.0.0.1:8642/" in CliRunner().invoke(practice, ["keys"]).output
    assert "http://127.0.0.1:8701/" in CliRunner().invoke(practice, ["keys", "--port", "8701"]).output
    monkeypatch.setenv("GIMONITOR_PRACTICE_URL", "")
    assert "http://127.0.0.1:8601/" in CliRunner().invoke(practice, ["keys"]).output
