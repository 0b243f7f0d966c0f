"""`runut check` says whose treatment will be compared, on what, and what is missing for it."""

import pytest

from eventlog.definition_file import parse
from flows.describe import describe
from flows.describe_treatment import describe_treatment

FILE = """
process: permits
case_attributes: [kind, faith, district, agent, paid, tariff, outcome]
clock: {stops: [Decide]}
standard: {term: 14 days, by: {kind: {house: 8 weeks}}}
outcome: {attribute: outcome, favourable: [granted], unfavourable: [refused]}
equity:
  groups: [faith, district]
  legitimate: [kind]
  service_class: [kind]
  gates: [Check]
  sensitive: [faith]
  basis: {faith: "order 7"}
favouritism: {favoured: [agent]}
fees: {charged: paid, official: tariff, by: [agent]}
privacy: {pseudonymise: [agent]}
"""


def said(old="", new=""):
    assert old in FILE
    return describe_treatment(parse(FILE.replace(old, new, 1), name="p.yaml"))


def test_all_that_is_compared_is_said():
    assert said() == [
        "Treatment is compared by faith and district.",
        "Comparable applications are alike in kind and came in the same month.",
        "Each application is followed for 90 days from its entry.",
        "Applications may fail at Check.",
        "A gap is told from 1 day, 5 percentage points or 5 % of the tariff on.",
        (
            "Whose files are picked out of turn is looked at by agent; files with the same kind "
            "have the same right to their turn."
        ),
        "What is paid (paid) over tariff is compared by agent, faith and district.",
        "faith is sensitive; it is looked at on this basis: order 7.",
        (
            "agent may name persons: what is found of them is in findings.json, equity.json and "
            "favouritism.json only."
        ),
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            '  basis: {faith: "order 7"}\n',
            "",
            "faith is sensitive and is not looked at: equity.basis states no ground for it.",
        ),
        (
            'faith: "order 7"',
            'faith: "order 7", district: x',
            "equity.basis names district, which is not under equity.sensitive.",
        ),
        (
            "sensitive: [faith]",
            "sensitive: [faith, paid]",
            "equity.sensitive names paid, which nothing is compared by.",
        ),
        (
            "  service_class: [kind]\n",
            "",
            (
                "Whose files are picked out of turn is not looked at: equity.service_class does "
                "not say which files go first by right ([] if none)."
            ),
        ),
        (
            "service_class: [kind]",
            "service_class: []",
            (
                "Whose files are picked out of turn is looked at by agent; all files have the same "
                "right to their turn."
            ),
        ),
        (
            "  legitimate: [kind]\n",
            "",
            (
                "Comparable applications are alike in kind (from standard.by) and came in the same "
                "month."
            ),
        ),
        (
            "  gates: [Check]\n",
            "",
            "Where applications may fail is found from the log: equity.gates names no step.",
        ),
        (
            "clock: {stops: [Decide]}\n",
            "",
            "Time to a decision is not compared: clock does not say what closes a case.",
        ),
        (
            "outcome: {attribute: outcome, favourable: [granted], unfavourable: [refused]}\n",
            "",
            "How often applications are approved is not compared: there is no outcome.",
        ),
    ],
)
def test_what_is_missing_or_stands_in_the_wrong_place_is_said(old, new, expected):
    assert expected not in said()
    assert expected in said(old, new)


def test_where_nothing_is_compared_it_is_among_what_is_off():
    bare = parse("process: permits", name="p.yaml")
    assert describe_treatment(bare) == []
    off = describe(bare)[-1]
    assert "whom to compare (equity.groups)" in off
    assert "who might be picked early (favouritism.favoured)" in off
    empty = parse("process: permits\nequity: {groups: []}", name="p.yaml")
    assert "whom to compare (equity.groups)" in describe(empty)[-1]
