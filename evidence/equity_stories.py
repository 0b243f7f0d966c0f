"""The simulated offices of the proof of equity: honest ones, and ones that treat somebody worse."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from simulation.innocence import (
    BusySeason,
    FastLane,
    IncompleteFiles,
    SizeEffect,
    SlowOffice,
    SlowOfficer,
)
from simulation.misconduct import (
    Approval,
    BadOfficers,
    ExtraDocuments,
    Favouritism,
    SlowStep,
    Surcharge,
)
from simulation.office import SERVICE, STAFFING, Office
from simulation.plants import Plant
from simulation.process import UNIT_OF, ZONING

OFFICERS = 60
_UNIT = UNIT_OF[ZONING]
# So much work that there is a line to pick from, as there is not for sixty with that of seventeen.
_BUSIER = 1.42
_MANY: Mapping[str, Any] = MappingProxyType(
    {
        "staffing": {_UNIT: OFFICERS},
        "service": {ZONING: _BUSIER * SERVICE[ZONING] * OFFICERS / STAFFING[_UNIT]},
    }
)
HONEST: tuple[Plant, ...] = (
    FastLane(),
    SizeEffect(),
    SlowOffice(),
    SlowOfficer(),
    BusySeason(),
    IncompleteFiles(),
)
"""All innocent reasons for delay at once."""
# Who is asked for documents anyway cannot be seen to be asked once more.
_COMPLETE = tuple(one for one in HONEST if not isinstance(one, IncompleteFiles))


@dataclass(frozen=True, kw_only=True)
class Story:
    """An office with what is planted, and what should be told of it.

    `meant` are the kind, group and measure (with the activity or feature, if any) of the finding
    that a planted truth should give, `sign` its direction; empty for an honest office. `weight`
    says how many of these offices there are for each hundred that are asked for.
    """

    name: str
    says: str
    plants: tuple[Plant, ...]
    cases: int = 5000
    office: Mapping[str, Any] = field(default_factory=dict)
    meant: Mapping[str, str] = field(default_factory=dict)
    sign: int = 1
    weight: int = 8


NULL = Story(
    name="honest", says="all innocent reasons for delay at once", plants=HONEST, weight=100
)
INNOCENT: Sequence[Story] = (
    Story(name="fast-lane", says="houses go ahead of all others", plants=(FastLane(),)),
    Story(name="size-effect", says="large buildings take longer", plants=(SizeEffect(power=0.8),)),
    Story(
        name="slow-officer",
        says="two officers need 2.5 times as long",
        plants=(SlowOfficer(officers=2, factor=2.5),),
    ),
    Story(
        name="busy-season",
        says="`other` files when the office is busy",
        plants=(BusySeason(pull=3.0),),
    ),
    Story(
        name="incomplete-files",
        says="`other` submits incomplete files, 40 points more often",
        plants=(IncompleteFiles(points=0.4),),
    ),
)
"""The innocent reasons one by one, each as strong as it gets."""


def _other(measure: str, **more: str) -> Mapping[str, str]:
    return {"kind": "disparity", "attribute": "affiliation", "group": "other",
            "measure": measure, **more}  # fmt: skip


PLANTED: Sequence[Story] = (
    Story(
        name="documents-5",
        says="`other` asked for documents once more, 5 points",
        plants=(*_COMPLETE, ExtraDocuments(points=0.05)),
        meant=_other("route", feature="requests"),
    ),
    Story(
        name="documents-15",
        says="`other` asked for documents once more, 15 points",
        plants=(*_COMPLETE, ExtraDocuments(points=0.15)),
        meant=_other("route", feature="requests"),
    ),
    Story(
        name="step-0.8",
        says="files of `other` lie 0.8 days at zoning",
        plants=(*HONEST, SlowStep(days=0.8)),
        meant=_other("waiting", activity=ZONING),
    ),
    Story(
        name="step-2",
        says="files of `other` lie 2 days at zoning",
        plants=(*HONEST, SlowStep(days=2.0)),
        meant=_other("waiting", activity=ZONING),
    ),
    Story(
        name="approval-10",
        says="`other` let through the zoning review 10 points less often",
        plants=(*HONEST, Approval(points=0.1, gate=ZONING)),
        meant=_other("outcome", activity=ZONING),
        sign=-1,
    ),
    Story(
        name="surcharge",
        says="the office `hill` charges 15 % over tariff",
        plants=(*HONEST, Surcharge()),
        meant={"kind": "fee", "attribute": "office", "group": "hill"},
    ),
    Story(
        name="favoured-10",
        says="10 % of picks at zoning favour an agent",
        plants=(*HONEST, Favouritism(share=0.1)),
        meant={"kind": "favouritism", "attribute": "agent", "group": "agent-3"},
        weight=16,
    ),
)
"""What is done to somebody, each beside all the innocent reasons."""
LARGE = Story(
    name="step-0.4-20k",
    says="files of `other` lie 0.4 days at zoning, 20,000 applications",
    plants=(*HONEST, SlowStep(days=0.4)),
    cases=20_000,
    # Four times the applications in the same months want four times the office.
    office={"per_day": 56.0, "staffing": {unit: 4 * n for unit, n in STAFFING.items()}},
    meant=_other("waiting", activity=ZONING),
    weight=3,
)
CLEAN_OFFICERS = Story(
    name="officers-clean",
    says=f"{OFFICERS} officers, none of whom favours anybody",
    plants=(FastLane(), SizeEffect(), SlowOfficer(officers=6, factor=1.5)),
    office=_MANY,
    weight=20,
)
BAD_OFFICERS = Story(
    name="officers-6-bad",
    says=f"6 of {OFFICERS} officers favour an agent in 80 % of their picks",
    plants=(FastLane(), SizeEffect(), BadOfficers(officers=6)),
    office=_MANY,
    weight=20,
)
LONGER = Story(
    name="officers-6-bad-12k",
    says="the same for so long that there are 12,000 applications",
    plants=BAD_OFFICERS.plants,
    cases=12_000,
    office=_MANY,
    weight=4,
)
"""Whether officers are found is decided by how many picks each has."""
STORIES: Sequence[Story] = (
    NULL, *INNOCENT, *PLANTED, LARGE, CLEAN_OFFICERS, BAD_OFFICERS, LONGER,
)  # fmt: skip
_APART = 1000
"""Seeds of one story are so far from those of the next."""


def office(story: Story, first: int, number: int) -> Office:
    """The office of a story for the `number`th time, with a seed that no other one has."""
    place = [one.name for one in STORIES].index(story.name)
    return Office(cases=story.cases, seed=first + _APART * place + number, **story.office)
