"""Secrets at rest: encrypted, opened by a key that is elsewhere, refused in clear, and whole through a kill."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from click.testing import CliRunner

from gimonitor import vault
from gimonitor.cli.secrets import app
from gimonitor.configuration import load_settings
from gimonitor.errors import ConfigurationError

TEXT = 'smtp_password = "hush"\n\n[jd_union]\nkey = "k"\nsecret = "hush too"\n'


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {"XDG_CONFIG_HOME": str(tmp_path / "own"), "GIMONITOR_DATA_DIR": str(tmp_path / "data")}


def key_file(environment: dict[str, str]) -> Path:
    return Path(environment["XDG_CONFIG_HOME"]) / "gimonitor/vault.key"


def test_what_is_kept_is_read_again_and_nothing_of_it_lies_open(environment: dict[str, str], tmp_path: Path) -> None:
    path = vault.write_vault(tmp_path / "data", TEXT, environment)
    assert vault.read_vault(tmp_path / "data", environment)["jd_union"] == {"key": "k", "secret": "hush too"}
    assert b"hush" not in path.read_bytes()
    for file in (path, key_file(environment)):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not key_file(environment).is_relative_to(tmp_path / "data")
    configuration, origins = load_settings(environment)
    assert configuration.smtp_password.get_secret_value() == "hush"
    assert origins["smtp_password"] == str(path)
    assert "hush" not in repr(configuration)


def test_the_environment_goes_before_the_vault(environment: dict[str, str], tmp_path: Path) -> None:
    vault.write_vault(tmp_path / "data", TEXT, environment)
    configuration, _ = load_settings({**environment, "GIMONITOR_SMTP_PASSWORD": "other"})
    assert configuration.smtp_password.get_secret_value() == "other"


def test_a_secret_in_the_open_file_is_refused_without_repeating_it(environment: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "gimonitor.toml"
    file.write_text('smtp_password = "hush"\n', encoding="utf-8")
    with pytest.raises(ConfigurationError, match="gimonitor secrets edit") as caught:
        load_settings({**environment, "GIMONITOR_CONFIG": str(file)})
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("text", ['smtp_pasword = "hush"\n', "smtp_password = 7\n", 'host = "hush"\n', 'a = "hush\n'])
def test_what_is_no_secret_of_ours_is_not_kept(text: str, environment: dict[str, str], tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["import", "-"], input=text, env=environment)
    assert isinstance(done.exception, ConfigurationError)
    assert "hush" not in str(done.exception)
    assert not (tmp_path / "data" / vault.FILE).exists()


def test_names_are_listed_not_values(environment: dict[str, str]) -> None:
    runner = CliRunner()
    assert runner.invoke(app, ["import", "-"], input=TEXT, env=environment).exit_code == 0
    listed = runner.invoke(app, ["list"], env=environment)
    assert listed.output == "smtp_password\n[jd_union] key, secret\n"


@pytest.mark.parametrize("harm", ["lost", "other", "no key", "changed"])
def test_a_vault_that_does_not_open_says_what_to_do(harm: str, environment: dict[str, str], tmp_path: Path) -> None:
    path = vault.write_vault(tmp_path / "data", TEXT, environment)
    key = key_file(environment)
    if harm == "lost":
        key.unlink()
    elif harm == "other":
        key.write_bytes(vault.Fernet.generate_key())
    elif harm == "no key":
        key.write_text("nonsense")
    else:
        sealed = bytearray(path.read_bytes())
        sealed[30] ^= 1
        path.write_bytes(sealed)
    with pytest.raises(ConfigurationError) as caught:
        load_settings(environment)
    assert str(key if harm != "changed" else path) in str(caught.value)


def test_a_new_key_opens_it_and_the_old_one_no_longer(environment: dict[str, str], tmp_path: Path) -> None:
    vault.write_vault(tmp_path / "data", TEXT, environment)
    old = key_file(environment).read_text()
    vault.renew_key(tmp_path / "data", environment)
    assert vault.read_vault_text(tmp_path / "data", environment) == TEXT
    with pytest.raises(ConfigurationError):
        vault.read_vault(tmp_path / "data", {**environment, vault.KEY_VARIABLE: old})


@pytest.mark.parametrize("step", [0, 1, 2])
def test_a_renewal_killed_anywhere_still_opens(
    step: int, environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault.write_vault(tmp_path / "data", TEXT, environment)
    write, done = vault._write, 0

    def killed(path: Path, content: bytes) -> None:
        nonlocal done
        if done == step:
            raise KeyboardInterrupt
        done += 1
        write(path, content)

    monkeypatch.setattr(vault, "_write", killed)
    with pytest.raises(KeyboardInterrupt):
        vault.renew_key(tmp_path / "data", environment)
    assert vault.read_vault_text(tmp_path / "data", environment) == TEXT


def test_a_key_of_the_service_manager_is_used(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "credentials").mkdir()
    (tmp_path / "credentials/vault-key").write_bytes(vault.Fernet.generate_key())
    given = {**environment, "CREDENTIALS_DIRECTORY": str(tmp_path / "credentials")}
    vault.write_vault(tmp_path / "data", TEXT, given)
    assert not key_file(environment).exists()
    assert load_settings(given)[0].smtp_password.get_secret_value() == "hush"


def test_a_service_finds_its_key_in_a_credential_or_a_named_file(environment: dict[str, str], tmp_path: Path) -> None:
    credentials, named = tmp_path / "credentials", tmp_path / "etc/vault.key"
    credentials.mkdir()
    key = vault.make_key(named)
    with pytest.raises(ConfigurationError, match="there is a key already"):
        vault.make_key(named)
    service = environment | {vault.FILE_VARIABLE: str(named), "CREDENTIALS_DIRECTORY": str(credentials)}
    vault.write_vault(tmp_path / "data", TEXT, service)  # a credentials folder without ours is no hindrance
    assert not key_file(environment).exists() and vault.key_file(service) == named
    (credentials / "vault-key").write_text(key)
    named.unlink()
    assert vault.read_vault_text(tmp_path / "data", service) == TEXT
    with pytest.raises(ConfigurationError, match=vault.FILE_VARIABLE):
        vault.read_vault(tmp_path / "data", environment)


def test_no_key_is_made_within_the_data_folder_nor_where_nothing_can_be_written(tmp_path: Path) -> None:
    inside = {"XDG_CONFIG_HOME": str(tmp_path / "data/.config")}
    with pytest.raises(ConfigurationError, match="new-key"):
        vault.write_vault(tmp_path / "data", TEXT, inside)
    (tmp_path / "vault.key.part").mkdir()
    with pytest.raises(ConfigurationError, match="cannot be written"):
        vault.write_vault(tmp_path / "data", TEXT, {vault.FILE_VARIABLE: str(tmp_path / "vault.key")})
    assert not (tmp_path / "data").exists()
