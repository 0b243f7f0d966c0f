"""Words and tables for the simulated offices and the published logs."""

from collections.abc import Iterator, Sequence

import equity_office_scores as held
import numpy as np
from equity_logs import Judgement, Shuffled
from equity_naive import NAMES
from equity_office_scores import Offices
from equity_scores import Share
from equity_stories import (
    BAD_OFFICERS,
    CLEAN_OFFICERS,
    INNOCENT,
    LARGE,
    LONGER,
    NULL,
    OFFICERS,
    PLANTED,
    Story,
)
from verdict import Verdict

_ANY, _CLEAN, _WRONG, _RECALL = 0.07, 0.1, 0.05, 0.65
_AGENT = 0.86
Logs = Sequence[Judgement | Shuffled]


def verdicts(offices: Offices, logs: Logs) -> Iterator[Verdict]:
    """The targets that offices and published logs can tell of."""
    told = offices.told(NULL)
    yield _share("simulated offices with all innocent reasons: anything told", told, most=_ANY)
    innocent = [offices.told(story) for story in INNOCENT]
    both = Share(hits=sum(one.hits for one in innocent), of=sum(one.of for one in innocent))
    yield _share("simulated offices with one innocent reason each: anything told", both, most=_ANY)
    agent = next(story for story in PLANTED if story.meant["kind"] == "favouritism")
    yield _share("an agent favoured in 10 % of picks: told", offices.found(agent), least=_AGENT)
    yield from _officers(offices)
    yield from _published(logs)


def _share(what: str, share: Share, *, least: float = 0.0, most: float = 1.0) -> Verdict:
    target = f"at most {most * 100:.0f} %" if most < 1 else f"at least {least * 100:.0f} %"
    return Verdict(
        what=what,
        target=target,
        measured=in_words(share) if share.of else "",
        met=least <= share.value <= most if share.of else None,
    )


def _officers(offices: Offices) -> Iterator[Verdict]:
    clean = [len(flagged) for flagged, _ in offices.flagged_officers(CLEAN_OFFICERS)]
    yield Verdict(
        what=f"clean officers flagged, of {OFFICERS}",
        target=f"at most {_CLEAN} on the average",
        measured=f"{np.mean(clean):.2f} ({len(clean)} offices)" if clean else "",
        met=bool(np.mean(clean) <= _CLEAN) if clean else None,
    )
    bad = offices.flagged_officers(BAD_OFFICERS)
    wrong = [len(flagged - truly) / max(1, len(flagged)) for flagged, truly in bad]
    right = [len(flagged & truly) / max(1, len(truly)) for flagged, truly in bad]
    yield Verdict(
        what=f"6 bad of {OFFICERS} officers: wrong ones among the flagged",
        target=f"at most {_WRONG * 100:.0f} % on the average",
        measured=f"{np.mean(wrong) * 100:.1f} % ({len(bad)} offices)" if bad else "",
        met=bool(np.mean(wrong) <= _WRONG) if bad else None,
    )
    yield Verdict(
        what=f"6 bad of {OFFICERS} officers: share of them flagged",
        target=f"at least {_RECALL * 100:.0f} %",
        measured=f"{np.mean(right) * 100:.1f} % ({len(bad)} offices)" if bad else "",
        met=bool(np.mean(right) >= _RECALL) if bad else None,
    )


def _published(logs: Logs) -> Iterator[Verdict]:
    for log, said in held.judged(logs):
        found = held.found(log, said)
        right = len(found.right)
        yield Verdict(
            what=f"{log.name}: protected applicants told to be refused, at the right gates",
            target="all, none wrong",
            measured=f"{right} of {len(log.gates)}, {len(found.wrong)} wrong",
            met=not found.missed and not found.wrong,
        )
        yield Verdict(
            what=f"{log.name}: other attributes told of as direct effects",
            target="none",
            measured=str(len(found.others)),
            met=not found.others,
        )
        share = held.shuffles(logs, log.name)
        bound = held.upper(share) if share.of else 1.0
        yield Verdict(
            what=f"{log.name}: anything told with the label shuffled, upper 95 % bound",
            target=f"at most {_ANY * 100:.0f} %",
            measured=f"{bound * 100:.1f} % ({share.hits} of {share.of:,})" if share.of else "",
            met=bound <= _ANY if share.of else None,
        )


def offices_told(offices: Offices) -> str:
    """The tables of simulated offices."""
    lines = """## Simulated offices, day by day

Offices with queues, officers, holidays and open cases (`runut simulate`), mined with the shipped
process file as `runut mine` would: all questions of equity, fees and favouritism in one family of
tests. *However small* counts gaps below what the process file calls material too.

**Nobody is treated differently**

| office | offices | anything told | however small |
| --- | ---: | ---: | ---: |
""".splitlines()
    for story in (NULL, *INNOCENT):
        if offices.of(story):
            lines.append(
                f"| {story.says} | {len(offices.of(story))} | {in_words(offices.told(story))} | "
                f"{in_words(offices.nearly(story))} |"
            )
    lines += ["", "Naive methods on the logs of the first of these:", ""]
    lines += ["| naive method | accuses |", "| --- | ---: |"]
    lines += [f"| {name} | {in_words(offices.naive(NULL, name))} |" for name in NAMES]
    lines += [
        "",
        "**Somebody is treated differently**, all innocent reasons beside it",
        "",
        "| planted | offices | significant by itself | told | mean gap found | told of others |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for story in (*PLANTED, LARGE):
        if offices.of(story):
            lines.append(_planted(offices, story))
    lines += ["", "**Single officers**", ""]
    lines += _of_officers(offices)
    return "\n".join([*lines, ""])


def _planted(offices: Offices, story: Story) -> str:
    gap = offices.gap(story)
    return (
        f"| {story.says} | {len(offices.of(story))} | {in_words(offices.seen(story))} | "
        f"{in_words(offices.found(story))} | {'' if gap is None else f'{gap:,.3g}'} | "
        f"{in_words(offices.beside(story))} |"
    )


def _of_officers(offices: Offices) -> Iterator[str]:
    yield "| office | offices | bad officers | flagged | rightly | wrongly |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    for story in (CLEAN_OFFICERS, BAD_OFFICERS, LONGER):
        found = offices.flagged_officers(story)
        if found:
            right = sum(len(flagged & truly) for flagged, truly in found)
            many = sum(len(flagged) for flagged, _ in found)
            bad = sum(len(truly) for _, truly in found)
            yield (f"| {story.says} | {len(found)} | {bad} | {many} | {right} | {many - right} |")


def logs_told(logs: Logs) -> str:
    """The tables of the published logs."""
    lines = """## Two published logs whose discrimination is known

Simulated by others (Pohl, Berti, Qafari & van der Aalst 2023, doi:10.5281/zenodo.8059489): whoever
is *protected* is refused more often at some gates, and nothing else about a person matters by
itself. Who is protected depends on gender, citizenship, religion or language, and age, so each of
these looks guilty until the label is adjusted for.
""".splitlines()
    for log, said in held.judged(logs):
        found = held.found(log, said)
        lines += [
            "",
            f"**{log.name}**: {said.cases:,} {log.about}",
            "",
            "| gate | protected less others: let through | 95 % limits | told | truly |",
            "| --- | ---: | ---: | --- | --- |",
        ]
        for gap in said.gaps:
            if gap.measure != "outcome" or gap.attribute != "protected" or gap.activity is None:
                continue
            sign = 1 if gap.group == "true" else -1
            if gap.value is None or gap.low is None or gap.high is None:
                continue
            value, *limits = (sign * part * 100 for part in (gap.value, gap.low, gap.high))
            low, high = sorted(limits)
            lines.append(
                f"| {gap.activity} | {value:+z.1f} points | {low:+z.1f} to {high:+z.1f} | "
                f"{'yes' if gap.told else 'no'} | "
                f"{'refused more often' if gap.activity in log.gates else 'as others'} |"
            )
        share = held.shuffles(logs, log.name)
        lines += ["", f"Told of other attributes: {', '.join(found.others) or 'nothing'}."]
        if share.of:
            lines.append(
                f"With the label shuffled across all applications, something is told in "
                f"{share.hits:,} of {share.of:,} shuffles: at most {held.upper(share) * 100:.1f} % "
                "with 95 % certainty."
            )
    return "\n".join([*lines, ""])


def in_words(share: Share) -> str:
    """A share with what it was counted from."""
    return f"{share.value * 100:.1f} % ({share.hits:,} of {share.of:,})" if share.of else ""
