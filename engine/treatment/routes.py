"""Whether routes differ between groups at all: one question beside those of single features."""

from typing import Any

import numpy as np

from engine.treatment.asking import Asking
from engine.treatment.comparing import SEED
from engine.treatment.gap import rounded
from eventlog import kernels
from eventlog.kernels import Int64s
from miners.detours.steps import Steps
from miners.equity.omnibus import routes_differ
from miners.equity.rows import Strata


def routes(asking: Asking) -> list[dict[str, Any]]:
    """For each attribute, whether any two of its groups go different ways."""
    route = np.where(asking.followed, route_codes(asking.judged.steps), -1)
    told = []
    for grouping in asking.frame.groups:
        strata: Strata = asking.frame.strata(grouping.attribute)
        found = routes_differ(grouping, strata, route, seed=SEED)
        told.append(
            {
                "attribute": grouping.attribute,
                "p_value": rounded(found.p_value, 9),
                "q_value": None,
                "cases": found.rows,
                "routes": found.routes,
                "why_not": found.why or None,
            }
        )
    return told


def route_codes(steps: Steps) -> Int64s:
    """A number for each case that is the same for cases with the same steps in the same order."""
    keys = steps.activity.vocabulary.keys
    hashes = kernels.sequence_hashes(steps.offsets, keys, steps.activity.codes)
    _, place = np.unique(hashes.view(np.int64).reshape(-1, 2)[:, 0], return_inverse=True)
    return np.asarray(place, np.int64)
