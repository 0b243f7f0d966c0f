"""How applications usually travel, where nobody wrote down how they should."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from eventlog.kernels import Bools, Int32s, Int64s
from miners.detours.marks import Rules
from miners.detours.simple_routes import Paths, Routes, simple_routes
from miners.detours.steps import Steps
from miners.detours.unusual import unusual
from miners.detours.usual_loops import DONE, INSIDE
from miners.detours.usual_rules import (
    AT_LEAST,
    ENOUGH,
    FEW,
    Choices,
    Pairs,
    answering,
    in_order,
    mostly_once,
    nearly_all,
    passed_over,
    plain,
)

ALL = -1
"""The cell of all cases together."""


@dataclass(frozen=True, kw_only=True)
class Usual:
    """What is usual in one stratum (`cell`; ALL: all cases together).

    `decided` of its `cases` are decided; `used` of these took one of the `routes` from which the
    rules are told, the share `covered` of those that came into question. `why` says in sentences
    what the rules are told from, or why there are none.
    """

    cell: int
    cases: int
    decided: int
    used: int
    routes: int
    covered: float
    rules: Rules
    why: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Reference:
    """The usual routes: `which` [cases] is the place in `told` of what is usual for each case."""

    which: Int32s
    told: Sequence[Usual]

    def __post_init__(self) -> None:
        """Refuse places that are not there."""
        places = self.which
        if len(places) and not 0 <= int(places.min()) <= int(places.max()) < len(self.told):
            raise ValueError("a case belongs to a stratum of which nothing is told")


def usual_routes(
    steps: Steps, stratum: Int32s, decided: Bools | None, applicants: frozenset[str]
) -> Reference:
    """Tell what is usual from the simple frequent routes of each stratum.

    `stratum` [cases] is the cell of each case's attributes at entry, -1 where they are unknown;
    `decided` [cases] are the cases that are closed and not withdrawn, None where nobody can tell
    (then all count). A stratum with too few decided cases is judged by all cases together, and
    without enough of these there are no rules. A step of the office is

    - *mandatory* where nearly all simple routes have it, unless the cases without it do something
      else instead (`Choices.instead`) or it mostly lies inside loops;
    - to be done *once* where most decided cases that have it have it once, unless most repetitions
      come after a step of the applicant;
    - *before* another step where nearly all simple routes take the two in this order;
    - not *known* where it is `unusual`.
    """
    paths = Paths.of(steps, decided, applicants)
    together = _look(paths, ALL, paths.filled)
    which = np.zeros(steps.cases, np.int32)
    if together is None:
        return Reference(which=which, told=(_nothing(paths),))
    looks = [together]
    cells = stratum[paths.filled]
    for cell in np.unique(cells[cells >= 0]).tolist():
        look = _look(paths, cell, paths.filled[cells == cell])
        if look is not None:
            which[stratum == cell] = len(looks)
            looks.append(look)
    office = np.array([name not in applicants for name in paths.labels], bool)
    told = _told(paths, looks, stratum, office)
    remarks = _remarks(which[paths.filled], strata=len(looks) - 1, known=decided is not None)
    return Reference(which=which, told=[replace(told[0], why=(*told[0].why, *remarks)), *told[1:]])


def _remarks(which: Int32s, *, strata: int, known: bool) -> Iterator[str]:
    """What else is to be said of all cases together; `which` [cases] is what each is judged by."""
    if not known:
        yield "nothing says what closes a case, so that open ones count as decided"
    if strata:
        left = int(np.count_nonzero(which == 0))
        yield f"{left:,} cases of small or unknown strata are judged by this"


@dataclass(frozen=True, kw_only=True, eq=False)
class _Look:
    """What the cases of one stratum do: `members`, those of them `decided`, and simple `routes`.

    Habits have shape [labels, 9]; pairs are counted over the routes and over all decided cases.
    """

    cell: int
    members: int
    decided: int
    routes: Routes
    of_decided: Int64s
    of_routes: Int64s
    on_routes: Pairs
    on_decided: Pairs

    def asked(self, rows: Int64s, office: Bools) -> Bools:
        """Which steps nearly all simple routes have, as a step on the way; [rows]."""
        having = self.on_routes.having
        looping = 2 * self.of_routes[rows, INSIDE] > self.of_routes[rows, DONE]
        every = nearly_all(having, np.full(len(having), self.on_routes.cases))
        return np.asarray(every & office[rows] & ~looping)


def _look(paths: Paths, cell: int, members: Int64s) -> _Look | None:
    decided = np.intersect1d(members, paths.decided, assume_unique=True)
    routes = simple_routes(paths, decided)
    if routes is None:
        return None
    return _Look(
        cell=cell,
        members=len(members),
        decided=len(decided),
        routes=routes,
        of_decided=paths.habits(decided),
        of_routes=paths.habits(routes.cases),
        on_routes=paths.pairs(routes.cases),
        on_decided=paths.pairs(decided),
    )


def _told(paths: Paths, looks: Sequence[_Look], stratum: Int32s, office: Bools) -> list[Usual]:
    """The rules of each look, the first of which is at all cases together."""
    together, rows = looks[0], paths.rows
    asked = [look.asked(rows, office) for look in looks]
    # What a few cases of a stratum do instead shows only where all strata are taken together.
    apart = Choices.sum(
        [Choices.of(look.on_decided, each) for look, each in zip(looks, asked, strict=True)][1:]
    )
    strange = unusual(paths, stratum, together.on_decided, office=office, mandatory=asked[0])
    answered = answering(paths.habits(paths.filled))
    given_up, usual = _after_giving_up(paths), ~strange[rows]
    told = []
    for look, each in zip(looks, asked, strict=True):
        own = Choices.of(look.on_decided, each)
        free = own.instead.any(axis=1) | (apart.instead.any(axis=1) if apart else False)
        once = mostly_once(look.of_decided, together.of_decided)
        order = in_order(look.on_routes, together.on_routes, together.on_decided) & office[rows]
        order &= ~(each[:, None] & given_up) & usual[:, None] & usual
        left_out = each & ~free & passed_over(own, order)
        told.append(
            Usual(
                cell=look.cell,
                cases=look.members,
                decided=look.decided,
                used=len(look.routes.cases),
                routes=look.routes.routes,
                covered=look.routes.covered,
                rules=Rules(
                    mandatory=_names(paths, rows[left_out]),
                    once=_names(paths, np.flatnonzero(once & ~answered & office)),
                    order=tuple(
                        (paths.labels[rows[a]], paths.labels[rows[b]])
                        for a, b in np.argwhere(plain(order, look.on_routes)).tolist()
                    ),
                    known=_names(paths, np.flatnonzero(~strange)),
                ),
                why=(look.routes.why,),
            )
        )
    return told


def _after_giving_up(paths: Paths) -> Bools:
    """Where the step of the row is often wanting before that of the column; [rows, rows].

    Told by cases that are not decided: they are filed away too, without a decision, and nobody has
    left that out.
    """
    pairs = paths.pairs(np.setdiff1d(paths.filled, paths.decided, assume_unique=True))
    having = pairs.having[None, :]
    return np.asarray((having >= FEW) & (pairs.both < AT_LEAST * having))


def _nothing(paths: Paths) -> Usual:
    why = f"only {len(paths.decided):,} cases are decided; it takes {ENOUGH} to tell what is usual"
    return Usual(
        cell=ALL,
        cases=len(paths.filled),
        decided=len(paths.decided),
        used=0,
        routes=0,
        covered=0.0,
        rules=Rules(),
        why=(why,),
    )


def _names(paths: Paths, codes: Int64s) -> frozenset[str]:
    return frozenset(paths.labels[code] for code in codes.tolist())
