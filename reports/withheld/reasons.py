"""Why something was not looked at, without the numbers and names of a few that the reason holds."""

import re
from collections.abc import Collection

from reports.withheld.totals import nearest, tellable

_PART = re.compile(r"\b(\d+) of (\d+)\b")
_HAS = re.compile(r"\bhas (\d+) (applications|cases)\b")
_NAMES = re.compile(r'"[^"]*"(?:, "[^"]*")*')


def told_reason(
    what: str, why: str, *, least: int, hidden: Collection[str] = ()
) -> tuple[str, str]:
    """What was not looked at and why, as it may be passed on.

    Values are in quotes in what was not looked at: groups too small for a question may be smaller
    still, so they are counted and not named. Counts are rounded; `hidden` are names that are not
    told at all.

    >>> told_reason('treatment of district "x", "y"', "too few", least=5)
    ('treatment of district (2 small groups)', 'too few')
    >>> told_reason("treatment by kind", "its second largest group has 3 applications", least=5)
    ('treatment by kind', 'its second largest group has fewer than 5 applications')
    >>> told_reason("a", "1203 of 5000 have no value", least=5)
    ('a', 'about 1205 of 5000 have no value')
    """
    said = _HAS.sub(lambda found: _has(found, least), _PART.sub(lambda f: _part(f, least), why))
    named = _NAMES.sub(_counted, what)
    for name in sorted(hidden, key=len, reverse=True):
        word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE)
        named, said = word.sub("…", named), word.sub("…", said)
    return named, said


def _counted(found: re.Match[str]) -> str:
    count = found[0].count('", "') + 1
    return f"({count} small groups)" if count > 1 else "(a small group)"


def _part(found: re.Match[str], least: int) -> str:
    part, whole = int(found[1]), int(found[2])
    if tellable(part, whole, least):
        return f"about {nearest(part, least)} of {nearest(whole, least)}"
    return f"few of {nearest(whole, least)}" if part < least else f"nearly all of {whole}"


def _has(found: re.Match[str], least: int) -> str:
    count = int(found[1])
    said = f"about {nearest(count, least)}" if count >= least else f"fewer than {least}"
    return f"has {said} {found[2]}"
