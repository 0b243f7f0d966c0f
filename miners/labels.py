"""From keys back to the words that people read."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from eventlog.coded import Vocabulary
from eventlog.kernels import Int64s
from eventlog.tally import Tally


def count_labels(vocabulary: Vocabulary, counts: Int64s, *more: Int64s) -> Tally:
    """A tally of labels with their texts; each count has shape [labels]."""
    meanings = pa.array(vocabulary.labels, pa.string())
    return Tally.of(vocabulary.keys, np.column_stack([counts, *more]), meanings)


def texts(labels: Tally) -> dict[int, str]:
    """What each key of a tally of labels says."""
    if labels.meanings is None:
        return {}
    return dict(zip(labels.keys[:, 0].tolist(), labels.meanings.to_pylist(), strict=True))


@dataclass(frozen=True, kw_only=True, eq=False)
class Words:
    """The labels of a tally in alphabetical order, to be found and sorted by their places.

    `keys` [n] ascend, `place` [n] is where in the alphabet each stands, `text` [n] is the alphabet
    as a column of pandas. Texts are looked at once a label, not once a row of a table.
    """

    keys: Int64s
    place: Int64s
    text: pd.api.extensions.ExtensionArray

    @staticmethod
    def of(labels: Tally) -> "Words":
        """The words of a tally of labels."""
        said = [] if labels.meanings is None else labels.meanings.to_pylist()
        order = sorted(range(len(said)), key=said.__getitem__)
        place = np.empty(len(said), np.int64)
        place[order] = np.arange(len(said))
        text = pd.Series([said[at] for at in order], dtype=str).array
        return Words(keys=labels.keys[:, 0] if said else place, place=place, text=text)

    def places(self, keys: Int64s) -> Int64s:
        """The places of these keys in the alphabet; shape as `keys`, each of a label known."""
        return self.place[np.searchsorted(self.keys, keys)] if len(keys) else keys
