"""Requests at the boundaries find every planted fault; requests drawn word by word do not."""

import pytest

from testing.planted import FAULTS, at_the_boundaries, word_by_word

WITHIN = 600
"""The most that any planted fault took of three seeds stands in ``docs/boundaries.md``."""
DRAWN = 100
SHARP = [fault for fault in FAULTS if fault.second]


def named(fault):
    return f"{fault.name}, {fault.world}"


@pytest.mark.parametrize("fault", FAULTS, ids=named)
def test_a_planted_fault_is_found_within_a_few_hundred_requests(fault):
    assert at_the_boundaries(fault, WITHIN) is not None


@pytest.mark.parametrize("fault", SHARP, ids=named)
def test_an_end_that_is_a_second_off_is_not_found_word_by_word(fault):
    """``planted.py`` asks 2,000 of them; this asks as many as a test has time for."""
    assert word_by_word(fault, DRAWN) is None


def test_sixteen_faults_and_more_are_planted_and_half_a_dozen_are_a_second_wide():
    assert len({fault.name for fault in FAULTS}) >= 16
    assert len(SHARP) >= 6
