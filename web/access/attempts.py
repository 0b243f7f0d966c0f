"""How often somebody tried to sign in and failed, so that guessing does not pay."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv6Address

from web.access.trust import address

_IPV6_SHIFT = 64  # one household or office has 2^64 addresses of its own


@dataclass(kw_only=True)
class Attempts:
    """Failed sign-ins of the last minutes per address, in the memory of this process."""

    most: int = 10
    within: timedelta = timedelta(minutes=10)
    addresses: int = 10_000
    clock: Callable[[], float] = time.monotonic
    _failed: OrderedDict[str, deque[float]] = field(default_factory=OrderedDict, repr=False)

    def wait(self, client: str) -> int:
        """Seconds until this address may try again; 0 when it may now."""
        failed = self._recent(_place(client))
        if failed is None or len(failed) < self.most:
            return 0
        return max(1, round(failed[0] + self.within.total_seconds() - self.clock()))

    def failed(self, client: str) -> None:
        """Remember that this address failed just now; the address unseen longest is forgotten."""
        place = _place(client)
        times = self._failed.setdefault(place, deque(maxlen=self.most))
        times.append(self.clock())
        self._failed.move_to_end(place)
        if len(self._failed) > self.addresses:
            self._failed.popitem(last=False)

    def _recent(self, place: str) -> deque[float] | None:
        times = self._failed.get(place)
        if times is None:
            return None
        since = self.clock() - self.within.total_seconds()
        while times and times[0] <= since:
            times.popleft()
        if not times:
            del self._failed[place]
        return times


def _place(client: str) -> str:
    found = address(client)
    if isinstance(found, IPv6Address):
        return f"{int(found) >> _IPV6_SHIFT:x}"
    return client
