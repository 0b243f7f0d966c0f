"""What one more officer would change: the log's own work, done again by so many officers."""

import math
from dataclasses import dataclass
from typing import Literal

import numba
import numpy as np

from eventlog.kernels import Int64s

Reason = Literal["few items", "service unknown", "other causes", "does not fit"]

FEWEST_ITEMS = 50
# The latest work of a crew that is done again; more changes the answer little and takes time.
LATEST = 100_000


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """The mean wait with one officer more; None, and `reason`, where nobody can say.

    `officers` is how many would have made files wait as long as they did, `ratio` the wait with
    one more over the wait with these, `wait` the mean wait that would be left, in the unit in which
    the wait was told; `needed` is the fewest officers that keep up with what comes in.
    """

    officers: float | None
    needed: int
    ratio: float | None
    wait: float | None
    reason: Reason | None


@dataclass(frozen=True, kw_only=True)
class Again:
    """A crew's work done again; see `Estimate`. `offered` is the work in officers' whole time."""

    officers: float | None
    offered: float
    ratio: float | None
    reason: Reason | None

    def applied(self, wait: float, for_officers: float) -> Estimate:
        """The estimate for a queue of the crew with a mean `wait`.

        `for_officers` is the share of it that officers can shorten (contention, unavailability);
        where that is less than half, nothing is said.
        """
        needed = math.floor(self.offered) + 1
        if self.ratio is None or for_officers < 1 / 2:
            return Estimate(
                officers=self.officers,
                needed=needed,
                ratio=None,
                wait=None,
                reason=self.reason or "other causes",
            )
        return Estimate(
            officers=self.officers,
            needed=needed,
            ratio=self.ratio,
            wait=wait * (1 - for_officers * (1 - self.ratio)),
            reason=None,
        )


def done_again(joined: Int64s, service: Int64s, *, observed: float, offered: float) -> Again:
    """Do the same work with one officer more, first come, first served.

    `joined` (ascending) and `service` [items] are the moments and times in hand as they were, in
    microseconds of the working clock; `observed` is the mean time that these items waited for
    officers, and `offered` the work that comes in, in officers who are always at it. The recursion
    is that of Kiefer and Wolfowitz (1955) on the log's own times, so rushes, seasons and mornings
    are in it, which formulas for steady queues leave out. It is calibrated: as many officers are
    taken as make the files wait as long as they did (between whole numbers, on a log scale), as
    leave and other duties make fewer of those who are there.

    It takes for granted that the same files come at the same moments and take as long, that any
    officer of the unit can take up any of its files, and that the new one is there as often as the
    others.
    """
    if len(joined) < FEWEST_ITEMS:
        return Again(officers=None, offered=offered, ratio=None, reason="few items")
    if not service.any():
        return Again(officers=None, offered=offered, ratio=None, reason="service unknown")

    def wait(servers: int) -> float:
        return float(replayed(joined, service, servers)) / len(joined)

    fewer = max(1, round(offered))
    longest = 4 * fewer + 10
    while fewer > 1 and wait(fewer) < observed:
        fewer -= 1
    while fewer < longest and wait(fewer + 1) >= observed:
        fewer += 1
    waits = [wait(fewer + more) for more in range(3)]
    if observed <= 0 or waits[0] < observed or fewer == longest or waits[2] <= 0:
        return Again(officers=None, offered=offered, ratio=None, reason="does not fit")
    part = math.log(waits[0] / observed) / math.log(waits[0] / waits[1])
    ratio = (waits[1] / waits[0]) ** (1 - part) * (waits[2] / waits[1]) ** part
    return Again(officers=fewer + part, offered=offered, ratio=ratio, reason=None)


@numba.njit(cache=True, nogil=True)
def replayed(joined: Int64s, service: Int64s, servers: int) -> np.int64:
    """The summed wait of items served in the order of `joined` by so many servers."""
    free = np.full(servers, joined[0], np.int64)  # a heap: the first is free first
    total = np.int64(0)
    for item in range(joined.size):
        begins = max(free[0], joined[item])
        total += begins - joined[item]
        until = begins + service[item]
        place = 0
        while True:
            child = 2 * place + 1
            if child >= servers:
                break
            if child + 1 < servers and free[child + 1] < free[child]:
                child += 1
            if free[child] >= until:
                break
            free[place] = free[child]
            place = child
        free[place] = until
    return total
