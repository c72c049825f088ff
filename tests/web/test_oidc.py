"""Logging in by another house's word: a real provider (authlib's) on loopback, real signatures, real redirects."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import flask
import pytest
import requests
from authlib.integrations.flask_oauth2 import AuthorizationServer  # type: ignore[import-untyped]
from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin  # type: ignore[import-untyped]
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant  # type: ignore[import-untyped]
from authlib.oauth2.rfc7636 import CodeChallenge  # type: ignore[import-untyped]
from authlib.oidc.core.grants import OpenIDCode  # type: ignore[import-untyped]
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import RSAKey
from playwright.sync_api import Browser, expect
from pydantic import SecretStr
from starlette.testclient import TestClient
from werkzeug.serving import make_server

from gimonitor.configuration import Configuration
from gimonitor.errors import ConfigurationError
from gimonitor.store import audit, people
from gimonitor.store.database import Store
from gimonitor.web.app import build_app

from .conftest import Clock
from .seeds import NOW, PASSWORD, REGISTER

CLIENT, SECRET = "gimonitor-test", "s3cret-of-the-test"


class Client(ClientMixin):  # type: ignore[misc]
    """The one client that is registered."""

    def get_client_id(self) -> str:
        return CLIENT

    def get_default_redirect_uri(self) -> str:
        return ""

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return urlsplit(redirect_uri).path == "/login/oidc/return"

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass
class Code(AuthorizationCodeMixin):  # type: ignore[misc]
    """A code that was given out."""

    redirect_uri: str
    scope: str
    nonce: str
    code_challenge: str
    code_challenge_method: str
    auth_time: int = field(default_factory=lambda: int(time.time()))

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str:
        return self.nonce

    def get_auth_time(self) -> int:
        return self.auth_time

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


class House:
    """The issuer. `claims` is whom it vouches for; `key` signs; what else is set makes it lie."""

    def __init__(self) -> None:
        self.key = self.published = RSAKey.generate_key(2048, {"kid": "k1"}, private=True)
        self.claims: dict[str, object] = {}
        self.lies: dict[str, object] = {}
        self.codes: dict[str, Code] = {}
        self.asked: list[dict[str, str]] = []
        app = flask.Flask("house")
        app.secret_key = "of the test"
        self._grant(AuthorizationServer(app, query_client=lambda _: Client(), save_token=lambda *_: None), app)
        self.server = make_server("127.0.0.1", 0, app, threaded=True)
        self.address = f"http://127.0.0.1:{self.server.server_port}"

    def _grant(self, server: Any, app: flask.Flask) -> None:
        house = self

        class Grant(AuthorizationCodeGrant):  # type: ignore[misc]
            TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic",)

            def save_authorization_code(self, code: str, request: Any) -> None:
                said = request.payload.data
                house.codes[code] = Code(
                    request.payload.redirect_uri, request.payload.scope, said.get("nonce", ""),
                    said.get("code_challenge", ""), said.get("code_challenge_method", ""),
                )  # fmt: skip

            def query_authorization_code(self, code: str, client: Any) -> Code | None:
                return house.codes.get(code)

            def delete_authorization_code(self, authorization_code: Code) -> None:
                house.codes = {k: v for k, v in house.codes.items() if v is not authorization_code}

            def authenticate_user(self, authorization_code: Code) -> dict[str, object]:
                return house.claims

        class Connect(OpenIDCode):  # type: ignore[misc]
            def exists_nonce(self, nonce: str, request: Any) -> bool:
                return False

            def get_client_claims(self, client: Any) -> dict[str, object]:
                return {}

            def resolve_client_private_key(self, client: Any) -> RSAKey:
                return house.key

            def get_jwt_config(self, *_: Any) -> dict[str, object]:
                return {"key": house.key.as_dict(private=True), "alg": "RS256", "iss": house.address, "exp": 300}

            def encode_id_token(self, token: Any, request: Any) -> str:
                nonce = request.authorization_code.get_nonce()
                now = int(time.time())
                claims = {"iss": house.address, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce}
                return jwt.encode({"alg": "RS256", "kid": "k1"}, claims | house.claims | house.lies, house.key)

        server.register_grant(Grant, [Connect(require_nonce=True), CodeChallenge(required=True)])

        @app.get("/.well-known/openid-configuration")
        def metadata() -> dict[str, str]:
            here = house.address
            return {
                "issuer": str(house.lies.get("issuer", here)),
                "authorization_endpoint": f"{here}/authorize",
                "token_endpoint": f"{here}/token",
                "jwks_uri": f"{here}/keys",
            }

        @app.get("/keys")
        def keys() -> dict[str, object]:
            return {"keys": [house.published.as_dict(private=False)]}

        @app.get("/authorize")
        def authorize() -> Any:
            house.asked.append(dict(flask.request.args))
            grant = server.get_consent_grant(end_user=house.claims)
            return server.create_authorization_response(grant_user=house.claims, grant=grant)

        @app.post("/token")
        def token() -> Any:
            return server.create_token_response()


@pytest.fixture(scope="module")
def running() -> Iterator[House]:
    made = House()
    thread = threading.Thread(target=made.server.serve_forever)
    thread.start()
    yield made
    made.server.shutdown()
    thread.join(10)
    made.server.server_close()


@pytest.fixture
def house(running: House) -> House:
    running.claims = {"sub": "u-77", "preferred_username": "chen", "name": "陈新", "groups": ["staff", "gi-officers"]}
    running.lies, running.published, running.asked = {}, running.key, []
    return running


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


def app_over(store: Store, configuration: Configuration, house: House, clock: Clock, **more: Any) -> FastAPI:
    settings = {
        "oidc_issuer": house.address,
        "oidc_client_id": CLIENT,
        "oidc_client_secret": SecretStr(SECRET),
        "oidc_roles": ("gi-officers=officer", "gi-heads=approver"),
    }
    told = configuration.model_copy(update=settings | more)
    return build_app(store, told, register_data=REGISTER, clock=clock, extra_hosts=("testserver",))


@pytest.fixture
def client(store: Store, configuration: Configuration, house: House, clock: Clock) -> TestClient:
    app = app_over(store, configuration, house, clock)
    return TestClient(app, base_url="https://testserver", follow_redirects=False)


def to_the_house(client: TestClient, next_path: str = "/leads") -> str:
    """Go to the issuer and bring back the address that it sends the browser to."""
    sent = client.get("/login/oidc", params={"next": next_path})
    assert sent.status_code == 303
    back = requests.get(sent.headers["location"], allow_redirects=False, timeout=10)
    assert back.status_code == 302, back.text
    return back.headers["location"]


def test_in_and_to_where_one_wanted(client: TestClient, store: Store, house: House) -> None:
    assert "统一身份认证登录" in client.get("/login").text
    entered = client.get(to_the_house(client, "/leads?view=mine"))
    assert entered.status_code == 200 and "0;url=/leads?view=mine" in entered.text
    cookies = entered.headers.get_list("set-cookie")
    assert any(c.startswith("__Host-gimonitor=") and "SameSite=strict" in c for c in cookies)
    assert "陈新 · 审核员" in client.get("/leads").text
    with store.read() as c:
        person = people.find_person(c, "chen")
        assert audit.verify_audit(c) is None
    assert person is not None and person.role == "officer" and person.password_hash == ""
    asked = house.asked[0]
    assert asked["code_challenge_method"] == "S256" and len(asked["nonce"]) > 20 and "openid" in asked["scope"]
    same = {"sec-fetch-site": "same-origin"}
    assert client.post("/login", data={"name": "chen", "password": ""}, headers=same).status_code in (401, 422)
    assert client.post("/login", data={"name": "wang", "password": PASSWORD}, headers=same).status_code == 303


def test_roles_follow_the_issuer(client: TestClient, store: Store, house: House) -> None:
    client.get(to_the_house(client))
    house.claims |= {"groups": ["gi-heads"], "preferred_username": "renamed"}
    client.get(to_the_house(client))
    with store.read() as c:
        person = people.find_person(c, "chen")
        assert people.find_person(c, "renamed") is None
    assert person is not None and person.role == "approver"
    with store.write() as c:
        people.change_person(c, person.id, active=False)
    assert client.get(to_the_house(client)).status_code == 403


@pytest.mark.parametrize(
    ("lie", "status"),
    [
        ({"nonce": "another"}, 403),
        ({"iss": "https://evil.example"}, 403),
        ({"aud": "another-client"}, 403),
        ({"exp": 1_000_000_000}, 403),
        ({"sub": None}, 403),
        ({"groups": ["staff"]}, 403),
        ({"groups": "gi-officers-of-another-house"}, 403),
        ({"preferred_username": ""}, 403),
        ({"preferred_username": "wang"}, 409),
    ],
)
def test_a_word_that_does_not_hold_lets_nobody_in(
    client: TestClient, store: Store, house: House, lie: dict[str, object], status: int
) -> None:
    house.lies = lie
    answer = client.get(to_the_house(client))
    assert answer.status_code == status, answer.text
    assert client.get("/leads").status_code == 303
    with store.read() as c:
        assert people.find_person(c, "chen") is None


def test_another_key_is_not_believed(client: TestClient, house: House) -> None:
    house.published = RSAKey.generate_key(2048, {"kid": "k1"}, private=True)
    assert client.get(to_the_house(client)).status_code == 403


def test_a_silent_house_is_no_missing_permission(
    client: TestClient, house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def silent(*_: object, **__: object) -> None:
        raise requests.ConnectionError("no route")

    monkeypatch.setattr(requests.Session, "request", silent)
    page = client.get("/login/oidc")
    assert page.status_code == 403 and "登录没有成功" in page.text and "没有权限" not in page.text
    assert "认证服务没有应答" in page.text and "no route" in caplog.text


def test_an_answer_counts_once_in_its_browser_and_in_time(client: TestClient, house: House, clock: Clock) -> None:
    address = to_the_house(client)
    stranger = TestClient(client.app, base_url="https://testserver", follow_redirects=False)
    assert stranger.get(address).status_code == 403, "somebody else's browser"
    assert client.get(address).status_code == 403, "used up by that"
    address = to_the_house(client)
    assert client.get(address).status_code == 200
    assert client.get(address).status_code == 403, "a second time"
    address = to_the_house(client)
    clock.now = clock.now.replace(hour=clock.now.hour + 1)
    assert client.get(address).status_code == 403, "too late"
    forged = address.replace(parse_qs(urlsplit(address).query)["state"][0], "x" * 32)
    assert client.get(forged).status_code == 403


def test_the_verifier_is_needed(client: TestClient, house: House) -> None:
    query = parse_qs(urlsplit(to_the_house(client)).query)
    form = {
        "grant_type": "authorization_code",
        "code": query["code"][0],
        "redirect_uri": "https://testserver/login/oidc/return",
    }
    stolen = requests.post(f"{house.address}/token", data=form, auth=(CLIENT, SECRET), timeout=10)
    assert stolen.status_code == 400, "whoever caught the code cannot use it"


def test_no_way_out_of_the_house(client: TestClient) -> None:
    assert '0;url=/"' in client.get(to_the_house(client, "https://evil.example/")).text


def test_off_by_default(app: FastAPI) -> None:
    client = TestClient(app, base_url="https://testserver", follow_redirects=False)
    assert client.get("/login/oidc").status_code == 404 and "统一身份认证" not in client.get("/login").text


@pytest.mark.parametrize(
    "wrong",
    [
        {"oidc_issuer": "http://idp.example"},
        {"oidc_issuer": "idp"},
        {"oidc_client_id": ""},
        {"oidc_roles": ()},
        {"oidc_roles": ("gi=king",)},
        {"oidc_roles": ("officer",)},
    ],
)
def test_settings_that_cannot_work_are_named(
    store: Store, configuration: Configuration, house: House, clock: Clock, wrong: dict[str, object]
) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(wrong))):
        app_over(store, configuration, house, clock, **wrong)


def test_an_area_comes_with_the_word(store: Store, configuration: Configuration, house: House, clock: Clock) -> None:
    app = app_over(store, configuration, house, clock, oidc_area_claim="adcodes")
    client = TestClient(app, base_url="https://testserver", follow_redirects=False)
    assert client.get(to_the_house(client)).status_code == 403, "no area, and all areas are not given away"
    house.claims |= {"adcodes": ["44"]}
    assert client.get(to_the_house(client)).status_code == 200
    assert client.get("/leads/1").status_code == 403, "a GI of another province"


@pytest.mark.browser
def test_in_a_browser_from_another_site(
    browser: Browser,
    serving: Callable[[FastAPI], AbstractContextManager[str]],
    store: Store,
    configuration: Configuration,
    house: House,
    clock: Clock,
) -> None:
    """`localhost` and 127.0.0.1 are two sites: the strict cookie must hold on the way from one to the other."""
    with serving(app_over(store, configuration, house, clock)) as address:
        context = browser.new_context(base_url=address.replace("127.0.0.1", "localhost"))
        page = context.new_page()
        page.goto("/leads")
        page.get_by_role("link", name="统一身份认证登录").click()
        expect(page.get_by_text("陈新 · 审核员")).to_be_visible()
        assert urlsplit(page.url).path == "/leads"
        context.close()
