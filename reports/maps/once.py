"""Parts that several pictures of one page have in common are written once and referred to.

A part that may be shared stands between two control characters, which no text of ours can hold
(`reports.words.wording.clean`); parts may lie within each other.
"""

import re
from collections import Counter
from collections.abc import Sequence

_OPEN, _CLOSE = "\x02", "\x03"
_MARK = re.compile(f"[{_OPEN}{_CLOSE}]")
# A reference is not worth its letters for less.
_WORTH = 80
_SHARED = 2


def shareable(part: str) -> str:
    """Mark a part of a picture that others may have too."""
    return f"{_OPEN}{part}{_CLOSE}"


def whole(picture: str) -> str:
    """The picture by itself, with all of its parts.

    >>> whole("<g>" + shareable("<path/>") + "</g>")
    '<g><path/></g>'
    """
    return _MARK.sub("", picture)


def once(pictures: Sequence[str], *, prefix: str) -> tuple[str, ...]:
    """The pictures of one page: a part that is in several is written where it comes first.

    Elsewhere `<use>` refers to it by an id that begins with `prefix`.

    >>> part = shareable("<path d='" + 80 * "M" + "'/>")
    >>> first, second = once([part, part], prefix="m")
    >>> first[:12], second
    ('<g id="m1"><', '<use href="#m1"/>')
    """
    times = Counter(part for picture in pictures for part in _parts(picture) if len(part) >= _WORTH)
    ids: dict[str, str] = {}
    return tuple(_told(picture, times, ids, prefix) for picture in pictures)


def _parts(picture: str) -> list[str]:
    """All shareable parts, without the marks in them."""
    starts: list[int] = []
    found: list[str] = []
    for mark in _MARK.finditer(picture):
        if mark[0] == _OPEN:
            starts.append(mark.end())
        else:
            found.append(whole(picture[starts.pop() : mark.start()]))
    return found


def _told(picture: str, times: Counter[str], ids: dict[str, str], prefix: str) -> str:
    """The picture with references to what was written before, which `ids` holds."""
    written: list[str] = []
    place = depth = start = 0
    for mark in _MARK.finditer(picture):
        if mark[0] == _OPEN:
            if not depth:
                written.append(picture[place : mark.start()])
                start = mark.end()
            depth += 1
            continue
        depth -= 1
        if not depth:
            written.append(_part(picture[start : mark.start()], times, ids, prefix))
            place = mark.end()
    return "".join([*written, picture[place:]])


def _part(marked: str, times: Counter[str], ids: dict[str, str], prefix: str) -> str:
    plain = whole(marked)
    if plain in ids:
        return f'<use href="#{ids[plain]}"/>'
    inner = _told(marked, times, ids, prefix)
    # Nobody else has it, or it is no more than the part within it.
    if times[plain] < _SHARED or plain in ids:
        return inner
    ids[plain] = f"{prefix}{len(ids) + 1}"
    return f'<g id="{ids[plain]}">{inner}</g>'
