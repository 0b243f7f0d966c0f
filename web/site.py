"""What every page is made with: the results, the ways in, the log, and what is around a page."""

import secrets
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from html import escape
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from reports.language import LANGUAGES, say
from reports.pages import Around, links, render_in_shell
from reports.suppress import Published
from web.access.audit import AuditLog
from web.access.doors import Doors
from web.access.pseudonyms import Pseudonyms
from web.access.register import Lookup
from web.access.roles import Person, Role
from web.asked import LANGUAGE, language_of
from web.assets import Assets
from web.kept import Kept, Plans
from web.shown import Current, Shown

_A_YEAR = 365 * 24 * 3600


@dataclass(frozen=True, kw_only=True)
class Site:
    """All that the pages of one server share.

    `lookup` turns pseudonyms back; `source` is where the source code can be had; `plans` are where
    everything stands on the maps; `hole` stands in kept pages where the person's own name and form
    word are put in.
    """

    current: Current
    doors: Doors
    audit: AuditLog
    pseudonyms: Pseudonyms
    lookup: Lookup
    assets: Assets
    version: str
    source: str
    kept: Kept = field(default_factory=Kept)
    plans: Plans = field(default_factory=Plans)
    hole: str = field(default_factory=lambda: secrets.token_hex(12))


def site_of(request: Request) -> Site:
    """The site that the request was sent to."""
    found: Site = request.app.state.site
    return found


def shown_by(request: Request) -> Shown:
    """The results as they are now; the same for all of one request."""
    if not hasattr(request.state, "shown"):
        request.state.shown = site_of(request).current.now()
    found: Shown = request.state.shown
    return found


def published_for(request: Request) -> Published:
    """What may be told, in the language of the request."""
    published = shown_by(request).published
    return published.get(language_of(request), published["en"])


def person_of(request: Request) -> Person:
    """Who asks; the gate lets nobody in without."""
    found: Person = request.scope["person"]
    return found


def around(request: Request, here: str = "") -> Around:
    """What stands around a page: the name of who asks comes in at the end (`filled`)."""
    site, language = site_of(request), language_of(request)
    person: Person | None = request.scope.get("person")
    closed = {"cases"} if person is None or person.role < Role.ANALYST else set[str]()
    return Around(
        language=language,
        path=_path_of(request),
        query=request.url.query,
        pages=links(here, without=closed) if person else (),
        person=_called(person, site),
        role=person.role.label if person else "",
        assets=site.assets.addresses,
        source=site.source,
        can_leave=site.doors.can_leave and person is not None,
        form_token=f"word-{site.hole}",
        free=person is not None and person.role >= Role.ANALYST,
        version=site.version,
        process=published_for(request).process if person else "",
        as_of=published_for(request).as_of if person else "",
    )


def _path_of(request: Request) -> str:
    """The path as links have it; two slashes at its front would lead to another server."""
    return quote("/" + str(request.scope["path"]).lstrip("/"))


def _called(person: Person | None, site: Site) -> str:
    """What the person is called on a page; a name is put in when the page is sent."""
    if person is None:
        return ""
    return say("the user of this machine") if person.how == "local" else f"name-{site.hole}"


def kept_page(request: Request, make: Callable[[], str]) -> Response:
    """A page that is the same for all of one role, made once for all of them."""
    kept = site_of(request).kept
    return filled(request, kept.get(page_key(request), lambda: encoded(make())))


def sent(request: Request, page: str, status: int = 200) -> Response:
    """A page that is made for one person alone."""
    return filled(request, encoded(page), status)


def encoded(page: str) -> bytes:
    """The page as bytes; half a surrogate, which a name may hold, cannot be written as UTF-8."""
    return page.encode("utf-8", errors="replace")


def page_key(request: Request) -> Hashable:
    """All that a kept page depends on; the name and the form word come in when it is sent."""
    person = person_of(request)
    return (
        shown_by(request).mark,
        request.scope["path"],
        request.scope["query_string"],
        language_of(request),
        person.role,
        person.how == "local",
    )


def filled(request: Request, page: bytes, status: int = 200) -> Response:
    """The page with the name and the form word of who asks; the language is remembered."""
    answer = HTMLResponse(_with_words(request, page), status_code=status)
    asked = request.query_params.get(LANGUAGE)
    if asked in LANGUAGES:
        answer.set_cookie(LANGUAGE, asked, max_age=_A_YEAR, samesite="lax", httponly=True)
    return answer


def _with_words(request: Request, page: bytes) -> bytes:
    """The page with the name and the form word of who asks where holes were left for them."""
    site = site_of(request)
    person: Person | None = request.scope.get("person")
    for hole, told in (
        (f"name-{site.hole}", person.name if person else ""),
        (f"word-{site.hole}", str(request.scope.get("form_token", ""))),
    ):
        page = page.replace(hole.encode(), escape(told).encode())
    return page


def in_shell(request: Request, template: str, values: Mapping[str, object]) -> str:
    """A page from a template of its own, with the name of who asks put in."""
    page = render_in_shell(template, around(request), **values)
    return _with_words(request, encoded(page)).decode()


def refused(request: Request, status: int, sentence: str) -> Response:
    """A page that says why there is nothing else."""
    page = render_in_shell(
        "refused.html.j2", around(request), status=status, sentence=sentence, root=""
    )
    return sent(request, page, status)
