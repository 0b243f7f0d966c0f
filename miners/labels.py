"""From keys back to the words that people read."""

import numpy as np
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
