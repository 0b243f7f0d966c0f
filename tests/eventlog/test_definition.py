"""A process file is checked in full before anything runs, and every error is one clear line."""

from datetime import timedelta

import pyarrow as pa
import pytest

from engine.case_look import case_columns, look_at
from engine.opening import OpeningHours
from eventlog.definition import Definition
from eventlog.definition_file import find, load, parse
from eventlog.errors import UsageError
from eventlog.letters import empty
from miners.cases import case_table

GOOD = """
process: building-permit
timezone: Asia/Jakarta
case_attributes: [permit_type, affiliation]
applicant_id: applicant
calendar: {country: ID, days: "mon-thu, sat", hours: "08:00-12:00, 13:00-16:00"}
clock: {starts: [Submit], stops: [Decide], suspended: [{from: Request, until: Resubmit}]}
standard: {term: 14 working days, by: {permit_type: {house: 8 weeks}}}
equity: {groups: [affiliation], horizon: 90 days}
alerts:
  - {name: queue, measure: queue_length, above: 40, for: 2h}
"""


def test_a_good_file_says_what_it_says():
    said = parse(GOOD, name="good.yaml")
    assert said.case_attributes == ("permit_type", "affiliation", "applicant")
    assert said.closing == ("Decide",)
    assert str(said.standard.term) == "14 working days"
    assert said.equity.horizon == timedelta(days=90)
    assert said.alerts[0].for_ == timedelta(hours=2)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "14 working days",
            "14 dys",
            'p.yaml: standard.term is "14 dys"; expected e.g. "14 working days", "8 weeks" or "2h"',
        ),
        ("horizon", "horizn", "equity.horizn is not known; allowed are groups, legitimate"),
        ("horizon", "horizn", 'did you mean "horizon"?'),
        ("process: b", "proces: b", "p.yaml: process is missing"),
        ("country: ID", "country: XX", 'p.yaml: calendar.country is "XX"; expected a country'),
        ("[affiliation]", "[religion]", 'equity.groups names "religion", which is not among'),
        ("for: 2h", "fro: 2h", "alerts.0.fro is not known"),
        ("Asia/Jakarta", "Asia/Jakrta", 'timezone is "Asia/Jakrta"; expected a time zone'),
        ("applicant_id: a", "process: a", 'the key "process" stands twice'),
        ("mon-thu", "mon-thr", 'calendar.days is "mon-thr, sat"; expected days, e.g. "mon-fri"'),
        ("12:00", "25:00", "expected hours"),
        ("permit_type, a", "start, a", '"start", which the case table keeps for itself'),
        ("permit_type, a", "offset, a", '"offset", which the lake keeps for itself'),
        ("above: 40", "above: many", 'alerts.0.above is "many"'),
        ("above: 40, ", "", "alerts.0: give one of above, below, above_usual and below_usual"),
        ("above: 40, ", "above: 40, by: distrct, ", 'alerts.by names "distrct", which is not'),
        (
            "alerts:\n",
            "alerts:\n  - {name: queue, measure: lag, above: 1}\n",
            'alerts has the name "queue" twice; name each rule once',
        ),
        ("[Submit]", "Submit", 'clock.starts is "Submit"; expected a list, e.g. [Submit]'),
        (
            "horizon: 90 days",
            "sensitive: [affiliation], basis: {affiliation: 2026-12-01}",
            'equity.basis.affiliation is "2026-12-01"; expected a text; put it in quotes',
        ),
        (
            "horizon: 90 days",
            "horizon: ninety",
            'equity.horizon is "ninety"; expected elapsed time, e.g. "90 days" or "2h"',
        ),
        (
            "horizon: 90 days",
            "horizon: 90 working days",
            'equity.horizon is "90 working days"; expected elapsed time',
        ),
        (
            "groups: [affiliation]",
            "groups: [affiliation, affiliation]",
            'equity.groups names "affiliation" twice; name each once',
        ),
        (
            "alerts:",
            "fees: {charged: permit_type, official: permit_type}\nalerts:",
            'fees: charged and official are both "permit_type"; expected what was paid',
        ),
        ("8 weeks", "8 working weeks", "only days can be working days"),
        (
            "alerts:",
            "labels: {permit: {en: permit type}}\nalerts:",
            'labels names "permit", which is not among case_attributes (permit_type, ',
        ),
    ],
)
def test_an_error_names_file_key_value_and_what_is_allowed(old, new, expected):
    with pytest.raises(UsageError) as error:
        parse(GOOD.replace(old, new, 1), name="p.yaml")
    assert expected in str(error.value)
    assert all(line.startswith("p.yaml: ") for line in str(error.value).splitlines())


def test_the_hash_changes_with_the_content_and_not_with_the_layout():
    said = parse(GOOD, name="a.yaml")
    assert said.hash == parse(f"# a comment\n{GOOD}\n", name="b.yaml").hash
    assert said.hash != parse(GOOD.replace("14", "15"), name="a.yaml").hash


def test_a_bare_file_gets_defaults():
    assert Definition.bare().privacy.smallest_cell == 5


def test_a_name_is_looked_up_and_a_path_taken_as_it_is(tmp_path):
    (tmp_path / "fishing.yaml").write_text("process: fishing\n")
    assert find("fishing", [tmp_path]) == tmp_path / "fishing.yaml"
    assert load(find(str(tmp_path / "fishing.yaml"), [])).process == "fishing"
    with pytest.raises(UsageError, match='did you mean "fishing"'):
        find("fihsing", [tmp_path])
    with pytest.raises(UsageError, match="there is no such process file"):
        load(tmp_path / "absent.yaml")


def test_a_file_that_is_not_a_mapping_or_not_text_is_refused(tmp_path):
    with pytest.raises(UsageError, match="expected keys and values"):
        parse("- a list", name="p.yaml")
    path = tmp_path / "latin.yaml"
    path.write_bytes("process: é".encode("latin-1"))
    with pytest.raises(UsageError, match="cannot be read as a UTF-8 text"):
        load(path)


def test_every_column_of_the_case_table_is_refused_as_an_attribute_but_the_outcome():
    nothing = look_at(empty(), None, bare := Definition.bare(), OpeningHours(bare), now=0)
    looked = case_columns(nothing, 0)
    table = case_table(empty(), bare, case_ids=pa.array([], pa.string()), looked=looked)
    own = {*table.column_names, "variant_high", "variant_low"} - {"outcome"}
    for name in own:
        with pytest.raises(ValueError, match=f'case_attributes names "{name}", which the'):
            Definition.bare(case_attributes=[name])
    assert Definition.bare(case_attributes=["outcome"]).case_attributes == ("outcome",)
