"""The pages that tell of the results as a whole: sections, findings, and the documentation."""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from reports.language import say
from reports.pages import SECTIONS, Section, render_finding, render_findings, render_page
from reports.views.docs import FIRST, images_folder, render_doc
from reports.views.finding import find
from web.access.roles import Role, needs
from web.openapi import Told
from web.site import around, kept_page, published_for, refused, sent

Addressed = tuple[Route, Told]
_LANG = ("lang", "en or id")
# Pages that are made of more than what may be told of the whole have endpoints of their own.
_APART = frozenset({"map", "before-after"})


def page_routes() -> list[Addressed]:
    """The sections, the findings and the documentation."""
    return [
        *(_section_route(one) for one in SECTIONS if one.name not in _APART),
        (
            Route("/findings", needs(Role.VIEWER)(findings)),
            Told(
                says="What stands out",
                asks=(("kind", "a kind of finding"), ("severity", "high, medium or low"), _LANG),
            ),
        ),
        (
            Route("/findings/{finding:path}", needs(Role.VIEWER)(finding)),
            Told(says="One finding", keys=(("finding", "its id"),), asks=(_LANG,)),
        ),
        (
            Route("/docs", needs(Role.VIEWER)(docs)),
            Told(says="The documentation", asks=(_LANG,)),
        ),
        (
            Route("/docs/images/{name}", needs(Role.VIEWER)(image)),
            Told(
                says="A picture of the documentation",
                kinds=("image/svg+xml", "image/png"),
                keys=(("name", "a file"),),
            ),
        ),
        (
            Route("/docs/{name:path}", needs(Role.VIEWER)(docs)),
            Told(
                says="A page of the documentation",
                keys=(("name", "e.g. concepts/detours"),),
                asks=(_LANG,),
            ),
        ),
    ]


def _section_route(section: Section) -> Addressed:
    @needs(Role.VIEWER)
    def show(request: Request) -> Response:
        return kept_page(
            request,
            lambda: render_page(
                published_for(request), section.name, around(request, section.name)
            ),
        )

    return (
        Route(section.address, show, name=section.name),
        Told(says=section.title, asks=(_LANG,)),
    )


def findings(request: Request) -> Response:
    """All findings that may be told, or those of a kind and a severity."""
    asked = request.query_params
    return kept_page(
        request,
        lambda: render_findings(
            published_for(request),
            around(request, "findings"),
            kind=asked.get("kind", ""),
            severity=asked.get("severity", ""),
        ),
    )


def finding(request: Request) -> Response:
    """One finding with its evidence; 404 for one that there is not, or that may not be told."""
    published, asked = published_for(request), request.path_params["finding"]
    if find(published, asked) is None:
        return missing(request)
    return kept_page(
        request, lambda: render_finding(published, asked, around(request, "findings")) or ""
    )


def docs(request: Request) -> Response:
    """A page of the documentation."""
    name = request.path_params.get("name", FIRST)
    page = render_doc(name, around(request, "docs"))
    return missing(request) if page is None else sent(request, page)


def image(request: Request) -> Response:
    """A picture of the documentation; only those that lie in their folder."""
    name = request.path_params["name"]
    known = {path.name: path for path in images_folder().iterdir() if path.is_file()}
    if name not in known:
        return missing(request)
    return FileResponse(known[name], headers={"Cache-Control": "private, max-age=3600"})


def missing(request: Request) -> Response:
    """There is no such page."""
    sentence = say("There is no such page here. The results may have changed since the link.")
    return refused(request, HTTPStatus.NOT_FOUND, sentence)
