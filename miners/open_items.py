"""What lies on somebody's desk now: the work that each open application waits for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from eventlog.coded import Coded, Vocabulary
from eventlog.definition import Definition
from eventlog.definition_parts import Procedure
from eventlog.kernels import UNKNOWN, Bools, Int8s, Int32s, Int64s
from eventlog.log import Log
from miners.cases import open_cases
from miners.work_items import Items

RULES = ("schedule event", "started", "only next step", "waiting after")
"""How it is known what an open application waits for, in the words of results and alerts."""
SCHEDULED, STARTED, ONLY_NEXT, WAITING_AFTER = range(len(RULES))


@dataclass(frozen=True, kw_only=True, eq=False)
class OpenItems:
    """One row per piece of work that an open case has before it; every column has shape [open].

    `case` is the place of the case in the log; `rule` a place in `RULES`. Under "waiting after",
    `activity` is the step that was completed last and nobody knows what comes next; else it is the
    step that is waited for or in hand. `enabled` is since when the case waits, `started` since
    when the work is in hand (`UNKNOWN`: it is not), microseconds UTC. `item` is the place among
    the work items, -1 where no event of this work exists yet; `resource` and `unit` are unknown
    there too. `activity` may have labels that the log has not.
    """

    case: Int32s
    activity: Coded
    resource: Coded
    unit: Coded
    enabled: Int64s
    started: Int64s
    rule: Int8s
    item: Int64s

    def __post_init__(self) -> None:
        """Refuse columns of unequal length, and rules that nobody knows."""
        columns = (
            *(self.enabled, self.started, self.rule, self.item),
            *(self.activity.codes, self.resource.codes, self.unit.codes),
        )
        if any(len(column) != len(self) for column in columns):
            raise ValueError("the columns of open items differ in length")
        if ((self.rule < 0) | (self.rule >= len(RULES))).any():
            raise ValueError(f"a rule of an open item is not one of {', '.join(RULES)}")

    def __len__(self) -> int:
        """How many there are."""
        return len(self.case)

    @property
    def since(self) -> Int64s:
        """The moment from which each has stood where it stands: in hand, else waiting; [open]."""
        return np.where(self.started != UNKNOWN, self.started, self.enabled)


def open_items(
    items: Items,
    log: Log,
    definition: Definition,
    successors: Iterable[tuple[str, str]],
    *,
    is_open: Bools | None = None,
) -> OpenItems:
    """What the open cases wait for, in the order of cases; nothing where no activity closes one.

    An item that was scheduled or started and not completed is one. A case without any waits for
    the only next step: of the `successors` (pairs of activities that directly follow each other
    anywhere in the log), the one that the procedure's `order` and `once` leave; where none is
    known, of those that the procedure's `order` puts behind the last step. If they leave none
    or several, the case is waiting after its last completed step. `is_open` [cases] says which
    cases are open, where `log` has other activities than the ones that close a case.

    >>> from eventlog.letters import log
    >>> from miners.work_items import work_items
    >>> office = Definition.bare(clock={"closes": ["c"]})
    >>> waiting = log("P: a b c", "Q: a b", "R: a b/start")
    >>> found = open_items(work_items(waiting), waiting, office, [("a", "b"), ("b", "c")])
    >>> sorted(RULES[rule] for rule in found.rule)
    ['only next step', 'started']
    """
    if is_open is None:
        is_open = open_cases(log, definition).fill_null(False).to_numpy(zero_copy_only=False)
    at = np.flatnonzero((items.completed == UNKNOWN) & is_open[items.case])
    told = np.zeros(log.cases, bool)
    told[items.case[at]] = True
    done = log.executions
    silent = np.flatnonzero(is_open & ~told & (np.diff(done.offsets) > 0))
    last = done.offsets[silent + 1] - 1
    names = log.activity.vocabulary.labels
    ways = _ways(successors, definition.procedure, names)
    following = _only_next(log, silent, done.activity[last], ways, definition.procedure)
    known = following >= 0

    def unknown(column: Coded) -> Int32s:
        nobody = np.full(len(silent), -1, np.int32)
        return np.concatenate([column.codes[at], nobody])

    started = items.started[at]
    case = np.concatenate([items.case[at], silent.astype(np.int32)])
    return _in_order(
        OpenItems(
            case=case,
            activity=Coded(
                codes=np.concatenate(
                    [
                        items.activity.codes[at],
                        np.where(known, following, done.activity[last]).astype(np.int32),
                    ]
                ),
                vocabulary=Vocabulary(labels=ways.labels),
            ),
            resource=replace(items.resource, codes=unknown(items.resource)),
            unit=replace(items.unit, codes=unknown(items.unit)),
            enabled=np.concatenate([items.enabled[at], done.timestamp[last]]),
            started=np.concatenate([started, np.full(len(silent), UNKNOWN, np.int64)]),
            rule=np.concatenate(
                [
                    np.where(started != UNKNOWN, STARTED, SCHEDULED),
                    np.where(known, ONLY_NEXT, WAITING_AFTER),
                ]
            ).astype(np.int8),
            item=np.concatenate([at, np.full(len(silent), -1, np.int64)]),
        )
    )


@dataclass(frozen=True, kw_only=True)
class _Ways:
    """Which step may come after which: `source` and `target` [ways] are places in `labels`.

    Ways stand in the order of their sources.
    """

    labels: tuple[str, ...]
    source: Int64s
    target: Int64s


def _ways(
    successors: Iterable[tuple[str, str]], procedure: Procedure | None, names: Sequence[str]
) -> _Ways:
    """What the map has seen; for steps after which it has seen nothing, what the procedure says."""
    pairs = set(successors)
    seen = {source for source, _ in pairs}
    pairs |= {pair for pair in (procedure.order if procedure else ()) if pair[0] not in seen}
    place = {name: code for code, name in enumerate(names)}
    pairs = {pair for pair in pairs if pair[0] in place}  # else no case stands there
    for name in sorted({target for _, target in pairs} - place.keys()):
        place[name] = len(place)
    ends = np.array(sorted((place[a], place[b]) for a, b in pairs), np.int64).reshape(-1, 2)
    return _Ways(labels=tuple(place), source=ends[:, 0], target=ends[:, 1])


def _only_next(
    log: Log, cases: Int64s, last: Int32s, ways: _Ways, procedure: Procedure | None
) -> Int64s:
    """The only step that may come next, after the `last` one of each case; -1: none or several."""
    first = np.searchsorted(ways.source, last)
    many = np.searchsorted(ways.source, last, side="right") - first
    owner = np.repeat(np.arange(len(cases)), many)
    way = np.arange(len(owner)) - np.repeat(np.cumsum(many) - many - first, many)
    target = ways.target[way]
    allowed = _allowed(log, cases[owner], target, ways.labels, procedure)
    left = np.bincount(owner[allowed], minlength=len(cases))
    out = np.full(len(cases), -1, np.int64)
    out[owner[allowed]] = target[allowed]
    return np.where(left == 1, out, -1)


def _allowed(
    log: Log, case: Int64s, target: Int64s, labels: Sequence[str], procedure: Procedure | None
) -> Bools:
    """Whether the procedure lets each case do the target next; all [steps]."""
    out = np.ones(len(case), bool)
    if procedure is None:
        return out
    place = {name: code for code, name in enumerate(labels)}

    def completed(name: str) -> Bools:
        done = log.executions
        rows = np.flatnonzero(done.activity == place.get(name, -1))
        by_case = np.zeros(log.cases, bool)
        by_case[np.searchsorted(done.offsets, rows, side="right") - 1] = True
        return np.asarray(by_case[case])

    for name in procedure.once:
        if name in place:
            out &= (target != place[name]) | ~completed(name)
    for before, after in procedure.order:
        if after in place:
            out &= (target != place[after]) | completed(before)
    return out


def _in_order(found: OpenItems) -> OpenItems:
    """The same rows in the order of cases."""
    order = np.argsort(found.case, kind="stable")
    return OpenItems(
        case=found.case[order],
        activity=found.activity.take(order),
        resource=found.resource.take(order),
        unit=found.unit.take(order),
        enabled=found.enabled[order],
        started=found.started[order],
        rule=found.rule[order],
        item=found.item[order],
    )
