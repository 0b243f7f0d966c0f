"""Writes what a watch said of quiet offices and of a strike into docs/evidence.md."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from math import sqrt
from pathlib import Path

import page
import watch_rules
from verdict import Verdict
from watch_drift import MORE, Drifted
from watch_office import LEARNING, STRIKE
from watch_quiet import Quiet
from watch_strike import Struck, Told

_FIXED = tuple(watch_rules.MEASURED)
_FIVE = tuple(watch_rules.above_usual(name, 5) for name in watch_rules.USUALLY)
_YEAR = 365
# What is stated in engine/alerting/drift.py, for ten groups.
_A_YEAR, _GROUPS = 1.0, 10
_EVALUATION = 60


def write(
    folder: Path, *, quiet: Sequence[Quiet], drifted: Sequence[Drifted], struck: Sequence[Struck]
) -> None:
    """Put the part `watch` into evidence.md in `folder`."""
    sections = [_opening(), _promises(quiet, drifted, struck)]
    if struck:
        sections.append(_strike(struck))
    if quiet:
        sections.append(_quiet(quiet))
    if drifted:
        sections.append(_drift(drifted))
    where = folder / "evidence.md"
    page.place(where, "watch", "\n".join(sections))
    print(f"written: {where}")


def _opening() -> str:
    return f"""# Does a watch speak in time, and only then?

Made by `make evidence-watch` on {datetime.now(UTC):%Y-%m-%d}. Simulated offices are watched hour by
hour. Alert rules are about reviews of the zoning: the **queue** (files that wait, `for: 4h`),
**waiting** (working days that nine of ten files waited at most, of those taken up in 7 days) and
**silence** (working hours since a review was completed). Each has a fixed threshold: half as much
again as the highest reading of weeks 1 to {LEARNING} of that office, rounded up. Queue and waiting
are held against what is usual for the weekday and hour, too: {_numbers(watch_rules.SPREADS)}
spreads above it. How the usual is told was chosen on other seeds (40000 to 40029); the measuring
itself was mended once after the first strike had been seen, the watch was not.

To run it again: `make evidence-watch`; the offices with a strike take some minutes each.
"""


def _promises(quiet: Sequence[Quiet], drifted: Sequence[Drifted], struck: Sequence[Struck]) -> str:
    lines = ["## Promised and measured", "", "| what | target | measured |  |"]
    lines.append("| --- | --- | ---: | --- |")
    lines += [
        f"| {one.what} | {one.target} | {one.measured} | {one.word} |"
        for one in _verdicts(quiet, drifted, struck)
    ]
    return "\n".join([*lines, ""])


def _verdicts(
    quiet: Sequence[Quiet], drifted: Sequence[Drifted], struck: Sequence[Struck]
) -> Iterable[Verdict]:
    told = [one for each in struck for one in each.told if one.held is not None]
    late = [_late(one) for one in told]
    known = [one for one in late if one is not None]
    yield Verdict(
        what="strike: alerts within one evaluation (an hour) of the condition",
        target="all",
        measured=f"{sum(0 <= one <= _EVALUATION for one in known)} of {len(told)}",
        met=all(one is not None and 0 <= one <= _EVALUATION for one in late) if told else None,
    )
    over = [one for one in told if one.fired is not None]
    yield Verdict(
        what="strike: alerts taken back after recovery",
        target="all",
        measured=f"{sum(one.over is not None for one in over)} of {len(over)}",
        met=all(one.over is not None for one in over) if over else None,
    )
    looks = sum(one.evaluations for one in struck)
    alike = sum(one.alike for one in struck)
    yield Verdict(
        what="strike: evaluations of the live watch that read what the truth says, to the digit",
        target="all",
        measured=f"{alike:,} of {looks:,}",
        met=alike == looks if looks else None,
    )
    for what, names in (("fixed thresholds", _FIXED), ("5 spreads above the usual", _FIVE)):
        weeks = sum(one.weeks for one in quiet) * len(names)
        alerts = sum(one.alerts[name] for one in quiet for name in names)
        yield Verdict(
            what=f"quiet offices: false alerts of {what}",
            target="at most one in 20 rule-weeks",
            measured=f"{alerts} in {weeks:,} rule-weeks",
            met=alerts * 20 <= weeks if weeks else None,
        )
    years = _years(drifted)
    raised = sum(len(one.raised) for one in drifted)
    yield Verdict(
        what=f"drift: false alerts a year in an office with {_GROUPS} groups",
        target=f"at most {_A_YEAR:g}",
        measured=f"{raised / years:.1f}" if years else "",
        met=raised <= _A_YEAR * years if years else None,
    )


def _strike(struck: Sequence[Struck]) -> str:
    offices = f"{len(struck)} office{'s' * (len(struck) > 1)}"
    lines = f"""## A strike

In week {LEARNING + 1} nobody of {STRIKE.unit} takes anything up for {STRIKE.days} days; files come
in as ever. Events go into a lake as they happen, and the watch evaluates its rules at each full
hour ({offices}, {_seeds(struck)}). All times are hours since the strike began. *True from*: when
the condition held, by the minute and from what the simulation did, the rule's `for` waited out
(what came and went between two evaluations is left out).
*Over* comes two evaluations after the condition has ended: a watch waits five minutes before it
takes an alert back. What goes by the usual has no moment but its own readings; it learns for three
weeks, and here the watch began three weeks before the strike.

| seed | rule | threshold | true from | alert | true until | over | alerts from the strike on |
| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |
""".splitlines()
    lines += [
        f"| {each.seed} | {one.rule} | {'' if one.above is None else f'{one.above:g}'} | "
        f"{_hours(one.held)} | {_hours(one.fired)} | {_hours(one.passed)} | {_hours(one.over)} | "
        f"{one.alerts} |"
        for each in struck
        for one in each.told
    ]
    return "\n".join([*lines, ""])


def _quiet(quiet: Sequence[Quiet]) -> str:
    weeks = sum(one.weeks for one in quiet)
    lines = f"""## False alerts in quiet offices

{len(quiet)} offices in which nothing happens ({_seeds(quiet)}), {quiet[0].weeks} weeks each after
the {LEARNING} in which thresholds are chosen and the usual is learnt: {weeks:,} weeks of each rule,
evaluated every hour, with the office's own ups and downs (busy seasons, holidays, officers who fall
ill). The interval is that of a Poisson count.

| rule | alerts | a week | 95 % interval | one in so many weeks |
| --- | ---: | ---: | ---: | ---: |
""".splitlines()
    for name in quiet[0].alerts:
        count = sum(one.alerts[name] for one in quiet)
        low, high = _poisson(count)
        often = f"{weeks / count:,.0f}" if count else f"over {weeks / high:,.0f}"
        lines.append(
            f"| {name} | {count} | {count / weeks:.3f} | {low / weeks:.3f} to {high / weeks:.3f} | "
            f"{often} |"
        )
    lines += [
        "",
        "A queue that is long now is long an hour later, and queues of a busy unit swell for",
        "weeks: they go beyond a few spreads more often than independent counts would. So the",
        "spread counts how far the long side reaches (`engine/alerting/usual.py`). Fixed",
        "thresholds that leave room above the first weeks are calmer still.",
    ]
    return "\n".join([*lines, ""])


def _drift(drifted: Sequence[Drifted]) -> str:
    days = sum(one.days for one in drifted)
    groups = sum(one.told for one in drifted) / len(drifted)
    raised = sum(len(one.raised) for one in drifted)
    low, high = _poisson(raised)
    years = _years(drifted)
    lines = f"""## Drift of unequal waiting

`disparity_drift` with `above: 0`, looked at once a day in {len(drifted)} offices
({_seeds(drifted)}), {days:,} days in all, by affiliation, district and type of applicant:
{groups:.0f} groups an office, to none of which anything happens. False alerts: **{raised}**, which
makes {raised / years:.2f} a year in an office of {_GROUPS} groups (95 % interval
{low / years:.2f} to {high / years:.2f}). A watch that looks every five minutes sees the peaks
between, too: up to twice as many. Where files of one district wait longer from one day on, in all
steps, it is told after so many days:

| working days longer | offices | told | after days, median | longest |
| ---: | ---: | ---: | ---: | ---: |
""".splitlines()
    for place, more in enumerate(MORE):
        after = sorted(days for one in drifted if (days := one.after[place]) is not None)
        middle = f"{after[len(after) // 2]}" if after else ""
        longest = f"{after[-1]}" if after else ""
        lines.append(f"| {more:g} | {len(drifted)} | {len(after)} | {middle} | {longest} |")
    return "\n".join([*lines, ""])


def _years(drifted: Sequence[Drifted]) -> float:
    """Years of an office with as many groups as the promise is about."""
    return sum(one.days * one.told for one in drifted) / _YEAR / _GROUPS


def _seeds(found: Sequence[Quiet | Drifted | Struck]) -> str:
    """Which seeds these are of."""
    seeds = sorted(one.seed for one in found)
    return f"seeds {seeds[0]} to {seeds[-1]}" if len(seeds) > 1 else f"seed {seeds[0]}"


def _late(one: Told) -> int | None:
    """Minutes from the condition to the alert."""
    return None if one.held is None or one.fired is None else one.fired - one.held


def _poisson(count: int) -> tuple[float, float]:
    """The 95 % interval of a count (Byar's approximation to the exact one)."""

    def limit(about: int, side: float) -> float:
        return about * (1 - 1 / (9 * about) + side / (3 * sqrt(about))) ** 3

    return (limit(count, -1.96) if count else 0.0), limit(count + 1, 1.96)


def _hours(minutes: int | None) -> str:
    return "" if minutes is None else f"{minutes / 60:,.1f}"


def _numbers(values: Sequence[int]) -> str:
    *first, last = (str(value) for value in values)
    return f"{', '.join(first)} and {last}"
