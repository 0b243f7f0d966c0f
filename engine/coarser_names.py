"""What fine-grained activity codes have in common at their beginning, as patterns."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

_SEPARATORS = "_-./:"
_MOST = 0.8
"""The share of the events whose codes must be built alike."""
_PARTS = 3
"""After so many parts a beginning says hardly less than the whole code."""
_SHORT = 2
"""Numbers of so many digits at most are written digit by digit, as people do."""

_Parts = Sequence[tuple[str, ...]]


def beginnings(events: Mapping[str, int]) -> Iterator[str]:
    r"""Patterns for `abstract.pattern`, from the shortest beginning to the longest.

    `events` has the events of each code. A code is a row of numbers and names, which stand apart by
    a separator ("01_HOOFD_490") or touch ("T06"). Each pattern keeps one part more, or only the
    first digits of a number, by which offices like to number what belongs together. Nothing comes
    where activities are called in words, or where the codes are not built alike.

    >>> list(beginnings({"A-010": 5, "A-020": 4, "B-100": 3}))
    ['^([A-Z]+)', '^([A-Z]+-\\d)', '^([A-Z]+-\\d\\d)', '^([A-Z]+-\\d+)']
    """
    separator = _separator(events)
    if not separator and not any(character.isdigit() for label in events for character in label):
        return
    codes = {label: _parts(label.split()[0], separator) for label in events if label.strip()}
    alike, begun, between = dict(codes), "", separator.replace(".", r"\.")
    for place in range(_PARTS):
        number = _kind(alike, events, place)
        if number is None:
            return
        alike = {
            label: parts
            for label, parts in alike.items()
            if place < len(parts) and _is_number(parts[place]) == number
        }
        here = [parts[place] for parts in alike.values()]
        if place:
            begun += between
        if number:
            shortest = min(len(part[0]) for part in here)
            yield from (f"^({begun}{digits})" for digits in _first_digits(shortest))
            begun += _number(here)
        else:
            name = _name(here)
            if any(len(part) > 1 for part in here):
                yield f"^({begun}{name})"
                name += f"(?:{between}{name})*"
            begun += name
        yield f"^({begun})"


def _separator(events: Mapping[str, int]) -> str:
    """The character that parts most codes; none where most have none."""
    having: Counter[str] = Counter()
    for label, count in events.items():
        having.update(dict.fromkeys({*label.split(" ")[0]} & {*_SEPARATORS}, count))
    commonest = having.most_common(1)
    whole = sum(events.values())
    return commonest[0][0] if commonest and commonest[0][1] >= _MOST * whole else ""


def _parts(code: str, separator: str) -> list[tuple[str, ...]]:
    """Numbers one by one, names that follow each other together."""
    found = code.split(separator) if separator else re.findall(r"\d+|[^\W\d_]+", code)
    parts: list[tuple[str, ...]] = []
    for one in filter(None, found):
        if parts and not one[0].isdigit() and not _is_number(parts[-1]):
            parts[-1] = (*parts[-1], one)
        else:
            parts.append((one,))
    return parts


def _is_number(part: tuple[str, ...]) -> bool:
    return part[0][0].isdigit()


def _kind(alike: Mapping[str, _Parts], events: Mapping[str, int], place: int) -> bool | None:
    """Whether most codes have a number at this place; None where neither kind is in most."""
    have = {True: 0, False: 0}
    for label, parts in alike.items():
        if place < len(parts):
            have[_is_number(parts[place])] += events[label]
    most = _MOST * sum(events.values())
    return next((kind for kind, count in have.items() if count >= most), None)


def _first_digits(shortest: int) -> Iterator[str]:
    return (r"\d" * digits for digits in range(1, min(shortest - 1, _SHORT) + 1))


def _number(parts: _Parts) -> str:
    widths = {len(part[0]) for part in parts}
    width = widths.pop()
    return r"\d" * width if not widths and width <= _SHORT else r"\d+"


def _name(parts: _Parts) -> str:
    names = [name for part in parts for name in part]
    usual = ("[A-Z]+", "[A-Z][A-Z0-9]*", "[A-Za-z][A-Za-z0-9]*")
    return next(
        (one for one in usual if all(re.fullmatch(one, name) for name in names)), r"[^\W_]+"
    )
