"""统一身份认证: logging in by the word of another house, OpenID Connect Core 1.0, authorization code flow with PKCE (RFC 7636).

Off unless an issuer is set. State, nonce and verifier are kept here, bound to one browser, used once and forgotten after ten
minutes; what the token says is believed only under the issuer's signature. Local accounts stay as they are.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError  # type: ignore[import-untyped]  # authlib has no stubs
from authlib.integrations.requests_client import OAuth2Session  # type: ignore[import-untyped]
from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from gimonitor.configuration import Configuration
from gimonitor.errors import ConfigurationError, PermissionDeniedError
from gimonitor.workflow.areas import read_areas
from gimonitor.workflow.roles import Role

WAITS = timedelta(minutes=10)
MOST_PENDING = 1_000
_SECONDS = 10
_ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_REFUSED = "统一身份认证没有通过：{}。可重试，或用本地账号登录"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """Somebody on the way to the issuer and back. `browser` is what their cookie must hold."""

    state: str
    nonce: str
    verifier: str
    browser: str
    next: str
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Whom the issuer vouches for, with the roles and areas that its claims map to."""

    issuer: str
    subject: str
    login: str
    name: str
    roles: frozenset[Role]
    areas: tuple[str, ...]


class Provider:
    """The issuer of an installation, and who is on the way to it."""

    def __init__(self, configuration: Configuration) -> None:
        self._settings = configuration
        self._issuer = configuration.oidc_issuer.rstrip("/")
        parts = urlsplit(self._issuer)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
            raise ConfigurationError(f"oidc_issuer: {configuration.oidc_issuer!r} is no https address")
        if not configuration.oidc_client_id:
            raise ConfigurationError(
                "oidc_client_id: missing; the issuer gave one when this application was registered"
            )
        self._roles = _role_table(configuration.oidc_roles)
        self._pending: OrderedDict[str, Pending] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def label(self) -> str:
        """What the button says."""
        return self._settings.oidc_label

    def begin(self, redirect_uri: str, next_path: str, now: datetime) -> tuple[str, Pending]:
        """Where to send the browser, and what to remember of it. Raises PermissionDeniedError when the issuer is silent."""
        pending = Pending(
            state=secrets.token_urlsafe(24),
            nonce=secrets.token_urlsafe(24),
            verifier=secrets.token_urlsafe(48),
            browser=secrets.token_urlsafe(24),
            next=next_path,
            ends_at=now + WAITS,
        )
        with self._session(redirect_uri) as session:
            url, _ = session.create_authorization_url(
                self._metadata(session)["authorization_endpoint"],
                state=pending.state,
                nonce=pending.nonce,
                code_verifier=pending.verifier,
            )
        with self._lock:
            self._pending[pending.state] = pending
            while len(self._pending) > MOST_PENDING:
                self._pending.popitem(last=False)
        return str(url), pending

    def finish(
        self, redirect_uri: str, answer: Mapping[str, str], browser: str, now: datetime
    ) -> tuple[Identity, Pending]:
        """Whom the issuer's answer vouches for. Raises PermissionDeniedError, saying why, for anything that does not hold."""
        with self._lock:
            pending = self._pending.pop(answer.get("state", ""), None)
        if pending is None or now >= pending.ends_at or not secrets.compare_digest(pending.browser, browser):
            raise PermissionDeniedError(_REFUSED.format("登录请求已失效，或不是由这个浏览器发起的"))
        if "code" not in answer:
            raise PermissionDeniedError(_REFUSED.format("认证方没有同意"))
        try:
            with self._session(redirect_uri) as session:
                metadata = self._metadata(session)
                token = session.fetch_token(
                    metadata["token_endpoint"],
                    code=answer["code"],
                    code_verifier=pending.verifier,
                    timeout=_SECONDS,
                )
                keys = session.get(metadata["jwks_uri"], withhold_token=True, timeout=_SECONDS).json()
            claims = self._claims(str(token.get("id_token", "")), KeySet.import_key_set(keys), pending, token)
        except (AuthlibBaseError, JoseError, requests.RequestException, ValueError, KeyError) as error:
            raise PermissionDeniedError(_REFUSED.format("身份凭据没有通过核验")) from error
        return self._identity(claims), pending

    def _session(self, redirect_uri: str) -> OAuth2Session:
        session = OAuth2Session(
            self._settings.oidc_client_id,
            self._settings.oidc_client_secret.get_secret_value() or None,
            scope=" ".join(("openid", *self._settings.oidc_scopes)),
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
        )
        session.trust_env = False  # no proxy and no password of the environment
        return session

    def _metadata(self, session: OAuth2Session) -> dict[str, str]:
        """What the issuer says of itself; it must call itself what we call it."""
        try:
            url = f"{self._issuer}/.well-known/openid-configuration"
            told = session.get(url, withhold_token=True, timeout=_SECONDS).json()
            names = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
            found = {name: str(told[name]) for name in names}
        except (requests.RequestException, ValueError, KeyError, TypeError) as error:
            raise PermissionDeniedError(_REFUSED.format("认证服务没有应答，或应答有误")) from error
        if found["issuer"].rstrip("/") != self._issuer:
            raise PermissionDeniedError(_REFUSED.format("认证服务自称的名称与设置不符"))
        return found

    def _claims(
        self, id_token: str, keys: KeySet, pending: Pending, token: Mapping[str, object]
    ) -> Mapping[str, object]:
        read = jwt.decode(id_token, keys, algorithms=_ALGORITHMS)
        client = self._settings.oidc_client_id
        options = {
            "iss": {"essential": True, "value": self._settings.oidc_issuer},
            "aud": {"essential": True, "value": client},
        }
        params = {"nonce": pending.nonce, "client_id": client, "access_token": token.get("access_token")}
        claims = CodeIDToken(read.claims, read.header, options, params)
        claims.validate(leeway=60)
        return dict(claims)

    def _identity(self, claims: Mapping[str, object]) -> Identity:
        settings = self._settings
        said = _texts(claims.get(settings.oidc_role_claim))
        roles = frozenset(self._roles[value] for value in said if value in self._roles)
        if not roles:
            raise PermissionDeniedError(_REFUSED.format("您在统一身份认证中没有本系统的角色，请联系管理员"))
        areas = _texts(claims.get(settings.oidc_area_claim)) if settings.oidc_area_claim else ()
        if settings.oidc_area_claim and not areas:
            raise PermissionDeniedError(_REFUSED.format("统一身份认证没有给出您的辖区，请联系管理员"))
        login = str(claims.get(settings.oidc_login_claim) or "")
        if not login:
            raise PermissionDeniedError(_REFUSED.format("统一身份认证没有给出您的用户名"))
        return Identity(
            issuer=self._issuer,
            subject=str(claims["sub"]),
            login=login,
            name=str(claims.get("name") or login),
            roles=roles,
            areas=read_areas(areas),
        )


def provider_of(configuration: Configuration) -> Provider | None:
    """The issuer of an installation; None where none is set. Raises ConfigurationError."""
    return Provider(configuration) if configuration.oidc_issuer else None


def _role_table(pairs: tuple[str, ...]) -> dict[str, Role]:
    table = {}
    for pair in pairs:
        value, equals, role = pair.partition("=")
        if not equals or role.strip() not in set(Role):
            raise ConfigurationError(
                f"oidc_roles: {pair!r}; write VALUE=ROLE, with a role of {', '.join(sorted(Role))}"
            )
        table[value.strip()] = Role(role.strip())
    if not table:
        raise ConfigurationError("oidc_roles: missing; without them nobody could log in")
    return table


def _texts(value: object) -> tuple[str, ...]:
    """A claim that is one text or a list of them."""
    if isinstance(value, str):
        return (value,)
    return tuple(str(one) for one in value) if isinstance(value, list) else ()
