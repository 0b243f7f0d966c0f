"""What the simulated offices and the published logs come to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from equity_logs import Judgement, Shuffled
from equity_offices import Gap, Mined
from equity_published import LABEL, LOGS, VICTIM, Published
from equity_scores import Share
from equity_stories import Story
from equity_trials import ALPHA
from scipy import stats


class Offices:
    """All offices that were mined, by the name of their story."""

    def __init__(self, mined: Sequence[Mined]) -> None:
        """Gather the offices of each story."""
        self._known: dict[str, list[Mined]] = {}
        for one in mined:
            self._known.setdefault(one.story, []).append(one)

    def of(self, story: Story) -> Sequence[Mined]:
        """The offices of a story; none if it was not simulated."""
        return self._known.get(story.name, ())

    def told(self, story: Story) -> Share:
        """In how many offices anything is told of treatment."""
        return Share.among(bool(one.findings) for one in self.of(story))

    def nearly(self, story: Story) -> Share:
        """In how many anything would be told if every gap were worth telling, however small."""
        return Share.among(
            bool(one.findings) or any(gap.why == "small" for gap in (*one.gaps, *one.picks))
            for one in self.of(story)
        )

    def significant(self, story: Story, measure: str, attribute: str, group: str) -> Share:
        """How often single tests of a measure are significant in one group, all steps together."""
        return Share.among(
            gap.p <= ALPHA
            for one in self.of(story)
            for gap in (*one.gaps, *one.picks)
            if (gap.measure, gap.attribute, gap.group) == (measure, attribute, group)
            and gap.p is not None
        )

    def naive(self, story: Story, name: str) -> Share:
        """How often a naive test accuses."""
        return Share.among(
            one.naive[name] <= ALPHA for one in self.of(story) if not np.isnan(one.naive[name])
        )

    def seen(self, story: Story) -> Share:
        """In how many offices the planted gap is significant by itself, with the right sign."""
        return Share.among(
            any(_same(gap, story.meant) and _significant(gap, story.sign) for gap in _all(one))
            for one in self.of(story)
        )

    def found(self, story: Story) -> Share:
        """In how many offices the planted gap is told."""
        return Share.among(
            any(_meant(finding, story) for finding in one.findings) for one in self.of(story)
        )

    def beside(self, story: Story) -> Share:
        """In how many offices something is told of another attribute than the planted one's."""
        attribute = story.meant["attribute"]
        return Share.among(
            any(
                attribute not in finding["subject"]["attribute"].split("+")
                for finding in one.findings
            )
            for one in self.of(story)
        )

    def gap(self, story: Story) -> float | None:
        """The mean estimate of the planted gap; None where it was never told."""
        values = [
            gap.value
            for one in self.of(story)
            for gap in _all(one)
            if _same(gap, story.meant) and gap.value is not None
        ]
        return float(np.mean(values)) if values else None

    def flagged_officers(self, story: Story) -> Sequence[tuple[set[str], set[str]]]:
        """For each office: the officers who are flagged, and those who truly favour somebody."""
        return [
            ({pair.resource for pair in one.officers if pair.told}, set(one.bad))
            for one in self.of(story)
        ]


def _all(one: Mined) -> Sequence[Gap]:
    return (*one.gaps, *one.picks)


def _same(gap: Gap, meant: Mapping[str, str]) -> bool:
    measure = meant.get("measure", "fee" if meant["kind"] == "fee" else "picks")
    return (
        (gap.attribute, gap.group, gap.measure) == (meant["attribute"], meant["group"], measure)
        and meant.get("activity", gap.activity) == gap.activity
        and meant.get("feature", gap.feature) == gap.feature
    )


def _significant(gap: Gap, sign: int) -> bool:
    return gap.p is not None and gap.p <= ALPHA and (gap.value or 0.0) * sign > 0


def _meant(finding: Mapping[str, Any], story: Story) -> bool:
    subject = finding["subject"]
    named = {"kind": finding["kind"], **subject}
    right = all(named.get(name) == value for name, value in story.meant.items())
    return right and finding["effect"]["value"] * story.sign > 0


@dataclass(frozen=True, kw_only=True)
class Found:
    """What is said of a published log.

    `right` gates are those of the known ones at which the victims are told to be refused more
    often; `missed` the others; `wrong` are further gates told of them, or the wrong sign. `others`
    are findings of any other attribute.
    """

    right: Sequence[str]
    missed: Sequence[str]
    wrong: Sequence[str]
    others: Sequence[str]


def found(log: Published, said: Judgement) -> Found:
    """Hold what is said of a log against what is known of it."""
    told: dict[str, float] = {}
    others = []
    for attribute, group, measure, activity, value in said.findings:
        if attribute != LABEL:
            others.append(f"{attribute}={group} {measure} {activity or ''}".strip())
        elif measure == "outcome" and activity is not None:
            told[activity] = value if group == VICTIM else -value
    right = [gate for gate in log.gates if told.get(gate, 0.0) < 0]
    return Found(
        right=right,
        missed=[gate for gate in log.gates if gate not in right],
        wrong=[gate for gate in told if gate not in right],
        others=others,
    )


def judged(logs: Sequence[Judgement | Shuffled]) -> Sequence[tuple[Published, Judgement]]:
    """The published logs with what is said of them."""
    known = {one.log: one for one in logs if isinstance(one, Judgement)}
    return [(log, known[log.name]) for log in LOGS if log.name in known]


def shuffles(logs: Sequence[Judgement | Shuffled], name: str) -> Share:
    """In how many shuffles of a log anything is told of the label."""
    return Share.among(
        count > 0
        for one in logs
        if isinstance(one, Shuffled) and one.log == name
        for count in one.findings
    )


def upper(share: Share) -> float:
    """The upper 95 % limit of Clopper & Pearson (1934), one-sided."""
    if share.hits >= share.of:
        return 1.0
    return float(stats.beta.ppf(0.95, share.hits + 1, share.of - share.hits))
