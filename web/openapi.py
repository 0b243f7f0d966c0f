"""What there is at which address, for scripts and for tests: an OpenAPI description."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from web.access.roles import Role, least_role


@dataclass(frozen=True, kw_only=True)
class Told:
    """What an address gives: in a few words, of which media types, and what may be asked of it.

    `asks` are the names after the `?`, with a few words each; `keys` say what stands in the path.
    """

    says: str
    kinds: tuple[str, ...] = ("text/html",)
    asks: tuple[tuple[str, str], ...] = ()
    keys: tuple[tuple[str, str], ...] = field(default=())


# A page for people, JSON for programs that ask for no page; plain text for a missing style sheet.
_ERROR: dict[str, Any] = {"text/html": {}, "application/json": {}, "text/plain": {}}
_REFUSED = (
    ("400", "What was asked for cannot be understood"),
    ("401", "Nobody has signed in"),
    ("403", "This role may not see it"),
    ("404", "There is no such thing"),
    ("414", "The address is too long"),
    ("429", "Too many wrong tokens came from there"),
    ("503", "Not now: what is needed cannot be read or written"),
)


def description(routes: Iterable[tuple[Route, Told]], *, version: str) -> dict[str, Any]:
    """The OpenAPI 3.1 description of these routes."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Runut", "version": version},
        "paths": {_path(route): _operations(route, told) for route, told in routes},
    }


def answer(request: Request) -> Response:
    """The description of this server's addresses."""
    return JSONResponse(request.app.state.description)


def _path(route: Route) -> str:
    return route.path.replace(":path}", "}")


def _operations(route: Route, told: Told) -> dict[str, Any]:
    least = least_role(route)
    said = {
        "summary": told.says,
        "parameters": [
            *(_parameter(name, "path", words, required=True) for name, words in told.keys),
            *(_parameter(name, "query", words, required=False) for name, words in told.asks),
        ],
        "responses": {
            "200": {"description": told.says, "content": {kind: {} for kind in told.kinds}},
            **{status: {"description": words, "content": _ERROR} for status, words in _REFUSED},
        },
        "x-least-role": Role(least).name.lower() if least else "anyone",
    }
    return {method.lower(): said for method in sorted(route.methods or ()) if method != "HEAD"}


def _parameter(name: str, place: str, words: str, *, required: bool) -> dict[str, Any]:
    return {
        "name": name,
        "in": place,
        "description": words,
        "required": required,
        "schema": {"type": "string"},
    }
