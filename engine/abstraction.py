"""Fine-grained activity codes become fewer, coarser activities, as the process file says."""

import re
from collections.abc import Mapping, Sequence

import numpy as np

from eventlog.definition import Abstraction, Definition
from eventlog.log import Log

REST = "(other)"


def abstract(log: Log, definition: Definition) -> Log:
    """The log with coarser activities; unchanged where the process file asks for none.

    The finest codes stay in the lake; this changes only what is mined.
    """
    if definition.abstract is None:
        return log
    vocabulary = log.activity.vocabulary
    counts = np.bincount(log.activity.codes, minlength=len(vocabulary))
    by_label = dict(zip(vocabulary.labels, counts.tolist(), strict=True))
    coarse = coarser(by_label, definition.abstract)
    return log.relabel([coarse[label] for label in vocabulary.labels])


def coarser(events: Mapping[str, int], abstraction: Abstraction) -> dict[str, str]:
    """The coarser activity of each label, given how many events each label has.

    A label becomes what the pattern's group keeps of it; labels that the pattern does not match
    stay. All but the `keep` activities with the most events then become "(other)"; equals are
    kept in alphabetical order.

    >>> coarser({"01_A_010": 2, "01_A_020": 1, "02_B_010": 1}, Abstraction(pattern="^(..)", keep=1))
    {'01_A_010': '01', '01_A_020': '01', '02_B_010': '(other)'}
    """
    pattern = re.compile(abstraction.pattern)
    kept = {label: _kept(pattern, label) for label in events}
    totals: dict[str, int] = {}
    for label, count in events.items():
        totals[kept[label]] = totals.get(kept[label], 0) + count
    commonest: Sequence[str] = sorted(totals, key=lambda label: (-totals[label], label))
    stay = set(commonest[: abstraction.keep])
    return {label: kept[label] if kept[label] in stay else REST for label in events}


def _kept(pattern: re.Pattern[str], label: str) -> str:
    found = pattern.search(label)
    return found.group(1) if found and found.group(1) else label
