"""Unequal treatment in the order in which a reform team reads it: what was found, how sure it is.

Sentences are those of the findings (`engine.treatment.words`), said of the numbers that may be
told.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from engine.numerals import Language
from engine.treatment.words import gaps as equity_wording
from engine.treatment.words import order as favouritism_wording
from engine.treatment.words import remarks as equity_remarks
from engine.treatment.words.figures import Compared
from engine.treatment.words.phrases import attribute_called, listed
from reports.contents.equity import Equity, Gap
from reports.contents.favour import Favouritism, Picked
from reports.withheld.told_equity import Called, favoured_told, gap_told
from reports.words.names import Names

MOST_DRAWN = 5
"""So many gaps get a picture; the others a line each."""
_SEVERITIES = ("high", "medium", "low")
GATE, PICKED = "gate", "picked"
"""Questions beside the measures: who passes a gate, and in what order files are picked."""


@dataclass(frozen=True, kw_only=True)
class DrawnGap:
    """A gap, its sentence, what it goes along with, how sure it is, and what else must be known."""

    gap: Gap
    lead: str
    carried: str
    sure: str
    remarks: str


@dataclass(frozen=True, kw_only=True)
class Order:
    """Who is picked sooner or later, and the sentence for it."""

    picked: Picked
    words: str


@dataclass(frozen=True, kw_only=True)
class Silent:
    """What was compared by one measure and is not told, whichever attributes it was between.

    `question` is a measure, GATE or PICKED; `between` are the attributes, of which each is two
    where they are `crossed`; `comparisons` how many, of which `untested` could not be tested; the
    others would have seen gaps from `least` to `most` on, in `unit`.
    """

    question: str
    crossed: bool
    between: tuple[str, ...]
    unit: str
    comparisons: int
    untested: int
    least: float | None
    most: float | None


@dataclass(frozen=True, kw_only=True)
class Treatment:
    """The section: gaps worst first, the first of them with a picture, and what is not told.

    `alike` is in what applications are comparable; empty where nothing is.
    """

    alike: str

    drawn: tuple[DrawnGap, ...]
    further: tuple[DrawnGap, ...]
    order: tuple[Order, ...]
    ways: tuple[str, ...]
    silent: tuple[Silent, ...]


def treatment_of(
    equity: Equity | None, favouritism: Favouritism | None, names: Names, language: Language
) -> Treatment:
    """The section of what may be told, in a language."""
    called = {code: {str(language): label} for code, label in names.items()}
    told = sorted((one for one in equity.every if one.told), key=_worst) if equity else []
    gaps = [_drawn(one, equity, called, language) for one in told if equity]
    picked = favouritism.groups if favouritism else ()
    order = [
        Order(
            picked=one,
            words=favouritism_wording.favoured(favoured_told(one, favouritism, equity), called)[
                language
            ].removesuffix(favouritism_wording.NOT_WHY[language]),
        )
        for one in picked
        if favouritism and one.told and one.positions and one.positions.low is not None
    ]
    return Treatment(
        alike=_alike(equity, called, language) if equity else "",
        drawn=tuple(gaps[:MOST_DRAWN]),
        further=tuple(gaps[MOST_DRAWN:]),
        order=tuple(order),
        ways=tuple(
            equity_wording.routes_differ(one.attribute, called)[language].strip()
            for one in (equity.ways if equity else ())
            if one.differ
        ),
        silent=tuple(_silent(equity.every if equity else (), picked, called, language)),
    )


def _alike(equity: Equity, called: Called, language: Language) -> str:
    found = {"compared_on": list(equity.compared_on)}
    return equity_wording.alike_in(Compared.read(found, ()), language, called)


def _worst(one: Gap) -> tuple[int, float]:
    """Severity first, then how many days or applications it is in all."""
    place = _SEVERITIES.index(one.severity) if one.severity in _SEVERITIES else len(_SEVERITIES)
    return place, -abs(one.entry.value * one.cases) if one.entry else 0.0


def _drawn(one: Gap, equity: Equity, called: Called, language: Language) -> DrawnGap:
    told = gap_told(one, equity)
    lead = equity_wording.lead(told, called)[language]
    by_process = equity_remarks.by_process(told)[language]
    where = equity_remarks.edges(told, called)[language]
    alike = equity_wording.alike(told, called)[language]
    followed = equity_wording.followed(told)[language]
    halves = equity_remarks.halves(told.in_both_halves)[language]
    robust = equity_remarks.robust(told, called)[language]
    together = equity_remarks.together(told, called)[language]
    rest = (equity_remarks.direct(told, called), equity_remarks.tariff(told))
    return DrawnGap(
        gap=one,
        lead=lead,
        carried=(where + by_process + together).strip(),
        sure=(alike + followed + halves + robust).strip(),
        remarks="".join(part[language] for part in rest).strip(),
    )


def _silent(
    gaps: Iterable[Gap], picked: Iterable[Picked], called: Called, language: Language
) -> list[Silent]:
    """What was not told, a line for each question, and one where two attributes meet."""
    rows: dict[tuple[str, bool, str], list[tuple[str, float | None]]] = {}
    for gap in gaps:
        if not gap.told:
            gate = gap.measure == "outcome" and gap.activity is not None
            key = (GATE if gate else gap.measure, "+" in gap.attribute, gap.unit)
            rows.setdefault(key, []).append((gap.attribute, gap.smallest_seen))
    for one in picked:
        if not one.told:
            row = rows.setdefault((PICKED, False, "positions"), [])
            row.append((one.attribute, one.smallest_seen))
    told = []
    for (question, crossed, unit), seen in rows.items():
        known = [value for _, value in seen if value is not None]
        between = [
            listed([attribute_called(part, language, called) for part in name.split("+")], language)
            for name in dict.fromkeys(name for name, _ in seen)
        ]
        told.append(
            Silent(
                question=question,
                crossed=crossed,
                between=tuple(between),
                unit=unit,
                comparisons=len(seen),
                untested=len(seen) - len(known),
                least=min(known, default=None),
                most=max(known, default=None),
            )
        )
    return told
