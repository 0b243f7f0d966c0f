"""The lines of the scorecard: each number with its limits, its months and its trend."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from engine.hidden import groundless
from engine.scorecard.certainty import Change, Sure, change, sure
from engine.scorecard.ground import (
    FEWEST_OFFICERS,
    LONGEST,
    QUARTER,
    YEAR,
    Counted,
    Ground,
    Untold,
)
from engine.scorecard.line import Line, Month, Scope, Trend, direction, inside, met
from engine.scorecard.of_cases import OF_CASES, Builder
from engine.scorecard.of_officers import (
    OF_OFFICERS,
    OF_OFFICERS_BY_UNIT,
    Trained,
    cross_training,
    spread,
)
from engine.scorecard.of_work import OF_UNITS, OF_WORK, hours_known
from engine.scorecard.standing_now import OPEN, Open, open_cases, open_work
from eventlog.definition_parts import Indicator
from eventlog.indicators import INDICATORS
from eventlog.kernels import Bools
from miners.groups import groups

_MOST_VALUES = 30
_OF_OFFICE: Mapping[str, Builder] = {**OF_CASES, **OF_WORK, **OF_OFFICERS}
_OF_UNITS: Mapping[str, Builder] = {**OF_UNITS, **OF_OFFICERS_BY_UNIT}


@dataclass
class Teller:
    """Tells lines; what is counted for one is kept for the others."""

    ground: Ground
    _kept: dict[tuple[str, bool], Counted | Untold] = field(default_factory=dict)

    def lines(self, asked: Indicator) -> Iterator[Line]:
        """The lines of one entry of the process file."""
        for scope in self._scopes(asked):
            if isinstance(scope, Untold):
                yield _untold(asked, Scope(attribute=asked.by), scope)
            else:
                yield self.line(asked, scope)

    def line(self, asked: Indicator, scope: Scope) -> Line:
        """One line."""
        name = asked.indicator
        unit = None if scope.unit is None else self.ground.unit_code(scope.unit)
        if scope.unit is not None and unit is None:
            return _untold(asked, scope, Untold(why="unknown unit"))
        officers = self.ground.officers(unit)
        of_persons = INDICATORS[name].perspective == "learning and growth"
        if of_persons and officers is not None and officers < FEWEST_OFFICERS:
            return _untold(asked, scope, Untold(why="few officers"))
        if name in OPEN:
            return self._open(asked, scope, unit, officers)
        if name == "cross_training":
            return self._trained(asked, scope, unit, officers)
        counted = self.counted(name, scope)
        if self._hours_known(name, unit) == 0:
            counted = Untold(why="no service times")
        if isinstance(counted, Untold):
            return _untold(asked, scope, counted)
        return self._told(asked, scope, counted, officers)

    def counted(self, name: str, scope: Scope) -> Counted | Untold:
        """The rows of one indicator in one scope."""
        by_unit = scope.unit is not None
        key = (name, by_unit)
        if key not in self._kept:
            self._kept[key] = (_OF_UNITS if by_unit else _OF_OFFICE)[name](self.ground)
        found = self._kept[key]
        if isinstance(found, Untold):
            return found
        rows = found.rows
        if scope.unit is not None:
            rows = rows.take(rows.unit == self.ground.unit_code(scope.unit))
        elif scope.attribute is not None:
            rows = rows.take(self._group(scope)[rows.case])
        return replace(found, rows=rows)

    def trend(self, counted: Counted) -> Change | None:
        """The last three complete months against the three before."""
        if counted.span == "log" or not len(counted.rows):
            return None
        month = self.ground.month(counted.rows.at)
        if self._first_month(counted) > -2 * QUARTER:
            return None
        recent = counted.rows.take((month < 0) & (month >= -QUARTER))
        before = counted.rows.take((month < -QUARTER) & (month >= -2 * QUARTER))
        return change(counted.statistic, recent, before)

    def _first_month(self, counted: Counted) -> int:
        """The first month that is like those after it."""
        ground = self.ground
        return ground.first_month if counted.counts == "entered" else ground.settled_month

    def _scopes(self, asked: Indicator) -> Iterator[Scope | Untold]:
        if asked.unit is not None:
            yield Scope(unit=asked.unit)
        elif asked.by is None:
            yield Scope()
        elif asked.by == "unit":
            units = self.ground.units[:_MOST_VALUES]
            yield from (Scope(unit=name) for name in units)
            if not units:
                yield Untold(why="no units")
        elif asked.by in groundless(self.ground.definition):
            yield Untold(why="attribute hidden")
        elif asked.by in self.ground.whole.attributes:
            named = groups(asked.by, self.ground.whole.attributes[asked.by])
            sizes = [(-int(marked.sum()), name) for name, marked in named]
            for _, name in sorted(sizes)[:_MOST_VALUES]:
                yield Scope(attribute=asked.by, group=name)

    def _group(self, scope: Scope) -> Bools:
        """Which cases are of the group; [cases]."""
        assert scope.attribute is not None
        named = groups(scope.attribute, self.ground.whole.attributes[scope.attribute])
        return next(marked for name, marked in named if name == scope.group)

    def _told(self, asked: Indicator, scope: Scope, counted: Counted, officers: int | None) -> Line:
        month = self.ground.month(counted.rows.at)
        year = counted.span == "year"
        rows = counted.rows.take(month >= -YEAR) if year else counted.rows
        found = sure(counted.statistic, rows)
        if found is None:
            return _untold(asked, scope, Untold(why="too early" if len(rows) else "no events"))
        moved = self.trend(counted)
        name = asked.indicator
        return Line(
            indicator=name,
            scope=scope,
            target=asked.target,
            measured_in=self._measured_in(counted.measured_in),
            value=found.value,
            low=inside(found.low, counted.measured_in),
            high=inside(found.high, counted.measured_in),
            source=found.source,
            n=counted.statistic.n(rows),
            cases=None if name in OF_OFFICERS else rows.cases,
            officers=officers,
            spread=spread(rows) if name == "items_per_officer_week" else None,
            hours_known=self._hours_known(
                name, None if scope.unit is None else self.ground.unit_code(scope.unit)
            ),
            met=met(asked, found),
            months=tuple(self._months(counted)) if year else (),
            trend=None if moved is None else Trend(moved=moved, told=direction(name, moved)),
        )

    def _hours_known(self, name: str, unit: int | None) -> float | None:
        """Of what share of the work the hours are known, for what is made of hours."""
        costs = self.ground.definition.costs
        paid = costs is not None and costs.officer_hour is not None
        if name == "hours_per_permit" or (name == "cost_per_permit" and paid):
            return hours_known(self.ground, unit)
        return None

    def _measured_in(self, measured_in: str) -> str:
        costs = self.ground.definition.costs
        if measured_in == "currency" and costs is not None:
            return costs.currency
        return measured_in

    def _months(self, counted: Counted) -> Iterator[Month]:
        month = self.ground.month(counted.rows.at)
        first = max(self._first_month(counted), -LONGEST)
        for place in range(first, 0):
            rows = counted.rows.take(month == place)
            yield Month(
                month=self.ground.name_of_month(place),
                value=counted.statistic.value(rows),
                n=counted.statistic.n(rows),
            )

    def _open(self, asked: Indicator, scope: Scope, unit: int | None, officers: int | None) -> Line:
        found = open_cases(self.ground) if unit is None else open_work(self.ground, unit)
        if isinstance(found, Untold):
            return _untold(asked, scope, found)
        if scope.attribute is not None:
            found = found.of(self._group(scope)[found.ever_case])
        value = OPEN[asked.indicator](found)
        if value is None:
            return _untold(asked, scope, Untold(why="no events"))
        days = asked.indicator == "oldest_open_days"
        return Line(
            indicator=asked.indicator,
            scope=scope,
            target=asked.target,
            measured_in=found.measured_in if days else "applications",
            value=value,
            n=found.cases,
            cases=found.cases,
            officers=officers,
            met=met(asked, Sure(value=value, low=value, high=value, source=None)),
            months=() if days else self._ends_of_months(found),
            counted=True,
        )

    def _ends_of_months(self, found: Open) -> tuple[Month, ...]:
        name = self.ground.name_of_month
        ends = found.at_ends(self.ground)
        return tuple(Month(month=name(place), value=float(n), n=n) for place, n in ends)

    def _trained(
        self, asked: Indicator, scope: Scope, unit: int | None, officers: int | None
    ) -> Line:
        found = cross_training(self.ground, unit, -1)
        if isinstance(found, Untold):
            return _untold(asked, scope, found)
        value = found.shared / found.activities
        return Line(
            indicator=asked.indicator,
            scope=scope,
            target=asked.target,
            measured_in="share",
            value=value,
            n=found.activities,
            officers=officers,
            met=met(asked, Sure(value=value, low=value, high=value, source=None)),
            months=tuple(self._trained_months(unit)),
            counted=True,
        )

    def _trained_months(self, unit: int | None) -> Iterator[Month]:
        """Each month with the two before it."""
        for place in range(max(self.ground.first_month + QUARTER - 1, -LONGEST), 0):
            found = cross_training(self.ground, unit, place)
            if isinstance(found, Trained):
                yield Month(
                    month=self.ground.name_of_month(place),
                    value=found.shared / found.activities,
                    n=found.activities,
                )


def _untold(asked: Indicator, scope: Scope, untold: Untold) -> Line:
    return Line(
        indicator=asked.indicator,
        scope=scope,
        target=asked.target,
        measured_in=INDICATORS[asked.indicator].measured_in,
        why=untold.why,
    )
