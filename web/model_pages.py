"""The BPMN model: as a page, and as a file for any tool that knows BPMN."""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reports.language import say
from reports.pages import render_section
from reports.sections import BPMN
from reports.views.bpmn import BpmnView, read_fit, view_bpmn
from reports.views.bpmn_page import bpmn_values, look_named
from web.access.roles import Role, needs
from web.openapi import Told
from web.pages import Addressed
from web.site import around, kept_page, published_for, refused, shown_by

_ASKS = (("overlay", "frequency or conformance"), ("lang", "en or id"))


def model_routes() -> list[Addressed]:
    """The page, and the file."""
    return [
        (Route("/bpmn", needs(Role.VIEWER)(page)), Told(says="The model in BPMN", asks=_ASKS)),
        (
            Route("/model.bpmn", needs(Role.VIEWER)(file)),
            Told(says="The model as a file", kinds=("application/xml",), asks=_ASKS),
        ),
    ]


def page(request: Request) -> Response:
    """The model with its numbers."""

    def made() -> str:
        published = published_for(request)
        view = _view(request)
        look = look_named(request.query_params.get("overlay", ""), view)
        fit = read_fit(shown_by(request).run, published)
        values = bpmn_values(view, fit, look)
        return render_section(published, BPMN, around(request, "bpmn"), **values)

    return kept_page(request, made)


def file(request: Request) -> Response:
    """The model with colours, without steps that may not be told."""
    view = _view(request)
    look = look_named(request.query_params.get("overlay", ""), view)
    if view is None:
        sentence = say("There is no model in these results that may be shown.")
        return refused(request, HTTPStatus.NOT_FOUND, sentence)
    return Response(
        view.file(look),
        media_type="application/xml",
        headers={"Content-Disposition": 'attachment; filename="model.bpmn"'},
    )


def _view(request: Request) -> BpmnView | None:
    path = shown_by(request).folder / "model.bpmn"
    return view_bpmn(path.read_bytes(), published_for(request)) if path.is_file() else None
