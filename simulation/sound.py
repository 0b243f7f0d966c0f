"""Refuses a plant that no office could grow, and says what would be allowed."""

from typing import Any

from eventlog.errors import UsageError
from simulation.process import GROUPS


def share(plant: Any, name: str) -> None:
    """The field lies from 0 to 1."""
    value = getattr(plant, name)
    if not 0 <= value <= 1:
        raise UsageError(f"plant {plant.kind}: {name} is {value}; expected a share from 0 to 1")


def above(plant: Any, name: str, least: float) -> None:
    """The field is greater than `least`."""
    value = getattr(plant, name)
    if not value > least:
        raise UsageError(f"plant {plant.kind}: {name} is {value}; expected a number above {least}")


def whole(plant: Any, name: str) -> None:
    """The field is a whole number from 1 on."""
    value = getattr(plant, name)
    if not isinstance(value, int) or value < 1:
        raise UsageError(f"plant {plant.kind}: {name} is {value}; expected a whole number from 1")


def one_of(plant: Any, name: str, allowed: tuple[str, ...], *, count: int = 1) -> None:
    """The field is one of `allowed`, or `count` different ones of them."""
    value = getattr(plant, name)
    values = (value,) if isinstance(value, str) else value
    if len(set(values)) != count or not set(values) <= set(allowed):
        wanted = "one" if count == 1 else f"{count} different ones"
        raise UsageError(
            f"plant {plant.kind}: {name} is {' > '.join(values)!r}; "
            f"expected {wanted} of {', '.join(allowed)}"
        )


def group(plant: Any) -> None:
    """`attribute` is known and takes the value `group`."""
    if plant.attribute not in GROUPS:
        raise UsageError(
            f"plant {plant.kind}: attribute is {plant.attribute!r}; "
            f"expected one of {', '.join(GROUPS)}"
        )
    one_of(plant, "group", GROUPS[plant.attribute])
