"""Pseudonyms stay the same, tell nothing without the key, and lead back for those who may."""

import numpy as np
import pytest

from eventlog.errors import StopError
from eventlog.pseudonym import pseudonym as at_the_door
from web.access.pseudonyms import KINDS, Pseudonyms, Reverse, is_pseudonym, kind_of

KEY = bytes(range(32))
OURS = Pseudonyms(key=KEY)


def test_a_pseudonym_is_the_same_for_ever():
    assert OURS.of("case", "PBG-2026-000123") == "case-7813811de138c4bc"


def test_it_differs_by_kind_by_value_by_key_and_from_the_one_of_the_door():
    made = {OURS.of(kind, value).rpartition("-")[2] for kind in KINDS for value in ("a", "b", "")}
    made.add(Pseudonyms(key=bytes(32)).of("case", "a").rpartition("-")[2])
    made.add(at_the_door("a", KEY)[2:18])
    assert len(made) == 11
    assert repr(KEY) not in repr(OURS)


def test_it_leads_back_to_the_value_it_was_made_of_and_to_no_other():
    values = [f"PBG-{number}" for number in range(2_000)] + ["", "Zoë", "\udc80"]
    reverse = OURS.all_of("case", values)
    assert all(reverse.value(OURS.of("case", value)) == value for value in values)
    assert reverse.value(OURS.of("case", "PBG-2000")) is None
    assert reverse.value(OURS.of("officer", "PBG-1")) is None
    assert reverse.value("case-xyz") is None
    assert OURS.all_of("officer", []).value(OURS.of("officer", "a")) is None


def test_two_values_under_one_pseudonym_are_not_told_for_one_another():
    digests = np.array([5, 5], dtype=np.uint64)
    shared = Reverse(kind="case", values=["a", "b"], order=np.array([0, 1]), digests=digests)
    with pytest.raises(StopError, match="two values"):
        shared.value(f"case-{5:016x}")


def test_a_name_replaced_at_the_door_is_found_among_candidates():
    stored = at_the_door("officer-17", KEY)
    shown = OURS.of("officer", stored)
    names = [f"officer-{number}" for number in range(60)]
    assert OURS.which(shown, names) == "officer-17"
    assert OURS.which(OURS.of("officer", "officer-3"), names) == "officer-3"
    assert OURS.which(OURS.of("officer", "somebody"), names) is None
    assert OURS.which("nonsense", names) is None


@pytest.mark.parametrize("text", ["case-0123456789abcdef", "officer-0000000000000000"])
def test_the_form_of_a_pseudonym(text):
    assert is_pseudonym(text)
    assert kind_of(text) == text.partition("-")[0]


@pytest.mark.parametrize(
    "text", ["", "case-", "case-0123456789ABCDEF", "case-0123456789abcdef\n", "p-0123456789abcdef"]
)
def test_what_is_none(text):
    assert not is_pseudonym(text)
    assert kind_of(text) is None
