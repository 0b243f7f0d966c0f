"""What may be offered to choose applications by: no name that only a few of them have."""

import numpy as np

from reports.explore.arrays import Traces


def free(traces: Traces) -> tuple[str, ...]:
    """The attributes that analysts may filter by: none that names persons or needs a basis."""
    return tuple(
        name
        for name, attribute in traces.attributes.items()
        if not attribute.person and not attribute.sensitive
    )


def open_to_all(traces: Traces) -> tuple[str, ...]:
    """The attributes of which viewers may choose a value: those that may be shown to everybody."""
    return tuple(name for name in free(traces) if traces.attributes[name].preset)


def told_steps(traces: Traces) -> tuple[str, ...]:
    """The activities that enough applications did; that there are others is not told."""
    many = np.diff(traces.visits.bounds) >= traces.smallest_cell
    return tuple(name for name, told in zip(traces.activities, many.tolist(), strict=True) if told)


def told_values(traces: Traces, name: str) -> tuple[str, ...]:
    """The values of an attribute that enough applications have."""
    one = traces.attributes[name]
    many = np.bincount(one.codes[one.codes >= 0], minlength=len(one.values)) >= traces.smallest_cell
    return tuple(one.values[place] for place in np.flatnonzero(many).tolist())
