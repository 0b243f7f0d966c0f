"""The map that one explores: under filters, beside another, in motion, and as a picture."""

from dataclasses import replace
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from eventlog.errors import UsageError
from reports.explore.facts import of_edge, of_place
from reports.language import say
from reports.map_page.asked import read_asked
from reports.map_page.details import details_view
from reports.map_page.picture import draw_download
from reports.map_page.view import explorer
from reports.pages import render_page, render_section
from reports.sections import section_named
from reports.views.finding import address, find, headline
from web.access.roles import Role, needs
from web.asked import pairs_of
from web.map_asked import Asking, asked_place, asking
from web.openapi import Told
from web.pages import Addressed
from web.site import around, encoded, kept_page, published_for, refused, shown_by

_FILTER = (
    ("through", "a step that the applications went through"),
    ("without", "a step that they did not go through"),
    ("starts", "the step they began with"),
    ("ends", "the step they ended with"),
    ("from", "the first day of entry, e.g. 2026-01-01"),
    ("until", "the last day of entry"),
    ("late", "yes or no"),
    ("open", "yes or no"),
    ("lang", "en or id"),
)
_VIEW = (*_FILTER, ("overlay", "what the colours tell"), ("paths", "how many paths, 5 to 60"))
_PLACE = (("place", "a step"), ("source", "where a path begins"), ("target", "where it ends"))


def map_routes() -> list[Addressed]:
    """The map, what is known of its parts, its motion and its picture."""
    return [
        (
            Route("/map", needs(Role.VIEWER)(explore)),
            Told(says="The map", asks=(*_VIEW, ("vs", "all: beside all applications"))),
        ),
        (
            Route("/map/details", needs(Role.VIEWER)(details)),
            Told(says="What is known of a step or a path", asks=(*_PLACE, *_VIEW)),
        ),
        (
            Route("/map/replay.json", needs(Role.VIEWER)(replay)),
            Told(
                says="How applications moved, and the queues",
                kinds=("application/json",),
                asks=_FILTER,
            ),
        ),
        (
            Route("/map.svg", needs(Role.VIEWER)(picture)),
            Told(says="The map as a picture", kinds=("image/svg+xml",), asks=_VIEW),
        ),
    ]


def explore(request: Request) -> Response:
    """The map, or two beside each other."""

    def page() -> str:
        if not shown_by(request).explorable:
            _nothing_chosen(request)
            return render_page(published_for(request), "map", around(request, "map"))
        found = asking(request)
        seen, note = found.seen()
        view = explorer(seen, found.asked, found.setting(seen[0].graph), note=note)
        return _rendered(request, found, "map-explorer", explorer=view)

    return kept_page(request, page)


def _nothing_chosen(request: Request) -> None:
    """UsageError for a filter on results of which only the whole map is known."""
    asked = read_asked(pairs_of(request))
    if asked.chosen or asked.beside is not None:
        raise UsageError(
            say(
                "These results hold the map of all cases only, so no cases can be chosen; "
                "`runut mine` without --only tells of each."
            )
        )


def details(request: Request) -> Response:
    """What is known of a step or a path of the map."""

    def page() -> str:
        found = asking(request)
        looked = found.looked(found.asked.chosen)
        source, target = asked_place(request)
        facts = (
            of_place(found.traces, looked.cases, str(source), looked.told)
            if target is None
            else of_edge(found.traces, looked.cases, source, target, looked.told)
        )
        if facts is None:
            raise UsageError(
                say("This is not on the map of these applications, or too few took it.")
            )
        touching = [find(found.published, one) for one in facts.findings]
        view = details_view(
            facts,
            found.asked,
            names=found.published.names,
            findings=[(address(one), headline(one)) for one in touching if one is not None],
            cases_at="/cases" if found.free else "",
            language=found.language,
        )
        return _rendered(request, found, "map-details", details=view)

    return kept_page(request, page)


def replay(request: Request) -> Response:
    """How applications moved, for the script of the map; queues alone for viewers."""
    found = asking(request)
    told = found.eyes.replay(found.traces, found.looked(found.asked.chosen).cases)
    return JSONResponse(told.plain())


def picture(request: Request) -> Response:
    """The map as one SVG file, to be taken along."""
    found = asking(request)
    seen, _note = found.seen()
    if not seen[0].graph.edges:
        return refused(
            request, HTTPStatus.NOT_FOUND, seen[0].reason or say("There is nothing to draw.")
        )
    drawn = draw_download(
        seen[0].graph,
        found.plan(seen[0].graph),
        found.asked.overlay,
        paths=found.asked.paths,
    )
    return Response(
        encoded(drawn),
        media_type="image/svg+xml",
        headers={"Content-Disposition": 'attachment; filename="map.svg"'},
    )


def _rendered(request: Request, found: Asking, part: str, **values: object) -> str:
    section = section_named("map")
    assert section is not None
    return render_section(
        found.published, replace(section, parts=(part,)), around(request, "map"), **values
    )
