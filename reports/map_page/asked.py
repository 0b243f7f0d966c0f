"""What somebody asks of the map: how many paths, what they tell, of which cases, beside which."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from eventlog.errors import UsageError
from reports.language import say
from reports.map_page.places import FEWEST_PATHS, MOST_PATHS, USUAL_PATHS
from reports.maps.overlays import Overlay

Pairs = Sequence[tuple[str, str]]
"""Keys and values of an address, in order."""

BESIDE = "vs."
"""Before the keys of the filter of the second map."""
ALL_BESIDE = ("vs", "all")
"""All cases are the second map."""
ANEW = ("arrange", "anew")
_OF_THE_PAGE = frozenset(
    {"overlay", "paths", "arrange", "vs", "lang", "part", "place", "source", "target"}
)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One view of the map as its address tells it, so that it can be shared.

    `chosen` is the filter and `beside` that of a second map, None where there is none; both as
    `reports.explore.filters` reads them. `arranged_anew`: laid out for these cases alone.
    """

    overlay: Overlay = Overlay.FREQUENCY
    paths: int = USUAL_PATHS
    chosen: Pairs = ()
    beside: Pairs | None = None
    arranged_anew: bool = False

    def at(self, path: str, language: Pairs = ()) -> str:
        """The address of the view under a path; what is as usual is left out.

        >>> Asked(paths=40, chosen=[("through", "a b")]).at("/map"), Asked().at("/map")
        ('/map?through=a+b&paths=40', '/map')
        """
        return address(path, [*self.pairs(), *language])

    def pairs(self) -> Pairs:
        """The view as the pairs of an address."""
        pairs = [*self.chosen]
        if self.beside is not None:
            pairs += [(BESIDE + key, value) for key, value in self.beside] or [ALL_BESIDE]
        if self.overlay is not Overlay.FREQUENCY:
            pairs.append(("overlay", self.overlay.value))
        if self.paths != USUAL_PATHS:
            pairs.append(("paths", str(self.paths)))
        if self.arranged_anew:
            pairs.append(ANEW)
        return pairs

    def of(self, chosen: Pairs) -> "Asked":
        """The same of other cases."""
        return replace(self, chosen=tuple(chosen))

    def against(self, beside: Pairs) -> "Asked":
        """The same beside other cases."""
        return replace(self, beside=tuple(beside))

    def alone(self) -> "Asked":
        """The same without a second map."""
        overlay = Overlay.FREQUENCY if self.overlay is Overlay.BESIDE else self.overlay
        return replace(self, beside=None, overlay=overlay)

    def turned(self) -> "Asked":
        """The second map first."""
        return replace(self, chosen=self.beside or (), beside=self.chosen)

    def anew(self) -> "Asked":
        """The same, laid out for these cases alone."""
        return replace(self, arranged_anew=True)

    def in_place(self) -> "Asked":
        """The same, where everything stands on the map of all cases."""
        return replace(self, arranged_anew=False)

    def carried(self) -> Pairs:
        """What a form that adds to this view carries along."""
        pairs = [pair for pair in self.chosen if pair[0] not in DATED]
        if self.beside is not None:
            beside = [(BESIDE + k, value) for k, value in self.beside if k not in DATED]
            pairs += beside if self.beside else [ALL_BESIDE]
        return [*pairs, ANEW] if self.arranged_anew else pairs


DATED = ("from", "until")
"""Keys that are given once; their fields on the form hold what was asked."""


def address(path: str, pairs: Pairs) -> str:
    """A path with the pairs that are asked of it."""
    return f"{path}?{urlencode(pairs)}" if pairs else path


def read_asked(pairs: Pairs) -> Asked:
    """What the pairs of an address ask for; the filters in it are not looked into.

    Raises `UsageError` for an overlay that is not known and a number of paths that is none.
    """
    told = {key: value for key, value in pairs if key in _OF_THE_PAGE and value}
    overlay = told.get("overlay", Overlay.FREQUENCY.value)
    known = [one.value for one in Overlay]
    if overlay not in known:
        raise UsageError(
            say(
                "overlay is %(value)r; expected one of: %(known)s",
                value=overlay,
                known=", ".join(known),
            )
        )
    beside = [
        (key.removeprefix(BESIDE), value)
        for key, value in pairs
        if key.startswith(BESIDE) and value
    ]
    return Asked(
        overlay=Overlay(overlay),
        paths=_paths(told.get("paths", str(USUAL_PATHS))),
        chosen=tuple(
            (key, value)
            for key, value in pairs
            if key not in _OF_THE_PAGE and not key.startswith(BESIDE) and value
        ),
        beside=tuple(beside) if beside or "vs" in told else None,
        arranged_anew=told.get(ANEW[0]) == ANEW[1],
    )


def _paths(value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < len("10000")):
        raise UsageError(
            say(
                "paths is %(value)r; expected a number from %(least)s to %(most)s",
                value=value,
                least=FEWEST_PATHS,
                most=MOST_PATHS,
            )
        )
    return min(max(int(value), FEWEST_PATHS), MOST_PATHS)
