"""In which language people are told things: words from a catalogue, numbers as written there.

English is what the code says; every other language has a catalogue `locale/<code>/LC_MESSAGES/
runut.po`, which people translate. What is rendered is rendered inside `speaking(code)`, so that the
same words, filters and drawings serve all languages (decision 16).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, cached_property
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
BRACKETED = "en-XA"
"""English with brackets around each message: what stands in none was never marked. For tests."""
CATALOGUES = Path(__file__).with_name("locale")
"""Where `<code>/LC_MESSAGES/runut.po` stands for each language but English."""
_ENGLISH_SIGNS = {ord(","): ",", ord("."): "."}


@dataclass(frozen=True, kw_only=True)
class Language:
    """One language: its code, how numbers and dates are written in it, and its words."""

    code: str
    locale: Locale
    words: NullTranslations

    @cached_property
    def _signs(self) -> Mapping[int, str]:
        """What stands for the comma and the point of a number; empty where they stay."""
        signs = self.locale.number_symbols["latn"]
        found = {ord(","): signs["group"], ord("."): signs["decimal"]}
        return {} if found == _ENGLISH_SIGNS else found

    def figures(self, text: str) -> str:
        """A number as Python writes it, with this language's signs for thousands and decimals.

        >>> language("id").figures("1,234.5")
        '1.234,5'
        """
        return text.translate(self._signs) if self._signs else text


class _Bracketed(NullTranslations):
    def gettext(self, message: str) -> str:
        return f"\u27e6{message}\u27e7"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


@cache
def language(code: str) -> Language:
    """The language with this code; UsageError for one that has no catalogue."""
    if code == BRACKETED:
        return Language(code=code, locale=Locale("en"), words=_Bracketed())
    if code not in LANGUAGES:
        raise UsageError(f"language {code!r} is not known; expected {' or '.join(LANGUAGES)}")
    path = CATALOGUES / code / "LC_MESSAGES" / "runut.po"
    if not path.is_file():
        return Language(code=code, locale=Locale.parse(code), words=NullTranslations())
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=code))
    compiled.seek(0)
    return Language(code=code, locale=Locale.parse(code), words=Translations(compiled))


_SPOKEN: ContextVar[Language | None] = ContextVar("spoken", default=None)


@contextmanager
def speaking(code: str) -> Iterator[Language]:
    """Everything rendered inside is in the language with this code; English outside."""
    found = language(code)
    token = _SPOKEN.set(found)
    try:
        yield found
    finally:
        _SPOKEN.reset(token)


def spoken() -> Language:
    """The language that is being rendered in."""
    return _SPOKEN.get() or language("en")


def say(message: str, /, **values: object) -> str:
    """The message in the language spoken, with values for its `%(name)s`.

    >>> say("%(n)s cases", n=5)
    '5 cases'
    """
    told = spoken().words.gettext(message) if message else ""
    return told % values if values else told


def say_many(one: str, many: str, count: int, /, **values: object) -> str:
    """As `say`, in the form that goes with the count, which is `%(count)s`.

    >>> say_many("%(count)s case", "%(count)s cases", 1)
    '1 case'
    >>> say_many("%(count)s case", "%(count)s cases", 1234)
    '1,234 cases'
    """
    told = spoken()
    values = {"count": told.figures(f"{count:,}"), **values}
    return told.words.ngettext(one, many, count) % values


def worded(wording: Mapping[str, str], /) -> str:
    """Of a text that came in several languages, the one in the language spoken, else the English.

    >>> worded({"en": "ten files", "id": "sepuluh berkas"})
    'ten files'
    """
    code = spoken().code
    told = wording.get(code) or wording.get("en", "")
    return f"\u27e6{told}\u27e7" if code == BRACKETED and told else told


def mark(message: str, /) -> str:
    """A message that will be said later, through `say`; marked here for the catalogue."""
    return message
