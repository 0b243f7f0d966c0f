"""Fine-grained activity codes become fewer, coarser activities, as the process file says."""

import re
from collections.abc import Mapping, Sequence

from eventlog.definition_parts import Abstraction
from eventlog.log import Log

REST = "(other)"


def coarsened(log: Log, coarse: Mapping[str, str] | None) -> Log:
    """The log with the coarser activity of each label; unchanged without any.

    The finest codes stay in the lake; this changes only what is mined.
    """
    if coarse is None:
        return log
    return log.relabel([coarse[label] for label in log.activity.vocabulary.labels])


def coarser(events: Mapping[str, int], abstraction: Abstraction) -> dict[str, str]:
    """The coarser activity of each label, given how many events each label has.

    A label of one of the groups becomes that group; any other becomes what the pattern's group
    keeps of it; labels that neither is said of stay. All but the `keep` activities with the most
    events then become "(other)"; equals are kept in alphabetical order.

    >>> coarser({"01_A_010": 2, "01_A_020": 1, "02_B_010": 1}, Abstraction(pattern="^(..)", keep=1))
    {'01_A_010': '01', '01_A_020': '01', '02_B_010': '(other)'}
    >>> coarser({"print": 2, "send": 2, "file": 1}, Abstraction(groups={"post": ("print", "send")}))
    {'print': 'post', 'send': 'post', 'file': 'file'}
    """
    grouped = {code: name for name, codes in abstraction.groups.items() for code in codes}
    pattern = None if abstraction.pattern is None else re.compile(abstraction.pattern)
    kept = {label: grouped.get(label) or _kept(pattern, label) for label in events}
    totals: dict[str, int] = {}
    for label, count in events.items():
        totals[kept[label]] = totals.get(kept[label], 0) + count
    commonest: Sequence[str] = sorted(totals, key=lambda label: (-totals[label], label))
    stay = set(commonest[: abstraction.keep])
    return {label: kept[label] if kept[label] in stay else REST for label in events}


def _kept(pattern: re.Pattern[str] | None, label: str) -> str:
    found = None if pattern is None else pattern.search(label)
    return found.group(1) if found and found.group(1) else label
