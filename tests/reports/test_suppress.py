"""What a rejected event said stays inside; why it was rejected may be told."""

from reports.suppress import suppress
from reports.withheld.counts import impersonal


def test_what_a_reject_said_stays_out_of_the_report_though_its_reason_is_told(results_of, office):
    reasons = {
        "resource is 17; expected text": 2,
        "resource is 18; expected text": 1,
        "case_id is missing": 4,
    }
    told = suppress(results_of(office, run={"rejects": reasons}))
    assert told.run["rejects"] == {
        "resource is not as expected: text": 3,
        "case_id is missing": 4,
    }


def test_a_value_that_imitates_a_reason_is_cut_whole():
    said = 'timestamp is "Bob; expected"; expected RFC 3339, e.g. 2026-03-02T09:14:00+07:00'
    assert "Bob" not in impersonal(said)
    assert "RFC 3339" in impersonal(said)


def test_counts_of_cases_and_findings_are_never_rounded(results_of, office):
    run = {"counts": {"cases": 13, "findings": 3, "rejects": 1}}
    assert suppress(results_of(office, run=run)).run["counts"] == run["counts"]
