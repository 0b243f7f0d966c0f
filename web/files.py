"""The files that may be taken along: the report, and what is public of the results."""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from reports.language import LANGUAGES, say
from reports.publish import report_name
from web.access.roles import Role, needs
from web.asked import language_of
from web.openapi import Told
from web.pages import Addressed, missing
from web.site import refused, shown_by


def file_routes() -> list[Addressed]:
    """The report in the language of the page, and `public/`."""
    return [
        (
            Route("/report.html", needs(Role.VIEWER)(report)),
            Told(says="The report as one file that may be mailed", asks=(("lang", "en or id"),)),
        ),
        (
            Route("/public/{name}", needs(Role.VIEWER)(public)),
            Told(
                says="A file of what may be passed on",
                kinds=("application/json", "text/csv", "image/svg+xml"),
                keys=(("name", "e.g. map.json"),),
            ),
        ),
    ]


def report(request: Request) -> Response:
    """The report to take along, in the language of the page."""
    language = language_of(request)
    # What translators see in brackets (`lang=en-XA`) has no report of its own.
    name = report_name(language if language in LANGUAGES else "en")
    path = shown_by(request).folder / name
    if not path.is_file():
        sentence = say("There is no report in these results; run `runut mine` again.")
        return refused(request, HTTPStatus.NOT_FOUND, sentence)
    return FileResponse(
        path, media_type="text/html", filename=name, content_disposition_type="attachment"
    )


def public(request: Request) -> Response:
    """One of the files in `public/`, by its name; nothing else can be asked for."""
    folder = shown_by(request).folder / "public"
    known = {path.name: path for path in folder.glob("*") if path.is_file()}
    found = known.get(request.path_params["name"])
    if found is None:
        return missing(request)
    return FileResponse(found, filename=found.name, content_disposition_type="attachment")
