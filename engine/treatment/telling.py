"""What more is said of a gap that is told: how sure it is, and where in the process it arises."""

from dataclasses import replace
from typing import Any

import numpy as np

from engine.treatment.asking import Asking
from engine.treatment.comparing import SEED, Tested
from engine.treatment.findings import severity, strength
from engine.treatment.gap import OUTCOME, TIME, estimate, limits, rounded
from engine.treatment.robust import e_value, hazards, odds, robust
from eventlog.definition_parts import Equity
from eventlog.periods import periods
from miners.equity.carrying import carried
from miners.equity.gelbach import Decomposition, decompose
from miners.equity.halves import Half, in_halves, replicates
from miners.equity.kernel import compare
from miners.equity.rows import Gaps, Grouping, Strata
from miners.equity.within import Amounts
from miners.shares import Floats
from miners.survival import Estimate

UNEXPLAINED = "unexplained"
_EDGES = 40


class Teller:
    """Says more of gaps; what several gaps need is computed once."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self._process = asking.process
        self._edges: dict[str, Amounts] = {}
        self._carried: dict[tuple[str, str], Decomposition] = {}

    def more(self, one: Tested) -> Tested:
        """A gap that is told, with all that is known of it; any other as it is."""
        gap = one.gap
        if not gap.told or gap.entry is None:
            return one
        halves = self._halves(one)
        process, parts = self._by_process(one)
        more = {
            "halves": [] if halves is None else [_half(each) for each in halves],
            "parts": parts,
            "edges": self._on_edges(one),
            "robustness": robust(one, self._asking.frame),
            "e_value": e_value(one),
            "hazard_ratio": hazards(one),
            "odds_ratio": odds(one),
        }
        gap = replace(
            gap,
            process=process,
            severity=severity(gap.entry.value, gap.question.material),
            strength=strength(gap, replicated=replicates(halves)),
            more={**gap.more, **more},
        )
        return replace(one, gap=gap)

    def _halves(self, one: Tested) -> tuple[Half, Half] | None:
        asked, definition = one.gap.question, self._asking.definition
        period = (definition.equity or Equity()).entry_period

        def compared(score: Floats, grouping: Grouping, strata: Strata) -> Gaps:
            return compare(score, grouping, strata, seed=SEED)

        return in_halves(
            asked.score,
            one.grouping,
            one.strata,
            value=one.place,
            entered=asked.entered,
            period=periods(asked.entered, definition.timezone, period),
            compare=compared,
        )

    def _by_process(self, one: Tested) -> tuple[Estimate | None, list[dict[str, Any]]]:
        """The gap that is left beside all that the process did, and what carries the rest."""
        asked = one.gap.question
        whole_case = asked.measure == TIME or (asked.measure == OUTCOME and asked.activity is None)
        if self._process is None or not whole_case:
            return None, []
        key = (one.grouping.attribute, asked.measure)
        if key not in self._carried:
            self._carried[key] = decompose(
                asked.score, one.grouping, one.strata, self._process.blocks(self._asking.features)
            )
        found = self._carried[key]
        full = estimate(found.full, one.place)
        if full is None:
            return None, []
        parts = [
            {"what": name, **(limits(estimate(found.parts, (number, one.place))) or {})}
            for number, name in enumerate(found.blocks)
        ]
        return full, [*parts, {"what": UNEXPLAINED, **(limits(full) or {})}]

    def _on_edges(self, one: Tested) -> list[dict[str, Any]]:
        """Between which steps the days of the gap went by; all edges add up to the gap."""
        if self._process is None or one.gap.question.measure != TIME:
            return []
        name = one.grouping.attribute
        known = np.isfinite(one.gap.question.score)
        if name not in self._edges:
            stratum = np.where(known, one.strata.stratum, -1)
            strata = replace(one.strata, stratum=stratum)
            self._edges[name] = carried(self._process.parts(), one.grouping, strata)
        found = self._edges[name]
        value = np.nan_to_num(found.value[:, one.place])
        told = []
        for edge in np.argsort(-np.abs(value), kind="stable")[:_EDGES].tolist():
            source, target = self._process.days.edges[edge]
            part = limits(estimate(found, (edge, one.place)))
            if part is not None and part["value"]:
                told.append({"source": source, "target": target, **part})
        return told


def _half(half: Half) -> dict[str, Any]:
    return {
        "from": _day(half.began),
        "to": _day(half.ended),
        "value": rounded(half.value),
        "p_value": rounded(half.p_value, 9),
    }


def _day(moment: int) -> str:
    return str(np.datetime64(moment, "us").astype("datetime64[D]"))
