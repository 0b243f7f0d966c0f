"""What is asked about fees: who paid how much over the tariff, among those of a similar tariff."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from engine.known_at_entry import LATE
from engine.looks import Whole
from engine.treatment.asking import LEAST_ARM, Asked, Asking
from engine.treatment.coverage import enough
from engine.treatment.frame import Frame
from engine.treatment.gap import FEE
from miners.equity.rows import Grouping, Strata
from miners.shares import Floats

# By how many doublings of the tariff applications are held for alike, as far as enough are left.
_DOUBLINGS = (0.5, 1, 2)
_TINY = 1e-9


def paid(asking: Asking) -> Iterator[Asked]:
    """What was paid over the tariff; nothing, with the reason, where that cannot be read."""
    whole = asking.whole
    if asking.definition.fees is None or whole.fees is None:
        asking.off.append(("fees", "the process file does not say under fees what was charged"))
        return
    charged, official = whole.fees
    over = charged - official
    known = ~np.isnan(over)
    if not bool(known.any()):
        asking.off.append(("fees", "no application has both a fee and a tariff as numbers"))
        return
    if not fees_read(whole):
        unread = whole.fees_unread
        why = (
            f"{unread} of {unread + int(known.sum())} have a fee or a tariff that is no plain "
            "number (such as 1200.50, not 1,200.50); it may be just these that differ"
        )
        asking.off.append(("fees", why))
        return
    tariff = float(np.abs(official[known]).mean())
    asked = asking.of_cases(
        measure=FEE,
        unit="currency",
        score=over,
        material=asking.material.fee_share * tariff,
        least=LEAST_ARM,
    )
    yield replace(asked, comparable=lambda grouping: _alike(asking.frame, grouping, official))


def fees_read(whole: Whole) -> bool:
    """Whether nearly all fees that are told are numbers: the rest could be just what differs."""
    if whole.fees is None:
        return False
    charged, official = whole.fees
    told = int((~np.isnan(charged - official)).sum()) + whole.fees_unread
    return whole.fees_unread <= LATE * told


def _alike(frame: Frame, grouping: Grouping, official: Floats) -> Strata:
    """Those of a similar tariff: what all pay on top, in per cent, grows with the tariff."""
    every = frame.strata(grouping.attribute)
    size = np.log2(np.maximum(np.nan_to_num(official), _TINY))
    bands = (np.floor(size / doublings).astype(np.int64) for doublings in _DOUBLINGS)
    return enough(
        (Strata.of([every.stratum, band], every.cluster) for band in bands), grouping.place
    )
