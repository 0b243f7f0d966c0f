"""Cases one by one, for those who may see them: under pseudonyms, and every look is logged."""

from collections.abc import Iterator

import pyarrow.compute as pc
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from reports.cases.pages import CASE, case_values, list_values, write_csv
from reports.cases.rows import KEYS, Called, list_cases, parse_asked
from reports.cases.story import tell_case
from reports.explore.filters import chosen, parse_filter
from reports.language import speaking
from reports.pages import render_section
from reports.sections import CASES
from web.access.audit import AuditLog
from web.access.identify import IDENTIFY
from web.access.register import Lookup
from web.access.roles import Role, needs
from web.asked import language_of, pairs_of
from web.openapi import Told
from web.pages import Addressed, missing
from web.site import around, filled, person_of, published_for, shown_by, site_of

_LIST = tuple((key, "of the list") for key in KEYS)
_NO_FILTER = (*KEYS, "lang")
_LINES_AT_ONCE = 500


def case_routes(audit: AuditLog, lookup: Lookup) -> list[Addressed]:
    """The list, the list as a file, and one case."""

    @needs(Role.ANALYST)
    def cases(request: Request) -> Response:
        return _list(request, audit)

    @needs(Role.ANALYST)
    def as_file(request: Request) -> Response:
        return _file(request, audit)

    @needs(Role.ANALYST)
    def case(request: Request) -> Response:
        return _case(request, audit, lookup)

    return [
        (
            Route("/cases", cases),
            Told(says="Cases, under pseudonyms", asks=(*_LIST, ("lang", "en or id"))),
        ),
        (Route("/cases.csv", as_file), Told(says="The same", kinds=("text/csv",), asks=_LIST)),
        (
            Route("/cases/{case}", case),
            Told(says="One case", keys=(("case", "its pseudonym"),), asks=(("lang", "en or id"),)),
        ),
    ]


def _list(request: Request, audit: AuditLog) -> Response:
    pairs = [pair for pair in pairs_of(request) if pair[0] != "lang"]
    shown, published = shown_by(request), published_for(request)
    traces, marks = shown.traces, shown.marks
    with speaking(language_of(request)):
        wanted = parse_filter(_filter(pairs), traces)
        asked = parse_asked(pairs, marks)
        listed = list_cases(traces, marks, chosen(traces, wanted), asked, _called(request))
        values = list_values(published, traces, marks, listed, wanted)
    audit.append(person_of(request), "list cases", query=request.url.query)
    page = render_section(published, CASES, around(request, "cases"), **values)
    return filled(request, page.encode(errors="replace"))


def _file(request: Request, audit: AuditLog) -> Response:
    pairs = [pair for pair in pairs_of(request) if pair[0] != "lang"]
    shown = shown_by(request)
    traces, marks = shown.traces, shown.marks
    with speaking(language_of(request)):
        wanted = parse_filter(_filter(pairs), traces)
        asked = parse_asked(pairs, marks)
    audit.append(person_of(request), "export", query=request.url.query)
    lines = write_csv(traces, marks, chosen(traces, wanted), asked, _called(request))
    return StreamingResponse(
        _together(lines),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="cases.csv"'},
    )


def _case(request: Request, audit: AuditLog, lookup: Lookup) -> Response:
    shown, published = shown_by(request), published_for(request)
    pseudonym = request.path_params["case"]
    case_id = lookup.value(pseudonym)
    place = -1 if case_id is None else pc.index(shown.traces.case_ids, case_id).as_py()
    if place < 0:
        return missing(request)
    person = person_of(request)
    audit.append(person, "view case", pseudonym)
    with speaking(language_of(request)):
        story = tell_case(shown.traces, shown.marks, place, _called(request))
        values = case_values(published, shown.traces, story)
    identify = f"{IDENTIFY}?of={pseudonym}" if person.role >= Role.AUDITOR else ""
    page = render_section(published, CASE, around(request, "cases"), identify=identify, **values)
    return filled(request, page.encode(errors="replace"))


def _filter(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """What of the address is about which cases."""
    return [pair for pair in pairs if pair[0] not in _NO_FILTER]


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
            yield "".join(held).encode(errors="replace")
            held = []
    yield "".join(held).encode(errors="replace")
