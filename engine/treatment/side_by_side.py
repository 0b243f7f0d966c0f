"""Does pieces of work side by side, as many at a time as there are processors."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Found = TypeVar("Found")


def side_by_side(work: Iterable[Callable[[], Found]]) -> Iterator[Found]:
    """What each piece of work finds, in their order.

    Pieces are taken up one after the other as others are done, so that what they hold is held for
    few of them at a time. They must spend their time where Python lets go of its lock.
    """
    most = os.cpu_count() or 1
    waiting = deque[Future[Found]]()
    with ThreadPoolExecutor(most) as threads:
        for piece in work:
            waiting.append(threads.submit(piece))
            del piece
            if len(waiting) > most:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
