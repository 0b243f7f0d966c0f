"""What is said of the office's identity provider, without the libraries that talk to it.

Those take a third of a second to load, and most servers have no provider (`oidc` has).
"""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from eventlog.errors import StopError, UsageError
from web.access.proxy import RoleMap
from web.access.trust import is_loopback


@dataclass(frozen=True, kw_only=True)
class ProviderSettings:
    """The identity provider, what it calls this server, and what its words mean here.

    `claim` is where the ID token lists somebody's groups or roles; dots lead into objects.
    """

    issuer: str
    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    roles: RoleMap
    claim: str = "groups"
    name_claim: str = "preferred_username"
    scope: str = "openid profile"

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        parts = urlsplit(self.issuer)
        if parts.scheme != "https" and not (
            parts.scheme == "http" and is_loopback(parts.hostname or "")
        ):
            raise UsageError(
                f'the identity provider is "{self.issuer}"; expected an address that begins with '
                'https, e.g. "https://login.example/realms/office"'
            )
        if "openid" not in self.scope.split():
            raise UsageError(f'the scope is "{self.scope}"; it must hold "openid"')
        if not self.client_id:
            raise UsageError("the identity provider knows this server by a client id; give it one")


@dataclass(frozen=True, kw_only=True)
class Journey:
    """What must be known again when somebody comes back from the provider."""

    state: str
    nonce: str
    verifier: str
    target: str


class SignInError(StopError):
    """The provider's answer lets nobody in; the message says why, without secrets."""
