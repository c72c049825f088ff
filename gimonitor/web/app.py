"""The officers' application put together: routes, protection around them, and errors as pages in Chinese."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.staticfiles import StaticFiles

from gimonitor import __version__
from gimonitor.configuration import Configuration
from gimonitor.errors import GimonitorError
from gimonitor.model.register import Register
from gimonitor.store.database import Store
from gimonitor.web.access import LoginNeeded, error_page, to_login
from gimonitor.web.api import build_api, described
from gimonitor.web.lab import Lab
from gimonitor.web.oidc import provider_of
from gimonitor.web.problems import STATUS, field_names, in_chinese, too_large
from gimonitor.web.protection import SameOriginOnly, SecurityHeaders, loopback_hosts
from gimonitor.web.routes import (
    answers,
    audit,
    bundles,
    complaints,
    coverage,
    documents,
    dropped,
    evidence,
    following,
    groups,
    holds,
    home,
    leads,
    listings,
    login,
    models,
    oidc,
    people,
    pictures,
    programs,
    quality,
    register,
    reports,
    samples,
    sellers,
)
from gimonitor.web.rules import Rules
from gimonitor.web.services import Services, utc_now
from gimonitor.web.templating import build_screens

log = logging.getLogger(__name__)


def build_app(
    store: Store,
    configuration: Configuration,
    *,
    register_data: Register | None = None,
    clock: Callable[[], datetime] = utc_now,
    extra_hosts: tuple[str, ...] = (),
) -> FastAPI:
    """Build the application over an open store. Loads the register itself unless one is given."""
    app = FastAPI(title="gimonitor", version=__version__, docs_url=None, redoc_url=None, openapi_url=None)
    rules = Rules(configuration.rules_dir, configuration.cache_dir, given=register_data)
    app.state.services = Services(
        store=store, configuration=configuration, rules=rules, lab=Lab(rules), screens=build_screens(), clock=clock
    )
    # leads takes any act that the modules before it do not
    before = (login, oidc, home, evidence, pictures, documents, following, holds, complaints)
    for module in (
        *before,
        leads,
        listings,
        dropped,
        groups,
        sellers,
        answers,
        quality,
        samples,
        coverage,
        register,
        models,
        programs,
        reports,
        bundles,
        audit,
        people,
    ):
        app.include_router(module.router)
    api = build_api(app.state.services)
    app.state.describe_api = partial(described, api)
    app.mount("/api", api)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static")
    app.state.provider = provider_of(configuration)
    _answer_errors(app)
    hosts = {*loopback_hosts(configuration.host), *extra_hosts}
    app.add_middleware(SameOriginOnly)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=sorted(hosts), www_redirect=False)
    app.add_middleware(SecurityHeaders)
    return app


def _answer_errors(app: FastAPI) -> None:
    @app.exception_handler(LoginNeeded)
    def need_login(request: Request, _: Exception) -> Response:
        return to_login(request)

    @app.exception_handler(GimonitorError)
    def known(request: Request, error: Exception) -> Response:
        for kind, status, heading in STATUS:
            if isinstance(error, kind):
                return error_page(request, status, heading, in_chinese(error, heading))
        log.error("unexpected error on %s", request.url.path, exc_info=error)
        return error_page(request, 500, "出错了", "操作没有完成，数据没有改变。请联系运维员查看日志。")

    @app.exception_handler(HTTPException)
    def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if said := too_large(error):
            return error_page(request, 413, "填写的内容过长", said)
        heading = {404: "没有这个页面", 405: "不支持的操作"}.get(error.status_code, "请求没有完成")
        return error_page(request, error.status_code, heading, "")

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return error_page(request, 422, "填写有误", f"请检查：{field_names(error)}")

    @app.exception_handler(Exception)
    def unknown(request: Request, error: Exception) -> Response:
        log.error("unexpected error on %s", request.url.path, exc_info=error)
        return error_page(request, 500, "出错了", "操作没有完成，数据没有改变。请联系运维员查看日志。")
