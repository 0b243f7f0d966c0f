"""In which language people are told things: words from a catalogue, numbers as written there.

English is what the code says; every other language has a catalogue `locale/<code>/LC_MESSAGES/
runut.po`, which people translate. What is rendered is rendered inside `speaking(code)`, so that the
same words, filters and drawings serve all languages (decision 16).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

from eventlog.errors import UsageError

LANGUAGES = {"en": "English", "id": "Bahasa Indonesia"}
"""The languages that pages can be read in, each by its own name."""
_CATALOGUES = Path(__file__).with_name("locale")


@dataclass(frozen=True, kw_only=True)
class Language:
    """One language: its code, how numbers and dates are written in it, and its words."""

    code: str
    locale: Locale
    words: NullTranslations


@cache
def language(code: str) -> Language:
    """The language with this code; UsageError for one that has no catalogue."""
    if code not in LANGUAGES:
        raise UsageError(f"language {code!r} is not known; expected {' or '.join(LANGUAGES)}")
    path = _CATALOGUES / code / "LC_MESSAGES" / "runut.po"
    if not path.is_file():
        return Language(code=code, locale=Locale.parse(code), words=NullTranslations())
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=code))
    compiled.seek(0)
    return Language(code=code, locale=Locale.parse(code), words=Translations(compiled))


_SPOKEN: ContextVar[str] = ContextVar("spoken", default="en")


@contextmanager
def speaking(code: str) -> Iterator[Language]:
    """Everything rendered inside is in this language; English outside."""
    found = language(code)
    before = _SPOKEN.set(code)
    try:
        yield found
    finally:
        _SPOKEN.reset(before)


def spoken() -> Language:
    """The language that is being rendered in."""
    return language(_SPOKEN.get())


def say(message: str, /, **values: object) -> str:
    """The message in the language spoken, with values for its `%(name)s`.

    >>> say("%(n)s cases", n=5)
    '5 cases'
    """
    told = spoken().words.gettext(message) if message else ""
    return told % values if values else told


def say_many(one: str, many: str, count: int, /, **values: object) -> str:
    """As `say`, in the form that goes with the count.

    >>> say_many("%(count)s case", "%(count)s cases", 1)
    '1 case'
    """
    return spoken().words.ngettext(one, many, count) % {"count": count, **values}


def mark(message: str, /) -> str:
    """A message that will be said later, through `say`; marked here for the catalogue."""
    return message
