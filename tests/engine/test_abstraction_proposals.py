"""What is proposed for logs with too many activities can be pasted, and helps."""

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from engine.abstraction import coarser
from engine.abstraction_proposals import propose
from engine.coarser_names import beginnings
from engine.coarser_steps import always_together
from eventlog.definition import Definition
from eventlog.letters import log, table
from eventlog.log import Log

NOBODY = frozenset()
PHASES = (
    "01_HOOFD_0",
    "01_HOOFD_1",
    "01_HOOFD_4",
    "01_BB_5",
    "02_AWB45_0",
    "02_AWB45_1",
    "03_A_I_2",
)
CODES = [f"{phase}{n}0_{k}" for phase in PHASES for n in range(1, 5) for k in (1, 2)]


def spaghetti(*, cases=60, seed=1):
    """Nearly every case is a variant: codes of each phase in any order, phase after phase."""
    chance = np.random.default_rng(seed)
    letters = []
    for case in range(cases):
        steps = []
        for phase in (*PHASES, "04_EIND_0", "05_VD_0"):
            own = [code for code in CODES if code.startswith(phase)] or [f"{phase}10", f"{phase}20"]
            steps += chance.permutation(own)[: chance.integers(1, 4)].tolist()
        letters.append(f"{case}: {' '.join(steps)}")
    return log(*letters)


def test_spaghetti_is_proposed_the_beginning_that_its_phases_have_in_common():
    found = propose(spaghetti(), NOBODY).found
    assert [one.abstract.pattern for one in found] == [
        r"^(\d\d_[A-Z][A-Z0-9]*(?:_[A-Z][A-Z0-9]*)*_\d)"
    ]
    (one,) = found
    assert (one.before.activities, one.after.activities) == (60, 9)
    assert one.after.variants < one.before.variants == 60
    assert (one.largest < 0.2, one.other) == (True, 0)


def test_what_is_printed_is_a_part_of_a_process_file_that_does_what_was_said():
    found = propose(spaghetti(), NOBODY)
    (one,) = found.found
    pasted = Definition.model_validate({"process": "p", **yaml.safe_load(one.yaml)}).abstract
    assert pasted == one.abstract
    assert len(set(coarser(dict.fromkeys(CODES, 1), pasted).values())) == len(PHASES)


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        (["A-010", "A-020", "B-100"], [r"^([A-Z]+)", r"^([A-Z]+-\d)", r"^([A-Z]+-\d\d)"]),
        (["T01 Check", "T12 Print"], [r"^([A-Z]+)", r"^([A-Z]+\d)", r"^([A-Z]+\d\d)"]),
        (["7.1.A", "7.2.A", "12.1.B"], [r"^(\d+)", r"^(\d+\.\d)", r"^(\d+\.\d\.[A-Z]+)"]),
        (["Receive file", "Check file", "Print permit"], []),
        (["x_1", "2_y", "z_3", "4_w"], []),
        ([], []),
    ],
)  # fmt: skip
def test_a_beginning_is_written_as_a_person_would_write_it(codes, expected):
    assert list(beginnings(dict.fromkeys(codes, 1)))[: len(expected) or None] == expected


@given(st.dictionaries(st.text(min_size=1, max_size=12), st.integers(1, 9), max_size=12))
def test_whatever_activities_are_called_each_beginning_is_a_pattern_that_the_key_takes(events):
    for pattern in beginnings(events):
        kept = coarser(events, Definition.bare(abstract={"pattern": pattern}).abstract)
        assert set(kept) == set(events)
        assert len(set(kept.values())) <= len(events)


def test_steps_that_never_come_without_each_other_are_one_group_in_their_order():
    cases = [f"{n}: take print sign send file" for n in range(20)]
    cases += [f"{n}: take file print sign send" for n in range(20, 40)]
    assert always_together(log(*cases), NOBODY) == [("print", "sign", "send")]


@pytest.mark.parametrize(
    ("odd", "together"), [("z: print", False), ("z: print file send", False), ("z: file", True)]
)
def test_one_case_in_twenty_that_parts_them_is_enough_to_leave_them_apart(odd, together):
    cases = [f"{n}: print send file" if n % 2 else f"{n}: file print send" for n in range(20)]
    assert (always_together(log(*cases, odd), NOBODY) == [("print", "send")]) is together


def test_what_the_applicant_does_stays_apart_from_what_was_asked():
    cases = [
        f"{n}: ask answer check note" if n % 2 else f"{n}: ask answer x check note"
        for n in range(40)
    ]
    assert always_together(log(*cases), frozenset({"answer"})) == [("check", "note")]
    assert ("ask", "answer") in always_together(log(*cases), NOBODY)


def test_a_few_executions_are_no_proof_of_being_together():
    assert always_together(log(*(f"{n}: a b" for n in range(19))), NOBODY) == []


def test_a_map_that_can_be_read_gets_no_pattern_and_a_group_only_where_there_is_one():
    cases = (f"{n}: a b c" if n % 2 else f"{n}: b a d c" for n in range(40))
    found = propose(log(*cases), NOBODY)
    assert [one.abstract.groups for one in found.found] == [{"a + b": ("a", "b")}]
    assert found.silence == ["4 activities can be read as they are"]
    assert (found.found[0].before.activities, found.found[0].after.activities) == (4, 3)


def test_codes_without_anything_in_common_get_no_pattern_and_are_told_why():
    chance = np.random.default_rng(3)
    names = ["".join(chance.choice(list("abcdefgh"), 6)) for _ in range(50)]
    cases = [f"{n}: {' '.join(chance.permutation(names)[:8])}" for n in range(40)]
    found = propose(log(*cases), NOBODY)
    assert found.found == []
    assert "no beginning of their codes makes of 50 activities 8 to 40" in found.silence[0]


def test_a_log_without_events_gets_no_proposal():
    assert propose(Log.of(table()), NOBODY).found == []
