"""The settings of an installation: one frozen object, read once, each setting declared here with its default and help.

Values come from the environment (`GIMONITOR_…`) over a TOML file (`GIMONITOR_CONFIG`, else `gimonitor.toml` in the
current folder when there is one) over the defaults; secrets from the environment over the vault, never from the TOML file.
Scrapy's own settings stand in `gimonitor.settings`.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from gimonitor.errors import ConfigurationError
from gimonitor.vault import FILE as VAULT
from gimonitor.vault import read_vault

PREFIX = "GIMONITOR_"


class Configuration(BaseModel):
    """All settings. Paths derived from `data_dir` are properties, so that one folder holds everything an installation makes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data_dir: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("gimonitor")),
        description="Folder that holds the database, archives, packs and caches.",
    )
    database_url: str = Field(
        default="",
        description="SQLAlchemy URL of the store. Empty: SQLite in the data folder. PostgreSQL: postgresql+psycopg://…",
    )
    rules_dir: Path | None = Field(
        default=None, description="Folder of rule files. Empty: the ones that come with gimonitor."
    )
    chromium: str = Field(
        default="", description="Path of the Chromium to use. Empty: Playwright's own, else the system's."
    )
    contact: str = Field(
        default="",
        description="Address or URL printed in the User-Agent, so that a site can reach us. A real source is not asked without it.",
    )
    organisation: str = Field(
        default="（单位名称待填）", description="Name of the bureau or association, printed in papers."
    )
    machine: str = Field(default="", description="Name of this machine in evidence records. Empty: the host name.")
    host: str = Field(default="127.0.0.1", description="Address on which the officers' application listens.")
    port: int = Field(
        default=8600, ge=0, le=65535, description="Port of the officers' application; 0 lets the system choose."
    )
    shop_urls: tuple[str, ...] = Field(
        default=(), description="Start or sitemap addresses of shops with product metadata, comma-separated."
    )
    practice_url: str = Field(
        default="", description="Base URL of a running practice marketplace; empty: that source is off."
    )
    nightly_at: str = Field(
        default="01:30", pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="Beijing time of the nightly run."
    )
    night_hours: float = Field(
        default=5, gt=0, le=23, description="Hours after which a nightly run is stopped; what it has is kept."
    )
    digest_at: str = Field(
        default="07:00",
        pattern=r"^([01]\d|2[0-3]):[0-5]\d$",
        description="Beijing time at which the scheduler files the morning digest and sends it by every way that is set up.",
    )
    nightly_sources: tuple[str, ...] = Field(
        default=(), description="Sources of the nightly run, comma-separated. Empty: all that are set up."
    )
    lease_seconds: int = Field(
        default=900, ge=10, description="A slice not finished in this time may be taken up again."
    )
    spread: bool = Field(
        default=False,
        description="The slices of a night are jobs for `gimonitor worker` processes, on any machine. Needs PostgreSQL.",
    )
    worker_silent_seconds: int = Field(
        default=60, ge=2, description="A worker not heard of for so long counts as dead; its job is taken up again."
    )
    evidence_url: str = Field(
        default="",
        description="Shared place for sealed files of several machines (fsspec: s3://bucket/folder, file:///mnt/share). Empty: none.",
    )
    disk_reserve_mb: int = Field(default=500, ge=0, description="Work stops before less than this much disk is free.")
    look_hours: float = Field(
        default=24, gt=0, description="Hours for which a look at a page counts before a pack over it is built or sent."
    )
    timestamp_urls: tuple[str, ...] = Field(
        default=(), description="RFC 3161 time-stamp authorities, comma-separated, plain HTTP."
    )
    time_server: str = Field(
        default="",
        description="NTP server (HOST or HOST:PORT) with which the clock is compared at captures. Empty: the time-stamp authorities tell.",
    )
    smtp_host: str = Field(default="", description="Mail server for the morning digest. Empty: no e-mail is sent.")
    smtp_port: int = Field(default=465, ge=1, le=65535, description="Port of the mail server.")
    smtp_security: str = Field(
        default="tls",
        pattern="^(tls|starttls|none)$",
        description="Encryption of mail: tls (port 465), starttls (port 587), none (only without a password, or on loopback).",
    )
    smtp_user: str = Field(default="", description="Login at the mail server. Empty: none.")
    smtp_password: SecretStr = Field(default=SecretStr(""), description="Password or authorisation code of smtp_user.")
    mail_from: str = Field(default="", description="Sender of the digest. Empty: smtp_user.")
    digest_to: tuple[str, ...] = Field(default=(), description="Mail addresses of the digest, comma-separated.")
    digest_wecom_url: SecretStr = Field(default=SecretStr(""), description="Group-robot webhook of 企业微信 (WeCom).")
    digest_dingtalk_url: SecretStr = Field(default=SecretStr(""), description="Group-robot webhook of 钉钉 (DingTalk).")
    digest_dingtalk_secret: SecretStr = Field(
        default=SecretStr(""), description="Signing secret of that robot (加签), where it asks for one."
    )
    digest_feishu_url: SecretStr = Field(default=SecretStr(""), description="Group-robot webhook of 飞书 (Feishu).")
    digest_feishu_secret: SecretStr = Field(
        default=SecretStr(""), description="Signing secret of that robot (签名校验), where it asks for one."
    )
    digest_quiet: bool = Field(
        default=False,
        description="Send no message on a morning when nothing is wrong; file and dead-man mark are written.",
    )
    deadman_url: SecretStr = Field(
        default=SecretStr(""),
        description="Address asked (GET) after each digest; whoever runs it alarms when it is not.",
    )
    keep_raw_days: int = Field(
        default=30, ge=1, description="Archived responses that no lead needs are kept this many days."
    )
    keep_raw_gb: float = Field(
        default=0, ge=0, description="Archived responses in all; above it the oldest unneeded go early. 0: no limit."
    )
    keep_capture_days: int = Field(
        default=90,
        ge=1,
        description="Captures of leads closed as nothing suspected are kept this many days after closing.",
    )
    keep_capture_gb: float = Field(
        default=0, ge=0, description="Captures in all; above it the oldest of such leads go early. 0: no limit."
    )
    keep_log_days: int = Field(default=180, ge=1, description="Logs and morning digests are kept this many days.")
    keep_log_gb: float = Field(
        default=0, ge=0, description="Logs and digests in all; above it the oldest go early. 0: no limit."
    )
    session_key: SecretStr = Field(
        default=SecretStr(""), description="Key that signs sessions. Empty: made once, kept in the data folder."
    )
    oidc_issuer: str = Field(
        default="",
        description="Issuer (https) of a single sign-on by OpenID Connect. Empty: local accounts only; they stay beside it.",
    )
    session_limit: int = Field(
        default=5, ge=1, le=100, description="Sessions a person may have at once; with one more the oldest ends."
    )
    oidc_client_id: str = Field(default="", description="Id under which this application is registered there.")
    oidc_client_secret: SecretStr = Field(default=SecretStr(""), description="Secret of that registration.")
    oidc_label: str = Field(default="统一身份认证登录", description="What the button on the log-in page says.")
    oidc_scopes: tuple[str, ...] = Field(
        default=("profile",), description="Scopes asked for beside openid, comma-separated."
    )
    oidc_login_claim: str = Field(default="preferred_username", description="Claim that holds a person's login.")
    oidc_role_claim: str = Field(default="groups", description="Claim that roles are read from: one text or a list.")
    oidc_roles: tuple[str, ...] = Field(
        default=(),
        description="What that claim's values mean, VALUE=ROLE, comma-separated: gi-officers=officer, gi-heads=approver.",
    )
    oidc_area_claim: str = Field(
        default="", description="Claim that holds the adcodes of a person's areas. Empty: areas are set here."
    )
    log_level: str = Field(
        default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="Least level that is logged."
    )
    log_format: str = Field(
        default="text", pattern="^(text|json)$", description="Lines of the log: text, or json with run, slice and lead."
    )

    @property
    def store_url(self) -> str:
        """URL of the store, never empty."""
        return self.database_url or f"sqlite:///{self.data_dir / 'gimonitor.sqlite'}"

    @property
    def warc_dir(self) -> Path:
        """Sealed responses, one folder a run."""
        return self.data_dir / "warc"

    @property
    def evidence_dir(self) -> Path:
        """Captures, named by digest."""
        return self.data_dir / "evidence"

    @property
    def packs_dir(self) -> Path:
        """Evidence packs that are whole."""
        return self.data_dir / "packs"

    @property
    def cache_dir(self) -> Path:
        """What can be made again: compiled register, jieba's dictionary."""
        return self.data_dir / "cache"


# not settings: where the settings are, and what the run script and the tests are told
_OTHER_VARIABLES = frozenset(
    f"{PREFIX}{name}"
    for name in ("CONFIG", "VENV", "DEMO_DIR", "TEST_POSTGRES", "SHARED_DATA", "VAULT_KEY", "VAULT_KEY_FILE")
)
_LISTS = frozenset(name for name, field in Configuration.model_fields.items() if "tuple" in str(field.annotation))
SECRETS = frozenset(name for name, field in Configuration.model_fields.items() if field.annotation is SecretStr)


def load_configuration(environment: Mapping[str, str] | None = None) -> Configuration:
    """Read the configuration. Raises ConfigurationError naming each unknown or unusable setting and where it stands."""
    return load_settings(environment)[0]


def load_settings(environment: Mapping[str, str] | None = None) -> tuple[Configuration, dict[str, str]]:
    """The configuration, and for each setting that is not at its default where its value stands. Raises as load_configuration."""
    environment = os.environ if environment is None else environment
    values, origins = _from_file(environment)
    problems = [
        f"{origins[name]}: {name} is a secret: keep it by `gimonitor secrets edit`, or in the environment"
        for name in SECRETS.intersection(values)
    ]
    for variable, text in environment.items():
        if not variable.startswith(PREFIX) or variable in _OTHER_VARIABLES:
            continue
        name = variable.removeprefix(PREFIX).lower()
        if name not in Configuration.model_fields:
            problems.append(f"environment: unknown setting {variable}")
            continue
        values[name] = tuple(p.strip() for p in text.split(",") if p.strip()) if name in _LISTS else text
        origins[name] = f"environment: {variable}"
    problems += [
        f"{origins[name]}: unknown setting {name}" for name in values if name not in Configuration.model_fields
    ]
    if not problems:
        try:
            folder = Configuration.model_validate({n: v for n, v in values.items() if n == "data_dir"}).data_dir
            for name, value in check_secrets(read_vault(folder, environment)).items():
                if name not in values:
                    values[name], origins[name] = value, str(folder / VAULT)
            return Configuration.model_validate(values), origins
        except ValidationError as error:
            problems = [_explain(str(e["loc"][0]), e["msg"], origins) for e in error.errors(include_input=False)]
    known = ", ".join(Configuration.model_fields)
    raise ConfigurationError("\n".join([*problems, f"Known settings: {known}"]))


def check_secrets(kept: Mapping[str, object]) -> dict[str, object]:
    """The secret settings among what a vault holds. Raises ConfigurationError naming what is neither one nor a table of a key."""
    settings = {name: value for name, value in kept.items() if not isinstance(value, dict)}
    if unknown := [name for name, value in settings.items() if name not in SECRETS or not isinstance(value, str)]:
        raise ConfigurationError(
            f"secrets: no secret setting is called {', '.join(unknown)}; known: {', '.join(sorted(SECRETS))}; "
            "API keys stand in tables: [jd_union] key = … secret = …"
        )
    return settings


def _explain(name: str, message: str, origins: Mapping[str, str]) -> str:
    """What is wrong with a setting and what it means; never its value, which may be a secret."""
    described = Configuration.model_fields[name].description
    return f"{origins.get(name, '?')}: {name}: {message}. {name} is: {described}"


def _from_file(environment: Mapping[str, str]) -> tuple[dict[str, object], dict[str, str]]:
    named = environment.get("GIMONITOR_CONFIG")
    path = Path(named) if named else Path("gimonitor.toml")
    if not named and not path.is_file():
        return {}, {}
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: cannot be read: {error}") from error
    return dict(values), dict.fromkeys(values, str(path))
