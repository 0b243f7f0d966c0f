"""Those whom a proxy of the office has already asked who they are."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.requests import HTTPConnection

from eventlog.errors import UsageError
from web.access.roles import Person, Role, role_named
from web.access.trust import Trust


@dataclass(frozen=True, kw_only=True)
class RoleMap:
    """Which groups of the office have which role here.

    `otherwise` is what somebody gets who is in none of them: a role, or None for no entry.
    """

    roles: Mapping[str, Role] = field(default_factory=dict)
    otherwise: Role | None = None

    def __post_init__(self) -> None:
        """Refuse a map by which nobody gets in."""
        if not self.roles and self.otherwise is None:
            raise UsageError(
                "no group has a role, so nobody could get in: name some, as in "
                '"permit-audit=auditor, reform-team=analyst", or set RUNUT_SERVE_OTHERWISE=viewer'
            )

    def role(self, groups: list[str]) -> Role | None:
        """The highest role that the groups give."""
        return max((self.roles[name] for name in groups if name in self.roles), default=None) or (
            self.otherwise
        )


def parse_role_map(text: str, otherwise: str) -> RoleMap:
    """The map in "permit-audit=auditor, reform-team=analyst"; UsageError names what is wrong.

    `otherwise` is a role or "refused".
    """
    roles = {}
    for part in filter(None, (word.strip() for word in text.split(","))):
        group, equals, role = part.rpartition("=")
        if not (group.strip() and equals):
            raise UsageError(f'"{part}" gives no role; expected e.g. "permit-audit=auditor"')
        roles[group.strip()] = role_named(role)
    return RoleMap(roles=roles, otherwise=None if otherwise == "refused" else role_named(otherwise))


@dataclass(frozen=True, kw_only=True)
class ProxyHeader:
    """The name and the groups that a believed proxy writes into headers of each request.

    The proxy must set both itself, whatever the visitor sent. A header that stands there twice is
    not believed: one of the two may be the visitor's.
    """

    trust: Trust
    roles: RoleMap
    user_header: str = "X-Forwarded-User"
    groups_header: str = "X-Forwarded-Groups"

    def person(self, request: HTTPConnection) -> Person | None:
        """Whoever the proxy names, if it is a proxy that is believed."""
        users = request.headers.getlist(self.user_header)
        groups = request.headers.getlist(self.groups_header)
        if not self.trust.believes(request.scope) or len(users) != 1 or len(groups) > 1:
            return None
        # Servers hand headers over as Latin-1; names with accents are UTF-8 inside.
        name = _text(users[0])
        role = self.roles.role([word.strip() for word in _text(",".join(groups)).split(",")])
        if role is None or not name or not name.isprintable():
            return None
        return Person(name=name, role=role, how="proxy")


def _text(value: str) -> str:
    try:
        return value.encode("latin-1").decode("utf-8").strip()
    except UnicodeError:
        return value.strip()
