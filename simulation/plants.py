"""Every plant by name, and how the command line writes one."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any, get_type_hints

from eventlog.errors import UsageError
from simulation.innocence import (
    Batches,
    BusySeason,
    Concurrent,
    FastLane,
    IncompleteFiles,
    SizeEffect,
    SlowOffice,
    SlowOfficer,
    Strike,
)
from simulation.misconduct import (
    Approval,
    BadOfficers,
    DuplicateApproval,
    ExtraDocuments,
    Favouritism,
    Inserted,
    PingPong,
    Repeated,
    Skipped,
    SlowStep,
    Surcharge,
    Understaffed,
    WrongOrder,
)

Detour = DuplicateApproval | PingPong | Repeated | Inserted | Skipped | WrongOrder
Innocent = (
    FastLane
    | SizeEffect
    | SlowOffice
    | SlowOfficer
    | BusySeason
    | IncompleteFiles
    | Strike
    | Batches
    | Concurrent
)
Plant = (
    Understaffed
    | ExtraDocuments
    | SlowStep
    | Approval
    | Surcharge
    | Favouritism
    | BadOfficers
    | Detour
    | Innocent
)

PLANTS: Mapping[str, type[Plant]] = MappingProxyType(
    {
        shape.kind: shape
        for shape in (
            Understaffed,
            ExtraDocuments,
            SlowStep,
            Approval,
            Surcharge,
            Favouritism,
            BadOfficers,
            DuplicateApproval,
            PingPong,
            Repeated,
            Inserted,
            Skipped,
            WrongOrder,
            FastLane,
            SizeEffect,
            SlowOffice,
            SlowOfficer,
            BusySeason,
            IncompleteFiles,
            Strike,
            Batches,
            Concurrent,
        )
    }
)

_READ: Mapping[Any, tuple[str, Callable[[str], Any]]] = MappingProxyType(
    {
        str: ("a name", str),
        int: ("a whole number", int),
        float: ("a number", float),
        date: ("a date such as 2025-06-02", date.fromisoformat),
        tuple[str, ...]: (
            "names joined by >",
            lambda text: tuple(part.strip() for part in text.split(">")),
        ),
    }
)


def parse_plant(text: str) -> Plant:
    """Read `kind` or `kind:field=value,field=value`; UsageError names what is allowed.

    >>> parse_plant("understaffed:activity=Review zoning,factor=0.6")
    Understaffed(activity='Review zoning', factor=0.6)
    >>> parse_plant("ping-pong:activities=Review zoning>Inspect site,share=0.2").share
    0.2
    """
    kind, _, rest = text.strip().partition(":")
    shape = PLANTS.get(kind.strip())
    if shape is None:
        raise UsageError(f"there is no plant {kind!r}; known are {', '.join(PLANTS)}")
    hints = get_type_hints(shape)
    fields = [field.name for field in dataclasses.fields(shape)]
    given: dict[str, Any] = {}
    for part in filter(None, (piece.strip() for piece in rest.split(","))):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or name not in fields:
            raise UsageError(
                f"plant {kind}: {part!r} is not understood; expected field=value with "
                f"{', '.join(fields)}"
            )
        if name in given:
            raise UsageError(f"plant {kind}: {name} is given twice")
        expected, read = _READ[hints[name]]
        try:
            given[name] = read(value)
        except ValueError as error:
            raise UsageError(f"plant {kind}: {name} is {value!r}; expected {expected}") from error
    return shape(**given)


def concern(plants: Sequence[Plant], k: int) -> str:
    """The name under which chance is drawn for the plant at place `k`, whatever others there are.

    >>> concern([Repeated(), Skipped(), Repeated()], 2)
    'repeated 1'
    """
    kind = plants[k].kind
    return f"{kind} {sum(before.kind == kind for before in plants[:k])}"


def described(plant: Plant) -> dict[str, Any]:
    """The kind and the parameters as JSON can hold them."""
    parameters = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in dataclasses.asdict(plant).items()
    }
    return {"kind": plant.kind, "parameters": parameters}
