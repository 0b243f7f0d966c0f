"""The pages of `runut serve`: routes, who may come to each, and what is around them."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from eventlog.errors import RunutError, UsageError
from reports.environment import compile_templates
from reports.language import say
from reports.pages import stylesheet
from web import openapi, source
from web.access.audit import AuditLog
from web.access.doors import AccessConfig, open_doors
from web.access.gate import Gate
from web.access.identify import identify_routes
from web.access.pseudonyms import Pseudonyms
from web.access.register import FolderRegister, Lookup, Register
from web.access.roles import Role, anyone, needs, unmarked
from web.access.signing import sign_in_routes
from web.assets import Assets
from web.at_once import AtOnce
from web.case_pages import case_routes
from web.change_page import change_routes
from web.failing import Failing
from web.files import file_routes
from web.map_pages import map_routes
from web.model_pages import model_routes
from web.openapi import Told
from web.pages import Addressed, page_routes
from web.shown import Current, Shown
from web.site import Site, in_shell, refused, site_of

_LOG = logging.getLogger("runut.pages")


def make_app(
    folder: Path,
    access: AccessConfig,
    *,
    audit_log: Path,
    key: bytes,
    version: str,
    source_url: str | None = None,
) -> ASGIApp:
    """The whole app over a folder of results; `key` makes the pseudonyms of cases.

    UsageError when the folder holds no results, StopError when nobody could get in.
    """
    doors = open_doors(access)
    current = Current(folder)
    pseudonyms = Pseudonyms(key=key)
    site = Site(
        current=current,
        doors=doors,
        audit=AuditLog(path=audit_log),
        pseudonyms=pseudonyms,
        lookup=Lookup(pseudonyms, lambda: _register(current.now())),
        assets=Assets(stylesheet()),
        version=version,
        source=source_url or source.ADDRESS,
    )
    site.audit.check()
    current.afterwards(compile_templates)
    current.afterwards(lambda: site.lookup.value(pseudonyms.of("case", "")))
    described = [
        *page_routes(),
        *map_routes(),
        *model_routes(),
        *change_routes(),
        *case_routes(),
        *file_routes(),
        *_own_routes(),
    ]
    routes = [
        *(route for route, _told in described),
        *sign_in_routes(doors, in_shell),
        *identify_routes(site.audit, site.lookup, lambda: current.now().run, in_shell),
    ]
    closed = unmarked(routes)
    assert not closed, f"these addresses do not say who may come: {closed}"

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        current.close()

    app = Starlette(
        routes=routes,
        lifespan=lifespan,
        middleware=[Middleware(Failing, _failed), Middleware(AtOnce)],
        exception_handlers={HTTPException: _no_such_page, RunutError: _not_now},
    )
    app.state.site = site
    app.state.description = openapi.description(described, version=version)
    return Gate(app, routes=routes, doors=doors, render=in_shell)


def _register(shown: Shown) -> Register:
    return FolderRegister(folder=shown.folder, run=shown.run, version=shown.mark)


def _own_routes() -> list[Addressed]:
    """What the server tells of itself."""
    return [
        (
            Route("/static/{name:path}", anyone(_static)),
            Told(
                says="Style sheet, scripts and pictures",
                kinds=("text/css", "text/javascript", "image/svg+xml"),
                keys=(("name", "a file"),),
            ),
        ),
        (
            Route("/health", anyone(_health)),
            Told(says="Whether the server is well", kinds=("application/json",)),
        ),
        (
            Route("/openapi.json", needs(Role.VIEWER)(openapi.answer)),
            Told(says="This description", kinds=("application/json",)),
        ),
        (
            # Whoever comes as far as the sign-in page uses it already (AGPL-3.0, section 13).
            Route(source.ADDRESS, anyone(source.answer)),
            Told(says="The source code of this server", kinds=("application/gzip",)),
        ),
    ]


def _static(request: Request) -> Response:
    return site_of(request).assets.answer(request)


async def _health(request: Request) -> Response:
    """Alive, and whether all is read; nothing about what is in it."""
    shown = site_of(request).current.now()
    return JSONResponse({"status": "ok", "complete": shown.complete})


def _no_such_page(request: Request, problem: Exception) -> Response:
    """404 and 405, as a page."""
    status = problem.status_code if isinstance(problem, HTTPException) else HTTPStatus.NOT_FOUND
    sentence = {
        HTTPStatus.NOT_FOUND: say("There is no such page here."),
        HTTPStatus.METHOD_NOT_ALLOWED: say("This address cannot be asked in this way."),
    }.get(HTTPStatus(status), say("This cannot be shown."))
    answer = refused(request, status, sentence)
    answer.headers.update(getattr(problem, "headers", None) or {})
    return answer


def _not_now(request: Request, problem: Exception) -> Response:
    """What was asked for cannot be understood (400), or cannot be had now (503)."""
    if isinstance(problem, UsageError):
        return refused(request, HTTPStatus.BAD_REQUEST, str(problem))
    _LOG.error("a page could not be shown", extra={"fields": {"why": str(problem)}})
    return refused(request, HTTPStatus.SERVICE_UNAVAILABLE, str(problem))


def _failed(request: Request) -> Response:
    """A defect of ours: nothing of it comes onto the page."""
    sentence = say("Something went wrong here. It was written to the log of the server.")
    return refused(request, HTTPStatus.INTERNAL_SERVER_ERROR, sentence)
