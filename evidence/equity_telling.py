"""Writes what was measured about equity as its part of docs/evidence.md, with the plots."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import equity_office_telling as more
import equity_pictures as pictures
import equity_plan as plan
import numpy as np
import page
from equity_logs import Judgement, Shuffled
from equity_missed import reasons
from equity_naive import NAMES
from equity_office_scores import Offices
from equity_offices import Mined
from equity_plan import Block
from equity_scores import Share, Worlds, covered
from equity_trials import DECISION, EVERY
from equity_worlds import DECIDED, Size, Treatment, draw
from verdict import Verdict

_LOW, _HIGH, _ANY = 0.04, 0.06, 0.07
_HELD = (0.93, 0.97)
_CALLED = {
    DECISION: "time to decision (log-rank)",
    "time": "days to decision",
    "outcome": "approved",
    "withdrawn": "withdrawn",
    "gate": "let through at a gate",
    "requests": "asked for documents",
    "waiting": "days at a step",
    "fee": "paid over tariff",
}
_UNITS = {"time": "days", "waiting": "days", "fee": "million"}


def write(
    folder: Path,
    *,
    blocks: Sequence[Block],
    offices: Sequence[Mined],
    logs: Sequence[Judgement | Shuffled],
) -> None:
    """Put the part `equity` into evidence.md in `folder`, and its plots into images."""
    (folder / "images").mkdir(parents=True, exist_ok=True)
    worlds, simulated = Worlds(blocks), Offices(offices)
    told = [*verdicts(worlds), *more.verdicts(simulated, logs)]
    sections = [_opening(), _promises(told)]
    if worlds.of(plan.NULL):
        pictures.draw(folder / "images", worlds)
        sections += [_worlds(worlds), _nothing(worlds), _seen(worlds), _limits_hold()]
    if offices:
        sections.append(more.offices_told(simulated))
    if logs:
        sections.append(more.logs_told(logs))
    limits = Path(__file__).with_name("equity_limits.md")
    if limits.exists():
        sections.append(limits.read_text("utf-8"))
    where = folder / "evidence.md"
    page.place(where, "equity", "\n".join(sections))
    print(f"written: {where}")


def verdicts(worlds: Worlds) -> Iterator[Verdict]:
    """The targets that drawn worlds can tell of (methods.md, section 6)."""
    if not worlds.of(plan.NULL):
        return
    flagged = {name: worlds.flagged(plan.NULL, name) for name in EVERY}
    values = [one.value for one in flagged.values()]
    yield Verdict(
        what="nobody treated differently, 5,000 applications: each test by itself",
        target="significant in 4 to 6 %",
        measured=f"{_percent(min(values))} to {_percent(max(values))}",
        met=all(_LOW <= value <= _HIGH for value in values),
    )
    told = worlds.any_told(plan.NULL, material=False)
    yield Verdict(
        what="the same: anything told at all, however small",
        target="at most 7 %",
        measured=_of(told),
        met=told.value <= _ANY,
    )
    for what, name, effect, least in (
        ("asked for documents 5 points more often", "asked for documents", 0.05, 0.95),
        ("0.8 days longer, 5,000 applications", "days to decision", 0.8, 0.85),
        ("0.4 days longer, 20,000 applications", "days, 20,000 applications", 0.4, 0.9),
    ):
        setting = next(one for one in plan.CURVES[name] if plan.planted(one) == effect)
        yield _power(
            f"planted and seen: {what}", worlds.flagged(setting, setting.measures[0]), least
        )
    for setting, least in zip(plan.RANKS, (0.85, 0.9), strict=True):
        what = f"the {plan.planted(setting):g} days by log-rank, which decides if time is told"
        yield _power(what, worlds.flagged(setting, DECISION), least)
    held = [share for told in covered(worlds).values() for _, share in told]
    low, high = min(one.value for one in held), max(one.value for one in held)
    yield Verdict(
        what="95 % limits hold the planted gap, every measure and size",
        target="in 93 to 97 %",
        measured=f"{_percent(low)} to {_percent(high)}",
        met=_HELD[0] <= low and high <= _HELD[1],
    )


def _power(what: str, share: Share, least: float) -> Verdict:
    return Verdict(
        what=what,
        target=f"at least {least * 100:.0f} %",
        measured=_of(share) if share.of else "",
        met=share.value >= least if share.of else None,
    )


def _opening() -> str:
    return f"""# Is unequal treatment found, and only where it is?

Made by `make evidence-equity` on {datetime.now(UTC):%Y-%m-%d}, with seeds from {plan.FIRST:,} on
(drawn worlds, shuffles) and from {plan.FIRST_OFFICE:,} on (offices); none of them was used while
Runut was built. What is tested, and how, is in
[How Runut decides that treatment differs](concepts/fair-treatment.md).
"""


def _worlds(worlds: Worlds) -> str:
    first, last = worlds.seeds
    return f"""## Drawn worlds

They have no queues, so that there can be thousands: what an application meets is drawn from its
permit type, completeness, office and month, its applicant and its group. Each has
{plan.NULL.size.cases:,} applications, one in five of the affiliation `other`, which builds
larger, files more at the slow office, in busy months and with more gaps. In the first of these
worlds (seeds {first:,} to {last:,}) its applications take {_raw_gap(first)} days longer, though
nobody treats them differently; the days of comparable applications scatter by {_scatter(first)}
(standard deviation). Worlds with a planted gap have seeds of their own.
"""


def _raw_gap(seed: int) -> str:
    world = draw(seed, Size(), Treatment())
    over = world.ended == DECIDED
    other = world.affiliation.place == world.affiliation.names.index("other")
    return f"{world.ran[over & other].mean() - world.ran[over & ~other].mean():.1f}"


def _scatter(seed: int) -> str:
    world = draw(seed, Size(), Treatment())
    over = (world.ended == DECIDED) & world.cohort
    ran, stratum = world.ran[over], world.strata.stratum[over]
    many = np.bincount(stratum, minlength=world.strata.count)
    mean = np.bincount(stratum, ran, world.strata.count) / np.maximum(many, 1)
    freedom = len(ran) - int((many > 0).sum())
    return f"{np.sqrt(((ran - mean[stratum]) ** 2).sum() / freedom):.1f}"


def _promises(told: Sequence[Verdict]) -> str:
    lines = ["## Promised and measured", "", "| what | target | measured |  |"]
    lines.append("| --- | --- | ---: | --- |")
    lines += [f"| {one.what} | {one.target} | {one.measured} | {one.word} |" for one in told]
    return "\n".join([*lines, "", reasons(told)])


def _nothing(worlds: Worlds) -> str:
    many = len(worlds.of(plan.NULL))
    few = worlds.of(plan.FEW)
    lines = f"""### Where nobody is treated differently

How often each test says that `other` is treated differently (p ≤ 5 %), in {many:,} worlds without
any treatment: 5 % is right. Beside it, whether limits of the gap hold 0, and the same for a group
of some 25 among 600 applications ({len(few):,} worlds), where p-values come from permutations.

| test | significant | limits hold 0 | significant, a group of some 25 |
| --- | ---: | ---: | ---: |
""".splitlines()
    for name in EVERY:
        held = worlds.held(plan.NULL, name)
        small = worlds.flagged(plan.FEW, name)
        lines.append(
            f"| {_CALLED[name]} | {_with_limits(worlds.flagged(plan.NULL, name))} | "
            f"{_percent(held.value) if held.of else ''} | "
            f"{_percent(small.value) if small.of else 'too few to be told'} |"
        )
    lines += [
        "",
        "What people do without comparing like with like, on the same worlds:",
        "",
        "| naive method | accuses |",
        "| --- | ---: |",
        *(f"| {name} | {_of(worlds.naive(plan.NULL, name))} |" for name in NAMES),
        "",
        "All tests of a world together (affiliations and types of applicant, every measure):",
        "",
        "| rule | worlds in which anybody is accused |",
        "| --- | ---: |",
        f"| any test significant by itself | {_of(worlds.any_significant(plan.NULL))} |",
        f"| by all conditions, however small | {_of(worlds.any_told(plan.NULL, material=False))} |",
        f"| and large enough to matter | {_of(worlds.any_told(plan.NULL, material=True))} |",
        "",
        f"![Shares of worlds by p-value](images/{pictures.CALIBRATION})",
        "",
    ]
    return "\n".join(lines)


def _seen(worlds: Worlds) -> str:
    lines = [
        "### What is seen of what is planted",
        "",
        "How often a planted gap is significant, by its size; each test by itself.",
        "",
        f"![Power by the size of the effect](images/{pictures.POWER})",
        "",
        "| what | planted | seen in | limits hold it | estimates off by | width |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for title, curve in plan.CURVES.items():
        for setting in curve:
            (measure,) = setting.measures
            share, held = worlds.flagged(setting, measure), worlds.held(setting, measure)
            away = worlds.off(setting, measure)
            if not share.of or away is None:
                continue
            lines.append(
                f"| {title} | {_size(plan.planted(setting), measure)} | {_of(share)} | "
                f"{_percent(held.value)} | {away[0]:+z.3f} | {away[1]:.3f} |"
            )
    return "\n".join([*lines, ""])


def _limits_hold() -> str:
    return f"""### Whether limits hold what is planted

Each mark is one size of one gap with its own 95 % limits; the grey band is the target.

![Coverage by measure](images/{pictures.COVERAGE})
"""


def _size(effect: float, measure: str) -> str:
    if measure in _UNITS:
        return f"{effect:g} {_UNITS[measure]}"
    return f"{effect * 100:g} points"


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %"


def _of(share: Share) -> str:
    return f"{_percent(share.value)} ({share.hits:,} of {share.of:,})" if share.of else ""


def _with_limits(share: Share) -> str:
    if not share.of:
        return ""
    low, high = share.limits
    return f"{_percent(share.value)} ({low * 100:.1f} to {high * 100:.1f})"
