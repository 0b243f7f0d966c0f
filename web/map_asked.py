"""One request for the map: what is asked, of which results, and how closely it may be answered."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from starlette.requests import Request

from eventlog.errors import UsageError
from reports.charts.colours import activity_colours
from reports.context import colour_order
from reports.explore.arrays import Traces
from reports.explore.filters import of_filter
from reports.explore.looked import BLUNT, SHARP, Eyes, Looked
from reports.explore.offered import free, open_to_all, told_values
from reports.language import say
from reports.map_page.asked import Asked, Pairs, read_asked
from reports.map_page.places import MapPlan, plan_of
from reports.map_page.view import Seen, Setting, late_steps, with_gaps, with_late, with_times
from reports.map_page.words import Choices
from reports.maps.graph import Place, ProcessMap, Terminal
from reports.suppress import Published
from reports.withheld.equity import largest_gap
from reports.words.names import attribute_words
from web.access.roles import Role
from web.asked import LANGUAGE, language_of, pairs_of
from web.shown import Shown
from web.site import Site, person_of, published_for, shown_by, site_of


@dataclass(frozen=True, kw_only=True)
class Asking:
    """What is asked of the map, and with which eyes the answer is seen."""

    asked: Asked
    site: Site
    shown: Shown
    published: Published
    spoken: str
    language: Pairs
    eyes: Eyes
    _looked: dict[Pairs, Looked] = field(default_factory=dict)

    @property
    def traces(self) -> Traces:
        """How every case went."""
        return self.shown.traces

    @property
    def free(self) -> bool:
        """Whether any filter may be asked for."""
        return self.eyes is SHARP

    def looked(self, pairs: Pairs) -> Looked:
        """The applications that the pairs ask for, looked at once.

        UsageError for a filter that is not known, or that this person may not ask for.
        """
        key = tuple(pairs)
        if key not in self._looked:
            wanted = self.eyes.parse(of_filter(pairs), self.traces)
            self._looked[key] = self.eyes.look(self.traces, wanted)
        return self._looked[key]

    def seen(self) -> tuple[Sequence[Seen], str]:
        """The selections that are asked for, and what has to be said beside a comparison."""
        if self.asked.beside is None:
            return (self._one(self.asked.chosen),), ""
        one, other = self._one(self.asked.chosen), self._one(self.asked.beside)
        cases = [self.looked(pairs).cases for pairs in (self.asked.chosen, self.asked.beside)]
        compared = self.eyes.beside(self.traces, *cases)
        first = Seen(
            graph=with_gaps(one.graph, compared.first.graph),
            cases=one.cases,
            about=one.about,
            reason=one.reason,
            half=one.half,
        )
        return (first, other), compared.reason or compared.note

    def _one(self, pairs: Pairs) -> Seen:
        looked = self.looked(pairs)
        if not of_filter(pairs):
            # As the report shows it: with the open cases where they stand, and what strays.
            graph = with_late(self.published.graph, late_steps(self.published.terms))
            if self.free:
                # The times of `map.json` are within 3 %: not the same as those in the details.
                graph = with_times(graph, looked.told.graph)
            return Seen(graph=graph, cases=self.published.cases, half=looked.half)
        told = looked.told
        return Seen(
            graph=told.graph,
            cases=told.cases,
            about=told.about,
            reason=told.reason,
            half=looked.half,
        )

    def setting(self, graph: ProcessMap) -> Setting:
        """What the page stands on, whatever is asked."""
        return Setting(
            plan=self.plan(graph),
            choices=self._choices(),
            total=self.published.cases,
            gap_words=self._gap_words(),
            language=self.language,
        )

    def plan(self, graph: ProcessMap) -> MapPlan:
        """Where everything stands: laid out once for all filters, or of this map where asked."""
        published = self.published
        # one colour for an activity, on all pages
        classes = activity_colours(colour_order(published))
        if self.asked.arranged_anew:
            return plan_of(graph, published.names, classes=classes)
        return self.site.plans.get(
            self.shown.mark,
            self.spoken,
            lambda: plan_of(published.graph, published.names, classes=classes),
        )

    def _gap_words(self) -> str:
        """What the gap on the map of all cases is of."""
        gap = largest_gap(self.published.equity) if self.published.equity else None
        if gap is None:
            return ""
        return say(
            "Where %(name)s “%(group)s” takes longer",
            name=attribute_words(gap.attribute, self.published.names),
            group=gap.group,
        )

    def _choices(self) -> Choices:
        """What may be filtered by: no value that too few applications have is offered."""
        traces = self.traces
        names = free(traces) if self.free else open_to_all(traces)
        offered = {name: told_values(traces, name) for name in names}
        steps = tuple(activity.name for activity in self.published.graph.activities)
        return Choices(steps=steps if self.free else (), attributes=offered, days=self.free)


def asking(request: Request) -> Asking:
    """What the request asks of the map; UsageError for what cannot be understood."""
    pairs = pairs_of(request)
    return Asking(
        asked=read_asked(pairs),
        site=site_of(request),
        shown=shown_by(request),
        published=published_for(request),
        spoken=language_of(request),
        language=tuple(pair for pair in pairs if pair[0] == LANGUAGE)[-1:],
        eyes=SHARP if person_of(request).role >= Role.ANALYST else BLUNT,
    )


def asked_place(request: Request) -> tuple[Place, Place | None]:
    """The step, or the two ends of the path; one without a source comes from the start."""
    told = request.query_params
    if told.get("place"):
        return told["place"], None
    source, target = told.get("source"), told.get("target")
    if not source and not target:
        raise UsageError(say("Of which step? Expected place=…, or source=… and target=…"))
    return source or Terminal.START, target or Terminal.END
