"""Which cases share a value of an attribute: the groups that waiting times are told for."""

from collections.abc import Iterator

import numpy as np

from eventlog.coded import Coded
from eventlog.kernels import Bools

# Who worked at a case is a person; nothing here is told of persons.
_PERSONS = frozenset({"resource"})


def groups(attribute: str, values: Coded) -> Iterator[tuple[str, Bools]]:
    """Each value in lower case with the mark of its cases, [cases], by name; no value, no group.

    ValueError for an attribute that names persons.

    >>> import pyarrow as pa
    >>> found = groups("kind", Coded.of(pa.array(["House", "shop", None, "house"])))
    >>> [(name, marked.tolist()) for name, marked in found]
    [('house', [True, False, False, True]), ('shop', [False, True, False, False])]
    """
    if attribute in _PERSONS:
        raise ValueError(f"{attribute} names persons; waiting times are told of groups of cases")
    labels = [label.lower() for label in values.vocabulary.labels]
    for name in sorted(set(labels)):
        same = np.array([place for place, label in enumerate(labels) if label == name], np.int32)
        marked = np.isin(values.codes, same)
        if marked.any():
            yield name, marked
