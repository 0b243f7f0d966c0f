"""Detours are told by kinds of permits and places, never by persons."""

from pathlib import Path

from engine.looked_at import looked_at
from eventlog.definition import Definition
from eventlog.definition_file import load

PROCESSES = Path(__file__).parents[2] / "config" / "processes"


def test_the_simulated_office_is_looked_at_by_what_its_file_allows():
    found = looked_at(load(PROCESSES / "building-permit.yaml"))
    assert found.names == (
        "permit_type", "applicant_type", "district", "affiliation", "docs_complete", "office",
    )  # fmt: skip
    assert found.left_out["agent"] == "it names persons"
    assert found.left_out["applicant"] == "it names persons"
    assert found.left_out["outcome"] == "it says how the case ended"
    assert found.left_out["area"] == found.left_out["fee_charged"] == "it is an amount"


def test_officers_in_the_attributes_of_real_logs_are_left_out():
    for name, officers in (
        ("wabo-receipt", {"responsible"}),
        ("bpic15", {"responsible", "monitor"}),
    ):
        found = looked_at(load(PROCESSES / f"{name}.yaml"))
        assert not officers & set(found.names)
        assert {found.left_out[each] for each in officers} == {"it names persons"}


def test_what_is_sensitive_needs_a_basis():
    said = {
        "case_attributes": ["faith", "kind"],
        "privacy": {"pseudonymise": ["resource"]},
        "equity": {"groups": ["faith"], "sensitive": ["faith"]},
    }
    found = looked_at(Definition.bare(**said))
    assert found.names == ("kind",)
    assert "equity.basis" in found.left_out["faith"]
    said["equity"]["basis"] = {"faith": "audit order 7/2026"}
    assert looked_at(Definition.bare(**said)).names == ("faith", "kind")


def test_a_file_that_names_no_persons_is_looked_at_by_what_it_compares_only():
    said = {"case_attributes": ["kind", "clerk"], "equity": {"legitimate": ["kind"]}}
    found = looked_at(Definition.bare(**said))
    assert found.names == ("kind",)
    assert "privacy.pseudonymise" in found.left_out["clerk"]
