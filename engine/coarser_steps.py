"""Which activities are always done together, right after each other: one step under many names."""

import numpy as np

from eventlog.kernels import Int32s, Int64s
from eventlog.log import Log
from miners.durations import Floats

ALWAYS = 0.99
"""The share of executions that have the other right beside them."""
ENOUGH = 20
"""Activities with fewer executions may be together by accident."""
_NOBODY = -1


def always_together(log: Log, applicants: frozenset[str]) -> list[tuple[str, ...]]:
    """The groups of activities that nearly never come without each other; the commonest first.

    Two belong together where at least `ALWAYS` of the executions of each have one of the other
    right before or after them; so do all that are joined in this way. What `applicants` do belongs
    to nothing else: the time until they answer is theirs, and would be lost. Within a group the
    names stand in the order in which the steps are done, groups by how often.

    >>> from eventlog.letters import log
    >>> cases = (f"{n}: a b c" if n % 2 else f"{n}: a b d c" for n in range(40))
    >>> always_together(log(*cases), frozenset())
    [('a', 'b')]
    """
    done, labels = log.executions, log.activity.vocabulary.labels
    size, code = len(labels), done.activity
    times = np.bincount(code, minlength=size)
    # A neighbour of the same name on both sides is one neighbour.
    before, after = _neighbours(done.offsets, code)
    after[after == before] = _NOBODY
    own = np.concatenate([code, code]).astype(np.int64)
    other = np.concatenate([before, after])
    pairs, count = np.unique((own * size + other)[other != _NOBODY], return_counts=True)
    a, b = np.divmod(pairs, max(size, 1))
    office = np.array([label not in applicants for label in labels], bool)
    always = (count >= ALWAYS * times[a]) & (times[a] >= ENOUGH) & (a != b) & office[a] & office[b]
    joined = {(int(x), int(y)) for x, y in zip(a[always], b[always], strict=True)}
    both = sorted((x, y) for x, y in joined if x < y and (y, x) in joined)
    place = _mean_places(done.offsets, code, size)
    groups = _components(both, size)
    groups.sort(key=lambda group: (-int(times[group].sum()), min(labels[one] for one in group)))
    return [
        tuple(labels[one] for one in sorted(group, key=lambda one: (place[one], labels[one])))
        for group in groups
    ]


def _neighbours(offsets: Int64s, code: Int32s) -> tuple[Int32s, Int32s]:
    """The activities right before and right after each execution; [executions] each."""
    before, after = np.full(len(code), _NOBODY, np.int32), np.full(len(code), _NOBODY, np.int32)
    begins = np.zeros(len(code), bool)
    begins[offsets[:-1][np.diff(offsets) > 0]] = True
    later = np.flatnonzero(~begins)
    before[later] = code[later - 1]
    after[later - 1] = code[later]
    return before, after


def _mean_places(offsets: Int64s, code: Int32s, size: int) -> Floats:
    """How far into its case each activity is done on average; [activities]."""
    places = np.arange(len(code)) - np.repeat(offsets[:-1], np.diff(offsets))
    return np.bincount(code, places, size) / np.maximum(np.bincount(code, minlength=size), 1)


def _components(pairs: list[tuple[int, int]], size: int) -> list[list[int]]:
    """The groups that these pairs join, each in ascending order."""
    root = list(range(size))
    for x, y in pairs:
        low, high = sorted((root[x], root[y]))
        root = [low if one == high else one for one in root]
    members: dict[int, list[int]] = {}
    for one, of in enumerate(root):
        members.setdefault(of, []).append(one)
    return [group for group in members.values() if len(group) > 1]
