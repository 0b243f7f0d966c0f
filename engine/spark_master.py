"""Whether the head of a Spark cluster is there, asked before Spark is: Spark waits for minutes."""

import re
import socket
from concurrent.futures import ThreadPoolExecutor

from eventlog.errors import RetryError, UsageError

# All heads are asked at once, so this is also the longest that asking takes.
PATIENCE_SECONDS = 10.0
_ADDRESS = re.compile(r"(\[[0-9A-Fa-f:]+\]|[^\s:,/\[\]]+):(\d{1,5})")


def require_reachable(master: str | None, *, patience: float = PATIENCE_SECONDS) -> None:
    """RetryError where nobody listens at any address of `master` within `patience` seconds.

    Looks at `spark://host:port[,host:port…]` and `k8s://[https://]host[:port]`; other masters are
    on this machine (local[*]) or found by Spark's own configuration (yarn). UsageError where an
    address is none.
    """
    known = addresses(master)
    if not known:
        return
    with ThreadPoolExecutor(len(known)) as pool:
        refusals = list(pool.map(lambda one: _refusal(one, patience), known))
    if all(refusals):
        said = ", ".join(
            f"{host}:{port} ({why})" for (host, port), why in zip(known, refusals, strict=True)
        )
        raise RetryError(
            f"no Spark master answers at {said}; start the cluster, or name the machine that leads "
            "it with --master, e.g. spark://host:7077; --engine local needs no cluster"
        )


def addresses(master: str | None) -> list[tuple[str, int]]:
    """Where a master listens, as host and port; nothing where that cannot be read from its name.

    >>> addresses("spark://one:7077,two:7077")
    [('one', 7077), ('two', 7077)]
    >>> addresses("k8s://https://head"), addresses("local[*]"), addresses("yarn")
    ([('head', 443)], [], [])
    """
    kind, _, rest = (master or "").partition("://")
    if kind == "spark":
        listed = rest.split(",")
    elif kind == "k8s":
        scheme, _, named = rest.rpartition("://")
        place = named.partition("/")[0]
        bare = place.rpartition(":")[2].isdigit()
        listed = [place if bare else f"{place}:{80 if scheme == 'http' else 443}"]
    else:
        return []
    found = []
    for one in listed:
        match = _ADDRESS.fullmatch(one)
        if match is None or not 0 < int(match[2]) < 2**16:
            raise UsageError(
                f'--master is "{master}"; expected an address such as spark://host:7077 or '
                "k8s://https://host:6443"
            )
        found.append((match[1].strip("[]"), int(match[2])))
    return found


def _refusal(address: tuple[str, int], patience: float) -> str:
    """Why nobody can be connected to there; empty where somebody can."""
    try:
        socket.create_connection(address, timeout=patience).close()
    except OSError as error:
        return str(error.strerror or error)
    return ""
