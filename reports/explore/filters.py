"""Which applications are looked at: what was chosen, as an address can carry it and back."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from types import MappingProxyType
from urllib.parse import urlencode

import numpy as np

from eventlog.errors import UsageError
from eventlog.kernels import Bools
from reports.explore.arrays import Traces
from reports.explore.offered import free, open_to_all, told_steps, told_values
from reports.language import say

_ATTRIBUTE = "a."
_STEPS = ("through", "without", "starts", "ends")
_DAYS = ("from", "until")
_ANSWERS = ("late", "open")
_YES, _NO = "yes", "no"
_MOST_PAIRS = 200
_EPOCH = date(1970, 1, 1)
KEYS = (*_STEPS, "step", "next", *_DAYS, "variant", *_ANSWERS)
"""What a filter may be asked for in an address, beside `a.<attribute>`."""

Pairs = Sequence[tuple[str, str]]
Edges = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What applications have to be like; whatever is empty or None asks nothing.

    Each was `through` all of these activities and all of these `edges` (one step directly followed
    by another), `without` any of those; it began with any of `starts`, ended with any of `ends`;
    has, for each of the attributes, any of its values; came in on the days from `entered_from` to
    `entered_until`; went the way of rank `variant`; is `late`, or not; is `still_open`, or not.
    Equal questions are equal filters: names are sorted, each once.
    """

    through: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    starts: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    edges: Edges = ()
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    entered_from: date | None = None
    entered_until: date | None = None
    variant: int | None = None
    late: bool | None = None
    still_open: bool | None = None

    def __post_init__(self) -> None:
        """Put names in order; refuse days in the wrong order and ranks below 1."""
        for name in (*_STEPS, "edges"):
            object.__setattr__(self, name, tuple(sorted(set(getattr(self, name)))))
        kept = {
            name: tuple(sorted(set(values)))
            for name, values in sorted(self.attributes.items())
            if values
        }
        object.__setattr__(self, "attributes", MappingProxyType(kept))
        first, last = self.entered_from, self.entered_until
        if first is not None and last is not None and last < first:
            raise UsageError(
                say(
                    "from is %(first)s and until is %(last)s; expected a day that is not earlier",
                    first=first.isoformat(),
                    last=last.isoformat(),
                )
            )
        if self.variant is not None and self.variant < 1:
            raise UsageError(
                say("variant is %(value)s; expected a rank from 1", value=self.variant)
            )

    def __hash__(self) -> int:
        """Equal filters have equal addresses."""
        return hash(self.query())

    @property
    def empty(self) -> bool:
        """Whether nothing is asked, so that all applications are looked at."""
        return not self.pairs()

    def pairs(self) -> list[tuple[str, str]]:
        """The filter as an address has it, key by key; what `parse_filter` reads."""
        found = [(key, name) for key in _STEPS for name in getattr(self, key)]
        for source, target in self.edges:
            found += [("step", source), ("next", target)]
        for name, values in self.attributes.items():
            found += [(_ATTRIBUTE + name, value) for value in values]
        for key, day in zip(_DAYS, (self.entered_from, self.entered_until), strict=True):
            if day is not None:
                found.append((key, day.isoformat()))
        if self.variant is not None:
            found.append(("variant", str(self.variant)))
        for key, answer in zip(_ANSWERS, (self.late, self.still_open), strict=True):
            if answer is not None:
                found.append((key, _YES if answer else _NO))
        return found

    def query(self, *, before: str = "") -> str:
        """The filter as the part of an address after `?`; `before` is put before every key."""
        return urlencode([(before + key, value) for key, value in self.pairs()])


EVERYTHING = Filter()
"""The filter that leaves nothing out."""


def of_filter(pairs: Pairs, *, before: str = "") -> list[tuple[str, str]]:
    """Those of an address's pairs that belong to a filter, without the prefix of their keys.

    >>> of_filter([("overlay", "waiting"), ("vs.through", "a"), ("starts", "b")], before="vs.")
    [('through', 'a')]
    """
    found = []
    for key, value in pairs:
        if not key.startswith(before):
            continue
        own = key[len(before) :]
        if own in KEYS or own.startswith(_ATTRIBUTE):
            found.append((own, value))
    return found


def parse_filter(pairs: Pairs, traces: Traces, *, by: Collection[str] | None = None) -> Filter:
    """The filter that the pairs of an address ask for; empty answers of a form ask nothing.

    `by` are the attributes that this person may filter by; without it, all those that may be
    looked at freely (`free`). Raises `UsageError` for a key, an activity, an attribute, a value,
    a day or an answer that is not known, with what is allowed, and for too many of them. What only
    a few applications have may be asked for by who knows it; the error does not tell it.
    """
    allowed = free(traces) if by is None else tuple(by)
    _not_too_many(pairs)
    steps: dict[str, list[str]] = {key: [] for key in (*_STEPS, "step", "next")}
    attributes: dict[str, list[str]] = {}
    single: dict[str, str] = {}
    for key, value in pairs:
        if not value:
            continue
        if key in steps:
            if value not in traces.place:
                raise _unknown(key, value, told_steps(traces))
            steps[key].append(value)
        elif key.startswith(_ATTRIBUTE):
            name = _known(key[len(_ATTRIBUTE) :], allowed, say("attribute"))
            if value not in traces.attributes[name].values:
                raise _unknown(name, value, told_values(traces, name))
            attributes.setdefault(name, []).append(value)
        elif key not in KEYS:
            raise _unknown(say("filter"), key, (*KEYS, *(_ATTRIBUTE + name for name in allowed)))
        elif single.setdefault(key, value) != value:
            raise UsageError(
                say(
                    "%(key)s is given twice, as %(one)s and %(other)s; expected one",
                    key=key,
                    one=single[key],
                    other=value,
                )
            )
    if len(steps["step"]) != len(steps["next"]):
        raise UsageError(say("step and next come in pairs: one step and the one directly after it"))
    return Filter(
        through=tuple(steps["through"]),
        without=tuple(steps["without"]),
        starts=tuple(steps["starts"]),
        ends=tuple(steps["ends"]),
        edges=tuple(zip(steps["step"], steps["next"], strict=True)),
        attributes={name: tuple(values) for name, values in attributes.items()},
        entered_from=_day(single, "from"),
        entered_until=_day(single, "until"),
        variant=_rank(single),
        late=_answer(single, "late"),
        still_open=_answer(single, "open"),
    )


def _not_too_many(pairs: Pairs) -> None:
    if len(pairs) > _MOST_PAIRS:
        raise UsageError(
            say(
                "the filter asks for %(n)s things at once; expected at most %(most)s",
                n=len(pairs),
                most=_MOST_PAIRS,
            )
        )


def parse_preset(pairs: Pairs, traces: Traces) -> Filter:
    """The filter that a viewer asks for, who may choose one value of one attribute, or nothing.

    Raises `UsageError` for anything else. A value that only a few applications have is answered
    like one that there is not.
    """
    asked = [(key, value) for key, value in dict.fromkeys(pairs) if value]
    if not asked:
        return EVERYTHING
    if len(asked) > 1 or not asked[0][0].startswith(_ATTRIBUTE):
        raise UsageError(
            say(
                "As viewer you may choose one value of one attribute: from two maps that "
                "differ a little, single applications could be made out."
            )
        )
    key, value = asked[0]
    name = _known(key[len(_ATTRIBUTE) :], open_to_all(traces), say("attribute"))
    return Filter(attributes={name: (_known(value, told_values(traces, name), name),)})


def preset(traces: Traces) -> tuple[Filter, ...]:
    """What viewers may choose from: one value of one attribute that may be shown to everybody."""
    return tuple(
        Filter(attributes={name: (value,)})
        for name in open_to_all(traces)
        for value in told_values(traces, name)
    )


def chosen(traces: Traces, wanted: Filter) -> Bools:
    """Which cases the filter asks for; [cases]."""
    conditions = [
        *(_visited(traces, name) for name in wanted.through),
        *(~_visited(traces, name) for name in wanted.without),
        *(_moved(traces, source, target) for source, target in wanted.edges),
        *(_has(traces, name, values) for name, values in wanted.attributes.items()),
    ]
    for codes, names in ((traces.first, wanted.starts), (traces.last, wanted.ends)):
        if names:
            conditions.append(np.isin(codes, [traces.place[name] for name in names]))
    if wanted.entered_from is not None:
        conditions.append(traces.entered_day >= (wanted.entered_from - _EPOCH).days)
    if wanted.entered_until is not None:
        conditions.append(traces.entered_day <= (wanted.entered_until - _EPOCH).days)
    if wanted.variant is not None:
        conditions.append(traces.variant == wanted.variant)
    for told, answer in ((traces.late, wanted.late), (traces.still_open, wanted.still_open)):
        if answer is not None:
            conditions.append(told == int(answer))
    cases = traces.everything
    for condition in conditions:
        cases &= condition
    return cases


def _visited(traces: Traces, name: str) -> Bools:
    out = np.zeros(traces.cases, bool)
    out[traces.visits.of(traces.place[name])] = True
    return out


def _moved(traces: Traces, source: str, target: str) -> Bools:
    out = np.zeros(traces.cases, bool)
    edge = traces.edge_place.get((traces.place[source], traces.place[target]))
    if edge is not None:
        out[traces.moves.of(edge)] = True
    return out


def _has(traces: Traces, name: str, values: tuple[str, ...]) -> Bools:
    attribute = traces.attributes[name]
    places = {value: place for place, value in enumerate(attribute.values)}
    return np.isin(attribute.codes, [places[value] for value in values])


def _known(value: str, allowed: Sequence[str], what: str) -> str:
    if value not in allowed:
        raise _unknown(what, value, allowed)
    return value


_TOLD = 12


def _unknown(what: str, value: str, allowed: Iterable[str]) -> UsageError:
    names = list(allowed)
    near = get_close_matches(value, names, n=1)
    if near:
        return UsageError(
            say(
                "%(what)s: %(value)r is not known; did you mean %(near)r?",
                what=what,
                value=value,
                near=near[0],
            )
        )
    listed = ", ".join(names[:_TOLD]) + (", …" if len(names) > _TOLD else "")
    return UsageError(
        say(
            "%(what)s: %(value)r is not known; expected one of: %(names)s",
            what=what,
            value=value,
            names=listed or say("none, for there are none"),
        )
    )


def _day(single: Mapping[str, str], key: str) -> date | None:
    if key not in single:
        return None
    try:
        return date.fromisoformat(single[key])
    except ValueError:
        raise UsageError(
            say("%(key)s is %(value)r; expected a day, e.g. 2026-01-31", key=key, value=single[key])
        ) from None


def _rank(single: Mapping[str, str]) -> int | None:
    if "variant" not in single:
        return None
    text = single["variant"]
    if not (text.isascii() and text.isdigit() and len(text) <= _TOLD):
        raise UsageError(say("variant is %(value)r; expected a rank from 1", value=text))
    return int(text)


def _answer(single: Mapping[str, str], key: str) -> bool | None:
    if key not in single:
        return None
    if single[key] not in {_YES, _NO}:
        raise UsageError(
            say("%(key)s is %(value)r; expected yes or no", key=key, value=single[key])
        )
    return single[key] == _YES
