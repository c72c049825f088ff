"""The vault: secrets of an installation in one encrypted TOML file, `secrets.enc` in the data folder.

Secret settings stand at the top level, the user's own API keys in tables:

smtp_password = "…"

[jd_union]
key = "…"
secret = "…"

The key is never in the data folder, so that a copy of the folder gives nothing away: it comes from the environment
(`GIMONITOR_VAULT_KEY`), from systemd's credentials (`vault-key`), from the file that `GIMONITOR_VAULT_KEY_FILE` names, or from
`gimonitor/vault.key` in the user's own configuration folder, where `gimonitor secrets` makes it. The first line encrypts,
older lines below it still decrypt.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path

import platformdirs
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from gimonitor.errors import ConfigurationError

FILE = "secrets.enc"
KEY_VARIABLE = "GIMONITOR_VAULT_KEY"
FILE_VARIABLE = "GIMONITOR_VAULT_KEY_FILE"


def read_vault(data_dir: Path, environment: Mapping[str, str]) -> dict[str, object]:
    """What the vault of a data folder holds; empty without one. Raises ConfigurationError when it cannot be opened."""
    text = read_vault_text(data_dir, environment)
    return parse(text, str(data_dir / FILE))


def read_vault_text(data_dir: Path, environment: Mapping[str, str]) -> str:
    """The vault's TOML as it was written; empty without one. Raises ConfigurationError when it cannot be opened."""
    path = data_dir / FILE
    try:
        sealed = path.read_bytes()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from error
    lines, origin = _key_lines(environment)
    if not lines:
        raise ConfigurationError(
            f"{path} is encrypted and there is no key: set {KEY_VARIABLE} or {FILE_VARIABLE}, or put {origin} back; "
            f"without it remove {path} and keep your secrets anew"
        )
    try:
        return _cipher(lines, origin).decrypt(sealed).decode()
    except InvalidToken:
        raise ConfigurationError(f"{path}: the key of {origin} does not open it, or it was changed") from None


def write_vault(data_dir: Path, text: str, environment: Mapping[str, str]) -> Path:
    """Encrypt and keep a TOML text in place of what was there, whole or not at all; a key is made where there is none.

    Raises ConfigurationError for a text that is no TOML, and where a key cannot be made or would lie in the data folder.
    """
    path = data_dir / FILE
    parse(text, "secrets")
    lines, origin = _key_lines(environment)
    if not lines:
        place = _key_path(environment)
        if is_within(place, data_dir):
            raise ConfigurationError(
                f"{place}: the key would lie in the data folder, beside what it opens: make one elsewhere by "
                f"`gimonitor secrets new-key FILE` and name it in {FILE_VARIABLE}"
            )
        lines = [make_key(place)]
    _write(path, _cipher(lines, origin).encrypt(text.encode()))
    return path


def make_key(path: Path) -> str:
    """Make a new key in a file, where there is none, and return it. Raises ConfigurationError."""
    if path.exists():
        raise ConfigurationError(f"{path}: there is a key already; without it nothing opens what it encrypted")
    key = Fernet.generate_key().decode()
    _write(path, f"{key}\n".encode())
    return key


def key_file(environment: Mapping[str, str]) -> Path | None:
    """The file that the key comes from; None where it stands in the environment, or there is none."""
    lines, origin = _key_lines(environment)
    return Path(origin) if lines and origin != KEY_VARIABLE else None


def is_within(path: Path, folder: Path) -> bool:
    """True for a path that lies in a folder, whatever links lead there."""
    return path.resolve().is_relative_to(folder.resolve())


def renew_key(data_dir: Path, environment: Mapping[str, str]) -> Path:
    """Encrypt the vault with a new key; killed anywhere, one of the keys in the file opens it. Returns the key's file.

    Raises ConfigurationError when the key is not in a file of ours: it is renewed where it comes from.
    """
    lines, origin = _key_lines(environment)
    path = _key_path(environment)
    if not lines or origin != str(path):
        raise ConfigurationError(f"the key comes from {origin}: renew it there")
    text = read_vault_text(data_dir, environment)
    fresh = Fernet.generate_key().decode()
    _write(path, "\n".join([fresh, *lines, ""]).encode())
    write_vault(data_dir, text, environment)
    _write(path, f"{fresh}\n".encode())
    return path


def parse(text: str, where: str) -> dict[str, object]:
    """The values of a TOML text. Raises ConfigurationError with line and column, never with what stands there."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = str(error).rpartition("(")[2].rstrip(")")
        raise ConfigurationError(f"{where}: not TOML {place}") from None


def _key_lines(environment: Mapping[str, str]) -> tuple[list[str], str]:
    if given := environment.get(KEY_VARIABLE, "").split():
        return given, KEY_VARIABLE
    path = _key_path(environment)
    try:
        return path.read_text(encoding="ascii").split(), str(path)
    except FileNotFoundError:
        return [], str(path)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: cannot be read: {error}") from error


def _key_path(environment: Mapping[str, str]) -> Path:
    given = Path(environment.get("CREDENTIALS_DIRECTORY", ""), "vault-key")
    if given.is_absolute() and given.exists():
        return given
    if named := environment.get(FILE_VARIABLE):
        return Path(named)
    own = environment.get("XDG_CONFIG_HOME")
    return (Path(own) / "gimonitor" if own else Path(platformdirs.user_config_dir("gimonitor"))) / "vault.key"


def _cipher(lines: list[str], origin: str) -> MultiFernet:
    try:
        return MultiFernet([Fernet(line) for line in lines])
    except ValueError:
        raise ConfigurationError(f"{origin}: not a key of `gimonitor secrets`") from None


def _write(path: Path, content: bytes) -> None:
    """Write a file for its owner alone, in place of what was there. Raises ConfigurationError where that is not possible."""
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be written: {error.strerror}") from error
