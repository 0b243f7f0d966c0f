"""Who is asking, what they may see at most, and which addresses ask for how much.

An address says itself what it needs (`needs`, `anyone`); one that says nothing is closed.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Literal, TypeVar

from starlette.routing import BaseRoute, Mount, Route

from eventlog.errors import UsageError
from reports.language import say

How = Literal["local", "token", "proxy", "oidc"]
"""By which way somebody came in."""


class Role(IntEnum):
    """How much somebody may see; a higher role may see all that a lower one may."""

    VIEWER = 1
    ANALYST = 2
    AUDITOR = 3

    @property
    def label(self) -> str:
        """The role's name in the language spoken."""
        return {
            Role.VIEWER: say("viewer"),
            Role.ANALYST: say("analyst"),
            Role.AUDITOR: say("auditor"),
        }[self]


ANYONE: Final = 0
"""What an address needs that is open before signing in: less than any role."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who came in: the name to be written in the audit log, the role, and the way."""

    name: str
    role: Role
    how: How

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        if not self.name.strip() or not self.name.isprintable():
            raise ValueError(f"the name {self.name!r} is empty or holds control characters")


def role_named(text: str) -> Role:
    """The role called so, in small letters or capitals; UsageError names those there are.

    >>> role_named("analyst")
    <Role.ANALYST: 2>
    """
    try:
        return Role[text.strip().upper()]
    except KeyError:
        names = ", ".join(role.name.lower() for role in Role)
        raise UsageError(f'"{text}" is not a role; expected one of {names}') from None


Endpoint = TypeVar("Endpoint")


def needs(role: Role) -> Callable[[Endpoint], Endpoint]:
    """Mark an endpoint, or the app of a Mount: only whoever has at least this role gets in."""
    return _marked(int(role))


def anyone(endpoint: Endpoint) -> Endpoint:
    """Mark an endpoint, or the app of a Mount, as open to all, signed in or not."""
    return _marked(ANYONE)(endpoint)


def _marked(least: int) -> Callable[[Endpoint], Endpoint]:
    def mark(endpoint: Endpoint) -> Endpoint:
        endpoint.least_role = least  # type: ignore[attr-defined]  # functions and apps are open
        return endpoint

    return mark


def least_role(route: BaseRoute) -> int | None:
    """The least role that the route asks for, `ANYONE`, or None for one without a mark."""
    target = getattr(route, "endpoint", None) or getattr(route, "app", None)
    least = getattr(target, "least_role", None)
    return least if isinstance(least, int) else None


def unmarked(routes: Iterable[BaseRoute], under: str = "") -> list[str]:
    """The addresses of all routes without a mark; whoever serves an app wants none.

    A Mount of marked routes needs no mark of its own.
    """
    found = []
    for route in routes:
        path = under + str(getattr(route, "path", ""))
        if least_role(route) is not None:
            continue
        if isinstance(route, Mount) and route.routes:
            found += unmarked(route.routes, path)
        else:
            found.append(path if isinstance(route, Route | Mount) else f"{path} {route!r}")
    return found
