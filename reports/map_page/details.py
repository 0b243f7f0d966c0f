"""What is known of one step or one path of the map, for those who click on it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from reports.explore.facts import Facts
from reports.explore.medians import Median
from reports.language import say
from reports.map_page.asked import Asked, Pairs, address
from reports.maps.graph import Place, Terminal, place_name
from reports.words.names import Names, called
from reports.words.wording import duration, worked


@dataclass(frozen=True, kw_only=True)
class Length:
    """How long something takes: half within `median` (`limits` are 95 %), nine in ten in `most`."""

    words: str
    n: int
    median: str
    limits: str
    most: str


@dataclass(frozen=True, kw_only=True)
class DetailsView:
    """A step or a path in words, its figures, and where one can go from it.

    `links` are the words and the address of the map for fewer cases; `cases` is where these cases
    are listed, empty for those who may not see them; `findings` are addresses and first sentences.
    """

    title: str
    code: str
    facts: Facts
    lengths: tuple[Length, ...]
    links: tuple[tuple[str, str], ...]
    cases: str
    findings: Sequence[tuple[str, str]]
    back: str


def details_view(
    facts: Facts,
    asked: Asked,
    *,
    names: Names,
    findings: Sequence[tuple[str, str]] = (),
    cases_at: str = "",
    place: str = "/map",
    language: Pairs = (),
) -> DetailsView:
    """What is told of the step or path, in the language spoken.

    `cases_at` is the address of the list of cases, empty for those who may not see it.
    """
    own = _filters(facts.source, facts.target)

    def narrowed(more: Pairs) -> str:
        return replace(asked, chosen=(*asked.chosen, *more)).at(place, language)

    title = place_name(called(facts.source, names))
    if facts.target is not None:
        title += f" → {place_name(called(facts.target, names))}"
    through = own[0][1] if own else ()
    code = facts.source if facts.target is None and isinstance(facts.source, str) else ""
    return DetailsView(
        title=title,
        code=code if code != title else "",
        facts=facts,
        lengths=_lengths(facts),
        links=tuple((words, narrowed(pairs)) for words, pairs in own),
        cases=address(cases_at, [*asked.chosen, *through, *language]) if cases_at else "",
        findings=findings,
        back=narrowed(()),
    )


def _filters(source: Place, target: Place | None) -> list[tuple[str, Pairs]]:
    """What the map can be narrowed to from here."""
    if target is None and isinstance(source, str):
        return [
            (say("Only cases through here"), [("through", source)]),
            (say("Only cases without it"), [("without", source)]),
            (say("Only cases that start here"), [("starts", source)]),
            (say("Only cases that end here"), [("ends", source)]),
        ]
    if source is Terminal.START and isinstance(target, str):
        return [(say("Only cases that start like this"), [("starts", target)])]
    if target is Terminal.END and isinstance(source, str):
        return [(say("Only cases that end like this"), [("ends", source)])]
    if isinstance(source, str) and isinstance(target, str):
        return [(say("Only cases that go this way"), [("step", source), ("next", target)])]
    return []


def _lengths(facts: Facts) -> tuple[Length, ...]:
    told: list[tuple[str, Median | None, Callable[[float], str]]] = [
        (say("From step to step"), facts.between, duration),
        (say("Waiting"), facts.waiting, duration),
        (say("Waiting, in working time"), facts.waiting_worked, worked),
        (say("Work on it"), facts.service, duration),
        (say("Work on it, in working time"), facts.service_worked, worked),
    ]
    return tuple(
        Length(
            words=words,
            n=one.n,
            median=write(one.value),
            limits=""
            if one.low is None or one.high is None
            else say("%(low)s to %(high)s", low=write(one.low), high=write(one.high)),
            most=write(one.p90),
        )
        for words, one, write in told
        if one is not None
    )
