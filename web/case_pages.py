"""Cases one by one, for those who may see them: under pseudonyms, and every look is logged."""

from collections.abc import Iterator

import pyarrow.compute as pc
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from reports.cases.pages import CASE, case_values, list_values, write_csv
from reports.cases.rows import KEYS, Asked, Called, list_cases, parse_asked
from reports.cases.story import tell_case
from reports.explore.filters import Filter, chosen, parse_filter
from reports.pages import render_section
from reports.sections import CASES
from web.access.identify import IDENTIFY
from web.access.roles import Role, needs
from web.asked import pairs_of
from web.openapi import Told
from web.pages import Addressed, missing
from web.shown import Shown
from web.site import around, encoded, person_of, published_for, sent, shown_by, site_of

_LIST = tuple((key, "of the list") for key in KEYS)
_NO_FILTER = (*KEYS, "lang")
_LINES_AT_ONCE = 500


def case_routes() -> list[Addressed]:
    """The list, the list as a file, and one case."""
    return [
        (
            Route("/cases", needs(Role.ANALYST)(cases)),
            Told(says="Cases, under pseudonyms", asks=(*_LIST, ("lang", "en or id"))),
        ),
        (
            Route("/cases.csv", needs(Role.ANALYST)(as_file)),
            Told(says="The same", kinds=("text/csv",), asks=_LIST),
        ),
        (
            Route("/cases/{case}", needs(Role.ANALYST)(case)),
            Told(says="One case", keys=(("case", "its pseudonym"),), asks=(("lang", "en or id"),)),
        ),
    ]


def cases(request: Request) -> Response:
    """One page of the list."""
    shown, published = shown_by(request), published_for(request)
    traces, marks = shown.traces, shown.marks
    wanted, asked = _asked(request, shown)
    listed = list_cases(traces, marks, chosen(traces, wanted), asked, _called(request))
    values = list_values(published, traces, marks, listed, wanted)
    site_of(request).audit.append(person_of(request), "list cases", query=request.url.query)
    return sent(request, render_section(published, CASES, around(request, "cases"), **values))


def as_file(request: Request) -> Response:
    """The whole list as a file."""
    shown = shown_by(request)
    traces, marks = shown.traces, shown.marks
    wanted, asked = _asked(request, shown)
    site_of(request).audit.append(person_of(request), "export", query=request.url.query)
    lines = write_csv(traces, marks, chosen(traces, wanted), asked, _called(request))
    return StreamingResponse(
        _together(lines),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="cases.csv"'},
    )


def case(request: Request) -> Response:
    """One case; 404 for a pseudonym that stands for none."""
    site, shown, published = site_of(request), shown_by(request), published_for(request)
    pseudonym = request.path_params["case"]
    case_id = site.lookup.value(pseudonym)
    place = -1 if case_id is None else pc.index(shown.traces.case_ids, case_id).as_py()
    if place < 0:
        return missing(request)
    person = person_of(request)
    site.audit.append(person, "view case", pseudonym)
    story = tell_case(shown.traces, shown.marks, place, _called(request))
    values = case_values(published, shown.traces, story)
    identify = f"{IDENTIFY}?of={pseudonym}" if person.role >= Role.AUDITOR else ""
    page = render_section(published, CASE, around(request, "cases"), identify=identify, **values)
    return sent(request, page)


def _asked(request: Request, shown: Shown) -> tuple[Filter, Asked]:
    """Which cases the address asks for, and how they are to be listed."""
    pairs = pairs_of(request)
    wanted = parse_filter([pair for pair in pairs if pair[0] not in _NO_FILTER], shown.traces)
    return wanted, parse_asked(pairs, shown.marks)


def _called(request: Request) -> Called:
    names = site_of(request).pseudonyms
    return Called(
        case=lambda value: names.of("case", value),
        officer=lambda value: names.of("officer", value),
    )


def _together(lines: Iterator[str]) -> Iterator[bytes]:
    """Some hundred lines at a time, so that a long list costs few sends."""
    held: list[str] = []
    for line in lines:
        held.append(line)
        if len(held) == _LINES_AT_ONCE:
            yield encoded("".join(held))
            held = []
    yield encoded("".join(held))
