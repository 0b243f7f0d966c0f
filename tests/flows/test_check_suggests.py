"""`runut check --suggest` proposes coarser activities, in words, as YAML and as JSON."""

import json

import pytest
import yaml

HEAD = "case,activity,time,officer\n"


@pytest.fixture
def codes(here):
    """A log with 54 codes in nine phases, and cases that take them in ever other orders."""
    rows = []
    for case in range(30):
        for phase in range(1, 10):
            for step in range(3):
                code = f"{phase:02d}_DO_{(case * 7 + step * 2 + phase) % 6 + 1}"
                rows.append(f"P-{case},{code},2026-03-{phase:02d}T{8 + step:02d}:00:00,ann\n")
    path = here / "codes.csv"
    path.write_text(HEAD + "".join(rows))
    return path


def test_a_suggestion_says_what_would_come_of_it_and_can_be_pasted(runut, codes, process_file):
    ran = runut("check", "--process", process_file, codes, "--suggest")
    assert ran.code == 0
    assert max(map(len, ran.out.splitlines())) <= 100
    said = " ".join(ran.out.split())
    assert "Suggested. These codes begin alike: 54 activities become 9" in said
    assert "To accept a suggestion, paste its lines into the process file." in said
    pasted = ran.out[ran.out.index("\nabstract:") :].split("\n\n")[0]
    process_file.write_text(process_file.read_text() + pasted + "\n")
    again = runut("check", "--process", process_file, codes, "--suggest", "--json")
    assert again.code == 0
    told = json.loads(again.out)
    (one,) = told["suggestions"]
    assert told["definition"]["abstract"]["pattern"] == one["abstract"]["pattern"]
    assert one["activities"] == {"before": 54, "after": 9}
    assert yaml.safe_load(one["yaml"])["abstract"]["keep"] == 40
    there = runut("check", "--process", process_file, codes, "--suggest").out
    assert "put the new `pattern` in place of the old one" in " ".join(there.split())


def test_nothing_to_suggest_is_said_and_nothing_is_suggested_unasked(runut, permits, process_file):
    said = runut("check", "--process", process_file, permits, "--suggest").out
    assert "Nothing is suggested." in said
    assert "activities can be read as they are." in said
    plain = runut("check", "--process", process_file, permits)
    assert "uggested" not in plain.out
    assert "suggestions" not in json.loads(
        runut("check", "-p", process_file, permits, "--json").out
    )


def test_without_a_file_there_is_nothing_to_look_in(runut, process_file):
    ran = runut("check", "--process", process_file, "--suggest")
    assert ran.failed_clearly("--suggest", "name a FILE") == 2


def test_groups_are_described_and_misspelt_codes_in_them_are_named(runut, permits, process_file):
    process_file.write_text(
        process_file.read_text() + "abstract: {groups: {Intake: [Receive, Recieve]}}\n"
    )
    said = " ".join(runut("check", "--process", process_file, permits).out.split())
    assert "Intake stands for Receive and Recieve." in said
    assert "Recieve, which no event has." in said
