"""Before and after a day: what changed in times and shares, for all or for some applications."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reports.explore.before_after_view import (
    KEYS,
    asked_of,
    at_month,
    values_of_view,
    view_of,
)
from reports.pages import render_page
from web.access.roles import Role, needs
from web.asked import pairs_of
from web.openapi import Told
from web.pages import Addressed
from web.site import around, kept_page, person_of, published_for, shown_by

_NAME = "before-after"
# As on the map: what viewers choose is told of groups of two smallest cells.
_BLUNT = 2


def change_routes() -> list[Addressed]:
    """The page."""
    return [
        (
            Route(f"/{_NAME}", needs(Role.VIEWER)(page)),
            Told(
                says="Before and after a day",
                asks=(*((key, "see the form of the page") for key in KEYS), ("lang", "en or id")),
            ),
        )
    ]


def page(request: Request) -> Response:
    """Those who came before the day beside those who came after; viewers choose months."""

    def made() -> str:
        entries = shown_by(request).entries
        asked = asked_of(pairs_of(request), entries)
        names = published_for(request).names
        if person_of(request).role < Role.ANALYST:
            view = view_of(entries, at_month(asked), blunt=_BLUNT, names=names)
        else:
            view = view_of(entries, asked, names=names)
        values = values_of_view(view)
        given = "day" in dict(pairs_of(request))
        here = around(request, _NAME)
        return render_page(published_for(request), _NAME, here, day_given=given, **values)

    return kept_page(request, made)
