"""Words on a page that nobody marked for translation, found in a page written in brackets.

A page in the language `BRACKETED` has brackets around each message; what stands outside of them
must be a name in the data, or a sentence that a finding brought along in each language.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from functools import reduce
from html.parser import HTMLParser

from engine.numerals import Language
from miners.detours.assumptions import ASSUMPTIONS
from reports.language import speaking
from reports.suppress import Published
from reports.views.finding import headline, words_of
from reports.views.scorecard import card_of
from reports.views.treatment import treatment_of

_TOLD = {"title", "aria-label", "alt", "placeholder", "summary", "label", "data-label"}
_WORD = re.compile(r"[^\W\d_]{2,}")
_OPEN, _CLOSE = "\u27e6", "\u27e7"


class Words(HTMLParser):
    """The words that a page says: its text in order, and its attributes that are read out."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text, self.attributes = "", list[str]()
        self._silent = False
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take the attributes that are read out."""
        self._silent = tag in {"style", "script"}
        self.attributes += [
            value
            for name, value in attrs
            if value and (name in _TOLD or name.startswith("data-say"))
        ]

    def handle_endtag(self, _tag: str) -> None:
        """What follows a style or a script is read again."""
        self._silent = False

    def handle_data(self, data: str) -> None:
        """Take the text."""
        self.text += "" if self._silent else f" {data}"


def unmarked(page: str, names: Collection[str], told: Sequence[str] = ()) -> list[str]:
    """Words on a page that stand in no brackets, and are neither `names` in the data nor `told`.

    ValueError where brackets do not close: a sentence was cut, or put together from others.

    >>> unmarked("<p>⟦Files⟧ of house: ten</p>", ["house"])
    ['of : ten']
    """
    longest = sorted(map(re.escape, names), key=len, reverse=True)
    known = re.compile(rf"(?<!\w)(?:{'|'.join(longest)})(?!\w)") if longest else None
    read, left = Words(page), []
    for text in (read.text, *read.attributes):
        for piece in _outside(text):
            rest = reduce(lambda all_, sentence: all_.replace(sentence, " "), told, piece)
            rest = known.sub(" ", rest) if known else rest
            if _WORD.search(rest):
                left.append(" ".join(rest.split()))
    return left


def sentences(published: Published, code: str) -> tuple[str, ...]:
    """What findings, comparisons and estimates say of themselves, in a language; longest first."""
    language: Language = "id" if code == "id" else "en"
    treated = treatment_of(published.equity, published.favouritism, published.names, language)
    with speaking(code):
        card = card_of(published.scorecard, published.names) if published.scorecard else None
        heads = [(words_of(one), headline(one)) for one in published.findings]
    lines = [
        line
        for part in (card.perspectives if card else ())
        for rows in (part.office, *(table for _, table in part.tables))
        for line in rows
    ]
    queues = published.waiting.queues if published.waiting else ()
    estimates = [queue.estimate for queue in queues if queue.estimate]
    said: Iterable[str | None] = (
        *(
            part
            for one in (*treated.drawn, *treated.further)
            for part in (one.lead, one.carried, one.sure, one.remarks)
        ),
        *(one.words for one in treated.order), *treated.ways, treated.alike,
        *(name for one in treated.silent if one.crossed for name in one.between),
        *(
            part
            for words, head in heads
            for part in (words, head, words.removeprefix(head).strip())
        ),
        *(one.assumptions[code] for one in estimates),
        *(one.silent_because[code] for one in estimates if one.silent_because),
        *(line.sentence for line in lines), card.improved if card else "",
        ASSUMPTIONS[language],
    )  # fmt: skip
    return tuple(sorted({one for one in said if one}, key=lambda one: (-len(one), one)))


def _outside(text: str) -> list[str]:
    """What of a text stands in no brackets, piece by piece."""
    depth, pieces = 0, [""]
    for letter in text:
        if letter in (_OPEN, _CLOSE):
            depth += 1 if letter == _OPEN else -1
            pieces.append("")
        elif not depth:
            pieces[-1] += letter
        if depth < 0:
            raise ValueError(f"a bracket closes that never opened: {text}")
    if depth:
        raise ValueError(f"a bracket never closes: {text}")
    return pieces
