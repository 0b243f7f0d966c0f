"""Writes what was measured of detours into docs/evidence.md, with a plot of costs."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from pathlib import Path

import page
import scores
from measuring import MEANS, Measured
from municipalities import Municipality, Told, in_both, only_here
from offices import ALONE, CLEAN, KINDS, TOGETHER
from picture import plot
from scores import NAMES, Price

from engine.judging import USUAL

_ROWS = 10


def write(
    folder: Path,
    seeds: Sequence[int],
    measured: Sequence[Measured],
    *,
    cases: int,
    compared: Sequence[Municipality],
) -> None:
    """Put the part `detours` into evidence.md in `folder`; write images/evidence-costs.svg."""
    (folder / "images").mkdir(parents=True, exist_ok=True)
    sections = []
    if measured:
        plot(folder / "images" / "evidence-costs.svg", measured)
        sections = [
            _opening(seeds, measured, cases),
            _promises(measured),
            _kinds(measured),
            _costs(measured),
            _totals(measured),
            _clean(measured),
        ]
    sections.append(Path(__file__).with_name("limits.md").read_text("utf-8"))
    if compared:
        sections.append(_municipalities(*compared))
    where = folder / "evidence.md"
    page.place(where, "detours", "\n".join(sections))
    print(f"written: {where}")


def _opening(seeds: Sequence[int], measured: Sequence[Measured], cases: int) -> str:
    many = len({one.name for one in measured}) * len(seeds)
    return f"""# Are detours found, and are their costs right?

Of a simulated office everybody knows which files went astray, and for how many days. Here Runut
looks for detours in {many:,} such offices of {cases:,} applications each.

Made by `make evidence` on {datetime.now(UTC):%Y-%m-%d} with the seeds {min(seeds)} to {max(seeds)}.
None of them was used while Runut was built. Each seed gives three offices: **{TOGETHER}** has all
kinds of detours at once and innocent reasons for delay beside them (large files, slow offices and
officers, fast lanes, batches, incomplete files, steps done side by side); **{ALONE}** has one kind;
**{CLEAN}** has only innocent reasons, strikes too. A planted detour is taken by 4 to 15 % of the
files that come by, and adds 1 to 8 working days. Each office is judged by three means, as a process
file may have it: the rules of `config/processes/building-permit.yaml`; the same procedure drawn,
`config/processes/building-permit.bpmn`; and no procedure at all, only what is usual.

To run it again: `make evidence`, some ten minutes with two processors; with other seeds
`make evidence ARGS="--first 12000 --seeds 20"`.
"""


def _promises(measured: Sequence[Measured]) -> str:
    lines = ["## Promised and measured", "", "| what | target | measured |  |"]
    lines.append("| --- | --- | ---: | --- |")
    lines += [
        f"| {one.what} | {one.target} | {one.measured} | {one.word} |"
        for one in scores.verdicts(measured)
    ]
    return "\n".join([*lines, ""])


def _kinds(measured: Sequence[Measured]) -> str:
    lines = [
        "## Which applications took a detour",
        "",
        "Precision is the share of the applications said to take a detour of the kind that do;",
        "recall is the share of those that do that are found. Counted over all offices, those",
        "without the kind included.",
        "",
    ]
    for by in MEANS:
        lines += [
            f"**By {NAMES[by]}**",
            "",
            "| kind | offices with it | planted cases | precision | recall | lowest recall |",
            "| --- | ---: | ---: | ---: | ---: | ---: |",
        ]
        for name in KINDS:
            one = scores.kind(measured, by, name)
            if one.offices:
                lines.append(
                    f"| {name} | {one.offices} | {one.planted:,} | {_share(one.precision)} | "
                    f"{_share(one.recall)} | {_share(one.worst)} |"
                )
        lines.append("")
    return "\n".join([*lines, *_habits(measured)])


_BOUNDS = (0.0, 0.03, 0.06, 0.09, 0.12, 1.0)


def _habits(measured: Sequence[Measured]) -> list[str]:
    """How the usual routes see less of a detour the commoner it is."""
    spans = list(pairwise(_BOUNDS))
    ends = [f"{low * 100:.0f} to {high * 100:.0f} %" for low, high in spans]
    ends[0], ends[-1] = f"under {_BOUNDS[1] * 100:.0f} %", f"over {_BOUNDS[-2] * 100:.0f} %"
    lines = [
        "By what is usual a detour is seen only while it is rare: what many do is usual. Recall by",
        "how many of all applications of the office took the detour:",
        "",
        f"| kind | {' | '.join(ends)} |",
        f"| --- |{' ---: |' * len(ends)}",
    ]
    for name in KINDS:
        told = [scores.rare(measured, USUAL, name, least=low, most=high) for low, high in spans]
        if any(offices for offices, _ in told):
            lines.append(f"| {name} | {' | '.join(_share(share) for _, share in told)} |")
    return [*lines, ""]


def _costs(measured: Sequence[Measured]) -> str:
    lines = """## What a detour costs

Working days that a detour adds to each application that takes it; the truth should lie in the 95 %
interval in at least 90 % of the offices. The truth is what it added to files that no other detour
held up at the same time. An office is *priced* if Runut gives an interval at all. Beside it the
naive figure: how much longer applications with the detour took, from the first event to the last,
than those without (Welch's interval; it is told who took the detour).

![Estimated against planted days, by kind](images/evidence-costs.svg)

Rules: each line is the interval of one office, red where it misses the truth.
""".splitlines()
    heads = "| kind | offices | true days | priced | truth in the interval | off by | width |"
    means = [(f"By {NAMES[by]}", partial(scores.price, measured, by)) for by in MEANS]
    for title, price in (*means, ("Naive", partial(scores.naive, measured))):
        lines += [
            "",
            f"**{title}**",
            "",
            heads,
            "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        ]
        prices = ((name, price(name)) for name in KINDS)
        lines += [
            f"| {name} | {one.offices} | {one.days:.1f} | {one.priced} | {_spread(one, 2)} |"
            for name, one in prices
            if one.offices
        ]
    return "\n".join([*lines, ""])


def _totals(measured: Sequence[Measured]) -> str:
    lines = """## All detours of an office together

Case-days that all detours add, in offices with several kinds (and none left out, which saves days).
A stretch of time in which a file takes two detours counts once in the truth, and should in Runut's
total.

| judged by | offices | true case-days | priced | truth in the interval | off by | width |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
""".splitlines()
    for by in MEANS:
        one = scores.total(measured, by)
        lines.append(
            f"| {NAMES[by]} | {one.offices} | {one.days:,.0f} | {one.priced} | {_spread(one, 0)} |"
        )
    chosen = [one for one in measured if scores.summed(one)]
    if chosen:
        twice = sum(one.summed for one in chosen) / len(chosen)
        lines += ["", f"With overlaps counted twice the truth would be {twice:,.0f} on average."]
    return "\n".join([*lines, ""])


def _spread(one: Price, digits: int) -> str:
    if one.share is None:
        return "| |"
    held = f"{one.held} of {one.priced} ({one.share * 100:.0f} %)"
    return f"{held} | {one.off:+,.{digits}f} | {one.width:,.{digits}f}"


def _clean(measured: Sequence[Measured]) -> str:
    lines = ["## What is told of nothing", ""]
    lines.append(
        "| judged by | clean offices | a detour is told in | a case is marked in | "
        "findings in the others | of these wrong |"
    )
    lines.append("| --- | ---: | ---: | ---: | ---: | ---: |")
    for by in MEANS:
        clean = scores.wrong(measured, by, CLEAN)
        others = scores.wrong(measured, by, TOGETHER, ALONE)
        lines.append(
            f"| {NAMES[by]} | {clean.offices} | {clean.told_in} | {clean.marked} | "
            f"{others.findings} | {others.wrong} |"
        )
    return "\n".join([*lines, ""])


def _municipalities(one: Municipality, other: Municipality) -> str:
    opening = f"""## {one.log} and {other.log}: what one municipality does and the other does not

Real building permits of two Dutch municipalities (BPI Challenge 2015). Nobody gives their
procedure, so each is judged by its own usual routes: a detour of one may be the rule in the other.
Listed are detours that are told of one municipality and are rarer in the other: the 95 % intervals
of the two shares lie apart. *No such habit*: the other has no usual way to stray from there. *Few*:
fewer than may be told, or none. Counts are rounded to {one.smallest_cell}; days are {one.unit} for
each application."""
    lines = [
        *opening.splitlines(),
        "",
        "| log | applications | with a detour | detours told | told of both |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    both = in_both(one, other)
    for each in (one, other):
        took = "" if each.detoured is None else f"{each.detoured:,}"
        told = len(each.told)
        lines.append(f"| {each.log} | {each.cases:,} | {took} | {told} | {both} |")
    for here, there in ((one, other), (other, one)):
        pairs = only_here(here, there)
        shown = pairs[:_ROWS]
        more = f", of which the commonest {_ROWS}" if len(pairs) > _ROWS else ""
        lines += [
            "",
            f"**Only, or more often, in {here.log}** ({len(pairs)}{more})",
            "",
            f"| detour | steps | of applications | in {there.log} | days |",
            "| --- | --- | ---: | ---: | ---: |",
        ]
        lines += [
            f"| {row.kind} | {_steps(row, here)} | {_part(row)} | {_beside(row, beside, there)} | "
            f"{_days(row)} |"
            for row, beside in shown
        ]
    return "\n".join([*lines, ""])


def _steps(row: Told, of: Municipality) -> str:
    called = [of.labels.get(name, name) for name in row.activities]
    match row.kind:
        case "wrong-order":
            return f"{called[1]} ahead of {called[0]}"
        case "ping-pong":
            return " ⇄ ".join(called)
        case _:
            return " → ".join(called)


def _beside(row: Told, other: Told | None, there: Municipality) -> str:
    """The same detour in the other municipality."""
    if other is not None:
        return _part(other)
    simple = row.kind in {"skipped", "wrong-order"} or len(row.activities) == 1
    strange = simple and row.kind != "inserted" and (row.kind, row.activities) not in there.usual
    return "no such habit" if strange else "few"


def _part(row: Told) -> str:
    return f"{row.share * 100:.0f} % ({row.cases:,} of {row.eligible:,})"


def _days(row: Told) -> str:
    if row.days is None or row.days_low is None or row.days_high is None:
        return "cannot be told"
    return f"{row.days:z.1f} ({row.days_low:z.1f} to {row.days_high:z.1f})"


def _share(share: float | None) -> str:
    return "" if share is None else f"{share * 100:.1f} %"
