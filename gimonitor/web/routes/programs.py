"""接口: the interface for programs described, from here and nowhere else, and the tokens that a person made for theirs."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Response
from starlette.responses import JSONResponse, RedirectResponse

from gimonitor.errors import InputError
from gimonitor.store import audit, people, tokens
from gimonitor.web.access import AnyPage, Page
from gimonitor.web.tokens import open_token
from gimonitor.workflow.roles import Role

router = APIRouter()


@router.get("/api/docs")
def described(page: AnyPage) -> Response:
    """Every path of the interface with what it takes and gives."""
    told = _description(page)
    return page.render("api.html", "/tokens", told=told, operations=_operations(told), bodies=_bodies(told))


@router.get("/api/docs/openapi.json")
def download(page: AnyPage) -> Response:
    """The same for programs, without a token."""
    return JSONResponse(_description(page))


def _description(page: Page) -> dict[str, Any]:
    describe = page.request.app.state.describe_api
    return dict(describe())


def _operations(told: dict[str, Any]) -> list[dict[str, Any]]:
    """Method, path, what it does, its parameters and the name of its body, in the order of the description."""
    return [
        {
            "method": method.upper(),
            "path": f"/api{path}",
            "does": operation["description"],
            "parameters": operation.get("parameters", []),
            "body": _schema_name(operation.get("requestBody", {})),
            "gives": _schema_name(operation["responses"].get("200", {})),
        }
        for path, methods in told["paths"].items()
        for method, operation in methods.items()
    ]


def _schema_name(part: dict[str, Any]) -> str:
    schema = part.get("content", {}).get("application/json", {}).get("schema", {})
    many = "items" in schema
    name = str((schema["items"] if many else schema).get("$ref", "")).rpartition("/")[2]
    return f"{name}[]" if many and name else name


def _bodies(told: dict[str, Any]) -> list[tuple[str, str, list[tuple[str, str, bool]]]]:
    """Name, meaning and fields (name, type, whether it must be there) of every shape that goes in or comes out."""
    return [
        (
            name,
            str(schema.get("description", "")),
            [
                (field, _kind(kind), field in schema.get("required", []))
                for field, kind in schema.get("properties", {}).items()
            ],
        )
        for name, schema in told["components"]["schemas"].items()
        if "properties" in schema or "enum" in schema
    ]


def _kind(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " | ".join(map(_kind, schema["anyOf"]))
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    inner = schema.get("items")
    return f"{_kind(inner)}[]" if inner else str(schema.get("format", schema.get("type", "")))


@router.get("/tokens")
def mine(page: AnyPage) -> Response:
    """The person's tokens, and a form for another."""
    return _page(page, "")


@router.post("/tokens")
def make(
    page: AnyPage,
    name: Annotated[str, Form(max_length=100)] = "",
    days: Annotated[int, Form()] = 90,
    role: Annotated[list[Role], Form()] = [],  # noqa: B006  # FastAPI copies it
    area: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """Make a token and show it, once."""
    with page.services.store.write() as c:
        person = people.find_person(c, page.person.login)
        if person is None:
            raise InputError("没有这个人员")
        areas = area.replace("，", " ").replace(",", " ").split()
        made = open_token(c, person, name=name, now=page.now, days=days, roles=role, areas=areas)
    return _page(page, made)


@router.post("/tokens/{token_id}/revoke")
def revoke(page: AnyPage, token_id: int) -> Response:
    """Take one back."""
    take_back(page, token_id)
    return RedirectResponse("/tokens", 303)


def take_back(page: Page, token_id: int) -> None:
    """Take a token of one's own back. Raises NotFoundError for anybody else's."""
    with page.services.store.write() as c:
        tokens.revoke_token(c, token_id, page.person.login, page.now)
        audit.append_audit(c, page.person.login, "person.token.revoke", f"token:{token_id}", {}, at=page.now)


def _page(page: Page, made: str) -> Response:
    with page.services.store.read() as c:
        found = tokens.list_tokens(c, page.person.login)
    return page.render(
        "tokens.html",
        "/tokens",
        made=made,
        tokens=[(one, one.is_open(page.now)) for one in found],
        roles=sorted(page.person.roles),
        areas=page.person.areas,
    )
