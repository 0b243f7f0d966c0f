"""What is believed of a request: where it came from, and by which name this server was called."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from starlette.datastructures import Headers
from starlette.types import Scope

from eventlog.errors import UsageError

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

FORWARDED = ("forwarded", "via", "x-real-ip", "x-forwarded-for", "x-forwarded-host")
"""Headers by which a proxy shows itself, besides `x-forwarded-proto`, which is read here."""


def parse_networks(text: str) -> tuple[Network, ...]:
    """The networks in "10.0.0.0/8, 127.0.0.1"; UsageError for what is none, or is everybody."""
    found = []
    for part in filter(None, (word.strip() for word in text.split(","))):
        try:
            network = ip_network(part)
        except ValueError as error:
            raise UsageError(
                f'"{part}" is not a network; expected e.g. "10.1.2.0/24" or "127.0.0.1" ({error})'
            ) from None
        if not network.prefixlen:
            raise UsageError(
                f'"{part}" is everybody; name the addresses of your proxies, e.g. "10.1.2.3"'
            )
        found.append(network)
    return tuple(found)


def address(text: str) -> Address | None:
    """The IP address in the text, IPv4 written as IPv6 unwrapped; None for anything else."""
    try:
        found = ip_address(text.strip().strip("[]"))
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found


def is_loopback(host: str) -> bool:
    """Whether the name or address can only mean this machine."""
    if host.lower().rstrip(".") == "localhost":
        return True
    found = address(host)
    return found is not None and found.is_loopback


def host_of(headers: Headers) -> str:
    """The name in the Host header, without its port; empty when there is none, or several."""
    hosts = headers.getlist("host")
    if len(hosts) != 1:
        return ""
    host = hosts[0].strip()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def within(host: str, networks: Iterable[Network]) -> bool:
    """Whether the address lies in one of the networks."""
    found = address(host)
    return found is not None and any(found in network for network in networks)


@dataclass(frozen=True, kw_only=True)
class Trust:
    """The proxies that are believed when they say for whom, and how, they ask."""

    networks: tuple[Network, ...] = ()

    def believes(self, scope: Scope) -> bool:
        """Whether the request itself, not what it says, comes from one of the proxies."""
        return within(_peer(scope), self.networks)

    def seen(self, scope: Scope, *, private: Sequence[str] = ()) -> Scope:
        """The request as it was before the proxies: scheme and client address; a new scope.

        What proxies say, and the `private` headers besides, are gone from it, believed or not: so
        that nobody further in can believe them by mistake.
        """
        headers = Headers(scope=scope)
        told = dict(scope)
        if self.believes(scope):
            schemes = [word.strip() for word in headers.get("x-forwarded-proto", "").split(",")]
            if schemes[-1] in {"http", "https"}:
                told["scheme"] = schemes[-1]
            told["client"] = (self._before(headers, _peer(scope)), 0)
        hidden = {name.lower().encode() for name in (*FORWARDED, "x-forwarded-proto", *private)}
        told["headers"] = [pair for pair in scope["headers"] if pair[0].lower() not in hidden]
        return told

    def _before(self, headers: Headers, peer: str) -> str:
        """The nearest address that is no proxy of ours; what stands left of it may be made up."""
        hops = ",".join(headers.getlist("x-forwarded-for")).split(",")
        for hop in reversed([word.strip() for word in hops]):
            found = address(hop)
            if found is None:
                return peer
            peer = str(found)
            if not within(peer, self.networks):
                return peer
        return peer


def _peer(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""
