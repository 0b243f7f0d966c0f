"""Between whom treatment is compared, and which applications are comparable at all."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from engine.hidden import GROUNDLESS, groundless, persons
from engine.looks import Whole
from eventlog.coded import Coded
from eventlog.definition import Definition
from eventlog.definition_parts import Equity
from eventlog.kernels import Int64s
from eventlog.periods import periods
from eventlog.plain_numbers import plain_number
from miners.equity.rows import Grouping, Strata

MOST_VALUES = 60
"""Values beyond which an attribute tells single applications apart, and not groups of them."""
FEWEST = 50
"""Applications that a group needs before anything is said of its treatment."""
_MUCH = 0.25

Off = tuple[str, str]


@dataclass(frozen=True, kw_only=True, eq=False)
class Frame:
    """The attributes whose values are compared, and what makes applications comparable.

    `groups` are those of `equity.groups`, `paid_by` further ones by which fees are told, `picked`
    those of whom files may be picked early. `restricted` names the attributes that are persons:
    what is told by them stays in the restricted results. `legitimate` has a code per case for each
    attribute that may make a difference, `service_class` for each on which the place in a queue
    may depend (None: the process file does not say). `entered` and `period` are when a case came.
    `off` is what is left out, and why.
    """

    groups: tuple[Grouping, ...]
    paid_by: tuple[Grouping, ...]
    picked: tuple[Grouping, ...]
    restricted: frozenset[str]
    legitimate: Mapping[str, Int64s]
    service_class: Mapping[str, Int64s] | None
    entered: Int64s
    period: Int64s
    period_name: str
    cluster: Int64s | None
    off: tuple[Off, ...]
    _strata: dict[str, Strata] = field(default_factory=dict)

    def strata(self, attribute: str) -> Strata:
        """The strata in which the values of an attribute, or two (`a+b`), are compared; [cases]."""
        own = [
            name
            for name in self.legitimate
            if attribute == name
            or attribute.startswith(f"{name}+")
            or attribute.endswith(f"+{name}")
        ]
        key = "+".join(own)
        if key not in self._strata:
            codes = [code for name, code in self.legitimate.items() if name not in own]
            self._strata[key] = Strata.of([*codes, self.period], self.cluster)
        return self._strata[key]

    def known(self, name: str) -> Grouping:
        """A legitimate attribute as a grouping; its values are numbers."""
        code = self.legitimate[name]
        names = tuple(str(number) for number in range(int(code.max(initial=-1)) + 1))
        return Grouping(attribute=name, names=names, place=code)

    @cached_property
    def every(self) -> tuple[Grouping, ...]:
        """All groupings, each attribute once."""
        by_name = {one.attribute: one for one in (*self.picked, *self.paid_by, *self.groups)}
        return tuple(by_name.values())


def frame_of(whole: Whole, definition: Definition) -> Frame:
    """Sort what the process file names under equity, favouritism and fees."""
    equity, cases = definition.equity or Equity(), len(whole.case_ids)
    groups = equity.groups
    favoured = definition.favouritism.favoured if definition.favouritism else ()
    paid_by = definition.fees.by if definition.fees else ()
    off: list[Off] = []
    found: dict[str, Grouping] = {}
    for name in dict.fromkeys((*groups, *favoured, *paid_by)):
        why = _unusable(name, whole, definition)
        if why is None:
            found[name] = Grouping.of(name, whole.attributes[name])
            off += _partly(found[name], cases)
        else:
            off.append((f"treatment by {name}", why))
    legitimate, refused = _legitimate(whole, definition)
    if groups or paid_by:
        off += refused
    served = None
    if "service_class" in equity.model_fields_set:
        served = {name: _codes(whole, definition, name) for name in equity.service_class}
    return Frame(
        groups=tuple(found[name] for name in groups if name in found),
        paid_by=tuple(found[name] for name in dict.fromkeys(paid_by) if name in found),
        picked=tuple(found[name] for name in dict.fromkeys(favoured) if name in found),
        restricted=persons(definition) | {"resource"},
        legitimate=legitimate,
        service_class=served,
        entered=whole.starts,
        period=periods(whole.starts, definition.timezone, equity.entry_period),
        period_name=equity.entry_period,
        cluster=_applicants(whole, definition),
        off=tuple(off),
    )


def _unusable(name: str, whole: Whole, definition: Definition) -> str | None:
    """Why the values of an attribute cannot be compared; None where they can."""
    if name in {"resource", "unit"}:
        return f"an application has no one {name}; officers are looked at one activity at a time"
    if name == definition.applicant_id:
        return "it names single applicants, and these are not groups"
    if name in groundless(definition):
        return GROUNDLESS
    if definition.outcome is not None and name == definition.outcome.attribute:
        return "it says how the case ended"
    late = whole.known_late.get(name)
    if late is not None and not late.mostly_at_entry:
        return (
            f"{late.late / late.known:.0%} of applications got it only after entry: who has it "
            "noted, and what is noted, may depend on the treatment that is compared"
        )
    return _no_groups(Grouping.of(name, whole.attributes[name]))


def _no_groups(values: Grouping) -> str | None:
    """Why the values make no groups that could be compared; None where they do."""
    if not len(values.names):
        return "no application has a value of it"
    if len(values.names) == 1:
        return "all applications with a value have the same one: it makes but one group"
    if len(values.names) > MOST_VALUES:
        return (
            f"it has {len(values.names)} values, more than {MOST_VALUES}: it tells single "
            "applications apart; give it bands or a coarser attribute"
        )
    counts = np.bincount(values.place[values.place >= 0], minlength=len(values.names))
    if int(np.sort(counts)[-2]) < FEWEST:
        return f"no two of its groups have {FEWEST} applications, as are needed to say anything"
    return None


def _partly(grouping: Grouping, cases: int) -> Iterator[Off]:
    """What is left out of an attribute that is compared: small groups, cases without a value."""
    counts = np.bincount(grouping.place[grouping.place >= 0], minlength=len(grouping.names))
    if bool((counts < FEWEST).any()):
        yield (
            f"treatment of the smallest groups of {grouping.attribute}",
            f"fewer than {FEWEST} applications each; they only count among the others",
        )
    missing = int((grouping.place < 0).sum())
    if missing > _MUCH * cases:
        yield (
            f"treatment of applications without {grouping.attribute}",
            (
                f"{missing / cases:.0%} of all have no value; who has none may differ from who has "
                "one, so what is said of the rest need not hold for all"
            ),
        )


def _legitimate(whole: Whole, definition: Definition) -> tuple[dict[str, Int64s], list[Off]]:
    """What may make a difference and is known at entry, and what is refused for not being so."""
    equity = definition.equity
    if equity is not None and equity.legitimate:
        named: Sequence[str] = equity.legitimate
    else:
        named = tuple(definition.standard.by) if definition.standard else ()
    kept: dict[str, Int64s] = {}
    off: list[Off] = []
    for name in named:
        if name not in whole.attributes:
            continue
        why = _mediator(name, whole, definition)
        if why is None:
            kept[name] = _codes(whole, definition, name)
        else:
            off.append((f"{name} as a legitimate difference", why))
    if not kept:
        off.append(
            (
                "legitimate differences other than the time of entry",
                "the process file names none that is known at entry under equity.legitimate",
            )
        )
    return kept, off


def _mediator(name: str, whole: Whole, definition: Definition) -> str | None:
    """Why an attribute may not explain a gap away; None where it may."""
    rest = "what comes after entry is part of the treatment that is compared"
    outcome, fees, voice = definition.outcome, definition.fees, definition.voice
    if outcome is not None and name == outcome.attribute:
        return f"it says how the case ended: {rest}"
    if fees is not None and name == fees.charged:
        return f"it says what was charged: {rest}"
    if voice is not None and name == voice.satisfaction:
        return f"it is told after the case ended: {rest}"
    late = whole.known_late.get(name)
    if late is not None and not late.mostly_at_entry:
        return f"{late.late / late.known:.0%} of applications got it only after entry: {rest}"
    return None


def _codes(whole: Whole, definition: Definition, name: str) -> Int64s:
    """A code per case for a value at entry, numbers in the bands of the process file."""
    values = whole.attributes[name]
    bands = definition.bands.get(name)
    if bands is None:
        return Grouping.of(name, values).place
    return banded(values, bands)


def banded(values: Coded, bands: Sequence[float]) -> Int64s:
    """The band of each row's number, counted from 0; -1 where there is none; [rows]."""
    labels = values.vocabulary.labels
    amounts = np.array([plain_number(label) for label in labels])
    band = np.searchsorted(np.sort(np.asarray(bands, np.float64)), amounts, side="right")
    code = np.append(np.where(np.isnan(amounts), -1, band), -1).astype(np.int64)
    return code[values.codes]


def _applicants(whole: Whole, definition: Definition) -> Int64s | None:
    """A number for each applicant, [cases]; None where the process file names no applicants."""
    name = definition.applicant_id
    if name is None or name not in whole.attributes:
        return None
    return whole.attributes[name].codes.astype(np.int64)
