"""Two published logs with known discrimination (Pohl et al. 2023): at which gates it is found."""

from pathlib import Path

import numpy as np
import pytest

from connectors import files
from eventlog.definition import Definition
from eventlog.identity import finish
from eventlog.log import Log
from miners.detours.steps import steps_of
from miners.equity.gates import gates_of
from miners.work_items import work_items

PROTECTED = "case:protected"
HIRING = ("Hand In Job Application",), ("Make Job Offer",), ("Application Rejected",)
LENDING = (
    ("Request Appointment", "Hand In Credit Appliaction"),
    ("Sign Loan Agreement",),
    ("Loan Denied", "Application Rejected", "Appointment Denied"),
)


@pytest.fixture(scope="module")
def gates(real_log):
    """By gate: failed, and how much rarer protected applicants pass than others (in points)."""

    def find(name: str, applicants, offers, refusals):
        path: Path = real_log(name)
        reading = files.read(path, Definition.bare(case_attributes=[PROTECTED]))
        log = Log.of(finish(reading.events), attributes=(PROTECTED,))
        steps = steps_of(work_items(log), log.cases)
        labels = log.attributes[PROTECTED].vocabulary.labels
        protected = np.array([*labels, ""])[log.entry_values(PROTECTED)] == "true"

        def has(names):
            codes = [code for code, x in enumerate(log.activity.vocabulary.labels) if x in names]
            out = np.zeros(steps.cases, bool)
            out[steps.case[np.isin(steps.activity.codes, codes)]] = True
            return out

        refused = has(refusals)
        found = gates_of(
            steps,
            named=(),
            favourable=has(offers) & ~refused,
            unfavourable=refused,
            ending=frozenset({*offers, *refusals}),
            applicants=frozenset(applicants),
            refusing=frozenset(refusals),
        )
        assert refused.sum() == sum(gate.failed.sum() for gate in found)
        shares = [
            (np.nanmean(g.passed[protected]), np.nanmean(g.passed[~protected])) for g in found
        ]
        return {
            gate.activity: (int(gate.failed.sum()), round(100 * float(one - other), 1))
            for gate, (one, other) in zip(found, shares, strict=True)
        }

    return find


def test_in_hiring_protected_applicants_fail_at_screenings_and_interviews_not_at_the_coding(gates):
    found = gates("hiring_log_high.xes.gz", *HIRING)
    assert found["Hand In Job Application"] == (1201, -24.2)
    assert found["Telephonic Screening"] == (990, -25.7)
    worse = {name for name, (_, points) in found.items() if points <= -5}
    assert worse == {
        "Hand In Job Application", "Telephonic Screening", "Extensive Background Check",
        "ML Interview", "Frontend Interview", "Backend Interview", "Behavioral Interview",
    }  # fmt: skip
    alike = {name for name, (_, points) in found.items() if abs(points) < 2}
    assert alike == {"Screening Interview", "Background Check", "Coding Interview"}


def test_in_lending_protected_applicants_fail_at_every_gate(gates):
    found = gates("lending_log_high.xes.gz", *LENDING)
    assert found == {
        "Request Appointment": (962, -14.8),
        "Verify Borrowers Information": (1624, -30.0),
        "Submit File to Underwriter": (4787, -26.2),
    }
