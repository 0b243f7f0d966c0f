"""Proposes how fine-grained activities could become fewer; a person may accept by pasting."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import yaml

from engine.abstraction import REST, coarsened, coarser
from engine.coarser_names import beginnings
from engine.coarser_steps import always_together
from eventlog.definition_parts import Abstraction
from eventlog.log import Log
from miners import variants

READABLE = 40
"""So many activities a person can still read on a map."""
_FEWEST = 8
"""Fewer activities than these hide what happens."""
_LARGEST = 0.5
"""An activity with a larger share of the events hides what happens."""
_TWO = 2
_ONE_LINE = 10_000
_HARDLY = 0.0005
_REST = 0.02
"""The share of the events that may end in "(other)"."""


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How many activities and variants there are."""

    activities: int
    variants: int


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """One way to fewer activities: why, what to write, and what would come of it.

    `largest` is the share of the events that the commonest activity would have, `other` of those
    that would become "(other)"; both from 0 to 1.
    """

    why: str
    abstract: Abstraction
    before: Counts
    after: Counts
    largest: float
    other: float

    @property
    def readable(self) -> bool:
        """Whether a map of it can be read and still tells something."""
        return (
            _FEWEST <= self.after.activities <= READABLE + 1  # and what is left over
            and self.largest <= _LARGEST
            and self.other <= _REST
        )

    @property
    def yaml(self) -> str:
        """What to paste into the process file."""
        abstract = self.abstract.model_dump(mode="json", exclude_defaults=True)
        said = {"abstract": {**abstract, "keep": self.abstract.keep}}
        return yaml.safe_dump(said, sort_keys=False, allow_unicode=True, width=_ONE_LINE)

    @property
    def sentence(self) -> str:
        """What would come of it, for a person."""
        other = (
            f"{self.other:.1%}" if self.other >= _HARDLY else "hardly any" if self.other else "none"
        )
        return (
            f"{self.why}: {self.before.activities:,} activities become "
            f"{self.after.activities:,}, {self.before.variants:,} variants "
            f"{self.after.variants:,}; the commonest activity has {self.largest:.0%} of the "
            f'events, and {other} of them end in "{REST}".'
        )

    @property
    def fields(self) -> dict[str, Any]:
        """The same for a script."""
        return {
            "why": self.why,
            "abstract": self.abstract.model_dump(mode="json", exclude_defaults=True),
            "activities": {"before": self.before.activities, "after": self.after.activities},
            "variants": {"before": self.before.variants, "after": self.after.variants},
            "largest_share": round(self.largest, 4),
            "other_share": round(self.other, 4),
            "yaml": self.yaml,
        }


@dataclass(frozen=True, kw_only=True)
class Proposals:
    """What is proposed, and in `silence` why nothing else is."""

    found: Sequence[Proposal]
    silence: Sequence[str]


def propose(log: Log, applicants: frozenset[str]) -> Proposals:
    """Look at the activities of a log, as they came, for what they have in common.

    Where there are too many to read: the beginning of their codes that leaves `_FEWEST` to
    `READABLE` of them, none with most of the events, and of such beginnings the one with the
    fewest variants. And, however many there are, those that always come together; what
    `applicants` do stays apart.
    """
    events = _events(log)
    before = Counts(activities=len(events), variants=_variants(log))
    found, silence = list[Proposal](), list[str]()
    if before.activities <= READABLE:
        silence.append(f"{before.activities} activities can be read as they are")
    else:
        patterns = [Abstraction(pattern=pattern) for pattern in beginnings(events)]
        tried = [_proposal("These codes begin alike", log, before, one) for one in patterns]
        helpful = [one for one in tried if one.readable]
        if helpful:
            found.append(min(helpful, key=lambda one: one.after.variants))
        else:
            silence.append(
                f"no beginning of their codes makes of {before.activities} activities "
                f"{_FEWEST} to {READABLE} that still say something"
            )
    groups = {_named(group, events): group for group in always_together(log, applicants)}
    if groups:
        abstract = Abstraction(groups=groups, keep=max(READABLE, before.activities))
        found.append(_proposal("These activities always come together", log, before, abstract))
    else:
        silence.append("no activities always come right beside each other")
    return Proposals(found=found, silence=silence)


def _proposal(why: str, log: Log, before: Counts, abstract: Abstraction) -> Proposal:
    coarse = coarser(_events(log), abstract)
    made = coarsened(log, coarse)
    events = _events(made)
    return Proposal(
        why=why,
        abstract=abstract,
        before=before,
        after=Counts(activities=len(events), variants=_variants(made)),
        largest=max(events.values(), default=0) / max(len(log), 1),
        other=events.get(REST, 0) / max(len(log), 1),
    )


def _events(log: Log) -> dict[str, int]:
    """How many events each activity has."""
    labels = log.activity.vocabulary.labels
    counts = np.bincount(log.activity.codes, minlength=len(labels)).tolist()
    return {label: count for label, count in zip(labels, counts, strict=True) if count}


def _variants(log: Log) -> int:
    """How many routes the cases take; a case in which nothing was done has none."""
    done = np.diff(log.executions.offsets) > 0
    return len(np.unique(variants.keys(log)[done], axis=0))


def _named(group: Sequence[str], taken: Mapping[str, int]) -> str:
    """A name that tells what it stands for, and is not an activity's own."""
    name = " + ".join(group) if len(group) == _TWO else f"{group[0]} to {group[-1]}"
    return f"{name} (together)" if name in taken else name
