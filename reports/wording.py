"""How numbers, durations and names are written, and how wide they come out."""

import re
import unicodedata

FONT = 13.0
"""Size of the letters on a map in px; nothing on it is smaller than 12."""

_SPANS = (("d", 86_400.0), ("h", 3_600.0), ("min", 60.0), ("s", 1.0))
_DAYS_WITHOUT_TENTHS = 100.0

# Shares of the letter size, a little wider than Arial and Liberation Sans, so that text set in
# another face still stays inside its box.
_NARROW = frozenset("iljtfrI.,:;'|!()[] -/")
_WIDE = frozenset("mwMW@%")


def number(value: int) -> str:
    """A count with its thousands set apart.

    >>> number(1434)
    '1,434'
    """
    return f"{value:,}"


def share(value: float) -> str:
    """A share of 0 to 1 as a percentage; what is there but tiny does not read as nothing.

    >>> share(0.4567), share(0.0004), share(0.0)
    ('45.7 %', '< 0.1 %', '0.0 %')
    """
    if 0 < value < 0.001:  # noqa: PLR2004 - the smallest share that one decimal can show
        return "< 0.1 %"
    return f"{100 * value:.1f} %"


def duration(seconds: float) -> str:
    """A duration in the largest unit that keeps the number above one.

    >>> duration(0), duration(90), duration(86_400 * 3.25), duration(86_400 * 400)
    ('0 s', '1.5 min', '3.2 d', '400 d')
    """
    for unit, size in _SPANS:
        if abs(seconds) >= size:
            amount = seconds / size
            if abs(amount) >= _DAYS_WITHOUT_TENTHS or amount == round(amount):
                return f"{amount:,.0f} {unit}"
            return f"{amount:,.1f} {unit}"
    return "0 s" if seconds == 0 else "< 1 s"


def clean(text: str) -> str:
    """The text without what XML cannot hold (control characters, half surrogates)."""
    return re.sub(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text)


def width(text: str, *, size: float = FONT) -> float:
    """About how wide the text is, in px, never too little for the usual sans-serif faces."""
    return size * sum(_letter_width(letter) for letter in text)


def _letter_width(letter: str) -> float:
    if unicodedata.combining(letter):
        return 0.0
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.05
    if letter in _WIDE:
        return 0.95
    if letter in _NARROW:
        return 0.36
    return 0.7 if letter.isupper() else 0.58


def wrap(text: str, *, limit: float, size: float = FONT) -> tuple[str, ...]:
    """The text in lines no wider than `limit` px, of about equal length; nothing is cut off.

    Breaks between words, after `_`, `-` and `/` where words are too long, else anywhere.

    >>> wrap("Check confirmation of receipt", limit=130)
    ('Check confirmation', 'of receipt')
    """
    text = " ".join(clean(text).split())
    if width(text, size=size) <= limit:
        return (text,)
    pieces = [p for word in text.split(" ") for p in _pieces(word, limit, size)]
    least = _fill(pieces, limit, size)
    # The narrowest lines that need no further line make the calmest box.
    room = limit
    while room > limit / 2:
        closer = _fill(pieces, room - 6, size)
        if len(closer) > len(least) or any(width(line, size=size) > room for line in closer):
            break
        least, room = closer, room - 6
    return tuple(least)


def _pieces(word: str, limit: float, size: float) -> list[tuple[str, str]]:
    """Parts of a word that each fit on a line, each with what joins it to the part before."""
    if width(word, size=size) <= limit:
        return [(" ", word)]
    parts: list[str] = []
    for chunk in re.split(r"(?<=[_\-/])", word):
        line = ""
        for letter in chunk:
            if line and width(line + letter, size=size) > limit:
                parts.append(line)
                line = ""
            line += letter
        parts.append(line)
    return [(" " if i == 0 else "", part) for i, part in enumerate(p for p in parts if p)]


def _fill(pieces: list[tuple[str, str]], limit: float, size: float) -> list[str]:
    lines: list[str] = []
    for joint, piece in pieces:
        if lines and width(lines[-1] + joint + piece, size=size) <= limit:
            lines[-1] += joint + piece
        else:
            lines.append(piece)
    return lines
