"""How numbers, durations and names are written, and how wide they come out.

Numbers and units are those of the language that is spoken (`reports.language`).
"""

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

from reports.language import mark, say, spoken

FONT = 13.0
"""Size of the letters on a map in px; nothing on it is smaller than 12."""

_HOURS = mark("%(amount)s h")
_SPANS = (
    (mark("%(amount)s d"), 86_400.0),
    (_HOURS, 3_600.0),
    (mark("%(amount)s min"), 60.0),
    (mark("%(amount)s s"), 1.0),
)
PERCENT = mark("%(number)s %%")
_WITHOUT_TENTHS = 100.0
_LEAST_TENTH = 0.05
_MINUS = "\N{MINUS SIGN}"
UNITS: Mapping[str, str] = MappingProxyType(
    {
        "working days": mark("working days"),
        "days": mark("days"),
        "times the tariff": mark("times the tariff"),
        "times the usual fee": mark("times the usual fee"),
        "share": mark("percentage points"),
        "currency": mark("money"),
        "positions": mark("positions in the queue"),
    }
)
"""What the units of results are called; said through `unit_called`."""

# Shares of the letter size, a little wider than Arial and Liberation Sans, so that text set in
# another face still stays inside its box.
_NARROW = frozenset("iljtfrI.,:;'|!()[] -/")
_WIDE = frozenset("mwMW@%")


def number(value: int) -> str:
    """A count with its thousands set apart.

    >>> number(1434)
    '1,434'
    """
    return spoken().figures(f"{value:,}")


def decimal(value: float, digits: int = 1) -> str:
    """A number with so many digits after the point.

    >>> decimal(1234.56), decimal(1.5, 2)
    ('1,234.6', '1.50')
    """
    return spoken().figures(f"{value:,.{digits}f}")


def share(value: float) -> str:
    """A share of 0 to 1 as a percentage; what is there but tiny does not read as nothing.

    >>> share(0.4567), share(0.0004), share(0.0)
    ('45.7 %', '< 0.1 %', '0.0 %')
    """
    if 0 < value < 0.001:  # noqa: PLR2004 - the smallest share that one decimal can show
        return "< " + say(PERCENT, number=decimal(0.1))
    return say(PERCENT, number=decimal(100 * value))


def percent(value: float) -> str:
    """A share of 0 to 1 as a percentage without decimals.

    >>> percent(0.8)
    '80 %'
    """
    return say(PERCENT, number=decimal(100 * value, 0))


def duration(seconds: float) -> str:
    """A duration in the largest unit that keeps the number above one.

    >>> duration(0), duration(90), duration(86_400 * 3.25), duration(86_400 * 400)
    ('0 s', '1.5 min', '3.2 d', '400 d')
    """
    for unit, size in _SPANS:
        if abs(seconds) >= size:
            return say(unit, amount=_tenths(seconds / size))
    return say(_SPANS[-1][0], amount="0" if seconds == 0 else "< 1")


def worked(seconds: float) -> str:
    """A length of working time; in hours at most, for a working day has not 24 of them.

    >>> worked(1800), worked(3600 * 31.5), worked(3600 * 240)
    ('30 min', '31.5 h', '240 h')
    """
    hours = seconds / 3600
    return duration(seconds) if hours < 1 else say(_HOURS, amount=_tenths(hours))


def _tenths(amount: float) -> str:
    """With one decimal where it says something."""
    return decimal(amount, 0 if abs(amount) >= _WITHOUT_TENTHS or amount == round(amount) else 1)


def days(value: float) -> str:
    """A number of days, whose kind is told elsewhere, with one decimal where it says something.

    >>> days(1.9848), days(0.03), days(0.0), days(13.0), days(240.4)
    ('2.0', '< 0.1', '0', '13.0', '240')
    """
    if value == 0:
        return "0"
    if value < _LEAST_TENTH:
        return "< " + decimal(0.1)
    return decimal(value, 0 if value >= _WITHOUT_TENTHS else 1)


def added(value: float) -> str:
    """A number of days that may be below zero, with one decimal where it says something.

    >>> added(5.94), added(0.0), added(3009.0)
    ('5.9', '0.0', '3,009')
    """
    return _below_zero(value, 0 if abs(value) >= _WITHOUT_TENTHS else 1)


def signed(value: float) -> str:
    """A number with its sign, with as many digits as it has, two at most.

    >>> signed(2.9), signed(-0.25), signed(0.0), signed(-123_000.0)
    ('+2.9', '−0.25', '0', '−123,000')
    """  # noqa: RUF002 - the sign that is written
    said = _two_digits(value)
    if said == "0":
        return said
    return ("+" if value > 0 else _MINUS) + spoken().figures(said)


def _two_digits(value: float) -> str:
    return f"{abs(value):,.2f}".rstrip("0").rstrip(".")


def gap_number(value: float, unit: str) -> str:
    """A gap with its sign, in its unit; shares in percentage points.

    >>> gap_number(0.05, "share"), gap_number(2.0, "days"), gap_number(-0.21, "days")
    ('+5.0', '+2.0', '−0.21')
    >>> gap_number(98_000.0, "currency"), gap_number(0.0, "share")
    ('+98,000', '0')
    """  # noqa: RUF002 - the sign that is written
    number = 100 * value if unit == "share" else value
    if unit == "currency" or number == 0 or "." in _two_digits(number):
        return signed(number)
    return signed(number) + spoken().figures(".0")


def gap_size(value: float, unit: str) -> str:
    """The size of a gap without a sign; shares in percentage points.

    >>> gap_size(0.051, "share"), gap_size(0.81, "days")
    ('5.1', '0.81')
    """
    return gap_number(abs(value), unit).removeprefix("+")


def case_days(value: float) -> str:
    """Case-days, which may be below zero, to whole ones.

    >>> case_days(17.6), case_days(3009.0), case_days(-0.4)
    ('18', '3,009', '0')
    """
    return _below_zero(value, 0)


def _below_zero(value: float, digits: int) -> str:
    """With so many digits, and a minus where what is written is below zero."""
    below = round(value, digits) < 0
    return (_MINUS if below else "") + decimal(abs(value), digits)


def points(value: float) -> str:
    """A difference of two shares in percentage points, with its sign.

    >>> points(0.031), points(0.0)
    ('+3.1', '0.0')
    """
    said = f"{100 * abs(value):.1f}"
    sign = "" if said == "0.0" else "+" if value > 0 else _MINUS
    return sign + spoken().figures(said)


def whole_days(value: float) -> str:
    """A number of days as it stands in a law or on a poster: no decimals where there are none.

    >>> whole_days(14.0), whole_days(0.5)
    ('14', '0.5')
    """
    return decimal(value, 0) if value == round(value) else days(value)


def about(count: int) -> str:
    """A count that was rounded so that nobody can be told apart in it.

    >>> about(5110)
    '≈ 5,110'
    """
    return f"≈ {number(count)}" if count else "0"


def unit_called(unit: str) -> str:
    """What the unit of a result is called; one that nobody knows stays as it is.

    >>> unit_called("share")
    'percentage points'
    """
    return say(UNITS.get(unit, unit))


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
