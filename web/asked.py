"""What somebody asks for: in which language, with which filter, under which results."""

from babel import negotiate_locale
from starlette.requests import Request

from reports.language import BRACKETED, LANGUAGES

LANGUAGE = "lang"
_YEAR = 365 * 24 * 3600


def language_of(request: Request) -> str:
    """The language of the page: what the address says, else as last time, else the browser's.

    Translators may ask for brackets around all that can be translated (`lang=en-XA`).
    """
    asked = request.query_params.get(LANGUAGE)
    for told in (asked, request.cookies.get(LANGUAGE)):
        if told in LANGUAGES:
            return told
    if asked == BRACKETED:
        return asked
    wanted = [
        part.partition(";")[0].strip()
        for part in request.headers.get("accept-language", "").split(",")
    ]
    return negotiate_locale([each for each in wanted if each], list(LANGUAGES), sep="-") or "en"


def pairs_of(request: Request) -> list[tuple[str, str]]:
    """What the address asks for after its `?`, in its order; empty answers of a form left out."""
    return [(key, value) for key, value in request.query_params.multi_items() if value]
