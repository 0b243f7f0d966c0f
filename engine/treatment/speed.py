"""Whether those who paid more over the tariff were decided sooner."""

from typing import Any

import numpy as np

from engine.treatment.asking import Asking
from engine.treatment.gap import rounded
from engine.treatment.paid import fees_read
from miners.equity.rank_correlation import correlated


def fee_speed(asking: Asking) -> dict[str, Any] | None:
    """How excess fees and days to a decision go together; None where either is unknown.

    Below 0: whoever paid more was decided sooner.
    """
    whole, cohort = asking.whole, asking.cohort
    if whole.fees is None or cohort is None or asking.process is None or not fees_read(whole):
        return None
    charged, official = whole.fees
    days = np.where(np.isnan(cohort.days), np.nan, asking.process.spent)
    found = correlated(charged - official, days, asking.frame.strata(""))
    return {
        "rho": rounded(found.rho),
        "ci_low": rounded(found.low),
        "ci_high": rounded(found.high),
        "p_value": rounded(found.p_value, 9),
        "q_value": None,
        "rows": found.rows,
    }
