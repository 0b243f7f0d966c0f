"""Officers are told beside their colleagues, never for what the whole office does."""

import numpy as np

from engine.treatment.officers import beside_colleagues
from miners.favouritism.officers import Scan


def scan(paired, picks=200):
    """Officers who pick one group so much more often than blindly, at one activity."""
    paired = np.asarray(paired, float)
    pairs = len(paired)
    nothing, one = np.zeros(pairs), np.ones(pairs)
    expected = np.full(pairs, 0.3 * picks)
    return Scan(
        activity="Review",
        officer=np.arange(pairs),
        attribute=np.zeros(pairs, np.int64),
        value=np.zeros(pairs, np.int64),
        picks=np.full(pairs, picks),
        of_group=expected + paired * picks,
        expected=expected,
        paired=paired,
        paired_error=np.full(pairs, 0.03),
        paired_p=nothing,
        early=paired,
        early_error=nothing,
        early_p=nothing,
        p_value=nothing,
        halves=np.stack([paired, paired]),
        half_p=np.stack([nothing, nothing]),
        middle=np.zeros(pairs, np.int64),
        apart=one < 0,
    )


def test_what_every_officer_does_singles_out_none():
    assert not beside_colleagues(scan([-0.3] * 8), 0.05).any()


def test_one_who_does_what_no_colleague_does_stands_out():
    told = beside_colleagues(scan([0.3, *[0.0, 0.01, -0.01] * 6]), 0.05)
    assert np.flatnonzero(told).tolist() == [0]


def test_an_officer_who_works_alone_has_nobody_to_stand_beside():
    assert beside_colleagues(scan([0.3]), 0.05).tolist() == [True]
