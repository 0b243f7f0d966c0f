"""The page on which an auditor learns whom a pseudonym stands for, and says why."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from reports.language import say
from web.access.audit import AuditLog
from web.access.gate import Render
from web.access.pseudonyms import kind_of
from web.access.register import Lookup
from web.access.roles import Role, needs
from web.access.seen_by import identified_case

IDENTIFY: Final = "/identify"
_SHORTEST_REASON: Final = 10
_MOST_CANDIDATES: Final = 5_000
# What `eventlog.pseudonym` writes in the place of a name.
_AT_THE_DOOR = re.compile(r"p-[0-9a-f]{20}")


@dataclass(frozen=True, kw_only=True)
class _Found:
    """What the page shows; empty where there is nothing."""

    value: str
    at_the_door: bool
    named: Mapping[str, Any]


def identify_routes(
    audit: AuditLog, lookup: Lookup, run: Callable[[], Mapping[str, Any]], render: Render
) -> list[Route]:
    """The form and its answer; `run` gives the `run.json` of the results that are shown."""

    def page(request: Request, **values: object) -> str:
        root = str(request.scope.get("root_path", ""))
        word = request.scope["form_token"]
        nothing = {"wrong": "", "reason": "", "found": None, "candidates": ""}
        return render(
            request, "identify.html.j2", {"root": root, "form_token": word, **nothing, **values}
        )

    @needs(Role.AUDITOR)
    async def ask(request: Request) -> Response:
        return HTMLResponse(page(request, pseudonym=request.query_params.get("of", "")))

    @needs(Role.AUDITOR)
    async def tell(request: Request) -> Response:
        form = await request.form()
        pseudonym, reason, names = (
            str(form.get(name, "")).strip() for name in ("pseudonym", "reason", "candidates")
        )
        wrong = _wrong(pseudonym, reason)
        given = {"pseudonym": pseudonym, "reason": reason, "candidates": names}
        if wrong:
            return HTMLResponse(page(request, wrong=wrong, **given), 400)
        person = request.scope["person"]
        # Written down before anything is looked up: whoever asks has asked.
        await run_in_threadpool(audit.append, person, "re-identify", pseudonym, reason=reason)
        found = await run_in_threadpool(_find, lookup, run(), person.role, pseudonym, names)
        return HTMLResponse(page(request, found=found, **given))

    return [
        Route(IDENTIFY, ask, methods=["GET"]),
        Route(IDENTIFY, tell, methods=["POST"]),
    ]


def _wrong(pseudonym: str, reason: str) -> str:
    if kind_of(pseudonym) is None:
        return say("This is not a pseudonym of these pages, such as case-0123456789abcdef.")
    if len(reason) < _SHORTEST_REASON:
        return say("Say in some words why you must know: it stays in the audit log.")
    return ""


def _find(lookup: Lookup, run: Mapping[str, Any], role: Role, pseudonym: str, names: str) -> _Found:
    candidates = [name.strip() for name in names.splitlines() if name.strip()]
    named = lookup.which(pseudonym, candidates[:_MOST_CANDIDATES])
    value = named or lookup.value(pseudonym) or ""
    row = lookup.case(pseudonym) if value else None
    return _Found(
        value=value,
        at_the_door=_AT_THE_DOOR.fullmatch(value) is not None,
        named={} if row is None else identified_case(row, role, run=run),
    )
