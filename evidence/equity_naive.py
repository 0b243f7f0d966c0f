"""What people do without strata: the comparisons that cry wolf where groups differ in their files.

Each is told who belongs to the group. The rule of thumb (a mean gap over a tenth) has no p-value:
it is 0 where the rule accuses and 1 where it does not.
"""

import numpy as np
from scipy import stats

from eventlog.kernels import Bools, Int64s
from miners.shares import Floats

NAMES = (
    "Mann-Whitney on closed cases",
    "log-rank without strata",
    "mean gap over 10 %",
    "chi-square on approvals",
    "chi-square on variants",
)
_GAP = 0.1
_RARE = 5


def p_values(
    *, group: Bools, ran: Floats, decided: Bools, approved: Bools, way: Int64s
) -> dict[str, float]:
    """The p-value of each of NAMES; all arrays [cases].

    `ran` is how long each case has run so far, in any unit; `decided` ones are closed, and
    `approved` is about these; `way` is the variant of each case.
    """
    those, others = ran[decided & group], ran[decided & ~group]
    apart = abs(those.mean() / others.mean() - 1) > _GAP
    found = (
        float(stats.mannwhitneyu(those, others).pvalue),
        _log_rank(group, ran, decided),
        0.0 if apart else 1.0,
        _table(group[decided], approved[decided].astype(np.int64)),
        _table(group, way),
    )
    return dict(zip(NAMES, found, strict=True))


def _log_rank(group: Bools, ran: Floats, ended: Bools) -> float:
    """The two-sided p-value of Mantel's log-rank test; ties count as at risk together."""
    order = np.argsort(ran, kind="stable")
    ran, ended, group = ran[order], ended[order], group[order]
    first = np.searchsorted(ran, ran, side="left")
    at_risk = (len(ran) - first).astype(float)
    upper = np.concatenate([np.cumsum(group[::-1])[::-1], [0]])[first]
    _, start = np.unique(first, return_index=True)
    events = np.add.reduceat(ended.astype(float), start)
    those = np.add.reduceat((ended & group).astype(float), start)
    n, m = at_risk[start], upper[start].astype(float)
    share = m / n
    spread = events * share * (1 - share) * (n - events) / np.maximum(n - 1, 1)
    z = (those - events * share).sum() / np.sqrt(spread.sum())
    return float(2 * stats.norm.sf(abs(z)))


def _table(group: Bools, code: Int64s) -> float:
    """Pearson's chi-square; values of fewer than five cases are taken together."""
    _, code = np.unique(code, return_inverse=True)
    counts = np.bincount(2 * code + group, minlength=2 * (int(code.max(initial=0)) + 1))
    table = counts.reshape(-1, 2)
    rare = table.sum(axis=1) < _RARE
    table = np.vstack([table[~rare], table[rare].sum(axis=0, keepdims=True)])
    table = table[table.sum(axis=1) > 0]
    if len(table) < 2 or (table.sum(axis=0) == 0).any():
        return 1.0
    return float(stats.chi2_contingency(table, correction=False).pvalue)
